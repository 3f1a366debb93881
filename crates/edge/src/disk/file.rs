//! A response as a file: bytes in, a response out, and back.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | which format this is, and whether the response was purged softly |
//! | 4 | length of the head |
//! | | the head, in the order of [`Head`]; texts with four bytes of length before them |
//! | 32 | SHA-256 of the head |
//! | | the body, whose length and SHA-256 stand in the head |
//!
//! Numbers are little-endian. All bytes are covered: the first eight have two values of which none becomes the other by
//! accident, and a head is read only if its hash is right. A file that was cut short, was written by another version, or
//! lies under another name than its content says is an error.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::name::Name;
use crate::cache::freshness::Timing;
use crate::cache::stored::Stored;
use crate::cache::tags::Labels;
use crate::cache::vary::Variant;
use crate::http::ResponseHead;
use crate::limits::{DISK_FILE_BYTES_MAX, DISK_HEAD_BYTES_MAX, FIELDS_MAX};

/// Begins the file of a response that is as fresh as it says.
const MAGIC: [u8; 8] = *b"escdisk1";

/// Begins the file of a response that was purged softly.
pub(super) const MAGIC_STALE: [u8; 8] = *b"purged-1";

/// Bytes before the head.
pub(super) const PREFIX_BYTES: usize = 12;

/// Bytes of a hash.
const DIGEST_BYTES: usize = 32;

/// What a flag of the head is set by.
const FOR_EVERYONE: u8 = 1;
const COMPOSED: u8 = 2;
const SAVED: u8 = 4;

/// Why a file is no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FileError {
    /// It begins like no file of ours.
    #[error("the file is none of this version's")]
    Magic,
    /// It is longer or shorter than it says, or than any is.
    #[error("the length of the file is wrong")]
    Length,
    /// A bit of it changed.
    #[error("the hash of the file is wrong")]
    Digest,
    /// It was never written like that.
    #[error("the head of the file cannot be read")]
    Head,
    /// It is another response's.
    #[error("the file has another response's name")]
    Name,
}

/// What is known of a response before its body is read.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// The rules that its key was made by.
    pub(super) rules: u64,
    /// Whether those may see it, too, who are somebody to the app.
    pub(super) is_for_everyone: bool,
    /// Whether it is a page that is put together.
    pub(super) is_composed: bool,
    /// Whether it is a saved page, and goes last.
    pub(super) is_saved: bool,
    /// How it ages.
    pub(super) timing: Timing,
    /// Bytes of its body.
    pub(super) body_bytes: u64,
    body_digest: [u8; DIGEST_BYTES],
    /// All of its key.
    pub(super) key: Vec<u8>,
    /// Status and fields.
    pub(super) response: ResponseHead,
    /// The app's tags.
    pub(super) labels: Labels,
    /// What it depends upon besides its key.
    pub(super) variant: Variant,
    /// Whether it was purged softly. It is not in the head, but before it.
    pub(super) is_stale: bool,
}

/// What is written of a response beside the response itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    /// Its key.
    pub(super) key: &'a [u8],
    /// The rules that the key was made by.
    pub(super) rules: u64,
    /// Whether it is a saved page, and goes last.
    pub(super) is_saved: bool,
    /// Whether it was purged softly.
    pub(super) is_stale: bool,
}

/// Writes all that stands before the body; `None` when it would be longer than is read again.
pub(super) fn encode(stored: &Stored, about: &About<'_>) -> Option<Vec<u8>> {
    let &About { key, rules, is_saved, is_stale } = about;
    if stored.body.len() > DISK_FILE_BYTES_MAX || stored.fields.len() > FIELDS_MAX {
        return None;
    }
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    let mut out = Vec::with_capacity(512 + key.len() + stored.head.len());
    out.extend_from_slice(if is_stale { &MAGIC_STALE } else { &MAGIC });
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&rules.to_le_bytes());
    out.push(
        flag(stored.is_for_everyone, FOR_EVERYONE)
            | flag(stored.document.is_some(), COMPOSED)
            | flag(is_saved, SAVED),
    );
    let timing = &stored.timing;
    let times = [timing.responded, timing.initial_age_ms, timing.lifetime_ms, timing.while_revalidate_ms];
    for time in times.into_iter().chain([timing.if_error_ms, stored.body.len() as u64]) {
        out.extend_from_slice(&time.to_le_bytes());
    }
    out.push(timing.always_validates.into());
    out.extend_from_slice(&Sha256::digest(&stored.body));
    write_text(key, &mut out);
    write_text(&[&stored.head[..], b"\r\n"].concat(), &mut out);
    write_text(stored.labels.as_bytes(), &mut out);
    out.push(u8::try_from(stored.variant.selectors().len()).ok()?);
    for (name, value) in stored.variant.selectors() {
        write_text(name, &mut out);
        write_optional(value, &mut out);
    }
    write_optional(stored.variant.language(), &mut out);
    let length = out.len() - PREFIX_BYTES;
    out[8..PREFIX_BYTES].copy_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
    let digest = Sha256::digest(&out[PREFIX_BYTES..]);
    out.extend_from_slice(&digest);
    let is_short = length <= DISK_HEAD_BYTES_MAX && out.len() + stored.body.len() <= DISK_FILE_BYTES_MAX;
    is_short.then_some(out)
}

