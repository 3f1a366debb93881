//! What can be wrong with a document, said to whoever wrote its template.

use std::fmt::{self, Display};

use super::Position;
use crate::limits::{ESI_INCLUDES_MAX, ESI_OPEN_MAX, ESI_PIECES_MAX, ESI_SOURCE_BYTES_MAX};

/// A document that cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {fault}")]
pub struct ParseError {
    /// Where what is wrong begins: the tag, or the text.
    pub position: Position,
    /// What is wrong.
    pub fault: Fault,
}

/// What begins and has to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Construct {
    /// `<!--esi … -->`
    Comment,
    /// `<esi:name>…</esi:name>`
    Element {
        /// Its name without the prefix.
        name: String,
    },
}

impl Construct {
    fn end(&self) -> String {
        match self {
            Self::Comment => "-->".to_owned(),
            Self::Element { name } => format!("</esi:{name}>"),
        }
    }
}

impl Display for Construct {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Comment => write!(formatter, "<!--esi"),
            Self::Element { name } => write!(formatter, "<esi:{name}>"),
        }
    }
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Something is open at the end of the body.
    #[error("`{opened}` is never closed: add `{}`", opened.end())]
    Unclosed {
        /// What is open.
        opened: Construct,
    },
    /// Something is closed that is not open.
    #[error("`{}` closes nothing: no `{closed}` is open here", closed.end())]
    ClosesNothing {
        /// What is closed here.
        closed: Construct,
    },
    /// Something is closed while something else inside of it is open.
    #[error("`{}` stands where `{}` is due: `{opened}` of line {opened_line} is still open", closed.end(), opened.end())]
    Crossed {
        /// What is closed here.
        closed: Construct,
        /// What is open.
        opened: Construct,
        /// The line in which it was opened.
        opened_line: usize,
    },
    /// `<!--esi` in `<!--esi`.
    #[error("`<!--esi` stands inside of `<!--esi`: comments do not nest")]
    CommentInComment,
    /// The body ends in a tag.
    #[error("the tag of `<esi:{name}>` is not finished: the page ends before its `>`")]
    UnfinishedTag {
        /// The element's name.
        name: String,
    },
    /// A tag contains what is no attribute.
    #[error(
        "the tag of `<esi:{name}>` is malformed: white space stands before each attribute, and only attributes"
    )]
    MalformedTag {
        /// The element's name.
        name: String,
    },
    /// An attribute without a value, or with one that is not quoted.
    #[error("`{attribute}` has no value in quotes: write {attribute}=\"…\"")]
    Unquoted {
        /// The attribute's name.
        attribute: String,
    },
    /// A value whose quote is not closed.
    #[error("the value of `{attribute}` has no closing quote")]
    UnclosedQuote {
        /// The attribute's name.
        attribute: String,
    },
    /// An attribute twice in a tag.
    #[error("`{attribute}` stands twice in one tag")]
    RepeatedAttribute {
        /// The attribute's name.
        attribute: &'static str,
    },
    /// An include of nothing.
    #[error("`<esi:include>` has no `src`: write <esi:include src=\"/path/\"/>")]
    NoSource,
    /// `src` or `alt` of nothing.
    #[error("`{attribute}` is empty: it names what is included")]
    EmptySource {
        /// The attribute's name.
        attribute: &'static str,
    },
    /// More than [`ESI_SOURCE_BYTES_MAX`].
    #[error("`{attribute}` has more than {ESI_SOURCE_BYTES_MAX} bytes (ESI_SOURCE_BYTES_MAX)")]
    LongSource {
        /// The attribute's name.
        attribute: &'static str,
    },
    /// Another `onerror` than `continue`.
    #[error(
        "`onerror` can only be \"continue\": leave it out for an include that the page cannot do without"
    )]
    UnknownOnError,
    /// An element that must be empty is not.
    #[error("`<esi:{name}>` has no content: end its tag with `/>`")]
    HasContent {
        /// The element's name.
        name: &'static str,
    },
    /// ESI in `<esi:remove>`.
    #[error("`{found}` stands inside of `<esi:remove>`, which takes no ESI: close it before")]
    InRemove {
        /// What stands there.
        found: Construct,
    },
    /// Other ESI directly in `<esi:try>`.
    #[error("`{found}` stands directly in `<esi:try>`: put it into `<esi:attempt>` or `<esi:except>`")]
    InTry {
        /// What stands there.
        found: Construct,
    },
    /// Text directly in `<esi:try>`.
    #[error("text stands directly in `<esi:try>`: put it into `<esi:attempt>` or `<esi:except>`")]
    TextInTry,
    /// A branch of no `<esi:try>`.
    #[error("`<esi:{name}>` does not stand directly in `<esi:try>`")]
    OutsideTry {
        /// `attempt` or `except`.
        name: &'static str,
    },
    /// A `<esi:try>` that lacks a branch.
    #[error("`<esi:try>` has no `<esi:{name}>`")]
    NoBranch {
        /// `attempt` or `except`.
        name: &'static str,
    },
    /// A branch twice in a `<esi:try>`.
    #[error("`<esi:{name}>` stands twice in one `<esi:try>`")]
    RepeatedBranch {
        /// `attempt` or `except`.
        name: &'static str,
    },
    /// The branches of a `<esi:try>` in the wrong order.
    #[error("`<esi:except>` stands before `<esi:attempt>`: exchange them")]
    ExceptFirst,
    /// More than [`ESI_OPEN_MAX`].
    #[error("more than {ESI_OPEN_MAX} ESI elements are open at once (ESI_OPEN_MAX)")]
    TooDeep,
    /// More than [`ESI_INCLUDES_MAX`].
    #[error("more than {ESI_INCLUDES_MAX} includes in one document (ESI_INCLUDES_MAX)")]
    TooManyIncludes,
    /// More than [`ESI_PIECES_MAX`].
    #[error("ESI cuts this document into more than {ESI_PIECES_MAX} pieces (ESI_PIECES_MAX)")]
    TooManyPieces,
}
