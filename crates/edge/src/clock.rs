//! The one clock of the edge.

use std::cell::RefCell;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::cache::UnixMs;
use crate::http::date;

/// Tells the time since 1970 as it was when the edge started, plus what has passed since: it never goes back, and nothing
/// gets younger when somebody sets the machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    started_ms: UnixMs,
}

thread_local! {
    /// The date as it was last written by this thread, with its second.
    static DATE: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) };
}

impl Clock {
    /// Starts with what the machine's clock says.
    pub fn start() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), started_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX) }
    }

    /// Milliseconds since 1970.
    pub fn now(&self) -> UnixMs {
        self.at(Instant::now())
    }

    /// Milliseconds since 1970, of a reading of the other clock.
    pub fn at(&self, instant: Instant) -> UnixMs {
        let passed = instant.saturating_duration_since(self.started).as_millis();
        self.started_ms.saturating_add(u64::try_from(passed).unwrap_or(u64::MAX))
    }

    /// Writes the time as the field `Date` has it.
    pub fn write_date(&self, now: UnixMs, out: &mut Vec<u8>) {
        let second = now / 1_000;
        DATE.with_borrow_mut(|(written, text)| {
            if *written != second {
                *text = date::format(second);
                *written = second;
            }
            out.extend_from_slice(text.as_bytes());
        });
    }
}
