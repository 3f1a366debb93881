//! `cargo xtask dist`: one wheel, `escala`, with the binary as a script and the agent as a package.
//!
//! The wheel format is small: a zip archive, three metadata files, a name that says where it runs. What decides is
//! pure (`elf` reads what the binaries need, `platform` names it, `wheel` gives the archive's bytes); this file reads
//! and writes.

mod elf;
mod platform;
mod wheel;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::build::{self, Built, PACKAGE, Profile};
use crate::workspace::Workspace;
use wheel::{Entry, Wheel};

/// Name of the distribution, of the binary's package, and of the command.
const NAME: &str = "escala";

/// Builds what is shipped, and packs it.
pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::find()?;
    let built = build::build(&workspace, Profile::Dist)?;
    let wheel = pack(&workspace, &built, &workspace.target.join("dist"))?;
    let bytes = fs::metadata(&wheel).map(|metadata| metadata.len()).unwrap_or_default();
    eprintln!("xtask: the wheel is {:.1} MB", bytes as f64 / 1e6);
    println!("{}", wheel.display());
    Ok(())
}

/// Packs a build into a wheel in `directory`, and says where it is.
pub(crate) fn pack(workspace: &Workspace, built: &Built, directory: &Path) -> Result<PathBuf> {
    if !cfg!(target_os = "linux") {
        bail!("wheels are made for Linux only so far: on this system, use `cargo xtask build --release`");
    }
    let packages = workspace.metadata.workspace_packages();
    let package = packages.iter().find(|package| package.name.as_str() == NAME);
    let version = package.context("the workspace has no package `escala`")?.version.to_string();

    let binary = read(&built.binary)?;
    let mut needs = elf::needs(&binary).with_context(|| built.binary.display().to_string())?;
    let mut files = Vec::new();
    for file in build::files_below(&built.agent_home.join(PACKAGE))? {
        let path = Path::new(PACKAGE).join(&file);
        let bytes = read(&built.agent_home.join(&path))?;
        if file.extension().is_some_and(|extension| extension == "so") {
            needs.merge(elf::needs(&bytes).with_context(|| path.display().to_string())?);
        }
        files.push(Entry::new(path.display().to_string(), bytes));
    }
    let mut licences = Vec::new();
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        licences.push((name, read(&workspace.root.join(name))?));
    }
    let wheel = Wheel {
        name: NAME,
        version: &version,
        tag: &format!("cp310-abi3-{}", platform::tag(&needs, std::env::consts::ARCH)?),
        description: &fs::read_to_string(workspace.root.join("README.md"))
            .context("cannot read README.md")?,
        licences,
        script: Entry::new(NAME.to_owned(), binary),
        files,
    };
    fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    let path = directory.join(wheel.file_name());
    fs::write(&path, wheel.into_bytes()?).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
