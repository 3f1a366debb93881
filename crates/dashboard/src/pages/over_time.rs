//! Rollups as what is drawn.

use store::{Histogram, Rollup, Run, Span};

use crate::api::{HeatMap, HistogramBar, Series};
use crate::app::now_us;
use crate::convert::{mean, ms};

const US_PER_S: u64 = 1_000_000;
const NS_PER_MS: f64 = 1e6;

/// Edges of the heat map's bands after 0, in milliseconds: six for each power of ten, as a logarithmic axis has them.
const EDGES_MS: [f64; 32] = [
    0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0, 150.0, 200.0, 300.0,
    500.0, 700.0, 1e3, 1.5e3, 2e3, 3e3, 5e3, 7e3, 1e4, 1.5e4, 2e4, 3e4, 5e4, 7e4,
];

/// Bars of a histogram for each power of two.
const BARS_PER_OCTAVE: u64 = 8;

/// The time of a run that has no requests: from its begin to its end, or to now.
pub(crate) fn empty_span(run: &Run) -> Span {
    let from_s = run.started_at_us / US_PER_S;
    Span { from_s, to_s: (run.ended_at_us.unwrap_or_else(now_us) / US_PER_S).max(from_s) + 1, width_s: 1 }
}

/// Seconds of a span in which the run was at work; at least one.
pub(crate) fn seconds_at_work(run: &Run, span: Span) -> f64 {
    let end_us = run.ended_at_us.unwrap_or_else(now_us).min(span.to_s * US_PER_S);
    let begin_us = run.started_at_us.max(span.from_s * US_PER_S);
    (end_us.saturating_sub(begin_us) as f64 / US_PER_S as f64).max(1.0)
}

pub(crate) fn series(span: Span, buckets: &[Rollup]) -> Series {
    let percentile = |percent: u64| -> Vec<Option<f64>> {
        let of = |one: &Rollup| (one.requests > 0).then(|| ms(one.wall_spread_ns.quantile(percent)));
        buckets.iter().map(of).collect()
    };
    let begins = (0_u64..).map(|at| (span.from_s + at * span.width_s) * US_PER_S);
    Series {
        at_us: begins.take(buckets.len()).collect(),
        requests: buckets.iter().map(|one| one.requests).collect(),
        errors: buckets.iter().map(|one| one.errors).collect(),
        queries_per_request: buckets.iter().map(|one| mean(one.queries, one.requests)).collect(),
        p50_ms: percentile(50),
        p95_ms: percentile(95),
        p99_ms: percentile(99),
    }
}

pub(crate) fn heat_map(buckets: &[Rollup]) -> HeatMap {
    let edges_ms: Vec<f64> = std::iter::once(0.0).chain(EDGES_MS).collect();
    let bands = edges_ms.len() - 1;
    let row = |one: &Rollup| {
        let mut row = vec![0; bands];
        for (first, beyond, count) in one.wall_spread_ns.buckets() {
            let middle_ms = (first as f64 + (beyond - first) as f64 / 2.0) / NS_PER_MS;
            let band = EDGES_MS.partition_point(|edge| *edge <= middle_ms);
            row[band.min(bands - 1)] += count;
        }
        row
    };
    HeatMap { edges_ms, requests: buckets.iter().map(row).collect() }
}

/// Bars that are as wide as an eighth of what is below them: alike on a logarithmic axis.
pub(crate) fn histogram(spread_ns: &Histogram) -> Vec<HistogramBar> {
    let mut bars: Vec<(u64, u64, u64)> = Vec::new();
    for (first, _, count) in spread_ns.buckets() {
        let width = (1_u64 << first.max(BARS_PER_OCTAVE).ilog2()) / BARS_PER_OCTAVE;
        let from = first - first % width;
        match bars.last_mut() {
            Some(bar) if bar.0 == from => bar.2 += count,
            _ => bars.push((from, from.saturating_add(width), count)),
        }
    }
    let bar = |(from, to, requests)| HistogramBar { from_ms: ms(from), to_ms: ms(to), requests };
    bars.into_iter().map(bar).collect()
}
