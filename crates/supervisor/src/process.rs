//! The command as a child process: started, signalled, waited for.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use crate::limits::{AGENT_PATIENCE, WAIT_TICK};
use crate::parent_death;
use crate::signals::{Reaction, Received, Signals, stop_as};

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this status.
    Exited(u8),
    /// By this signal.
    Signalled(i32),
}

/// The system refused a process.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The command looked startable, and was not: its `#!` line names no interpreter, say, or memory is short.
    #[error("cannot start {program}")]
    Start {
        /// The program.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The command's end cannot be waited for.
    #[error("cannot wait for the command")]
    Wait(#[source] io::Error),
}

/// Starts the command and waits until it is over. `when_overdue` is called once, when it has run for as long as an
/// agent may take to show itself.
///
/// Must run on the main thread: the command is tied to the life of the thread that starts it.
pub(crate) fn supervise(
    mut command: Command,
    signals: &Signals,
    when_overdue: &mut dyn FnMut(),
) -> Result<Ending, ProcessError> {
    if let Some(signal) = signals.request_to_end() {
        return Ok(Ending::Signalled(signal));
    }
    parent_death::tie(&mut command);
    let mut child = command.spawn().map_err(|source| ProcessError::Start {
        program: command.get_program().display().to_string(),
        source,
    })?;
    let overdue_at = Instant::now() + AGENT_PATIENCE;
    let mut told = false;
    loop {
        if let Some(status) = child.try_wait().map_err(ProcessError::Wait)? {
            return Ok(ending(status));
        }
        let now = Instant::now();
        if !told && now >= overdue_at {
            told = true;
            when_overdue();
        }
        let timeout = if told { WAIT_TICK } else { WAIT_TICK.min(overdue_at.saturating_duration_since(now)) };
        if let Some(received) = signals.next_within(timeout) {
            react(received, &child);
        }
    }
}

fn react(received: Received, child: &Child) {
    match received.reaction() {
        Reaction::None => {}
        Reaction::Stop => stop_as(received.signal),
        Reaction::Forward => {
            // Until it is waited for, a child's id is not given away, so this reaches the command or nobody.
            let signal = Signal::from_named_raw(received.signal);
            let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            if let (Some(pid), Some(signal)) = (pid, signal) {
                let _ = kill_process(pid, signal);
            }
        }
    }
}

fn ending(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (None, Some(signal)) => Ending::Signalled(signal),
        (code, _) => Ending::Exited(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)),
    }
}
