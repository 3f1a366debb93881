//! The text that Prometheus reads.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{BUCKETS_S, Counters, Histogram, Outcome};

/// What is not counted but is so at the moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gauges {
    /// Bytes of stored responses.
    pub cache_bytes: usize,
    /// Stored responses.
    pub cache_entries: usize,
    /// Requests in the app.
    pub in_app: usize,
    /// Requests that wait for their turn.
    pub waiting: usize,
    /// Servers of the app: their address, whether they may be asked, requests that they are asked.
    pub servers: Vec<(String, bool, usize)>,
    /// Lines of the access log that were dropped.
    pub log_lines_dropped: u64,
}

/// Writes all of it.
pub fn write(threads: &[Arc<Counters>], gauges: &Gauges, out: &mut String) {
    let sum = |of: &dyn Fn(&Counters) -> &AtomicU64| -> u64 {
        threads.iter().map(|thread| of(thread).load(Ordering::Relaxed)).sum()
    };
    head(out, "escala_edge_requests_total", "counter", "Requests by what became of them.");
    for outcome in Outcome::ALL {
        let count = sum(&|thread| &thread.outcomes[outcome as usize]);
        let _ = writeln!(out, "escala_edge_requests_total{{outcome=\"{}\"}} {count}", outcome.as_str());
    }
    head(out, "escala_edge_responses_total", "counter", "Answers by the class of their status.");
    for class in 1..=5 {
        let count = sum(&|thread| &thread.statuses[class]);
        let _ = writeln!(out, "escala_edge_responses_total{{class=\"{class}xx\"}} {count}");
    }
    value(
        out,
        "escala_edge_sent_bytes_total",
        "counter",
        "Bytes of bodies sent.",
        sum(&|thread| &thread.bytes),
    );
    let connections = sum(&|thread| &thread.connections);
    value(out, "escala_edge_connections_total", "counter", "Connections of clients taken.", connections);
    histogram(out, "escala_edge_request_seconds", "Time to answer.", threads, &|thread| &thread.times);
    histogram(
        out,
        "escala_edge_wait_seconds",
        "Time that requests waited for their turn.",
        threads,
        &|thread| &thread.waits,
    );
    value(out, "escala_edge_cache_bytes", "gauge", "Bytes of stored responses.", gauges.cache_bytes);
    value(out, "escala_edge_cache_entries", "gauge", "Stored responses.", gauges.cache_entries);
    value(out, "escala_edge_in_app", "gauge", "Requests in the app.", gauges.in_app);
    value(out, "escala_edge_waiting", "gauge", "Requests that wait for their turn.", gauges.waiting);
    let dropped = gauges.log_lines_dropped;
    value(out, "escala_edge_log_lines_dropped_total", "counter", "Lines of the access log dropped.", dropped);
    head(out, "escala_edge_server_up", "gauge", "Whether a server of the app may be asked.");
    for (address, is_up, _) in &gauges.servers {
        let _ =
            writeln!(out, "escala_edge_server_up{{server=\"{}\"}} {}", escaped(address), u8::from(*is_up));
    }
    head(out, "escala_edge_server_requests", "gauge", "Requests that a server of the app is asked.");
    for (address, _, in_flight) in &gauges.servers {
        let _ = writeln!(out, "escala_edge_server_requests{{server=\"{}\"}} {in_flight}", escaped(address));
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn value(out: &mut String, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
    head(out, name, kind, help);
    let _ = writeln!(out, "{name} {value}");
}

fn histogram(
    out: &mut String,
    name: &str,
    help: &str,
    threads: &[Arc<Counters>],
    of: &dyn Fn(&Counters) -> &Histogram,
) {
    head(out, name, "histogram", help);
    let bucket = |at: usize| -> u64 {
        threads.iter().map(|thread| of(thread).buckets[at].load(Ordering::Relaxed)).sum()
    };
    let mut total = 0;
    for (at, end) in BUCKETS_S.iter().enumerate() {
        total += bucket(at);
        let _ = writeln!(out, "{name}_bucket{{le=\"{end}\"}} {total}");
    }
    total += bucket(BUCKETS_S.len());
    let sum_us: u64 = threads.iter().map(|thread| of(thread).sum_us.load(Ordering::Relaxed)).sum();
    let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {total}");
    let _ = writeln!(out, "{name}_sum {}\n{name}_count {total}", sum_us as f64 / 1e6);
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
