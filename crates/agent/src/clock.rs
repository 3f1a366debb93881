//! Clocks of a unit of work.

use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, Timespec, clock_gettime};

/// When a unit of work began, on three clocks.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    unix_us: u64,
    /// The clock of `time.perf_counter_ns()`.
    monotonic_ns: u64,
    thread_cpu_ns: u64,
}

impl Start {
    pub(crate) fn now() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            unix_us: u64::try_from(unix.as_micros()).unwrap_or(0),
            monotonic_ns: read(ClockId::Monotonic),
            thread_cpu_ns: read(ClockId::ThreadCPUTime),
        }
    }

    pub(crate) fn unix_us(&self) -> u64 {
        self.unix_us
    }

    /// Wall time, and CPU time of this thread, in nanoseconds since. The latter is meaningless, and therefore at most
    /// the wall time, when another thread finishes the work.
    pub(crate) fn elapsed(&self) -> (u64, u64) {
        let wall_ns = read(ClockId::Monotonic).saturating_sub(self.monotonic_ns);
        let cpu_ns = read(ClockId::ThreadCPUTime).saturating_sub(self.thread_cpu_ns);
        (wall_ns, cpu_ns.min(wall_ns))
    }

    /// Microseconds from the start to a reading of `time.perf_counter_ns()`.
    pub(crate) fn offset_us(&self, perf_counter_ns: u64) -> u32 {
        u32::try_from(perf_counter_ns.saturating_sub(self.monotonic_ns) / 1_000).unwrap_or(u32::MAX)
    }
}

/// What `time.perf_counter_ns()` would give.
pub(crate) fn perf_counter_ns() -> u64 {
    read(ClockId::Monotonic)
}

fn read(clock: ClockId) -> u64 {
    let Timespec { tv_sec, tv_nsec } = clock_gettime(clock);
    u64::try_from(tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(tv_nsec).unwrap_or(0)
}
