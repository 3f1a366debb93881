//! One source file as it was read: its path, its text, and the hash that tells whether it changed since.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::root::RelativePath;

/// A UTF-8 source file. The text is byte-identical to the file: byte-order mark, line endings and tabs included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    path: RelativePath,
    text: String,
    hash: String,
}

impl Source {
    /// A source from text at hand, for instance what a file would hold after an edit.
    pub fn new(path: RelativePath, text: String) -> Self {
        let hash = content_hash(text.as_bytes());
        Self { path, text, hash }
    }

    /// Where the file is, relative to the project root.
    pub fn path(&self) -> &RelativePath {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 of the file's bytes, in lowercase hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// SHA-256 of `bytes` in lowercase hexadecimal.
pub(crate) fn content_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a String cannot fail");
        hex
    })
}
