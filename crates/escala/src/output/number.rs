//! Numbers as people read them.

use serde::Serialize;

/// With a comma for every thousand.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count that may be a median of two, and so a half.
pub(crate) fn count(value: f64) -> String {
    #[expect(clippy::cast_sign_loss, reason = "counts and times are not negative, and the cast saturates")]
    let whole = value as u64;
    if value.fract() == 0.0 { grouped(whole) } else { format!("{value:.1}") }
}

/// A count with its noun, which takes an s unless it is one.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(number))
}

/// A count of queries with its noun.
pub(crate) fn queries(value: f64) -> String {
    match count(value).as_str() {
        "1" => "1 query".to_owned(),
        many => format!("{many} queries"),
    }
}

/// Milliseconds with as many decimals as their size deserves.
pub(crate) fn milliseconds(value: f64) -> String {
    let rounded = Rounded::milliseconds(value).0;
    match rounded {
        value if value >= 1_000.0 => count(value.round()),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// A share of a whole as a percentage.
pub(crate) fn percentage(part: f64, whole: f64) -> String {
    let share = if whole > 0.0 { (100.0 * part / whole).clamp(0.0, 100.0) } else { 0.0 };
    if share > 0.0 && share < 1.0 { "<1%".into() } else { format!("{share:.0}%") }
}

/// A number in JSON: an integer where it is one, and no digits beyond what was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rounded(f64);

impl Rounded {
    /// One decimal from 10, two from 1, three below.
    pub(crate) fn milliseconds(value: f64) -> Self {
        let scale = match value.abs() {
            value if value >= 10.0 => 10.0,
            value if value >= 1.0 => 100.0,
            _ => 1_000.0,
        };
        Self((value * scale).round() / scale)
    }

    /// Three decimals.
    pub(crate) fn share(value: f64) -> Self {
        Self((value * 1_000.0).round() / 1_000.0)
    }

    /// One decimal: a median lies between two counts at most.
    pub(crate) fn count(value: f64) -> Self {
        Self((value * 10.0).round() / 10.0)
    }
}

impl Serialize for Rounded {
    #[expect(clippy::float_cmp, reason = "exactly an integer is what is asked")]
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 == self.0.trunc() && self.0.abs() < 1e15 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

#[cfg(test)]
mod tests;
