//! Putting the agent into a Python environment, for servers that `PYTHONPATH` does not reach.
//!
//! Three small files in site-packages: a module that starts the agent, and the two ways in which Python can be told to
//! call it when an interpreter starts: `.pth` before Python 3.15, `.start` from then on (PEP 829). They are inert unless
//! `escala run` records. Nothing is ever written over, or removed, that Escala did not write.

mod environment;
mod files;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use environment::{PythonEnvironment, PythonEnvironmentError};

use crate::agent_home::AgentHome;
use crate::limits::STARTUP_FILE_BYTES_MAX;
use files::{FILES, MARK, MODULE, contents};

/// Why the agent was not installed, or not removed.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// The operating system's own Python.
    #[error(
        "the Python of {} belongs to the operating system, which asks to leave it alone",
        .0.display()
    )]
    ExternallyManaged(PathBuf),
    /// A file with our name and somebody else's content.
    #[error("{} was not written by Escala, so it is left as it is", .0.display())]
    Foreign(PathBuf),
    /// A path that a Python string in UTF-8 cannot hold.
    #[error("{} is not UTF-8, so Python cannot be told of it", .0.display())]
    NotText(PathBuf),
    /// The system refused.
    #[error("cannot change {}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What an environment has of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installed {
    /// Nothing.
    Not,
    /// Files of another build, another store, or not all of them.
    Otherwise,
    /// Just what [`install`] would write.
    AsAsked,
}

/// Looks whether the agent in `home`, recording into the store, is installed.
pub fn installed(
    environment: &PythonEnvironment,
    home: &AgentHome,
    store_dir: &Path,
) -> Result<Installed, InstallationError> {
    let mut found = 0;
    let mut as_asked = true;
    for (name, text) in contents(home, store_dir)? {
        let known = read(&environment.site_packages().join(name))?;
        found += usize::from(known.is_some());
        as_asked &= known.as_deref() == Some(text.as_str());
    }
    Ok(match found {
        0 => Installed::Not,
        _ if as_asked => Installed::AsAsked,
        _ => Installed::Otherwise,
    })
}

/// Writes the files; gives what was there before. Doing it again changes nothing.
pub fn install(
    environment: &PythonEnvironment,
    home: &AgentHome,
    store_dir: &Path,
    break_system_packages: bool,
) -> Result<Installed, InstallationError> {
    if environment.is_externally_managed() && !break_system_packages {
        return Err(InstallationError::ExternallyManaged(environment.site_packages().to_owned()));
    }
    // Also finds foreign files, before the first one is written.
    let before = installed(environment, home, store_dir)?;
    if before == Installed::AsAsked {
        return Ok(before);
    }
    for (name, text) in contents(home, store_dir)? {
        let path = environment.site_packages().join(name);
        let beside = environment.site_packages().join(format!("{name}.escala-new"));
        fs::write(&beside, text)
            .and_then(|()| fs::rename(&beside, &path))
            .map_err(|source| InstallationError::Io { path, source })?;
    }
    Ok(before)
}

/// Removes the files; says whether there were any.
pub fn uninstall(environment: &PythonEnvironment) -> Result<bool, InstallationError> {
    let mut ours = Vec::new();
    for name in FILES {
        let path = environment.site_packages().join(name);
        if read(&path)?.is_some() {
            ours.push(path);
        }
    }
    // Last what the others call: interrupted in between, no interpreter meets an error.
    for path in &ours {
        fs::remove_file(path).map_err(|source| InstallationError::Io { path: path.clone(), source })?;
    }
    remove_bytecode(&environment.site_packages().join("__pycache__"));
    Ok(!ours.is_empty())
}

/// The text of a file of ours; none when there is no such file.
fn read(path: &Path) -> Result<Option<String>, InstallationError> {
    let failed = |source| InstallationError::Io { path: path.to_owned(), source };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
        Ok(status) if !status.is_file() || status.len() > STARTUP_FILE_BYTES_MAX => {
            return Err(InstallationError::Foreign(path.to_owned()));
        }
        Ok(_) => {}
    }
    let text = String::from_utf8(fs::read(path).map_err(failed)?).unwrap_or_default();
    if text.starts_with(MARK) { Ok(Some(text)) } else { Err(InstallationError::Foreign(path.to_owned())) }
}

/// What Python compiled of the module. It is nobody's error when it cannot be removed.
fn remove_bytecode(directory: &Path) {
    let stem = format!("{}.", MODULE.trim_end_matches(".py"));
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(stem.as_bytes()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether the interpreter at this path, by the places where its environment's packages lie, has the agent installed.
/// Nothing is run.
pub(crate) fn reaches(interpreter: &Path) -> bool {
    interpreter.parent().and_then(Path::parent).is_some_and(|prefix| {
        crate::agent_home::site_packages(prefix)
            .iter()
            .any(|directory| matches!(read(&directory.join(MODULE)), Ok(Some(_))))
    })
}

#[cfg(test)]
mod tests;
