//! A body as it comes in, in whichever way its end is told.

use super::Malformed;
use super::chunked::{Decoder, Piece};
use super::framing::Framing;

/// What is left of a body.
#[derive(Clone, Debug)]
pub enum Body {
    /// So many bytes.
    Length(u64),
    /// Chunks up to the last one.
    Chunked(Decoder),
    /// Everything until the connection ends.
    UntilClose,
    /// Nothing.
    Done,
}

impl From<Framing> for Body {
    fn from(framing: Framing) -> Self {
        match framing {
            Framing::Empty => Self::Done,
            Framing::Length(length) => Self::Length(length),
            Framing::Chunked => Self::Chunked(Decoder::default()),
            Framing::UntilClose => Self::UntilClose,
        }
    }
}

impl Body {
    /// Whether all of it was there.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    /// Looks at the next bytes. The caller takes away what was skipped and the data.
    ///
    /// # Errors
    /// When chunks are malformed.
    pub fn decode(&mut self, input: &[u8]) -> Result<Piece, Malformed> {
        match self {
            Self::Done => Ok(Piece::End { skipped: 0 }),
            Self::UntilClose => Ok(Piece::Data { skipped: 0, length: input.len() }),
            Self::Length(left) => {
                let length = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
                *left -= length as u64;
                if *left == 0 {
                    *self = Self::Done;
                }
                Ok(Piece::Data { skipped: 0, length })
            }
            Self::Chunked(decoder) => {
                let piece = decoder.decode(input)?;
                if matches!(piece, Piece::End { .. }) {
                    *self = Self::Done;
                }
                Ok(piece)
            }
        }
    }

    /// The connection has ended. Returns whether the body is complete.
    pub fn end(&mut self) -> bool {
        if matches!(self, Self::UntilClose) {
            *self = Self::Done;
        }
        self.is_done()
    }
}
