//! Single transactions: one by its number, and those of an endpoint that are worth a look.

use observation::{Transaction, TransactionKind};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{HEAD_COLUMNS, ReadError, Store, head, transaction};
use crate::database::Fault;
use crate::encoding::{integer, kind, unsigned};
use crate::limits::RELATIVES_SEARCHED_MAX;
use crate::records::{EndpointId, RecordedTransaction, RunId, TransactionOrder};

impl Store {
    /// Number of the newest transaction of a run; 0 for a run without one. It tells whether anything has come since.
    pub fn latest_ordinal(&self, run: RunId) -> Result<u64, ReadError> {
        self.read(|connection| {
            let sql = "SELECT ordinal FROM transactions WHERE run_id = ?1 ORDER BY id DESC LIMIT 1";
            let ordinal = connection.prepare(sql)?.query_row([run.0], |row| row.get(0)).optional()?;
            Ok(ordinal.map_or(0, unsigned))
        })
    }

    /// A transaction with its tables; none when there is no such, or it has gone.
    pub fn transaction(&self, run: RunId, ordinal: u64) -> Result<Option<RecordedTransaction>, ReadError> {
        self.read(|connection| {
            let Some(id) = find(connection, run, ordinal)? else { return Ok(None) };
            let sql = format!("SELECT {HEAD_COLUMNS}, details FROM transactions WHERE id = ?1");
            let mut statement = connection.prepare(&sql)?;
            let mut rows = statement.query([id])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let details = row.get_ref("details")?.as_blob().map_err(rusqlite::Error::from)?;
            Ok(Some(RecordedTransaction { ordinal, transaction: transaction(row, details)? }))
        })
    }

    /// The transactions of a run that came last, the newest first, without their tables.
    pub fn last_transactions(&self, run: RunId, count: u64) -> Result<Vec<RecordedTransaction>, ReadError> {
        self.read(|connection| {
            let sql = format!(
                "SELECT {HEAD_COLUMNS} FROM transactions WHERE run_id = ?1 ORDER BY id DESC LIMIT ?2"
            );
            heads(connection, &sql, params![run.0, integer(count)])
        })
    }

