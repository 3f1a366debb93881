//! The names that a response can be purged by: its URL, the app's tags, and groups (RFC 9875).
//!
//! A name is text, and says the same after a restart; its hash does not ([`crate::cache::store::Store::hash`]).

use super::key;
use crate::http::{Fields, Name, list, structured};
use crate::limits::TAGS_MAX;

/// Ends each tag; no field has it.
const END: u8 = 0;

/// The app's tags of a response (`Surrogate-Key`, `Cache-Tag`), which are nobody's business but the app's and ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    text: Box<[u8]>,
}

impl Labels {
    /// Takes the tags out of a response; further ones than [`TAGS_MAX`] are left out.
    pub fn take(fields: &mut Fields) -> Self {
        let spaced = fields.all(Name::SurrogateKey).flat_map(|value| value.split(|&byte| byte == b' '));
        let listed = fields.elements(Name::CacheTag);
        let labels = Self::of(spaced.map(list::trim).chain(listed));
        fields.remove(Name::SurrogateKey);
        fields.remove(Name::CacheTag);
        labels
    }

    /// These, and those that the response had before, as far as there is room.
    #[must_use]
    pub fn and(&self, before: &Self) -> Self {
        Self::of(self.iter().chain(before.iter().filter(|old| !self.iter().any(|new| new == *old))))
    }

    fn of<'a>(tags: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut text = Vec::new();
        for tag in tags.filter(|tag| !tag.is_empty()).take(TAGS_MAX) {
            text.extend_from_slice(tag);
            text.push(END);
        }
        Self { text: text.into() }
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.text.split(|&byte| byte == END).filter(|tag| !tag.is_empty())
    }

    /// All of them, as they are written to disk.
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// Reads what [`Self::as_bytes`] gave; of anything else, it takes what might be tags.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self::of(bytes.split(|&byte| byte == END))
    }
}

/// The hashes of all names of a response: those that its purges are looked up by.
pub fn hashes(key: &[u8], fields: &Fields, labels: &Labels, hash: impl Fn(&[u8]) -> u64) -> Vec<u64> {
    let mut tags: Vec<u64> = labels.iter().map(&hash).collect();
    let groups = structured::strings(fields, Name::CacheGroups).unwrap_or_default();
    tags.extend(groups.iter().take(TAGS_MAX).map(|group| hash(&group_name(key, group))));
    tags.push(hash(key::url(key)));
    tags.sort_unstable();
    tags.dedup();
    tags
}

/// The name of a group, which belongs to the origin of a key (RFC 9875 §2).
pub fn group_name(key: &[u8], group: &str) -> Vec<u8> {
    let mut name = key::origin(key).to_vec();
    key::add(b"group", group.as_bytes(), &mut name);
    name
}

#[cfg(test)]
mod tests;
