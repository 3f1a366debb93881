//! Reads a store, while a recorder fills it or long after.

mod activity;
mod edge;
mod transactions;

use std::path::{Path, PathBuf};

use observation::frame::decode_details;
use observation::{CapturedRequest, Details, Process, Transaction};
use rusqlite::{Connection, Params, Row, params};

use crate::database::{DatabaseError, Fault, OpenError, open_reader};
use crate::encoding::{decode_kind, decode_pairs, decode_texts, integer, unsigned};
use crate::limits::{DETAILS_READ_BYTES_MAX, TRANSACTIONS_READ_MAX};
use crate::recorder::is_locked;
use crate::records::{
    EndpointTotals, ProcessId, RecordedFile, RecordedProcess, RecordedRequest, Run, RunId, Window,
};
use crate::totals::Totals;

// The ordinals of a run have no gaps: the first and the last tell how many there are without a look at those between.
const RUN_COLUMNS: &str = "id, command, project_root, escala_version, started_at_us, ended_at_us, dropped,
    coalesce(1 + (SELECT ordinal FROM transactions WHERE run_id = runs.id ORDER BY id DESC LIMIT 1)
        - (SELECT ordinal FROM transactions WHERE run_id = runs.id ORDER BY id LIMIT 1), 0)";

const HEAD_COLUMNS: &str =
    "ordinal, serial, parent_serial, kind, method, route, view, status, started_at_us, wall_ns,
    cpu_ns, response_bytes, queries_total, db_ns";

/// Why a read failed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database cannot be accessed now.
    #[error("the store cannot be read")]
    Database(#[source] DatabaseError),
    /// The store holds what this version never wrote.
    #[error("the store is damaged: move it away, and the next `escala run` makes a new one")]
    Damaged(#[source] DatabaseError),
}

impl ReadError {
    fn new(fault: Fault) -> Self {
        if fault.is_damage() { Self::Damaged(fault.into()) } else { Self::Database(fault.into()) }
    }
}

/// A store opened for reading. Each read sees the store at one moment.
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the store in a directory.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Ok(Self { connection: open_reader(dir)? })
    }

    /// Whether a recorder is at work on the store in a directory: then its latest run is the one that is being recorded.
    pub fn is_being_recorded(dir: &Path) -> bool {
        is_locked(dir)
    }

    /// All runs, the latest first.
    pub fn runs(&self) -> Result<Vec<Run>, ReadError> {
        let sql = format!("SELECT {RUN_COLUMNS} FROM runs ORDER BY id DESC");
        self.read(|connection| rows(connection, &sql, [], run))
    }

    /// The latest run that has transactions.
    pub fn latest_run(&self) -> Result<Option<Run>, ReadError> {
        let sql = format!(
            "SELECT {RUN_COLUMNS} FROM runs
             WHERE EXISTS (SELECT 1 FROM transactions WHERE transactions.run_id = runs.id)
             ORDER BY id DESC LIMIT 1"
        );
        self.read(|connection| Ok(rows(connection, &sql, [], run)?.pop()))
    }

    /// The run of a number.
    pub fn run(&self, number: i64) -> Result<Option<Run>, ReadError> {
        let sql = format!("SELECT {RUN_COLUMNS} FROM runs WHERE id = ?1");
        self.read(|connection| Ok(rows(connection, &sql, [number], run)?.pop()))
    }

    /// Whether no later run has begun, not even one with nothing in it yet.
    pub fn is_latest(&self, run: RunId) -> Result<bool, ReadError> {
        self.read(|connection| {
            let latest: Option<i64> =
                connection.query_row("SELECT max(id) FROM runs", [], |row| row.get(0))?;
            Ok(latest == Some(run.0))
        })
    }

    /// As [`Store::window`], within bounds of the caller's own.
    pub fn newest(&self, run: RunId, count_max: u64, details_bytes_max: u64) -> Result<Window, ReadError> {
        self.read(|connection| window(connection, run, count_max, details_bytes_max))
    }

    /// The transactions of a run: the newest [`TRANSACTIONS_READ_MAX`] of them, or fewer when their tables are together
    /// larger than [`DETAILS_READ_BYTES_MAX`].
    pub fn window(&self, run: RunId) -> Result<Window, ReadError> {
        self.read(|connection| window(connection, run, TRANSACTIONS_READ_MAX, DETAILS_READ_BYTES_MAX))
    }

    /// What a run recorded in all, endpoint by endpoint: what [`Store::window`] omits and what has gone since count too.
    /// Empty for a run of a version that did not count.
    pub fn totals(&self, run: RunId) -> Result<Vec<EndpointTotals>, ReadError> {
        let sql = "SELECT kind, method, route, totals FROM endpoint_totals WHERE run_id = ?1 ORDER BY id";
        self.read(|connection| {
            if has_table(connection, "endpoint_totals")? {
                rows(connection, sql, [run.0], totals)
            } else {
                Ok(Vec::new())
            }
        })
    }

    /// The processes of a run, in the order in which they reported.
    pub fn processes(&self, run: RunId) -> Result<Vec<RecordedProcess>, ReadError> {
        let sql =
            "SELECT id, pid, agent_version, python_version, django_version, executable, settings_module,
                working_directory, module_search_path, started_at_us
             FROM processes WHERE run_id = ?1 ORDER BY id";
        self.read(|connection| rows(connection, sql, [run.0], process))
    }

    /// The requests of a run that can be replayed, in the order in which they came.
    pub fn captured_requests(&self, run: RunId) -> Result<Vec<RecordedRequest>, ReadError> {
        let sql = "SELECT process_id, transaction_ordinal, kind, method, route, queries_total, request_method, path,
                query_string, secure, headers, body, user_pk, redacted
             FROM requests WHERE run_id = ?1 ORDER BY id";
        self.read(|connection| rows(connection, sql, [run.0], request))
    }

    /// The project's source files that the transactions of a run lie in, by path and age. One that is missing was not
    /// met, or came after the recorder's limit: nothing is known of it.
    pub fn source_files(&self, run: RunId) -> Result<Vec<RecordedFile>, ReadError> {
        let sql = "SELECT path, sha256, modified_at_us, size_bytes, changed_after_start
             FROM source_files WHERE run_id = ?1 ORDER BY path, modified_at_us, size_bytes";
        self.read(|connection| rows(connection, sql, [run.0], file))
    }

    fn read<T>(&self, body: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, ReadError> {
        let snapshot =
            self.connection.unchecked_transaction().map_err(|error| ReadError::new(error.into()))?;
        body(&snapshot).map_err(ReadError::new)
    }
}

