//! Templates of the statements that this process runs again and again.
//!
//! Taking a statement apart is most of what a page with one query costs the agent, and an app has few statements. Those
//! with values pasted in are ever new: they pass through, and what stays of them is bounded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use observation::limits::SQL_BYTES_MAX;

use crate::sql;

/// Bytes of statements and templates that are remembered. When it is reached, all are forgotten: those in use are back
/// at once.
const REMEMBERED_BYTES_MAX: usize = 512 << 10;

/// Statements as the app wrote them, values included: never sent.
#[derive(Default)]
struct Templates {
    /// Those of databases that take double quotes for names, and of those that take them for strings.
    by_quotes: [HashMap<Box<str>, Arc<str>>; 2],
    bytes: usize,
}

/// The template of a statement; `head` is what [`sql::head`] says of it.
pub(crate) fn of(statement: &str, head: &str, quotes_are_literals: bool) -> Arc<str> {
    static REMEMBERED: Mutex<Option<Templates>> = Mutex::new(None);
    // Nothing below runs Python, so nobody else holds it; a poisoned one is done without.
    let Ok(mut remembered) = REMEMBERED.try_lock() else {
        return sql::template(statement, SQL_BYTES_MAX, quotes_are_literals).into();
    };
    remembered.get_or_insert_default().of(statement, head, quotes_are_literals)
}

impl Templates {
    fn of(&mut self, statement: &str, head: &str, quotes_are_literals: bool) -> Arc<str> {
        let known = &mut self.by_quotes[usize::from(quotes_are_literals)];
        if let Some(template) = known.get(head) {
            return Arc::clone(template);
        }
        let template: Arc<str> = sql::template(statement, SQL_BYTES_MAX, quotes_are_literals).into();
        self.bytes += head.len() + template.len();
        if self.bytes > REMEMBERED_BYTES_MAX {
            *self = Self { bytes: head.len() + template.len(), ..Self::default() };
        }
        self.by_quotes[usize::from(quotes_are_literals)].insert(head.into(), Arc::clone(&template));
        template
    }
}

#[cfg(test)]
mod tests;
