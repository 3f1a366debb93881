//! From the path of a request to a file's name below a directory.
//!
//! A name is one that everybody reads in the same way, or none: what is refused here is the app's business, which may know
//! better.

use std::borrow::Cow;

use crate::config::StaticFiles;
use crate::http::target::{decoded, is_ambiguous};
use crate::limits::FILE_NAME_BYTES_MAX;

/// The one name with a dot in front that is meant for everybody (RFC 8615). It stands at the root of a site.
const WELL_KNOWN: &str = ".well-known";

/// Where a file is, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The directory, with its rules.
    pub files: &'a StaticFiles,
    /// Names below it with a slash between them: no dot segment, no empty one, nothing hidden.
    pub relative: Cow<'a, str>,
}

/// The place that a path (without its query) means, below the directory with the longest prefix. `None` for a path that
/// is no file's, that could be read in two ways ([`is_ambiguous`]), or whose names begin with a dot.
pub fn find<'a>(path: &'a [u8], statics: &'a [StaticFiles]) -> Option<Place<'a>> {
    let is_below = |files: &&StaticFiles| files.prefix.ends_with('/') && begins_with(path, &files.prefix);
    let files = statics.iter().filter(is_below).max_by_key(|files| files.prefix.len())?;
    let relative = match decode(path)? {
        Cow::Borrowed(path) => Cow::Borrowed(path.get(files.prefix.len()..)?),
        Cow::Owned(path) => Cow::Owned(path.get(files.prefix.len()..)?.to_owned()),
    };
    let is_root = files.prefix == "/";
    let is_good = !is_ambiguous(path)
        && relative.split('/').enumerate().all(|(at, name)| is_name(name, is_root && at == 0));
    is_good.then_some(Place { files, relative })
}

/// Whether a path begins with a text once its escapes are resolved. Most paths do not, and cost no memory here.
fn begins_with(path: &[u8], text: &str) -> bool {
    let mut at = 0;
    text.bytes().all(|expected| {
        let byte = match path.get(at) {
            Some(b'%') => decoded(path, at),
            byte => byte.copied(),
        };
        at += if path.get(at) == Some(&b'%') { 3 } else { 1 };
        byte == Some(expected)
    })
}

/// Resolves escapes once. `None` when one is broken, or the result is no UTF-8.
fn decode(path: &[u8]) -> Option<Cow<'_, str>> {
    let Some(first) = memchr::memchr(b'%', path) else {
        return str::from_utf8(path).ok().map(Cow::Borrowed);
    };
    let mut bytes = path[..first].to_vec();
    let mut at = first;
    while let Some(&byte) = path.get(at) {
        bytes.push(if byte == b'%' { decoded(path, at)? } else { byte });
        at += if byte == b'%' { 3 } else { 1 };
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Whether a name is a file's or a directory's that anybody may see. A `%` is left only in what was encoded twice, and
/// would be decoded twice elsewhere.
fn is_name(name: &str, is_first_of_path: bool) -> bool {
    let is_hidden = name.starts_with('.') && !(is_first_of_path && name == WELL_KNOWN);
    let is_odd = |character: char| character.is_control() || matches!(character, '/' | '\\' | '%');
    !name.is_empty() && name.len() <= FILE_NAME_BYTES_MAX && !is_hidden && !name.contains(is_odd)
}

#[cfg(test)]
mod tests;
