//! Where the agent's Python package and its native module lie.

use std::fs;
use std::path::{Path, PathBuf};

const PACKAGE: &str = "escala_agent";
const BOOTSTRAP: &str = "bootstrap/sitecustomize.py";
const NATIVE_MODULE: &str = "_native.abi3.so";

/// A directory that holds a complete agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentHome {
    directory: PathBuf,
}

/// Why no agent was found.
#[derive(Debug, thiserror::Error)]
pub enum AgentHomeError {
    /// None of the places has the package.
    #[error("Escala's agent is not installed beside the binary; looked in {}", list(.0))]
    Missing(Vec<PathBuf>),
    /// The package is there, but a part of it is not.
    #[error("Escala's agent in {} is incomplete: {missing} is missing", .directory.display())]
    Incomplete {
        /// The home that was tried.
        directory: PathBuf,
        /// The file, relative to the home.
        missing: String,
    },
}

impl AgentHome {
    /// Takes the first candidate that has the agent's package. One that has it only in part is an error: silently
    /// falling back to another build would run an agent that the user did not mean.
    pub fn find(candidates: &[PathBuf]) -> Result<Self, AgentHomeError> {
        let Some(directory) = candidates.iter().find(|directory| directory.join(PACKAGE).is_dir()) else {
            return Err(AgentHomeError::Missing(candidates.to_vec()));
        };
        // PYTHONPATH and the child's own changes of directory both need an absolute path.
        let directory = directory.canonicalize().unwrap_or_else(|_| directory.clone());
        for part in [BOOTSTRAP, NATIVE_MODULE] {
            if !directory.join(PACKAGE).join(part).is_file() {
                return Err(AgentHomeError::Incomplete { directory, missing: format!("{PACKAGE}/{part}") });
            }
        }
        Ok(Self { directory })
    }

    /// The program that replays requests in the project's own interpreter.
    pub fn replay(&self) -> PathBuf {
        self.directory.join(PACKAGE).join("replay")
    }

    /// The directory that holds the package.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The directory with `sitecustomize.py`, for the front of `PYTHONPATH`.
    pub(crate) fn bootstrap(&self) -> PathBuf {
        self.directory.join(PACKAGE).join("bootstrap")
    }
}

/// Homes of agents that pip installed below a prefix, as it does beside the binary at `<prefix>/bin/escala`. Those that
/// came with this very version stand first: one prefix may serve several versions of Python.
pub fn installed_homes(prefix: &Path, version: &str) -> Vec<PathBuf> {
    let came_with = format!("escala-{version}.dist-info");
    let mut homes = site_packages(prefix);
    // `pip install --target` puts packages and `bin` side by side.
    homes.push(prefix.to_owned());
    homes.retain(|directory| directory.join(PACKAGE).is_dir());
    homes.sort_by_key(|directory| !directory.join(&came_with).is_dir());
    homes
}

/// The directories below a prefix where packages may lie, the newest Python's first.
pub(crate) fn site_packages(prefix: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for library in ["lib", "lib64"] {
        let entries = fs::read_dir(prefix.join(library)).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let Some(version) = name.to_str().and_then(|name| name.strip_prefix("python3")) else { continue };
            let minor = version.strip_prefix('.').and_then(|minor| minor.parse::<u32>().ok());
            for packages in ["site-packages", "dist-packages"] {
                found.push((minor, entry.path().join(packages)));
            }
        }
    }
    found.retain(|(_, directory)| directory.is_dir());
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    found.into_iter().map(|(_, directory)| directory).collect()
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
