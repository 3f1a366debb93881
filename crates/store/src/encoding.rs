//! How values that are not SQLite's own stand in its columns.

use observation::codec::{DecodeError, Reader, Writer};
use observation::{EdgeOutcome, EdgeTarget, TransactionKind};
use rusqlite::types::Type;

// Tables are kept as the agents' frames encode them. `decode_details` reads those of every version so far. Where it no
// longer does, a migration has to remove the transactions that were kept in the old form.
const _: () =
    assert!(observation::frame::VERSION == 3, "see that old tables are read, then raise this number");

/// What this version never wrote, as an error of the database.
pub(crate) fn damaged(error: DecodeError) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Blob, Box::new(error))
}

/// SQLite's integers are signed. What does not fit is beyond any time or size that occurs, and is cut to the largest.
pub(crate) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The reverse of [`integer`]. A negative value was not written by this crate and reads as 0.
pub(crate) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

pub(crate) fn kind(kind: TransactionKind) -> i64 {
    match kind {
        TransactionKind::Http => 0,
        TransactionKind::Test => 1,
        TransactionKind::Command => 2,
        TransactionKind::Task => 3,
    }
}

pub(crate) fn decode_kind(code: i64) -> Result<TransactionKind, DecodeError> {
    match code {
        0 => Ok(TransactionKind::Http),
        1 => Ok(TransactionKind::Test),
        2 => Ok(TransactionKind::Command),
        3 => Ok(TransactionKind::Task),
        code => Err(DecodeError::Tag(u8::try_from(code).unwrap_or(u8::MAX))),
    }
}

/// What requests to the edge were for, as a number and a text.
pub(crate) fn target(target: &EdgeTarget) -> (i64, &str) {
    match target {
        EdgeTarget::Route(route) => (0, route),
        EdgeTarget::Path(path) => (1, path),
        EdgeTarget::Further => (2, ""),
    }
}

pub(crate) fn decode_target(code: i64, text: String) -> Result<EdgeTarget, DecodeError> {
    match code {
        0 => Ok(EdgeTarget::Route(text)),
        1 => Ok(EdgeTarget::Path(text)),
        2 => Ok(EdgeTarget::Further),
        code => Err(DecodeError::Tag(u8::try_from(code).unwrap_or(u8::MAX))),
    }
}

pub(crate) fn decode_outcome(code: i64) -> Result<EdgeOutcome, DecodeError> {
    let code = u8::try_from(code).unwrap_or(u8::MAX);
    EdgeOutcome::from_code(code).ok_or(DecodeError::Tag(code))
}

/// Texts with their lengths: any text can stand in it, without a delimiter to escape.
pub(crate) fn texts(texts: &[String]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.count(texts.len());
    for text in texts {
        writer.text(text);
    }
    writer.into_bytes()
}

pub(crate) fn decode_texts(bytes: &[u8]) -> Result<Vec<String>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let count = reader.count()?;
    let texts = (0..count).map(|_| reader.text().map(str::to_owned)).collect::<Result<_, _>>()?;
    reader.finish()?;
    Ok(texts)
}

pub(crate) fn pairs(pairs: &[(String, String)]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.count(pairs.len());
    for (name, value) in pairs {
        writer.text(name);
        writer.text(value);
    }
    writer.into_bytes()
}

pub(crate) fn decode_pairs(bytes: &[u8]) -> Result<Vec<(String, String)>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let count = reader.count()?;
    let pairs = (0..count)
        .map(|_| Ok((reader.text()?.to_owned(), reader.text()?.to_owned())))
        .collect::<Result<_, _>>()?;
    reader.finish()?;
    Ok(pairs)
}

#[cfg(test)]
mod tests;
