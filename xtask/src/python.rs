//! Python interpreters on this machine, and virtual environments made from them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{debian, program};

/// Overrides the search.
const OVERRIDE: &str = "ESCALA_PYTHON";

/// The file whose presence says that an environment was finished; one without it is made anew.
const FINISHED: &str = "finished";

/// Says what an interpreter is, on one line.
const PROBE: &str = "import importlib.util, sys; \
    print(*sys.version_info[:3], int(importlib.util.find_spec('ensurepip') is not None), sys.implementation.name)";

/// Variables that would make an interpreter see more than its own environment and what we tell it.
const FOREIGN_VARIABLES: [&str; 5] =
    ["PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "DJANGO_SETTINGS_MODULE", "DATABASE_URL"];

/// A minor version of Python 3.
pub(crate) type Minor = u32;

/// An interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Python {
    pub(crate) program: PathBuf,
    pub(crate) minor: Minor,
    patch: u32,
    /// Whether `python -m venv` can put pip into an environment; Debian packs that apart.
    makes_environments: bool,
}

/// A CPython 3 of one of these minor versions, the first being the most welcome.
pub(crate) fn find(welcome: &[Minor]) -> Result<Option<Python>> {
    match named()? {
        Some(python) => Ok(welcome.contains(&python.minor).then_some(python)),
        None => Ok(choose(candidates(welcome).iter().filter_map(|program| probe(program)), welcome)),
    }
}

/// The same, with an error that says what to install.
pub(crate) fn require(welcome: &[Minor]) -> Result<Python> {
    if let Some(python) = find(welcome)? {
        return Ok(python);
    }
    let oldest = welcome.iter().min().copied().unwrap_or_default();
    match named()? {
        Some(python) => bail!("{OVERRIDE} names a Python 3.{}: this needs 3.{oldest} or newer", python.minor),
        None => bail!(
            "no CPython 3.{oldest} or newer was found: install one (on Debian the packages are `python3` and \
             `python3-venv`), or name it in {OVERRIDE}"
        ),
    }
}

/// The interpreter that the person insists on.
fn named() -> Result<Option<Python>> {
    let Some(program) = std::env::var_os(OVERRIDE).map(PathBuf::from) else { return Ok(None) };
    let python = probe(&program);
    python.map(Some).with_context(|| format!("{OVERRIDE} names {}, which is no CPython 3", program.display()))
}

/// The most welcome interpreter; among equals the one that can make environments.
fn choose(found: impl Iterator<Item = Python>, welcome: &[Minor]) -> Option<Python> {
    found.filter(|python| welcome.contains(&python.minor)).min_by_key(|python| {
        let rank = welcome.iter().position(|minor| *minor == python.minor);
        (!python.makes_environments, rank)
    })
}

/// Files that may be interpreters: by versioned and plain names on PATH, then those that pyenv keeps off it.
fn candidates(welcome: &[Minor]) -> Vec<PathBuf> {
    let names =
        welcome.iter().map(|minor| format!("python3.{minor}")).chain(["python3".into(), "python".into()]);
    let mut programs: Vec<PathBuf> = names.filter_map(|name| program::on_path(&name)).collect();
    let pyenv = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".pyenv")));
    if let Some(versions) = pyenv.and_then(|root| fs::read_dir(root.join("versions")).ok()) {
        let mut kept: Vec<PathBuf> =
            versions.filter_map(|entry| Some(entry.ok()?.path().join("bin/python"))).collect();
        kept.sort();
        programs.extend(kept);
    }
    programs
}

/// What an interpreter says of itself; none when it does not run, as a pyenv shim without a version does not.
fn probe(program: &Path) -> Option<Python> {
    let output = program::output(command(program).args(["-c", PROBE])).ok()?;
    parse_probe(program, std::str::from_utf8(&output.stdout).ok()?)
}

fn parse_probe(program: &Path, answer: &str) -> Option<Python> {
    let mut words = answer.split_whitespace();
    let mut number = || words.next()?.parse::<u32>().ok();
    let (major, minor, patch, ensurepip) = (number()?, number()?, number()?, number()?);
    (major == 3 && words.next() == Some("cpython")).then(|| Python {
        program: program.to_path_buf(),
        minor,
        patch,
        makes_environments: ensurepip == 1,
    })
}

/// An interpreter ready to be given arguments, with no trace of the environment that the person may be in.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    forget_the_callers(&mut command);
    command
}

/// Takes out of a command's environment what the caller set up for a Python project of their own.
pub(crate) fn forget_the_callers(command: &mut Command) {
    for variable in FOREIGN_VARIABLES {
        command.env_remove(variable);
    }
}

/// What goes into an environment: pip's own options for files.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// Install what this file lists.
    Requirements(&'a Path),
    /// Whatever is installed must be of the version in this file.
    Constraints(&'a Path),
}

/// The interpreter of an environment that has these packages, made if it is not there yet.
///
/// The directory's name ends in a hash of the interpreter and the files, so a changed pin makes another environment
/// and an unchanged one needs no network.
pub(crate) fn environment(
    python: &Python,
    parent: &Path,
    name: &str,
    wanted: &[Wanted<'_>],
) -> Result<PathBuf> {
    let directory = parent.join(format!("{name}-{}", key(python, wanted)?));
    let interpreter = directory.join("bin/python");
    if directory.join(FINISHED).is_file() {
        return Ok(interpreter);
    }
    eprintln!("xtask: making the Python environment `{name}` with Python 3.{}", python.minor);
    if !python.makes_environments {
        debian::install(
            &format!("python3.{}-venv", python.minor),
            &format!("{} has no `ensurepip` to make environments with", python.program.display()),
        )?;
    }
    if directory.exists() {
        fs::remove_dir_all(&directory).with_context(|| format!("cannot remove {}", directory.display()))?;
    }
    fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    program::run(command(&python.program).args(["-m", "venv"]).arg(&directory))?;
    let mut pip = command(&interpreter);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    for file in wanted {
        match file {
            Wanted::Requirements(file) => pip.arg("--requirement").arg(file),
            Wanted::Constraints(file) => pip.arg("--constraint").arg(file),
        };
    }
    // A campaign may need nothing but Python, and pip refuses to install nothing.
    if !wanted.is_empty() {
        program::run(&mut pip)
            .context("Python packages cannot be installed; the first time this needs the network")?;
    }
    fs::write(directory.join(FINISHED), "").context("an environment cannot be marked as finished")?;
    Ok(interpreter)
}

fn key(python: &Python, wanted: &[Wanted<'_>]) -> Result<String> {
    let mut hash = Fnv::default();
    hash.add(python.program.as_os_str().as_encoded_bytes());
    hash.add(format!("3.{}.{}", python.minor, python.patch).as_bytes());
    for file in wanted {
        let (role, path) = match file {
            Wanted::Requirements(path) => ("requirements", path),
            Wanted::Constraints(path) => ("constraints", path),
        };
        hash.add(role.as_bytes());
        hash.add(&fs::read(path).with_context(|| format!("cannot read {}", path.display()))?);
    }
    Ok(format!("{:016x}", hash.0))
}

/// FNV-1a over length-prefixed parts: a name for a directory, not a defence. The standard library's hasher may change
/// with the toolchain, and every environment with it.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, part: &[u8]) {
        for byte in (part.len() as u64).to_le_bytes().iter().chain(part) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests;
