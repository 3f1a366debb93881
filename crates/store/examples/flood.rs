//! Stands in for the agents of a busy site: sends frames to a recorder as fast as told, and drops and counts what the
//! recorder does not take in time, as the agent does. `benchsuite/recorder` runs it under `escala run`.
//!
//! Usage: `flood CONNECTIONS SECONDS EVENTS_PER_SECOND mix|distinct|single`, with `ESCALA_SOCKET` set. An event is a query.
//! With a rate of 0, every connection waits for the recorder instead of dropping: that measures how much it takes.

#[path = "support/pages.rs"]
mod pages;

use std::io::{self, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use observation::Transaction;
use observation::frame::Frame;

use pages::{ROUTES, now_us, page, process};

/// As in the agent's transport.
const PENDING_BYTES_MAX: usize = 2 << 20;

/// What the site's pages are like.
#[derive(Clone, Copy)]
struct Mix {
    /// Transactions of a hundred, by the queries that they run.
    pages: &'static [(usize, u32)],
    /// Whether every query of a page has its own SQL and its own place, as no page has.
    is_distinct: bool,
}

impl Mix {
    /// Few pages are bad, and they make most of the queries.
    const USUAL: &'static [(usize, u32)] = &[(40, 1), (39, 12), (20, 101), (1, 1_292)];

    fn named(name: &str) -> Option<Self> {
        match name {
            "mix" => Some(Self { pages: Self::USUAL, is_distinct: false }),
            "distinct" => Some(Self { pages: Self::USUAL, is_distinct: true }),
            "single" => Some(Self { pages: &[(100, 1)], is_distinct: false }),
            _ => None,
        }
    }
}

/// Requests that a process captures per route.
const CAPTURES: u64 = 40;

/// Time between two looks at the clock.
const TICK: Duration = Duration::from_millis(5);

#[derive(Clone, Copy, Default)]
struct Sent {
    transactions: u64,
    events: u64,
    dropped_transactions: u64,
    dropped_events: u64,
    bytes: u64,
}

#[expect(clippy::print_stdout, reason = "the result, for the campaign that runs it")]
fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || {
        io::Error::new(
            ErrorKind::InvalidInput,
            "flood CONNECTIONS SECONDS EVENTS_PER_SECOND mix|distinct|single",
        )
    };
    let [connections, seconds, rate, mix] = arguments.as_slice() else { return Err(usage()) };
    let number = |text: &str| text.parse::<u32>().map_err(|_| usage());
    let (connections, rate) = (number(connections)?, number(rate)?);
    let duration = Duration::from_secs(u64::from(number(seconds)?));
    let mix = Mix::named(mix).ok_or_else(usage)?;
    let socket = std::env::var("ESCALA_SOCKET").map_err(|_| usage())?;

    let started = Instant::now();
    let senders: Vec<_> = (0..connections)
        .map(|number| {
            let stream = UnixStream::connect(&socket)?;
            let worker = Worker::new(stream, number, mix)?;
            let rate = f64::from(rate) / f64::from(connections);
            Ok(thread::spawn(move || worker.run(duration, rate)))
        })
        .collect::<io::Result<_>>()?;
    let mut total = Sent::default();
    for sender in senders {
        let sent = sender.join().map_err(|_| io::Error::other("a sender panicked"))??;
        total.transactions += sent.transactions;
        total.events += sent.events;
        total.dropped_transactions += sent.dropped_transactions;
        total.dropped_events += sent.dropped_events;
        total.bytes += sent.bytes;
    }
    println!(
        "{{\"seconds\": {:.3}, \"transactions\": {}, \"events\": {}, \"bytes\": {}, \"dropped_transactions\": {}, \
         \"dropped_events\": {}}}",
        started.elapsed().as_secs_f64(),
        total.transactions,
        total.events,
        total.bytes,
        total.dropped_transactions,
        total.dropped_events
    );
    Ok(())
}

/// One process of the site.
struct Worker {
    stream: UnixStream,
    /// What it sends, in turn.
    pages: Vec<Transaction>,
    serial: u64,
    dropped: u32,
    pending: Vec<u8>,
    sent: Sent,
}

impl Worker {
    fn new(mut stream: UnixStream, number: u32, mix: Mix) -> io::Result<Self> {
        stream.write_all(&Frame::Process(process(1_000 + number)).encode(Vec::new()))?;
        let kinds = mix.pages.iter().flat_map(|&(count, queries)| std::iter::repeat_n(queries, count));
        let mut pages: Vec<Transaction> =
            kinds.enumerate().map(|(at, queries)| page(at % ROUTES, queries, mix.is_distinct)).collect();
        // The same order in every run, and no two large pages in a row.
        let length = pages.len();
        for at in 0..length {
            pages.swap(at, (at * 37 + number as usize) % length);
        }
        Ok(Self { stream, pages, serial: 0, dropped: 0, pending: Vec::new(), sent: Sent::default() })
    }

    fn run(mut self, duration: Duration, rate: f64) -> io::Result<Sent> {
        let waits = rate == 0.0;
        self.stream.set_nonblocking(!waits)?;
        let started = Instant::now();
        while started.elapsed() < duration {
            if waits {
                self.send();
                self.stream.write_all(&self.pending)?;
                self.pending.clear();
                continue;
            }
            let due = rate * started.elapsed().as_secs_f64();
            while ((self.sent.events + self.sent.dropped_events) as f64) < due {
                self.send();
                self.flush()?;
            }
            thread::sleep(TICK);
        }
        self.stream.set_nonblocking(false)?;
        self.pending = Frame::Lost { dropped: self.dropped }.encode(self.pending);
        self.stream.write_all(&self.pending)?;
        Ok(self.sent)
    }

    /// One page more: onto what waits for the recorder, or lost.
    fn send(&mut self) {
        self.serial += 1;
        let at = usize::try_from(self.serial).unwrap_or(0) % self.pages.len();
        let page = &mut self.pages[at];
        page.serial = self.serial;
        page.started_at_us = now_us() - page.wall_ns / 1_000;
        if self.serial > CAPTURES * ROUTES as u64 {
            page.request = None;
        }
        let events = u64::from(page.queries_total);
        if self.pending.len() >= PENDING_BYTES_MAX {
            self.dropped += 1;
            self.sent.dropped_transactions += 1;
            self.sent.dropped_events += events;
            return;
        }
        let length = self.pending.len();
        let frame = Frame::Transaction { dropped_before: self.dropped, transaction: Box::new(page.clone()) };
        self.pending = frame.encode(std::mem::take(&mut self.pending));
        self.dropped = 0;
        self.sent.transactions += 1;
        self.sent.events += events;
        self.sent.bytes += (self.pending.len() - length) as u64;
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut written = 0;
        while written < self.pending.len() {
            match self.stream.write(&self.pending[written..]) {
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.pending.drain(..written);
        Ok(())
    }
}
