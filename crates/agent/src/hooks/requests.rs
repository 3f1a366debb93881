//! An HTTP request as a unit of work: how it begins and ends around `BaseHandler.get_response`.
//!
//! What is asked of the request and its response here are plain attributes. What seldom happens is left to
//! `hooks/requests.py`: the first unit of a process, a streamed body, a request that is kept for replay.

use std::sync::atomic::{AtomicBool, Ordering};

use observation::TransactionKind;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyBytes, PyList, PyString};

use crate::active::Active;
use crate::ending::{self, Ending};
use crate::guard::{guard, is_disarmed};
use crate::module::Captured;
use crate::stand_in::{Call, Returned, beside_exception};
use crate::{captures, current};

/// Whether a request needs nothing but a unit of work of its own: the process has announced itself, and no management
/// command runs that would turn out to be a server.
static IS_PLAIN: AtomicBool = AtomicBool::new(false);

/// Sets [`IS_PLAIN`].
pub(crate) fn set_plain(is_plain: bool) {
    IS_PLAIN.store(is_plain, Ordering::Relaxed);
}

/// What `hooks/requests.py` does: begin otherwise than plainly, end with a streamed body, keep a request.
static HELPERS: PyOnceLock<(Py<PyAny>, Py<PyAny>, Py<PyAny>)> = PyOnceLock::new();

/// Sets what is left to Python.
pub(crate) fn install(py: Python<'_>, helpers: (Py<PyAny>, Py<PyAny>, Py<PyAny>)) {
    let _ = HELPERS.set(py, helpers);
}

/// A handler answers a request.
pub(super) fn request_handled<'py>(call: &Call<'py>) -> Returned<'py> {
    let py = call.py();
    let mut begun = None;
    guard(|| {
        begun = begin(py)?;
        Ok(())
    });
    let Some((active, outer)) = begun else { return call.forward() };
    let response = call.forward();
    let end = || {
        guard(|| {
            current::set(&outer)?;
            let Some(request) = call.argument(1, "request") else { return Ok(()) };
            end(&active, &request, response.as_ref())
        });
    };
    if response.is_some() {
        end();
    } else {
        beside_exception(py, end);
    }
    response
}

/// The new unit of work, which is current from here on, and the one around it or None.
fn begin(py: Python<'_>) -> PyResult<Option<(Bound<'_, Active>, Bound<'_, PyAny>)>> {
    if is_disarmed() {
        return Ok(None);
    }
    if !IS_PLAIN.load(Ordering::Relaxed) {
        let Some((begin, _, _)) = HELPERS.get(py) else { return Ok(None) };
        let (active, outer): (Bound<'_, PyAny>, Bound<'_, PyAny>) = begin.bind(py).call0()?.extract()?;
        return Ok(active.cast_into::<Active>().ok().map(|active| (active, outer)));
    }
    let outer = current::get(py)?;
    let parent_serial = outer.cast::<Active>().ok().map(|outer| outer.get().serial);
    let active = Bound::new(py, Active::new(parent_serial, TransactionKind::Http))?;
    current::set(&active)?;
    Ok(Some((active, outer)))
}

fn end(
    active: &Bound<'_, Active>,
    request: &Bound<'_, PyAny>,
    response: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let py = active.py();
    if let Some(response) = response
        && let Some(streaming) = response.getattr_opt(intern!(py, "streaming"))?
        && streaming.cast::<PyBool>().is_ok_and(PyBoolMethods::is_true)
        && let Some((_, stream, _)) = HELPERS.get(py)
    {
        stream.bind(py).call1((active, request, response))?;
        return Ok(());
    }
    finish(active, request, response)
}

/// Ends the unit of work of this request and sends it. There is no response when the handler raised.
pub(crate) fn finish(
    active: &Bound<'_, Active>,
    request: &Bound<'_, PyAny>,
    response: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let py = active.py();
    let method = request.getattr(intern!(py, "method"))?;
    let method = method.cast::<PyString>().map_or(Ok("".into()), PyStringMethods::to_cow)?;
    let matched = request.getattr(intern!(py, "resolver_match"))?;
    let (mut route, mut view) = (String::new(), None);
    if !matched.is_none() {
        route.push('/');
        if let Ok(pattern) = matched.getattr(intern!(py, "route"))?.cast::<PyString>() {
            route.push_str(&pattern.to_cow()?);
        }
        view = matched.getattr(intern!(py, "_func_path"))?.cast_into::<PyString>().ok();
    }
    let view = view.as_ref().map(PyStringMethods::to_cow).transpose()?.unwrap_or_default();
    let status = match response {
        Some(response) => response.getattr(intern!(py, "status_code"))?.extract()?,
        None => 0,
    };
    let mut captured = None;
    // A path that no pattern took apart may hold what a pattern would have named a token: one that leads nowhere is not
    // kept. A request inside a test asks a database that will be gone; the test is its replay.
    if response.is_some()
        && (!matched.is_none() || (200..300).contains(&status))
        && active.get().parent_serial.is_none()
        && captures::wants(&route, ending::method(&method))
        && let Some((_, _, capture)) = HELPERS.get(py)
    {
        captured = capture.bind(py).call1((request, &*route, &*method))?.cast_into::<Captured>().ok();
    }
    let ending = Ending {
        method: &method,
        route: &route,
        view: &view,
        status,
        response_bytes: response.map(body_bytes).transpose()?.unwrap_or(0),
        request: captured.map(|captured| captured.get().0.clone()),
    };
    active.get().finish(py, ending);
    Ok(())
}

/// Length of a response's body, without making one string of its parts.
fn body_bytes(response: &Bound<'_, PyAny>) -> PyResult<u64> {
    let py = response.py();
    let parts = response.getattr_opt(intern!(py, "_container"))?;
    if let Some(parts) = parts.as_ref().and_then(|parts| parts.cast::<PyList>().ok()) {
        let bytes = |part: Bound<'_, PyAny>| part.cast::<PyBytes>().map_or(0, |part| part.as_bytes().len());
        return Ok(parts.iter().map(|part| bytes(part) as u64).sum());
    }
    if response.getattr(intern!(py, "streaming"))?.is_truthy()? {
        return Ok(0);
    }
    Ok(response.getattr(intern!(py, "content"))?.len()? as u64)
}
