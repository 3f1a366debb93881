//! Stores that cannot be used: one clear line, nothing started, nothing lost.

use std::fs;

use crate::support::Project;

/// Runs all three verbs; each must refuse with the same words, and the command must not start.
#[track_caller]
fn refused(project: &Project, message: &str) {
    for verb in [&["report"][..], &["fix"], &["run", "--", "touch", "started"]] {
        let ended = project.run(verb);
        let expected = format!("escala: error: {message}\n");
        assert_eq!((ended.status.code(), ended.stderr), (Some(2), expected), "{verb:?}");
        assert_eq!(ended.stdout, "");
    }
    assert!(!project.root().join("started").exists());
}

fn database(project: &Project) -> String {
    project.root().canonicalize().unwrap().join(".escala/escala.db").display().to_string()
}

#[test]
fn no_store() {
    let project = Project::new();
    let dir = project.root().canonicalize().unwrap().join(".escala");
    for verb in ["report", "fix"] {
        project.run(&[verb]).expect(
            2,
            &format!(
                "escala: error: no traffic recorded yet in {}: run `escala run -- …` first\n",
                dir.display()
            ),
        );
    }
    assert!(!dir.exists(), "looking makes nothing");
}

#[test]
fn garbage() {
    let project = Project::new();
    let text = "not a database, but somebody's notes\n".repeat(100);
    let path = project.write("site/.escala/escala.db", &text);
    refused(
        &project,
        &format!(
            "{} is not an Escala store: move it away, or choose another store with --store DIR",
            database(&project)
        ),
    );
    assert_eq!(fs::read_to_string(path).unwrap(), text);
}

#[test]
fn a_store_of_a_newer_version() {
    let project = Project::new();
    project.run_shell("true");
    let path = project.store().join("escala.db");
    let mut bytes = fs::read(&path).unwrap();
    // SQLite keeps the user version, which is the store's, big-endian at byte 60.
    bytes[60..64].copy_from_slice(&4_711u32.to_be_bytes());
    fs::write(&path, &bytes).unwrap();
    let ended = project.run(&["report"]);
    assert!(
        ended.stderr.starts_with(&format!(
            "escala: error: {} was written by a newer Escala (store version 4711, this one knows ",
            database(&project)
        )),
        "{}",
        ended.stderr
    );
    let message = ended.stderr.trim_end().strip_prefix("escala: error: ").unwrap().to_owned();
    refused(&project, &message);
    assert_eq!(fs::read(path).unwrap(), bytes);
}

#[test]
fn a_file_in_the_place_of_the_store() {
    let project = Project::new();
    let path = project.write("site/.escala", "notes");
    let shown = project.root().canonicalize().unwrap().join(".escala");
    refused(
        &project,
        &format!("{} is not a directory: choose another store with --store DIR", shown.display()),
    );
    assert_eq!(fs::read_to_string(path).unwrap(), "notes");
}

#[test]
fn two_runs_on_one_store() {
    let project = Project::new();
    let first = project.start_shell("touch ready; while [ ! -e done ]; do sleep 0.02; done");
    let expected = format!(
        "escala: error: another `escala run` (process {}) records into {}: wait for its end, or choose another store \
         with --store DIR\n",
        first.pid(),
        project.store().canonicalize().unwrap().display()
    );
    project.run(&["run", "--", "touch", "started"]).expect(2, &expected);
    assert!(!project.root().join("started").exists());
    let other = project.run(&["run", "--dashboard", "off", "--store", "other", "--", "true"]);
    assert_eq!(other.status.code(), Some(3), "{}", other.stderr);
    project.write("site/done", "");
    assert_eq!(first.wait().status.code(), Some(3));
}
