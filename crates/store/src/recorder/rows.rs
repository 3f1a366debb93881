//! The statements that put one batch into the database, prepared once for all its rows.

use observation::codec::Writer;
use observation::{CapturedRequest, Process, Transaction};
use rusqlite::{Connection, Error, OptionalExtension, Row, Statement, params};
use sha2::{Digest, Sha256};

use super::source_file::{ExaminedFile, SeenFile};
use super::tally::{BucketKey, EndpointKey, Known};
use crate::encoding::{damaged, integer, kind, pairs, texts};
use crate::records::{ProcessId, RunId};
use crate::rollup::{self, COLUMNS, Rollup};
use crate::totals::Totals;

/// Enough of a hash to tell the requests of one endpoint apart.
const FINGERPRINT_BYTES: usize = 16;

/// Prepared statements, all for one run.
pub(super) struct Rows<'connection> {
    run: RunId,
    find_process: Statement<'connection>,
    insert_process: Statement<'connection>,
    insert_transaction: Statement<'connection>,
    count_requests: Statement<'connection>,
    insert_request: Statement<'connection>,
    update_file: Statement<'connection>,
    count_files: Statement<'connection>,
    insert_file: Statement<'connection>,
    update_dropped: Statement<'connection>,
    find_totals: Statement<'connection>,
    insert_totals: Statement<'connection>,
    write_totals: Statement<'connection>,
    find_rollup: Statement<'connection>,
    write_rollup: Statement<'connection>,
    remove_rollups_before: Statement<'connection>,
}

