use std::fs;

use rusqlite::ffi;
use tempfile::TempDir;

use super::*;

const CEILING: u64 = 1 << 24;

fn store() -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(FILE_NAME);
    (dir, path)
}

fn version(connection: &Connection) -> i64 {
    pragma(connection, "user_version").unwrap()
}

#[test]
fn a_new_store_has_the_latest_version_and_opens_again() {
    let (dir, _) = store();
    for _ in 0..2 {
        let connection = open_writer(dir.path(), CEILING).unwrap();
        assert_eq!(version(&connection), integer(MIGRATIONS.len() as u64));
        assert_eq!(pragma(&connection, "application_id").unwrap(), APPLICATION_ID);
        assert_eq!(pragma(&connection, "foreign_keys").unwrap(), 1);
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }
    open_reader(dir.path()).unwrap();
}

#[test]
fn migrations_run_from_where_the_store_is() {
    let mut connection = Connection::open_in_memory().unwrap();
    let first = "CREATE TABLE a (x)";
    migrate(&mut connection, 0, &[first]).unwrap();
    assert_eq!(version(&connection), 1);
    // The first one would fail if it ran again.
    migrate(&mut connection, 1, &[first, "ALTER TABLE a ADD COLUMN y", "CREATE TABLE b (x)"]).unwrap();
    assert_eq!(version(&connection), 3);
    connection.execute("INSERT INTO a (x, y) VALUES (1, 2)", []).unwrap();
}

