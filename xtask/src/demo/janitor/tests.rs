use super::*;
use crate::testing::Scratch;

#[test]
fn a_directory_has_one_janitor_at_a_time() {
    let scratch = Scratch::new("janitor-lock");
    let path = scratch.path("demo/bookstore.lock");
    let first = lock(&path).unwrap();
    assert!(first.is_some());
    assert!(lock(&path).unwrap().is_none());
    drop(first);
    assert!(lock(&path).unwrap().is_some());
}

#[test]
fn a_process_is_asked_to_end() {
    let mut process = Command::new("sleep").arg("60").spawn().unwrap();
    let process_id = process.id();
    assert!(signal("0", process_id).unwrap());
    // Whoever started a process has to take note of its end before it is gone.
    let waiting = thread::spawn(move || process.wait().unwrap());
    end(process_id).unwrap();
    assert_eq!(waiting.join().unwrap().code(), None, "it ended by a signal");
    assert!(!signal("0", process_id).unwrap());
}

#[test]
fn removing_what_is_not_there_is_no_error() {
    let scratch = Scratch::new("janitor-remove");
    scratch.write("copy/file", "");
    remove(&scratch.path("copy")).unwrap();
    assert!(!scratch.path("copy").exists());
    remove(&scratch.path("copy")).unwrap();
}
