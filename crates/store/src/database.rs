//! The database file: where it is, whose it is, which version it has, and what can be wrong with it.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use observation::codec::DecodeError;
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::encoding::{integer, unsigned};
use crate::limits::{FOLD_WAIT_MAX, FREE_BYTES_KEPT, LOCK_WAIT_MAX};

const FILE_NAME: &str = "escala.db";

/// The smallest page that SQLite knows.
const SMALLEST_DATABASE_BYTES: u64 = 512;

/// `Esca` in ASCII: tells a store from another program's database, whatever its version.
const APPLICATION_ID: i64 = 0x4573_6361;

/// One file per version, in order; a store of version N has seen the first N.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001_initial.sql"),
    include_str!("schema/0002_endpoint_totals.sql"),
    include_str!("schema/0003_rollups.sql"),
    include_str!("schema/0004_edge.sql"),
];

/// Size of a database page: several transactions with their tables.
pub(crate) const PAGE_BYTES: u32 = 16 << 10;

/// WAL kept on disk between checkpoints: what a long read made it grow beyond this is given back.
const WAL_BYTES_KEPT: u64 = 16 << 20;

/// What the database said, for the end of an error chain.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DatabaseError(Fault);

/// What can go wrong inside this crate, where SQLite may be known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The database refused, or holds a value of another type.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    /// A value is encoded in a way that this version does not write.
    #[error(transparent)]
    Encoding(#[from] DecodeError),
}

impl Fault {
    /// Whether the store holds what this version never wrote, as opposed to not being accessible now.
    pub(crate) fn is_damage(&self) -> bool {
        let Self::Sqlite(error) = self else { return true };
        matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
            || matches!(
                error,
                rusqlite::Error::FromSqlConversionFailure(..)
                    | rusqlite::Error::IntegralValueOutOfRange(..)
                    | rusqlite::Error::InvalidColumnType(..)
                    | rusqlite::Error::Utf8Error(..)
            )
    }
}

impl From<Fault> for DatabaseError {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no store, or one that no run has ever written to.
    #[error("no traffic recorded yet in {}: run `escala run -- …` first", dir.display())]
    NotFound {
        /// The store's directory.
        dir: PathBuf,
    },
    /// A file stands where the store's directory, or one above it, should be.
    #[error("{} is not a directory: choose another store with --store DIR", path.display())]
    NotADirectory {
        /// What should be a directory.
        path: PathBuf,
    },
    /// The file is no database, or another program's.
    #[error("{} is not an Escala store: move it away, or choose another store with --store DIR", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// A newer Escala wrote it.
    #[error(
        "{} was written by a newer Escala (store version {found}, this one knows {known}): upgrade Escala, or choose \
         another store with --store DIR", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
        /// The latest version that this program knows.
        known: u64,
    },
    /// Permissions forbid reading.
    #[error(
        "{} may not be read by this user: run as the user who recorded it, or choose another store with --store DIR",
        path.display()
    )]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
    },
    /// Permissions or the file system forbid writing.
    #[error("{} cannot be written: make it writable, or choose another store with --store DIR", path.display())]
    ReadOnly {
        /// The file or directory.
        path: PathBuf,
    },
    /// No space left.
    #[error("no space is left for {}: free some, or choose another store with --store DIR", path.display())]
    DiskFull {
        /// The file or directory.
        path: PathBuf,
    },
    /// Parts of the file are not what the database wrote.
    #[error("{} is damaged: move it away, and the next `escala run` makes a new one", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Another program holds the database.
    #[error("{} is held by another program: try again when it is done", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused for another reason.
    #[error("{} cannot be opened", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// SQLite refused for another reason.
    #[error("{} cannot be opened as a database", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: DatabaseError,
    },
}

/// What the caller was about to do: the same refusal means something else to a reader and to a writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    Read,
    Write,
}

