//! Stops the server and removes the copy of the site however the demo ends: well, with an error, by Ctrl-C, killed.
//!
//! The janitor is a process of its own, in a process group of its own so that Ctrl-C does not reach it. It holds the
//! reading end of a pipe whose other end only the demo has: when the demo is gone, for whatever reason, the pipe ends.
//! A signal handler in the demo itself could not see a `SIGKILL`.
//!
//! It also holds the lock on the directory, until it has cleaned it: no demo begins where another one still is.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead as _, BufReader, ErrorKind, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::program;

/// The argument that makes this program a janitor.
pub(crate) const COMMAND: &str = "demo-janitor";

/// How long a server may take to end by itself.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The word before the process id of a server that has started; an empty id says that it has ended.
const SERVER: &str = "server";

/// What a janitor says once the directory is its own, and what it says when another one has it.
const READY: &str = "ready";
const TAKEN: &str = "taken";

/// The demo's end of the pipe.
pub(super) struct Janitor {
    process: Child,
    /// None once the janitor has been sent off.
    orders: RefCell<Option<ChildStdin>>,
}

impl Janitor {
    /// Starts a janitor for a directory, which it will remove. There is only one at a time.
    pub(super) fn hire(directory: &Path) -> Result<Self> {
        let this_program = std::env::current_exe().context("this program cannot be found again")?;
        let mut command = Command::new(this_program);
        command.arg(COMMAND).arg(directory).stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut process = program::spawn(&mut command)?;
        let orders = RefCell::new(process.stdin.take());
        let answers = process.stdout.take().context("the janitor has no output")?;
        let janitor = Self { process, orders };
        let mut answer = String::new();
        BufReader::new(answers).read_line(&mut answer).context("the janitor does not answer")?;
        match answer.trim() {
            READY => Ok(janitor),
            TAKEN => bail!("another demo is running in {}: wait until it is over", directory.display()),
            _ => bail!("the demo cannot be cleaned up after"),
        }
    }

    pub(super) fn server_started(&self, process_id: u32) -> Result<()> {
        self.tell(&format!("{SERVER} {process_id}\n"))
    }

    pub(super) fn server_ended(&self) -> Result<()> {
        self.tell(&format!("{SERVER}\n"))
    }

    fn tell(&self, order: &str) -> Result<()> {
        let mut orders = self.orders.borrow_mut();
        let pipe = orders.as_mut().context("the janitor has been sent off")?;
        pipe.write_all(order.as_bytes()).context("the janitor is gone")
    }
}

impl Drop for Janitor {
    /// Ends the pipe, and waits until all is clean.
    fn drop(&mut self) {
        self.orders.take();
        if let Err(error) = self.process.wait() {
            eprintln!("xtask: the demo's janitor cannot be waited for: {error}");
        }
    }
}

/// The janitor's life.
pub(crate) fn clean_up_when_told(arguments: &[OsString]) -> Result<()> {
    let [directory] = arguments else { bail!("{COMMAND} is not meant to be called by hand") };
    let directory = PathBuf::from(directory);
    let Some(_lock) = lock(&directory.with_extension("lock"))? else {
        println!("{TAKEN}");
        return Ok(());
    };
    println!("{READY}");
    let mut server = None;
    for order in io::stdin().lock().lines() {
        // A pipe that breaks is a pipe that ends.
        let Ok(order) = order else { break };
        server = order.strip_prefix(SERVER).and_then(|id| id.trim().parse::<u32>().ok());
    }
    if let Some(process_id) = server {
        end(process_id)?;
    }
    remove(&directory)
}

/// The lock, for as long as the file is open; none while another process has it.
fn lock(path: &Path) -> Result<Option<File>> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))?;
    }
    let file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

/// Asks a process to end, and makes it.
fn end(process_id: u32) -> Result<()> {
    if !signal("TERM", process_id)? {
        return Ok(());
    }
    let start = Instant::now();
    while signal("0", process_id)? {
        if start.elapsed() > PATIENCE {
            signal("KILL", process_id)?;
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Sends a signal with the shell's own `kill`, which every system has. False when there is no such process.
pub(super) fn signal(name: &str, process_id: u32) -> Result<bool> {
    let script = format!("kill -{name} {process_id}");
    Ok(program::output(Command::new("sh").args(["-c", &script]))?.status.success())
}

/// Removes a directory that may not be there.
pub(super) fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", directory.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
