//! The compressed forms of a stored response: whether there may be any, and those that were made.
//!
//! The app's own bytes stay what they are. A form is made from them once, by whoever [`Compressed::begin`]s it, and lasts
//! as long as they do.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;

use crate::cache::coding::Coding;
use crate::http::head::write_status_line;
use crate::http::{Fields, Name, list};
use crate::limits::{COMPRESSED_BYTES_MAX, COMPRESSED_BYTES_MIN};

/// The codings that are made, best first. Zstandard is none: what takes it takes Brotli, which makes texts smaller.
pub const MADE: [Coding; 2] = [Coding::Brotli, Coding::Gzip];

/// The value of `Vary` on what there may be several codings of.
pub const VARY: &[u8] = b"Accept-Encoding";

/// Digests of the bytes as they are sent (RFC 9530, RFC 3230, RFC 2616 §14.15), which no other bytes have.
const DIGESTS: [&[u8]; 4] = [b"content-digest", b"repr-digest", b"digest", b"content-md5"];

/// Types beside `text/*` that are texts, and some that are none and become much smaller all the same.
const TYPES: [&str; 14] = [
    "application/javascript",
    "application/json",
    "application/manifest+json",
    "application/rtf",
    "application/toml",
    "application/vnd.ms-fontobject",
    "application/wasm",
    "application/x-javascript",
    "application/x-ndjson",
    "application/xml",
    "application/yaml",
    "font/otf",
    "font/ttf",
    "image/x-icon",
];

/// Which compressed forms of a response there are.
#[derive(Debug)]
pub struct Compressed {
    is_allowed: bool,
    lacks_vary: bool,
    /// One bit for each coding that somebody makes or has made.
    begun: AtomicU8,
    /// In the order of [`MADE`]; `None` inside for a form that is no smaller.
    forms: [OnceLock<Option<Box<Representation>>>; MADE.len()],
}

/// A response in one coding.
#[derive(Debug)]
pub struct Representation {
    /// As [`super::Stored::fields`], for this body.
    pub fields: Fields,
    /// As [`super::Stored::head`], for this body.
    pub head: Box<[u8]>,
    /// All of it.
    pub body: Bytes,
}

impl Compressed {
    /// No form yet, of a response whose body has so many bytes. One that is not whole, because fragments are put into it,
    /// never has any.
    pub(super) fn none(status: u16, fields: &Fields, body_bytes: usize, is_whole: bool) -> Self {
        let has_size = (COMPRESSED_BYTES_MIN..=COMPRESSED_BYTES_MAX).contains(&body_bytes);
        Self {
            is_allowed: is_whole && has_size && may_be_compressed(status, fields),
            lacks_vary: lacks_vary(fields),
            begun: AtomicU8::new(0),
            forms: [const { OnceLock::new() }; MADE.len()],
        }
    }

    /// Whether there may be any.
    pub fn is_allowed(&self) -> bool {
        self.is_allowed
    }

    /// Whether the app does not say that the response depends upon `Accept-Encoding`.
    pub fn lacks_vary(&self) -> bool {
        self.lacks_vary
    }

    /// The form in a coding, if it was made.
    pub fn get(&self, coding: Coding) -> Option<&Representation> {
        self.outcome(coding)?
    }

    /// What came of making it: `Some(None)` when it would not be smaller.
    pub fn outcome(&self, coding: Coding) -> Option<Option<&Representation>> {
        self.forms[index(coding)?].get().map(Option::as_deref)
    }

    /// Whether the caller is the one to make a form: of all who miss it, one.
    pub fn begin(&self, coding: Coding) -> bool {
        let Some(index) = index(coding) else { return false };
        let bit = 1 << index;
        self.is_allowed
            && self.begun.load(Ordering::Relaxed) & bit == 0
            && self.begun.fetch_or(bit, Ordering::AcqRel) & bit == 0
    }

