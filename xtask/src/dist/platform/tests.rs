use super::*;

fn needs(glibc: Option<(u32, u32)>, libraries: &[&str]) -> Needs {
    Needs { glibc, libraries: libraries.iter().map(|&name| name.to_owned()).collect() }
}

#[test]
fn names_the_oldest_system_that_runs_it() {
    let libraries = ["libc.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"];
    assert_eq!(tag(&needs(Some((2, 34)), &libraries), "x86_64").unwrap(), "manylinux_2_34_x86_64");
    assert_eq!(tag(&needs(Some((2, 4)), &libraries), "aarch64").unwrap(), "manylinux_2_17_aarch64");
}

#[test]
fn a_library_that_is_not_everywhere_is_refused() {
    let error = tag(&needs(Some((2, 34)), &["libc.so.6", "libsqlite3.so.0"]), "x86_64").unwrap_err();
    assert!(error.to_string().starts_with("the build needs libsqlite3.so.0, which not every Linux has"));
}

#[test]
fn another_c_library_is_refused() {
    assert!(tag(&needs(None, &[]), "x86_64").is_err());
    assert!(tag(&needs(None, &["libc.musl-x86_64.so.1"]), "x86_64").is_err());
}