/// Whether the store is of a version that has the table: a reader never changes it.
fn has_table(connection: &Connection, name: &str) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    Ok(connection.prepare(sql)?.exists([name])?)
}

fn rows<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    decode: fn(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(params)?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        values.push(decode(row)?);
    }
    Ok(values)
}

fn window(connection: &Connection, run: RunId, count_max: u64, bytes_max: u64) -> Result<Window, Fault> {
    let count = "SELECT count(*) FROM transactions WHERE run_id = ?1";
    let count = connection.query_row(count, [run.0], |row| row.get(0))?;
    let dropped = "SELECT coalesce(sum(dropped), 0) FROM runs WHERE id = ?1";
    let dropped = connection.query_row(dropped, [run.0], |row| row.get(0))?;
    let mut statement = connection.prepare(&format!(
        "SELECT {HEAD_COLUMNS}, details FROM transactions WHERE run_id = ?1 ORDER BY id DESC LIMIT ?2"
    ))?;
    let mut rows = statement.query(params![run.0, integer(count_max)])?;
    let mut window = Window { dropped: unsigned(dropped), ..Window::default() };
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let details = row.get_ref("details")?.as_blob().map_err(rusqlite::Error::from)?;
        bytes += details.len() as u64;
        // One transaction always fits, or a run of large ones would read as an empty one.
        if bytes > bytes_max && !window.transactions.is_empty() {
            break;
        }
        window.first_ordinal = unsigned(row.get("ordinal")?);
        window.transactions.push(transaction(row, details)?);
    }
    window.transactions.reverse();
    window.omitted = unsigned(count).saturating_sub(window.transactions.len() as u64);
    Ok(window)
}

