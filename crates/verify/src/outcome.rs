//! What `escala fix` shows, as plain data.

use analysis::EndpointKey;
use std::cmp::Reverse;

use crate::experiment::Evidence;
use crate::patch::Patch;
use crate::suite;
use crate::traffic::Recorded;
use crate::verdict::Pair;

/// Everything that was proved, or not.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Outcome {
    /// One per finding, in their order.
    pub fixes: Vec<Fix>,
    /// The proved fixes as one change, itself proved; none when no fix is.
    pub together: Option<Together>,
}

/// What became of one finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// Id of the finding.
    pub finding: String,
    /// The verdict.
    pub status: Status,
    /// Why it is not proved; for a proved fix, what else there is to say.
    pub reason: Option<String>,
    /// The change that the verdict is about; empty when there was none to try.
    pub patch: Patch,
    /// What was measured.
    pub measured: Measured,
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Every response identical, fewer queries, no more time, no other page worse.
    Proved,
    /// An experiment was made, and did not show that.
    Rejected,
    /// No experiment could be made.
    Unsupported,
}

impl Status {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Rejected => "rejected",
            Self::Unsupported => "unsupported",
        }
    }
}

/// The proved fixes as one change.
#[derive(Clone, Debug, PartialEq)]
pub struct Together {
    /// Ids of the findings that it answers, the costliest first.
    pub findings: Vec<String>,
    /// The change.
    pub patch: Patch,
    /// What was measured.
    pub measured: Measured,
}

/// Figures of an experiment.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Measured {
    /// Distinct requests that were replayed, those of other endpoints included.
    pub replayed: usize,
    /// Those among them whose every response was identical.
    pub identical: usize,
    /// The endpoints that the finding is about, the one that gains the most queries first.
    pub endpoints: Vec<EndpointChange>,
    /// What the project's own tests showed, where they were asked.
    pub tests: Option<TestsMeasured>,
    /// Requests that could not be replayed or compared, and why.
    pub left_out: Vec<String>,
}

/// What the project's own tests showed. When no request could be replayed, the endpoints beside it were measured in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestsMeasured {
    /// Tests that were run; unless the reason names one, every one ended as without the change.
    pub tests: usize,
    /// Responses that they got, of those that can be compared.
    pub responses: usize,
    /// Those among them that were identical.
    pub identical: usize,
    /// Runs with the change; there was at least one more without.
    pub runs: usize,
}

impl Measured {
    /// The request that gains the most: its figures are what a person sees who opens that page.
    pub fn best(&self) -> Option<&EndpointChange> {
        self.endpoints.first()
    }
}

/// One endpoint before and after, told by the request whose queries change the most.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointChange {
    /// Which.
    pub endpoint: EndpointKey,
    /// The request, as `GET /books/?page=2`; with the test that made it, when it was not replayed by itself.
    pub request: String,
    /// Its queries.
    pub queries: Change<u32>,
    /// Its time in milliseconds, the fastest of all rounds.
    pub ms: Change<f64>,
    /// Requests of this endpoint that were timed.
    pub requests: usize,
}

/// A figure before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<T> {
    /// With the files as they are.
    pub before: T,
    /// With the change.
    pub after: T,
}

impl Measured {
    /// What an experiment showed, in terms of endpoints.
    pub(crate) fn new(evidence: &Evidence, requests: &[&Recorded]) -> Self {
        let changes = evidence.affected.iter().map(|pair| {
            let recorded = requests[pair.request];
            endpoint_change(pair, &recorded.endpoint, recorded.to_string())
        });
        Self {
            replayed: evidence.replayed.len(),
            identical: evidence.identical.len(),
            endpoints: by_endpoint(changes),
            tests: None,
            left_out: evidence.left_out.clone(),
        }
    }

    /// With what so many runs of the tests showed beside it.
    pub(crate) fn and_tests(mut self, evidence: &suite::Evidence, runs: usize) -> Self {
        let changes = evidence
            .affected
            .iter()
            .map(|unit| endpoint_change(&unit.pair, &unit.endpoint, unit.name.clone()));
        self.endpoints.extend(by_endpoint(changes));
        self.endpoints.sort_by_key(gain);
        self.left_out.extend(evidence.left_out.iter().cloned());
        self.tests = Some(TestsMeasured {
            tests: evidence.tests,
            responses: evidence.responses,
            identical: evidence.identical,
            runs,
        });
        self
    }
}

/// One row for each endpoint, the one that gains most first.
fn by_endpoint(changes: impl Iterator<Item = EndpointChange>) -> Vec<EndpointChange> {
    let mut endpoints: Vec<EndpointChange> = Vec::new();
    for change in changes {
        match endpoints.iter_mut().find(|known| known.endpoint == change.endpoint) {
            None => endpoints.push(change),
            Some(known) => {
                let requests = known.requests + 1;
                if extent(&change) < extent(known) {
                    *known = change;
                }
                known.requests = requests;
            }
        }
    }
    endpoints.sort_by_key(gain);
    endpoints
}

/// Orders by how much changes, most first; of as much, what saves queries goes before what takes more.
fn extent(change: &EndpointChange) -> (Reverse<u64>, i64) {
    (Reverse(gain(change).unsigned_abs()), gain(change))
}

/// Queries that are added; the fewer, the better.
fn gain(change: &EndpointChange) -> i64 {
    i64::from(change.queries.after) - i64::from(change.queries.before)
}

fn endpoint_change(pair: &Pair, endpoint: &EndpointKey, request: String) -> EndpointChange {
    let ms = |ns: u64| ns as f64 / 1e6;
    EndpointChange {
        endpoint: endpoint.clone(),
        request,
        queries: Change { before: pair.baseline.queries_min, after: pair.candidate.queries_max },
        ms: Change { before: ms(pair.baseline.wall_ns), after: ms(pair.candidate.wall_ns) },
        requests: 1,
    }
}

#[cfg(test)]
mod tests;
