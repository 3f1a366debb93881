//! Looking at the command before anything starts, so that a mistake costs nothing and says what it is.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::installation;
use crate::interpreter::{Blocked, BlockingFlag, blocked, blocked_script};
use crate::limits::SHEBANG_BYTES_MAX;

/// Where `execvp` looks when `PATH` is not set.
const DEFAULT_SEARCH_PATH: &str = "/bin:/usr/bin";

/// Why a command is not started.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Nothing to run.
    #[error("there is no command to run")]
    Empty,
    /// No such program.
    #[error("{0}: command not found")]
    NotFound(String),
    /// There is a file of that name, which cannot be executed.
    #[error("{0}: not an executable file")]
    NotExecutable(String),
    /// Python is told to ignore what carries the agent in.
    #[error("{program} is run with {}, which {}: Escala's agent would not be loaded", .flag.as_str(), .flag.consequence())]
    Blocked {
        /// The program, or the script whose `#!` line has the option.
        program: String,
        /// The option.
        flag: BlockingFlag,
    },
}

/// Checks that the command can be started and can load the agent.
pub(crate) fn check(command: &[OsString], search_path: Option<&OsStr>) -> Result<(), CommandError> {
    let program = command.first().ok_or(CommandError::Empty)?;
    let path = find_program(program, search_path)?;
    let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
    if let Some(found) = blocked(words.iter().map(AsRef::as_ref)) {
        refuse(&found, program.display().to_string(), search_path)?;
    }
    blocked_script(&read_start(&path))
        .map_or(Ok(()), |found| refuse(&found, path.display().to_string(), search_path))
}

/// Refuses a blocked interpreter, unless the agent lies in its own site-packages: those, only `-S` leaves out.
fn refuse(found: &Blocked, program: String, search_path: Option<&OsStr>) -> Result<(), CommandError> {
    let is_reached = || {
        find_program(OsStr::new(&found.interpreter), search_path)
            .is_ok_and(|path| installation::reaches(&path))
    };
    if found.flag != BlockingFlag::NoSite && is_reached() {
        return Ok(());
    }
    Err(CommandError::Blocked { program, flag: found.flag })
}

/// The file that `execvp` would start.
fn find_program(program: &OsStr, search_path: Option<&OsStr>) -> Result<PathBuf, CommandError> {
    let name = || program.display().to_string();
    if program.as_encoded_bytes().contains(&b'/') {
        return match candidate(Path::new(program)) {
            Candidate::Executable => Ok(program.into()),
            Candidate::Other => Err(CommandError::NotExecutable(name())),
            Candidate::Absent => Err(CommandError::NotFound(name())),
        };
    }
    let mut other = None;
    for directory in std::env::split_paths(search_path.unwrap_or(OsStr::new(DEFAULT_SEARCH_PATH))) {
        // An empty entry stands for the current directory.
        let path = if directory.as_os_str().is_empty() {
            Path::new(".").join(program)
        } else {
            directory.join(program)
        };
        match candidate(&path) {
            Candidate::Executable if !program.is_empty() => return Ok(path),
            Candidate::Other if path.is_file() => other = other.or(Some(path)),
            _ => {}
        }
    }
    Err(other.map_or_else(
        || CommandError::NotFound(name()),
        |path| CommandError::NotExecutable(path.display().to_string()),
    ))
}

enum Candidate {
    Executable,
    Other,
    Absent,
}

fn candidate(path: &Path) -> Candidate {
    match path.metadata() {
        Err(_) => Candidate::Absent,
        Ok(metadata) if metadata.is_file() && access(path, Access::EXEC_OK).is_ok() => Candidate::Executable,
        Ok(_) => Candidate::Other,
    }
}

/// The first bytes of a program; a program that may be run but not read has no `#!` line that we could judge.
fn read_start(path: &Path) -> Vec<u8> {
    let mut start = Vec::new();
    if let Ok(file) = File::open(path) {
        let _ = file.take(SHEBANG_BYTES_MAX).read_to_end(&mut start);
    }
    start
}

#[cfg(test)]
mod tests;
