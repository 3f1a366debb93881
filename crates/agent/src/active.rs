//! A unit of work while it runs: what the hooks call, and the tables they fill.
//!
//! Every method returns nothing and raises nothing: see [`crate::guard`]. A method that finds the state taken was
//! called from inside itself (a finaliser that runs a query) and does nothing.

mod state;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use observation::limits::QUERIES_PER_TRANSACTION_MAX;
use observation::{Ask, TransactionKind};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PyString};

use crate::connections::OpenBlock;
use crate::guard::guard;
use crate::lineage::SetNumber;
use crate::lock::Lock;
use crate::mark::{self, Mark};
use crate::registry::{self, ChainNumber, RelationNumber};
use crate::{clock, describe, evaluation, frames, open_units, parameters, shape, sql, transport};

use state::{Compiling, LoadKey};

pub(crate) use state::{PendingLoad, QueryEntry, State};

/// Marks with different contents that one transaction hands out; further loads stay untraced.
const PENDING_LOADS_MAX: usize = 65_536;

/// The name of the attribute on `Query` that carries a [`Mark`].
pub(crate) const MARK_ATTRIBUTE: &str = "_escala_mark";

/// How often this process was forked off another: units of work of before belong to the parent.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Units of work that have begun in this process and are not over.
static RUNNING: AtomicU32 = AtomicU32::new(0);

/// A unit of work that runs.
#[pyclass(frozen, module = "escala_agent")]
pub(crate) struct Active {
    pub(crate) serial: u64,
    pub(crate) parent_serial: Option<u64>,
    pub(crate) kind: TransactionKind,
    pub(crate) started: clock::Start,
    pub(crate) state: Lock<State>,
    generation: u32,
    /// Whatever still runs in its context, such as an asyncio task that outlives the request, belongs to it no more.
    over: AtomicBool,
}

/// After a fork, in the child: no unit of work runs here.
pub(crate) fn forget_all() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    RUNNING.store(0, Ordering::Relaxed);
}

/// How many units of work run.
pub(crate) fn running() -> u32 {
    RUNNING.load(Ordering::Relaxed)
}

impl Active {
    pub(crate) fn new(parent_serial: Option<u64>, kind: TransactionKind) -> Self {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        RUNNING.fetch_add(1, Ordering::Relaxed);
        open_units::begun();
        Self {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed) + 1,
            parent_serial,
            kind,
            started: clock::Start::now(),
            state: Lock::default(),
            generation: GENERATION.load(Ordering::Relaxed),
            over: AtomicBool::new(false),
        }
    }

    /// Ends it, once. Says whether it was this process's to end.
    pub(crate) fn end(&self) -> bool {
        let first = !self.over.swap(true, Ordering::Relaxed);
        let own = first && self.generation == GENERATION.load(Ordering::Relaxed);
        if own {
            RUNNING.fetch_sub(1, Ordering::Relaxed);
        }
        own
    }

    /// Runs `action` on the state, unless it is taken further up this stack.
    pub(crate) fn with(&self, py: Python<'_>, action: impl FnOnce(&mut State) -> PyResult<()>) {
        if self.over.load(Ordering::Relaxed) {
            return;
        }
        guard(|| match self.state.take(py) {
            Some(mut state) => action(&mut state),
            None => Ok(()),
        });
    }

    pub(crate) fn load_behind(&self, state: &State, mark: u64) -> Option<PendingLoad> {
        match Mark::decode(mark) {
            Mark::Load { nonce, pending } if nonce == mark::nonce(self.serial) => {
                state.pending_loads.get(pending as usize).copied()
            }
            _ => None,
        }
    }
}

impl Drop for Active {
    /// Nobody holds it, so nobody will end it: a streamed response that was never closed, say.
    fn drop(&mut self) {
        if self.end() {
            transport::with(|transport| transport.lose(1));
        }
    }
}

