//! What the edge did, as part of the report.

use analysis::{Edge, EdgeEndpoint};
use observation::{EdgeAnswers, EdgeOutcome};
use serde::{Serialize, Serializer};

use crate::output::number::Rounded;

const NS_PER_MS: f64 = 1e6;

#[derive(Serialize)]
pub(super) struct EdgeRow<'a> {
    #[serde(flatten)]
    all: Answers,
    endpoints: Vec<EndpointRow<'a>>,
    paths: Vec<PathRow<'a>>,
    other: Answers,
}

#[derive(Serialize)]
struct EndpointRow<'a> {
    method: &'a str,
    route: &'a str,
    #[serde(flatten)]
    answers: Answers,
}

#[derive(Serialize)]
struct PathRow<'a> {
    method: &'a str,
    path: &'a str,
    #[serde(flatten)]
    answers: Answers,
}

#[derive(Serialize)]
pub(super) struct Answers {
    requests: u64,
    bytes_sent: u64,
    hit_rate: Option<Rounded>,
    stale: Option<Rounded>,
    collapsed: Option<Rounded>,
    outcomes: Outcomes,
    ms: Times,
    wait_ms: Times,
}

/// Requests by outcome, in the order of the outcomes.
struct Outcomes(EdgeAnswers);

impl Serialize for Outcomes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(EdgeOutcome::ALL.map(|outcome| (outcome.name(), self.0.of(outcome).requests)))
    }
}

#[derive(Serialize)]
struct Times {
    mean: Option<Rounded>,
    max: Rounded,
}

impl<'a> EdgeRow<'a> {
    pub(super) fn new(edge: &'a Edge) -> Self {
        let endpoint = |one: &'a EdgeEndpoint| EndpointRow {
            method: &one.method,
            route: &one.name,
            answers: Answers::new(&one.answers),
        };
        let path = |one: &'a EdgeEndpoint| PathRow {
            method: &one.method,
            path: &one.name,
            answers: Answers::new(&one.answers),
        };
        Self {
            all: Answers::new(&edge.all),
            endpoints: edge.endpoints.iter().map(endpoint).collect(),
            paths: edge.paths.iter().map(path).collect(),
            other: Answers::new(&edge.other),
        }
    }
}

impl Answers {
    pub(super) fn new(answers: &EdgeAnswers) -> Self {
        let all = answers.all();
        let part = |outcome| answers.part_of_answered(&[outcome]).map(Rounded::share);
        let ms = |ns: f64| Rounded::milliseconds(ns / NS_PER_MS);
        Self {
            requests: all.requests,
            bytes_sent: all.bytes_sent,
            hit_rate: answers.hit_rate().map(Rounded::share),
            stale: part(EdgeOutcome::Stale),
            collapsed: part(EdgeOutcome::Collapsed),
            outcomes: Outcomes(*answers),
            ms: Times {
                mean: (all.requests > 0).then(|| ms(all.took_ns as f64 / all.requests as f64)),
                max: ms(all.took_max_ns as f64),
            },
            wait_ms: Times {
                mean: answers.wait_mean_ns().map(ms),
                max: ms(answers.together(&EdgeOutcome::AT_THE_GATE).wait_max_ns as f64),
            },
        }
    }
}

#[cfg(test)]
mod tests;
