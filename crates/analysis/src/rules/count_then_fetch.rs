//! # count-then-fetch
//!
//! ## What it does
//! Finds a function that counts rows with `.count()` or asks for them with `.exists()`, and then fetches all of the same
//! rows.
//!
//! ## Why is this bad?
//! The database looks for the same rows twice. Their number is known once they are fetched.
//!
//! ## Example
//! ```python
//! books = Book.objects.filter(publisher=publisher)
//! if books.exists():              # 1 query
//!     for book in books:          # 1 more, for the same rows
//! ```
//!
//! ## Use instead
//! ```python
//! books = Book.objects.filter(publisher=publisher)
//! for book in books:              # or `if books:`, or `len(books)`: one query, and its rows are kept
//! ```
//!
//! ## Guards
//! A page of the rows (`LIMIT`) needs their number apart, and so does a sum of them. The condition must be the same text,
//! with as many values, in the same function; a count without a later fetch is what `.count()` is for. A list of the admin
//! counts as it does, which is not the project's to change. Commands and tasks may take the rows one by one with
//! `iterator()`, and show how far they are; nobody waits for their one query more.

use std::collections::HashSet;

use observation::TransactionKind;
use sql::Verb;

use super::StatementCheck;
use crate::conversation::{Conversation, Fault, Question, is_framework_s};
use crate::{Remedy, Rule, Subject};

pub(super) const CHECK: StatementCheck = StatementCheck { rule: Rule::CountThenFetch, find, remedy };

fn find(conversation: &Conversation<'_>) -> Vec<Fault> {
    if matches!(conversation.transaction.kind, TransactionKind::Command | TransactionKind::Task) {
        return Vec::new();
    }
    // From the end, so that what is fetched after a question is known when the question comes.
    let mut fetched = HashSet::new();
    let mut found = Vec::new();
    for question in conversation.questions.iter().rev() {
        let here = |rows| (question.asked_in(), question.queries, rows, question.values);
        let is_ours = !is_framework_s(&question.chain[0]);
        if is_ours && counted_rows(question).is_some_and(|rows| fetched.contains(&here(rows))) {
            found.push(question.fault());
        }
        fetched.extend(fetched_rows(question).map(here));
    }
    found
}

/// What is counted or asked for, as normalized text from `FROM` on.
fn counted_rows<'a>(question: &'a Question<'_>) -> Option<&'a str> {
    let text = &question.text;
    let exists =
        ["select ? as \"a\" from ", "select ? as `a` from "].iter().any(|start| text.starts_with(start));
    (question.statement.counts || exists).then(|| rows(text.strip_suffix(" limit ?").unwrap_or(text)))?
}

/// The same of a statement that fetches all rows.
fn fetched_rows<'a>(question: &'a Question<'_>) -> Option<&'a str> {
    let text = &question.text;
    // A sum or a maximum of the rows fetches none of them.
    let has_columns = ["select \"", "select `", "select distinct \"", "select distinct `"]
        .iter()
        .any(|start| text.starts_with(start));
    let fetches = question.statement.verb == Verb::Select && has_columns && !text.contains(" limit ?");
    fetches.then(|| rows(text.split(" order by ").next().unwrap_or_default()))?
}

fn rows(text: &str) -> Option<&str> {
    text.split_once(" from ").map(|(_, rows)| rows)
}

fn remedy(_: &Subject) -> Remedy {
    Remedy::FetchOnce
}

#[cfg(test)]
mod tests;
