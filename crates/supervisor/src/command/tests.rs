use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

fn check_words(words: &[&str], search_path: &Path) -> Result<(), String> {
    let command: Vec<OsString> = words.iter().map(Into::into).collect();
    check(&command, Some(search_path.as_os_str())).map_err(|error| error.to_string())
}

fn script(directory: &Path, name: &str, text: &str, mode: u32) {
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_command_must_exist_and_be_executable() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    script(path, "serve", "#!/bin/sh\n", 0o755);
    script(path, "notes", "text", 0o644);
    assert_eq!(check_words(&["serve"], path), Ok(()));
    assert_eq!(check_words(&["server"], path), Err("server: command not found".into()));
    assert_eq!(check_words(&[], path), Err("there is no command to run".into()));
    assert_eq!(check_words(&[""], path), Err(": command not found".into()));
    let notes = path.join("notes").display().to_string();
    for name in ["notes", &notes] {
        assert_eq!(check_words(&[name], path), Err(format!("{notes}: not an executable file")));
    }
    let itself = format!("{}/", path.display());
    assert_eq!(check_words(&[&itself], path), Err(format!("{itself}: not an executable file")));
    assert_eq!(check_words(&["./no/such"], path), Err("./no/such: command not found".into()));
}

#[test]
fn a_later_executable_wins_over_an_earlier_file_that_is_not() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    script(first.path(), "serve", "text", 0o644);
    script(second.path(), "serve", "#!/bin/sh\n", 0o755);
    let search_path = std::env::join_paths([first.path(), second.path()]).unwrap();
    assert_eq!(check_words(&["serve"], Path::new(&search_path)), Ok(()));
}

#[test]
fn isolation_is_refused_on_the_command_line_and_in_the_script() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    script(path, "python3", "", 0o755);
    script(path, "serve", "#!/usr/bin/python3 -Es\n", 0o755);
    assert_eq!(
        check_words(&["python3", "-Im", "gunicorn"], path),
        Err("python3 is run with -I, which makes Python ignore PYTHONPATH: Escala's agent would not be loaded".into())
    );
    let error = check_words(&["serve", "shop.wsgi"], path).unwrap_err();
    assert!(error.starts_with(&format!("{}/serve is run with -E,", path.display())), "{error}");
}

#[test]
fn isolation_is_no_hindrance_where_the_agent_is_installed() {
    let directory = tempfile::tempdir().unwrap();
    let (bin, packages) =
        (directory.path().join("bin"), directory.path().join("lib/python3.12/site-packages"));
    fs::create_dir_all(&bin).unwrap();
    fs::create_dir_all(&packages).unwrap();
    script(&bin, "python3", "", 0o755);
    script(&bin, "serve", &format!("#!{}/python3 -I\n", bin.display()), 0o755);
    assert!(check_words(&["python3", "-E", "manage.py"], &bin).is_err());
    let mark = "# Written by `escala agent install`; `escala agent uninstall` removes it.\n";
    fs::write(packages.join("_escala_start.py"), mark).unwrap();
    assert_eq!(check_words(&["python3", "-E", "manage.py"], &bin), Ok(()));
    assert_eq!(check_words(&["serve"], &bin), Ok(()));
    // It skips site-packages as well.
    assert!(check_words(&["python3", "-S", "manage.py"], &bin).is_err());
}
