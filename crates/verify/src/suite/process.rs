//! One run of the command, from its start to the end of everything that it started.
//!
//! The command gets a process group of its own, so that all of it can be ended; Ctrl-C therefore does not reach it, and
//! neither would our death. So a second process stands by, in a group of its own too: when its standard input closes, also
//! because we are killed, it ends the command and sweeps up.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::limits::TEST_GRACE_TIME_MAX;
use crate::worker::keep_end;

/// Between two looks at the command.
const TICK: Duration = Duration::from_millis(20);

/// Watches over one process group after the other, and ends the one that runs as it is told. When nobody is left to
/// tell, it ends that group by itself, and removes the directory `$0`. An interrupt lets a test runner take down its
/// database, for which it has five seconds.
const GUARD: &str = r#"
group=
while read -r word id; do
    case $word in
    watch) group=$id ;;
    *) kill -s "$word" -- "-$group" ;;
    esac
done
if [ -n "$group" ]; then
    kill -s INT -- "-$group"
    tries=50
    while [ $tries -gt 0 ] && kill -s 0 -- "-$group"; do
        sleep 0.1
        tries=$((tries - 1))
    done
    kill -s KILL -- "-$group"
fi
rm -rf -- "$0"
"#;

/// What to start, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Invocation<'a> {
    /// The command, for a shell.
    pub(crate) command: &'a str,
    /// Where it runs.
    pub(crate) working_directory: &'a Path,
    /// The directory with the `sitecustomize` that observes.
    pub(crate) bootstrap: &'a Path,
    /// The user's `PYTHONPATH`.
    pub(crate) python_path: Option<&'a OsStr>,
    /// The run's directory.
    pub(crate) directory: &'a Path,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With success.
    Success,
    /// With this exit status, or none for a signal, and why, as far as it said.
    Failure { code: Option<i32>, reason: String },
    /// Not, within this time.
    TimedOut(Duration),
}

/// Runs the command, until it is over or the time is.
pub(crate) fn run(invocation: Invocation<'_>, limit: Duration, guard: &mut Guard) -> io::Result<Ending> {
    let mut child = command(invocation).spawn()?;
    guard.watch(Some(&child));
    let output = Arc::new(Mutex::new(Vec::new()));
    let errors = Arc::new(Mutex::new(Vec::new()));
    if let Some(pipe) = child.stdout.take() {
        let kept = Arc::clone(&output);
        thread::spawn(move || keep_end(pipe, &kept));
    }
    if let Some(pipe) = child.stderr.take() {
        let kept = Arc::clone(&errors);
        thread::spawn(move || keep_end(pipe, &kept));
    }
    if let Some(status) = wait(&mut child, limit)? {
        guard.watch(None);
        // The last of what it wrote may still be on its way.
        thread::sleep(TICK);
        let reason = last_words(&errors).or_else(|| last_words(&output));
        return Ok(ending(status, reason));
    }
    guard.tell("INT");
    wait(&mut child, TEST_GRACE_TIME_MAX)?;
    // Also what the command left behind: a shell's background jobs take no interrupt.
    guard.tell("KILL");
    guard.watch(None);
    // Should the guard itself be gone.
    let _ = child.kill();
    child.wait()?;
    Ok(Ending::TimedOut(limit))
}

fn command(invocation: Invocation<'_>) -> Command {
    let mut python_path = OsString::from(invocation.bootstrap);
    if let Some(users) = invocation.python_path {
        python_path.push(":");
        python_path.push(users);
    }
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(invocation.command)
        .current_dir(invocation.working_directory)
        .env("PYTHONPATH", python_path)
        .env("ESCALA_TEST_RUN", invocation.directory)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // Every process would order its sets of strings differently, and pages show them.
        .env("PYTHONHASHSEED", "0")
        .env_remove("ESCALA_SOCKET")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    command
}

/// Waits, for so long at most.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        thread::sleep(TICK);
    }
}

fn ending(status: ExitStatus, reason: Option<String>) -> Ending {
    if status.success() {
        return Ending::Success;
    }
    let code = status.code().filter(|_| status.signal().is_none());
    let reason = reason.map_or_else(|| status.to_string(), |reason| format!("{status}: {reason}"));
    Ending::Failure { code, reason }
}

fn last_words(kept: &Mutex<Vec<u8>>) -> Option<String> {
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let text = String::from_utf8_lossy(&kept);
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned)
}

/// The process that stands by. When the value is dropped, or this process ends, what is watched is ended.
pub(crate) struct Guard {
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Guard {
    /// Starts it. In the end it removes the directory.
    pub(crate) fn start(directory: &Path) -> io::Result<Self> {
        let mut child = Command::new("sh")
            .args(["-c", GUARD])
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let stdin = child.stdin.take();
        Ok(Self { child, stdin })
    }

    /// Names the leader of the process group to watch from now on.
    fn watch(&mut self, leader: Option<&Child>) {
        self.tell(&leader.map_or_else(|| "watch".to_owned(), |leader| format!("watch {}", leader.id())));
    }

    fn tell(&mut self, words: &str) {
        if let Some(stdin) = &mut self.stdin {
            // A guard that is gone cannot be told; the command is still waited for, and for no longer than it may take.
            let _ = writeln!(stdin, "{words}");
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests;
