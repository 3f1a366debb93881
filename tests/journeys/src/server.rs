//! A server under `escala run`, or bare, that dies with its test.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for a server to listen, and for it to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server.
pub struct Server {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Server {
    /// Starts `command` in `directory` and waits until something listens on `port`.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(mut command: Command, port: u16, log: &Path) -> Self {
        let output = File::create(log).expect("the log can be created");
        command.stdin(Stdio::null()).stderr(output.try_clone().expect("a file handle")).stdout(output);
        // A group of its own, so that what the server leaves behind can be found and ended.
        let child = command.process_group(0).spawn().expect("the command starts");
        let mut server = Self { child, port, log: log.to_owned() };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.child.try_wait().expect("the child can be asked");
            assert!(ended.is_none(), "the server ended: {}", server.log());
            assert!(started.elapsed() < PATIENCE, "nothing listens: {}", server.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// A loopback port that nobody listens on now.
    ///
    /// # Panics
    /// When there is none.
    pub fn free_port() -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener.local_addr().expect("an address").port()
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Process id of the command.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends a signal by name to the command alone.
    ///
    /// # Panics
    /// When there is no such signal.
    pub fn signal(&self, signal: &str) {
        kill(&["-s", signal, &self.child.id().to_string()]);
    }

    /// Waits for the command to end.
    ///
    /// # Panics
    /// When it does not.
    pub fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child can be asked") {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "the server goes on: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it as an operator would and returns its exit status.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        kill(&["-s", "KILL", "--", &format!("-{}", self.child.id())]);
        let _ = self.child.wait();
    }
}

fn kill(arguments: &[&str]) {
    let _ = Command::new("kill").args(arguments).stderr(Stdio::null()).status();
}
