//! `cargo xtask bench NAME`: the campaigns that are too long for `cargo xtask test`.
//!
//! A campaign is a directory `benchsuite/NAME` with a `run.py`: Python, since what it drives is Python's (Django, its
//! servers, the peers). It runs in an environment of its own, made from the `requirements.txt` beside it, and is told
//! where a release build of Escala is. What it measured stays in `results/`. What several campaigns share lies in
//! `benchsuite/shared`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::build::{self, Profile};
use crate::program;
use crate::python::{self, Minor, Wanted};
use crate::test::postgres;
use crate::workspace::Workspace;

/// Newest first: campaigns measure the newest Django, which refuses older ones.
const PYTHON: [Minor; 3] = [13, 12, 11];

const DIRECTORY: &str = "benchsuite";
const ENTRY: &str = "run.py";

/// Tells a campaign where it may keep what it made: environments and downloads, never results.
pub(crate) const WORK: &str = "ESCALA_BENCH_WORK";

/// Django's own test suite, of which the journeys run a part.
const DJANGO_SUITE: &str = "django-suite";

/// Runs a campaign with the person's own arguments.
pub(crate) fn run(name: &str, arguments: &[OsString]) -> Result<()> {
    let workspace = Workspace::find()?;
    let names = names(&workspace.root.join(DIRECTORY))?;
    if !names.iter().any(|known| known == name) {
        bail!("there is no campaign `{name}`; there are: {}", names.join(", "));
    }
    let directory = workspace.root.join(DIRECTORY).join(name);
    let python = python::require(&PYTHON)?;
    let requirements = directory.join("requirements.txt");
    let wanted = [Wanted::Requirements(&requirements)];
    let wanted = if requirements.is_file() { &wanted[..] } else { &[] };
    let interpreter = python::environment(&python, &workspace.target.join("bench-env"), name, wanted)?;
    let built = build::build(&workspace, Profile::Release)?;
    program::show(
        python::command(&interpreter)
            .arg(directory.join(ENTRY))
            .args(arguments)
            .current_dir(&directory)
            .env("ESCALA_BIN", built.binary)
            .env("ESCALA_AGENT_HOME", built.agent_home)
            .env("ESCALA_TEST_PG_BIN", postgres::programs()?)
            .env(WORK, work(&workspace, name))
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )
}

/// Makes what a run of Django's own test suite needs from the network, and says where.
pub(crate) fn prepare_django_suite(workspace: &Workspace, python: &Path, django: &str) -> Result<PathBuf> {
    let work = work(workspace, DJANGO_SUITE);
    program::run(
        python::command(python)
            .arg(workspace.root.join(DIRECTORY).join(DJANGO_SUITE).join(ENTRY))
            .args(["--prepare", "--django", django])
            .env(WORK, &work)
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    )?;
    Ok(work)
}

fn work(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target.join("bench").join(name)
}

/// The campaigns that exist, in order.
fn names(parent: &Path) -> Result<Vec<String>> {
    let entries = std::fs::read_dir(parent).with_context(|| format!("cannot list {}", parent.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join(ENTRY).is_file())
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}
