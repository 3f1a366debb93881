use super::*;

#[test]
fn versions_are_compared_as_numbers() {
    assert_eq!(glibc("GLIBC_2.34"), Some((2, 34)));
    assert_eq!(glibc("GLIBC_2.2.5"), Some((2, 2)));
    assert!(glibc("GLIBC_2.9") < glibc("GLIBC_2.17"));
    for other in ["GLIBC_PRIVATE", "GCC_3.0", "GLIBCXX_3.4", ""] {
        assert_eq!(glibc(other), None);
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]
#[test]
fn this_very_test_needs_glibc() {
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let needs = needs(&program).unwrap();
    assert!(needs.libraries.contains("libc.so.6"), "{needs:?}");
    assert!(needs.glibc >= Some((2, 17)), "{needs:?}");
}

#[test]
fn a_file_of_another_kind_is_refused() {
    for file in [&b""[..], b"#!/bin/sh\n", &[0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0]] {
        assert!(needs(file).is_err());
    }
}

#[test]
fn several_files_need_what_any_of_them_needs() {
    let mut needs = Needs { glibc: Some((2, 28)), libraries: ["libc.so.6".to_owned()].into() };
    needs.merge(Needs { glibc: Some((2, 34)), libraries: ["libm.so.6".to_owned()].into() });
    needs.merge(Needs::default());
    assert_eq!(needs.glibc, Some((2, 34)));
    assert_eq!(needs.libraries, ["libc.so.6", "libm.so.6"].map(str::to_owned).into());
}
