use std::fs;
use std::os::unix::fs::symlink;

use rustix::fs::{FileType, mknodat};

use super::*;

/// A directory `site` with things in it, and things beside it that are nobody's business.
fn directory() -> (tempfile::TempDir, Directory) {
    let root = tempfile::tempdir().unwrap();
    let site = root.path().join("site");
    fs::create_dir_all(site.join("sub")).unwrap();
    fs::create_dir(root.path().join("secret")).unwrap();
    fs::write(root.path().join("secret/key"), "secret").unwrap();
    fs::write(site.join("a.css"), "a{}").unwrap();
    fs::write(site.join("sub/b.css"), "b{}").unwrap();
    symlink("../secret/key", site.join("out")).unwrap();
    symlink("../secret", site.join("out-directory")).unwrap();
    symlink(root.path().join("secret/key"), site.join("out-absolute")).unwrap();
    symlink("/proc/self/environ", site.join("environ")).unwrap();
    symlink("sub/b.css", site.join("inside")).unwrap();
    symlink("loop", site.join("loop")).unwrap();
    let directory = Directory::open(&site).unwrap();
    mknodat(&directory.0, "pipe", FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    (root, directory)
}

/// What both ways of opening say of a name.
fn texts(directory: &Directory, relative: &str) -> [Option<String>; 2] {
    let walked = directory.walk(relative).map(File::from).and_then(|file| {
        let stamp = Stamp::of(&file)?;
        Ok(Opened { file, stamp })
    });
    [directory.file(relative), walked].map(|opened| {
        let bytes = opened.and_then(|opened| opened.read()).ok()?;
        Some(String::from_utf8(bytes.to_vec()).unwrap())
    })
}

#[test]
fn regular_files_below_are_opened() {
    let (_root, directory) = directory();
    assert_eq!(texts(&directory, "a.css"), [Some("a{}".to_owned()), Some("a{}".to_owned())]);
    assert_eq!(texts(&directory, "sub/b.css"), [Some("b{}".to_owned()), Some("b{}".to_owned())]);
}

#[test]
fn nothing_else_is() {
    let (root, directory) = directory();
    let absolute = format!("{}/secret/key", root.path().display());
    for name in [
        "missing",
        "a.css/x",
        "sub",
        "pipe",
        "loop",
        // Ways out.
        "out",
        "out-directory/key",
        "out-absolute",
        "environ",
        "../secret/key",
        "sub/../../secret/key",
        &absolute,
        "",
        ".",
    ] {
        assert_eq!(texts(&directory, name), [None, None], "{name}");
    }
}

#[test]
fn a_link_that_stays_inside_is_followed_by_the_kernel_only() {
    let (_root, directory) = directory();
    let expected = cfg!(target_os = "linux").then(|| "b{}".to_owned());
    assert_eq!(texts(&directory, "inside"), [expected, None]);
}

#[test]
fn the_directory_itself_may_be_a_link() {
    let (root, _) = directory();
    symlink("site", root.path().join("current")).unwrap();
    let directory = Directory::open(&root.path().join("current")).unwrap();
    assert_eq!(texts(&directory, "a.css")[0].as_deref(), Some("a{}"));
    assert!(Directory::open(&root.path().join("site/a.css")).is_err());
}

#[test]
fn a_file_that_changed_has_another_stamp() {
    let (root, directory) = directory();
    let before = directory.file("a.css").unwrap();
    assert_eq!(directory.file("a.css").unwrap().stamp, before.stamp);
    // Another file of the same length and time.
    let new = root.path().join("new");
    fs::write(&new, "c{}").unwrap();
    File::options()
        .write(true)
        .open(&new)
        .unwrap()
        .set_modified(before.file.metadata().unwrap().modified().unwrap())
        .unwrap();
    fs::rename(&new, root.path().join("site/a.css")).unwrap();
    let after = directory.file("a.css").unwrap();
    assert_eq!(after.stamp.modified, before.stamp.modified);
    assert_ne!(after.stamp, before.stamp);
    // What was opened before is still what it was.
    assert_eq!(before.file.metadata().unwrap().len(), 3);
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_not_read() {
    let (root, directory) = directory();
    let opened = directory.file("a.css").unwrap();
    fs::write(root.path().join("site/a.css"), "a").unwrap();
    assert!(opened.read().is_err());
    let opened = directory.file("a.css").unwrap();
    fs::write(root.path().join("site/a.css"), "abc").unwrap();
    assert!(opened.read().is_err());
}

#[test]
fn what_was_made_from_a_file_is_as_new_as_it() {
    let stamp = |s, ns| Stamp::example(0, s, ns);
    let file = stamp(10, 500);
    for (compressed, expected) in [
        (stamp(10, 500), true),
        (stamp(10, 501), true),
        (stamp(11, 0), true),
        (stamp(10, 0), true),
        (stamp(10, 499), false),
        (stamp(9, 999), false),
        (stamp(9, 0), false),
    ] {
        assert_eq!(compressed.is_as_new_as(&file), expected, "{compressed:?}");
    }
}
