//! Reports of an edge as bytes. What is longer than the limits is refused: no edge of ours sends it.

use crate::codec::{DecodeError, Reader, Writer};
use crate::limits::{EDGE_METHOD_BYTES_MAX, EDGE_PATH_BYTES_MAX, EDGE_ROWS_MAX};
use crate::{EdgeFigures, EdgeOutcome, EdgeReport, EdgeRow};

pub(super) fn encode(report: &EdgeReport, writer: &mut Writer) {
    writer.integer(report.from_us);
    writer.integer(report.to_us);
    writer.count(report.rows.len());
    for EdgeRow { method, path, outcome, figures } in &report.rows {
        writer.text(method);
        writer.text(path);
        writer.byte(outcome.code());
        let EdgeFigures { requests, bytes_sent, took_ns, took_max_ns, wait_ns, wait_max_ns } = *figures;
        for value in [requests, bytes_sent, took_ns, took_max_ns, wait_ns, wait_max_ns] {
            writer.integer(value);
        }
    }
}

pub(super) fn decode(reader: &mut Reader<'_>) -> Result<EdgeReport, DecodeError> {
    let (from_us, to_us) = (reader.integer()?, reader.integer()?);
    let count = reader.count()?;
    if count > EDGE_ROWS_MAX {
        return Err(DecodeError::Limit);
    }
    // A row is larger in memory than it can be here: grow with what arrives.
    let mut rows = Vec::new();
    for _ in 0..count {
        rows.push(row(reader)?);
    }
    Ok(EdgeReport { from_us, to_us, rows })
}

fn row(reader: &mut Reader<'_>) -> Result<EdgeRow, DecodeError> {
    Ok(EdgeRow {
        method: text(reader, EDGE_METHOD_BYTES_MAX)?,
        path: text(reader, EDGE_PATH_BYTES_MAX)?,
        outcome: {
            let code = reader.byte()?;
            EdgeOutcome::from_code(code).ok_or(DecodeError::Tag(code))?
        },
        figures: EdgeFigures {
            requests: reader.integer()?,
            bytes_sent: reader.integer()?,
            took_ns: reader.integer()?,
            took_max_ns: reader.integer()?,
            wait_ns: reader.integer()?,
            wait_max_ns: reader.integer()?,
        },
    })
}

fn text(reader: &mut Reader<'_>, bytes_max: usize) -> Result<String, DecodeError> {
    let text = reader.text()?;
    if text.len() > bytes_max { Err(DecodeError::Limit) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests;
