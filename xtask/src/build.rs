//! `cargo xtask build`: the binary, and beside it the agent that it loads into the app.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::program;
use crate::workspace::Workspace;

/// Name of the Python package, and of its directory both in the tree and beside the binary.
pub(crate) const PACKAGE: &str = "escala_agent";

/// Name under which Python imports the library: `abi3` tells it that any CPython 3.10 or later may.
const EXTENSION: &str = "_native.abi3.so";

/// How cargo compiles.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    Dev,
    Release,
    /// A release without symbols, to be shipped.
    Dist,
}

impl Profile {
    fn directory(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
            Self::Dist => "dist",
        }
    }

    fn flag(self) -> Option<&'static str> {
        match self {
            Self::Dev => None,
            Self::Release => Some("--profile=release"),
            Self::Dist => Some("--profile=dist"),
        }
    }
}

/// What a build gives.
pub(crate) struct Built {
    pub(crate) binary: PathBuf,
    /// The directory that contains the agent's Python package.
    pub(crate) agent_home: PathBuf,
}

/// Builds, and says where the binary is.
pub(crate) fn run(profile: Profile) -> Result<()> {
    let built = build(&Workspace::find()?, profile)?;
    println!("{}", built.binary.display());
    Ok(())
}

/// Builds the binary and the agent, and lays the agent out next to the binary, where the binary looks for it.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<Built> {
    eprintln!("xtask: building the binary and the agent");
    let cargo = || {
        let mut cargo = workspace.cargo();
        if let Profile::Dist = profile {
            cargo.env("CARGO_ENCODED_RUSTFLAGS", without_our_paths(&workspace.root));
        }
        cargo
    };
    program::run(cargo().args(["build", "--package", "escala"]).args(profile.flag()))?;
    let mut agent = cargo();
    agent.args(["rustc", "--package", "agent", "--lib"]).args(profile.flag());
    if cfg!(target_os = "macos") {
        // Python's symbols come from the process that loads the library; Apple's linker wants to be told.
        agent.args(["--", "-C", "link-arg=-undefined", "-C", "link-arg=dynamic_lookup"]);
    }
    program::run(&mut agent)?;

    let output = workspace.target.join(profile.directory());
    let agent_home = output.join("agent");
    let library =
        format!("{}escala_agent_native{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    lay_out(&workspace.root.join("python").join(PACKAGE), &output.join(library), &agent_home.join(PACKAGE))
        .context("cannot lay out the agent beside the binary")?;
    Ok(Built { binary: output.join("escala"), agent_home })
}

/// Flags by which what is shipped names its sources alike wherever it is built, and nothing of this machine.
fn without_our_paths(root: &Path) -> String {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let places = [Some((root.to_path_buf(), "escala")), home.map(|home| (home, "cargo"))];
    let flags = places.into_iter().flatten();
    let flags: Vec<_> =
        flags.map(|(place, name)| format!("--remap-path-prefix={}=/{name}", place.display())).collect();
    // As cargo separates them: a path may have spaces.
    flags.join("\x1f")
}

/// Makes `package` hold the Python files of `source` and the library, and nothing else.
fn lay_out(source: &Path, library: &Path, package: &Path) -> Result<()> {
    let mut wanted: BTreeSet<PathBuf> = BTreeSet::from([PathBuf::from(EXTENSION)]);
    for file in files_below(source)? {
        if file.extension().is_some_and(|extension| extension == "py") {
            update(&source.join(&file), &package.join(&file))?;
            wanted.insert(file);
        }
    }
    update(library, &package.join(EXTENSION))?;
    for file in files_below(package)? {
        if !wanted.contains(&file) {
            let stale = package.join(file);
            fs::remove_file(&stale).with_context(|| format!("cannot remove {}", stale.display()))?;
        }
    }
    Ok(())
}

/// Copies a file when its content differs. The new one takes the old one's place by renaming: a process that has
/// the old library mapped keeps it.
fn update(from: &Path, to: &Path) -> Result<()> {
    let new = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    match fs::read(to) {
        Ok(old) if old == new => return Ok(()),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot read {}", to.display()));
        }
        _ => {}
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    }
    let beside = to.with_extension("new");
    fs::write(&beside, new).with_context(|| format!("cannot write {}", beside.display()))?;
    fs::rename(&beside, to).with_context(|| format!("cannot write {}", to.display()))
}

/// Every file below a directory, relative to it, in order. Bytecode caches are Python's own business.
pub(crate) fn files_below(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(relative) = waiting.pop() {
        let absolute = directory.join(&relative);
        let entries =
            fs::read_dir(&absolute).with_context(|| format!("cannot list {}", absolute.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", absolute.display()))?;
            let path = relative.join(entry.file_name());
            if !entry.path().is_dir() {
                files.push(path);
            } else if entry.file_name() != "__pycache__" {
                waiting.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests;
