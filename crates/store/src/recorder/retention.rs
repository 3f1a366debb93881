//! What goes when a store is full: the oldest transactions, in steps so small that the writer is soon back at its queue.

use rusqlite::{Connection, Error, params};

use crate::database::used_bytes;
use crate::encoding::{integer, unsigned};
use crate::limits::{Limits, TRANSACTIONS_REMOVED_PER_STEP};
use crate::records::RunId;

/// Removes the oldest transactions until the limits hold, or `steps` were taken. Returns how many went; `stored` is how
/// many there are.
pub(super) fn remove_oldest(
    connection: &Connection,
    limits: &Limits,
    stored: u64,
    steps: u32,
) -> Result<u64, Error> {
    let mut removed = 0;
    for _ in 0..steps {
        let left = stored.saturating_sub(removed);
        let surplus = surplus(left, used_bytes(connection)?, limits);
        if surplus == 0 {
            break;
        }
        let oldest =
            "DELETE FROM transactions WHERE id IN (SELECT id FROM transactions ORDER BY id LIMIT ?1)";
        let count = connection.execute(oldest, [integer(surplus)])? as u64;
        if count == 0 {
            break;
        }
        removed += count;
    }
    Ok(removed)
}

/// Removes the runs that have nothing left, except the one that is being recorded.
pub(super) fn remove_empty_runs(connection: &Connection, current: Option<RunId>) -> Result<(), Error> {
    let empty = "DELETE FROM runs WHERE id IS NOT ?1
        AND NOT EXISTS (SELECT 1 FROM transactions WHERE transactions.run_id = runs.id)";
    connection.execute(empty, params![current.map(|run| run.0)]).map(drop)
}

/// Transactions in the store.
pub(super) fn stored(connection: &Connection) -> Result<u64, Error> {
    connection.query_row("SELECT count(*) FROM transactions", [], |row| row.get(0)).map(unsigned)
}

/// Transactions to remove in the next step.
fn surplus(stored: u64, used_bytes: u64, limits: &Limits) -> u64 {
    let over_count = stored.saturating_sub(limits.transactions);
    let over_bytes = if used_bytes > limits.store_bytes { TRANSACTIONS_REMOVED_PER_STEP } else { 0 };
    over_count.max(over_bytes).min(TRANSACTIONS_REMOVED_PER_STEP)
}

#[cfg(test)]
mod tests;
