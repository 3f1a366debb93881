//! The Python environment that the agent is to be put into, as its own interpreter describes it.

use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Asked of the interpreter: where packages go, whether it is the operating system's (PEP 668), and what it is. The
/// syntax is that of every Python 3.
const PROBE: &str = r#"
import os, sys, sysconfig
managed = os.path.exists(os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED"))
answers = [
    sysconfig.get_path("purelib"),
    str(int(managed and sys.prefix == sys.base_prefix)),
    "%d.%d" % sys.version_info[:2],
    str(int(sys.version_info >= (3, 10))),
    sys.implementation.name + getattr(sys, "abiflags", "").replace("d", ""),
]
sys.stdout.buffer.write(b"\0".join(os.fsencode(answer) for answer in answers))
"#;

/// A virtual environment, or an interpreter without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonEnvironment {
    site_packages: PathBuf,
    is_externally_managed: bool,
}

/// Why an environment cannot have the agent.
#[derive(Debug, thiserror::Error)]
pub enum PythonEnvironmentError {
    /// The interpreter did not start.
    #[error("cannot run {}", .program.display())]
    Start {
        /// The interpreter.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not Python 3, or it is broken.
    #[error("{} does not answer as a Python 3 does", .0.display())]
    NotPython(PathBuf),
    /// The agent does not run in it.
    #[error("{} is {what}, and the agent needs CPython 3.10 or newer with its global lock", .program.display())]
    Unsupported {
        /// The interpreter.
        program: PathBuf,
        /// What it is.
        what: String,
    },
}

impl PythonEnvironment {
    /// Asks an interpreter.
    pub fn of(program: &Path) -> Result<Self, PythonEnvironmentError> {
        let output = Command::new(program)
            .args(["-I", "-c", PROBE])
            .stdin(Stdio::null())
            .output()
            .map_err(|source| PythonEnvironmentError::Start { program: program.to_owned(), source })?;
        if !output.status.success() {
            return Err(PythonEnvironmentError::NotPython(program.to_owned()));
        }
        Self::from_answers(program, &output.stdout)
    }

    fn from_answers(program: &Path, answers: &[u8]) -> Result<Self, PythonEnvironmentError> {
        let not_python = || PythonEnvironmentError::NotPython(program.to_owned());
        let [site_packages, managed, version, is_new_enough, kind] =
            <[&[u8]; 5]>::try_from(answers.split(|&byte| byte == 0).collect::<Vec<_>>())
                .map_err(|_| not_python())?;
        if !site_packages.starts_with(b"/") {
            return Err(not_python());
        }
        if is_new_enough != b"1" || kind != b"cpython" {
            let version = String::from_utf8_lossy(version);
            let what = match kind {
                b"cpython" => format!("Python {version}"),
                b"cpythont" => format!("a free-threaded Python {version}"),
                other => format!("{} {version}", String::from_utf8_lossy(other)),
            };
            return Err(PythonEnvironmentError::Unsupported { program: program.to_owned(), what });
        }
        Ok(Self {
            site_packages: std::ffi::OsString::from_vec(site_packages.to_vec()).into(),
            is_externally_managed: managed == b"1",
        })
    }

    /// Where its packages lie.
    pub fn site_packages(&self) -> &Path {
        &self.site_packages
    }

    /// Whether the operating system asks to leave it alone (PEP 668). A virtual environment never is.
    pub(crate) fn is_externally_managed(&self) -> bool {
        self.is_externally_managed
    }

    #[cfg(test)]
    pub(crate) fn at(site_packages: &Path, is_externally_managed: bool) -> Self {
        Self { site_packages: site_packages.to_owned(), is_externally_managed }
    }
}

#[cfg(test)]
mod tests;
