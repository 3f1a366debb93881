//! A virtual environment of one test's own, with what another one has, and pip.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Says where an interpreter's packages go.
const PACKAGES: &str = "import sysconfig; print(sysconfig.get_path('purelib'))";

/// An environment that nobody else uses.
pub struct Environment {
    directory: TempDir,
}

impl Environment {
    /// A fresh environment in which Django and pip are those of the interpreter `python`; nothing is downloaded.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn like(python: &str) -> Self {
        let environment =
            Self { directory: TempDir::with_prefix("escala-venv-").expect("a temporary directory") };
        let directory = environment.path();
        succeed(Command::new(python).args(["-m", "venv", "--without-pip"]).arg(directory));
        let packages = succeed(Command::new(python).args(["-c", PACKAGES]));
        // A path line: what lies there can be imported, and is not in this environment.
        std::fs::write(environment.packages().join("theirs.pth"), packages).expect("a file can be written");
        environment
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Its interpreter.
    pub fn python(&self) -> PathBuf {
        self.path().join("bin/python")
    }

    /// Where its packages lie.
    ///
    /// # Panics
    /// When its interpreter does not say.
    pub fn packages(&self) -> PathBuf {
        succeed(Command::new(self.python()).args(["-c", PACKAGES])).trim().into()
    }

    /// Runs pip in it, without the network.
    ///
    /// # Panics
    /// When it fails.
    pub fn pip(&self, arguments: &[&str]) {
        succeed(
            Command::new(self.python())
                .args(["-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"])
                .args(arguments),
        );
    }

    /// Every file in it.
    ///
    /// # Panics
    /// When a directory cannot be read.
    pub fn files(&self) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        let mut waiting = vec![self.path().to_owned()];
        while let Some(directory) = waiting.pop() {
            for entry in std::fs::read_dir(directory).expect("a directory") {
                let entry = entry.expect("an entry");
                if entry.file_type().expect("a kind").is_dir() {
                    waiting.push(entry.path());
                } else {
                    files.insert(entry.path());
                }
            }
        }
        files
    }
}

/// Runs a command that must succeed; gives what it printed.
fn succeed(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the command starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}