    /// Transactions of an endpoint that began in a time, without their tables.
    pub fn transactions_of(
        &self,
        run: RunId,
        endpoint: &EndpointId,
        (from_us, to_us): (u64, u64),
        order: TransactionOrder,
        count: u64,
    ) -> Result<Vec<RecordedTransaction>, ReadError> {
        let (order, near_ns) = match order {
            TransactionOrder::Newest => ("started_at_us DESC, id DESC", 0),
            TransactionOrder::Slowest => ("wall_ns DESC, id DESC", 0),
            TransactionOrder::Near(wall_ns) => ("abs(wall_ns - ?7), id", wall_ns),
        };
        // The inner query is answered by the index alone.
        let sql = format!(
            "SELECT {HEAD_COLUMNS} FROM transactions WHERE id IN (
                SELECT id FROM transactions
                WHERE run_id = ?1 AND kind = ?2 AND method = ?3 AND route = ?4
                    AND started_at_us >= ?5 AND started_at_us < ?6
                ORDER BY {order} LIMIT ?8)
             ORDER BY {order}"
        );
        let values = params![
            run.0,
            kind(endpoint.kind),
            endpoint.method,
            endpoint.route,
            integer(from_us),
            integer(to_us),
            integer(near_ns),
            integer(count),
        ];
        self.read(|connection| heads(connection, &sql, values))
    }

    /// The newest transactions of an endpoint with their tables, fewer when these are together larger than a bound.
    pub fn newest_of(
        &self,
        run: RunId,
        endpoint: &EndpointId,
        count_max: u64,
        details_bytes_max: u64,
    ) -> Result<Vec<Transaction>, ReadError> {
        self.read(|connection| {
            let sql = format!(
                "SELECT {HEAD_COLUMNS}, details FROM transactions WHERE id IN (
                    SELECT id FROM transactions
                    WHERE run_id = ?1 AND kind = ?2 AND method = ?3 AND route = ?4
                    ORDER BY started_at_us DESC LIMIT ?5)
                 ORDER BY started_at_us DESC"
            );
            let mut statement = connection.prepare(&sql)?;
            let values =
                params![run.0, kind(endpoint.kind), endpoint.method, endpoint.route, integer(count_max)];
            let mut rows = statement.query(values)?;
            let (mut found, mut bytes) = (Vec::new(), 0);
            while let Some(row) = rows.next()? {
                let details = row.get_ref("details")?.as_blob().map_err(rusqlite::Error::from)?;
                bytes += details.len() as u64;
                if bytes > details_bytes_max && !found.is_empty() {
                    break;
                }
                found.push(transaction(row, details)?);
            }
            Ok(found)
        })
    }

    /// The transaction around one, and those inside it, without their tables: a test, and the requests that it made. They
    /// arrived shortly before or after it, or they are not found.
    pub fn relatives(
        &self,
        run: RunId,
        ordinal: u64,
    ) -> Result<(Option<RecordedTransaction>, Vec<RecordedTransaction>), ReadError> {
        self.read(|connection| {
            let Some(id) = find(connection, run, ordinal)? else { return Ok((None, Vec::new())) };
            let sql = format!(
                "SELECT {HEAD_COLUMNS} FROM transactions
                 WHERE id > ?1 AND id <= ?1 + ?2 AND run_id = (SELECT run_id FROM transactions WHERE id = ?1)
                    AND process_id = (SELECT process_id FROM transactions WHERE id = ?1)
                    AND serial = (SELECT parent_serial FROM transactions WHERE id = ?1)
                 ORDER BY id LIMIT 1"
            );
            let parent = heads(connection, &sql, params![id, RELATIVES_SEARCHED_MAX])?.pop();
            let sql = format!(
                "SELECT {HEAD_COLUMNS} FROM transactions
                 WHERE id < ?1 AND id >= ?1 - ?2 AND run_id = (SELECT run_id FROM transactions WHERE id = ?1)
                    AND process_id = (SELECT process_id FROM transactions WHERE id = ?1)
                    AND parent_serial = (SELECT serial FROM transactions WHERE id = ?1)
                 ORDER BY id"
            );
            Ok((parent, heads(connection, &sql, params![id, RELATIVES_SEARCHED_MAX])?))
        })
    }

    /// Path and query string of a transaction that was kept for replay.
    pub fn request_path(&self, run: RunId, of: &RecordedTransaction) -> Result<Option<String>, ReadError> {
        let Transaction { kind: its_kind, method, route, .. } = &of.transaction;
        if *its_kind != TransactionKind::Http {
            return Ok(None);
        }
        self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT path, query_string FROM requests
                 WHERE run_id = ?1 AND kind = ?2 AND method = ?3 AND route = ?4 AND transaction_ordinal = ?5",
            )?;
            let values = params![run.0, kind(*its_kind), method, route, integer(of.ordinal)];
            let path = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
            let found = statement.query_row(values, path).optional()?;
            Ok(found.map(|(path, query)| if query.is_empty() { path } else { format!("{path}?{query}") }))
        })
    }
}

/// The row of a transaction. The ordinals of a run have no gaps, and neither have its rows: only the oldest go.
fn find(connection: &Connection, run: RunId, ordinal: u64) -> Result<Option<i64>, Fault> {
    let first = "SELECT id, ordinal FROM transactions WHERE run_id = ?1 ORDER BY id LIMIT 1";
    let first: Option<(i64, i64)> =
        connection.prepare(first)?.query_row([run.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((id, first)) = first else { return Ok(None) };
    let id = id.saturating_add(integer(ordinal).saturating_sub(first));
    let is_it = "SELECT 1 FROM transactions WHERE id = ?1 AND run_id = ?2 AND ordinal = ?3";
    let is_there = connection.prepare(is_it)?.exists(params![id, run.0, integer(ordinal)])?;
    Ok(is_there.then_some(id))
}

fn heads(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<RecordedTransaction>, Fault> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(values)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(RecordedTransaction { ordinal: unsigned(row.get("ordinal")?), transaction: head(row)? });
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
