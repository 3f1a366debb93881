//! How one change fared: on requests, in tests, or on both.

use std::collections::BTreeMap;

use crate::experiment::{Evidence, Trial};
use crate::outcome::Measured;
use crate::suite;
use crate::traffic::Recorded;
use crate::verdict::{self, Pair, Rejection};

/// What was seen of a change, and what it says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tried {
    /// On the requests.
    pub(super) requests: Evidence,
    /// In the tests, and in how many runs.
    pub(super) tests: Option<(suite::Evidence, usize)>,
    /// What it says.
    pub(super) verdict: Result<(), Rejection>,
}

impl Default for Tried {
    /// Nothing was seen, so nothing speaks against it.
    fn default() -> Self {
        Self { requests: Evidence::default(), tests: None, verdict: Ok(()) }
    }
}

impl From<Trial> for Tried {
    fn from(Trial { evidence, verdict }: Trial) -> Self {
        Self { requests: evidence, tests: None, verdict }
    }
}

impl Tried {
    /// One that was not tried, because another does well.
    pub(super) fn outdone() -> Self {
        Self { verdict: Err(Rejection::Outdone), ..Self::default() }
    }

    /// What was measured, for a person.
    pub(super) fn measured(&self, requests: &[&Recorded]) -> Measured {
        let measured = Measured::new(&self.requests, requests);
        match &self.tests {
            None => measured,
            Some((evidence, runs)) => measured.and_tests(evidence, *runs),
        }
    }

    /// What is to be said of a proof that could not tell the times apart.
    pub(super) fn reservation(&self) -> Option<String> {
        let (evidence, _) = self.tests.as_ref()?;
        let pairs: Vec<_> = evidence.affected.iter().map(|unit| unit.pair).collect();
        match verdict::judge_time(&pairs) {
            Err(Rejection::Slower { before_ms, after_ms }) => Some(format!(
                "proved by the queries alone: the times cannot be told apart in the tests ({before_ms:.1} ms before, \
                 {after_ms:.1} ms after)"
            )),
            _ => None,
        }
    }

    /// Whether what it was measured on takes fewer queries than with the smaller change, which was measured on some of it.
    pub(super) fn improves_on(&self, smaller: &Self) -> bool {
        let known = smaller.queries();
        let (mut before, mut after) = (0, 0);
        for (name, (without, with)) in self.queries() {
            before += known.get(&name).map_or(without, |(_, with_smaller)| *with_smaller);
            after += with;
        }
        after < before
    }

    /// Queries without and with the change, by request and by the name of what was measured in tests.
    fn queries(&self) -> BTreeMap<(usize, &str), (u32, u32)> {
        let mut queries: BTreeMap<_, (u32, u32)> = BTreeMap::new();
        let mut add = |name, pair: &Pair| {
            let sum = queries.entry(name).or_default();
            sum.0 += pair.baseline.queries_max;
            sum.1 += pair.candidate.queries_max;
        };
        for pair in &self.requests.affected {
            add((pair.request, ""), pair);
        }
        for unit in self.tests.iter().flat_map(|(evidence, _)| &evidence.affected) {
            add((0, &unit.name), &unit.pair);
        }
        queries
    }
}

#[cfg(test)]
mod tests;
