//! A file as it is sent: itself, and compressed forms of it that lie beside it.

use std::hash::{DefaultHasher, Hasher};

use bytes::Bytes;

use super::disk::Stamp;
use super::media_type;
use crate::cache::coding::{Coding, Taken};
use crate::http::head::write_status_line;
use crate::http::{Fields, Name, date, list};

/// How long a file may be used whose name changes with its content: a year, and no asking (RFC 8246).
const IMMUTABLE: &[u8] = b"public, max-age=31536000, immutable";

/// Hexadecimal digits of the hash in the names that Django's `ManifestStaticFilesStorage` makes.
const HASH_DIGITS: usize = 12;

/// A file, in all forms that there are.
#[derive(Debug)]
pub(crate) struct Resource {
    /// As it is.
    pub(super) file: Form,
    /// Compressed.
    pub(super) others: Vec<Form>,
}

/// A file in one form.
#[derive(Debug)]
pub(crate) struct Form {
    /// `None` for the file as it is.
    pub(super) coding: Option<Coding>,
    /// What it was when this was made.
    pub(super) stamp: Stamp,
    /// What is sent with it.
    pub(super) fields: Fields,
    /// The status line and the fields, as HTTP/1.1 has them.
    pub(super) head: Box<[u8]>,
    /// All of it; `None` for one that is read from the disk each time.
    pub(super) content: Option<Bytes>,
}

/// What all forms of a file have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common<'a> {
    /// Its name, which may have directories before it.
    pub(super) name: &'a str,
    /// How long a client may use it, unless its name has a hash, in seconds.
    pub(super) lifetime_s: u64,
    /// Whether there are other forms.
    pub(super) varies: bool,
    /// Seconds since 1970: nothing was modified later (RFC 9110 §8.8.2.1).
    pub(super) now_s: u64,
}

impl Resource {
    /// The form that a client takes best. One that takes none of them gets the file as it is (RFC 9110 §12.5.3).
    pub(super) fn choose(&self, request: &Fields) -> Option<Coding> {
        if self.others.is_empty() {
            return None;
        }
        let is_there = |coding: &Coding| self.others.iter().any(|form| form.coding == Some(*coding));
        Taken::of(request).preferred().find(is_there)
    }

    /// The form in a coding, or the file as it is where there is none.
    pub(super) fn form(&self, coding: Option<Coding>) -> &Form {
        self.others.iter().find(|form| form.coding == coding).unwrap_or(&self.file)
    }

    /// What it costs in memory, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let of_form = |form: &Form| {
            size_of::<Form>() + 2 * form.head.len() + form.content.as_ref().map_or(0, Bytes::len)
        };
        of_form(&self.file) + self.others.iter().map(of_form).sum::<usize>()
    }
}

impl Form {
    /// One form, with its content if that is kept.
    pub(super) fn new(
        common: Common<'_>,
        coding: Option<Coding>,
        stamp: Stamp,
        content: Option<Bytes>,
    ) -> Self {
        let mut fields = Fields::default();
        fields.push_known(Name::ContentType, media_type::of(common.name).as_bytes());
        fields.push(b"x-content-type-options", b"nosniff");
        if let Some(coding) = coding {
            fields.push_known(Name::ContentEncoding, coding.as_str().as_bytes());
        }
        let mut number = Vec::new();
        list::write_number(stamp.length, &mut number);
        fields.push_known(Name::ContentLength, &number);
        fields.push_known(Name::AcceptRanges, b"bytes");
        fields.push_known(Name::Etag, etag(coding, &stamp, content.as_deref()).as_bytes());
        let modified_s = u64::try_from(stamp.modified.s).unwrap_or(0).min(common.now_s);
        fields.push_known(Name::LastModified, date::format(modified_s).as_bytes());
        if is_hashed(common.name) {
            fields.push_known(Name::CacheControl, IMMUTABLE);
        } else {
            let mut control = b"public, max-age=".to_vec();
            list::write_number(common.lifetime_s, &mut control);
            fields.push_known(Name::CacheControl, &control);
        }
        if common.varies {
            fields.push_known(Name::Vary, b"Accept-Encoding");
        }
        let mut head = Vec::new();
        write_status_line(200, b"", &mut head);
        fields.write(&mut head);
        Self { coding, stamp, fields, head: head.into(), content }
    }
}

/// A strong tag: from the content where that is at hand, so that it is the same on all machines and after a deployment that
/// sets all times to the same; otherwise from length and time, as servers do. The codings are told apart in any case.
fn etag(coding: Option<Coding>, stamp: &Stamp, content: Option<&[u8]>) -> String {
    let suffix = coding.map_or("", Coding::as_str);
    let dash = if coding.is_some() { "-" } else { "" };
    if let Some(content) = content {
        // The same keys each time; another algorithm in a later version would cost a transfer and nothing else.
        let mut hasher = DefaultHasher::new();
        hasher.write(content);
        format!("\"{:016x}{dash}{suffix}\"", hasher.finish())
    } else {
        let (s, ns) = (stamp.modified.s, stamp.modified.ns);
        format!("\"{:x}-{s:x}-{ns:x}{dash}{suffix}\"", stamp.length)
    }
}

/// Whether a name changes with its content: one that Django's `ManifestStaticFilesStorage` made, `name.<12 hex>.ext`, also
/// without an extension. Twelve decimal digits alone may be a date, so one of a to f must be among them: of 280 real
/// hashes one has none, and is asked for more often than it would have to be. What bundlers write (`name-<hash>.js`) looks
/// like a word or a version too often to be certain.
pub(super) fn is_hashed(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    let mut parts = name.rsplit('.');
    let (last, before) = (parts.next(), parts.next());
    let is_named = |mut rest: std::str::RSplit<'_, char>| rest.any(|part| !part.is_empty());
    if before.is_some_and(is_hash) && last.is_some_and(|extension| !extension.is_empty()) {
        return is_named(parts);
    }
    last.is_some_and(is_hash) && before.is_some_and(|before| !before.is_empty())
}

fn is_hash(text: &str) -> bool {
    text.len() == HASH_DIGITS
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests;
