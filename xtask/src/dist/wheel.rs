//! A wheel's bytes: the same for the same files, wherever and whenever they are packed.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use anyhow::Result;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

const SUMMARY: &str = "Finds where a Django site is slow, and proves a fix on the site's own traffic";

/// A file in the archive.
pub(crate) struct Entry {
    path: String,
    bytes: Vec<u8>,
    mode: u32,
}

impl Entry {
    /// An ordinary file.
    pub(crate) fn new(path: String, bytes: Vec<u8>) -> Self {
        Self { path, bytes, mode: 0o644 }
    }
}

/// What goes into a wheel.
pub(crate) struct Wheel<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    /// Python, ABI and platform.
    pub(crate) tag: &'a str,
    /// The long description, in Markdown.
    pub(crate) description: &'a str,
    /// Names and texts.
    pub(crate) licences: Vec<(&'a str, Vec<u8>)>,
    /// The program that pip puts on the environment's `PATH`.
    pub(crate) script: Entry,
    /// What goes into site-packages.
    pub(crate) files: Vec<Entry>,
}

impl Wheel<'_> {
    pub(crate) fn file_name(&self) -> String {
        format!("{}-{}-{}.whl", self.name, self.version, self.tag)
    }

    /// The archive. Its entries are in order and have one date, and its metadata comes last, as the format advises.
    pub(crate) fn into_bytes(self) -> Result<Vec<u8>> {
        let stem = format!("{}-{}", self.name, self.version);
        let about = format!("{stem}.dist-info");
        let mut metadata = vec![
            Entry::new(format!("{about}/METADATA"), self.metadata().into_bytes()),
            Entry::new(format!("{about}/WHEEL"), self.wheel().into_bytes()),
        ];
        for (name, text) in self.licences {
            metadata.push(Entry::new(format!("{about}/licenses/{name}"), text));
        }
        metadata.sort_by(|a, b| a.path.cmp(&b.path));
        let mut entries = self.files;
        let script = self.script;
        entries.push(Entry {
            path: format!("{stem}.data/scripts/{}", script.path),
            bytes: script.bytes,
            mode: 0o755,
        });
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        entries.extend(metadata);
        let record = record(&entries, &format!("{about}/RECORD"))?;
        entries.push(record);
        archive(&entries)
    }

    fn metadata(&self) -> String {
        let licences: String = self
            .licences
            .iter()
            .fold(String::new(), |lines, (name, _)| lines + &format!("License-File: {name}\n"));
        format!(
            "Metadata-Version: 2.4\nName: {}\nVersion: {}\nSummary: {SUMMARY}\n\
             License-Expression: MIT OR Apache-2.0\n{licences}Requires-Python: >=3.10\n\
             Classifier: Framework :: Django\nClassifier: Operating System :: POSIX :: Linux\n\
             Description-Content-Type: text/markdown\n\n{}",
            self.name, self.version, self.description
        )
    }

    fn wheel(&self) -> String {
        format!("Wheel-Version: 1.0\nGenerator: escala xtask\nRoot-Is-Purelib: false\nTag: {}\n", self.tag)
    }
}

/// The list of files by which pip checks what it installs and finds what it is to remove.
fn record(entries: &[Entry], path: &str) -> Result<Entry> {
    let mut lines = String::new();
    for entry in entries {
        let digest = base64url(&Sha256::digest(&entry.bytes));
        writeln!(lines, "{},sha256={digest},{}", entry.path, entry.bytes.len())?;
    }
    writeln!(lines, "{path},,")?;
    Ok(Entry::new(path.to_owned(), lines.into_bytes()))
}

fn archive(entries: &[Entry]) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::DEFAULT)
            .unix_permissions(entry.mode);
        archive.start_file(entry.path.as_str(), options)?;
        archive.write_all(&entry.bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Base 64 with the alphabet of URLs and without padding, as RECORD has it.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk
            .iter()
            .chain(&[0, 0])
            .take(3)
            .fold(0_usize, |number, &byte| number << 8 | usize::from(byte));
        for position in 0..=chunk.len() {
            text.push(char::from(ALPHABET[number >> (18 - 6 * position) & 63]));
        }
    }
    text
}

#[cfg(test)]
mod tests;
