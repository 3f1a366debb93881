//! The threads that take frames in: how many run, when they have to end, and whether they have.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A thread that decodes needs little; with many connections the default of megabytes each adds up.
const STACK_BYTES: usize = 512 << 10;

/// The threads of one recorder.
#[derive(Default)]
pub(super) struct Threads {
    deadline: OnceLock<Instant>,
    running: Mutex<usize>,
    ended: Condvar,
}

/// One of them, for as long as this lives.
pub(super) struct Running(Arc<Threads>);

impl Threads {
    /// Counts one more.
    pub(super) fn enter(self: &Arc<Self>) -> Running {
        *self.lock() += 1;
        Running(Arc::clone(self))
    }

    /// Counts one more unless there are `limit` already.
    pub(super) fn enter_below(self: &Arc<Self>, limit: usize) -> Option<Running> {
        let mut running = self.lock();
        if *running >= limit {
            return None;
        }
        *running += 1;
        Some(Running(Arc::clone(self)))
    }

    /// Asks the threads to end when nothing is left to do, and at the latest after `limit`.
    pub(super) fn stop_within(&self, limit: Duration) {
        self.deadline.get_or_init(|| Instant::now() + limit);
    }

    /// Waits until all have ended or the time for it is over.
    pub(super) fn wait(&self) {
        let mut running = self.lock();
        while *running > 0 {
            let left =
                self.deadline.get().map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return;
            }
            running = self.ended.wait_timeout(running, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether the threads were asked to end.
    pub(super) fn stopping(&self) -> bool {
        self.deadline.get().is_some()
    }

    /// Whether they should have ended by now.
    pub(super) fn overdue(&self) -> bool {
        self.deadline.get().is_some_and(|deadline| Instant::now() >= *deadline)
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
        self.0.ended.notify_all();
    }
}

/// Starts a thread that is waited for by other means than its handle, since that cannot be done for a limited time.
pub(super) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(body).map(drop)
}