fn run(row: &Row<'_>) -> Result<Run, Fault> {
    Ok(Run {
        id: RunId(row.get(0)?),
        command: row.get(1)?,
        project_root: PathBuf::from(row.get::<_, String>(2)?),
        escala_version: row.get(3)?,
        started_at_us: unsigned(row.get(4)?),
        ended_at_us: row.get::<_, Option<i64>>(5)?.map(unsigned),
        dropped: unsigned(row.get(6)?),
        transactions: unsigned(row.get(7)?),
    })
}

fn transaction(row: &Row<'_>, details: &[u8]) -> Result<Transaction, Fault> {
    Ok(Transaction { details: decode_details(details)?, ..head(row)? })
}

/// A transaction without its tables.
fn head(row: &Row<'_>) -> Result<Transaction, Fault> {
    Ok(Transaction {
        serial: unsigned(row.get("serial")?),
        parent_serial: row.get::<_, Option<i64>>("parent_serial")?.map(unsigned),
        kind: decode_kind(row.get("kind")?)?,
        method: row.get("method")?,
        route: row.get("route")?,
        view: row.get("view")?,
        status: row.get("status")?,
        started_at_us: unsigned(row.get("started_at_us")?),
        wall_ns: unsigned(row.get("wall_ns")?),
        cpu_ns: unsigned(row.get("cpu_ns")?),
        response_bytes: unsigned(row.get("response_bytes")?),
        queries_total: row.get("queries_total")?,
        db_ns: unsigned(row.get("db_ns")?),
        request: None,
        details: Details::default(),
    })
}

fn totals(row: &Row<'_>) -> Result<EndpointTotals, Fault> {
    let bytes: Vec<u8> = row.get("totals")?;
    let totals = Totals::decode(&bytes)?;
    Ok(EndpointTotals {
        kind: decode_kind(row.get("kind")?)?,
        method: row.get("method")?,
        route: row.get("route")?,
        transactions: totals.transactions,
        queries_total: totals.queries_total,
        wall_total_ns: totals.wall_total_ns,
        db_total_ns: totals.db_total_ns,
        wall_ns: totals.wall_ns(),
        db_ns: totals.db_ns(),
        queries: totals.queries(),
        wall_spread_ns: totals.wall_ns,
        statuses: totals.statuses,
        view: totals.view,
    })
}

fn process(row: &Row<'_>) -> Result<RecordedProcess, Fault> {
    let search_path: Vec<u8> = row.get("module_search_path")?;
    let process = Process {
        pid: row.get("pid")?,
        agent_version: row.get("agent_version")?,
        python_version: row.get("python_version")?,
        django_version: row.get("django_version")?,
        executable: row.get("executable")?,
        settings_module: row.get("settings_module")?,
        working_directory: row.get("working_directory")?,
        module_search_path: decode_texts(&search_path)?,
        started_at_us: unsigned(row.get("started_at_us")?),
    };
    Ok(RecordedProcess { id: ProcessId(row.get("id")?), process })
}

fn file(row: &Row<'_>) -> Result<RecordedFile, Fault> {
    Ok(RecordedFile {
        path: row.get("path")?,
        sha256: row.get("sha256")?,
        modified_at_us: unsigned(row.get("modified_at_us")?),
        size_bytes: unsigned(row.get("size_bytes")?),
        changed_after_start: row.get("changed_after_start")?,
    })
}

fn request(row: &Row<'_>) -> Result<RecordedRequest, Fault> {
    let headers: Vec<u8> = row.get("headers")?;
    Ok(RecordedRequest {
        kind: decode_kind(row.get("kind")?)?,
        method: row.get("method")?,
        route: row.get("route")?,
        transaction_ordinal: unsigned(row.get("transaction_ordinal")?),
        queries_total: row.get("queries_total")?,
        process: ProcessId(row.get("process_id")?),
        request: CapturedRequest {
            method: row.get("request_method")?,
            path: row.get("path")?,
            query_string: row.get("query_string")?,
            secure: row.get("secure")?,
            headers: decode_pairs(&headers)?,
            body: row.get("body")?,
            user_pk: row.get("user_pk")?,
            redacted: row.get("redacted")?,
        },
    })
}

#[cfg(test)]
mod tests;
