//! One route as text and variables, and whether a path has its form.

use std::cmp::{Ordering, Reverse};

use crate::redact::REDACTED;

/// Variables of a route; one with more is not matched.
const VARIABLES_MAX: usize = 32;

/// A route that can be matched.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) route: Box<str>,
    /// Its place among all: the most specific first.
    pub(super) rank: usize,
    parts: Vec<Part>,
    /// How much each segment admits: nothing but one text first.
    widths: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    Variable(Converter),
}

/// What a variable stands for: one character at least. Narrow ones before wide ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Converter {
    Uuid,
    Int,
    Slug,
    /// `str`, and a variable that names no converter.
    Segment,
    /// One of the project's own.
    Unknown,
    Path,
    /// What a regular expression lets through without looking at it.
    Anything,
}

impl Converter {
    fn named(name: Option<&str>) -> Self {
        match name {
            None | Some("str") => Self::Segment,
            Some("int") => Self::Int,
            Some("slug") => Self::Slug,
            Some("uuid") => Self::Uuid,
            Some("path") => Self::Path,
            Some(_) => Self::Unknown,
        }
    }

    fn takes(self, byte: u8) -> bool {
        match self {
            Self::Int => byte.is_ascii_digit(),
            Self::Uuid => byte == b'-' || byte.is_ascii_hexdigit(),
            Self::Slug => byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_',
            Self::Segment | Self::Unknown => byte != b'/',
            Self::Path | Self::Anything => true,
        }
    }
}

impl Pattern {
    /// A route in the forms that its paths may have: one, or two, or none where it is beyond the limit.
    pub(super) fn of(route: &str) -> Vec<Self> {
        let (parts, names_path) = parts(route);
        if parts.iter().filter(|part| matches!(part, Part::Variable(_))).count() > VARIABLES_MAX {
            return Vec::new();
        }
        let mut forms = vec![parts];
        // A regular expression whose group takes slashes looks like one that does not. Django's own `static()` and
        // `serve` call what takes them `path`.
        if names_path && let Some((Part::Variable(Converter::Segment), before)) = forms[0].split_last() {
            let mut wide = before.to_vec();
            wide.push(Part::Variable(Converter::Anything));
            forms.push(wide);
        }
        let pattern = |parts: Vec<Part>| Self { route: route.into(), rank: 0, widths: widths(&parts), parts };
        forms.into_iter().map(pattern).collect()
    }

    /// The more specific one first; alike ones by their text, so that there is always the same answer.
    pub(super) fn compare(one: &Self, other: &Self) -> Ordering {
        let key = |pattern: &Self| Reverse(pattern.text_bytes());
        let by_widths = one.widths.cmp(&other.widths);
        by_widths.then_with(|| key(one).cmp(&key(other))).then_with(|| one.route.cmp(&other.route))
    }

    /// The text before the second slash; none when a variable stands there.
    pub(super) fn first_segment(&self) -> Option<&str> {
        let Some(Part::Text(text)) = self.parts.first() else { return None };
        let text = text.strip_prefix('/')?;
        match text.split_once('/') {
            Some((first, _)) => Some(first),
            None if self.parts.len() == 1 => Some(text),
            None => None,
        }
    }

    /// Whether a decoded path has this form. Takes time in proportion to its length and the number of parts, whatever
    /// the path is.
    pub(super) fn matches(&self, path: &str) -> bool {
        let bytes = path.as_bytes();
        let [Part::Text(first), rest @ ..] = self.parts.as_slice() else { return false };
        if rest.is_empty() {
            return **first == *path;
        }
        let ends_alike = match rest.last() {
            Some(Part::Text(last)) => path.ends_with(&**last),
            _ => true,
        };
        if !ends_alike || !path.starts_with(&**first) {
            return false;
        }
        // Where the parts so far can end.
        let mut ends = vec![false; bytes.len() + 1];
        ends[first.len()] = true;
        for part in rest {
            ends = match part {
                Part::Text(text) => after_text(&ends, bytes, text.as_bytes()),
                Part::Variable(converter) => after_variable(&ends, bytes, *converter),
            };
        }
        ends[bytes.len()]
    }

    fn text_bytes(&self) -> usize {
        let length = |part: &Part| if let Part::Text(text) = part { text.len() } else { 0 };
        self.parts.iter().map(length).sum()
    }
}

fn after_text(ends: &[bool], path: &[u8], text: &[u8]) -> Vec<bool> {
    let mut next = vec![false; ends.len()];
    for (at, _) in ends.iter().enumerate().filter(|(_, can_end)| **can_end) {
        if path[at..].starts_with(text) {
            next[at + text.len()] = true;
        }
    }
    next
}

fn after_variable(ends: &[bool], path: &[u8], converter: Converter) -> Vec<bool> {
    let mut next = vec![false; ends.len()];
    let mut is_inside = false;
    for (at, byte) in path.iter().enumerate() {
        // Blanked before it came here, whatever it was.
        if ends[at] && path[at..].starts_with(REDACTED.as_bytes()) {
            next[at + REDACTED.len()] = true;
        }
        if converter == Converter::Uuid {
            if ends[at] && path.get(at..at + UUID_BYTES).is_some_and(is_uuid) {
                next[at + UUID_BYTES] = true;
            }
            continue;
        }
        is_inside = (is_inside || ends[at]) && converter.takes(*byte);
        next[at + 1] |= is_inside;
    }
    next
}

const UUID_BYTES: usize = 36;

/// As Django's converter has it: lower case.
fn is_uuid(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    })
}

/// The parts of a route, and whether its last variable is called `path`.
fn parts(route: &str) -> (Vec<Part>, bool) {
    let mut parts = Vec::new();
    let mut names_path = false;
    let mut text = String::new();
    let mut rest = route;
    while let Some(first) = rest.chars().next() {
        let (variable, length) = match first {
            '<' => match rest.split_once('>') {
                Some((inside, _)) => {
                    let (converter, name) = match inside[1..].split_once(':') {
                        Some((converter, name)) => (Some(converter), name),
                        None => (None, &inside[1..]),
                    };
                    names_path = name == "path";
                    (Some(Converter::named(converter)), inside.len() + 1)
                }
                None => (None, 1),
            },
            '.' if rest.starts_with(".*") || rest.starts_with(".+") => (Some(Converter::Anything), 2),
            other => (None, other.len_utf8()),
        };
        match variable {
            Some(converter) => {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text).into()));
                }
                parts.push(Part::Variable(converter));
            }
            None => text.push(first),
        }
        rest = &rest[length..];
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.into()));
    }
    (parts, names_path)
}

/// For each segment, how much it admits. Text beside a variable makes it a little narrower.
fn widths(parts: &[Part]) -> Vec<u8> {
    let mut widths = Vec::new();
    let (mut widest, mut has_text) = (0, false);
    for part in parts {
        match part {
            Part::Variable(converter) => widest = widest.max(2 + 2 * *converter as u8),
            Part::Text(text) => {
                for (at, segment) in text.split('/').enumerate() {
                    if at > 0 {
                        widths.push(width(widest, has_text));
                        (widest, has_text) = (0, false);
                    }
                    has_text |= !segment.is_empty();
                }
            }
        }
    }
    widths.push(width(widest, has_text));
    widths
}

fn width(widest: u8, has_text: bool) -> u8 {
    if widest > 0 && has_text { widest - 1 } else { widest }
}
