//! Why the settings cannot be used, each on one line.

use std::io;

use super::FILE;
use super::document::{Place, on_one_line};

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// The file is there and cannot be read.
    #[error("cannot read {FILE}")]
    Read(#[source] io::Error),
    /// It is no TOML.
    #[error("{FILE}{}: {message}", .line.map(|line| format!(":{line}")).unwrap_or_default())]
    Syntax {
        /// From 1, when it is known.
        line: Option<usize>,
        /// What the parser said.
        message: String,
    },
    /// A name that means nothing.
    #[error("{FILE}:{line}: there is no {name}{}", .suggestion)]
    Unknown {
        /// From 1.
        line: usize,
        /// What was written, with the table around it.
        name: String,
        /// What may have been meant.
        suggestion: String,
    },
    /// A value that cannot be used, or one that is missing.
    #[error("{place} {problem}")]
    Value {
        /// Where it was given, or should be.
        place: Place,
        /// The value, and what is wrong with it.
        problem: String,
    },
    /// A file that the settings name and that cannot be read.
    #[error("{place} has `{}`, which cannot be read", on_one_line(.written))]
    File {
        /// Where it is named.
        place: Place,
        /// As it is named.
        written: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Nobody said where the app is.
    #[error(
        "where the app listens is not said: name it with `--upstream ADDR`, or as `upstream` in [edge] of {FILE}"
    )]
    NoUpstream,
}
