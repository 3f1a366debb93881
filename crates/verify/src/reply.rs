//! What a replayed request was answered with, and what that took.

use std::path::PathBuf;

use serde::Deserialize;

/// One answer of a worker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Reply {
    /// Response status.
    pub(crate) status: u16,
    /// All response headers in order, `Set-Cookie` included.
    pub(crate) headers: Vec<(String, String)>,
    /// The body; empty when it is longer than [`crate::limits::BODY_BYTES_MAX`].
    #[serde(skip)]
    pub(crate) body: Vec<u8>,
    /// Length of the body.
    pub(crate) body_bytes: u64,
    /// Hash of the body.
    pub(crate) body_sha256: String,
    /// Whether a stream was cut at [`crate::limits::STREAM_BYTES_MAX`].
    pub(crate) truncated: bool,
    /// Queries on all databases.
    pub(crate) queries: u32,
    /// Time in them.
    pub(crate) db_ns: u64,
    /// Time from the request's arrival to the last byte of the body, without what the thread waited for a processor.
    pub(crate) wall_ns: u64,
    /// The SQL templates executed most often.
    pub(crate) most_repeated: Vec<(String, u32)>,
    /// The exception that the view raised.
    pub(crate) exception: Option<String>,
    /// Files of the overlay that the project has not imported.
    pub(crate) not_imported: Vec<PathBuf>,
}

impl Reply {
    /// Why this answer shows nothing about the page, if so.
    pub(crate) fn failure(&self) -> Option<String> {
        match &self.exception {
            Some(exception) => Some(exception.clone()),
            None if self.status >= 500 => Some(format!("status {}", self.status)),
            None => None,
        }
    }
}
