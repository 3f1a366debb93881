use std::fs;
use std::path::Path;

use super::*;

fn install(home: &Path, parts: &[&str]) {
    for part in parts {
        let path = home.join(PACKAGE).join(part);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
}

#[test]
fn takes_the_first_place_that_has_the_package() {
    let directory = tempfile::tempdir().unwrap();
    let (absent, first, second) =
        (directory.path().join("absent"), directory.path().join("first"), directory.path().join("second"));
    install(&first, &[BOOTSTRAP, NATIVE_MODULE]);
    install(&second, &[BOOTSTRAP, NATIVE_MODULE]);
    let home = AgentHome::find(&[absent, first.clone(), second]).unwrap();
    assert_eq!(home.replay(), first.canonicalize().unwrap().join("escala_agent/replay"));
    assert!(home.bootstrap().join("sitecustomize.py").is_file());
}

#[test]
fn names_the_places_it_looked_in() {
    let error = AgentHome::find(&["/nowhere/agent".into(), "/nowhere/share".into()]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Escala's agent is not installed beside the binary; looked in /nowhere/agent, /nowhere/share"
    );
}

#[test]
fn names_the_part_that_is_missing_rather_than_trying_the_next_place() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (directory.path().join("first"), directory.path().join("second"));
    install(&first, &[BOOTSTRAP]);
    install(&second, &[BOOTSTRAP, NATIVE_MODULE]);
    let error = AgentHome::find(&[first, second]).unwrap_err();
    assert!(error.to_string().ends_with("is incomplete: escala_agent/_native.abi3.so is missing"), "{error}");
}

#[test]
fn finds_what_pip_installed_beside_the_binary() {
    let directory = tempfile::tempdir().unwrap();
    let prefix = directory.path();
    assert!(installed_homes(prefix, "1.2.3").is_empty());
    for packages in [
        "lib/python3.9/site-packages",
        "lib/python3.12/site-packages",
        "lib/python3.13/site-packages",
        "lib64/python3.11/site-packages",
        "lib/python3/dist-packages",
        "lib/pythonic/site-packages",
    ] {
        fs::create_dir_all(prefix.join(packages).join(PACKAGE)).unwrap();
    }
    fs::create_dir_all(prefix.join("lib/python3.14/site-packages")).unwrap();
    fs::create_dir_all(prefix.join("lib64/python3.11/site-packages/escala-1.2.3.dist-info")).unwrap();
    fs::create_dir_all(prefix.join("lib/python3.13/site-packages/escala-1.2.2.dist-info")).unwrap();
    let expected = [
        "lib64/python3.11/site-packages",
        "lib/python3.13/site-packages",
        "lib/python3.12/site-packages",
        "lib/python3.9/site-packages",
        "lib/python3/dist-packages",
    ];
    assert_eq!(installed_homes(prefix, "1.2.3"), expected.map(|packages| prefix.join(packages)));
}

#[test]
fn finds_what_pip_put_into_a_directory_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir_all(directory.path().join(PACKAGE)).unwrap();
    assert_eq!(installed_homes(directory.path(), "1.2.3"), [directory.path()]);
}
