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
