//! # duplicate-query
//!
//! ## What it does
//! Finds queries that ask for what the same request has asked for already: the same statement with the same parameters,
//! with nothing written to its tables in between.
//!
//! ## Why is this bad?
//! The answer is known. Each repeat is a round trip to the database all the same, and builds the same objects again;
//! those from before do not see what is changed on these.
//!
//! ## Example
//! ```python
//! class Book(models.Model):
//!     @property
//!     def in_stock(self):
//!         return self.copies.filter(lent=False).count()       # 1 query
//!
//! {% if book.in_stock %}{{ book.in_stock }} copies{% endif %} {# 2 queries #}
//! ```
//!
//! ## Use instead
//! ```python
//! class Book(models.Model):
//!     @cached_property
//!     def in_stock(self):
//!         return self.copies.filter(lent=False).count()
//! ```
//! In a loop, ask before it. Between functions, hand the object on instead of its key.
//!
//! ## Guards
//! A single repeat that takes less than a twentieth of the request bothers nobody. Parameters are compared by the agent,
//! which keeps none of them; where it cannot, a query is like no other. `FOR UPDATE` locks, and a random order is meant to
//! differ. What a list of the admin asks twice by itself is not the project's to change. Commands and tasks may look again
//! and again whether there is something to do. Loads of an N+1 and queries of a loop are the business of those rules,
//! unless all that a loop asks is the same.

use std::collections::BTreeMap;

use observation::{Query, TransactionKind};
use sql::Statement;

use super::{StatementCheck, query_in_loop};
use crate::conversation::{Conversation, Fault, Repeated, is_framework_s, is_ours, subject};
use crate::occurrence::Spot;
use crate::{Remedy, Rule, Subject, resolve};

/// So many repeats are worth a line, whatever they take, …
const REPEATS_MIN: u64 = 2;

/// … and so is one that takes one part in so many of the request.
const SHARE_MIN: u64 = 20;

pub(super) const CHECK: StatementCheck = StatementCheck { rule: Rule::DuplicateQuery, find, remedy };

fn find(conversation: &Conversation<'_>) -> Vec<Fault> {
    let transaction = conversation.transaction;
    if matches!(transaction.kind, TransactionKind::Command | TransactionKind::Task) {
        return Vec::new();
    }
    let is_costly = |faults: &Vec<Fault>| {
        let sum = |part: fn(&Fault) -> u64| faults.iter().map(part).sum::<u64>();
        sum(|fault| fault.queries) >= REPEATS_MIN
            || sum(|fault| fault.duration_ns).saturating_mul(SHARE_MIN) >= transaction.wall_ns
    };
    let each = conversation.repeated.iter().map(|repeated| repeats(conversation, repeated));
    each.filter(is_costly).flatten().collect()
}

/// The repeats of one query that this rule speaks of, by the place that asks again.
fn repeats(conversation: &Conversation<'_>, repeated: &Repeated<'_>) -> Vec<Fault> {
    let details = &conversation.transaction.details;
    let text = details.text(repeated.first.sql);
    let statement = Statement::read(text);
    if statement.tables.is_empty() || is_meant_to_differ(&sql::normalize(text)) {
        return Vec::new();
    }
    let first = resolve::chain(details, repeated.first.position).into_iter().next();
    let mut by_place: BTreeMap<Spot, Fault> = BTreeMap::new();
    for query in &repeated.again {
        let chain = resolve::chain(details, query.position);
        let Some(spot) = chain.first().filter(|place| is_ours(place) && !is_framework_s(place)).map(Spot::of)
        else {
            continue;
        };
        if is_in_loop(conversation, query) {
            continue;
        }
        let before = first.clone().filter(|first| Spot::of(first) != spot);
        let fault = by_place.entry(spot).or_insert_with(|| Fault {
            subject: subject(&statement),
            chain,
            before,
            queries: 0,
            duration_ns: 0,
        });
        fault.queries += 1;
        fault.duration_ns = fault.duration_ns.saturating_add(query.duration_ns);
    }
    by_place.into_values().collect()
}

fn is_in_loop(conversation: &Conversation<'_>, query: &Query) -> bool {
    conversation.question_of(query).is_some_and(query_in_loop::is_loop)
}

fn is_meant_to_differ(text: &str) -> bool {
    let locks = [" for update", " for no key update", " for share", " for key share"];
    locks.iter().any(|lock| text.contains(lock))
        || ["random ()", "rand ()"].iter().any(|call| text.contains(call))
}

fn remedy(_: &Subject) -> Remedy {
    Remedy::ByHand("ask once and keep the answer: a variable before the loop, an argument, cached_property")
}

#[cfg(test)]
mod tests;
