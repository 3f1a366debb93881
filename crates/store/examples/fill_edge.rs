//! Fills a store as a site with an edge does: a cache that warms up, a crowd in the middle that the app cannot take, and
//! somebody who scans. To look at what the dashboard and the report make of it.
//!
//! Usage: `fill_edge PROJECT_ROOT MINUTES`. The store is `.escala` in the project's root; the minutes are the last ones.

#[path = "support/pages.rs"]
mod pages;

use std::io::{self, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use observation::frame::Frame;
use observation::{EdgeFigures, EdgeOutcome, EdgeReport, EdgeRow};
use store::{Recorder, RecorderConfig};

use pages::{ROUTES, now_us, page, process};

const MS: u64 = 1_000_000;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = || io::Error::new(ErrorKind::InvalidInput, "fill_edge PROJECT_ROOT MINUTES");
    let [root, minutes] = arguments.as_slice() else { return Err(usage()) };
    let seconds = 60 * minutes.parse::<u64>().map_err(|_| usage())?;
    let root = PathBuf::from(root);
    let store_dir = root.join(".escala");
    let recorder = Recorder::start(RecorderConfig {
        socket_path: store_dir.join("run/socket"),
        store_dir,
        project_root: root,
        command: "fill_edge".to_owned(),
    })
    .map_err(io::Error::other)?;
    let mut app = UnixStream::connect(recorder.socket_path())?;
    let mut edge = UnixStream::connect(recorder.socket_path())?;
    app.write_all(&Frame::Process(process(1)).encode(Vec::new()))?;
    let begin_us = now_us() - seconds * 1_000_000;
    for second in 0..seconds {
        let at_us = begin_us + second * 1_000_000;
        for serial in 0..3 {
            let mut transaction = page(((second + serial) % ROUTES as u64) as usize, 12, false);
            transaction.serial = 3 * second + serial + 1;
            transaction.started_at_us = at_us + serial * 300_000;
            transaction.request = None;
            let frame = Frame::Transaction { dropped_before: 0, transaction: Box::new(transaction) };
            app.write_all(&frame.encode(Vec::new()))?;
        }
        let rows = rows(second, seconds);
        let report = EdgeReport { from_us: at_us, to_us: at_us + 1_000_000, rows };
        edge.write_all(&Frame::Edge(Box::new(report)).encode(Vec::new()))?;
    }
    drop((app, edge));
    let summary = recorder.finish();
    if summary.diagnostics.is_empty() { Ok(()) } else { Err(io::Error::other("not all of it was recorded")) }
}

/// What the edge answers in a second.
fn rows(second: u64, seconds: u64) -> Vec<EdgeRow> {
    // The cache is empty at first, and there is a crowd in the seventh tenth of the time.
    let warmth = (second + 1).min(seconds / 4 + 1) * 100 / (seconds / 4 + 1);
    let crowd = if second * 10 / seconds.max(1) == 6 { 5 } else { 1 };
    let mut rows = Vec::new();
    for route in 0..ROUTES as u64 / 5 {
        let path = format!("/section/{route}/books/{}/", second % 40);
        let requests = crowd * (40 - 3 * route);
        let hits = requests * warmth * (97 - route) / 10_000;
        rows.push(row("GET", &path, EdgeOutcome::Hit, hits, 0));
        rows.push(row("GET", &path, EdgeOutcome::Stale, crowd - 1, 0));
        rows.push(row("GET", &path, EdgeOutcome::Collapsed, (requests - hits) / 3, 0));
        rows.push(row("GET", &path, EdgeOutcome::Miss, (requests - hits) / 2, 3 * crowd));
        rows.push(row("POST", &path, EdgeOutcome::Pass, 1, 5 * crowd));
        rows.push(row("GET", &path, EdgeOutcome::Shed, (crowd - 1) * (requests - hits) / 9, 20));
    }
    rows.push(row("GET", "/static/site.css", EdgeOutcome::Static, 20 * crowd, 0));
    rows.push(row("GET", &format!("/wp-admin/{second}.php"), EdgeOutcome::Throttled, second % 3, 0));
    rows.push(row("", "", EdgeOutcome::Refused, u64::from(second.is_multiple_of(50)), 0));
    rows.push(row(
        "GET",
        "/section/1/books/7/",
        EdgeOutcome::Failed,
        u64::from(second.is_multiple_of(90)),
        0,
    ));
    rows.retain(|row| row.figures.requests > 0);
    rows
}

fn row(method: &str, path: &str, outcome: EdgeOutcome, requests: u64, wait_ms: u64) -> EdgeRow {
    let took_ns = if wait_ms > 0 { (40 + wait_ms) * MS } else { MS / 5 };
    let figures = EdgeFigures {
        requests,
        bytes_sent: requests * 14_000,
        took_ns: requests * took_ns,
        took_max_ns: 2 * took_ns,
        wait_ns: requests * wait_ms * MS,
        wait_max_ns: 4 * wait_ms * MS,
    };
    EdgeRow { method: method.to_owned(), path: path.to_owned(), outcome, figures }
}
