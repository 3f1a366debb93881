//! Each request as a line of JSON. Whoever writes the lines is never waited for: what does not fit is dropped and counted.
//!
//! The query is left out, and so is every field: secrets stand in both.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use crate::cache::UnixMs;
use crate::config;
use crate::http::date;
use crate::limits::{LOG_FLUSH_INTERVAL, LOG_LINES_WAITING_MAX};
use crate::metrics::Outcome;

/// What is written down of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'a> {
    /// When it came.
    pub at: UnixMs,
    /// Who asked.
    pub client: Option<IpAddr>,
    /// What was asked for.
    pub method: &'a str,
    /// Of which site.
    pub host: &'a [u8],
    /// Without the query.
    pub path: &'a [u8],
    /// What was answered.
    pub status: u16,
    /// Bytes of the body.
    pub bytes: u64,
    /// From the request's head to the last byte of the answer.
    pub took: Duration,
    /// How long it waited for its turn.
    pub waited: Option<Duration>,
    /// How it was answered.
    pub outcome: Outcome,
}

/// Where lines go.
#[derive(Debug)]
pub struct AccessLog {
    lines: SyncSender<String>,
    dropped: AtomicU64,
    reopens: Arc<AtomicBool>,
}

impl AccessLog {
    /// Starts to write.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(target: &config::AccessLog) -> io::Result<Self> {
        let mut writer = Writer::open(target.clone())?;
        let (lines, waiting) = sync_channel(LOG_LINES_WAITING_MAX);
        let reopens = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&reopens);
        std::thread::Builder::new()
            .name("edge-log".to_owned())
            .spawn(move || writer.run(&waiting, &asked))?;
        Ok(Self { lines, dropped: AtomicU64::new(0), reopens })
    }

    /// Writes a line, soon.
    pub fn write(&self, entry: &Entry<'_>) {
        if self.lines.try_send(line(entry)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Opens the file anew before the next line: somebody has moved it away.
    pub fn reopen(&self) {
        self.reopens.store(true, Ordering::Relaxed);
    }

    /// Lines that were dropped.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

struct Writer {
    target: config::AccessLog,
    out: BufWriter<Box<dyn Write + Send>>,
}

impl Writer {
    fn open(target: config::AccessLog) -> io::Result<Self> {
        let out: Box<dyn Write + Send> = match &target {
            config::AccessLog::Stdout => Box::new(io::stdout()),
            config::AccessLog::File(path) => Box::new(append(path)?),
        };
        Ok(Self { target, out: BufWriter::new(out) })
    }

    fn run(&mut self, waiting: &Receiver<String>, reopens: &AtomicBool) {
        loop {
            match waiting.recv_timeout(LOG_FLUSH_INTERVAL) {
                Ok(line) => {
                    self.reopen(reopens);
                    // A full disk costs lines, not requests.
                    let _ = self.out.write_all(line.as_bytes());
                }
                Err(RecvTimeoutError::Timeout) => drop(self.out.flush()),
                Err(RecvTimeoutError::Disconnected) => return drop(self.out.flush()),
            }
        }
    }

    fn reopen(&mut self, reopens: &AtomicBool) {
        if reopens.swap(false, Ordering::Relaxed)
            && let Ok(anew) = Self::open(self.target.clone())
        {
            let _ = self.out.flush();
            *self = anew;
        }
    }
}

fn append(path: &PathBuf) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn line(entry: &Entry<'_>) -> String {
    let mut line = String::with_capacity(256);
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let _ = write!(line, "{{\"time\":\"{}\"", timestamp(entry.at));
    if let Some(client) = entry.client {
        let _ = write!(line, ",\"client\":\"{client}\"");
    }
    for (name, text) in [("method", entry.method.as_bytes()), ("host", entry.host), ("path", entry.path)] {
        let _ = write!(line, ",\"{name}\":\"");
        escape(text, &mut line);
        line.push('"');
    }
    let _ = write!(line, ",\"status\":{},\"bytes\":{}", entry.status, entry.bytes);
    let _ = write!(
        line,
        ",\"took_ms\":{:.3},\"outcome\":\"{}\"",
        milliseconds(entry.took),
        entry.outcome.as_str()
    );
    if let Some(waited) = entry.waited {
        let _ = write!(line, ",\"waited_ms\":{:.3}", milliseconds(waited));
    }
    line.push_str("}\n");
    line
}

/// As in `2026-12-01T16:36:34.123Z` (RFC 3339).
fn timestamp(at: UnixMs) -> String {
    let (year, month, day) = date::civil(at / 86_400_000);
    let seconds = at / 1_000 % 86_400;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", at % 1_000)
}

/// Bytes as the inside of a JSON string; what is no UTF-8 is replaced.
fn escape(text: &[u8], out: &mut String) {
    for character in String::from_utf8_lossy(text).chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\u{0}'..='\u{1f}' | '\u{7f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests;
