//! The functions that Python sees.

use std::sync::atomic::{AtomicU64, Ordering};

use observation::limits::NAME_BYTES_MAX;
use observation::{CapturedRequest, Process, Transaction, TransactionKind};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::active::Active;
use crate::code::ProjectRoots;
use crate::guard::guard;
use crate::request::Request;
use crate::transport::{self, Transport};
use crate::{
    active, assemble, captures, describe, frames, guard as guarding, journal, open_units, redact, registry,
    request, route,
};

/// Longest request method kept; what a client invents as one may be of any length.
const METHOD_BYTES_MAX: usize = 32;

static SERIAL: AtomicU64 = AtomicU64::new(0);

#[pymodule(name = "_native")]
mod native {
    #[pymodule_export]
    use super::{
        abandon, announce, begin, capture_request, captured_headers, disarm, finish, finish_process,
        forget_units, install, is_armed, mark_origin, relation, wants_capture,
    };
    #[pymodule_export]
    use crate::active::Active;
    /// The mark of a query that no hook has seen.
    #[pymodule_export]
    const NO_MARK: u64 = crate::mark::Mark::NONE;
}

/// Sets the tables up: where the user's code is, who names relations, and who knows what a thread is awaited by.
#[pyfunction]
fn install(
    py: Python<'_>,
    roots: Vec<String>,
    sources: Vec<String>,
    excluded: Vec<String>,
    describe_joined: Py<PyAny>,
    awaiting: Py<PyAny>,
) {
    guarding::silence_panics();
    registry::install(ProjectRoots { roots, sources, excluded });
    describe::install(py, describe_joined);
    frames::install(py, awaiting);
}

/// Says where the recorder is and who this process is. Opens nothing yet.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one call from Python, by keyword")]
#[pyo3(signature = (*, socket, python_version, django_version, executable, settings_module, working_directory,
    module_search_path, started_at_us))]
fn announce(
    socket: String,
    python_version: String,
    django_version: String,
    executable: String,
    settings_module: String,
    working_directory: String,
    module_search_path: Vec<String>,
    started_at_us: u64,
) {
    if let Some(path) = journal::path() {
        open_units::install(&path);
    }
    transport::install(Transport::new(
        socket,
        Process {
            pid: std::process::id(),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            python_version,
            django_version,
            executable,
            settings_module,
            working_directory,
            module_search_path,
            started_at_us,
        },
    ));
}

/// Whether the agent is still on.
#[pyfunction]
fn is_armed() -> bool {
    !guarding::is_disarmed()
}

/// Switches the agent off: the Python half met an error.
#[pyfunction]
fn disarm(reason: &str) {
    guarding::disarm(&guarding::without_values(reason));
}

/// Starts a unit of work; none when the agent is off.
#[pyfunction]
#[pyo3(signature = (kind, parent_serial=None))]
fn begin(kind: &str, parent_serial: Option<u64>) -> PyResult<Option<Active>> {
    if guarding::is_disarmed() {
        return Ok(None);
    }
    let kind = match kind {
        "http" => TransactionKind::Http,
        "test" => TransactionKind::Test,
        "command" => TransactionKind::Command,
        "task" => TransactionKind::Task,
        other => return Err(PyValueError::new_err(format!("unknown kind of unit of work: {other}"))),
    };
    Ok(Some(Active::new(SERIAL.fetch_add(1, Ordering::Relaxed) + 1, parent_serial, kind)))
}

/// A request as it is kept for replay.
#[pyclass(frozen, module = "escala_agent")]
struct Captured(CapturedRequest);

/// Names of the headers that are kept, as they stand in `request.META`.
#[pyfunction]
fn captured_headers() -> Vec<(String, &'static str)> {
    let meta = |name: &str| {
        let name = name.replace('-', "_").to_uppercase();
        if name == "CONTENT_TYPE" { name } else { format!("HTTP_{name}") }
    };
    request::HEADERS.iter().map(|name| (meta(name), *name)).collect()
}

/// Whether another request of this endpoint should be kept for replay. Most need not, and are not looked at further.
#[pyfunction]
fn wants_capture(route: &str, method: &str) -> bool {
    captures::wants(route, cut(method, METHOD_BYTES_MAX))
}

