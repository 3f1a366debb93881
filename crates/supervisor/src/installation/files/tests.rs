use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::*;

#[test]
fn a_path_is_a_python_string_whatever_stands_in_it() {
    for (path, expected) in [
        ("/srv/shop", r#""/srv/shop""#),
        (r#"/a "b"\n"#, r#""/a \"b\"\\n""#),
        ("/a\nimport os", r#""/a\U0000000aimport os""#),
        ("/straße", r#""/straße""#),
    ] {
        assert_eq!(literal(Path::new(path)).unwrap(), expected);
    }
    let error = literal(Path::new(OsStr::from_bytes(b"/a\xff"))).unwrap_err();
    assert!(error.to_string().ends_with("is not UTF-8, so Python cannot be told of it"));
}
