//! SQL templates and names of one transaction. They are not kept beyond it: an app may make new SQL for ever.

use std::collections::HashMap;
use std::sync::Arc;

use observation::limits::{
    NAME_BYTES_MAX, SQL_BYTES_MAX, SQL_BYTES_PER_TRANSACTION_MAX, SQL_TEMPLATES_PER_TRANSACTION_MAX,
};

use crate::{sql, templates};

/// What stands for the SQL of queries beyond the limits.
const FURTHER: &str = "(further SQL, not kept apart)";

/// The texts, by number.
#[derive(Default)]
pub(crate) struct Texts {
    /// The statement before as the app wrote it, values included and never sent, and its number: an N+1 repeats itself.
    latest: (String, u32),
    /// Whether the latest is its own template.
    latest_is_plain: bool,
    numbers: HashMap<Arc<str>, u32>,
    bytes: usize,
    values: Vec<Arc<str>>,
}

impl Texts {
    /// The texts in the order of their numbers.
    pub(crate) fn values(&self) -> &[Arc<str>] {
        &self.values
    }

    /// The number of a statement's template. `quotes_are_literals` is not asked for a statement
    /// that repeats the one before, or has no such quotes.
    pub(crate) fn sql(&mut self, statement: &str, quotes_are_literals: impl FnOnce() -> bool) -> u32 {
        // What lies behind the head changes nothing in the template.
        let head = sql::head(statement, SQL_BYTES_MAX);
        if head == self.latest.0 && !head.is_empty() {
            return self.latest.1;
        }
        let quotes_are_literals = head.contains('"') && quotes_are_literals();
        let template = templates::of(statement, head, quotes_are_literals);
        self.latest_is_plain = *template == *statement;
        let number = self.number(template);
        self.latest.0.clear();
        self.latest.0.push_str(head);
        self.latest.1 = number;
        number
    }

    /// Whether the statement asked about last had no values in it, so that its template says all of it.
    pub(crate) fn latest_is_plain(&self) -> bool {
        self.latest_is_plain
    }

    /// The number of a database's name. There are as many as the settings have, so they are kept apart in any case.
    pub(crate) fn name(&mut self, name: &str) -> u32 {
        let name = &name[..name.floor_char_boundary(NAME_BYTES_MAX)];
        self.numbers.get(name).copied().unwrap_or_else(|| self.push(name.into()))
    }

    /// The number of what stands for everything beyond the limits.
    pub(crate) fn further(&mut self) -> u32 {
        self.numbers.get(FURTHER).copied().unwrap_or_else(|| self.push(FURTHER.into()))
    }

    fn number(&mut self, text: Arc<str>) -> u32 {
        if let Some(&number) = self.numbers.get(&text) {
            return number;
        }
        let is_full = self.values.len() >= SQL_TEMPLATES_PER_TRANSACTION_MAX
            || self.bytes + text.len() > SQL_BYTES_PER_TRANSACTION_MAX;
        if is_full { self.further() } else { self.push(text) }
    }

    fn push(&mut self, text: Arc<str>) -> u32 {
        let number = self.values.len() as u32;
        self.bytes += text.len();
        self.numbers.insert(Arc::clone(&text), number);
        self.values.push(text);
        number
    }
}

#[cfg(test)]
mod tests;
