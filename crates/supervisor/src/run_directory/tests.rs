use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

use super::*;

#[test]
fn lies_in_the_store_and_goes_with_the_run() {
    let parent = tempfile::tempdir().unwrap();
    let store = parent.path().join(".escala");
    let directory = RunDirectory::choose(&store, Path::new("/tmp"), 7).unwrap();
    assert_eq!(directory.socket(), store.join("run/7/agent.sock"));
    assert!(!store.exists(), "making it is the recorder's part");
    fs::create_dir_all(&directory.path).unwrap();
    drop(directory);
    assert!(store.exists() && !store.join("run").exists());
}

#[test]
fn a_deep_project_gets_a_socket_that_can_be_bound() {
    let parent = tempfile::tempdir().unwrap();
    let store = parent.path().join("a".repeat(120)).join(".escala");
    let first = RunDirectory::choose(&store, parent.path(), 7).unwrap();
    let second = RunDirectory::choose(&store, parent.path(), 7).unwrap();
    assert_ne!(first.path, second.path);
    assert_eq!(first.path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    UnixListener::bind(first.socket()).unwrap();
    first.create_files().unwrap();
    assert_eq!(first.journal().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let path = first.path.clone();
    drop(first);
    assert!(!path.exists() && parent.path().exists());
}

#[test]
fn a_deep_temporary_directory_is_not_used() {
    let deep = Path::new("/nowhere").join("b".repeat(120));
    let directory = RunDirectory::choose(&deep.join(".escala"), &deep, std::process::id()).unwrap();
    assert!(directory.path.starts_with("/tmp"));
}

#[test]
fn removes_what_a_killed_run_left() {
    let store = tempfile::tempdir().unwrap();
    let stale = RunDirectory::choose(store.path(), Path::new("/tmp"), 6).unwrap();
    fs::create_dir_all(&stale.path).unwrap();
    fs::write(stale.journal(), "6 python 3.12.1 started\n").unwrap();
    let directory = RunDirectory::choose(store.path(), Path::new("/tmp"), 7).unwrap();
    fs::create_dir_all(&directory.path).unwrap();
    directory.remove_stale(store.path());
    assert!(!stale.path.exists() && directory.path.exists());
}

#[test]
fn what_the_agents_left_open_is_read_and_never_less_than_nothing() {
    let store = tempfile::tempdir().unwrap();
    let directory = RunDirectory::choose(store.path(), Path::new("/tmp"), 7).unwrap();
    assert_eq!(directory.open_units(), 0);
    fs::create_dir_all(&directory.path).unwrap();
    directory.create_files().unwrap();
    assert_eq!(directory.open_units(), 0);
    for (written, read) in [(3_u32, 3), (u32::MAX, 0)] {
        fs::write(directory.path.join(OPEN_UNITS), written.to_ne_bytes()).unwrap();
        assert_eq!(directory.open_units(), read);
    }
}
