//! `escala agent`: a shell script answers as an environment's interpreter. What the installed files do in a real one is
//! tested in `tests/journeys`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::support::{Ended, Project};

/// A virtual environment in name.
struct Environment {
    project: Project,
}

impl Environment {
    /// `kind` is what the interpreter says of itself after the place of its packages.
    fn new(kind: &str) -> Self {
        let project = Project::new();
        let packages = project.root().with_file_name("venv").join("lib/python3.12/site-packages");
        fs::create_dir_all(&packages).unwrap();
        let answer = format!("#!/bin/sh\nprintf '{}\\000{kind}'\n", packages.display());
        let python = project.write("venv/bin/python", &answer);
        fs::set_permissions(python, fs::Permissions::from_mode(0o755)).unwrap();
        Self { project }
    }

    fn root(&self) -> PathBuf {
        self.project.root().with_file_name("venv")
    }

    fn packages(&self) -> PathBuf {
        self.root().join("lib/python3.12/site-packages")
    }

    /// `escala agent …` with this environment active.
    fn agent(&self, arguments: &[&str]) -> Ended {
        let mut command = self.project.escala(&[&["agent"], arguments].concat());
        Ended::of(command.env("VIRTUAL_ENV", self.root()).output().unwrap())
    }
}

const USUAL: &str = "0\\0003.12\\0001\\000cpython";

#[test]
fn goes_into_the_active_environment_and_out_again() {
    let environment = Environment::new(USUAL);
    let packages = environment.packages();
    let place = packages.display();
    let store = environment.project.root().canonicalize().unwrap().join(".escala");
    let absent = format!("Escala's agent is not in {place}.\n");
    assert_eq!(environment.agent(&["status"]).expect(0, "").stdout, absent);
    assert_eq!(
        environment.agent(&["install"]).expect(0, "").stdout,
        format!(
            "Escala's agent is in {place} now.\nThe Pythons of this environment load it while `escala run` records \
             into {}; at other times it does nothing.\n",
            store.display()
        )
    );
    assert_eq!(
        environment.agent(&["install"]).expect(0, "").stdout,
        format!("Escala's agent is in {place} already.\n")
    );
    assert_eq!(
        environment.agent(&["status"]).expect(0, "").stdout,
        format!("Escala's agent is in {place}, for `escala run` that records into {}.\n", store.display())
    );
    assert_eq!(
        environment.agent(&["status", "--store", "traffic"]).expect(0, "").stdout,
        format!(
            "Escala's agent is in {place}, but for another store or from another build; `escala agent install --store \
             traffic` renews it.\n"
        )
    );
    assert_eq!(
        environment.agent(&["uninstall"]).expect(0, "").stdout,
        format!("Escala's agent is no longer in {place}.\n")
    );
    assert_eq!(environment.agent(&["uninstall"]).expect(0, "").stdout, absent);
    assert_eq!(fs::read_dir(packages).unwrap().count(), 0);
}

#[test]
fn an_environment_is_named_by_its_interpreter_or_its_directory() {
    let environment = Environment::new(USUAL);
    for named in [environment.root().join("bin/python"), environment.root()] {
        let ended = environment
            .project
            .run(&["agent", "status", "--python", &named.display().to_string()])
            .expect(0, "");
        assert_eq!(ended.stdout, format!("Escala's agent is not in {}.\n", environment.packages().display()));
    }
}

#[test]
fn no_environment() {
    Project::new().run(&["agent", "install"]).expect(
        2,
        "escala: error: no virtual environment is active\nescala: hint: activate the project's, or name its \
         interpreter with --python PATH\n",
    );
}

#[test]
fn the_python_of_the_operating_system() {
    let environment = Environment::new("1\\0003.12\\0001\\000cpython");
    let packages = environment.packages();
    environment.agent(&["install"]).expect(
        2,
        &format!(
            "escala: error: the Python of {} belongs to the operating system, which asks to leave it alone\nescala: \
             hint: use the project's virtual environment, or insist with --break-system-packages\n",
            packages.display()
        ),
    );
    assert_eq!(fs::read_dir(&packages).unwrap().count(), 0);
    assert_eq!(environment.agent(&["install", "--break-system-packages"]).status.code(), Some(0));
    assert_eq!(fs::read_dir(&packages).unwrap().count(), 3);
}

#[test]
fn a_python_that_cannot_carry_it() {
    let environment = Environment::new("0\\0003.13\\0001\\000cpythont");
    environment.agent(&["install"]).expect(
        2,
        &format!(
            "escala: error: {}/bin/python is a free-threaded Python 3.13, and the agent needs CPython 3.10 or newer \
             with its global lock\n",
            environment.root().display()
        ),
    );
}

#[test]
fn a_file_of_somebody_else() {
    let environment = Environment::new(USUAL);
    let theirs = environment.packages().join("escala.pth");
    fs::write(&theirs, "/opt/theirs\n").unwrap();
    let error = format!(
        "escala: error: {} was not written by Escala, so it is left as it is\nescala: hint: see what it is, and move \
         it away\n",
        theirs.display()
    );
    for action in ["install", "uninstall", "status"] {
        environment.agent(&[action]).expect(2, &error);
    }
    assert_eq!(fs::read_to_string(theirs).unwrap(), "/opt/theirs\n");
    assert_eq!(fs::read_dir(environment.packages()).unwrap().count(), 1);
}
