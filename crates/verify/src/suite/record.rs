//! What a run of the tests showed, as its processes wrote it down: the Rust end of `replay/journal.py`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use analysis::EndpointKey;
use observation::{TransactionKind, route};
use serde::Deserialize;

use crate::limits::{BODY_BYTES_MAX, TEST_PROCESSES_MAX, TEST_RECORDS_BYTES_MAX};
use crate::reply::Reply;

/// Everything that was seen.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// The tests that ran, by id.
    pub(crate) tests: BTreeMap<String, Test>,
    /// Files of the overlay that some process imported.
    pub(crate) imported: BTreeSet<PathBuf>,
    /// Why a process stopped observing, if one did.
    pub(crate) fault: Option<String>,
    /// The files that bodies lie in.
    bodies: Vec<PathBuf>,
}

/// One test; of one that ran more than once, all its executions.
#[derive(Debug, Default)]
pub(crate) struct Test {
    /// How it ended, in the words of `replay/testcases.py`.
    pub(crate) outcome: String,
    /// Why it failed.
    pub(crate) reason: Option<String>,
    /// Queries of its own: those of its responses are not among them.
    pub(crate) queries: u32,
    /// Time that it took, its requests included.
    pub(crate) wall_ns: u64,
    /// The responses that it got, in order.
    pub(crate) responses: Vec<Noted>,
}

/// One response.
#[derive(Debug)]
pub(crate) struct Noted {
    /// The endpoint that gave it.
    pub(crate) endpoint: EndpointKey,
    /// The request, as `GET /books/?page=2`.
    pub(crate) request: String,
    /// The response, without its body.
    pub(crate) reply: Reply,
    /// The file with the body and where it begins; none when it was not kept.
    body: Option<(usize, u64)>,
}

/// Records that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordsError {
    #[error("cannot read what the tests showed")]
    Io(#[from] io::Error),
    #[error("what the tests showed is not as expected: {0}")]
    Malformed(String),
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Record {
    Test(TestRecord),
    Imported { path: PathBuf },
    Fault { reason: String },
}

#[derive(Deserialize)]
struct TestRecord {
    test: String,
    outcome: String,
    reason: Option<String>,
    queries: u32,
    wall_ns: u64,
    responses: Vec<ResponseRecord>,
}

#[derive(Deserialize)]
struct ResponseRecord {
    method: String,
    path: String,
    query_string: String,
    route: String,
    status: u16,
    headers: Vec<(String, String)>,
    exception: Option<String>,
    body_offset: Option<u64>,
    body_bytes: u64,
    body_sha256: String,
    queries: u32,
    wall_ns: u64,
}

impl Records {
    /// Reads what the processes of a run left in its directory.
    pub(crate) fn read(directory: &Path) -> Result<Self, RecordsError> {
        let mut names = Vec::new();
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "records") {
                names.push(path);
            }
        }
        if names.len() > TEST_PROCESSES_MAX {
            return Err(RecordsError::Malformed(format!("{} processes ran tests", names.len())));
        }
        names.sort();
        let mut records = Self::default();
        for name in names {
            let file = records.bodies.len();
            records.bodies.push(name.with_extension("bodies"));
            // One line more than fits is the fault that says so.
            let lines = BufReader::new(File::open(&name)?.take(TEST_RECORDS_BYTES_MAX + (1 << 16))).lines();
            for line in lines {
                records.take(&line?, file)?;
            }
        }
        Ok(records)
    }

    fn take(&mut self, line: &str, file: usize) -> Result<(), RecordsError> {
        let record =
            serde_json::from_str(line).map_err(|error| RecordsError::Malformed(error.to_string()))?;
        match record {
            Record::Imported { path } => {
                self.imported.insert(path);
            }
            Record::Fault { reason } => self.fault = Some(reason),
            Record::Test(record) => {
                let known = self.tests.entry(record.test).or_default();
                if !known.outcome.is_empty() {
                    known.outcome.push_str(", then ");
                }
                known.outcome.push_str(&record.outcome);
                known.reason = known.reason.take().or(record.reason);
                known.queries = known.queries.saturating_add(record.queries);
                known.wall_ns = known.wall_ns.saturating_add(record.wall_ns);
                known.responses.extend(record.responses.into_iter().map(|response| noted(response, file)));
            }
        }
        Ok(())
    }

    /// The whole response. A body that was not kept, or is gone, is compared by its hash.
    pub(crate) fn reply(&self, noted: &Noted) -> Reply {
        let mut reply = noted.reply.clone();
        if let Some(exception) = &reply.exception {
            reply.body = exception.clone().into_bytes();
            reply.body_bytes = reply.body.len() as u64;
        } else if let Some((file, offset)) = noted.body {
            reply.body = self.body(file, offset, reply.body_bytes).unwrap_or_default();
        }
        reply
    }

    fn body(&self, file: usize, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        if length > BODY_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut body = vec![0; length as usize];
        let path = self.bodies.get(file).ok_or(io::ErrorKind::NotFound)?;
        File::open(path)?.read_exact_at(&mut body, offset)?;
        Ok(body)
    }
}

fn noted(record: ResponseRecord, file: usize) -> Noted {
    let mark = if record.query_string.is_empty() { "" } else { "?" };
    let request = format!("{} {}{mark}{}", record.method, record.path, record.query_string);
    // What was asked is compared like what was answered: a view may have chosen where the test goes next.
    let mut headers = vec![("request".to_owned(), request.clone())];
    headers.extend(record.headers);
    Noted {
        endpoint: EndpointKey {
            kind: TransactionKind::Http,
            method: record.method,
            // As the agent names it.
            route: route::display(&record.route),
        },
        request,
        reply: Reply {
            status: record.status,
            headers,
            body_bytes: record.body_bytes,
            body_sha256: record.body_sha256,
            queries: record.queries,
            wall_ns: record.wall_ns,
            exception: record.exception,
            ..Reply::default()
        },
        body: record.body_offset.map(|offset| (file, offset)),
    }
}

#[cfg(test)]
mod tests;
