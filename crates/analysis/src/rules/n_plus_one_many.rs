//! # n-plus-one-many
//!
//! ## What it does
//! Finds a to-many relation (reverse `ForeignKey`, `ManyToManyField` from either side, `GenericRelation`) that is asked
//! for all its objects, for their number or for whether there are any, once for every instance of a queryset.
//!
//! ## Why is this bad?
//! One query gives the instances and N more give what belongs to each. The page slows down in step with its rows.
//!
//! ## Example
//! ```python
//! for store in Store.objects.all():   # 1 query
//!     print(store.books.count())      # 1 query for each store
//!     for book in store.books.all():  # 1 more for each store
//!         print(book.title)
//! ```
//!
//! ## Use instead
//! ```python
//! for store in Store.objects.prefetch_related("books"):
//!     print(store.books.count())      # answered from what was prefetched, as is .exists()
//!     for book in store.books.all():
//!         print(book.title)
//! ```
//!
//! ## Guards
//! A single object that is asked twice is no N+1, and neither is a relation that was prefetched. What a plain prefetch
//! does not answer is the business of `n-plus-one-filtered`.

use observation::{Ask, RelationKind};

use super::{LoadCheck, lookup};
use crate::lineage::is_manager;
use crate::{Hop, Remedy, Rule};

pub(super) const CHECK: LoadCheck = LoadCheck { rule: Rule::NPlusOneMany, applies, remedy };

fn applies(kind: RelationKind, ask: Ask) -> bool {
    is_manager(kind) && matches!(ask, Ask::All | Ask::Count | Ask::Exists)
}

fn remedy(path: &[Hop]) -> Remedy {
    Remedy::PrefetchRelated { path: lookup(path) }
}

#[cfg(test)]
mod tests;