impl OpenError {
    pub(crate) fn from_io(path: &Path, intent: Intent, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match (source.kind(), intent) {
            (io::ErrorKind::PermissionDenied, Intent::Read) => Self::Unreadable { path },
            (io::ErrorKind::PermissionDenied, Intent::Write) | (io::ErrorKind::ReadOnlyFilesystem, _) => {
                Self::ReadOnly { path }
            }
            (io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded, _) => Self::DiskFull { path },
            (io::ErrorKind::NotADirectory, _) => Self::NotADirectory { path },
            (io::ErrorKind::IsADirectory, _) => Self::NotAStore { path },
            _ => Self::Io { path, source },
        }
    }

    /// What a refused write to the store in `dir` means.
    pub(crate) fn writing(dir: &Path, source: rusqlite::Error) -> Self {
        Self::from_sqlite(&dir.join(FILE_NAME), Intent::Write, source)
    }

    fn from_sqlite(path: &Path, intent: Intent, source: rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        // The index of the log is made by growing a file; SQLite tells apart what failed, but not why.
        if source.sqlite_extended_error_code() == Some(SQLITE_IOERR_SHMSIZE) {
            return Self::DiskFull { path };
        }
        match (source.sqlite_error_code(), intent) {
            (Some(ErrorCode::NotADatabase), _) => Self::NotAStore { path },
            (Some(ErrorCode::DatabaseCorrupt), _) => Self::Damaged { path },
            (Some(ErrorCode::DiskFull), _) => Self::DiskFull { path },
            (Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked), _) => Self::Busy { path },
            // It is there: what is missing is the permission, for the file or for those beside it, which a reader needs too
            // when the last recorder was killed.
            (
                Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied),
                Intent::Write,
            ) => Self::ReadOnly { path },
            (
                Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied),
                Intent::Read,
            ) => Self::Unreadable { path },
            _ => Self::Database { path, source: DatabaseError(source.into()) },
        }
    }
}

/// Opens the database for the recorder, making or upgrading it. It never grows beyond `bytes_ceiling`.
pub(crate) fn open_writer(dir: &Path, bytes_ceiling: u64) -> Result<Connection, OpenError> {
    let path = dir.join(FILE_NAME);
    // Made here rather than by SQLite: requests are nobody else's business, even where the directory is open to others.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(OpenError::from_io(&path, Intent::Write, error));
        }
        _ => {}
    }
    match fs::metadata(&path) {
        Ok(metadata) if may_be_database(&metadata) => {}
        Ok(_) => return Err(OpenError::NotAStore { path }),
        Err(error) => return Err(OpenError::from_io(&path, Intent::Write, error)),
    }
    let sqlite = |error| OpenError::from_sqlite(&path, Intent::Write, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(&path, flags).map_err(sqlite)?;
    connection.busy_timeout(LOCK_WAIT_MAX).map_err(sqlite)?;
    let version = identify(&connection, &path, Intent::Write)?;
    // SQLite opens a file that it may not write without a word, for reading.
    if connection.is_readonly("main").map_err(sqlite)? {
        return Err(OpenError::ReadOnly { path });
    }
    configure_writer(&connection, bytes_ceiling).map_err(sqlite)?;
    migrate(&mut connection, version, MIGRATIONS).map_err(sqlite)?;
    Ok(connection)
}

/// Opens the database for reading, beside a recorder or without one.
pub(crate) fn open_reader(dir: &Path) -> Result<Connection, OpenError> {
    let path = dir.join(FILE_NAME);
    // SQLite has one error for everything; the operating system says which it is.
    match fs::metadata(&path) {
        Ok(metadata) if may_be_database(&metadata) => {}
        Ok(_) => return Err(OpenError::NotAStore { path }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(OpenError::NotFound { dir: dir.to_path_buf() });
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(OpenError::NotADirectory { path: dir.to_path_buf() });
        }
        Err(error) => return Err(OpenError::from_io(&path, Intent::Read, error)),
    }
    let sqlite = |error| OpenError::from_sqlite(&path, Intent::Read, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&path, flags).map_err(sqlite)?;
    connection.busy_timeout(LOCK_WAIT_MAX).map_err(sqlite)?;
    if identify(&connection, &path, Intent::Read)? == 0 {
        return Err(OpenError::NotFound { dir: dir.to_path_buf() });
    }
    Ok(connection)
}

