//! The rules: one file each, which says what it does, why that is bad, and what to write instead.
//!
//! A rule decides two things: which loads or statements it is about, and what would help. What the N+1 rules share is in
//! `occurrence.rs`: how many queries make an N+1, and what is not one. What the rules about statements share is in
//! `conversation.rs`.

mod deferred_field;
mod n_plus_one;
mod n_plus_one_filtered;
mod n_plus_one_many;

mod count_for_page;
mod count_then_fetch;
mod deep_offset;
mod duplicate_query;
mod query_in_loop;
pub(crate) mod unread_queryset;
pub(crate) mod write_in_get;
mod write_in_loop;

mod connection_per_request;
mod idle_in_transaction;

use observation::{Ask, RelationKind};

use crate::conversation::{Conversation, Fault};
use crate::{Hop, Place, Remedy, Rule, Subject};

/// A rule about lazy loads.
pub(crate) struct LoadCheck {
    pub(crate) rule: Rule,
    /// Whether a load of such a relation, asked for in such a way, is the rule's business.
    pub(crate) applies: fn(RelationKind, Ask) -> bool,
    /// The eager load along these hops that answers it.
    pub(crate) remedy: fn(&[Hop]) -> Remedy,
}

/// A rule about statements that the code itself asks for.
pub(crate) struct StatementCheck {
    pub(crate) rule: Rule,
    /// The faults of a transaction.
    pub(crate) find: fn(&Conversation<'_>) -> Vec<Fault>,
    /// What would help.
    pub(crate) remedy: fn(&Subject) -> Remedy,
}

const LOAD_CHECKS: [&LoadCheck; 4] =
    [&n_plus_one::CHECK, &n_plus_one_many::CHECK, &n_plus_one_filtered::CHECK, &deferred_field::CHECK];

/// All rules about statements.
pub(crate) const STATEMENT_CHECKS: [&StatementCheck; 10] = [
    &query_in_loop::CHECK,
    &write_in_loop::CHECK,
    &write_in_get::CHECK,
    &duplicate_query::CHECK,
    &unread_queryset::CHECK,
    &connection_per_request::CHECK,
    &idle_in_transaction::CHECK,
    &count_then_fetch::CHECK,
    &count_for_page::CHECK,
    &deep_offset::CHECK,
];

/// The rule for such a load; the rules share none.
pub(crate) fn check_for(kind: RelationKind, ask: Ask) -> Option<&'static LoadCheck> {
    LOAD_CHECKS.into_iter().find(|check| (check.applies)(kind, ask))
}

/// What would help against a fault of this rule.
pub(crate) fn remedy(rule: Rule, subject: &Subject, path: &[Hop]) -> Option<Remedy> {
    match subject {
        Subject::Relation(_) => {
            LOAD_CHECKS.into_iter().find(|check| check.rule == rule).map(|check| (check.remedy)(path))
        }
        Subject::Statement(_) | Subject::Database { .. } => {
            STATEMENT_CHECKS.into_iter().find(|check| check.rule == rule).map(|check| (check.remedy)(subject))
        }
    }
}

/// A fault in how a database is used, which is no query's; `chain` may be empty.
fn database(subject: Subject, chain: Vec<Place>, duration_ns: u64) -> Fault {
    Fault { subject, chain, before: None, queries: 0, duration_ns }
}

/// The hops as Django spells them.
fn lookup(path: &[Hop]) -> String {
    let fields: Vec<&str> = path.iter().map(|hop| hop.field.as_str()).collect();
    fields.join("__")
}

#[cfg(test)]
mod tests;
