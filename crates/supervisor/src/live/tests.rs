use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn holds_the_variables_for_its_owner_alone_while_it_lives() {
    let store = tempfile::tempdir().unwrap();
    let path = store.path().join("live");
    // What a killed run left behind.
    fs::write(&path, "ESCALA_SOCKET=/old\0").unwrap();
    fs::write(path.with_extension("new"), "half").unwrap();
    let variables = [("ESCALA_SOCKET", OsStr::new("/a b/agent.sock")), ("ESCALA_EXCLUDE", OsStr::new(""))];
    let live = LiveFile::write(store.path(), variables).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"ESCALA_SOCKET=/a b/agent.sock\0ESCALA_EXCLUDE=\0");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    drop(live);
    assert_eq!(fs::read_dir(store.path()).unwrap().count(), 0);
}

#[test]
fn says_where_it_could_not_be_written() {
    let error = LiveFile::write(Path::new("/nowhere"), []).err().unwrap();
    assert_eq!(error.to_string(), "cannot write /nowhere/live");
}
