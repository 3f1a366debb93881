//! Are two responses the same? Pure.
//!
//! Pages hold values that are new in every run: CSRF tokens, nonces, session keys, timings. They are recognised only by
//! looking at the baseline several times, never by name: a response is cut into tokens, and a token that differs among
//! the baseline's own replies is *volatile* when it looks like such a value (see [`Class`]). Everywhere else the
//! candidate must agree byte by byte. When the baseline's replies differ in anything else, the page has changed for good,
//! as "59 seconds ago" does, and the candidate must agree with what it shows now; or it goes back and forth, such as a list
//! in random order, and nothing can be proved with that request.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::ops::Range;

use crate::limits::{MOMENTS_MAX, SAMPLES_MAX, SHORT_VALUES_MAX, TOKEN_BYTES_MIN};
use crate::reply::Reply;

/// Headers that say something about the moment or the connection, not about the page.
const HEADERS_IGNORED: &[&str] = &[
    "age",
    "connection",
    "content-length",
    "date",
    "expires",
    "keep-alive",
    "server",
    "server-timing",
    "transfer-encoding",
];

/// Bytes shown on either side of a difference.
const EXCERPT_BYTES: usize = 48;

/// How a candidate's response compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// Identical, except for this many values that are new in every run.
    Identical { volatile: usize },
    /// Different.
    Different(Difference),
    /// The baseline does not agree with itself.
    Unstable(Difference),
}

/// The first place where two responses differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `status`, `header Name` or `body`.
    pub part: String,
    /// The baseline's text around it.
    pub expected: String,
    /// The other's.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {:?} became {:?}", self.part, self.expected, self.found)
    }
}

/// What the baseline answers to one request.
///
/// A page that says how long ago something happened shows something else as time goes on, and never again what it showed
/// before. So the replies are told apart by *moments*: those in a row that agree with one another. Only the latest counts,
/// once two replies have shown it. A page that comes back to what it showed is random, and says nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reference {
    /// Distinct replies of the latest moment, the newest last.
    samples: Vec<Page>,
    /// All replies of it.
    replies: usize,
    /// A reply of each moment before, as far back as is remembered.
    past: VecDeque<Page>,
    /// How often a moment ended.
    changes: usize,
    /// How the latest moment differs from the one before.
    change: Option<Difference>,
    /// Whether an earlier moment has come back.
    is_random: bool,
}

impl Reference {
    /// Takes another reply of the baseline. Among many of one moment it takes the place of the oldest.
    pub(crate) fn learn(&mut self, reply: &Reply) {
        let page = Page::new(reply);
        if self.samples.contains(&page) {
            self.replies += 1;
            return;
        }
        self.samples.push(page);
        match pattern(&self.samples) {
            Ok(_) => {
                self.replies += 1;
                if self.samples.len() > SAMPLES_MAX {
                    self.samples.remove(0);
                }
            }
            Err(difference) => self.begin_moment(difference),
        }
    }

    /// The reply taken last agrees with none before it.
    fn begin_moment(&mut self, difference: Difference) {
        let latest = self.samples.split_off(self.samples.len() - 1);
        self.is_random |= self.past.iter().any(|page| are_same(page, &latest[0]));
        self.past.extend(std::mem::replace(&mut self.samples, latest).into_iter().take(1));
        if self.past.len() > MOMENTS_MAX {
            self.past.pop_front();
        }
        self.replies = 1;
        self.changes += 1;
        self.change = Some(difference);
    }

    /// How often the baseline began to answer otherwise than before.
    pub(crate) fn changes(&self) -> usize {
        self.changes
    }

    /// Whether the baseline, asked again, may turn out to agree with itself.
    pub(crate) fn may_settle(&self) -> bool {
        !self.is_random
    }

