//! One source file as it was read: its path, its text, and the hash that tells whether it changed since.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::root::RelativePath;

#[cfg(test)]
mod tests;

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

/// The encoding that a comment on the first or second line declares, as Python looks for it (PEP 263).
pub(crate) fn declared_encoding(text: &str) -> Option<&str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for line in text.split(['\n', '\r']).filter(|line| !line.is_empty()).take(2) {
        let line = line.trim_start_matches([' ', '\t', '\u{c}']);
        let Some(comment) = line.strip_prefix('#') else {
            // Below code, a comment declares nothing.
            return None;
        };
        for (at, word) in comment.match_indices("coding") {
            let rest = &comment[at + word.len()..];
            let Some(rest) = rest.strip_prefix([':', '=']) else { continue };
            let rest = rest.trim_start_matches([' ', '\t']);
            let end = rest.find(|char: char| !char.is_ascii_alphanumeric() && !"-_.".contains(char));
            let name = &rest[..end.unwrap_or(rest.len())];
            if !name.is_empty() {
                return Some(name);
            }
        }
    }
    None
}

/// Whether Python reads the encoding of that name as UTF-8.
pub(crate) fn is_utf8(encoding: &str) -> bool {
    let name = encoding.to_ascii_lowercase().replace('_', "-");
    matches!(name.as_str(), "utf-8" | "utf8" | "u8" | "utf" | "cp65001" | "utf-8-sig")
}

/// SHA-256 of `bytes` in lowercase hexadecimal.
pub(crate) fn content_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a String cannot fail");
        hex
    })
}
