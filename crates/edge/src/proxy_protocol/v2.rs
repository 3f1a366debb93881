//! Version 2: a binary block.

use std::net::{IpAddr, SocketAddr};

use super::{Header, Malformed, Stop, after};
use crate::limits::PROXY_HEADER_BYTES_MAX;

/// What a header begins with.
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// Bytes before the addresses: signature, version and command, family and transport, length of the rest.
const HEAD_BYTES: usize = 16;

/// The type of the TLV that holds a CRC32C of the whole header.
const TYPE_CRC32C: u8 = 0x03;

/// What the proxy says of the connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Addresses {
    /// Nothing that counts; how long it is, is not known.
    None,
    /// Two addresses of IPv4, with ports.
    V4,
    /// Two addresses of IPv6, with ports.
    V6,
    /// Two paths.
    Unix,
}

impl Addresses {
    fn bytes(self) -> usize {
        match self {
            Self::None => 0,
            Self::V4 => 12,
            Self::V6 => 36,
            Self::Unix => 216,
        }
    }
}

/// Decodes input that does not begin as version 1 does.
pub(super) fn decode(input: &[u8]) -> Result<Header, Stop> {
    // In the order of the bytes, so that the first wrong one decides, however many have arrived.
    after(input, SIGNATURE, Malformed::Signature)?;
    let is_proxied = is_proxied(byte(input, 12)?)?;
    let family = byte(input, 13)?;
    // With LOCAL, the family is to be ignored, and so is the block.
    let addresses = if is_proxied { addresses(family)? } else { Addresses::None };
    let end = end(byte(input, 14)?, input.get(15).copied(), addresses)?;
    let checksum = match addresses {
        Addresses::None => None,
        _ => checksum(input, HEAD_BYTES + addresses.bytes(), end)?,
    };
    let header = input.get(..end).ok_or(Stop::NeedMore)?;
    if checksum.is_some_and(|at| !is_whole(header, at)) {
        return Err(Malformed::Checksum.into());
    }
    let block = header.get(HEAD_BYTES..).unwrap_or_default();
    let addresses = match addresses {
        Addresses::None | Addresses::Unix => None,
        Addresses::V4 => ends::<4>(block),
        Addresses::V6 => ends::<16>(block),
    };
    Ok(Header { consumed: end, addresses })
}

fn byte(input: &[u8], at: usize) -> Result<u8, Stop> {
    input.get(at).copied().ok_or(Stop::NeedMore)
}

fn is_proxied(version_and_command: u8) -> Result<bool, Malformed> {
    match version_and_command {
        0x20 => Ok(false),
        0x21 => Ok(true),
        0x22..=0x2f => Err(Malformed::Command),
        _ => Err(Malformed::Version),
    }
}

/// `AF_UNSPEC` and an unspecified transport may come with anything: the proxy has no address to give.
/// A datagram's source is an address as good as a stream's: a proxy may receive HTTP/3 and pass it on over TCP.
fn addresses(family_and_transport: u8) -> Result<Addresses, Malformed> {
    match (family_and_transport >> 4, family_and_transport & 0x0f) {
        (0, 0..=2) | (1..=3, 0) => Ok(Addresses::None),
        (1, 1 | 2) => Ok(Addresses::V4),
        (2, 1 | 2) => Ok(Addresses::V6),
        (3, 1 | 2) => Ok(Addresses::Unix),
        _ => Err(Malformed::Family),
    }
}

/// Where the header ends, from both bytes of its length; the first one alone may already be too much or too little.
fn end(high: u8, low: Option<u8>, addresses: Addresses) -> Result<usize, Stop> {
    let length = |low| usize::from(u16::from_be_bytes([high, low]));
    if HEAD_BYTES + length(low.unwrap_or(u8::MIN)) > PROXY_HEADER_BYTES_MAX {
        return Err(Malformed::TooLong.into());
    }
    if length(low.unwrap_or(u8::MAX)) < addresses.bytes() {
        return Err(Malformed::TooShort.into());
    }
    Ok(HEAD_BYTES + length(low.ok_or(Stop::NeedMore)?))
}

/// Walks the TLVs from `at`, which must fill the header to its `end` exactly, to where the value of a checksum is.
fn checksum(input: &[u8], mut at: usize, end: usize) -> Result<Option<usize>, Stop> {
    let mut found = None;
    while at < end {
        let value = at + 3;
        if value > end {
            return Err(Malformed::Tlv.into());
        }
        let kind = byte(input, at)?;
        let length = usize::from(u16::from_be_bytes([byte(input, at + 1)?, byte(input, at + 2)?]));
        if value + length > end {
            return Err(Malformed::Tlv.into());
        }
        if kind == TYPE_CRC32C && (length != 4 || found.replace(value).is_some()) {
            return Err(Malformed::Checksum.into());
        }
        at = value + length;
    }
    Ok(found)
}

/// Whether the checksum at this place is the header's, reckoned with zeros in that place.
fn is_whole(header: &[u8], at: usize) -> bool {
    let Some((before, rest)) = header.split_at_checked(at) else { return false };
    let Some((stored, after)) = rest.split_first_chunk::<4>() else { return false };
    let state = [before, &[0; 4], after].into_iter().fold(u32::MAX, crc32c);
    !state == u32::from_be_bytes(*stored)
}

/// Takes bytes into the state of a CRC32C (RFC 9260, appendix A). Bit by bit: it is a few dozen bytes a connection.
fn crc32c(state: u32, bytes: &[u8]) -> u32 {
    let shift = |state: u32| (state >> 1) ^ if state & 1 == 1 { 0x82f6_3b78 } else { 0 };
    bytes.iter().fold(state, |state, byte| (0..8).fold(state ^ u32::from(*byte), |state, _| shift(state)))
}

/// Both addresses, of `N` bytes each, then both ports.
fn ends<const N: usize>(block: &[u8]) -> Option<(SocketAddr, SocketAddr)>
where
    IpAddr: From<[u8; N]>,
{
    let (source, rest) = block.split_first_chunk::<N>()?;
    let (destination, rest) = rest.split_first_chunk::<N>()?;
    let (source_port, rest) = rest.split_first_chunk::<2>()?;
    let (destination_port, _) = rest.split_first_chunk::<2>()?;
    let end = |ip: &[u8; N], port: &[u8; 2]| SocketAddr::new(IpAddr::from(*ip), u16::from_be_bytes(*port));
    Some((end(source, source_port), end(destination, destination_port)))
}
