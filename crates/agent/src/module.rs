//! The functions that Python sees.

use observation::{CapturedRequest, Process, TransactionKind, redact};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::active::Active;
use crate::code::ProjectRoots;
use crate::ending::{self, Ending};
use crate::guard::guard;
use crate::request::Request;
use crate::transport::{self, Transport};
use crate::{
    active, captures, current, describe, frames, guard as guarding, hooks, journal, open_units, registry,
    request, stand_in,
};

#[pymodule(name = "_native")]
mod native {
    #[pymodule_export]
    use super::{
        abandon, announce, begin, capture_request, captured_headers, disarm, finish, finish_process,
        finish_request, forget_units, install, is_armed, make_stand_in, relation, set_plain,
    };
    #[pymodule_export]
    use crate::active::Active;
    /// The mark of a query that no hook has seen.
    #[pymodule_export]
    const NO_MARK: u64 = crate::mark::Mark::NONE;
}

/// Sets the tables up: where the user's code is, which parameters are no secrets, who names relations, who knows what a
/// thread is awaited by, and who knows which unit of work runs; what `hooks::requests` leaves to Python.
#[pyfunction]
#[expect(clippy::too_many_arguments, reason = "one call from Python")]
fn install(
    py: Python<'_>,
    roots: Vec<String>,
    sources: Vec<String>,
    excluded: Vec<String>,
    not_secret: Vec<String>,
    describe_joined: Py<PyAny>,
    awaiting: Py<PyAny>,
    current: (Py<PyAny>, Py<PyAny>),
    requests: (Py<PyAny>, Py<PyAny>, Py<PyAny>),
) {
    guarding::silence_panics();
    registry::install(ProjectRoots { roots, sources, excluded });
    redact::install(not_secret);
    describe::install(py, describe_joined);
    frames::install(py, awaiting);
    current::install(py, current.0, current.1);
    hooks::requests::install(py, requests);
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
    Ok(Some(Active::new(parent_serial, kind)))
}

/// A request as it is kept for replay.
#[pyclass(frozen, module = "escala_agent")]
pub(crate) struct Captured(pub(crate) CapturedRequest);

/// Names of the headers that are kept, as they stand in `request.META`.
#[pyfunction]
fn captured_headers() -> Vec<(String, &'static str)> {
    let meta = |name: &str| {
        let name = name.replace('-', "_").to_uppercase();
        if name == "CONTENT_TYPE" { name } else { format!("HTTP_{name}") }
    };
    request::HEADERS.iter().map(|name| (meta(name), *name)).collect()
}

/// Whether a request needs nothing but a unit of work of its own: this process is known to the recorder, and no
/// management command runs.
#[pyfunction]
fn set_plain(is_plain: bool) {
    hooks::requests::set_plain(is_plain);
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
    let method = ending::method(method);
    if !captures::take(route, method) {
        return None;
    }
    let arguments = &path_arguments;
    let headers = &headers;
    let request = Request { method, path, arguments, query_string, secure, headers, has_body, user_pk };
    request.capture().map(Captured)
}

/// Ends a unit of work that is no HTTP request, and sends it.
#[pyfunction]
fn finish(active: &Bound<'_, Active>, name: &str, view: &str, status: u16) {
    guard(|| {
        active.get().finish(
            active.py(),
            Ending { method: "", route: name, view, status, response_bytes: 0, request: None },
        );
        Ok(())
    });
}

/// Ends the unit of work of an HTTP request and sends it.
#[pyfunction]
fn finish_request(
    active: &Bound<'_, Active>,
    request: &Bound<'_, PyAny>,
    response: Option<&Bound<'_, PyAny>>,
) {
    guard(|| hooks::requests::finish(active, request, response));
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

/// What stands in for a function of Django's on the hot path; `function` says which (see `hooks`).
#[pyfunction]
#[pyo3(name = "stand_in", signature = (function, original, helper=None))]
fn make_stand_in<'py>(
    function: &str,
    original: &Bound<'py, PyAny>,
    helper: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    stand_in::new(original, helper, hooks::around(function)?)
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
