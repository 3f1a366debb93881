//! The file as tables and values that know their place in it.

use std::borrow::Cow;
use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::key::{Key, Kind, Section};
use super::{FILE, SettingsError};

/// How alike a known name must be to be suggested, from 0 to 1.
const ALIKE_MIN: f64 = 0.7;

/// Characters of a value that an error repeats.
const SHOWN_CHARS_MAX: usize = 60;

/// Where a value was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the file.
    File {
        /// From 1.
        line: usize,
        /// With the tables around it, as in `edge.cache.memory`.
        key: String,
    },
    /// On the command line, by an option such as `--listen`.
    Option(&'static str),
    /// Nowhere: it is the default of a key.
    Default(&'static str),
}

impl Place {
    /// The key or the option.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::File { key, .. } => key,
            Self::Option(name) | Self::Default(name) => name,
        }
    }

    /// The error that it is of no use without another key.
    pub(super) fn lacks(&self, other: &str) -> SettingsError {
        SettingsError::Value { place: self.clone(), problem: format!("means nothing without {other}") }
    }

    /// The error that it is of no use, and why.
    pub(super) fn is_idle(&self, reason: &str) -> SettingsError {
        SettingsError::Value { place: self.clone(), problem: format!("means nothing: {reason}") }
    }

    /// The error that it has this value, and what is wrong with that: "which …".
    pub(super) fn refuse(&self, written: &str, reason: impl fmt::Display) -> SettingsError {
        SettingsError::Value {
            place: self.clone(),
            problem: format!("has `{}`, {reason}", on_one_line(written)),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { line, key } => write!(formatter, "{FILE}:{line}: {}", on_one_line(key)),
            Self::Option(name) => formatter.write_str(name),
            Self::Default(name) => write!(formatter, "{name} by default"),
        }
    }
}

/// A value and where it was given.
#[derive(Clone, Debug)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

impl<T> Found<T> {
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Found<U> {
        Found { value: change(self.value), place: self.place }
    }
}

impl<T: fmt::Display> Found<T> {
    /// The error that this is the value, and what is wrong with it: "which …".
    pub(super) fn refuse(&self, reason: impl fmt::Display) -> SettingsError {
        self.place.refuse(&self.value.to_string(), reason)
    }
}

/// The whole file.
pub(super) struct Document<'t> {
    text: &'t str,
    section: &'static Section,
    root: Spanned<DeTable<'t>>,
}

impl<'t> Document<'t> {
    /// Reads a file that has no names but those in the section.
    pub(super) fn parse(text: &'t str, section: &'static Section) -> Result<Self, SettingsError> {
        let (root, errors) = DeTable::parse_recoverable(text);
        if let Some(error) = errors.iter().min_by_key(|error| error.span().map(|span| span.start)) {
            return Err(no_toml(text, error));
        }
        // A key with a slip of the pen would otherwise be a setting that does nothing.
        match first_unknown(root.get_ref(), section) {
            Some(unknown) => Err(unknown.refuse(text)),
            None => Ok(Self { text, section, root }),
        }
    }

    /// The table that all others are in.
    pub(super) fn root(&self) -> Table<'_> {
        Table { text: self.text, section: self.section, line: 1, values: self.root.get_ref() }
    }
}

/// A table of the file.
#[derive(Clone, Copy)]
pub(super) struct Table<'d> {
    text: &'d str,
    section: &'static Section,
    line: usize,
    values: &'d DeTable<'d>,
}

impl<'d> Table<'d> {
    /// A table in this one.
    pub(super) fn open(&self, section: &'static Section) -> Result<Option<Self>, SettingsError> {
        let Some(node) = self.node(section.leaf(), section.name.to_owned()) else { return Ok(None) };
        match node.value.get_ref() {
            DeValue::Table(table) => Ok(Some(self.inner(section, &node, table))),
            _ => Err(node.refuse(format_args!("which is no table: write {}", section.heading()))),
        }
    }

    /// The tables of a list in this one.
    pub(super) fn open_all(&self, section: &'static Section) -> Result<Vec<Self>, SettingsError> {
        let Some(node) = self.node(section.leaf(), section.name.to_owned()) else { return Ok(Vec::new()) };
        let no_list = |node: &Node<'_>| {
            node.refuse(format_args!("which is no list of tables: write {} for each", section.heading()))
        };
        let DeValue::Array(array) = node.value.get_ref() else { return Err(no_list(&node)) };
        let open = |value: &'d Spanned<DeValue<'d>>| {
            let node = Node { value, ..node.clone() };
            match value.get_ref() {
                DeValue::Table(table) => Ok(self.inner(section, &node, table)),
                _ => Err(no_list(&node)),
            }
        };
        array.iter().map(open).collect()
    }

    fn inner(&self, section: &'static Section, node: &Node<'_>, table: &'d DeTable<'d>) -> Self {
        Self { text: self.text, section, line: node.line(), values: table }
    }

    fn node(&self, name: &str, key: String) -> Option<Node<'d>> {
        Some(Node { text: self.text, key, value: self.values.get(name)? })
    }

    #[cfg(test)]
    pub(super) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    fn full_name(&self, key: &str) -> String {
        format!("{}.{key}", self.section.name)
    }

    /// Reads a key.
    pub(super) fn get<K: Kind>(&self, key: &Key<K>) -> Result<Option<Found<K::Value>>, SettingsError> {
        let Some(node) = self.node(key.name, self.full_name(key.name)) else { return Ok(None) };
        Ok(Some(Found { value: key.kind.read(&node)?, place: node.place() }))
    }

    /// Reads a key without which the table means nothing.
    pub(super) fn need<K: Kind>(&self, key: &Key<K>) -> Result<Found<K::Value>, SettingsError> {
        let missing = || SettingsError::Value {
            // Where the table begins.
            place: Place::File { line: self.line, key: self.full_name(key.name) },
            problem: format!("is missing: {} needs it", self.section.heading()),
        };
        self.get(key)?.ok_or_else(missing)
    }

    /// Reads a key into its place in the configuration, which keeps its value when the key is not there.
    pub(super) fn set<K, T>(&self, key: &Key<K>, target: &mut T) -> Result<(), SettingsError>
    where
        K: Kind<Value: Into<T>>,
    {
        if let Some(found) = self.get(key)? {
            *target = found.value.into();
        }
        Ok(())
    }
}

