//! The site's server, running under `escala run`.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::http::Client;
use super::janitor::{self, Janitor};
use crate::program;

/// How long a server may take until it answers.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// Lines of the server's log that are shown when it fails.
const LOG_LINES_SHOWN: usize = 15;

/// A page that needs no database.
const HEALTH: &str = "/health/";

/// A running server. Dropping it stops it.
pub(super) struct Server<'a> {
    process: Child,
    port: u16,
    log: PathBuf,
    janitor: &'a Janitor,
}

impl<'a> Server<'a> {
    /// Starts the command, which serves on `port`, and waits until it answers. What it prints goes to `log`.
    pub(super) fn start(mut command: Command, port: u16, log: &Path, janitor: &'a Janitor) -> Result<Self> {
        let output = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
        let same_output = output.try_clone().context("cannot share the server's log")?;
        command.stdin(Stdio::null()).stdout(output).stderr(same_output);
        let process = program::spawn(&mut command)?;
        let mut server = Self { process, port, log: log.to_path_buf(), janitor };
        janitor.server_started(server.process.id())?;
        server.wait_until_it_answers()?;
        Ok(server)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().context("the server cannot be waited for")? {
                bail!("the server ended before it answered ({status}):\n{}", self.end_of_log());
            }
            if Client::new(self.port).get(HEALTH).is_ok_and(|response| response.status == 200) {
                return Ok(());
            }
            if start.elapsed() > START_PATIENCE {
                bail!("the server does not answer:\n{}", self.end_of_log());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops it as a process manager would, and repeats what Escala said at the end.
    pub(super) fn stop(&mut self) -> Result<()> {
        let status = self.terminate()?;
        self.janitor.server_ended()?;
        self.repeat_what_escala_said(status)
    }

    /// Asks it to end, and makes it when it does not.
    fn terminate(&mut self) -> Result<ExitStatus> {
        janitor::signal("TERM", self.process.id())?;
        let start = Instant::now();
        while start.elapsed() < janitor::PATIENCE {
            if let Some(status) = self.process.try_wait().context("the server cannot be waited for")? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.process.kill().context("the server cannot be killed")?;
        let _ = self.process.wait();
        bail!("the server does not stop when it is told to:\n{}", self.end_of_log());
    }

    fn repeat_what_escala_said(&self, status: ExitStatus) -> Result<()> {
        let log = self.read_log();
        let mut said = log.lines().filter(|line| line.starts_with("escala:")).peekable();
        if said.peek().is_none() {
            bail!("`escala run` ended without a summary ({status}):\n{}", self.end_of_log());
        }
        said.for_each(|line| eprintln!("{line}"));
        Ok(())
    }

    fn end_of_log(&self) -> String {
        let log = self.read_log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
    }

    /// The log as far as it can be read: it is only ever shown.
    fn read_log(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None))
            && let Err(error) = self.terminate()
        {
            eprintln!("xtask: {error:#}");
        }
    }
}

/// A port of the loopback interface that nobody listens on.
pub(super) fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("the loopback interface has no free port")?;
    Ok(listener.local_addr().context("the loopback interface has no free port")?.port())
}
