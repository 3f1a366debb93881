//! Signals that reach Escala, and what becomes of each.
//!
//! The command shares our process group and terminal, so what the terminal sends reaches it without us; passing it on
//! would deliver it twice. What another process sends reaches only us, and is passed on.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signal_hook::consts::signal::{
    SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGWINCH,
};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::backend::Handle;
use signal_hook::iterator::exfiltrator::WithRawSiginfo;
use signal_hook::low_level::emulate_default_handler;

/// What servers are steered by, beside SIGCHLD, which tells that the command changed state.
const WATCHED: [i32; 10] =
    [SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGWINCH];

/// Signals that wait to be looked at; more block the thread that collects them, not the kernel.
const QUEUE_MAX: usize = 16;

/// Who sent a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// The terminal, for the whole process group.
    Terminal,
    /// A process, with `kill`.
    Process,
}

/// A signal as it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) signal: i32,
    pub(crate) sender: Sender,
}

/// What to do about a signal while the command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Nothing: the command has it, or it was only news.
    None,
    /// Pass it on to the command.
    Forward,
    /// Stop, as the default action would have done: the terminal stops its background jobs.
    Stop,
}

impl Received {
    /// Decides, without acting.
    pub(crate) fn reaction(self) -> Reaction {
        match (self.signal, self.sender) {
            (SIGTTIN | SIGTTOU, Sender::Terminal) => Reaction::Stop,
            (SIGCHLD, _) | (_, Sender::Terminal) => Reaction::None,
            (_, Sender::Process) => Reaction::Forward,
        }
    }

    /// Whether it would have ended Escala, had it been at its default.
    pub(crate) fn asks_to_end(self) -> bool {
        matches!(self.signal, SIGHUP | SIGINT | SIGQUIT | SIGTERM | SIGUSR1 | SIGUSR2)
    }
}

/// The handlers, from `install` until dropped, and the signals that arrived.
pub(crate) struct Signals {
    receiver: Receiver<Received>,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Signals {
    /// Takes over the signals that are not ignored. An ignored one (`nohup`, a background job of a script) stays
    /// ignored, here and, by inheritance, in the command.
    pub(crate) fn install() -> io::Result<Self> {
        let ignored = ignored_signals();
        // SIGCHLD is taken over even so: while it is ignored, no child can be waited for.
        let is_watched = |&signal: &i32| signal == SIGCHLD || ignored & (1 << (signal - 1)) == 0;
        let watched = WATCHED.into_iter().filter(is_watched);
        let mut signals = SignalsInfo::<WithRawSiginfo>::new(watched)?;
        let handle = signals.handle();
        let (queue, receiver) = sync_channel(QUEUE_MAX);
        let thread = std::thread::Builder::new().name("signals".into()).spawn(move || {
            for info in &mut signals {
                let sender = sender_of(info.si_signo, info.si_code);
                if queue.send(Received { signal: info.si_signo, sender }).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { receiver, handle, thread: Some(thread) })
    }

    /// The next signal, if one arrives in time.
    pub(crate) fn next_within(&self, timeout: Duration) -> Option<Received> {
        match self.receiver.recv_timeout(timeout) {
            Ok(received) => Some(received),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                // The thread only ends with us; without it the caller's tick still notices the command's end.
                std::thread::sleep(timeout);
                None
            }
        }
    }

    /// A signal that arrived before the command was started and asks to give up.
    pub(crate) fn request_to_end(&self) -> Option<i32> {
        self.receiver.try_iter().find(|received| received.asks_to_end()).map(|received| received.signal)
    }
}

impl Signals {
    /// Ends the watch; gives what had arrived and nobody has looked at.
    fn stop(&mut self) -> Vec<Received> {
        self.handle.close();
        // Ends with the thread. Until then it must not be kept waiting by a full queue.
        let arrived = self.receiver.iter().collect();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        arrived
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.stop();
    }
}

/// While it lives, signals that would end this process wait; when it is dropped, the first of them does its work. For
/// the few moments in which an interruption would leave something half done.
pub struct Deferral(Signals);

impl Deferral {
    /// Begins.
    pub fn begin() -> io::Result<Self> {
        Signals::install().map(Self)
    }
}

impl Drop for Deferral {
    fn drop(&mut self) {
        if let Some(received) = self.0.stop().into_iter().find(|received| received.asks_to_end()) {
            end_by_signal(received.signal);
        }
    }
}

/// Stops this process as an unhandled stop signal would.
pub(crate) fn stop_as(signal: i32) {
    let _ = emulate_default_handler(signal);
}

/// Ends this process by a signal, so that the caller sees what it would have seen of the command. Returns only when
/// the signal is not one that ends a process.
pub fn end_by_signal(signal: i32) {
    // The command has left its core already; ours would say nothing, and might overwrite it.
    let core = getrlimit(Resource::Core);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), ..core });
    let _ = emulate_default_handler(signal);
}

/// Linux marks what the kernel itself sent with a positive code. Elsewhere the code does not tell, and the signals of
/// the keyboard are taken to come from there.
fn sender_of(signal: i32, code: i32) -> Sender {
    let terminal = if cfg!(target_os = "linux") {
        code > 0
    } else {
        matches!(signal, SIGINT | SIGQUIT | SIGWINCH | SIGTTIN | SIGTTOU)
    };
    if terminal { Sender::Terminal } else { Sender::Process }
}

/// The ignored signals as a bit mask, 1 << (number - 1); only Linux tells without calling C.
fn ignored_signals() -> u64 {
    std::fs::read_to_string("/proc/self/status").map_or(0, |status| ignored_mask(&status))
}

fn ignored_mask(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
