//! The rules: one file each, which says what it does, why that is bad, and what to write instead.
//!
//! A rule decides two things: which loads it is about, and what would answer them. What the N+1 rules share is in
//! `occurrence.rs`: how many queries make an N+1, and what is not one.

mod n_plus_one;
mod n_plus_one_filtered;
mod n_plus_one_many;

use observation::{Ask, RelationKind};

use crate::{Hop, Remedy, Rule};

/// A rule about lazy loads.
pub(crate) struct Check {
    pub(crate) rule: Rule,
    /// Whether a load of such a relation, asked for in such a way, is the rule's business.
    pub(crate) applies: fn(RelationKind, Ask) -> bool,
    /// The eager load along these hops that answers it.
    pub(crate) remedy: fn(&[Hop]) -> Remedy,
}

const CHECKS: [&Check; 3] = [&n_plus_one::CHECK, &n_plus_one_many::CHECK, &n_plus_one_filtered::CHECK];

/// The rule for such a load; the rules share none.
pub(crate) fn check_for(kind: RelationKind, ask: Ask) -> Option<&'static Check> {
    CHECKS.into_iter().find(|check| (check.applies)(kind, ask))
}

/// The check behind a rule's name.
pub(crate) fn check(rule: Rule) -> &'static Check {
    match rule {
        Rule::NPlusOne => &n_plus_one::CHECK,
        Rule::NPlusOneMany => &n_plus_one_many::CHECK,
        Rule::NPlusOneFiltered => &n_plus_one_filtered::CHECK,
    }
}

/// The hops as Django spells them.
fn lookup(path: &[Hop]) -> String {
    let fields: Vec<&str> = path.iter().map(|hop| hop.field.as_str()).collect();
    fields.join("__")
}

#[cfg(test)]
mod tests;
