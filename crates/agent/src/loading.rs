//! Loads whose query Django makes out of sight: a deferred field's and a generic foreign key's.
//!
//! A relation's descriptor or manager shows its queryset, and that is marked. These two end in calls of the user's own
//! code (`refresh_from_db()`, the default manager of whatever model), so what is watched for is the new query.

use pyo3::intern;
use pyo3::prelude::*;

use crate::active::{PendingLoad, State};
use crate::registry::RelationNumber;

/// A load under way. Those within it are on the interpreter's stack too, so that their number is bounded.
#[derive(Clone, Copy)]
pub(crate) struct Loading {
    /// None when it is not known what is loaded.
    relation: Option<RelationNumber>,
    /// Address of the instance, which lives as long as the descriptor's call does.
    instance: usize,
    gives_instances: bool,
    /// Addresses of model classes.
    expected: Option<usize>,
    unrelated: Option<usize>,
    /// Prefetches that were under way when it began: a query of a further one is no load.
    prefetches: usize,
}

impl State {
    pub(crate) fn enter_load(
        &mut self,
        relation: Option<RelationNumber>,
        instance: &Bound<'_, PyAny>,
        gives_instances: bool,
        expected: Option<&Bound<'_, PyAny>>,
        unrelated: Option<&Bound<'_, PyAny>>,
    ) {
        let address = |class: &Bound<'_, PyAny>| class.as_ptr() as usize;
        self.loading.push(Loading {
            relation,
            instance: instance.as_ptr() as usize,
            gives_instances,
            expected: expected.map(address),
            unrelated: unrelated.map(address),
            prefetches: self.prefetching.len(),
        });
    }

    /// The load that this new query is, if any.
    pub(crate) fn load_under_way(&mut self, query: &Bound<'_, PyAny>) -> PyResult<Option<PendingLoad>> {
        let Some(&loading) = self.loading.last() else { return Ok(None) };
        let Some(relation) = loading.relation else { return Ok(None) };
        if self.prefetching.len() > loading.prefetches {
            return Ok(None);
        }
        let Some(model) = query.getattr_opt(intern!(query.py(), "model"))? else { return Ok(None) };
        let model = Some(model.as_ptr() as usize);
        if (loading.expected.is_some() && loading.expected != model) || loading.unrelated == model {
            return Ok(None);
        }
        let set = self.lineage.find_at(query.py(), loading.instance)?;
        let gives_instances = loading.gives_instances;
        Ok(Some(PendingLoad { relation, set, origin: 0, base: None, gives_instances }))
    }
}