#[pymethods]
impl Active {
    /// What kind of work it is.
    #[getter]
    fn kind(&self) -> &'static str {
        self.kind.name()
    }

    /// The number of this unit of work in its process.
    #[getter]
    fn serial(&self) -> u64 {
        self.serial
    }

    /// The number of the unit of work around this one.
    #[getter]
    fn parent_serial(&self) -> Option<u64> {
        self.parent_serial
    }

    /// The number of the chain of calls that leads here.
    #[expect(clippy::unused_self, reason = "only asked for inside a unit of work")]
    fn place(&self, py: Python<'_>) -> ChainNumber {
        let mut place = 0;
        guard(|| {
            place = evaluation::current_chain(py)?;
            Ok(())
        });
        place
    }

    /// This queryset loads `relation` of `instance`; `core_filters` is how many conditions tie it to the instance,
    /// zero for a to-one relation.
    pub(crate) fn mark_load(
        &self,
        queryset: &Bound<'_, PyAny>,
        relation: Option<RelationNumber>,
        instance: &Bound<'_, PyAny>,
        core_filters: u32,
    ) {
        self.with(queryset.py(), |state| {
            // Inside a prefetch a descriptor's queryset is for all instances. A manager's is the one that this
            // instance will keep, and `.filter()` on it later is a load.
            if !state.prefetching.is_empty() && core_filters == 0 {
                return Ok(());
            }
            let Some(relation) = relation else { return Ok(()) };
            let Some(query) = query_of(queryset)? else { return Ok(()) };
            let set = state.lineage.find(instance)?;
            let base =
                if core_filters > 0 { Some(shape::Base::of(queryset, &query, core_filters)?) } else { None };
            let origin = match Mark::decode(mark_of(&query)?) {
                Mark::Origin(chain) => chain,
                // It was prefetched, and is asked again: what goes on from it is built here.
                Mark::Load { .. } if state.prefetching.is_empty() => {
                    evaluation::current_chain(queryset.py())?
                }
                Mark::Load { .. } => 0,
            };
            self.mark_pending(
                state,
                &query,
                PendingLoad { relation, set, origin, base, gives_instances: true },
            )
        });
    }

    /// A queryset was evaluated into these instances.
    pub(crate) fn result_set(&self, queryset: &Bound<'_, PyAny>, instances: &Bound<'_, PyAny>) {
        self.with(queryset.py(), |state| {
            let py = queryset.py();
            let Ok(instances) = instances.cast::<PyList>() else { return Ok(()) };
            if instances.is_empty() {
                return Ok(());
            }
            let Some(query) = query_of(queryset)? else { return Ok(()) };
            let model = queryset.getattr(intern!(py, "model"))?;
            let Some(mut entry) = evaluation::set_of(self, state, &query, &model)? else { return Ok(()) };
            entry.instances = u32::try_from(instances.len()).unwrap_or(u32::MAX);
            // It has just run; its prefetches have yet to. What did not fit into the table is not the last there.
            if let Some(query) = state.queries.last().filter(|_| state.overflow.is_empty()) {
                entry.evaluated = query.position;
            }
            state.lineage.add(entry, instances, evaluation::has_joins(&query)?);
            Ok(())
        });
    }

    /// An iterator of this query begins, whose instances come one by one: the number of their set.
    fn open_stream(
        &self,
        query: &Bound<'_, PyAny>,
        model: &Bound<'_, PyAny>,
        prefetches: bool,
    ) -> Option<SetNumber> {
        let mut stream = None;
        self.with(query.py(), |state| {
            let Some(entry) = evaluation::set_of(self, state, query, model)? else { return Ok(()) };
            stream = state.lineage.open_stream(entry, evaluation::has_joins(query)?, prefetches);
            Ok(())
        });
        stream
    }

    /// An iterator gives this instance.
    fn streamed(&self, stream: SetNumber, instance: &Bound<'_, PyAny>) {
        self.with(instance.py(), |state| {
            state.lineage.stream(stream, instance);
            Ok(())
        });
    }

    /// An iterator ends.
    fn close_stream(&self, py: Python<'_>, stream: SetNumber) {
        self.with(py, |state| {
            state.lineage.close_stream(stream);
            Ok(())
        });
    }

    /// An instance was made of a copy's or a pickle's state, which will be set next.
    fn restored(&self, instance: &Bound<'_, PyAny>, original: Option<&Bound<'_, PyAny>>) {
        self.with(instance.py(), |state| evaluation::restored(state, instance, original));
    }

    /// From here, a new query is the load of `relation` of this instance: when it is for `expected`, where that is
    /// given, and not for `unrelated`.
    #[pyo3(signature = (relation, instance, gives_instances, expected=None, unrelated=None))]
    pub(crate) fn enter_load(
        &self,
        relation: Option<RelationNumber>,
        instance: &Bound<'_, PyAny>,
        gives_instances: bool,
        expected: Option<&Bound<'_, PyAny>>,
        unrelated: Option<&Bound<'_, PyAny>>,
    ) {
        self.with(instance.py(), |state| {
            state.enter_load(relation, instance, gives_instances, expected, unrelated);
            Ok(())
        });
    }

    /// The counterpart of [`Self::enter_load`].
    pub(crate) fn leave_load(&self, py: Python<'_>) {
        self.with(py, |state| {
            state.loading.pop();
            Ok(())
        });
    }

    /// A connection of this name was opened again.
    fn reopened(&self, alias: &Bound<'_, PyString>, duration_ns: u64) {
        self.with(alias.py(), |state| {
            let alias = state.texts.name(&alias.to_cow()?);
            state.connections.reopened(alias, duration_ns);
            Ok(())
        });
    }

    /// A transaction begins on this connection.
    fn enter_block(&self, connection: &Bound<'_, PyAny>, alias: &Bound<'_, PyString>, of_requests: bool) {
        self.with(alias.py(), |state| {
            let position = evaluation::current_chain(alias.py())?;
            let block = OpenBlock {
                connection: connection.as_ptr() as usize,
                alias: state.texts.name(&alias.to_cow()?),
                position,
                // Whoever writes a block himself means it.
                of_requests: of_requests && position == 0,
                queries: state.queries.len(),
            };
            state.connections.begin(block);
            Ok(())
        });
    }

    /// The counterpart of [`Self::enter_block`].
    fn leave_block(&self, connection: &Bound<'_, PyAny>) {
        self.with(connection.py(), |state| {
            let now_us = self.started.offset_us(clock::perf_counter_ns());
            state.connections.end(connection.as_ptr() as usize, now_us, &state.queries);
            Ok(())
        });
    }

    /// A prefetch of `relation` for these instances begins.
    fn enter_prefetch(&self, instances: &Bound<'_, PyAny>, relation: Option<RelationNumber>) {
        self.with(instances.py(), |state| {
            let set = match instances.get_item(0) {
                Ok(first) => match state.lineage.find(&first)? {
                    Some(set) => Some(set),
                    None => evaluation::adopt(state, &first, instances)?,
                },
                Err(_) => None,
            };
            // Nested ones are nested calls, so that their number is bounded.
            state.prefetching.push(set.zip(relation));
            Ok(())
        });
    }

    /// The counterpart of [`Self::enter_prefetch`].
    fn leave_prefetch(&self, py: Python<'_>) {
        self.with(py, |state| {
            state.prefetching.pop();
            Ok(())
        });
    }
}

