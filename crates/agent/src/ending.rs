//! The end of a unit of work: from its tables to the frame that leaves.

use observation::limits::NAME_BYTES_MAX;
use observation::{CapturedRequest, Transaction, TransactionKind, redact, route};
use pyo3::prelude::*;

use crate::active::Active;
use crate::{assemble, registry, transport};

/// Longest request method kept; what a client invents as one may be of any length.
const METHOD_BYTES_MAX: usize = 32;

/// What is known of a unit of work when it ends.
pub(crate) struct Ending<'a> {
    /// Empty for what is no HTTP request.
    pub(crate) method: &'a str,
    /// The URL pattern, or the name of another unit of work.
    pub(crate) route: &'a str,
    pub(crate) view: &'a str,
    pub(crate) status: u16,
    pub(crate) response_bytes: u64,
    pub(crate) request: Option<CapturedRequest>,
}

impl Active {
    /// Ends it and sends it, once.
    pub(crate) fn finish(&self, py: Python<'_>, ending: Ending<'_>) {
        if !self.end() {
            return;
        }
        let (wall_ns, cpu_ns) = self.started.elapsed();
        let state = self.state.take(py).map(|mut state| std::mem::take(&mut *state));
        let (Some(state), Some(mut registry)) = (state, registry::take(py)) else {
            transport::with(|transport| transport.lose(1));
            return;
        };
        let mut numbers = std::mem::take(&mut registry.numbers);
        let details = assemble::details(&state, &registry, &mut numbers);
        registry.numbers = numbers;
        drop(registry);
        let transaction = Transaction {
            serial: self.serial,
            parent_serial: self.parent_serial,
            kind: self.kind,
            method: method(ending.method).to_owned(),
            route: shown_route(self.kind, ending.route),
            view: cut(ending.view, NAME_BYTES_MAX).to_owned(),
            status: ending.status,
            started_at_us: self.started.unix_us(),
            wall_ns,
            cpu_ns,
            response_bytes: ending.response_bytes,
            queries_total: state.queries_total,
            db_ns: state.db_ns,
            request: ending.request,
            details,
        };
        transport::with(|transport| transport.send(transaction));
    }
}

/// A request method as it is kept.
pub(crate) fn method(method: &str) -> &str {
    cut(method, METHOD_BYTES_MAX)
}

/// A URL pattern as people write it, without secrets; the name of another unit of work as it is.
fn shown_route(kind: TransactionKind, route: &str) -> String {
    let route = cut(route, NAME_BYTES_MAX);
    if kind == TransactionKind::Http { redact::route(&route::display(route)) } else { route.to_owned() }
}

fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}
