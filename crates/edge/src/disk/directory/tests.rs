use super::*;
use crate::cache::vary::Variant;

fn name(key: &str) -> Name {
    Name::of(0, key.as_bytes(), &Variant::default())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_is_made_is_nobody_elses() {
    let outer = tempfile::tempdir().unwrap();
    let directory = Directory::of(&outer.path().join("a/b"));
    let _taken = directory.take().unwrap();
    directory.write(name("x"), [b"1", b"2"]).unwrap();
    let file = directory.path(name("x"));
    assert_eq!((fs::read(&file).unwrap(), mode(&file)), (b"12".to_vec(), 0o600));
    for made in file.ancestors().skip(1).take_while(|made| *made != outer.path()) {
        assert_eq!(mode(made), 0o700, "{}", made.display());
    }
    // Two levels below ours.
    assert_eq!(file.strip_prefix(&directory.root).unwrap().components().count(), 3);
}

#[test]
fn a_directory_that_was_open_to_others_is_closed_and_what_lies_beside_it_stays() {
    let outer = tempfile::tempdir().unwrap();
    fs::set_permissions(outer.path(), Permissions::from_mode(0o755)).unwrap();
    fs::write(outer.path().join("precious"), "x").unwrap();
    fs::create_dir(outer.path().join(RESPONSES)).unwrap();
    fs::set_permissions(outer.path().join(RESPONSES), Permissions::from_mode(0o777)).unwrap();
    let _taken = Directory::of(outer.path()).take().unwrap();
    assert_eq!((mode(&outer.path().join(RESPONSES)), mode(outer.path())), (0o700, 0o755));
    assert!(outer.path().join("precious").exists());
}

#[test]
fn a_link_in_the_place_of_the_directory_is_not_followed() {
    let (outer, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(elsewhere.path(), outer.path().join(RESPONSES)).unwrap();
    assert!(Directory::of(outer.path()).take().is_err());
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn one_process_uses_it_at_a_time() {
    let outer = tempfile::tempdir().unwrap();
    let directory = Directory::of(outer.path());
    let taken = directory.take().unwrap();
    assert_eq!(directory.take().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    drop(taken);
    assert!(directory.take().is_ok());
}

#[test]
fn what_was_not_finished_is_deleted_at_the_start() {
    let outer = tempfile::tempdir().unwrap();
    let directory = Directory::of(outer.path());
    drop(directory.take().unwrap());
    let half = directory.root.join(TEMPORARY).join(name("x").to_string());
    fs::write(&half, "half").unwrap();
    let _taken = directory.take().unwrap();
    assert!(!half.exists());
}

#[test]
fn a_write_that_fails_leaves_the_old_file_and_no_other() {
    let outer = tempfile::tempdir().unwrap();
    let directory = Directory::of(outer.path());
    let _taken = directory.take().unwrap();
    directory.write(name("x"), [b"old", b""]).unwrap();
    // Nothing can be put where a directory is.
    let blocked = directory.path(name("y"));
    fs::create_dir_all(blocked.join("in the way")).unwrap();
    assert!(directory.write(name("y"), [b"new", b""]).is_err());
    assert_eq!(fs::read_dir(directory.root.join(TEMPORARY)).unwrap().count(), 0);
    assert_eq!(directory.read(name("x")).unwrap(), b"old");
    directory.write(name("x"), [b"n", b"ew"]).unwrap();
    assert_eq!(directory.read(name("x")).unwrap(), b"new");
}

#[test]
fn a_directory_that_was_cleared_away_is_made_again() {
    let outer = tempfile::tempdir().unwrap();
    let directory = Directory::of(outer.path());
    let _taken = directory.take().unwrap();
    directory.write(name("x"), [b"1", b""]).unwrap();
    fs::remove_dir_all(&directory.root).unwrap();
    assert_eq!(directory.read(name("x")).unwrap_err().kind(), io::ErrorKind::NotFound);
    directory.remove(name("x")).unwrap();
    directory.write(name("x"), [b"2", b""]).unwrap();
    assert_eq!(directory.read(name("x")).unwrap(), b"2");
}

#[test]
fn only_files_of_ours_are_listed_and_each_in_its_place() {
    let outer = tempfile::tempdir().unwrap();
    let directory = Directory::of(outer.path());
    let _taken = directory.take().unwrap();
    let ours = name("x");
    directory.write(ours, [b"1", b""]).unwrap();
    let leaf = directory.leaf(ours.leaf());
    let elsewhere = (0..100).map(|at| name(&at.to_string())).find(|one| one.leaf() != ours.leaf()).unwrap();
    fs::write(leaf.join("README"), "not ours").unwrap();
    fs::write(leaf.join(elsewhere.to_string()), "in another's place").unwrap();
    fs::create_dir(leaf.join("0".repeat(64))).unwrap();
    let all: Vec<Name> = (0..=u8::MAX).flat_map(|leaf| directory.list(leaf)).collect();
    assert_eq!(all, [ours]);
}

#[test]
fn the_beginning_of_a_file_is_enough_to_know_it() {
    let outer = tempfile::tempdir().unwrap();
    let directory = Directory::of(outer.path());
    let _taken = directory.take().unwrap();
    directory.write(name("x"), [&[b'x'; 10_000], &[b'y'; 10_000]]).unwrap();
    let beginning = directory.read_beginning(name("x")).unwrap();
    assert_eq!((beginning.bytes.len(), beginning.file_bytes), (BEGINNING_BYTES, 20_000));
    assert!(beginning.written > 1_700_000_000_000);
    directory.mark_stale(name("x")).unwrap();
    assert!(directory.read(name("x")).unwrap().starts_with(&file::MAGIC_STALE));
    assert_eq!(directory.read(name("x")).unwrap().len(), 20_000);
}