impl Active {
    /// How many queries there have been; none when they are no longer kept one by one.
    pub(crate) fn queries_so_far(&self) -> Option<u32> {
        let state = self.state.take_now()?;
        (state.queries.len() < QUERIES_PER_TRANSACTION_MAX).then_some(state.queries.len() as u32)
    }

    /// A queryset was constructed around this new query: remember where.
    pub(crate) fn mark_origin(&self, query: &Bound<'_, PyAny>) {
        self.with(query.py(), |state| {
            if let Some(load) = state.load_under_way(query)? {
                return self.mark_pending(state, query, load);
            }
            // Inside a descriptor the load's own mark follows; inside a prefetch the queryset is Django's.
            if state.in_descriptor > 0 || !state.prefetching.is_empty() { Ok(()) } else { mark_origin(query) }
        });
    }

    /// A to-one descriptor is about to make a queryset of its own.
    pub(crate) fn enter_descriptor(&self, py: Python<'_>) {
        self.with(py, |state| {
            state.in_descriptor += 1;
            Ok(())
        });
    }

    /// The counterpart of [`Self::enter_descriptor`].
    pub(crate) fn leave_descriptor(&self, py: Python<'_>) {
        self.with(py, |state| {
            state.in_descriptor = state.in_descriptor.saturating_sub(1);
            Ok(())
        });
    }

    /// The compiler is about to run a query.
    pub(crate) fn enter_compiler(&self, query: &Bound<'_, PyAny>) {
        self.with(query.py(), |state| {
            let mark = mark_of(query)?;
            let load = self.load_behind(state, mark);
            let built = match Mark::decode(mark) {
                Mark::Origin(chain) => chain,
                Mark::Load { .. } => load.map_or(0, |load| load.origin),
            };
            let narrowing = match load.and_then(|load| load.base) {
                Some(base) => shape::Narrowing::of(query, &base)?,
                None => shape::Narrowing::default(),
            };
            state.compiling = Some(Compiling { load, narrowing, built });
            Ok(())
        });
    }

