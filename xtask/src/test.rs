//! `cargo xtask test`: everything that must hold before a change goes in, from the cheapest check to the dearest.

mod chromium;
pub(crate) mod postgres;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::build::{self, Built, Profile};
use crate::python::{self, Minor, Wanted};
use crate::workspace::Workspace;
use crate::{bench, dist, program, tidy};

/// Python for Django 5.2: the oldest version that the report's exact ranges need, so that it stays tested.
const PYTHON_FOR_DJANGO_5_2: [Minor; 4] = [11, 12, 13, 10];

/// Python for Django 6.1, which refuses older ones; the newest that the agent supports.
const PYTHON_FOR_DJANGO_6_1: [Minor; 2] = [13, 12];

/// Python for the public projects that the journeys visit.
const PYTHON_FOR_SITES: [Minor; 3] = [12, 11, 13];

/// The end-to-end tests: a package of their own because they need minutes where the others need seconds.
const JOURNEYS: &str = "journeys";

/// How much is tested.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Full,
    /// Without the journeys.
    Quick,
}

/// Variables that tell the tests where the things are that they need; the tests name this command when one is missing.
type Environment = Vec<(String, PathBuf)>;

pub(crate) fn run(extent: Extent) -> Result<()> {
    let workspace = Workspace::find()?;
    step("formatting", || program::run(workspace.cargo().args(["fmt", "--all", "--check"])))?;
    step("the repository's own rules", || tidy::check(&workspace))?;
    // What this machine may lack is found out before it compiles for minutes.
    let pythons = step("Python environments", || Pythons::prepare(&workspace))?;
    let postgres = step("PostgreSQL", postgres::programs)?;
    let journeys = extent == Extent::Full && workspace.has_member(JOURNEYS);
    let browser = journeys.then(|| step("Chromium", chromium::find_or_install)).transpose()?;
    step("lints", || {
        let lints = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"];
        program::run(workspace.cargo().args(lints))
    })?;
    let built = step("build", || build::build(&workspace, Profile::Dev))?;
    let mut environment = pythons.environment();
    environment.push(("ESCALA_BIN".into(), built.binary.clone()));
    environment.push(("ESCALA_AGENT_HOME".into(), built.agent_home.clone()));
    environment.push(("ESCALA_TEST_PG_BIN".into(), postgres));
    environment.extend(browser.map(|browser| ("ESCALA_TEST_CHROMIUM".into(), browser)));
    if journeys {
        let wheel =
            step("the wheel", || dist::pack(&workspace, &built, &workspace.target.join("test-dist")))?;
        environment.push(("ESCALA_TEST_WHEEL".into(), wheel));
        environment.extend(step("environments of the public projects", || sites(&workspace))?);
        environment.push(step("Django's own test suite", || pythons.django_suite(&workspace))?);
    }
    for python in pythons.each() {
        step("the agent's Python tests", || agent_tests(&workspace, &built, python))?;
        step("the sample site's own tests", || sample_tests(&workspace, python))?;
    }
    // Last and without a word after it, so that the output ends in the runner's count of tests.
    eprintln!("xtask: Rust tests");
    rust_tests(&workspace, extent, &environment)
}

/// Says what begins, and how long it took when it was long.
fn step<T>(what: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("xtask: {what}");
    let start = Instant::now();
    let done = act().with_context(|| what.to_owned())?;
    let seconds = start.elapsed().as_secs();
    if seconds >= 2 {
        eprintln!("xtask: {what}: {seconds} s");
    }
    Ok(done)
}

/// One interpreter for each Django that Escala is tested with.
struct Pythons {
    django_5_2: PathBuf,
    /// None when this machine has no Python new enough.
    django_6_1: Option<PathBuf>,
}

