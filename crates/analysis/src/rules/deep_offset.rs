//! # deep-offset
//!
//! ## What it does
//! Finds pages far down a long list, which the database takes long to reach: `LIMIT 20 OFFSET 80000`.
//!
//! ## Why is this bad?
//! A database cannot jump: it looks for 80,020 rows, in order, and throws 80,000 away. Every further page takes longer,
//! and a crawler visits them all.
//!
//! ## Example
//! ```python
//! Paginator(Event.objects.order_by("-pk"), 20).get_page(4001)     # reads 80,020 rows
//! ```
//!
//! ## Use instead
//! ```python
//! Event.objects.filter(pk__lt=last).order_by("-pk")[:20]          # reads 20
//! ```
//! with the last key of the page before in the link to the next: `CursorPagination` in the Django REST framework. Where
//! page numbers have to stay, an end to them: nobody reads the four thousandth page.
//!
//! ## Guards
//! At least a thousand rows are skipped, ten times as many as the page has, and the query takes at least fifty
//! milliseconds. All rows from an offset on (`[1000:]`) are no page.

use super::StatementCheck;
use crate::conversation::{Conversation, Deepest, Fault, Question};
use crate::{Remedy, Rule, Subject};

/// A database skips fewer in no time.
const SKIPPED_ROWS_MIN: u64 = 1_000;

/// The page itself costs as much as a few more of them.
const SKIPPED_PAGES_MIN: u64 = 10;

/// A faster query bothers nobody.
const DURATION_NS_MIN: u64 = 50_000_000;

pub(super) const CHECK: StatementCheck = StatementCheck { rule: Rule::DeepOffset, find, remedy };

fn find(conversation: &Conversation<'_>) -> Vec<Fault> {
    conversation
        .questions
        .iter()
        .filter(|question| question.deepest.is_some_and(|page| is_deep(&page)))
        .map(Question::fault)
        .collect()
}

fn is_deep(deepest: &Deepest) -> bool {
    let sql::Page { limit, offset } = deepest.page;
    offset >= SKIPPED_ROWS_MIN
        && offset >= limit.saturating_mul(SKIPPED_PAGES_MIN)
        && deepest.slowest_ns >= DURATION_NS_MIN
}

fn remedy(_: &Subject) -> Remedy {
    Remedy::ByHand("page by key, filter(pk__gt=last)[:20], or put an end to the page numbers")
}

#[cfg(test)]
mod tests;
