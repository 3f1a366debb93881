//! # count-for-page
//!
//! ## What it does
//! Finds pages of a list whose `SELECT COUNT(*)` takes more time than all else that they ask of the database.
//!
//! ## Why is this bad?
//! A page of twenty rows comes from an index in no time; the number of all rows is counted anew for every visitor, and
//! takes longer the more there are. It is shown in a corner, if at all.
//!
//! ## Example
//! ```python
//! class EventList(ListView):
//!     model = Event           # ten million rows
//!     paginate_by = 20        # COUNT(*): 780 ms; the page: 2 ms
//! ```
//!
//! ## Use instead
//! ```python
//! class EstimatedPaginator(Paginator):
//!     @cached_property
//!     def count(self):
//!         return cache.get_or_set("events-count", super().count, 60)
//! ```
//! In the admin `show_full_result_count = False`. For an endless list, pages by key (`filter(pk__lt=last)[:20]`) need no
//! number.
//!
//! ## Guards
//! The count must take half of the database's time and at least fifty milliseconds, and a page of the same table must
//! be fetched in the same request.

use sql::Verb;

use super::StatementCheck;
use crate::conversation::{Conversation, Fault, Question};
use crate::{Remedy, Rule, Subject};

/// A faster one bothers nobody.
const DURATION_NS_MIN: u64 = 50_000_000;

pub(super) const CHECK: StatementCheck = StatementCheck { rule: Rule::CountForPage, find, remedy };

fn find(conversation: &Conversation<'_>) -> Vec<Fault> {
    let is_page_of = |question: &Question<'_>, table: &str| {
        let statement = &question.statement;
        statement.verb == Verb::Select
            && !statement.counts
            && statement.tables.first() == Some(&table)
            && question.text.contains(" limit ?")
    };
    let dominates = |question: &&Question<'_>| {
        question.statement.counts
            && question.duration_ns >= DURATION_NS_MIN
            && question.duration_ns.saturating_mul(2) > conversation.transaction.db_ns
            && conversation.questions.iter().any(|page| is_page_of(page, question.statement.tables[0]))
    };
    conversation.questions.iter().filter(dominates).map(Question::fault).collect()
}

fn remedy(_: &Subject) -> Remedy {
    Remedy::ByHand("keep the number for a while, estimate it, or page by key without one")
}

#[cfg(test)]
mod tests;
