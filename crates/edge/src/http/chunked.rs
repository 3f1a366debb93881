//! Chunked bodies (RFC 9112 §7.1), both ways.
//!
//! Extensions and trailers are read and left out: whoever is behind the edge gets chunks of the edge's own making.

use super::Malformed;
use crate::limits::{CHUNK_LINE_BYTES_MAX, TRAILER_BYTES_MAX};

/// What the next bytes of a chunked body are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// So many of the input's first bytes are framing, and so many after them are data of the body.
    Data {
        /// Bytes of framing before the data.
        skipped: usize,
        /// Bytes of data; 0 when more input is needed.
        length: usize,
    },
    /// The body is complete after so many bytes of the input.
    End {
        /// Bytes of framing up to the end of the body.
        skipped: usize,
    },
}

/// Reads a chunked body over as many reads as it takes.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    state: State,
    /// Bytes of the line, or of the trailers, so far.
    line: usize,
    size: u64,
    digits: u8,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Size,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    TrailerLf,
    EndLf,
    Done,
}

impl Decoder {
    /// Looks at the next bytes. The caller takes away what was skipped and the data, and calls again.
    ///
    /// # Errors
    /// Anything that is not exactly the grammar: a bare LF, a size that is no hexadecimal number, a line or trailers that
    /// are too long.
    pub fn decode(&mut self, input: &[u8]) -> Result<Piece, Malformed> {
        let mut at = 0;
        while at < input.len() {
            if self.state == State::Data {
                let length = input.len() - at;
                let length = usize::try_from(self.size).map_or(length, |size| length.min(size));
                self.size -= length as u64;
                if self.size == 0 {
                    self.state = State::DataCr;
                }
                return Ok(Piece::Data { skipped: at, length });
            }
            self.take(input[at])?;
            at += 1;
            if self.state == State::Done {
                return Ok(Piece::End { skipped: at });
            }
        }
        Ok(Piece::Data { skipped: at, length: 0 })
    }

    /// Whether a body ends in the bytes that are there.
    pub fn is_whole(mut self, mut input: &[u8]) -> bool {
        while !input.is_empty() {
            match self.decode(input) {
                Ok(Piece::End { .. }) => return true,
                Ok(Piece::Data { skipped, length }) => input = &input[skipped + length..],
                Err(_) => return false,
            }
        }
        false
    }

    fn take(&mut self, byte: u8) -> Result<(), Malformed> {
        self.state = match (self.state, byte) {
            (State::Size, b'\r') if self.digits > 0 => State::SizeLf,
            (State::Size, b';' | b' ' | b'\t') if self.digits > 0 => self.lengthen(State::Extension)?,
            (State::Size, _) => self.take_digit(byte)?,
            (State::Extension, b'\r') => State::SizeLf,
            (State::Extension, b'\t' | b' '..=b'~' | 0x80..) => self.lengthen(State::Extension)?,
            (State::SizeLf, b'\n') => self.begin_chunk(),
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Size,
            (State::TrailerStart, b'\r') => State::EndLf,
            (State::TrailerStart | State::Trailer, b'\t' | b' '..=b'~' | 0x80..) => {
                self.lengthen(State::Trailer)?
            }
            (State::Trailer, b'\r') => State::TrailerLf,
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::EndLf, b'\n') => State::Done,
            _ => return Err(Malformed::Chunk),
        };
        Ok(())
    }

    fn take_digit(&mut self, byte: u8) -> Result<State, Malformed> {
        let digit = char::from(byte).to_digit(16).ok_or(Malformed::Chunk)?;
        // More digits would overflow, here or in what reads it elsewhere.
        if self.digits == 15 {
            return Err(Malformed::Chunk);
        }
        self.digits += 1;
        self.size = self.size << 4 | u64::from(digit);
        Ok(State::Size)
    }

    fn begin_chunk(&mut self) -> State {
        self.digits = 0;
        self.line = 0;
        if self.size == 0 { State::TrailerStart } else { State::Data }
    }

    fn lengthen(&mut self, state: State) -> Result<State, Malformed> {
        self.line += 1;
        let limit = if state == State::Trailer { TRAILER_BYTES_MAX } else { CHUNK_LINE_BYTES_MAX };
        if self.line > limit { Err(Malformed::Chunk) } else { Ok(state) }
    }
}

/// Writes what stands before a chunk of so many bytes; it is not empty.
pub fn write_size(length: usize, out: &mut Vec<u8>) {
    let digits = (usize::BITS - length.leading_zeros()).div_ceil(4);
    for at in (0..digits).rev() {
        let digit = (length >> (at * 4) & 15) as u32;
        out.push(char::from_digit(digit, 16).map_or(b'0', |digit| digit as u8));
    }
    out.extend_from_slice(b"\r\n");
}

/// What stands after a chunk's data.
pub const CHUNK_END: &[u8] = b"\r\n";

/// What ends a body.
pub const BODY_END: &[u8] = b"0\r\n\r\n";

/// Bytes of a body that is there as a whole: the data and the length of what was read; `None` when it is incomplete.
///
/// # Errors
/// As [`Decoder::decode`].
pub fn decode_all(input: &[u8]) -> Result<Option<(Vec<u8>, usize)>, Malformed> {
    let mut decoder = Decoder::default();
    let (mut data, mut at) = (Vec::new(), 0);
    loop {
        match decoder.decode(&input[at..])? {
            Piece::End { skipped } => return Ok(Some((data, at + skipped))),
            Piece::Data { length: 0, .. } => return Ok(None),
            Piece::Data { skipped, length } => {
                data.extend_from_slice(&input[at + skipped..at + skipped + length]);
                at += skipped + length;
            }
        }
    }
}

#[cfg(test)]
mod tests;
