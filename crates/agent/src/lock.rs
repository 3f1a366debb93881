//! A lock for tables that are read while the interpreter runs: one owner at a time, and never a wait for oneself.
//!
//! The interpreter may run Python inside any of our calls into it (a finaliser of the garbage collector, an attribute
//! of the user's), and Python may hand over to another thread. So a lock can be found taken in two ways: further up
//! this very stack, where waiting would be for ever, or by another thread that will go on as soon as it may.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

/// How long another thread is waited for, with the interpreter released: the other needs it to go on. Longer than
/// several of Python's switch intervals, which are 5 ms.
const WAIT_MAX: Duration = Duration::from_millis(100);
/// Between two looks.
const PAUSE: Duration = Duration::from_micros(50);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Lock<T> {
    value: Mutex<T>,
    /// The thread that has it, by an address of its own; zero for none.
    owner: AtomicUsize,
}

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { value: Mutex::new(value), owner: AtomicUsize::new(0) }
    }

    /// The value; none when it is taken further up this stack, or by another thread for longer than [`WAIT_MAX`].
    pub(crate) fn take(&self, py: Python<'_>) -> Option<Held<'_, T>> {
        self.take_now().or_else(|| self.wait(py))
    }

    /// The value, unless anybody has it.
    pub(crate) fn take_now(&self) -> Option<Held<'_, T>> {
        let value = match self.value.try_lock() {
            Ok(value) => value,
            // A panic is caught where it disarms the agent; nobody reads on.
            Err(TryLockError::Poisoned(_) | TryLockError::WouldBlock) => return None,
        };
        self.owner.store(this_thread(), Ordering::Relaxed);
        Some(Held { value, owner: &self.owner })
    }

    #[cold]
    fn wait(&self, py: Python<'_>) -> Option<Held<'_, T>> {
        let deadline = Instant::now() + WAIT_MAX;
        while self.owner.load(Ordering::Relaxed) != this_thread() && Instant::now() < deadline {
            py.detach(|| std::thread::sleep(PAUSE));
            let held = self.take_now();
            if held.is_some() {
                return held;
            }
        }
        None
    }
}

fn this_thread() -> usize {
    thread_local!(static OWN: u8 = const { 0 });
    OWN.with(|own| std::ptr::from_ref(own) as usize)
}

/// The value while it is taken.
pub(crate) struct Held<'lock, T> {
    value: MutexGuard<'lock, T>,
    owner: &'lock AtomicUsize,
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        self.owner.store(0, Ordering::Relaxed);
    }
}
