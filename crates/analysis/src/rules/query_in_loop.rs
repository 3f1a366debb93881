//! # query-in-loop
//!
//! ## What it does
//! Finds a query that one line runs again and again, other than by a lazy load: rows fetched one by one by their key,
//! above all.
//!
//! ## Why is this bad?
//! Each is a round trip to the database, and the page slows down in step with their number.
//!
//! ## Example
//! ```python
//! for pk in request.session["cart"]:
//!     items.append(Product.objects.get(pk=pk))      # 1 query for each
//! ```
//!
//! ## Use instead
//! ```python
//! products = Product.objects.in_bulk(request.session["cart"])     # 1 query
//! items = [products[pk] for pk in request.session["cart"]]
//! ```
//!
//! ## Guards
//! Two or three are no loop. A lazy load is the business of the N+1 rules. A line that is reached through different calls
//! is counted apart for each: a helper that many lines call is no loop.

use sql::Verb;

use super::StatementCheck;
use crate::conversation::{Conversation, Fault, Question};
use crate::{Remedy, Rule, Subject};

/// Fewer may be written out one by one.
const QUERIES_MIN: u64 = 4;

pub(super) const CHECK: StatementCheck = StatementCheck { rule: Rule::QueryInLoop, find, remedy };

fn find(conversation: &Conversation<'_>) -> Vec<Fault> {
    conversation.questions.iter().filter(|question| is_loop(question)).map(Question::fault).collect()
}

/// Whether the rule speaks of these queries. Where each only asks what one before it did, one is enough, and nothing is
/// to be fetched for all of them: `duplicate-query` says so.
pub(super) fn is_loop(question: &Question<'_>) -> bool {
    question.statement.verb == Verb::Select
        && question.queries >= QUERIES_MIN
        && question.again + 1 < question.queries
}

fn remedy(_: &Subject) -> Remedy {
    Remedy::ByHand("one query for all of them before the loop: in_bulk(), filter(…__in=…) or a prefetch")
}

#[cfg(test)]
mod tests;