/// Keeps a request for replay, without its secrets; none when enough of this endpoint's are kept.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one call from Python")]
#[expect(clippy::needless_pass_by_value, reason = "what a Python list converts to")]
fn capture_request(
    route: &str,
    method: &str,
    path: &str,
    path_arguments: Vec<(String, Option<String>)>,
    query_string: &str,
    secure: bool,
    headers: Vec<(String, String)>,
    has_body: bool,
    user_pk: Option<String>,
) -> Option<Captured> {
    let method = cut(method, METHOD_BYTES_MAX);
    if !captures::take(route, method) {
        return None;
    }
    let arguments = &path_arguments;
    let headers = &headers;
    let request = Request { method, path, arguments, query_string, secure, headers, has_body, user_pk };
    request.capture().map(Captured)
}

/// Ends a unit of work and sends it.
#[pyfunction]
#[pyo3(signature = (active, method, route, view, status, response_bytes, captured=None))]
fn finish(
    active: &Bound<'_, Active>,
    method: &str,
    route: &str,
    view: &str,
    status: u16,
    response_bytes: u64,
    captured: Option<&Bound<'_, Captured>>,
) {
    guard(|| {
        let py = active.py();
        let active = active.get();
        if !active.end() {
            return Ok(());
        }
        let (wall_ns, cpu_ns) = active.started.elapsed();
        let state = active.state.take(py).map(|mut state| std::mem::take(&mut *state));
        let (Some(state), Some(mut registry)) = (state, registry::take(py)) else {
            transport::with(|transport| transport.lose(1));
            return Ok(());
        };
        let mut numbers = std::mem::take(&mut registry.numbers);
        let details = assemble::details(&state, &registry, &mut numbers);
        registry.numbers = numbers;
        drop(registry);
        let transaction = Transaction {
            serial: active.serial,
            parent_serial: active.parent_serial,
            kind: active.kind,
            method: cut(method, METHOD_BYTES_MAX).to_owned(),
            route: shown_route(active.kind, route),
            view: cut(view, NAME_BYTES_MAX).to_owned(),
            status,
            started_at_us: active.started.unix_us(),
            wall_ns,
            cpu_ns,
            response_bytes,
            queries_total: state.queries_total,
            db_ns: state.db_ns,
            request: captured.map(|captured| captured.get().0.clone()),
            details,
        };
        transport::with(|transport| transport.send(transaction));
        Ok(())
    });
}

/// A URL pattern as people write it, without secrets; the name of another unit of work as it is.
fn shown_route(kind: TransactionKind, route: &str) -> String {
    let route = cut(route, NAME_BYTES_MAX);
    if kind == TransactionKind::Http { redact::route(&route::display(route)) } else { route.to_owned() }
}

fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// Ends a unit of work that turned out to be none.
#[pyfunction]
fn abandon(active: &Bound<'_, Active>) {
    guard(|| {
        let py = active.py();
        let active = active.get();
        if active.end() {
            open_units::told(1);
        }
        if let Some(mut state) = active.state.take(py) {
            *state = active::State::default();
        }
        Ok(())
    });
}

/// After a fork, in the child: the units of work that ran are the parent's.
#[pyfunction]
fn forget_units() {
    active::forget_all();
}

/// Sends what is left at the end of the process. Units of work that still run are lost with it.
#[pyfunction]
fn finish_process() {
    guard(|| {
        transport::with(|transport| {
            transport.lose(active::running());
            transport.finish();
        });
        Ok(())
    });
}

/// A queryset was constructed around this new query outside of any unit of work: in a class body, at import.
#[pyfunction]
fn mark_origin(query: &Bound<'_, PyAny>) {
    guard(|| active::mark_origin(query));
}

/// Gives a relation its number; none when there are too many.
#[pyfunction]
fn relation(
    py: Python<'_>,
    model: &str,
    field: &str,
    kind: &str,
    target: &str,
    target_module: &str,
) -> PyResult<Option<registry::RelationNumber>> {
    describe::relation(py, model, field, kind, target, target_module)
}
