use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

fn project() -> (TempDir, Root) {
    let directory = tempfile::tempdir().unwrap();
    let root = Root::open(directory.path()).unwrap();
    (directory, root)
}

fn path(text: &str) -> RelativePath {
    RelativePath::new(text).unwrap()
}

#[test]
fn reads_bytes_as_they_are() {
    let (directory, root) = project();
    let text = "\u{feff}# é\r\nif x:\n\ty = 1\rz";
    fs::write(directory.path().join("a.py"), text).unwrap();
    let source = root.read(&path("a.py")).unwrap();
    assert_eq!(source.text(), text);
    assert_eq!(source.path().as_str(), "a.py");
}

#[test]
fn the_hash_is_sha256_of_the_bytes() {
    let source = Source::new(path("a.py"), "abc".to_owned());
    assert_eq!(source.hash(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn refuses_paths_that_are_not_below_the_root() {
    for text in ["", "/etc/passwd", "../a.py", "a/../../b.py", "./a.py", "a//b.py", "a/", "a\0.py"] {
        assert!(RelativePath::new(text).is_err(), "{text:?}");
    }
    assert!(RelativePath::new("a/..b/c.d.py").is_ok());
}

#[test]
fn links_may_not_leave_the_root() {
    let (directory, root) = project();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.py"), "x = 1").unwrap();
    fs::write(directory.path().join("inside.py"), "x = 2").unwrap();
    symlink(outside.path().join("secret.py"), directory.path().join("file.py")).unwrap();
    symlink(outside.path(), directory.path().join("folder")).unwrap();
    symlink("inside.py", directory.path().join("alias.py")).unwrap();
    assert!(matches!(root.read(&path("file.py")), Err(ReadError::OutsideRoot(_))));
    assert!(matches!(root.read(&path("folder/secret.py")), Err(ReadError::OutsideRoot(_))));
    assert_eq!(root.read(&path("alias.py")).unwrap().text(), "x = 2");
}

#[test]
fn a_sibling_whose_name_starts_like_the_root_is_outside() {
    let parent = tempfile::tempdir().unwrap();
    fs::create_dir(parent.path().join("site")).unwrap();
    fs::create_dir(parent.path().join("site-old")).unwrap();
    fs::write(parent.path().join("site-old/a.py"), "").unwrap();
    symlink(parent.path().join("site-old/a.py"), parent.path().join("site/a.py")).unwrap();
    let root = Root::open(&parent.path().join("site")).unwrap();
    assert!(matches!(root.read(&path("a.py")), Err(ReadError::OutsideRoot(_))));
}

#[test]
fn each_refusal_says_what_is_wrong() {
    let (directory, root) = project();
    fs::write(directory.path().join("latin.py"), b"# caf\xe9").unwrap();
    fs::write(directory.path().join("declared.py"), "# coding: cp1252\n# café").unwrap();
    fs::write(directory.path().join("ascii.py"), "# coding: cp1252\n# coffee").unwrap();
    fs::write(directory.path().join("large.py"), vec![b'#'; SOURCE_LIMIT_BYTES as usize + 1]).unwrap();
    fs::create_dir(directory.path().join("folder.py")).unwrap();
    assert!(matches!(root.read(&path("latin.py")), Err(ReadError::NotUtf8 { valid_bytes: 5, .. })));
    let declared = root.read(&path("declared.py")).unwrap_err();
    assert_eq!(
        declared.to_string(),
        "declared.py is cp1252 by its own `coding:` line; save it as UTF-8 to let Escala edit it"
    );
    assert!(root.read(&path("ascii.py")).is_ok());
    assert!(matches!(root.read(&path("large.py")), Err(ReadError::TooLarge { .. })));
    assert!(matches!(root.read(&path("folder.py")), Err(ReadError::NotAFile(_))));
    assert!(matches!(root.read(&path("missing.py")), Err(ReadError::NotFound(_))));
    assert!(matches!(root.read(&path("latin.py/x.py")), Err(ReadError::NotFound(_))));
}

#[test]
fn a_root_is_a_directory() {
    let (directory, _) = project();
    fs::write(directory.path().join("a.py"), "").unwrap();
    assert!(Root::open(&directory.path().join("a.py")).is_err());
    assert!(Root::open(&directory.path().join("missing")).is_err());
}

#[test]
fn what_the_settings_leave_out_is_neither_read_nor_written() {
    let (directory, root) = project();
    for file in ["src/a.py", "src/vendor/b.py", "venv/src/own/c.py", "venv/d.py", "manage.py"] {
        let file = directory.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
    }
    symlink(directory.path().join("src/vendor/b.py"), directory.path().join("src/link.py")).unwrap();
    let below = |paths: &[&str]| paths.iter().map(|path| root.path().join(path)).collect::<Vec<_>>();
    let kept = root.clone().keeping_to(&below(&["src", "venv/src/own"]), &below(&["src/vendor", "venv"]));
    for (file, allowed) in [
        ("src/a.py", true),
        ("venv/src/own/c.py", true),
        ("src/vendor/b.py", false),
        ("src/link.py", false),
        ("venv/d.py", false),
        ("manage.py", false),
    ] {
        assert_eq!(kept.read(&path(file)).is_ok(), allowed, "{file}");
        assert!(root.read(&path(file)).is_ok(), "{file}");
    }
    let change = crate::FileChange {
        path: "src/vendor/b.py".to_owned(),
        expected_hash: Source::new(path("b.py"), String::new()).hash().to_owned(),
        new_text: "x = 1\n".to_owned(),
    };
    let refused = crate::write(&kept, &[change]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "src/vendor/b.py is left alone: `source` and `exclude` in escala.toml say so"
    );
}
