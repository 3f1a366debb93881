//! Frames: what travels from an agent or an edge to the recorder over one connection.
//!
//! A frame is a length (four bytes, little-endian, of what follows), a version, a kind and a payload. Every
//! transaction carries its own tables, so a lost frame costs that transaction and nothing else.

mod details;
mod edge;

use crate::codec::{DecodeError, Reader, Writer};
use crate::limits::FRAME_BYTES_MAX;
use crate::{CapturedRequest, EdgeReport, Process, Transaction, TransactionKind};

pub use details::{decode_details, encode_details};

/// Version of everything in this module. A peer that speaks another one is told so and not listened to.
pub const VERSION: u8 = 3;

const HEADER_BYTES: usize = 4;

/// A message of an agent or an edge.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// Who is speaking; always the first frame of an agent.
    Process(Process),
    /// A finished unit of work.
    Transaction {
        /// Transactions that this process could not send since the last frame that arrived.
        dropped_before: u32,
        /// The unit of work.
        transaction: Box<Transaction>,
    },
    /// The process ends, or drops so much that the loss itself is the news.
    Lost {
        /// Transactions that this process could not send since the last frame that arrived.
        dropped: u32,
    },
    /// What an edge answered. It stands alone: an edge is no process of the app's, and does not say who it is.
    Edge(Box<EdgeReport>),
}

/// Why a frame could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The peer speaks another version of the protocol.
    Version(u8),
    /// The length is beyond [`FRAME_BYTES_MAX`] or too short for a header.
    Length(u32),
    /// The payload is malformed.
    Payload(DecodeError),
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Version(version) => write!(
                formatter,
                "the agent speaks frame version {version}, this recorder speaks {VERSION}: the agent and the binary \
                 come from different releases, install both from one"
            ),
            Self::Length(length) => write!(formatter, "a frame of {length} bytes is outside the limits"),
            Self::Payload(_) => formatter.write_str("a frame is malformed"),
        }
    }
}

impl std::error::Error for FrameError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Payload(error) => Some(error),
            Self::Version(_) | Self::Length(_) => None,
        }
    }
}

impl From<DecodeError> for FrameError {
    fn from(error: DecodeError) -> Self {
        Self::Payload(error)
    }
}

impl Frame {
    /// Appends the frame to `bytes`, header included.
    pub fn encode(&self, bytes: Vec<u8>) -> Vec<u8> {
        let start = bytes.len();
        let mut writer = Writer::new(bytes);
        writer.u32_le(0);
        writer.byte(VERSION);
        match self {
            Self::Process(process) => {
                writer.byte(0);
                encode_process(process, &mut writer);
            }
            Self::Transaction { dropped_before, transaction } => {
                writer.byte(1);
                writer.integer(u64::from(*dropped_before));
                encode_transaction(transaction, &mut writer);
            }
            Self::Lost { dropped } => {
                writer.byte(2);
                writer.integer(u64::from(*dropped));
            }
            Self::Edge(report) => {
                writer.byte(3);
                edge::encode(report, &mut writer);
            }
        }
        let length = writer.len() - start - HEADER_BYTES;
        writer.patch_u32_le(start, u32::try_from(length).unwrap_or(u32::MAX));
        writer.into_bytes()
    }

    /// Reads what follows the length.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte()?;
        if version != VERSION {
            return Err(FrameError::Version(version));
        }
        let frame = match reader.byte()? {
            0 => Self::Process(decode_process(&mut reader)?),
            1 => Self::Transaction {
                dropped_before: reader.integer_u32()?,
                transaction: Box::new(decode_transaction(&mut reader)?),
            },
            2 => Self::Lost { dropped: reader.integer_u32()? },
            3 => Self::Edge(Box::new(edge::decode(&mut reader)?)),
            tag => return Err(DecodeError::Tag(tag).into()),
        };
        reader.finish()?;
        Ok(frame)
    }
}

/// Cuts a byte stream into frames. Does no IO: bytes are pushed in, frames come out.
#[derive(Default)]
pub struct Splitter {
    buffer: Vec<u8>,
    consumed: usize,
}

impl Splitter {
    /// Adds bytes as they arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.consumed);
        self.consumed = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, or none until more bytes arrive. After an error the stream cannot be trusted again.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let pending = &self.buffer[self.consumed..];
        let Some((header, rest)) = pending.split_at_checked(HEADER_BYTES) else { return Ok(None) };
        let length = u32::from_le_bytes(header.try_into().unwrap_or_default());
        if length < 2 || length as usize > FRAME_BYTES_MAX {
            return Err(FrameError::Length(length));
        }
        let Some(body) = rest.get(..length as usize) else { return Ok(None) };
        let frame = Frame::decode(body)?;
        self.consumed += HEADER_BYTES + length as usize;
        Ok(Some(frame))
    }
}

