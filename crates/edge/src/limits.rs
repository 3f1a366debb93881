//! Every bound on what a client or the app may make the edge keep or do, in one place.

// Who the client is: the PROXY protocol, and what proxies say of the client.

/// Longest header of the PROXY protocol, version 1, with its line ending, in bytes: what its specification allows.
pub const PROXY_LINE_BYTES_MAX: usize = 107;

/// Longest header of the PROXY protocol, version 2, with all its TLVs, in bytes. The specification allows 65 551 and
/// wants it to fit one segment; a certificate of the client in a TLV takes a few thousand.
pub const PROXY_HEADER_BYTES_MAX: usize = 4 << 10;

/// Hops believed from `X-Forwarded-For` or `Forwarded` of one request, nearest first; further ones are not looked at.
pub const FORWARDED_HOPS_MAX: usize = 32;

/// Longest host believed from `X-Forwarded-Host` or `Forwarded`, and told to the app, in bytes: a DNS name and a port.
pub const FORWARDED_HOST_BYTES_MAX: usize = 261;
