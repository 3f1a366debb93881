//! What the edge did for the site, endpoint by endpoint.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use observation::{EdgeAnswers, EdgeTarget, EdgeTotal};

/// Paths without a route that are named; the others are one sum. Visitors can make up any number of them.
pub const EDGE_PATHS_MAX: usize = 50;

/// What the edge answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Everything.
    pub all: EdgeAnswers,
    /// By route of the app, the one with the most requests first.
    pub endpoints: Vec<EdgeEndpoint>,
    /// By path, for what belongs to no route that is known: the [`EDGE_PATHS_MAX`] with the most requests.
    pub paths: Vec<EdgeEndpoint>,
    /// What is in neither.
    pub other: EdgeAnswers,
}

/// What the edge answered to requests for the same.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeEndpoint {
    /// Request method.
    pub method: String,
    /// Route, or path.
    pub name: String,
    /// How.
    pub answers: EdgeAnswers,
}

/// Sums up what the edge answered; none when it answered nothing, as without an edge.
pub fn edge(totals: &[EdgeTotal]) -> Option<Edge> {
    let (mut all, mut other) = (EdgeAnswers::default(), EdgeAnswers::default());
    let mut by_target: BTreeMap<(&EdgeTarget, &str), EdgeAnswers> = BTreeMap::new();
    for total in totals {
        all.add(total.outcome, &total.figures);
        by_target.entry((&total.target, &total.method)).or_default().add(total.outcome, &total.figures);
    }
    let (mut endpoints, mut paths) = (Vec::new(), Vec::new());
    for ((target, method), answers) in by_target {
        let one = |name: &String| EdgeEndpoint { method: method.to_owned(), name: name.clone(), answers };
        match target {
            EdgeTarget::Route(route) => endpoints.push(one(route)),
            EdgeTarget::Path(path) => paths.push(one(path)),
            EdgeTarget::Further => other.merge(&answers),
        }
    }
    for list in [&mut endpoints, &mut paths] {
        // Equals stay in the order of their names.
        list.sort_by_key(|one| Reverse(one.answers.all().requests));
    }
    for rest in paths.drain(paths.len().min(EDGE_PATHS_MAX)..) {
        other.merge(&rest.answers);
    }
    (all.all().requests > 0).then_some(Edge { all, endpoints, paths, other })
}

impl Edge {
    /// What the edge answered to the requests of an endpoint.
    pub fn endpoint(&self, method: &str, route: &str) -> Option<&EdgeAnswers> {
        let found = self.endpoints.iter().find(|one| one.method == method && one.name == route);
        found.map(|one| &one.answers)
    }
}

#[cfg(test)]
mod tests;