fn write_text(text: &[u8], out: &mut Vec<u8>) {
    // What is longer than four bytes can say is longer than is written at all.
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text);
}

fn write_optional(text: Option<&[u8]>, out: &mut Vec<u8>) {
    out.push(text.is_some().into());
    if let Some(text) = text {
        write_text(text, out);
    }
}

/// Reads all of a file.
///
/// # Errors
/// When it is not exactly what was written under that name.
pub(super) fn decode(name: Name, bytes: &Bytes) -> Result<(Head, Bytes), FileError> {
    let head = decode_head(name, bytes, bytes.len() as u64)?;
    let body = bytes.slice(head_bytes(bytes)?..);
    if *Sha256::digest(&body) == head.body_digest { Ok((head, body)) } else { Err(FileError::Digest) }
}

/// Bytes before the body, as the first [`PREFIX_BYTES`] say.
///
/// # Errors
/// When they begin no file of ours.
pub(super) fn head_bytes(prefix: &[u8]) -> Result<usize, FileError> {
    let mut reader = Reader { rest: prefix };
    let magic = reader.array().map_err(|_| FileError::Length)?;
    if magic != MAGIC && magic != MAGIC_STALE {
        return Err(FileError::Magic);
    }
    let length = reader.array().map(u32::from_le_bytes).map_err(|_| FileError::Length)? as usize;
    if length > DISK_HEAD_BYTES_MAX {
        return Err(FileError::Length);
    }
    Ok(PREFIX_BYTES + length + DIGEST_BYTES)
}

/// Reads the beginning of a file of so many bytes, up to its body or further.
///
/// # Errors
/// When it is not exactly what was written under that name.
pub(super) fn decode_head(name: Name, beginning: &[u8], file_bytes: u64) -> Result<Head, FileError> {
    let end = head_bytes(beginning)?;
    let beginning = beginning.get(..end).ok_or(FileError::Length)?;
    let (text, digest) = beginning[PREFIX_BYTES..].split_at(end - PREFIX_BYTES - DIGEST_BYTES);
    if Sha256::digest(text)[..] != *digest {
        return Err(FileError::Digest);
    }
    let mut head = read(text)?;
    head.is_stale = beginning.starts_with(&MAGIC_STALE);
    if (end as u64).checked_add(head.body_bytes) != Some(file_bytes) {
        return Err(FileError::Length);
    }
    if Name::of(head.rules, &head.key, &head.variant) == name { Ok(head) } else { Err(FileError::Name) }
}

fn read(text: &[u8]) -> Result<Head, FileError> {
    let mut reader = Reader { rest: text };
    let rules = reader.number()?;
    let [flags] = reader.array()?;
    if flags & !(FOR_EVERYONE | COMPOSED | SAVED) != 0 {
        return Err(FileError::Head);
    }
    let mut timing = Timing {
        responded: reader.number()?,
        initial_age_ms: reader.number()?,
        lifetime_ms: reader.number()?,
        while_revalidate_ms: reader.number()?,
        if_error_ms: reader.number()?,
        always_validates: false,
    };
    let body_bytes = reader.number()?;
    timing.always_validates = reader.flag()?;
    let body_digest = reader.array()?;
    let key = reader.text()?.to_vec();
    let mut response = ResponseHead::default();
    response.read(reader.text()?).map_err(|_| FileError::Head)?;
    let labels = Labels::from_bytes(reader.text()?);
    let variant = reader.variant()?;
    let head = Head {
        rules,
        is_for_everyone: flags & FOR_EVERYONE != 0,
        is_composed: flags & COMPOSED != 0,
        is_saved: flags & SAVED != 0,
        timing,
        body_bytes,
        body_digest,
        key,
        response,
        labels,
        variant,
        is_stale: false,
    };
    if reader.rest.is_empty() { Ok(head) } else { Err(FileError::Head) }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], FileError> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(FileError::Head)?;
        self.rest = rest;
        Ok(*array)
    }

    fn number(&mut self) -> Result<u64, FileError> {
        self.array().map(u64::from_le_bytes)
    }

    fn flag(&mut self) -> Result<bool, FileError> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(FileError::Head),
        }
    }

    fn text(&mut self) -> Result<&'a [u8], FileError> {
        let length = self.array().map(u32::from_le_bytes)? as usize;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(FileError::Head)?;
        self.rest = rest;
        Ok(text)
    }

    /// A text that may be missing.
    fn optional(&mut self) -> Result<Option<Box<[u8]>>, FileError> {
        if self.flag()? { Ok(Some(self.text()?.into())) } else { Ok(None) }
    }

    fn variant(&mut self) -> Result<Variant, FileError> {
        let [count] = self.array()?;
        let mut selectors = Vec::new();
        for _ in 0..count {
            selectors.push((self.text()?.into(), self.optional()?));
        }
        Variant::from_parts(selectors, self.optional()?).ok_or(FileError::Head)
    }
}

#[cfg(test)]
mod tests;
