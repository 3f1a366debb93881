use super::*;
use crate::testing::Scratch;

fn lay_out_in(scratch: &Scratch) -> Vec<PathBuf> {
    lay_out(&scratch.path("source"), &scratch.path("library.so"), &scratch.path("package")).unwrap();
    files_below(&scratch.path("package")).unwrap()
}

#[test]
fn the_package_holds_the_python_files_and_the_library_and_nothing_else() {
    let scratch = Scratch::new("lay-out");
    scratch.write("library.so", "machine code");
    scratch.write("source/__init__.py", "");
    scratch.write("source/hooks/orm.py", "one");
    scratch.write("source/notes.txt", "not Python");
    scratch.write("source/__pycache__/old.py", "not source");
    scratch.write("package/gone.py", "removed from the source since");
    let expected = ["__init__.py", EXTENSION, "hooks/orm.py"].map(PathBuf::from);
    assert_eq!(lay_out_in(&scratch), expected);
    assert_eq!(fs::read_to_string(scratch.path("package/hooks/orm.py")).unwrap(), "one");
}

#[test]
fn only_what_changed_is_copied() {
    let scratch = Scratch::new("update");
    scratch.write("library.so", "machine code");
    scratch.write("source/same.py", "same");
    scratch.write("source/changed.py", "before");
    lay_out_in(&scratch);
    let inode = |path: &str| {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(scratch.path("package").join(path)).unwrap().ino()
    };
    let same = inode("same.py");
    scratch.write("source/changed.py", "after");
    lay_out_in(&scratch);
    assert_eq!(inode("same.py"), same);
    assert_eq!(fs::read_to_string(scratch.path("package/changed.py")).unwrap(), "after");
}
