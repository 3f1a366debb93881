//! Why an edit was not planned.

/// Why a place in the source is left as it is.
///
/// `Escala cannot`, said precisely: a guess would be worse than no edit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// Every requested load is in the source already; nothing is wrong.
    #[error("the eager loading is there already")]
    AlreadyThere,
    /// The file is not Python that parses.
    #[error("line {line} does not parse: {message}; mend the file and record a new trace")]
    Syntax {
        /// Where parsing stopped.
        line: u32,
        /// What the parser says.
        message: String,
    },
    /// The file says that a program wrote it.
    #[error(
        "line {line} says that the file is generated, so an edit would be lost; change what generates it"
    )]
    Generated {
        /// Where it says so.
        line: u32,
    },
    /// The file nests deeper than [`SYNTAX_DEPTH_LIMIT`](crate::limits::SYNTAX_DEPTH_LIMIT).
    #[error("the file nests too deeply to be edited; make the change by hand")]
    TooDeep,
    /// The anchor belongs to another file.
    #[error(
        "the anchor is in {anchor}, the source is {source_path}; this is a fault of Escala, please report it"
    )]
    WrongFile {
        /// The anchor's file.
        anchor: String,
        /// The file at hand.
        source_path: String,
    },
    /// There is no expression at the point, as when the file changed since it was traced.
    #[error(
        "line {line} holds no expression at the recorded place; record a new trace of the current source"
    )]
    NothingThere {
        /// The line.
        line: u32,
    },
    /// Several expressions might be meant.
    #[error(
        "line {line} builds several querysets and the trace does not tell them apart; put them on lines of their own"
    )]
    Ambiguous {
        /// The line.
        line: u32,
    },
    /// The expression at the point does not build a queryset.
    #[error("line {line} does not build the queryset itself ({reason}); make the change where it is built")]
    NotAQuerySet {
        /// The line.
        line: u32,
        /// What it is instead.
        reason: String,
    },
    /// The chain has a method after which the eager load is impossible or has no effect.
    #[error("line {line}: `{method}` {reason}")]
    Method {
        /// The line of the method.
        line: u32,
        /// Its name.
        method: String,
        /// Why it stands in the way.
        reason: &'static str,
    },
    /// The class cannot be given an eager queryset.
    #[error("class {qualname} {reason}")]
    Class {
        /// The class.
        qualname: String,
        /// What about it is in the way.
        reason: &'static str,
    },
    /// A filtered relation cannot be turned into a `Prefetch`.
    #[error("line {line}: the filtered access stays, because {reason}")]
    Access {
        /// The line of the access.
        line: u32,
        /// Why.
        reason: String,
    },
    /// A name that the edit needs means something else in this file.
    #[error("`{name}` means something else in this file; import it under another name first")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A lookup that is not a path of identifiers.
    #[error("`{path}` is not a lookup path; this is a fault of Escala, please report it")]
    InvalidPath {
        /// The path.
        path: String,
    },
    /// The planned edit failed its own checks.
    #[error("the planned edit did not hold its own checks ({reason}); please report this with the file")]
    Gate {
        /// Which check.
        reason: &'static str,
    },
}
