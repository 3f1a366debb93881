use super::*;

#[test]
fn a_missing_program_is_named_with_its_remedy() {
    let error = run(&mut Command::new("/nowhere/git")).unwrap_err();
    assert_eq!(format!("{error:#}"), "`git` is not installed: install git with the system's package manager");
}

#[test]
fn a_failing_program_is_named_with_its_status() {
    let error = run(Command::new("sh").args(["-c", "exit 7"])).unwrap_err();
    assert_eq!(format!("{error:#}"), "`sh -c exit 7` failed: exit status: 7");
}

#[test]
fn what_a_program_prints_is_captured_and_its_failure_is_not_hidden() {
    assert_eq!(capture(Command::new("sh").args(["-c", "echo yes"])).unwrap(), "yes\n");
    assert!(capture(Command::new("sh").args(["-c", "echo yes; exit 1"])).is_err());
}

#[test]
fn a_name_is_found_on_the_path() {
    assert!(on_path("sh").is_some());
    assert_eq!(on_path("no-such-program-anywhere"), None);
}