    /// Compares a candidate's reply with what the baseline answers now.
    pub(crate) fn compare(&self, candidate: &Reply) -> Comparison {
        if let Some(change) = &self.change
            && (self.is_random || self.replies < 2)
        {
            return Comparison::Unstable(change.clone());
        }
        match pattern(&self.samples) {
            Ok(pattern) => pattern.compare(&Page::new(candidate)),
            Err(difference) => Comparison::Unstable(difference),
        }
    }
}

/// What pages have in common; else how they differ, as words.
fn pattern(pages: &[Page]) -> Result<Pattern<'_>, Difference> {
    Pattern::learn(pages, Charset::Word)
        .or_else(|difference| Pattern::learn(pages, Charset::Base64).map_err(|_| difference))
}

/// Whether two pages are the same but for tokens.
fn are_same(one: &Page, other: &Page) -> bool {
    let pages = [one.clone(), other.clone()];
    pattern(&pages).is_ok_and(|pattern| pattern.volatile.values().all(|class| *class == Class::Token))
}

/// What of a response matters, as one text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Page {
    text: Vec<u8>,
    /// Where each part begins, and its name.
    parts: Vec<(usize, String)>,
    /// A body that is compared as a whole: one token would hide all of it.
    opaque_body: Option<(u64, String)>,
}

impl Page {
    fn new(reply: &Reply) -> Self {
        let mut page = Self { text: Vec::new(), parts: Vec::new(), opaque_body: None };
        page.push("status", reply.status.to_string().as_bytes());
        let mut headers: Vec<_> = reply
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), name, value))
            .filter(|(lower, ..)| !HEADERS_IGNORED.contains(&lower.as_str()))
            .collect();
        headers.sort_by(|left, right| left.0.cmp(&right.0));
        for (lower, name, value) in headers {
            let value = if lower == "set-cookie" { without_expiry(value) } else { value.clone() };
            page.push(&format!("header {name}"), format!("{lower}: {value}").as_bytes());
        }
        if reply.body.len() as u64 == reply.body_bytes && !reply.truncated {
            page.push("body", &reply.body);
        } else {
            page.opaque_body = Some((reply.body_bytes, reply.body_sha256.clone()));
        }
        page
    }

    fn push(&mut self, name: &str, bytes: &[u8]) {
        self.parts.push((self.text.len(), name.to_owned()));
        self.text.extend_from_slice(bytes);
        self.text.push(b'\n');
    }

    fn token(&self, range: &Range<usize>) -> &[u8] {
        &self.text[range.clone()]
    }

    fn difference(&self, at: usize, other: &Self, other_at: usize) -> Difference {
        let index = self.parts.partition_point(|(start, _)| *start <= at).saturating_sub(1);
        let (part, start) = self.parts.get(index).map_or(("body", 0), |(start, part)| (part, *start));
        let other_index = other.parts.partition_point(|(start, _)| *start <= other_at).saturating_sub(1);
        let other_start = other.parts.get(other_index).map_or(0, |(start, _)| *start);
        Difference {
            part: part.to_owned(),
            expected: excerpt(&self.text[start..], at - start),
            found: excerpt(&other.text[other_start..], other_at - other_start),
        }
    }

    fn body_difference(&self, other: &Self) -> Difference {
        let describe = |page: &Self| {
            page.opaque_body.as_ref().map_or_else(
                || "a body small enough to compare".to_owned(),
                |(bytes, sha256)| format!("{bytes} bytes with SHA-256 {sha256}"),
            )
        };
        Difference { part: "body".to_owned(), expected: describe(self), found: describe(other) }
    }
}

/// A cookie without its moment of expiry, which moves with the clock; `Max-Age` says the same and stays.
fn without_expiry(cookie: &str) -> String {
    let kept: Vec<_> = cookie
        .split(';')
        .map(str::trim)
        .filter(|attribute| !attribute.to_ascii_lowercase().starts_with("expires="))
        .collect();
    kept.join("; ")
}