    /// Lets another one try.
    pub fn give_up(&self, coding: Coding) {
        if let Some(index) = index(coding) {
            self.begun.fetch_and(!(1 << index), Ordering::AcqRel);
        }
    }

    /// Keeps a form, or the knowledge that there is none that would be smaller. Returns the bytes that it weighs; 0 if
    /// there was one already.
    pub(super) fn put(&self, coding: Coding, form: Option<Representation>) -> usize {
        let Some(index) = index(coding) else { return 0 };
        let bytes = form.as_ref().map_or(0, Representation::bytes);
        self.begun.fetch_or(1 << index, Ordering::AcqRel);
        if self.forms[index].set(form.map(Box::new)).is_ok() { bytes } else { 0 }
    }
}

impl Representation {
    /// A compressed body with the fields that the app sent with the original.
    pub(super) fn new(
        status: u16,
        reason: &[u8],
        original: &Fields,
        lacks_vary: bool,
        coding: Coding,
        body: Bytes,
    ) -> Self {
        let mut fields = Fields::default();
        for field in original.iter() {
            match field.known {
                // Parts are taken from the original only.
                Some(Name::ContentLength | Name::AcceptRanges) => {}
                Some(Name::Etag) => fields.push_known(Name::Etag, &weak(field.value)),
                _ => fields.push(field.name, field.value),
            }
        }
        fields.push_known(Name::ContentEncoding, coding.as_str().as_bytes());
        if lacks_vary {
            fields.push_known(Name::Vary, VARY);
        }
        let mut length = Vec::new();
        list::write_number(body.len() as u64, &mut length);
        fields.push_known(Name::ContentLength, &length);
        let mut head = Vec::with_capacity(fields.bytes() + fields.len() * 4 + 64);
        write_status_line(status, reason, &mut head);
        fields.write(&mut head);
        Self { fields, head: head.into(), body }
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + 2 * self.head.len() + self.body.len()
    }
}

/// Whether a response of any length may be sent in another coding than the app's (RFC 9111 §5.2.2.6, RFC 9110 §7.7).
pub fn may_be_compressed(status: u16, fields: &Fields) -> bool {
    status == 200
        && !fields.has(Name::ContentEncoding)
        && !fields.lists(Name::CacheControl, b"no-transform")
        && fields.get(Name::ContentType).is_some_and(is_compressible)
        && !fields.iter().any(|field| DIGESTS.iter().any(|name| name.eq_ignore_ascii_case(field.name)))
}

/// Whether nothing says that a response depends upon `Accept-Encoding`.
pub fn lacks_vary(fields: &Fields) -> bool {
    !fields.lists(Name::Vary, VARY)
}

/// Whether bytes of a type become much smaller: texts do, and what has been compressed does not.
fn is_compressible(content_type: &[u8]) -> bool {
    let essence = list::split(content_type, b';').next().unwrap_or_default();
    let is = |known: &str| essence.eq_ignore_ascii_case(known.as_bytes());
    let begins_with = |start: &str| {
        essence.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start.as_bytes()))
    };
    let ends_with = |end: &str| {
        let at = essence.len().checked_sub(end.len());
        at.is_some_and(|at| essence[at..].eq_ignore_ascii_case(end.as_bytes()))
    };
    // Events are read as they come, and their stream has no end.
    (begins_with("text/") && !is("text/event-stream"))
        || ends_with("+json")
        || ends_with("+xml")
        || TYPES.iter().any(|known| is(known))
}

/// What is compressed is the same to whoever reads it, and not to the byte (RFC 9110 §8.8.1).
fn weak(etag: &[u8]) -> Vec<u8> {
    if etag.starts_with(b"W/") { etag.to_vec() } else { [b"W/", etag].concat() }
}

fn index(coding: Coding) -> Option<usize> {
    MADE.iter().position(|&made| made == coding)
}

#[cfg(test)]
mod tests;
