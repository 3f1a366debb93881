//! Fills a store as a site does in some hours, in less than a minute: with transactions that ended in the past, evenly over the
//! time. `benchsuite/dashboard` looks at it.
//!
//! Usage: `fill PROJECT_ROOT TRANSACTIONS HOURS`. The store is `.escala` in the project's root. Of a hundred transactions 30 run
//! 1 query, 39 run 12, 30 run 101 and one runs 1,472: 50 in the mean. One in 20,000 runs away: 20,000 queries, more than are
//! recorded one by one.

#[path = "support/pages.rs"]
mod pages;

use std::io::{self, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use observation::frame::Frame;
use observation::limits::QUERIES_PER_TRANSACTION_MAX;
use observation::{ChainId, Overflow, Transaction};
use store::{Recorder, RecorderConfig};

use pages::{ROUTES, now_us, page, process};

/// Transactions of a hundred, by the queries that they run.
const MIX: [(usize, u32); 4] = [(30, 1), (39, 12), (30, 101), (1, 1_472)];

/// One transaction in so many runs away.
const RUNAWAY_EVERY: u64 = 20_000;

/// Queries of one that runs away.
const RUNAWAY_QUERIES: u32 = 20_000;

#[expect(clippy::print_stdout, reason = "the result, for the campaign that runs it")]
fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || io::Error::new(ErrorKind::InvalidInput, "fill PROJECT_ROOT TRANSACTIONS HOURS");
    let [root, transactions, hours] = arguments.as_slice() else { return Err(usage()) };
    let number = |text: &str| text.parse::<u64>().map_err(|_| usage());
    let (transactions, hours) = (number(transactions)?, number(hours)?);
    let root = PathBuf::from(root);
    let store_dir = root.join(".escala");
    let recorder = Recorder::start(RecorderConfig {
        socket_path: store_dir.join("run/socket"),
        store_dir,
        project_root: root,
        command: "fill".to_owned(),
    })
    .map_err(io::Error::other)?;
    let queries = send(&mut UnixStream::connect(recorder.socket_path())?, transactions, hours)?;
    while recorder.progress().transactions < transactions {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let summary = recorder.finish();
    println!(
        "{{\"transactions\": {}, \"queries\": {queries}, \"dropped\": {}}}",
        summary.transactions, summary.dropped
    );
    Ok(())
}

/// Sends them in the order in which they ended. Returns how many queries they ran.
fn send(stream: &mut UnixStream, transactions: u64, hours: u64) -> io::Result<u64> {
    let now_us = now_us();
    let begin_us = now_us - hours * 3_600_000_000;
    let kinds = MIX.iter().flat_map(|&(count, queries)| std::iter::repeat_n(queries, count));
    let pages: Vec<Transaction> =
        kinds.enumerate().map(|(at, queries)| page(at % ROUTES, queries, false)).collect();
    let mut random = Random(1);
    let mut queries = 0;
    stream.write_all(&Frame::Process(process(1)).encode(Vec::new()))?;
    for serial in 1..=transactions {
        // Mixed, but each as often as the others.
        let at = usize::try_from(serial * 37 % 100).unwrap_or(0);
        let mut transaction = if serial % RUNAWAY_EVERY == 0 { runaway() } else { pages[at].clone() };
        let ended_us = begin_us + (now_us - begin_us) * serial / transactions;
        transaction.serial = serial;
        // From half to eight times as long, mostly near the one.
        transaction.wall_ns += transaction.wall_ns * (random.below(64) * random.below(64)) / 512 + 500_000;
        transaction.started_at_us = ended_us - transaction.wall_ns / 1_000;
        transaction.status = match random.below(1_000) {
            0..3 => 500,
            3..13 => 404,
            _ => 200,
        };
        if serial > 2_000 {
            transaction.request = None;
        }
        queries += u64::from(transaction.queries_total);
        let frame = Frame::Transaction { dropped_before: 0, transaction: Box::new(transaction) };
        stream.write_all(&frame.encode(Vec::new()))?;
    }
    Ok(queries)
}

/// A page whose queries are more than are recorded one by one: the rest is summed up.
fn runaway() -> Transaction {
    let mut page = page(0, RUNAWAY_QUERIES, false);
    let details = &mut page.details;
    let rest = details.queries.split_off(QUERIES_PER_TRANSACTION_MAX);
    details.overflow.push(Overflow {
        sql: rest[0].sql,
        position: ChainId(0),
        queries: u32::try_from(rest.len()).unwrap_or(u32::MAX),
        duration_ns: rest.iter().map(|query| query.duration_ns).sum(),
    });
    page
}

/// The same numbers in every run: a linear congruential generator.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
