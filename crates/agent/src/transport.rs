//! The way out: a non-blocking stream socket and a bounded buffer. What does not fit is dropped and counted.
//!
//! One connection per process, made at the first unit of work after a fork. See
//! `docs/decisions/0001-stream-socket.md`.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use observation::limits::FRAME_BYTES_MAX;
use observation::{Process, Transaction, frame::Frame};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    AddressFamily, SendFlags, SocketAddrUnix, SocketFlags, SocketType, connect, send, socket_with,
};

use crate::open_units;

/// Bytes that may wait for the recorder in this process.
const PENDING_BYTES_MAX: usize = 2 << 20;
/// Of these, what stays allocated while nothing waits.
const PENDING_BYTES_KEPT: usize = 64 << 10;
/// Pause before a recorder that is gone is tried again.
const RECONNECT_PAUSE: Duration = Duration::from_secs(1);
/// How long the end of a process may take for what the kernel has not taken yet; its last unit of work alone may be
/// larger than the socket's buffer. No unit of work ever waits.
const EXIT_WAIT_MAX: Duration = Duration::from_millis(500);

/// The connection of this process.
pub(crate) struct Transport {
    path: String,
    process: Process,
    pid: u32,
    socket: Option<OwnedFd>,
    retry_at: Option<Instant>,
    pending: Vec<u8>,
    /// Bytes of `pending` that the kernel already took.
    sent: usize,
    /// What stands in `pending`, frame by frame.
    waiting: VecDeque<Waiting>,
    /// Transactions lost since the last frame that was accepted into `pending`.
    dropped: u32,
}

/// A frame on its way out.
struct Waiting {
    /// Where it ends in `pending`.
    end: usize,
    /// Transactions that are lost when it is: its own, and those whose loss it tells.
    transactions: u32,
}

impl Transport {
    pub(crate) fn new(path: String, process: Process) -> Self {
        let pid = std::process::id();
        Self {
            path,
            process,
            pid,
            socket: None,
            retry_at: None,
            pending: Vec::new(),
            sent: 0,
            waiting: VecDeque::new(),
            dropped: 0,
        }
    }

    /// Hands a transaction over, or counts it as lost. Never waits.
    pub(crate) fn send(&mut self, transaction: Transaction) {
        self.notice_fork();
        if !self.ensure_connected() {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.flush();
        if self.socket.is_none() || self.pending.len() - self.sent >= PENDING_BYTES_MAX {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        let frame = Frame::Transaction { dropped_before: self.dropped, transaction: Box::new(transaction) };
        if self.queue(&frame, self.dropped.saturating_add(1)) {
            self.dropped = 0;
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
        self.flush();
    }

    /// Counts units of work that will never be sent.
    pub(crate) fn lose(&mut self, transactions: u32) {
        self.notice_fork();
        self.dropped = self.dropped.saturating_add(transactions);
    }

    /// Sends what is left, and the count of what was lost, at the end of the process; waits for
    /// [`EXIT_WAIT_MAX`] at most.
    pub(crate) fn finish(&mut self) {
        self.notice_fork();
        let deadline = Instant::now() + EXIT_WAIT_MAX;
        if self.dropped > 0 {
            self.retry_at = None;
            if self.ensure_connected() {
                let frame = Frame::Lost { dropped: self.dropped };
                self.queue(&frame, self.dropped);
                self.dropped = 0;
            }
        }
        self.flush();
        while let Some(socket) = self.socket.as_ref().filter(|_| !self.pending.is_empty()) {
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
            if left.is_zero() || poll(&mut [PollFd::new(socket, PollFlags::OUT)], Some(&timeout)) == Ok(0) {
                break;
            }
            self.flush();
        }
    }

    /// After a fork, the socket and everything waiting for it belong to the parent.
    fn notice_fork(&mut self) {
        let pid = std::process::id();
        if pid != self.pid {
            self.pid = pid;
            self.process.pid = pid;
            self.socket = None;
            self.retry_at = None;
            self.empty();
            self.dropped = 0;
        }
    }

    fn ensure_connected(&mut self) -> bool {
        if self.socket.is_some() {
            return true;
        }
        if self.retry_at.is_some_and(|at| Instant::now() < at) {
            return false;
        }
        let Some(socket) = open(&self.path) else {
            self.retry_at = Some(Instant::now() + RECONNECT_PAUSE);
            return false;
        };
        self.socket = Some(socket);
        self.retry_at = None;
        self.empty();
        let hello = Frame::Process(self.process.clone());
        self.queue(&hello, 0);
        true
    }

    /// Puts a frame behind what waits. False when it is larger than the recorder takes: it would end the connection.
    fn queue(&mut self, frame: &Frame, transactions: u32) -> bool {
        self.pending.drain(..self.sent);
        for waiting in &mut self.waiting {
            waiting.end -= self.sent;
        }
        self.sent = 0;
        let start = self.pending.len();
        self.pending = frame.encode(std::mem::take(&mut self.pending));
        if self.pending.len() - start > FRAME_BYTES_MAX {
            self.pending.truncate(start);
            return false;
        }
        self.waiting.push_back(Waiting { end: self.pending.len(), transactions });
        true
    }

    fn flush(&mut self) {
        while let Some(socket) = &self.socket
            && self.sent < self.pending.len()
        {
            match send(socket, &self.pending[self.sent..], SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
                Ok(0) | Err(rustix::io::Errno::AGAIN) => return,
                Ok(count) => {
                    self.sent += count;
                    while let Some(frame) = self.waiting.pop_front_if(|frame| frame.end <= self.sent) {
                        open_units::told(frame.transactions);
                    }
                }
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => {
                    // The recorder is gone; what was half sent is lost, and the frames behind it with it.
                    let lost = self.waiting.iter().map(|frame| frame.transactions);
                    self.dropped = lost.fold(self.dropped, u32::saturating_add);
                    self.socket = None;
                    self.empty();
                    return;
                }
            }
        }
        self.empty();
    }

    fn empty(&mut self) {
        self.pending.clear();
        // One large transaction must not make the process larger for good.
        self.pending.shrink_to(PENDING_BYTES_KEPT);
        self.sent = 0;
        self.waiting.clear();
    }
}

fn open(path: &str) -> Option<OwnedFd> {
    let address = SocketAddrUnix::new(path).ok()?;
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).ok()?;
    connect(&socket, &address).ok()?;
    Some(socket)
}

static TRANSPORT: Mutex<Option<Transport>> = Mutex::new(None);

/// Sets the connection up without opening it.
pub(crate) fn install(transport: Transport) {
    if let Ok(mut slot) = TRANSPORT.lock() {
        slot.get_or_insert(transport);
    }
}

/// Runs `action` on the connection, unless it is not set up or busy on this very stack.
pub(crate) fn with(action: impl FnOnce(&mut Transport)) {
    if let Ok(mut slot) = TRANSPORT.try_lock()
        && let Some(transport) = slot.as_mut()
    {
        action(transport);
    }
}

#[cfg(test)]
mod tests;
