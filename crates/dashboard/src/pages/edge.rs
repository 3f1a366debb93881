//! What the edge answered, as part of other pages.

use observation::{EdgeAnswers, EdgeOutcome};
use store::{EndpointId, Run, Span, Store};

use crate::api::{EdgeOutcomes, EdgeOverview, EdgeSeries, EdgeSums};
use crate::app::Failure;
use crate::convert::{ms, rounded};

const NS_PER_MS: f64 = 1e6;

/// What is no answer to what was asked.
const TURNED_AWAY: [EdgeOutcome; 4] =
    [EdgeOutcome::Shed, EdgeOutcome::Throttled, EdgeOutcome::Refused, EdgeOutcome::Failed];

/// Over a span; none for a run without an edge.
pub(crate) fn overview(store: &Store, run: &Run, span: Span) -> Result<Option<EdgeOverview>, Failure> {
    if store.edge_requests(run.id)? == 0 {
        return Ok(None);
    }
    let buckets = store.edge_over_time(run.id, span)?;
    let mut all = EdgeAnswers::default();
    for bucket in &buckets {
        all.merge(bucket);
    }
    let requests = |outcomes: &[EdgeOutcome]| -> Vec<u64> {
        buckets.iter().map(|bucket| bucket.together(outcomes).requests).collect()
    };
    let series = EdgeSeries {
        requests: requests(&EdgeOutcome::ALL),
        to_app: requests(&EdgeOutcome::ASKED),
        turned_away: requests(&TURNED_AWAY),
        hit_rate: buckets.iter().map(hit_rate).collect(),
    };
    Ok(Some(EdgeOverview { sums: sums(&all), series }))
}

/// Of one endpoint, over the whole run; none where the edge had no request for it.
pub(crate) fn endpoint(store: &Store, run: &Run, id: &EndpointId) -> Result<Option<EdgeSums>, Failure> {
    let edge = analysis::edge(&store.edge(run.id)?);
    Ok(edge.and_then(|edge| edge.endpoint(&id.method, &id.route).map(sums)))
}

fn sums(answers: &EdgeAnswers) -> EdgeSums {
    let all = answers.all();
    let of = |outcome| answers.of(outcome).requests;
    EdgeSums {
        requests: all.requests,
        bytes_sent: all.bytes_sent,
        hit_rate: hit_rate(answers),
        outcomes: EdgeOutcomes {
            hit: of(EdgeOutcome::Hit),
            stale: of(EdgeOutcome::Stale),
            collapsed: of(EdgeOutcome::Collapsed),
            miss: of(EdgeOutcome::Miss),
            pass: of(EdgeOutcome::Pass),
            static_file: of(EdgeOutcome::Static),
            shed: of(EdgeOutcome::Shed),
            throttled: of(EdgeOutcome::Throttled),
            refused: of(EdgeOutcome::Refused),
            failed: of(EdgeOutcome::Failed),
        },
        wait_mean_ms: answers.wait_mean_ns().map(|ns| rounded(ns / NS_PER_MS)),
        wait_max_ms: ms(answers.together(&EdgeOutcome::AT_THE_GATE).wait_max_ns),
    }
}

/// To a hundredth of a percent.
fn hit_rate(answers: &EdgeAnswers) -> Option<f64> {
    answers.hit_rate().map(|rate| (rate * 1e4).round() / 1e4)
}