impl Pythons {
    fn prepare(workspace: &Workspace) -> Result<Self> {
        let parent = environments(workspace);
        let pins = workspace.root.join("tests/requirements");
        let django_5_2 = python::environment(
            &python::require(&PYTHON_FOR_DJANGO_5_2)?,
            &parent,
            "django-5.2",
            &[Wanted::Requirements(&pins.join("django-5.2.txt"))],
        )?;
        let newer = python::find(&PYTHON_FOR_DJANGO_6_1)?;
        if newer.is_none() {
            eprintln!(
                "xtask: WARNING: NOTHING IS TESTED WITH DJANGO 6.1: it needs Python 3.12 or 3.13, and none was \
                 found; install one, or name it in ESCALA_PYTHON"
            );
        }
        let pins_6_1 = pins.join("django-6.1.txt");
        let django_6_1 = newer
            .map(|python| {
                python::environment(&python, &parent, "django-6.1", &[Wanted::Requirements(&pins_6_1)])
            })
            .transpose()?;
        Ok(Self { django_5_2, django_6_1 })
    }

    fn each(&self) -> impl Iterator<Item = &Path> {
        [Some(&self.django_5_2), self.django_6_1.as_ref()].into_iter().flatten().map(PathBuf::as_path)
    }

    /// Where the newest Django that this machine can have keeps its own tests.
    fn django_suite(&self, workspace: &Workspace) -> Result<(String, PathBuf)> {
        let (python, django) = match &self.django_6_1 {
            Some(python) => (python, "6.1"),
            None => (&self.django_5_2, "5.2"),
        };
        Ok((bench::WORK.into(), bench::prepare_django_suite(workspace, python, django)?))
    }

    /// An empty value stands for a version that this machine cannot have: tests skip it. A missing variable is a
    /// mistake: tests fail.
    fn environment(&self) -> Environment {
        vec![
            ("ESCALA_TEST_PYTHON_52".into(), self.django_5_2.clone()),
            ("ESCALA_TEST_PYTHON_61".into(), self.django_6_1.clone().unwrap_or_default()),
        ]
    }
}

fn environments(workspace: &Workspace) -> PathBuf {
    workspace.target.join("test-env")
}

/// One environment for each public project under `tests/journeys/sites/`, by the project's directory name.
fn sites(workspace: &Workspace) -> Result<Environment> {
    let directory = workspace.root.join("tests/journeys/sites");
    let entries = fs::read_dir(&directory).with_context(|| format!("cannot list {}", directory.display()))?;
    let mut requirements: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path().join("requirements.txt")))
        .filter(|file| file.is_file())
        .collect();
    requirements.sort();
    let python = python::require(&PYTHON_FOR_SITES)?;
    let mut environment = Environment::new();
    for file in requirements {
        let Some(site) = file.parent().and_then(Path::file_name).and_then(|name| name.to_str()) else {
            continue;
        };
        let interpreter =
            python::environment(&python, &environments(workspace), site, &[Wanted::Requirements(&file)])?;
        environment.push((site_variable(site), interpreter));
    }
    Ok(environment)
}

/// `oscar` is told to the tests as `ESCALA_TEST_PYTHON_OSCAR`.
fn site_variable(site: &str) -> String {
    format!("ESCALA_TEST_PYTHON_{}", site.to_ascii_uppercase().replace('-', "_"))
}

fn agent_tests(workspace: &Workspace, built: &Built, python: &Path) -> Result<()> {
    program::run(
        python::command(python)
            .args(["-m", "unittest", "discover", "--start-directory", "python/tests"])
            .current_dir(&workspace.root)
            .env("PYTHONPATH", &built.agent_home)
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )
}

fn sample_tests(workspace: &Workspace, python: &Path) -> Result<()> {
    program::run(
        python::command(python)
            .args(["manage.py", "test", "--verbosity", "1"])
            .current_dir(workspace.root.join("samples/bookstore"))
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )
}

fn rust_tests(workspace: &Workspace, extent: Extent, environment: &Environment) -> Result<()> {
    let mut cargo = workspace.cargo();
    if program::on_path("cargo-nextest").is_some() {
        cargo.args(["nextest", "run"]);
    } else {
        cargo.args(["test", "--no-fail-fast"]);
    }
    cargo.arg("--workspace");
    if extent == Extent::Quick && workspace.has_member(JOURNEYS) {
        cargo.args(["--exclude", JOURNEYS]);
    }
    for (name, value) in environment {
        cargo.env(name, value);
    }
    python::forget_the_callers(&mut cargo);
    program::show(&mut cargo)
}

#[cfg(test)]
mod tests;
