//! What a file is called: by all that its response was chosen by.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::cache::vary::Variant;

/// The name of a file: SHA-256 of the rules for keys, the key and the values that the response was chosen by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name([u8; 32]);

impl Name {
    /// No name comes before it.
    pub(super) const FIRST: Self = Self([0; 32]);

    /// No name comes after it.
    pub(super) const LAST: Self = Self([u8::MAX; 32]);

    /// The name of the response for a key.
    pub(super) fn of(rules: u64, key: &[u8], variant: &Variant) -> Self {
        let mut hash = Sha256::new();
        hash.update(rules.to_le_bytes());
        let mut add = |text: Option<&[u8]>| {
            // With its length, so that no two lists of texts are one.
            hash.update(text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
            hash.update(text.unwrap_or_default());
        };
        add(Some(key));
        for (name, value) in variant.selectors() {
            add(Some(name));
            add(value);
        }
        Self(hash.finalize().into())
    }

    /// Reads a file's name; `None` for one that is not ours.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let mut name = [0; 32];
        for (at, byte) in name.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(Self(name))
    }

    /// The directory that the file is in.
    pub(super) fn leaf(&self) -> u8 {
        self.0[0]
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
