//! Edge Side Includes: a page with holes, and what each hole is filled with.
//!
//! Receives the body of a page, or of a fragment; gives its [`Document`]: the pieces to send, in order, as ranges of that
//! body. Nothing is fetched here: [`parse`] says what to include, [`resolve`] which path of this site that is.
//!
//! A subset of the [ESI Language Specification 1.0](https://www.w3.org/TR/2001/NOTE-esi-lang-20010804):
//!
//! | written | becomes |
//! |---|---|
//! | `<esi:include src="…" alt="…" onerror="continue"/>` | what `src` gives, else what `alt` gives (§3.1) |
//! | `<esi:try><esi:attempt>…</esi:attempt><esi:except>…</esi:except></esi:try>` | the first, else the second (§3.4) |
//! | `<esi:comment text="…"/>` | nothing (§3.5) |
//! | `<esi:remove>…</esi:remove>` | nothing (§3.6) |
//! | `<!--esi … -->` | what stands inside, processed (§3.8) |
//!
//! How it is read, where the specification leaves room or others differ:
//!
//! - The processor is no HTML parser: ESI counts wherever it stands, in `<script>`, in an attribute, in any HTML comment.
//!   A body must be in an encoding that contains ASCII, and not compressed.
//! - Prefix, element and attribute names are lower case (§3). `<ESI:include`, `<esi>`, `<esimate`, `<esi: include` and
//!   `&lt;esi:include` are text. `<!--esi` is ESI if white space, `<` or `-->` follows: `<!--esimate` is text.
//! - Any other element `<esi:…>` is left out with all that it contains, and a [`Notice`] says so; likewise an include whose
//!   address contains a variable, `$(…)`. Neither is ever sent as it is written.
//! - An empty element ends in `/>`, or has its end tag right behind it, as XML writers do. Attributes are quoted, and
//!   stand in any order; those that are not known are ignored. Of references `&amp;`, `&quot;`, `&lt;`, `&gt;`, `&apos;`,
//!   `&#39;` and Django's `&#x27;` are decoded, and any other `&` is itself.
//! - `<!--esi` ends at the first `-->` outside of an ESI tag, as it does for a browser: comments do not nest. What is
//!   opened inside is closed inside.
//! - In `<esi:remove>` stands no ESI (§3.6), and directly in `<esi:try>` nothing but one `attempt` and, behind it, one
//!   `except` (§3.4). Anything else is an error with its place, and no guess at what was meant.
//! - A page that opens no ESI is text, even with a stray `</esi:…>` in it.
//!
//! Whoever calls decides which bodies are ESI at all (only those whose app says so: a user's text must not be), how often
//! a fragment may include fragments, and what an error answers.

mod cursor;
mod error;
mod parse;
mod source;
mod tag;

use std::fmt::{self, Display};
use std::ops::Range;

use memchr::memmem;

pub use error::{Construct, Fault, ParseError};
pub use parse::parse;
pub use source::{SourceError, resolve};

/// A body, cut where ESI stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// What is sent, in order; at most [`ESI_PIECES_MAX`](crate::limits::ESI_PIECES_MAX), with those in branches.
    pub pieces: Vec<Piece>,
    /// What was left out because it is not supported, in order; the first
    /// [`ESI_NOTICES_MAX`](crate::limits::ESI_NOTICES_MAX).
    pub notices: Vec<Notice>,
    /// How many more there are.
    pub further_notices: usize,
}

/// A part of what is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes of the body, as they are; never none.
    Text(Range<usize>),
    /// The body of another response.
    Include {
        /// Where it is, decoded and not empty; for [`resolve`].
        src: Vec<u8>,
        /// Where else it is, if it cannot be had there; likewise.
        alt: Option<Vec<u8>>,
        /// What if neither can be had.
        on_error: OnError,
    },
    /// The first if every include in it succeeds, else the second.
    Try {
        /// Tried first. An include in it that is to [`OnError::Continue`] does not fail.
        attempt: Vec<Piece>,
        /// Sent instead.
        except: Vec<Piece>,
    },
}

/// What becomes of an include that cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// It is left out: `onerror="continue"`.
    Continue,
    /// What it stands in fails: the `attempt`, else the page.
    Fail,
}

/// A place in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Bytes before it.
    pub offset: usize,
    /// The line that it is in, counted from 1; lines end in LF.
    pub line: usize,
}

impl Position {
    fn of(body: &[u8], offset: usize) -> Self {
        Self { offset: 0, line: 1 }.advanced(body, offset)
    }

    /// The place that far into the body, not before this one.
    fn advanced(self, body: &[u8], offset: usize) -> Self {
        let between = body.get(self.offset..offset).unwrap_or_default();
        Self { offset, line: self.line + memchr::memchr_iter(b'\n', between).count() }
    }
}

impl Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {} (byte {})", self.line, self.offset)
    }
}

/// Something that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Where its tag begins.
    pub position: Position,
    /// What it is.
    pub unsupported: Unsupported,
}

/// ESI that is read over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// An element, with all that it contains.
    Element {
        /// Its name without the prefix.
        name: String,
    },
    /// An include whose `src` or `alt` contains a variable.
    Variable,
}

impl Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.position)?;
        match &self.unsupported {
            Unsupported::Element { name } => {
                write!(
                    formatter,
                    "`<esi:{name}>` is not supported and was left out with all that it contains"
                )
            }
            Unsupported::Variable => {
                write!(formatter, "variables are not supported: the `<esi:include>` with `$(` was left out")
            }
        }
    }
}

/// Whether [`parse`] can find anything but text in a body. Rarely says yes where it cannot; never the reverse.
pub fn contains_esi(body: &[u8]) -> bool {
    memmem::find(body, b"<esi:").is_some() || memmem::find(body, b"<!--esi").is_some()
}

#[cfg(test)]
mod tests;
