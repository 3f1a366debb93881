//! A key of the file: its name, what it takes, and what its page says of it. The reader and the page have it from here, so
//! that neither knows a key that the other does not.

use super::SettingsError;
use super::document::Node;

/// A key of a table.
#[derive(Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "the pages in docs/reference are made of it, by a test"))]
pub(super) struct Key<K> {
    pub(super) name: &'static str,
    pub(super) kind: K,
    /// What counts when it is left out.
    pub(super) standard: Standard,
    /// Another value than that, as it is written in the file.
    pub(super) example: &'static str,
    /// What it does, as Markdown on one line.
    pub(super) about: &'static str,
}

/// What counts when a key is left out.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(test), expect(dead_code, reason = "the pages in docs/reference are made of it, by a test"))]
pub(super) enum Standard {
    /// A value, as it would be written in the file.
    Toml(&'static str),
    /// Something that is not one value.
    Words(&'static str),
}

/// What a key takes.
pub(super) trait Kind {
    type Value;

    /// Reads it. The only answer to what is none is an error that names its place.
    fn read(&self, node: &Node<'_>) -> Result<Self::Value, SettingsError>;

    /// What is taken, with its range, as in "a duration from 1s to 1h".
    fn takes(&self) -> String;
}

/// A key, whatever it takes.
pub(super) trait AnyKey: Sync {
    fn name(&self) -> &'static str;

    #[cfg(test)]
    fn described(&self) -> Described;
}

/// What a page says of a key.
#[cfg(test)]
pub(super) struct Described {
    pub(super) takes: String,
    pub(super) standard: Standard,
    pub(super) example: &'static str,
    pub(super) about: &'static str,
}

impl<K: Kind + Sync> AnyKey for Key<K> {
    fn name(&self) -> &'static str {
        self.name
    }

    #[cfg(test)]
    fn described(&self) -> Described {
        let Self { standard, example, about, .. } = *self;
        Described { takes: self.kind.takes(), standard, example, about }
    }
}

/// A table, or one that may be there several times.
pub(super) struct Section {
    /// With those around it, as in `edge.cache`; empty for the whole file.
    pub(super) name: &'static str,
    pub(super) keys: &'static [&'static dyn AnyKey],
    /// The tables in it.
    pub(super) sections: &'static [&'static Section],
    /// Whether it is written `[[…]]`.
    pub(super) is_list: bool,
}

impl Section {
    /// Its own name, without those around it.
    pub(super) fn leaf(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or_default()
    }

    /// As its beginning is written.
    pub(super) fn heading(&self) -> String {
        if self.is_list { format!("[[{}]]", self.name) } else { format!("[{}]", self.name) }
    }

    /// The names of all that may be in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name()).chain(self.sections.iter().map(|section| section.leaf()))
    }
}
