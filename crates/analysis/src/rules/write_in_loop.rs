//! # write-in-loop
//!
//! ## What it does
//! Finds rows of one table that are inserted, updated or deleted one after the other by the same line.
//!
//! ## Why is this bad?
//! Each is a round trip to the database; outside a transaction each is a commit, too, and waits for the disk.
//!
//! ## Example
//! ```python
//! for line in cart:
//!     OrderLine.objects.create(order=order, product=line.product, amount=line.amount)
//! ```
//!
//! ## Use instead
//! ```python
//! OrderLine.objects.bulk_create(
//!     OrderLine(order=order, product=line.product, amount=line.amount) for line in cart
//! )
//! ```
//!
//! ## Guards
//! A few rows are no loop. `bulk_create()` and the like send no signals and call no `save()`: whether the site
//! needs them is for a person to say, so nothing is edited. Writes that a test makes to prepare itself do not count, nor
//! do those of a page that its later visitors do not cause any more: it has filled a cache, with thumbnails for example.

use sql::Verb;

use super::StatementCheck;
use crate::conversation::{Conversation, Fault, Question};
use crate::{Remedy, Rule, Subject};

/// Fewer may be written out one by one.
const QUERIES_MIN: u64 = 4;

pub(super) const CHECK: StatementCheck = StatementCheck { rule: Rule::WriteInLoop, find, remedy };

fn find(conversation: &Conversation<'_>) -> Vec<Fault> {
    conversation.questions.iter().filter(|question| is_loop(question)).map(Question::fault).collect()
}

pub(super) fn is_loop(question: &Question<'_>) -> bool {
    matches!(question.statement.verb, Verb::Insert | Verb::Update | Verb::Delete)
        && question.queries >= QUERIES_MIN
}

fn remedy(subject: &Subject) -> Remedy {
    Remedy::ByHand(match subject.verb() {
        Some(Verb::Insert) => {
            "one bulk_create() for all of them, or add(*objects) for a many-to-many relation"
        }
        Some(Verb::Delete) => "one .delete() on a queryset of all of them",
        _ => "one .update() on a queryset, or bulk_update()",
    })
}

#[cfg(test)]
mod tests;
