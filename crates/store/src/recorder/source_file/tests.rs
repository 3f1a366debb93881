use std::os::unix::fs::symlink;
use std::time::{Duration, UNIX_EPOCH};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::TempDir;

use super::*;

const WRITTEN_AT_US: u64 = 1_700_000_000_123_456;

/// A project whose `views.py` holds `abc`, whose SHA-256 is in every textbook.
fn project() -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let root = fs::canonicalize(dir.path()).unwrap();
    fs::write(root.join("views.py"), "abc").unwrap();
    touch(&root.join("views.py"), WRITTEN_AT_US);
    (dir, root)
}

fn touch(path: &Path, at_us: u64) {
    let at = UNIX_EPOCH + Duration::from_micros(at_us);
    OpenOptions::new().write(true).open(path).unwrap().set_modified(at).unwrap();
}

fn seen(path: &str) -> SeenFile {
    SeenFile { path: path.into(), modified_at_us: WRITTEN_AT_US, size_bytes: 3 }
}

const UNREADABLE: ExaminedFile = ExaminedFile { sha256: None, changed_after_start: true };
const STARTED_AT_US: u64 = WRITTEN_AT_US + 1;

#[test]
fn an_unchanged_file_is_hashed() {
    let (_dir, root) = project();
    let examined = examine(&root, &seen("views.py"), STARTED_AT_US);
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(examined, ExaminedFile { sha256: Some(expected.to_owned()), changed_after_start: false });
}

#[test]
fn what_differs_from_the_agents_view_has_changed() {
    let (_dir, root) = project();
    let changed = |seen: &SeenFile, started_at_us| examine(&root, seen, started_at_us).changed_after_start;
    assert!(!changed(&seen("views.py"), WRITTEN_AT_US));
    assert!(changed(&seen("views.py"), WRITTEN_AT_US - 1), "modified after the process started");
    assert!(changed(&SeenFile { size_bytes: 4, ..seen("views.py") }, STARTED_AT_US));
    assert!(changed(&SeenFile { modified_at_us: WRITTEN_AT_US - 2, ..seen("views.py") }, STARTED_AT_US));
    let rounded = SeenFile { modified_at_us: WRITTEN_AT_US - 1, ..seen("views.py") };
    assert!(!changed(&rounded, STARTED_AT_US), "a float of seconds cannot say it better");

    touch(&root.join("views.py"), WRITTEN_AT_US + 5_000_000);
    assert!(changed(&seen("views.py"), STARTED_AT_US), "modified since the agent looked");
}

#[test]
fn links_are_followed_inside_the_project_only() {
    let (_dir, root) = project();
    let outside = TempDir::new().unwrap();
    fs::write(outside.path().join("secret"), "abc").unwrap();
    symlink(root.join("views.py"), root.join("inside.py")).unwrap();
    symlink(outside.path().join("secret"), root.join("file.py")).unwrap();
    symlink(outside.path(), root.join("package")).unwrap();
    assert!(examine(&root, &seen("inside.py"), STARTED_AT_US).sha256.is_some());
    assert_eq!(examine(&root, &seen("file.py"), STARTED_AT_US), UNREADABLE);
    assert_eq!(examine(&root, &seen("package/secret"), STARTED_AT_US), UNREADABLE);
}

#[test]
fn what_is_no_readable_file_counts_as_changed() {
    let (_dir, root) = project();
    fs::create_dir(root.join("package")).unwrap();
    mknodat(CWD, root.join("pipe"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let large = File::create(root.join("large.py")).unwrap();
    large.set_len(SOURCE_FILE_BYTES_MAX + 1).unwrap();
    for path in ["missing.py", "package", "pipe", "large.py"] {
        assert_eq!(examine(&root, &seen(path), STARTED_AT_US), UNREADABLE, "{path}");
    }
    large.set_len(SOURCE_FILE_BYTES_MAX).unwrap();
    assert!(examine(&root, &seen("large.py"), STARTED_AT_US).sha256.is_some());
}

#[test]
fn a_path_is_inside_when_it_only_goes_down() {
    for inside in ["views.py", "shop/views.py", "a/b/c"] {
        assert!(is_inside(inside), "{inside}");
    }
    for outside in ["", "/etc/passwd", "..", "../x", "shop/../../x", "./x", "."] {
        assert!(!is_inside(outside), "{outside}");
    }
}
