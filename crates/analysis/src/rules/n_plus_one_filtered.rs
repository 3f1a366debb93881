//! # n-plus-one-filtered
//!
//! ## What it does
//! Finds a to-many relation that is queried anew for every instance of a queryset, with `.filter()`, `.order_by()`,
//! `.first()`, a slice, `.values()` and the like.
//!
//! ## Why is this bad?
//! Such a query is never answered from what `prefetch_related()` brought. A prefetch of the same relation, often added
//! in good faith, is then paid for on top of the N queries it was meant to save.
//!
//! ## Example
//! ```python
//! for store in Store.objects.prefetch_related("books"):            # 2 queries
//!     offers = store.books.filter(price__range=(250, 300))         # 1 query for each store
//! ```
//!
//! ## Use instead
//! ```python
//! in_range = Book.objects.filter(price__range=(250, 300))
//! for store in Store.objects.prefetch_related(Prefetch("books", queryset=in_range)):
//!     offers = store.books.all()
//! ```
//!
//! ## Guards
//! A single object is no N+1. The suggestion only holds where the condition is the same for every instance: whether it
//! is can be read from the code alone, so `verify` decides it.

use observation::{Ask, RelationKind};

use super::{LoadCheck, lookup};
use crate::lineage::is_manager;
use crate::{Hop, Remedy, Rule};

pub(super) const CHECK: LoadCheck = LoadCheck { rule: Rule::NPlusOneFiltered, applies, remedy };

fn applies(kind: RelationKind, ask: Ask) -> bool {
    is_manager(kind) && ask == Ask::Narrowed
}

fn remedy(path: &[Hop]) -> Remedy {
    Remedy::FilteredPrefetch { path: lookup(path) }
}

#[cfg(test)]
mod tests;