fn encode_process(process: &Process, writer: &mut Writer) {
    writer.integer(u64::from(process.pid));
    for text in [
        &process.agent_version,
        &process.python_version,
        &process.django_version,
        &process.executable,
        &process.settings_module,
        &process.working_directory,
    ] {
        writer.text(text);
    }
    writer.count(process.module_search_path.len());
    for entry in &process.module_search_path {
        writer.text(entry);
    }
    writer.integer(process.started_at_us);
}

fn decode_process(reader: &mut Reader<'_>) -> Result<Process, DecodeError> {
    Ok(Process {
        pid: reader.integer_u32()?,
        agent_version: reader.text()?.to_owned(),
        python_version: reader.text()?.to_owned(),
        django_version: reader.text()?.to_owned(),
        executable: reader.text()?.to_owned(),
        settings_module: reader.text()?.to_owned(),
        working_directory: reader.text()?.to_owned(),
        module_search_path: {
            let count = reader.count()?;
            (0..count).map(|_| reader.text().map(str::to_owned)).collect::<Result<_, _>>()?
        },
        started_at_us: reader.integer()?,
    })
}

fn encode_transaction(transaction: &Transaction, writer: &mut Writer) {
    writer.integer(transaction.serial);
    writer.optional(transaction.parent_serial);
    writer.byte(match transaction.kind {
        TransactionKind::Http => 0,
        TransactionKind::Test => 1,
        TransactionKind::Command => 2,
        TransactionKind::Task => 3,
    });
    writer.text(&transaction.method);
    writer.text(&transaction.route);
    writer.text(&transaction.view);
    writer.integer(u64::from(transaction.status));
    writer.integer(transaction.started_at_us);
    writer.integer(transaction.wall_ns);
    writer.integer(transaction.cpu_ns);
    writer.integer(transaction.response_bytes);
    writer.integer(u64::from(transaction.queries_total));
    writer.integer(transaction.db_ns);
    writer.byte(u8::from(transaction.request.is_some()));
    if let Some(request) = &transaction.request {
        encode_request(request, writer);
    }
    details::encode(&transaction.details, writer);
}

fn decode_transaction(reader: &mut Reader<'_>) -> Result<Transaction, DecodeError> {
    Ok(Transaction {
        serial: reader.integer()?,
        parent_serial: reader.optional()?,
        kind: match reader.byte()? {
            0 => TransactionKind::Http,
            1 => TransactionKind::Test,
            2 => TransactionKind::Command,
            3 => TransactionKind::Task,
            tag => return Err(DecodeError::Tag(tag)),
        },
        method: reader.text()?.to_owned(),
        route: reader.text()?.to_owned(),
        view: reader.text()?.to_owned(),
        status: reader.integer_u16()?,
        started_at_us: reader.integer()?,
        wall_ns: reader.integer()?,
        cpu_ns: reader.integer()?,
        response_bytes: reader.integer()?,
        queries_total: reader.integer_u32()?,
        db_ns: reader.integer()?,
        request: if reader.flag()? { Some(decode_request(reader)?) } else { None },
        details: details::decode(reader)?,
    })
}

fn encode_request(request: &CapturedRequest, writer: &mut Writer) {
    writer.text(&request.method);
    writer.text(&request.path);
    writer.text(&request.query_string);
    writer.byte(u8::from(request.secure));
    writer.count(request.headers.len());
    for (name, value) in &request.headers {
        writer.text(name);
        writer.text(value);
    }
    writer.byte(u8::from(request.body.is_some()));
    if let Some(body) = &request.body {
        writer.blob(body);
    }
    writer.byte(u8::from(request.user_pk.is_some()));
    if let Some(user_pk) = &request.user_pk {
        writer.text(user_pk);
    }
    writer.byte(u8::from(request.redacted));
}

fn decode_request(reader: &mut Reader<'_>) -> Result<CapturedRequest, DecodeError> {
    Ok(CapturedRequest {
        method: reader.text()?.to_owned(),
        path: reader.text()?.to_owned(),
        query_string: reader.text()?.to_owned(),
        secure: reader.flag()?,
        headers: {
            let count = reader.count()?;
            let header = |_| Ok((reader.text()?.to_owned(), reader.text()?.to_owned()));
            (0..count).map(header).collect::<Result<_, _>>()?
        },
        body: if reader.flag()? { Some(reader.blob()?.to_vec()) } else { None },
        user_pk: if reader.flag()? { Some(reader.text()?.to_owned()) } else { None },
        redacted: reader.flag()?,
    })
}

#[cfg(test)]
mod tests;
