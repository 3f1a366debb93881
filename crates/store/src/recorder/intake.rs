//! From the socket to the writer's queue: one thread that accepts, one per connection that reads and decodes.
//!
//! A connection whose frames the queue does not take waits. The kernel's buffer then fills up, and the agent at the
//! other end, which never waits, drops and counts.

use std::io::{self, Read};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Instant;

use observation::frame::{Frame, Splitter, encode_details};
use observation::{Details, EdgeReport, Process, Transaction};

use super::source_file::SeenFile;
use super::status::{Problem, Status};
use super::threads::{Threads, spawn};
use crate::limits::{ACCEPT_RETRY_INTERVAL, QUIET_AFTER, READ_BYTES, READ_INTERVAL, STOP_CHECK_INTERVAL};

/// What the writer is told.
pub(super) enum Event {
    /// A process said who it is.
    Process(Arc<Process>),
    /// A process finished a unit of work.
    Transaction(Box<Arrival>),
    /// A process lost units of work.
    Lost(u32),
    /// What an edge answered.
    Edge(Box<EdgeReport>),
    /// Nothing more will come that anybody waits for.
    Finish,
}

/// A transaction on its way into the database.
pub(super) struct Arrival {
    pub(super) process: Arc<Process>,
    pub(super) dropped_before: u32,
    /// With empty tables: they are in `details`.
    pub(super) transaction: Transaction,
    pub(super) details: Vec<u8>,
    pub(super) files: Vec<SeenFile>,
}

/// What every thread that takes frames in needs.
#[derive(Clone)]
pub(super) struct Intake {
    pub(super) queue: SyncSender<Event>,
    pub(super) status: Arc<Status>,
    pub(super) threads: Arc<Threads>,
    pub(super) connections_max: usize,
}

impl Intake {
    /// Starts to accept connections.
    pub(super) fn start(self, listener: UnixListener) -> io::Result<()> {
        let running = self.threads.enter();
        spawn("escala-accept", move || {
            self.accept(&listener);
            drop(running);
        })
    }

    fn accept(&self, listener: &UnixListener) {
        while !self.threads.overdue() {
            match listener.accept() {
                Ok((stream, _)) => self.admit(stream),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.status.report(Problem::Connection { reason: error.to_string() });
                    thread::sleep(ACCEPT_RETRY_INTERVAL);
                }
            }
            // A process that connected, sent and ended may still stand in line: go on until nobody does.
            if self.threads.stopping() && listener.set_nonblocking(true).is_err() {
                return;
            }
        }
    }

    fn admit(&self, stream: UnixStream) {
        // This thread is one of those running, and the connection that woke it up to stop is no agent's.
        let others = 1 + usize::from(self.threads.stopping());
        let Some(running) = self.threads.enter_below(self.connections_max + others) else {
            self.refuse(Problem::TooManyConnections { limit: self.connections_max });
            return;
        };
        let intake = self.clone();
        let started = spawn("escala-connection", move || {
            if let Err(problem) = intake.serve(stream) {
                intake.refuse(problem);
            }
            drop(running);
        });
        if let Err(error) = started {
            self.refuse(Problem::Connection { reason: error.to_string() });
        }
    }

    fn refuse(&self, problem: Problem) {
        // In this order: whoever sees the count finds the reason.
        self.status.report(problem);
        self.status.connections_refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Reads a connection to its end, or until the recorder stops and nothing is left to read.
    fn serve(&self, mut stream: UnixStream) -> Result<(), Problem> {
        let failed = |error: io::Error| Problem::Connection { reason: error.to_string() };
        stream.set_read_timeout(Some(STOP_CHECK_INTERVAL)).map_err(failed)?;
        let mut splitter = Splitter::default();
        let mut process = None;
        let mut buffer = vec![0; READ_BYTES];
        let mut heard_at = Instant::now();
        while !self.threads.overdue() {
            // A reader that waits is woken up by whoever writes, and that costs the app more than the write itself. So a
            // connection that has something to say is looked at now and then; one that is quiet is waited for.
            let waits = heard_at.elapsed() >= QUIET_AFTER;
            stream.set_nonblocking(!waits).map_err(failed)?;
            let length = match stream.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut if self.threads.stopping() => {
                        return Ok(());
                    }
                    io::ErrorKind::WouldBlock if !waits => {
                        thread::sleep(READ_INTERVAL);
                        continue;
                    }
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted => {
                        continue;
                    }
                    // How a killed process ends a connection.
                    io::ErrorKind::ConnectionReset => return Ok(()),
                    _ => return Err(failed(error)),
                },
            };
            heard_at = Instant::now();
            splitter.push(&buffer[..length]);
            while let Some(frame) = splitter.next_frame().map_err(Problem::Frame)? {
                let event = event(frame, &mut process)?;
                self.enqueue(event);
            }
            if length < buffer.len() && !self.threads.stopping() {
                thread::sleep(READ_INTERVAL);
            }
        }
        Ok(())
    }

    fn enqueue(&self, event: Event) {
        if let Err(rejected) = self.queue.send(event) {
            let lost = match rejected.0 {
                Event::Transaction(arrival) => u64::from(arrival.dropped_before) + 1,
                Event::Lost(dropped) => u64::from(dropped),
                Event::Process(_) | Event::Edge(_) | Event::Finish => 0,
            };
            self.status.dropped.fetch_add(lost, Ordering::Relaxed);
        }
    }
}

/// What a frame means to the writer. `process` is who speaks on this connection.
fn event(frame: Frame, process: &mut Option<Arc<Process>>) -> Result<Event, Problem> {
    match frame {
        Frame::Process(announced) => {
            let announced = Arc::new(announced);
            *process = Some(Arc::clone(&announced));
            Ok(Event::Process(announced))
        }
        Frame::Transaction { dropped_before, transaction } => {
            let process = process.clone().ok_or(Problem::Unannounced)?;
            Ok(Event::Transaction(Box::new(arrival(process, dropped_before, *transaction))))
        }
        Frame::Lost { dropped } => Ok(Event::Lost(dropped)),
        Frame::Edge(report) => Ok(Event::Edge(report)),
    }
}

/// Packs the tables here, on the connection's own thread, so that the one writer only moves bytes.
fn arrival(process: Arc<Process>, dropped_before: u32, mut transaction: Transaction) -> Arrival {
    let tables = std::mem::take(&mut transaction.details);
    Arrival { process, dropped_before, transaction, files: files(&tables), details: encode_details(&tables) }
}

fn files(details: &Details) -> Vec<SeenFile> {
    let seen = |file: &observation::SourceFile| {
        let path = Arc::clone(details.strings.get(file.path.index())?);
        Some(SeenFile { path, modified_at_us: file.modified_at_us, size_bytes: file.size_bytes })
    };
    details.files.iter().filter_map(seen).collect()
}

#[cfg(test)]
mod tests;
