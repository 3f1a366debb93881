//! What keys take.

use std::borrow::Cow;
use std::fmt::Display;
use std::time::Duration;

use toml::de::DeValue;

use super::SettingsError;
use super::document::{Found, Node};
use super::key::Kind;
use super::value::{self, write_duration, write_size};

/// `true` or `false`.
#[derive(Debug)]
pub(super) struct Flag;

/// A whole number, within its bounds.
#[derive(Debug)]
pub(super) struct Count<N> {
    pub(super) min: N,
    pub(super) max: N,
}

/// A duration, within its bounds.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) min: Duration,
    pub(super) max: Duration,
}

/// A duration of whole seconds, as fields of HTTP have them.
#[derive(Debug)]
pub(super) struct Seconds {
    pub(super) min_s: u64,
    pub(super) max_s: u64,
}

/// Bytes.
#[derive(Debug)]
pub(super) struct Size {
    pub(super) min_bytes: u64,
    pub(super) max_bytes: u64,
}

/// One of a few words.
#[derive(Debug)]
pub(super) struct Word<T: 'static> {
    pub(super) words: &'static [(&'static str, T)],
}

/// A text that means something: an address, a path, a pattern.
#[derive(Debug)]
pub(super) struct Text<T> {
    /// As in "an IP address and a port".
    pub(super) takes: &'static str,
    /// Reads it, or says what it is instead: "which …".
    pub(super) read: fn(&str) -> Result<T, Reason>,
}

/// What is wrong with a value: "which …".
pub(super) type Reason = Cow<'static, str>;

/// Several of a kind.
#[derive(Debug)]
pub(super) struct List<K> {
    pub(super) item: K,
    /// Whether one alone may stand without brackets.
    pub(super) may_be_bare: bool,
    pub(super) may_be_empty: bool,
}

/// A table with keys of the user's own.
#[derive(Debug)]
pub(super) struct Named<K> {
    pub(super) item: K,
    /// What the keys are.
    pub(super) names: &'static str,
}

impl Kind for Flag {
    type Value = bool;

    fn read(&self, node: &Node<'_>) -> Result<bool, SettingsError> {
        node.value().as_bool().ok_or_else(|| no_such(node, self))
    }

    fn takes(&self) -> String {
        "`true` or `false`".to_owned()
    }
}

impl<N: Copy + Display + PartialOrd + TryFrom<u64>> Kind for Count<N> {
    type Value = N;

    fn read(&self, node: &Node<'_>) -> Result<N, SettingsError> {
        let Some(number) = node.value().as_integer() else { return Err(no_such(node, self)) };
        let number =
            u64::from_str_radix(number.as_str(), number.radix()).ok().and_then(|n| n.try_into().ok());
        in_range(number, self.min, self.max)
            .ok_or_else(|| node.refuse(out_of_range(&self.min.to_string(), &self.max.to_string())))
    }

    fn takes(&self) -> String {
        format!("a number from {} to {}", self.min, self.max)
    }
}

impl Kind for Span {
    type Value = Duration;

    fn read(&self, node: &Node<'_>) -> Result<Duration, SettingsError> {
        let duration = read_duration(node, self)?;
        in_range(Some(duration), self.min, self.max)
            .ok_or_else(|| node.refuse(out_of_range(&write_duration(self.min), &write_duration(self.max))))
    }

    fn takes(&self) -> String {
        format!("a duration from {} to {}", write_duration(self.min), write_duration(self.max))
    }
}

impl Kind for Seconds {
    type Value = u64;

    fn read(&self, node: &Node<'_>) -> Result<u64, SettingsError> {
        let duration = read_duration(node, self)?;
        if duration.subsec_nanos() != 0 {
            return Err(node.refuse("which is no whole number of seconds"));
        }
        let [min, max] = [self.min_s, self.max_s].map(|s| write_duration(Duration::from_secs(s)));
        in_range(Some(duration.as_secs()), self.min_s, self.max_s)
            .ok_or_else(|| node.refuse(out_of_range(&min, &max)))
    }