/// The text around a position, on one line.
fn excerpt(text: &[u8], at: usize) -> String {
    let from = at.saturating_sub(EXCERPT_BYTES);
    let to = (at + EXCERPT_BYTES).min(text.len());
    let shown = String::from_utf8_lossy(&text[from..to]);
    let words: Vec<_> = shown.trim_matches('\u{fffd}').split_whitespace().collect();
    words.join(" ")
}

/// Which bytes make up a token; every other byte is a token of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    /// Letters, digits, `_` and `-`.
    Word,
    /// Also `+`, `/` and `=`, for values in Base64, which would otherwise be cut differently in every run.
    Base64,
}

impl Charset {
    fn contains(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-')
            || self == Self::Base64 && matches!(byte, b'+' | b'/' | b'=')
    }

    fn tokens(self, text: &[u8]) -> Vec<Range<usize>> {
        let mut tokens = Vec::new();
        let mut start = 0;
        while start < text.len() {
            let run = text[start..].iter().take_while(|byte| self.contains(**byte)).count();
            let end = start + run.max(1);
            tokens.push(start..end);
            start = end;
        }
        tokens
    }
}

/// Why a value may differ from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// Long, mixed, and never seen twice: a nonce, a CSRF token, a session key.
    Token,
    /// With a digit in it, and one of few: a time, a duration, a counter.
    Short,
}

impl Class {
    fn admits(self, value: &[u8]) -> bool {
        match self {
            Self::Token => value.len() >= TOKEN_BYTES_MIN,
            Self::Short => value.iter().any(u8::is_ascii_digit),
        }
    }
}

/// The baseline's text with its volatile positions.
struct Pattern<'page> {
    page: &'page Page,
    charset: Charset,
    tokens: Vec<Range<usize>>,
    volatile: BTreeMap<usize, Class>,
}

impl<'page> Pattern<'page> {
    /// What all samples have in common; else the first difference that no volatile value explains.
    fn learn(samples: &'page [Page], charset: Charset) -> Result<Self, Difference> {
        let Some((first, others)) = samples.split_first() else {
            let empty =
                Difference { part: "status".to_owned(), expected: String::new(), found: String::new() };
            return Err(empty);
        };
        let tokens = charset.tokens(&first.text);
        let mut values: BTreeMap<usize, Vec<Value<'page>>> = BTreeMap::new();
        for (index, other) in others.iter().enumerate() {
            for (position, range) in differing(first, &tokens, other, charset)? {
                let own =
                    Value { sample: 0, start: tokens[position].start, text: first.token(&tokens[position]) };
                let theirs = Value { sample: index + 1, start: range.start, text: other.token(&range) };
                values.entry(position).or_insert_with(|| vec![own]).push(theirs);
            }
        }
        let volatile = classify(&values, samples.len()).map_err(|odd| {
            let (own, theirs) = (&odd[0], &odd[1]);
            first.difference(own.start, &samples[theirs.sample], theirs.start)
        })?;
        Ok(Self { page: first, charset, tokens, volatile })
    }

    fn compare(&self, candidate: &Page) -> Comparison {
        let differing = match differing(self.page, &self.tokens, candidate, self.charset) {
            Ok(differing) => differing,
            Err(difference) => return Comparison::Different(difference),
        };
        let unexplained = differing.into_iter().find(|(position, range)| {
            !self.volatile.get(position).is_some_and(|class| class.admits(candidate.token(range)))
        });
        match unexplained {
            None => Comparison::Identical { volatile: self.volatile.len() },
            Some((position, range)) => {
                let at = self.tokens[position].start;
                Comparison::Different(self.page.difference(at, candidate, range.start))
            }
        }
    }
}

/// One sample's value at a volatile position.
struct Value<'page> {
    sample: usize,
    start: usize,
    text: &'page [u8],
}

