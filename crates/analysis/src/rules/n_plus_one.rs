//! # n-plus-one
//!
//! ## What it does
//! Finds a to-one relation (`ForeignKey`, `OneToOneField` from either side, `GenericForeignKey`) that is loaded once for
//! every instance of a queryset.
//!
//! ## Why is this bad?
//! One query gives the instances and N more give what they point to. Each is a round trip to the database, so the page
//! slows down in step with its rows, and with the distance to the database.
//!
//! ## Example
//! ```python
//! for book in Book.objects.all():     # 1 query
//!     print(book.publisher.name)      # 1 query for each book
//! ```
//!
//! ## Use instead
//! ```python
//! for book in Book.objects.select_related("publisher"):
//!     print(book.publisher.name)
//! ```
//! Below a to-many relation, and for a `GenericForeignKey`, where a join is not possible: `prefetch_related("books__publisher")`.
//!
//! ## Guards
//! A single object (`.get()`, `.first()`, a detail page) whose relation is loaded once is no N+1. Nor is a relation that
//! a join or a prefetch brought along, nor one that is `NULL` everywhere: neither runs a query.

use observation::{Ask, RelationKind};

use super::{LoadCheck, lookup};
use crate::{Hop, Remedy, Rule};

pub(super) const CHECK: LoadCheck = LoadCheck { rule: Rule::NPlusOne, applies, remedy };

fn applies(kind: RelationKind, ask: Ask) -> bool {
    ask == Ask::Object && (kind.is_single() || kind == RelationKind::GenericForeignKey)
}

fn remedy(path: &[Hop]) -> Remedy {
    let can_join = path.iter().all(|hop| hop.kind.is_single());
    let path = lookup(path);
    if can_join { Remedy::SelectRelated { path } } else { Remedy::PrefetchRelated { path } }
}

#[cfg(test)]
mod tests;