    fn takes(&self) -> String {
        let [min, max] = [self.min_s, self.max_s].map(|s| write_duration(Duration::from_secs(s)));
        format!("a duration in seconds, from {min} to {max}")
    }
}

impl Kind for Size {
    type Value = u64;

    fn read(&self, node: &Node<'_>) -> Result<u64, SettingsError> {
        let bytes = match node.value() {
            DeValue::String(text) => value::size(text).map_err(|reason| node.refuse(reason))?,
            DeValue::Integer(integer) => {
                value::size(&integer.to_string()).map_err(|reason| node.refuse(reason))?
            }
            _ => return Err(no_such(node, self)),
        };
        let [min, max] = [self.min_bytes, self.max_bytes].map(write_size);
        in_range(Some(bytes), self.min_bytes, self.max_bytes)
            .ok_or_else(|| node.refuse(out_of_range(&min, &max)))
    }

    fn takes(&self) -> String {
        format!("a size from {} to {}", write_size(self.min_bytes), write_size(self.max_bytes))
    }
}

impl<T: Copy> Kind for Word<T> {
    type Value = T;

    fn read(&self, node: &Node<'_>) -> Result<T, SettingsError> {
        let text = node.value().as_str();
        let word = self.words.iter().find(|(word, _)| Some(*word) == text);
        word.map(|(_, meaning)| *meaning).ok_or_else(|| no_such(node, self))
    }

    fn takes(&self) -> String {
        let words: Vec<_> = self.words.iter().map(|(word, _)| format!("`\"{word}\"`")).collect();
        words.join(" or ")
    }
}

impl<T> Kind for Text<T> {
    type Value = T;

    fn read(&self, node: &Node<'_>) -> Result<T, SettingsError> {
        let text = node.value().as_str().ok_or_else(|| no_such(node, self))?;
        (self.read)(text).map_err(|reason| node.refuse(reason))
    }

    fn takes(&self) -> String {
        self.takes.to_owned()
    }
}

impl<K: Kind> Kind for List<K> {
    type Value = Vec<Found<K::Value>>;

    fn read(&self, node: &Node<'_>) -> Result<Self::Value, SettingsError> {
        let found = |node: &Node<'_>| Ok(Found { value: self.item.read(node)?, place: node.place() });
        let items = match node.items() {
            Some(items) => items.map(|item| found(&item)).collect::<Result<Vec<_>, _>>()?,
            None if self.may_be_bare => vec![found(node)?],
            None => return Err(no_such(node, self)),
        };
        if items.is_empty() && !self.may_be_empty {
            return Err(node.refuse("which names nothing"));
        }
        Ok(items)
    }

    fn takes(&self) -> String {
        let item = self.item.takes();
        if self.may_be_bare {
            format!("{item}; or a list of such")
        } else {
            format!("a list; each is {item}")
        }
    }
}

impl<K: Kind> Kind for Named<K> {
    type Value = Vec<(String, K::Value)>;

    fn read(&self, node: &Node<'_>) -> Result<Self::Value, SettingsError> {
        let entries = node.entries().ok_or_else(|| no_such(node, self))?;
        entries.map(|(name, node)| Ok((name.to_owned(), self.item.read(&node)?))).collect()
    }

    fn takes(&self) -> String {
        format!("a table; each key is {}, its value {}", self.names, self.item.takes())
    }
}

fn no_such(node: &Node<'_>, kind: &impl Kind) -> SettingsError {
    node.refuse(format_args!("but takes {}", kind.takes()))
}

fn in_range<T: PartialOrd>(value: Option<T>, min: T, max: T) -> Option<T> {
    value.filter(|value| (min..=max).contains(value))
}

fn out_of_range(min: &str, max: &str) -> String {
    format!("which is out of range: {min} to {max}")
}

fn read_duration(node: &Node<'_>, kind: &impl Kind) -> Result<Duration, SettingsError> {
    match node.value() {
        DeValue::String(text) => value::duration(text).map_err(|reason| node.refuse(reason)),
        // The one mistake that everybody makes.
        DeValue::Integer(integer) => {
            value::duration(&integer.to_string()).map_err(|reason| node.refuse(reason))
        }
        _ => Err(no_such(node, kind)),
    }
}