impl<'connection> Rows<'connection> {
    pub(super) fn prepare(connection: &'connection Connection, run: RunId) -> Result<Self, Error> {
        Ok(Self {
            run,
            find_process: connection
                .prepare("SELECT id FROM processes WHERE run_id = ?1 AND pid = ?2 AND started_at_us = ?3")?,
            insert_process: connection.prepare(
                "INSERT INTO processes (run_id, pid, started_at_us, agent_version, python_version, django_version,
                    executable, settings_module, working_directory, module_search_path)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id",
            )?,
            insert_transaction: connection.prepare(
                "INSERT INTO transactions (run_id, process_id, ordinal, serial, parent_serial, kind, method, route,
                    view, status, started_at_us, wall_ns, cpu_ns, response_bytes, queries_total, db_ns, details)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            )?,
            count_requests: connection.prepare(
                "SELECT count(*) FROM requests WHERE run_id = ?1 AND kind = ?2 AND method = ?3 AND route = ?4",
            )?,
            insert_request: connection.prepare(
                "INSERT OR IGNORE INTO requests (run_id, process_id, transaction_ordinal, kind, method, route,
                    queries_total, fingerprint, request_method, path, query_string, secure, headers, body, user_pk,
                    redacted)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?,
            // Another process, or another look: what differs from the first is not what everybody runs.
            update_file: connection.prepare(
                "UPDATE source_files SET changed_after_start = max(changed_after_start, ?5, sha256 IS NOT ?6)
                 WHERE run_id = ?1 AND path = ?2 AND modified_at_us = ?3 AND size_bytes = ?4",
            )?,
            count_files: connection.prepare("SELECT count(*) FROM source_files WHERE run_id = ?1")?,
            insert_file: connection.prepare(
                "INSERT INTO source_files (run_id, path, modified_at_us, size_bytes, changed_after_start, sha256)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            update_dropped: connection.prepare("UPDATE runs SET dropped = ?2 WHERE id = ?1")?,
            find_totals: connection.prepare(
                "SELECT id, rolled_up, totals FROM endpoint_totals
                 WHERE run_id = ?1 AND kind = ?2 AND method = ?3 AND route = ?4",
            )?,
            insert_totals: connection.prepare(
                "INSERT INTO endpoint_totals (run_id, kind, method, route, rolled_up, totals)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
            )?,
            write_totals: connection.prepare("UPDATE endpoint_totals SET totals = ?2 WHERE id = ?1")?,
            find_rollup: connection.prepare(&format!(
                "SELECT {COLUMNS} FROM rollups
                 WHERE run_id = ?1 AND width_s = ?2 AND endpoint_id = ?3 AND started_at_s = ?4"
            ))?,
            write_rollup: connection.prepare(&format!(
                "INSERT INTO rollups (run_id, width_s, endpoint_id, started_at_s, {COLUMNS})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                 ON CONFLICT DO UPDATE SET requests = excluded.requests, errors = excluded.errors,
                    client_errors = excluded.client_errors, queries = excluded.queries, wall_ns = excluded.wall_ns,
                    db_ns = excluded.db_ns, spread = excluded.spread"
            ))?,
            remove_rollups_before: connection.prepare(
                "DELETE FROM rollups
                 WHERE run_id = ?1 AND width_s = ?2 AND endpoint_id = ?3 AND started_at_s < ?4",
            )?,
        })
    }

    pub(super) fn find_process(&mut self, process: &Process) -> Result<Option<ProcessId>, Error> {
        let key = params![self.run.0, process.pid, integer(process.started_at_us)];
        self.find_process.query_row(key, |row| row.get(0)).optional().map(|id| id.map(ProcessId))
    }

    pub(super) fn insert_process(&mut self, process: &Process) -> Result<ProcessId, Error> {
        let values = params![
            self.run.0,
            process.pid,
            integer(process.started_at_us),
            process.agent_version,
            process.python_version,
            process.django_version,
            process.executable,
            process.settings_module,
            process.working_directory,
            texts(&process.module_search_path),
        ];
        self.insert_process.query_row(values, |row| row.get(0)).map(ProcessId)
    }

    pub(super) fn insert_transaction(
        &mut self,
        process: ProcessId,
        ordinal: u64,
        transaction: &Transaction,
        details: &[u8],
    ) -> Result<(), Error> {
        self.insert_transaction.execute(params![
            self.run.0,
            process.0,
            integer(ordinal),
            integer(transaction.serial),
            transaction.parent_serial.map(integer),
            kind(transaction.kind),
            transaction.method,
            transaction.route,
            transaction.view,
            transaction.status,
            integer(transaction.started_at_us),
            integer(transaction.wall_ns),
            integer(transaction.cpu_ns),
            integer(transaction.response_bytes),
            transaction.queries_total,
            integer(transaction.db_ns),
            details,
        ])?;
        Ok(())
    }

    /// Keeps a request unless the same is there or its endpoint has `per_endpoint_max`. Says whether it was kept.
    pub(super) fn insert_request(
        &mut self,
        process: ProcessId,
        ordinal: u64,
        transaction: &Transaction,
        request: &CapturedRequest,
        per_endpoint_max: u64,
    ) -> Result<bool, Error> {
        let endpoint = params![self.run.0, kind(transaction.kind), transaction.method, transaction.route];
        let kept: i64 = self.count_requests.query_row(endpoint, |row| row.get(0))?;
        if kept >= integer(per_endpoint_max) {
            return Ok(false);
        }
        let headers = pairs(&request.headers);
        let inserted = self.insert_request.execute(params![
            self.run.0,
            process.0,
            integer(ordinal),
            kind(transaction.kind),
            transaction.method,
            transaction.route,
            transaction.queries_total,
            fingerprint(request, &headers),
            request.method,
            request.path,
            request.query_string,
            request.secure,
            headers,
            request.body,
            request.user_pk,
            request.redacted,
        ])?;
        Ok(inserted > 0)
    }

    /// Records what was found, unless it is a new file beyond `files_max`.
    pub(super) fn record_file(
        &mut self,
        seen: &SeenFile,
        examined: &ExaminedFile,
        files_max: usize,
    ) -> Result<(), Error> {
        let values = params![
            self.run.0,
            seen.path,
            integer(seen.modified_at_us),
            integer(seen.size_bytes),
            examined.changed_after_start,
            examined.sha256,
        ];
        if self.update_file.execute(values)? > 0 {
            return Ok(());
        }
        let count: i64 = self.count_files.query_row([self.run.0], |row| row.get(0))?;
        if count < integer(files_max as u64) {
            self.insert_file.execute(values)?;
        }
        Ok(())
    }

    pub(super) fn has_totals(&mut self, key: &EndpointKey) -> Result<bool, Error> {
        self.find_totals.exists(params![self.run.0, kind(key.kind), key.method, key.route])
    }

    pub(super) fn find_totals(&mut self, key: &EndpointKey) -> Result<Option<Known>, Error> {
        let endpoint = params![self.run.0, kind(key.kind), key.method, key.route];
        let known = |row: &Row<'_>| {
            let bytes: Vec<u8> = row.get("totals")?;
            let totals = Totals::decode(&bytes).map_err(damaged)?;
            Ok(Known { id: row.get("id")?, rolled_up: row.get("rolled_up")?, totals })
        };
        self.find_totals.query_row(endpoint, known).optional()
    }

    pub(super) fn insert_totals(
        &mut self,
        key: &EndpointKey,
        rolled_up: bool,
        totals: &Totals,
    ) -> Result<i64, Error> {
        let values = params![self.run.0, kind(key.kind), key.method, key.route, rolled_up, totals.encode()];
        self.insert_totals.query_row(values, |row| row.get(0))
    }

    pub(super) fn write_totals(&mut self, known: &Known) -> Result<(), Error> {
        self.write_totals.execute(params![known.id, known.totals.encode()]).map(drop)
    }

    pub(super) fn find_rollup(&mut self, key: BucketKey) -> Result<Option<Rollup>, Error> {
        let of = params![self.run.0, integer(key.width_s), key.endpoint_id, integer(key.started_at_s)];
        self.find_rollup.query_row(of, rollup::from_row).optional()
    }

    pub(super) fn write_rollup(&mut self, key: BucketKey, rollup: &Rollup) -> Result<(), Error> {
        let values = params![
            self.run.0,
            integer(key.width_s),
            key.endpoint_id,
            integer(key.started_at_s),
            integer(rollup.requests),
            integer(rollup.errors),
            integer(rollup.client_errors),
            integer(rollup.queries),
            integer(rollup.wall_ns),
            integer(rollup.db_ns),
            rollup.encode_spread(),
        ];
        self.write_rollup.execute(values).map(drop)
    }

    /// Removes what is older than the bucket, of the same width and endpoint.
    pub(super) fn remove_rollups_before(&mut self, key: BucketKey) -> Result<(), Error> {
        let of = params![self.run.0, integer(key.width_s), key.endpoint_id, integer(key.started_at_s)];
        self.remove_rollups_before.execute(of).map(drop)
    }

    pub(super) fn update_dropped(&mut self, dropped: u64) -> Result<(), Error> {
        self.update_dropped.execute(params![self.run.0, integer(dropped)]).map(drop)
    }
}

/// What makes two requests the same. The body is not part of it: requests that have one are unsafe, and those are kept
/// as examples.
fn fingerprint(request: &CapturedRequest, headers: &[u8]) -> [u8; FINGERPRINT_BYTES] {
    let mut writer = Writer::default();
    writer.text(&request.method);
    writer.text(&request.path);
    writer.text(&request.query_string);
    writer.byte(u8::from(request.secure));
    writer.blob(headers);
    writer.byte(u8::from(request.user_pk.is_some()));
    writer.text(request.user_pk.as_deref().unwrap_or_default());
    let hash: [u8; 32] = Sha256::digest(writer.into_bytes()).into();
    std::array::from_fn(|at| hash[at])
}
