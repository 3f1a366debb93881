//! # deferred-field
//!
//! ## What it does
//! Finds a column that `only()`, `defer()` or a raw query left out, and that is then fetched by itself for every
//! instance of the queryset.
//!
//! ## Why is this bad?
//! Leaving a column out saves a little of one query; fetching it later costs a query for each row. The page slows down
//! in step with its rows, and what was meant to make it faster is the cause.
//!
//! ## Example
//! ```python
//! for book in Book.objects.only("title"):     # 1 query
//!     print(book.title, book.isbn)            # 1 query for each book
//! ```
//!
//! ## Use instead
//! ```python
//! for book in Book.objects.only("title", "isbn"):
//!     print(book.title, book.isbn)
//! ```
//! With `defer("isbn")`, leave the field out of it.
//!
//! ## Guards
//! A single object (`.get()`, `.first()`, a detail page) that fetches a column once is no N+1. Nor is an explicit
//! `refresh_from_db()`: it asks for what is in the database now.

use observation::{Ask, RelationKind};

use super::{LoadCheck, lookup};
use crate::{Hop, Remedy, Rule};

pub(super) const CHECK: LoadCheck = LoadCheck { rule: Rule::DeferredField, applies, remedy };

fn applies(kind: RelationKind, ask: Ask) -> bool {
    kind == RelationKind::Deferred && ask == Ask::Object
}

fn remedy(path: &[Hop]) -> Remedy {
    Remedy::Column { path: lookup(path) }
}

#[cfg(test)]
mod tests;