/// Positions at which another page has another run of characters, in order, with where it has it; an error when it is
/// built differently.
fn differing(
    page: &Page,
    tokens: &[Range<usize>],
    other: &Page,
    charset: Charset,
) -> Result<Vec<(usize, Range<usize>)>, Difference> {
    if page.opaque_body != other.opaque_body {
        return Err(page.body_difference(other));
    }
    let other_tokens = charset.tokens(&other.text);
    let mut differing = Vec::new();
    for (position, (token, other_token)) in tokens.iter().zip(&other_tokens).enumerate() {
        let (left, right) = (page.token(token), other.token(other_token));
        if left == right {
            continue;
        }
        if !charset.contains(left[0]) || !charset.contains(right[0]) {
            return Err(page.difference(token.start, other, other_token.start));
        }
        differing.push((position, other_token.clone()));
    }
    if tokens.len() != other_tokens.len() {
        // One text goes on where the other ends, or an earlier difference moved everything behind it.
        let common = tokens.len().min(other_tokens.len());
        let first = differing.first().map_or(common, |(position, _)| *position);
        let at =
            |tokens: &[Range<usize>], text: &[u8]| tokens.get(first).map_or(text.len(), |token| token.start);
        return Err(page.difference(at(tokens, &page.text), other, at(&other_tokens, &other.text)));
    }
    Ok(differing)
}

/// The class of every volatile position; an error with the first position that has none.
///
/// A list in random order also has other values in every run, but the same ones in other places: a token that turns up
/// in two samples is no token.
fn classify<'values, 'page>(
    values: &'values BTreeMap<usize, Vec<Value<'page>>>,
    samples: usize,
) -> Result<BTreeMap<usize, Class>, &'values [Value<'page>]> {
    let mut sample_of: HashMap<&[u8], Option<usize>> = HashMap::new();
    for value in values.values().flatten() {
        let seen_in = sample_of.entry(value.text).or_insert(Some(value.sample));
        if *seen_in != Some(value.sample) {
            *seen_in = None;
        }
    }
    let mut short = 0;
    let mut classes = BTreeMap::new();
    for (position, seen) in values {
        let bytes = || seen.iter().flat_map(|value| value.text);
        let mixed = bytes().any(u8::is_ascii_digit) && bytes().any(u8::is_ascii_alphabetic);
        let fresh = seen.len() == samples && seen.iter().all(|value| sample_of[value.text].is_some());
        let class = if mixed && fresh && seen.iter().all(|value| Class::Token.admits(value.text)) {
            Class::Token
        } else if short < SHORT_VALUES_MAX && seen.iter().all(|value| Class::Short.admits(value.text)) {
            short += 1;
            Class::Short
        } else {
            return Err(seen);
        };
        classes.insert(*position, class);
    }
    match reordered(values, &classes, samples) {
        Some(seen) => Err(seen),
        None => Ok(classes),
    }
}

/// Where short values change places, if most of those that differ do: a short list in random order, whose rows differ
/// in nothing but numbers, is no page with a few times and counters.
fn reordered<'values, 'page>(
    values: &'values BTreeMap<usize, Vec<Value<'page>>>,
    classes: &BTreeMap<usize, Class>,
    samples: usize,
) -> Option<&'values [Value<'page>]> {
    let short = || values.iter().filter(|(position, _)| classes[position] == Class::Short);
    for sample in 1..samples {
        let differing: Vec<_> = short()
            .filter_map(|(_, seen)| Some((seen, seen.iter().find(|value| value.sample == sample)?.text)))
            .collect();
        let mut own: Vec<_> = differing.iter().map(|(seen, _)| seen[0].text).collect();
        let mut found_again = 0;
        for (_, text) in &differing {
            if let Some(at) = own.iter().position(|known| known == text) {
                own.swap_remove(at);
                found_again += 1;
            }
        }
        if found_again > 1 && found_again * 2 > differing.len() {
            return differing.first().map(|(seen, _)| seen.as_slice());
        }
    }
    None
}

#[cfg(test)]
mod tests;