/// Gives free pages back to the file system. While a run goes on they are used again: the file is as large as it ever
/// had to be.
pub(crate) fn release_free_pages(connection: &Connection) -> Result<(), rusqlite::Error> {
    let page_bytes = unsigned(pragma(connection, "page_size")?).max(1);
    let surplus =
        unsigned(pragma(connection, "freelist_count")?).saturating_sub(FREE_BYTES_KEPT / page_bytes);
    if surplus > 0 {
        // Each step gives one page back.
        let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({surplus})"))?;
        let mut steps = statement.query([])?;
        while steps.next()?.is_some() {}
    }
    Ok(())
}

/// Makes the store one file again, which can be copied and read anywhere, read-only media included. A reader that has
/// the store open at this moment prevents it; that is no error, since nothing is missing, only in two files.
pub(crate) fn fold(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(FOLD_WAIT_MAX)?;
    let folded = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .and_then(|()| connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())));
    match folded {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(()),
        result => result,
    }
}

/// Bytes that the database needs, without the free pages in it.
pub(crate) fn used_bytes(connection: &Connection) -> Result<u64, rusqlite::Error> {
    let pages = pragma(connection, "page_count")? - pragma(connection, "freelist_count")?;
    Ok(unsigned(pages) * unsigned(pragma(connection, "page_size")?))
}

/// Whether SQLite can be left to judge. It takes a file of a few bytes for an empty one, and would overwrite it.
///
/// Looks without opening: closing a file releases every POSIX lock that this process has on it, those of its other
/// connections to the store included, and SQLite would no longer know who else uses the database.
fn may_be_database(metadata: &fs::Metadata) -> bool {
    metadata.is_file() && (metadata.len() == 0 || metadata.len() >= SMALLEST_DATABASE_BYTES)
}

/// The version of a store; 0 for an empty file, which is the state between its making and its first migration.
fn identify(connection: &Connection, path: &Path, intent: Intent) -> Result<u64, OpenError> {
    let sqlite = |error| OpenError::from_sqlite(path, intent, error);
    let application_id = pragma(connection, "application_id").map_err(sqlite)?;
    let version = unsigned(pragma(connection, "user_version").map_err(sqlite)?);
    if application_id != APPLICATION_ID {
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(sqlite)?;
        let empty = tables == 0 && application_id == 0 && version == 0;
        return if empty { Ok(0) } else { Err(OpenError::NotAStore { path: path.to_path_buf() }) };
    }
    let known = MIGRATIONS.len() as u64;
    if version > known {
        return Err(OpenError::Newer { path: path.to_path_buf(), found: version, known });
    }
    Ok(version)
}

fn configure_writer(connection: &Connection, bytes_ceiling: u64) -> Result<(), rusqlite::Error> {
    // Heeded only while the store is empty. SQLite's default of 4 KiB would hold one transaction of some 100 queries per
    // page and waste the rest of it.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    // So that pages can be given back, see `release_free_pages()`, without writing the whole store anew.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let page_bytes = unsigned(pragma(connection, "page_size")?).max(1);
    let set =
        |name: &str, value: u64| connection.pragma_update_and_check(None, name, integer(value), |_| Ok(()));
    set("max_page_count", bytes_ceiling / page_bytes)?;
    set("journal_size_limit", WAL_BYTES_KEPT)?;
    // Write-ahead log: readers do not wait for the recorder, nor it for them. NORMAL: a power cut may cost the last
    // commits, never the store.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")
}

/// Brings a store from `version` to the last one, one transaction each, so that it is never between two.
fn migrate(connection: &mut Connection, version: u64, migrations: &[&str]) -> Result<(), rusqlite::Error> {
    for (step, sql) in (1_u64..).zip(migrations).filter(|(step, _)| *step > version) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", integer(step))?;
        transaction.commit()?;
    }
    Ok(())
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, rusqlite::Error> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

#[cfg(test)]
mod tests;
