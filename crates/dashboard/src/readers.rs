//! Connections to the store: as many as there are answers being computed, and used again.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use store::{OpenError, Store};

use crate::limits::{READER_AGE_MAX, READERS_MAX};

/// A connection, and since when it is open.
struct Reader {
    store: Store,
    opened_at: Instant,
}

impl Reader {
    fn open(dir: &Path) -> Result<Self, OpenError> {
        Ok(Self { store: Store::open(dir)?, opened_at: Instant::now() })
    }
}

/// The connections that nobody uses at the moment.
pub(crate) struct Readers {
    dir: PathBuf,
    /// None once the dashboard stops: then a connection is closed after its use.
    idle: Mutex<Option<Vec<Reader>>>,
}

impl Readers {
    pub(crate) fn of(dir: PathBuf) -> Self {
        Self { dir, idle: Mutex::new(Some(Vec::new())) }
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Reads. A connection that has failed is not used again: the store may have been replaced.
    pub(crate) fn read<T, E: From<OpenError>>(
        &self,
        body: impl FnOnce(&Store) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = self.lock().as_mut().and_then(Vec::pop);
        let young = idle.filter(|reader| reader.opened_at.elapsed() < READER_AGE_MAX);
        let reader = young.map_or_else(|| Reader::open(&self.dir), Ok)?;
        let value = body(&reader.store)?;
        if let Some(idle) = self.lock().as_mut()
            && idle.len() < READERS_MAX
        {
            idle.push(reader);
        }
        Ok(value)
    }

    /// Closes them: a reader keeps the recorder from leaving the store in one file.
    pub(crate) fn close(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<Reader>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