    /// A cursor ran a statement, from and to in nanoseconds of [`clock::perf_counter_ns`]; `rows` is whatever the
    /// driver has as the cursor's `rowcount`.
    pub(crate) fn query(
        &self,
        sql: &Bound<'_, PyAny>,
        parameters: Option<&Bound<'_, PyAny>>,
        alias: &Bound<'_, PyString>,
        ran_ns: Range<u64>,
        rows: &Bound<'_, PyAny>,
    ) {
        self.with(sql.py(), |state| {
            let compiling = state.compiling.take();
            let duration_ns = ran_ns.end.saturating_sub(ran_ns.start);
            state.queries_total = state.queries_total.saturating_add(1);
            state.db_ns = state.db_ns.saturating_add(duration_ns);
            // psycopg's composed statements are objects; their text may hold values, so only their kind is kept.
            let written = sql.cast::<PyString>().ok().map(PyStringMethods::to_cow).transpose()?;
            let text = written.as_deref().unwrap_or("(composed SQL)");
            let name = alias.to_cow()?;
            let number =
                state.texts.sql(text, || describe::quotes_are_literals(alias.py(), &name).unwrap_or(true));
            let Some(position) = state.position(sql.py(), compiling, number)? else { return Ok(()) };
            let alias = state.texts.name(&name);
            let is_select = sql::is_select(text);
            let compares = is_select && written.is_some() && !state.is_in_loop_over_rows(compiling);
            let parameters = compares.then(|| {
                let text = (!state.texts.latest_is_plain()).then_some(text);
                parameters::hash([number, alias], text, parameters)
            });
            let load = compiling
                .and_then(|compiling| Some((compiling.load?, compiling.narrowing)))
                .filter(|_| is_select)
                .and_then(|(load, narrowing)| {
                    let ask = if load.base.is_some() { narrowing.ask(text) } else { Ask::Object };
                    let key = LoadKey { set: load.set, relation: load.relation, ask, access: position };
                    state.count_load(key, number, duration_ns)
                });
            let offset_us = self.started.offset_us(ran_ns.start);
            let rows = rows.cast_exact::<PyInt>().ok().and_then(|rows| rows.extract::<i64>().ok());
            let rows = rows.and_then(|rows| u32::try_from(rows).ok());
            state.push_query(QueryEntry {
                sql: number,
                alias,
                offset_us,
                duration_ns,
                rows,
                position,
                load,
                parameters: parameters.flatten(),
            });
            Ok(())
        });
    }

    /// Makes this query the load.
    fn mark_pending(&self, state: &mut State, query: &Bound<'_, PyAny>, load: PendingLoad) -> PyResult<()> {
        // The loads of an N+1 differ in nothing that is kept, so the table stays as short as the code is.
        if state.pending_loads.last() != Some(&load) {
            if state.pending_loads.len() >= PENDING_LOADS_MAX {
                return query.setattr(intern!(query.py(), MARK_ATTRIBUTE), Mark::Origin(0).encode());
            }
            state.pending_loads.push(load);
        }
        let mark = Mark::load(self.serial, state.pending_loads.len() as u32 - 1);
        query.setattr(intern!(query.py(), MARK_ATTRIBUTE), mark.encode())
    }
}

/// Writes the current chain onto a query.
pub(crate) fn mark_origin(query: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = query.py();
    let Some(mut registry) = registry::take(py) else { return Ok(()) };
    let chain = frames::current_chain(py, &mut registry)?;
    drop(registry);
    query.setattr(intern!(py, MARK_ATTRIBUTE), Mark::Origin(chain).encode())
}

/// The `Query` of a queryset, without the property that would apply a deferred filter; none for a manager's result
/// that is no Django queryset.
fn query_of<'py>(queryset: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    queryset.getattr_opt(intern!(queryset.py(), "_query"))
}

/// The mark on a query; zero, which says "unknown", when it carries none.
pub(crate) fn mark_of(query: &Bound<'_, PyAny>) -> PyResult<u64> {
    let mark = query.getattr_opt(intern!(query.py(), MARK_ATTRIBUTE))?;
    // Signed, because CPython gives signed integers out at half the cost; a mark is never negative.
    mark.map_or(Ok(0), |mark| mark.extract().map(i64::cast_unsigned))
}
