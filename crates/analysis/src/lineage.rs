//! Which queryset is behind a lazy load: where an eager load would have to be added, and along which path.
//!
//! Instances that were loaded lazily or prefetched come from other instances, and an eager load for them belongs
//! where the first ones were built. So the walk goes up from the touched set, parent by parent, until it stands on a
//! set whose own expression is the place to edit.

use std::collections::HashSet;

use observation::{Ask, Details, RelationId, RelationKind, ResultSet, ResultSetId, SiteKind, Source, Via};

use crate::finding::is_in_project;

/// Longest path that is followed. Nobody writes an eager load of more hops: code that walks a list or a tree of rows,
/// `page.previous.previous…`, wants another query, and every further step of it would be one more finding.
const PATH_HOPS_MAX: usize = 12;

/// The result of the walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The set that an eager load would be added to.
    pub(crate) anchor: ResultSetId,
    /// Relations from the anchor's instances to the one that was loaded, which is the last.
    pub(crate) path: Vec<RelationId>,
    /// Whether every hop was taken from every instance; where it was not, an eager load fetches more than was used.
    pub(crate) complete: bool,
    /// Whether an eager load along the path would be used. It is not, when a hop was queried anew with `.filter()`
    /// and the like: that query brings instances of its own.
    pub(crate) answerable: bool,
}

/// The result sets of one transaction and how they descend from each other.
pub(crate) struct Lineage<'details> {
    details: &'details Details,
    /// Relations that were only ever asked for with `.filter()` and the like, with the set whose instances were asked.
    narrowed: HashSet<(ResultSetId, RelationId)>,
}

impl<'details> Lineage<'details> {
    pub(crate) fn of(details: &'details Details) -> Self {
        let asked = |ask| {
            let loads = details.loads.iter().filter(move |load| load.ask == ask);
            loads.filter_map(|load| Some((load.result_set?, load.relation)))
        };
        let mut narrowed: HashSet<_> = asked(Ask::Narrowed).collect();
        for plain in asked(Ask::All) {
            narrowed.remove(&plain);
        }
        Self { details, narrowed }
    }

    /// Walks up from the set whose instances were touched. None when that takes more than [`PATH_HOPS_MAX`], and for
    /// an index outside the table.
    pub(crate) fn trace(&self, touched: ResultSetId, loaded: RelationId) -> Option<Trace> {
        let mut anchor = touched;
        let mut set = self.details.result_sets.get(anchor.index())?;
        let mut path = vec![loaded];
        let (mut complete, mut answerable) = (true, true);
        while let Source::Relation { parent, relation, via } = set.source {
            // A parent stands before its children: a table where it does not was not decoded, and need not end.
            if parent >= anchor {
                break;
            }
            let parent_set = self.details.result_sets.get(parent.index())?;
            // Of one parent, a manager asked twice is two querysets and no N+1.
            let asked_once = set.evaluations <= 1 || parent_set.instances <= 1;
            if self.is_built_by_user(set, parent, relation, via, asked_once) {
                break;
            }
            if path.len() == PATH_HOPS_MAX {
                return None;
            }
            if via == Via::Lazy {
                complete &= set.evaluations >= parent_set.instances;
                answerable &= !self.narrowed.contains(&(parent, relation));
            }
            path.push(relation);
            (anchor, set) = (parent, parent_set);
        }
        path.reverse();
        Some(Trace { anchor, path, complete, answerable })
    }

    /// Whether a set that came through a relation has an expression of its own where an eager load belongs.
    fn is_built_by_user(
        &self,
        set: &ResultSet,
        parent: ResultSetId,
        relation: RelationId,
        via: Via,
        asked_once: bool,
    ) -> bool {
        match via {
            Via::Join => false,
            // `Prefetch("books", queryset=…)`; a queryset that Django made has no chain.
            Via::Prefetch => self.details.chain(set.origin).next().is_some(),
            // `store.books.all()`, but not `book.publisher`, which is no queryset. Where it ran once per parent, it is
            // an N+1 of its own that an eager load on the parents answers together with this one, unless that load
            // would not be used.
            Via::Lazy => {
                (asked_once || self.narrowed.contains(&(parent, relation)))
                    && self
                        .details
                        .relations
                        .get(relation.index())
                        .is_some_and(|relation| is_manager(relation.kind))
                    && self.is_python_in_project(set)
            }
        }
    }

    /// A template or a library asks the manager too, but nothing can be added to that expression.
    fn is_python_in_project(&self, set: &ResultSet) -> bool {
        self.details
            .chain(set.origin)
            .next()
            .is_some_and(|site| site.kind == SiteKind::Python && is_in_project(self.details.text(site.file)))
    }
}

/// Whether the attribute is a manager, which gives querysets.
pub(crate) fn is_manager(kind: RelationKind) -> bool {
    matches!(kind, RelationKind::ReverseForeignKey | RelationKind::ManyToMany | RelationKind::GenericRelation)
}

#[cfg(test)]
mod tests;
