//! HTTP messages as values (RFC 9110, RFC 9112): heads, fields, framing, targets, dates.
//!
//! Receives bytes of a connection. Gives heads whose meaning is certain, and bodies whose end is certain.
//!
//! Invariants: no IO, no clock, no copy of a body; what two readers might read in two ways is [`Malformed`]. So whatever
//! stands behind the edge never sees the ambiguity that request smuggling lives on.
//!
//! Start reading at [`head`], then [`framing`].

pub mod body;
pub mod chunked;
pub mod date;
pub mod fields;
pub mod framing;
pub mod head;
pub mod list;
pub mod method;
pub mod name;
pub mod structured;
pub mod target;

pub use fields::Fields;
pub use head::{RequestHead, ResponseHead, Version};
pub use method::Method;
pub use name::Name;

/// Why bytes are no message, in words for whoever sent them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A line that ends in LF without CR, or a CR elsewhere (RFC 9112 §2.2).
    #[error("a line does not end in CR LF")]
    LineEnd,
    /// The first line of a request (RFC 9112 §3).
    #[error("the request line is not `METHOD target HTTP/1.1`")]
    RequestLine,
    /// The first line of a response (RFC 9112 §4).
    #[error("the status line is not `HTTP/1.1 200 reason`")]
    StatusLine,
    /// Another version than 1.0 and 1.1.
    #[error("the version of HTTP is not 1.0 or 1.1")]
    Version,
    /// A name that is no token, or white space around it (RFC 9112 §5.1).
    #[error("the name of a field is not a token that is followed by a colon")]
    FieldName,
    /// A control byte in a value (RFC 9110 §5.5).
    #[error("the value of a field has a control byte")]
    FieldValue,
    /// A field that goes on in the next line (RFC 9112 §5.2).
    #[error("a field is folded over several lines")]
    Folded,
    /// A longer head than is taken.
    #[error("the head is longer than {} bytes", crate::limits::HEAD_BYTES_MAX)]
    HeadTooLong,
    /// More fields than are taken.
    #[error("the head has more than {} fields", crate::limits::FIELDS_MAX)]
    TooManyFields,
    /// None where one is needed, several, or one that is no host (RFC 9112 §3.2).
    #[error("the Host is missing, is there twice, or is no host")]
    Host,
    /// No path, or bytes that no URI has (RFC 9112 §3.2).
    #[error("the target of the request is no path")]
    Target,
    /// Two lengths, a length that is no number, or a length beside a coding (RFC 9112 §6.3).
    #[error("the length of the body is ambiguous")]
    Length,
    /// A coding other than `chunked`, or one in HTTP/1.0 (RFC 9112 §6.1).
    #[error("the transfer coding is not `chunked`")]
    TransferCoding,
    /// A chunk that does not follow the grammar (RFC 9112 §7.1).
    #[error("the body is not a sequence of chunks")]
    Chunk,
}
