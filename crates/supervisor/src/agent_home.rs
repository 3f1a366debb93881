//! Where the agent's Python package and its native module lie.

use std::path::PathBuf;

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

    /// The directory with `sitecustomize.py`, for the front of `PYTHONPATH`.
    pub(crate) fn bootstrap(&self) -> PathBuf {
        self.directory.join(PACKAGE).join("bootstrap")
    }
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
