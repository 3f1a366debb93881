//! Content codings, and which of them a client takes (RFC 9110 §8.4.1, §12.5.3). Nothing here allocates.

use super::vary::thousandths;
use crate::http::{Fields, Name, list};

/// A coding that a body may come in. In the order of how much smaller they make the texts of the web, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coding {
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
    /// RFC 1952.
    Gzip,
}

impl Coding {
    /// All of them, best first.
    pub const ALL: [Self; 3] = [Self::Brotli, Self::Zstd, Self::Gzip];

    /// As it stands in `Content-Encoding`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// What the name of a file ends in that was compressed so.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Zstd => ".zst",
            Self::Gzip => ".gz",
        }
    }

    /// The coding of a name in `Accept-Encoding`; `x-gzip` is an old name of `gzip` (RFC 9110 §8.4.1.3).
    fn find(name: &[u8]) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        Self::ALL.into_iter().find(|coding| is(coding.as_str())).or(is("x-gzip").then_some(Self::Gzip))
    }
}

/// What a client takes, in thousandths of quality; 0 is a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// In the order of [`Coding::ALL`].
    qualities: [u16; Coding::ALL.len()],
    /// Of a body as it is, when the client speaks of it.
    identity: Option<u16>,
}

impl Taken {
    /// Reads `Accept-Encoding`. A client that does not send it is given the body as it is: RFC 9110 would allow any
    /// coding, and what sends no such field is seldom able to decode one.
    pub fn of(request: &Fields) -> Self {
        let mut named = [None; Coding::ALL.len()];
        let (mut identity, mut any) = (None, 0);
        for element in request.elements(Name::AcceptEncoding) {
            let mut parts = list::split(element, b';');
            let name = parts.next().unwrap_or_default();
            let quality =
                parts.find_map(|part| part.strip_prefix(b"q=").or_else(|| part.strip_prefix(b"Q=")));
            let quality = quality.map_or(1_000, thousandths);
            match Coding::find(name) {
                Some(coding) => named[coding as usize] = Some(quality),
                None if name.eq_ignore_ascii_case(b"identity") => identity = Some(quality),
                None if name == b"*" => any = quality,
                None => {}
            }
        }
        Self { qualities: named.map(|quality| quality.unwrap_or(any)), identity }
    }

    /// The codings that the client likes at least as much as a body that is not encoded, best first; of those that it
    /// likes the same, the one that makes texts smaller.
    pub fn preferred(self) -> impl Iterator<Item = Coding> {
        let quality = move |coding: Coding| self.qualities[coding as usize];
        let mut codings = Coding::ALL;
        codings.sort_by_key(|&coding| std::cmp::Reverse(quality(coding)));
        let least = self.identity.unwrap_or(0).max(1);
        codings.into_iter().filter(move |&coding| quality(coding) >= least)
    }
}

#[cfg(test)]
mod tests;