#[test]
fn a_migration_that_fails_leaves_the_version_before_it() {
    let mut connection = Connection::open_in_memory().unwrap();
    let broken = "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1)";
    assert!(migrate(&mut connection, 0, &["CREATE TABLE a (x)", broken]).is_err());
    assert_eq!(version(&connection), 1);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn nothing_there_is_no_traffic() {
    let (dir, path) = store();
    for place in [dir.path().to_path_buf(), dir.path().join("missing")] {
        let error = open_reader(&place).err().unwrap();
        assert!(matches!(&error, OpenError::NotFound { dir } if *dir == place), "{error}");
    }
    fs::write(&path, "").unwrap();
    let error = open_reader(dir.path()).err().unwrap();
    assert_eq!(
        error.to_string(),
        format!("no traffic recorded yet in {}: run `escala run -- …` first", dir.path().display())
    );
}

#[test]
fn what_is_no_store_is_refused_and_left_as_it_is() {
    let (dir, path) = store();
    for garbage in [
        "x".to_owned(),
        "y".repeat(511),
        "z".repeat(512),
        "garbage, longer than a header of SQLite ".repeat(200),
    ] {
        fs::write(&path, &garbage).unwrap();
        for refused in [open_reader(dir.path()).err(), open_writer(dir.path(), CEILING).err()] {
            assert!(matches!(refused, Some(OpenError::NotAStore { .. })), "{refused:?}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), garbage);
    }
    fs::remove_file(&path).unwrap();

    let foreign = Connection::open(&path).unwrap();
    foreign.execute_batch("CREATE TABLE auth_user (id)").unwrap();
    drop(foreign);
    let before = fs::read(&path).unwrap();
    for refused in [open_reader(dir.path()).err(), open_writer(dir.path(), CEILING).err()] {
        assert!(matches!(refused, Some(OpenError::NotAStore { .. })), "{refused:?}");
    }
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn free_pages_are_given_back_but_for_a_few() {
    let (dir, path) = store();
    let connection = open_writer(dir.path(), 1 << 30).unwrap();
    let fill = "INSERT INTO runs (command, project_root, escala_version, started_at_us) VALUES (hex(zeroblob(5000000)), '', '', 0)";
    for _ in 0..4 {
        connection.execute(fill, []).unwrap();
    }
    connection.execute("DELETE FROM runs", []).unwrap();
    release_free_pages(&connection).unwrap();
    fold(&connection).unwrap();
    let size = fs::metadata(&path).unwrap().len();
    assert!(size <= FREE_BYTES_KEPT + (1 << 20), "{size}");
    assert!(size >= FREE_BYTES_KEPT, "{size}");
}

#[test]
fn a_newer_store_is_refused() {
    let (dir, path) = store();
    let connection = open_writer(dir.path(), CEILING).unwrap();
    connection.pragma_update(None, "user_version", 7).unwrap();
    drop(connection);
    for refused in [open_reader(dir.path()).err(), open_writer(dir.path(), CEILING).err()] {
        let expected = format!(
            "{} was written by a newer Escala (store version 7, this one knows 4): upgrade Escala, or choose another \
             store with --store DIR",
            path.display()
        );
        assert_eq!(refused.unwrap().to_string(), expected);
    }
}

#[test]
fn things_in_the_way_are_named() {
    let (dir, path) = store();
    fs::create_dir(&path).unwrap();
    for refused in [open_reader(dir.path()).err(), open_writer(dir.path(), CEILING).err()] {
        assert!(
            matches!(&refused, Some(OpenError::NotAStore { path: named }) if *named == path),
            "{refused:?}"
        );
    }
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = open_reader(&file).err().unwrap();
    assert!(matches!(&error, OpenError::NotADirectory { path } if *path == file), "{error}");
}

#[test]
fn a_reader_cannot_write() {
    let (dir, path) = store();
    drop(open_writer(dir.path(), CEILING).unwrap());
    let reader = open_reader(dir.path()).unwrap();
    let error = reader.execute("DELETE FROM runs", []).err().unwrap();
    assert!(matches!(OpenError::from_sqlite(&path, Intent::Write, error), OpenError::ReadOnly { .. }));
}

#[test]
fn a_store_is_one_file_after_folding_and_a_reader_only_delays_that() {
    let (dir, _) = store();
    let wal = dir.path().join("escala.db-wal");
    let writer = open_writer(dir.path(), CEILING).unwrap();
    let reader = open_reader(dir.path()).unwrap();
    assert!(wal.exists());
    fold(&writer).unwrap();
    drop(reader);
    fold(&writer).unwrap();
    assert!(!wal.exists());
}

#[test]
fn a_store_does_not_grow_beyond_its_ceiling() {
    let (dir, path) = store();
    let writer = open_writer(dir.path(), 100 * u64::from(PAGE_BYTES)).unwrap();
    writer.execute_batch("CREATE TABLE filler (x)").unwrap();
    let error = loop {
        if let Err(error) = writer.execute("INSERT INTO filler VALUES (zeroblob(9000))", []) {
            break error;
        }
    };
    assert!(
        matches!(OpenError::writing(dir.path(), error), OpenError::DiskFull { path: full } if full == path)
    );
    assert_eq!(used_bytes(&writer).unwrap(), 100 * u64::from(PAGE_BYTES));
}

#[test]
fn refusals_of_the_operating_system_are_told_apart() {
    use io::ErrorKind::{
        IsADirectory, NotADirectory, Other, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let error = |kind: io::ErrorKind, intent| OpenError::from_io(Path::new("x"), intent, kind.into());
    assert!(matches!(error(PermissionDenied, Intent::Read), OpenError::Unreadable { .. }));
    assert!(matches!(error(PermissionDenied, Intent::Write), OpenError::ReadOnly { .. }));
    assert!(matches!(error(ReadOnlyFilesystem, Intent::Write), OpenError::ReadOnly { .. }));
    assert!(matches!(error(StorageFull, Intent::Write), OpenError::DiskFull { .. }));
    assert!(matches!(error(QuotaExceeded, Intent::Write), OpenError::DiskFull { .. }));
    assert!(matches!(error(NotADirectory, Intent::Read), OpenError::NotADirectory { .. }));
    assert!(matches!(error(IsADirectory, Intent::Write), OpenError::NotAStore { .. }));
    assert!(matches!(error(Other, Intent::Read), OpenError::Io { .. }));
}

#[test]
fn refusals_of_sqlite_are_told_apart() {
    let error = |code, intent| {
        let source = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        OpenError::from_sqlite(Path::new("x"), intent, source)
    };
    assert!(matches!(error(ffi::SQLITE_NOTADB, Intent::Read), OpenError::NotAStore { .. }));
    assert!(matches!(error(ffi::SQLITE_CORRUPT, Intent::Read), OpenError::Damaged { .. }));
    assert!(matches!(error(ffi::SQLITE_FULL, Intent::Write), OpenError::DiskFull { .. }));
    assert!(matches!(error(SQLITE_IOERR_SHMSIZE, Intent::Write), OpenError::DiskFull { .. }));
    assert!(matches!(error(ffi::SQLITE_IOERR_READ, Intent::Write), OpenError::Database { .. }));
    assert!(matches!(error(ffi::SQLITE_BUSY, Intent::Write), OpenError::Busy { .. }));
    assert!(matches!(error(ffi::SQLITE_CANTOPEN, Intent::Read), OpenError::Unreadable { .. }));
    assert!(matches!(error(ffi::SQLITE_CANTOPEN, Intent::Write), OpenError::ReadOnly { .. }));
    assert!(matches!(error(ffi::SQLITE_READONLY_DIRECTORY, Intent::Write), OpenError::ReadOnly { .. }));
    assert!(matches!(error(ffi::SQLITE_NOMEM, Intent::Read), OpenError::Database { .. }));
}
