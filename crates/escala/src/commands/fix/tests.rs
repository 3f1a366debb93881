use super::*;

#[test]
fn version_control_may_begin_above_the_project() {
    let directory = tempfile::tempdir().unwrap();
    let project = directory.path().join("services/shop");
    std::fs::create_dir_all(&project).unwrap();
    assert!(!is_under_version_control(&project));
    // A linked working tree of git has a file of that name.
    std::fs::write(directory.path().join(".git"), "gitdir: elsewhere\n").unwrap();
    assert!(is_under_version_control(&project));
}

#[test]
fn only_known_findings_can_be_asked_for() {
    let error = select(Vec::new(), &["3f2a9c01de".to_owned()]).unwrap_err();
    assert_eq!(error.to_string(), "there is no finding 3f2a9c01de");
    assert_eq!(select(Vec::new(), &[]).unwrap(), []);
}

#[test]
fn a_command_is_suggested_as_a_shell_takes_it() {
    assert_eq!(quoted("python manage.py test"), "'python manage.py test'");
    assert_eq!(quoted("pytest -k 'a or b'"), r"'pytest -k '\''a or b'\'''");
}
