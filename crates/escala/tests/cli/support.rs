//! A project in a temporary directory, and the binary run in it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use observation::frame::Frame;
use observation::{Process, Transaction};

/// Longest wait for anything; far beyond what a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A directory with a project, and an agent that is complete in name only.
pub(crate) struct Project {
    directory: tempfile::TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        let project = Self { directory: tempfile::tempdir().unwrap() };
        project.write("agent/escala_agent/bootstrap/sitecustomize.py", "");
        project.write("agent/escala_agent/_native.abi3.so", "");
        fs::create_dir(project.root()).unwrap();
        project
    }

    /// The current directory of every command.
    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().join("site")
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.root().join(".escala")
    }

    /// Writes a file, relative to the directory around the project.
    pub(crate) fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Writes a program that the commands find on their `PATH`.
    pub(crate) fn program(&self, name: &str, text: &str) {
        let path = self.write(&format!("bin/{name}"), text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The binary, ready to be given arguments.
    pub(crate) fn escala(&self, arguments: &[&str]) -> Command {
        self.escala_in(&self.root(), arguments)
    }

    pub(crate) fn escala_in(&self, directory: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_escala"));
        let bin = self.directory.path().join("bin");
        command
            .args(arguments)
            .current_dir(directory)
            .env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
            .env("ESCALA_AGENT_HOME", self.directory.path().join("agent"))
            .env("NO_COLOR", "1")
            .env_remove("PYTHONPATH")
            .env_remove("VIRTUAL_ENV")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.escala(arguments).output().unwrap())
    }

    /// `escala run -- sh -c SCRIPT`, without a dashboard: what it says differs from run to run.
    pub(crate) fn run_shell(&self, script: &str) -> Ended {
        self.run(&["run", "--dashboard", "off", "--", "sh", "-c", script])
    }

    /// Starts the same, and waits until the script has made the file `ready`.
    pub(crate) fn start_shell(&self, script: &str) -> Running {
        let mut command = self.escala(&["run", "--dashboard", "off", "--", "sh", "-c", script]);
        // A group of its own, as a shell gives to every job.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let running = Running { child: Some(child) };
        self.wait_for("ready");
        running
    }

    /// Waits for a file in the project; gives its text.
    pub(crate) fn wait_for(&self, name: &str) -> String {
        let path = self.root().join(name);
        wait_until(&format!("the file {name}"), || path.exists());
        fs::read_to_string(path).unwrap()
    }
}

/// Sends transactions as an agent would. The script must have written the socket's path as the file `ready`.
pub(crate) fn send(socket: &Path, process: Process, transactions: Vec<Transaction>) {
    let mut bytes = Frame::Process(process).encode(Vec::new());
    for transaction in transactions {
        bytes = Frame::Transaction { dropped_before: 0, transaction: Box::new(transaction) }.encode(bytes);
    }
    UnixStream::connect(socket).unwrap().write_all(&bytes).unwrap();
}

pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A run that goes on; killed when dropped.
pub(crate) struct Running {
    child: Option<Child>,
}

impl Running {
    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.child.as_ref().unwrap().id()).unwrap()
    }

    pub(crate) fn wait(mut self) -> Ended {
        Ended::of(self.child.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A run that is over.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            status: output.status,
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Asserts the exit code and everything on standard error.
    #[track_caller]
    pub(crate) fn expect(self, code: i32, stderr: &str) -> Self {
        assert_eq!((self.status.code(), self.stderr.as_str()), (Some(code), stderr));
        self
    }
}
