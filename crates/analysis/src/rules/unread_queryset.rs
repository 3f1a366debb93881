//! # unread-queryset
//!
//! ## What it does
//! Finds querysets whose rows were all fetched for their number (`len(books)`), or for whether there are any (`if books:`),
//! and then never read.
//!
//! ## Why is this bad?
//! The database sends every row with all its columns, and Django makes an object of each. The number alone is one row.
//!
//! ## Example
//! ```python
//! overdue = Loan.objects.filter(due__lt=today)
//! if overdue:                             # fetches them all
//!     messages.warning(request, f"{len(overdue)} loans are overdue")
//! ```
//!
//! ## Use instead
//! ```python
//! overdue = Loan.objects.filter(due__lt=today).count()
//! if overdue:
//!     messages.warning(request, f"{overdue} loans are overdue")
//! ```
//! `.exists()` where only that matters.
//!
//! ## Guards
//! Where any request reads a row, by iteration or by index, the rows are there for a reason: no visit of the same place may
//! do so. Fewer than 25 rows come as fast as their number. Loads of an N+1 and queries of a loop are the business of those
//! rules.

use std::collections::BTreeMap;

use observation::{Query, Transaction};
use sql::Statement;

use super::{StatementCheck, query_in_loop};
use crate::conversation::{Conversation, Fault, is_ours, subject};
use crate::occurrence::Spot;
use crate::{Place, Remedy, Rule, Subject, resolve};

pub(super) const CHECK: StatementCheck = StatementCheck { rule: Rule::UnreadQueryset, find, remedy };

fn find(conversation: &Conversation<'_>) -> Vec<Fault> {
    let mut faults: BTreeMap<(Spot, Subject), Fault> = BTreeMap::new();
    for (query, is_read) in glances(conversation.transaction) {
        let is_of_loop = conversation.question_of(query).is_some_and(query_in_loop::is_loop);
        if is_read || is_of_loop || conversation.is_n_plus_one(query) {
            continue;
        }
        let Some((chain, subject)) = asked(conversation.transaction, query) else { continue };
        let key = (Spot::of(&chain[0]), subject.clone());
        let fault =
            faults.entry(key).or_insert(Fault { subject, chain, before: None, queries: 0, duration_ns: 0 });
        fault.queries += 1;
        fault.duration_ns = fault.duration_ns.saturating_add(query.duration_ns);
    }
    faults.into_values().collect()
}

/// Places of a transaction that ask for the number of rows, and read some of them: what is no fault here is none
/// anywhere.
pub(crate) fn read(transaction: &Transaction) -> impl Iterator<Item = (Spot, Subject)> {
    let read = glances(transaction).filter(|(_, is_read)| *is_read);
    read.filter_map(|(query, _)| asked(transaction, query))
        .map(|(chain, subject)| (Spot::of(&chain[0]), subject))
}

fn glances(transaction: &Transaction) -> impl Iterator<Item = (&Query, bool)> {
    let details = &transaction.details;
    details
        .glances
        .iter()
        .filter_map(|glance| Some((details.queries.get(glance.query as usize)?, glance.read)))
}

fn asked(transaction: &Transaction, query: &Query) -> Option<(Vec<Place>, Subject)> {
    let details = &transaction.details;
    let chain = resolve::chain(details, query.position);
    let statement = Statement::read(details.text(query.sql));
    (chain.first().is_some_and(is_ours) && !statement.tables.is_empty()).then(|| (chain, subject(&statement)))
}

fn remedy(_: &Subject) -> Remedy {
    Remedy::ByHand(".count() for their number, .exists() for whether there are any: neither fetches them")
}

#[cfg(test)]
mod tests;
