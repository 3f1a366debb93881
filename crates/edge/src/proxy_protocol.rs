//! Decoding of the PROXY protocol, versions 1 and 2: what a proxy sends ahead of a connection to say whose it is.
//!
//! After the `HAProxy` project's `proxy-protocol.txt`. A listener either demands the header from everybody or does not
//! know it: to guess whether it is there would let any client choose its own address. So whatever is not such a header is
//! malformed, from the first byte that cannot belong to one, and the connection is to be closed without an answer.

mod v1;
mod v2;

use std::net::SocketAddr;

use crate::limits::{PROXY_HEADER_BYTES_MAX, PROXY_LINE_BYTES_MAX};

/// How far decoding came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All bytes so far may begin a header, and it is not complete.
    NeedMore,
    /// The header is complete.
    Done {
        /// Bytes that the header takes; what follows is the client's.
        consumed: usize,
        /// The client. `None` where the proxy speaks for itself or names no IP address (`LOCAL`, `UNKNOWN`,
        /// `AF_UNSPEC`, `AF_UNIX`): then the connection's own ends count.
        source: Option<SocketAddr>,
        /// What the client connected to; there exactly when `source` is.
        destination: Option<SocketAddr>,
    },
}

/// Why bytes are not a header. The connection is to be closed: nothing after this can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Neither version's header begins like this.
    #[error(
        "the connection does not begin with a PROXY protocol header: only proxies that send one may connect here"
    )]
    Signature,
    /// Version 1: a byte that the grammar does not allow there.
    #[error("the PROXY protocol line of version 1 breaks its grammar: the proxy that sent it is at fault")]
    Line,
    /// Version 1: no line ending within [`PROXY_LINE_BYTES_MAX`].
    #[error("the PROXY protocol line of version 1 does not end within {PROXY_LINE_BYTES_MAX} bytes")]
    LineTooLong,
    /// A binary header of a version other than 2.
    #[error("the binary PROXY protocol header is not of version 2: let the proxy send version 1 or 2")]
    Version,
    /// Version 2: neither `LOCAL` nor `PROXY`.
    #[error("the PROXY protocol header has an unknown command: the proxy that sent it is at fault")]
    Command,
    /// Version 2: an unassigned address family or transport protocol.
    #[error(
        "the PROXY protocol header has an unknown address family or transport: the proxy that sent it is at fault"
    )]
    Family,
    /// Version 2: the length has no room for the addresses of the family.
    #[error("the PROXY protocol header is too short for its addresses: the proxy that sent it is at fault")]
    TooShort,
    /// Version 2: longer than [`PROXY_HEADER_BYTES_MAX`].
    #[error(
        "the PROXY protocol header is longer than {PROXY_HEADER_BYTES_MAX} bytes: let the proxy send fewer TLVs"
    )]
    TooLong,
    /// Version 2: a TLV does not end where the header does.
    #[error("a TLV of the PROXY protocol header reaches past its end: the proxy that sent it is at fault")]
    Tlv,
    /// Version 2: a checksum that is wrong, or there twice, or not of four bytes.
    #[error("the checksum of the PROXY protocol header is wrong: it was damaged on its way")]
    Checksum,
}

/// Decodes the header that a connection begins with, from all bytes received so far.
///
/// However the bytes arrive, the answer is the same: once it is `Done` or an error, further bytes do not change it.
pub fn decode(input: &[u8]) -> Result<Progress, Malformed> {
    let decoded = match input.first() {
        None => Err(Stop::NeedMore),
        Some(b'P') => v1::decode(input),
        Some(_) => v2::decode(input),
    };
    match decoded {
        Ok(header) => Ok(header.into()),
        Err(Stop::NeedMore) => Ok(Progress::NeedMore),
        Err(Stop::Malformed(why)) => Err(why),
    }
}

/// A complete header.
struct Header {
    consumed: usize,
    /// Source and destination.
    addresses: Option<(SocketAddr, SocketAddr)>,
}

impl From<Header> for Progress {
    fn from(header: Header) -> Self {
        let (source, destination) = header.addresses.unzip();
        Self::Done { consumed: header.consumed, source, destination }
    }
}

/// Why a version's decoder has no header, so that `?` ends it in both cases.
enum Stop {
    NeedMore,
    Malformed(Malformed),
}

impl From<Malformed> for Stop {
    fn from(why: Malformed) -> Self {
        Self::Malformed(why)
    }
}

/// What follows `literal`, which `input` must begin with; `why` from the first byte that differs.
fn after<'a>(input: &'a [u8], literal: &[u8], why: Malformed) -> Result<&'a [u8], Stop> {
    if let Some(rest) = input.strip_prefix(literal) {
        Ok(rest)
    } else if literal.starts_with(input) {
        Err(Stop::NeedMore)
    } else {
        Err(why.into())
    }
}

#[cfg(test)]
mod tests;
