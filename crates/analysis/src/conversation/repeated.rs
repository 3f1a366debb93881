//! Statements that were asked again with the same parameters, although nothing had been written that they could see.

use std::collections::HashMap;

use observation::{Details, Query, StringId};
use sql::{Statement, Verb};

/// A query, and those after it that only ask for what it gave.
pub(crate) struct Repeated<'a> {
    pub(crate) first: &'a Query,
    pub(crate) again: Vec<&'a Query>,
}

/// In the order of the first query of each.
pub(super) fn repeated(details: &Details) -> Vec<Repeated<'_>> {
    let mut repeated: Vec<Repeated<'_>> = Vec::new();
    let mut statements: HashMap<StringId, (Effect, Vec<&str>)> = HashMap::new();
    // By the number of their parameters: when the first was asked, and where it stands above.
    let mut latest: HashMap<u32, (usize, usize)> = HashMap::new();
    // When each table was written last, and when any may have been.
    let mut written: HashMap<&str, usize> = HashMap::new();
    let mut all_written = 0;
    for (now, query) in (1..).zip(&details.queries) {
        let (effect, tables) = statements.entry(query.sql).or_insert_with(|| {
            let Statement { verb, tables, .. } = Statement::read(details.text(query.sql));
            (Effect::of(verb, details.text(query.sql), &tables), tables)
        });
        match effect {
            Effect::Nothing => {}
            Effect::Writes => {
                written.insert(tables[0], now);
            }
            Effect::Anything => all_written = now,
        }
        let Some(parameters) = query.parameters else { continue };
        let last_written = tables.iter().filter_map(|table| written.get(table)).max();
        let last_written = last_written.map_or(all_written, |at| all_written.max(*at));
        if let Some((_, at)) = latest.get(&parameters).filter(|(asked, _)| *asked > last_written) {
            repeated[*at].again.push(query);
        } else {
            latest.insert(parameters, (now, repeated.len()));
            repeated.push(Repeated { first: query, again: Vec::new() });
        }
    }
    repeated.retain(|one| !one.again.is_empty());
    repeated
}

/// What a statement may do to the answers of others.
enum Effect {
    Nothing,
    /// It writes the first of its tables.
    Writes,
    Anything,
}

impl Effect {
    fn of(verb: Verb, sql: &str, tables: &[&str]) -> Self {
        let is_rollback = sql.trim_start().get(..8).is_some_and(|head| head.eq_ignore_ascii_case("ROLLBACK"));
        match verb {
            Verb::Select => Self::Nothing,
            Verb::Insert | Verb::Update | Verb::Delete if !tables.is_empty() => Self::Writes,
            Verb::Transaction | Verb::Savepoint if !is_rollback => Self::Nothing,
            _ => Self::Anything,
        }
    }
}