/// A value of the file.
#[derive(Clone)]
pub(super) struct Node<'d> {
    text: &'d str,
    key: String,
    value: &'d Spanned<DeValue<'d>>,
}

impl<'d> Node<'d> {
    fn line(&self) -> usize {
        line_of(self.text, self.value.span().start)
    }

    pub(super) fn place(&self) -> Place {
        Place::File { line: self.line(), key: self.key.clone() }
    }

    pub(super) fn value(&self) -> &'d DeValue<'d> {
        self.value.get_ref()
    }

    /// The value's parts, if it is a list.
    pub(super) fn items(&self) -> Option<impl Iterator<Item = Self>> {
        let array = self.value.get_ref().as_array()?;
        Some(array.iter().map(|value| Self { value, ..self.clone() }))
    }

    /// The value's parts with their names, if it is a table.
    pub(super) fn entries(&self) -> Option<impl Iterator<Item = (&'d str, Self)>> {
        let table = self.value.get_ref().as_table()?;
        Some(table.iter().map(|(name, value)| {
            let name = name.get_ref().as_ref();
            (name, Self { value, text: self.text, key: format!("{}.{name}", self.key) })
        }))
    }

    /// The error that the value is this one, and what is wrong with it: "which …".
    pub(super) fn refuse(&self, reason: impl fmt::Display) -> SettingsError {
        let written: Cow<'_, str> = match self.value.get_ref() {
            DeValue::String(text) => Cow::Borrowed(text),
            DeValue::Integer(integer) => Cow::Owned(integer.to_string()),
            DeValue::Float(float) => Cow::Borrowed(float.as_str()),
            DeValue::Boolean(boolean) => Cow::Borrowed(if *boolean { "true" } else { "false" }),
            DeValue::Datetime(datetime) => Cow::Owned(datetime.to_string()),
            DeValue::Array(array) => Cow::Borrowed(if array.is_empty() { "[]" } else { "[…]" }),
            DeValue::Table(_) => Cow::Borrowed("{…}"),
        };
        self.place().refuse(&written, reason)
    }
}

/// A name that means nothing, and the section that it stands in.
struct Unknown<'d> {
    name: &'d Spanned<Cow<'d, str>>,
    section: &'static Section,
}

/// The first name in the file that means nothing.
fn first_unknown<'d>(root: &'d DeTable<'d>, section: &'static Section) -> Option<Unknown<'d>> {
    let mut found = Vec::new();
    collect_unknown(root, section, &mut found);
    found.into_iter().min_by_key(|unknown| unknown.name.span().start)
}

fn collect_unknown<'d>(table: &'d DeTable<'d>, section: &'static Section, found: &mut Vec<Unknown<'d>>) {
    for (name, value) in table {
        if section.keys.iter().any(|key| key.name() == name.get_ref()) {
            continue;
        }
        let Some(inner) = section.sections.iter().find(|inner| inner.leaf() == name.get_ref()) else {
            found.push(Unknown { name, section });
            continue;
        };
        // What is no table at all is found when it is opened.
        let is_one = value.get_ref().as_table().into_iter();
        let are_many = value.get_ref().as_array().into_iter().flat_map(|array| array.iter());
        for table in is_one.chain(are_many.filter_map(|value| value.get_ref().as_table())) {
            collect_unknown(table, inner, found);
        }
    }
}

impl Unknown<'_> {
    fn refuse(&self, text: &str) -> SettingsError {
        let (written, section) = (self.name.get_ref(), self.section);
        let alike = section
            .names()
            .map(|known| (strsim::jaro_winkler(known, written), known))
            .filter(|(alike, _)| *alike >= ALIKE_MIN)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let place =
            if section.name.is_empty() { String::new() } else { format!(" in {}", section.heading()) };
        SettingsError::Unknown {
            line: line_of(text, self.name.span().start),
            name: format!("`{}`{place}", on_one_line(written)),
            suggestion: match alike {
                Some((_, known)) => format!("; did you mean `{known}`?"),
                None => format!("; known are: {}", section.names().collect::<Vec<_>>().join(", ")),
            },
        }
    }
}

fn no_toml(text: &str, error: &toml::de::Error) -> SettingsError {
    let span = error.span();
    let written = span.clone().and_then(|span| text.get(span)).unwrap_or_default().trim();
    let about = if written.is_empty() { String::new() } else { format!(": `{}`", on_one_line(written)) };
    SettingsError::Syntax {
        line: span.map(|span| line_of(text, span.start)),
        message: format!("{}{about}", error.message()),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count() + 1
}

/// A text as an error repeats it: without what would break the line, and not longer than can be taken in.
pub(super) fn on_one_line(text: &str) -> String {
    let mut shown = String::new();
    for char in text.chars().take(SHOWN_CHARS_MAX) {
        if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') {
            shown.extend(char.escape_default());
        } else {
            shown.push(char);
        }
    }
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown
}
