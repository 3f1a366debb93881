use rusqlite::params;

use super::*;
use crate::database::open_writer;
use crate::limits::STORE_BYTES_CEILING;
use crate::testing::Place;

/// A store with a run of `count` transactions of `bytes` each.
fn filled(place: &Place, count: u64, bytes: u64) -> Connection {
    std::fs::create_dir_all(place.store()).unwrap();
    let connection = open_writer(&place.store(), STORE_BYTES_CEILING).unwrap();
    add_run(&connection, 1);
    for ordinal in 1..=count {
        let sql = "INSERT INTO transactions (run_id, process_id, ordinal, serial, kind, method, route, view, status,
                started_at_us, wall_ns, cpu_ns, response_bytes, queries_total, db_ns, details)
             VALUES (1, 1, ?1, ?1, 0, 'GET', '/', '', 200, 0, 0, 0, 0, 0, 0, zeroblob(?2))";
        connection.execute(sql, params![integer(ordinal), integer(bytes)]).unwrap();
    }
    connection
}

fn add_run(connection: &Connection, id: i64) {
    let sql = "INSERT INTO runs (id, command, project_root, escala_version, started_at_us) VALUES (?1, '', '', '', 0)";
    connection.execute(sql, [id]).unwrap();
}

fn oldest(connection: &Connection) -> i64 {
    connection.query_row("SELECT min(ordinal) FROM transactions", [], |row| row.get(0)).unwrap()
}

#[test]
fn the_oldest_go_until_the_count_fits() {
    let place = Place::new();
    let connection = filled(&place, 50, 10);
    let limits = Limits { transactions: 30, ..Limits::default() };
    assert_eq!(remove_oldest(&connection, &limits, 50, 9).unwrap(), 20);
    assert_eq!((stored(&connection).unwrap(), oldest(&connection)), (30, 21));
    assert_eq!(remove_oldest(&connection, &limits, 30, 9).unwrap(), 0);
}

#[test]
fn the_oldest_go_until_the_bytes_fit_in_steps() {
    let place = Place::new();
    let connection = filled(&place, 1_000, 8_000);
    let limits = Limits { store_bytes: 4_000_000, ..Limits::default() };
    assert_eq!(remove_oldest(&connection, &limits, 1_000, 1).unwrap(), TRANSACTIONS_REMOVED_PER_STEP);
    remove_oldest(&connection, &limits, 1_000 - TRANSACTIONS_REMOVED_PER_STEP, u32::MAX).unwrap();
    assert!(used_bytes(&connection).unwrap() <= limits.store_bytes);
    assert!(stored(&connection).unwrap() > 200, "no more than needed");
}

#[test]
fn a_store_that_is_too_large_for_other_reasons_ends_empty_not_in_a_loop() {
    let place = Place::new();
    let connection = filled(&place, 10, 10);
    let limits = Limits { store_bytes: 1, ..Limits::default() };
    assert_eq!(remove_oldest(&connection, &limits, 10, u32::MAX).unwrap(), 10);
    assert_eq!(remove_oldest(&connection, &limits, 0, u32::MAX).unwrap(), 0);
}

#[test]
fn a_run_goes_with_its_last_transaction_and_takes_its_rows_along() {
    let place = Place::new();
    let connection = filled(&place, 5, 10);
    add_run(&connection, 2);
    add_run(&connection, 3);
    let file = "INSERT INTO source_files (run_id, path, modified_at_us, size_bytes, changed_after_start)
         VALUES (?1, 'a.py', 0, 0, 0)";
    for run in 1..=3 {
        connection.execute(file, [run]).unwrap();
    }
    let left = |table: &str| -> i64 {
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    remove_empty_runs(&connection, Some(RunId(3))).unwrap();
    assert_eq!((left("runs"), left("source_files")), (2, 2), "the second was empty and over");
    let limits = Limits { transactions: 0, ..Limits::default() };
    remove_oldest(&connection, &limits, 5, 9).unwrap();
    remove_empty_runs(&connection, Some(RunId(3))).unwrap();
    assert_eq!((left("runs"), left("source_files")), (1, 1));
    remove_empty_runs(&connection, None).unwrap();
    assert_eq!((left("runs"), left("source_files")), (0, 0));
}
