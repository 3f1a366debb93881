//! What runs of the tests say about a candidate. Reads bodies where two runs differ; pure otherwise.
//!
//! *Proved* by tests means: every test ends alike; every response in every test is the same; the responses and tests
//! that the finding is about together take fewer queries, and no longer; no other one takes more queries. Time is judged
//! as for requests, by the fastest of all runs. But whole runs are few and noisy: see [`Evidence::is_clearly_slower`].

use std::collections::BTreeSet;

use analysis::EndpointKey;
use observation::TransactionKind;

use super::record::{Noted, Records, Test};
use crate::compare::{Comparison, Reference};
use crate::limits::LEFT_OUT_NAMED_MAX;
use crate::verdict::{self, Figures, Pair, Rejection};

/// What a proof by tests is to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Endpoints that must get better in the tests.
    pub(crate) measured: BTreeSet<EndpointKey>,
    /// Endpoints that were measured on recorded requests: in the tests only their answers count.
    pub(crate) elsewhere: BTreeSet<EndpointKey>,
}

/// What was seen in the tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Tests that were run.
    pub(crate) tests: usize,
    /// Responses in them that were compared.
    pub(crate) responses: usize,
    /// Those among them that were identical.
    pub(crate) identical: usize,
    /// What the claim is about: responses, and tests by themselves.
    pub(crate) affected: Vec<Unit>,
    /// Time of what the claim is about, in nanoseconds: of each run without the candidate, and of each with it.
    pub(crate) times_ns: (Vec<u64>, Vec<u64>),
    /// Responses that could not be compared, and why.
    pub(crate) left_out: Vec<String>,
}

impl Evidence {
    /// Whether every run with the candidate took longer than every run without.
    pub(crate) fn is_clearly_slower(&self) -> bool {
        let (before, after) = &self.times_ns;
        after.iter().min() > before.iter().max()
    }
}

/// A response, or a test without its responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Its endpoint.
    pub(crate) endpoint: EndpointKey,
    /// Its name, for a person, and to find it again.
    pub(crate) name: String,
    /// Its figures.
    pub(crate) pair: Pair,
}

/// Whether the claim is about anything in the run.
pub(crate) fn covers(measured: &BTreeSet<EndpointKey>, run: &Records) -> bool {
    run.tests.iter().any(|(id, test)| {
        measured.contains(&key_of(id))
            || test.responses.iter().any(|noted| measured.contains(&noted.endpoint))
    })
}

/// Judges a candidate by its runs and those without it; there is at least one of each.
pub(crate) fn judge(
    claim: &Claim,
    baselines: &[&Records],
    candidates: &[&Records],
) -> (Evidence, Result<(), Rejection>) {
    let mut evidence = Evidence::default();
    let verdict = weigh(claim, baselines, candidates, &mut evidence);
    (evidence, verdict)
}

fn weigh(
    claim: &Claim,
    baselines: &[&Records],
    candidates: &[&Records],
    evidence: &mut Evidence,
) -> Result<(), Rejection> {
    check_endings(baselines, candidates)?;
    let mut unnamed = 0;
    for id in baselines[0].tests.keys() {
        let before: Vec<_> = baselines.iter().map(|run| (*run, &run.tests[id])).collect();
        let after: Vec<_> = candidates.iter().map(|run| (*run, &run.tests[id])).collect();
        evidence.tests += 1;
        compare_responses(claim, id, &before, &after, evidence, &mut unnamed)?;
        let figures = |tests: &[(&Records, &Test)]| fold(tests.iter().map(|(_, test)| own_figures(test)));
        count(claim, key_of(id), format!("test {id}"), figures(&before), figures(&after), evidence)?;
    }
    if unnamed > 0 {
        evidence.left_out.push(format!("{unnamed} more responses in tests, which are not deterministic"));
    }
    if claim.measured.is_empty() {
        return Ok(());
    }
    let times_ns = |runs: &[&Records]| runs.iter().map(|run| time_ns(claim, run)).collect();
    evidence.times_ns = (times_ns(baselines), times_ns(candidates));
    let pairs: Vec<_> = evidence.affected.iter().map(|unit| unit.pair).collect();
    verdict::judge_queries(&pairs, None)?;
    verdict::judge_time(&pairs)
}

/// The same tests, and each ends alike. What fails comes before what is missing: it tells more.
fn check_endings(baselines: &[&Records], candidates: &[&Records]) -> Result<(), Rejection> {
    let first = baselines[0];
    for other in &baselines[1..] {
        if let Some((test, before, after)) = other_ending(first, other) {
            return Err(Rejection::TestUnstable { test, before, after });
        }
    }
    for candidate in candidates {
        if let Some((test, before, after)) = other_ending(first, candidate) {
            let reason = candidate.tests.get(&test).and_then(|test| test.reason.clone());
            return Err(match reason {
                Some(reason) if expects_more_queries(&reason) => Rejection::TestCounts { test, reason },
                reason => Rejection::TestEnds { test, before, after, reason },
            });
        }
    }
    Ok(())
}

/// The first test that ends otherwise: its id, and both endings.
fn other_ending(left: &Records, right: &Records) -> Option<(String, String, String)> {
    let ending = |run: &Records, id: &str| {
        run.tests.get(id).map_or_else(|| "not run".to_owned(), |test| test.outcome.clone())
    };
    let differs = |id: &&String| ending(left, id) != ending(right, id);
    let failing = |id: &&String| right.tests.get(*id).is_some_and(|test| test.reason.is_some());
    let ids = || left.tests.keys().chain(right.tests.keys()).filter(differs);
    let id = ids().find(failing).or_else(|| ids().next())?;
    Some((id.clone(), ending(left, id), ending(right, id)))
}

/// Whether a test failed because it counts queries and there were fewer: Django's `assertNumQueries`, and the fixtures
/// of pytest-django.
fn expects_more_queries(reason: &str) -> bool {
    let number = |words: Option<&str>| words?.parse::<u64>().ok();
    let words: Vec<_> = reason.split_whitespace().map(|word| word.trim_end_matches(',')).collect();
    let follows = |marks: &[&str]| {
        words.windows(marks.len()).position(|run| run == marks).map(|at| (at, at + marks.len()))
    };
    let counts = if let Some((before, after)) = follows(&["queries", "executed"]) {
        // "1 != 101 : 1 queries executed, 101 expected"
        (number(before.checked_sub(1).map(|at| words[at])), number(words.get(after).copied()))
    } else if let Some((_, after)) = follows(&["Expected", "to", "perform"]) {
        // "Expected to perform 101 queries but 1 was done"
        (number(words.get(after + 3).copied()), number(words.get(after).copied()))
    } else {
        return false;
    };
    matches!(counts, (Some(executed), Some(expected)) if executed < expected)
}

fn compare_responses(
    claim: &Claim,
    id: &str,
    before: &[(&Records, &Test)],
    after: &[(&Records, &Test)],
    evidence: &mut Evidence,
    unnamed: &mut usize,
) -> Result<(), Rejection> {
    let number = before[0].1.responses.len();
    if let Some((_, other)) = before.iter().find(|(_, test)| test.responses.len() != number) {
        let responses = |count: usize| format!("{count} responses");
        let (before, after) = (responses(number), responses(other.responses.len()));
        return Err(Rejection::TestUnstable { test: id.to_owned(), before, after });
    }
    if let Some((_, other)) = after.iter().find(|(_, test)| test.responses.len() != number) {
        let after = other.responses.len();
        return Err(Rejection::ResponseCount { test: id.to_owned(), before: number, after });
    }
    for index in 0..number {
        let (before, after) = (responses_at(before, index), responses_at(after, index));
        let noted = before[0].1;
        let name = format!("{} in test {id}", noted.request);
        evidence.responses += 1;
        match compare(&before, &after) {
            Comparison::Identical { .. } => evidence.identical += 1,
            Comparison::Different(difference) => {
                return Err(Rejection::Different { request: name, difference });
            }
            Comparison::Unstable(difference) => {
                let unstable = Rejection::Unstable { request: name.clone(), difference };
                // A page that has the finding, and can be compared nowhere, could hide a wrong answer.
                if claim.measured.contains(&noted.endpoint) {
                    return Err(unstable);
                }
                evidence.responses -= 1;
                if evidence.left_out.len() < LEFT_OUT_NAMED_MAX {
                    evidence.left_out.push(unstable.to_string());
                } else {
                    *unnamed += 1;
                }
            }
        }
        let figures = |side: &[(&Records, &Noted)]| {
            fold(side.iter().map(|(_, noted)| Figures::one(noted.reply.queries, noted.reply.wall_ns)))
        };
        count(claim, noted.endpoint.clone(), name, figures(&before), figures(&after), evidence)?;
    }
    Ok(())
}

fn responses_at<'a>(tests: &[(&'a Records, &'a Test)], index: usize) -> Vec<(&'a Records, &'a Noted)> {
    tests.iter().map(|(run, test)| (*run, &test.responses[index])).collect()
}

/// Compares the candidate's answers with all of the baseline's. Bodies are only read when something differs.
fn compare(before: &[(&Records, &Noted)], after: &[(&Records, &Noted)]) -> Comparison {
    let first = &before[0].1.reply;
    let is_same = |(_, noted): &(&Records, &Noted)| {
        let reply = &noted.reply;
        reply.status == first.status
            && reply.headers == first.headers
            && reply.body_sha256 == first.body_sha256
            && reply.exception == first.exception
    };
    if before.iter().chain(after).all(is_same) {
        return Comparison::Identical { volatile: 0 };
    }
    let mut reference = Reference::default();
    for (run, noted) in before {
        reference.learn(&run.reply(noted));
    }
    let mut comparison = Comparison::Identical { volatile: 0 };
    for (run, noted) in after {
        comparison = reference.compare(&run.reply(noted));
        if !matches!(comparison, Comparison::Identical { .. }) {
            break;
        }
    }
    comparison
}

/// Takes the figures of a response, or of a test by itself, for what they are worth to the claim.
fn count(
    claim: &Claim,
    endpoint: EndpointKey,
    name: String,
    baseline: Figures,
    candidate: Figures,
    evidence: &mut Evidence,
) -> Result<(), Rejection> {
    let pair = Pair { request: evidence.affected.len(), baseline, candidate };
    if claim.measured.contains(&endpoint) {
        evidence.affected.push(Unit { endpoint, name, pair });
        return Ok(());
    }
    if claim.elsewhere.contains(&endpoint) {
        return Ok(());
    }
    verdict::judge_control(pair, &name)
}

/// A test without the requests that it makes.
fn own_figures(test: &Test) -> Figures {
    let answered_ns: u64 = test.responses.iter().map(|noted| noted.reply.wall_ns).sum();
    Figures::one(test.queries, test.wall_ns.saturating_sub(answered_ns))
}

/// Time of everything in a run that the claim is about.
fn time_ns(claim: &Claim, run: &Records) -> u64 {
    let of = |(id, test): (&String, &Test)| {
        let answered = test.responses.iter().filter(|noted| claim.measured.contains(&noted.endpoint));
        let answered_ns: u64 = answered.map(|noted| noted.reply.wall_ns).sum();
        let own_ns = if claim.measured.contains(&key_of(id)) { own_figures(test).wall_ns } else { 0 };
        answered_ns + own_ns
    };
    run.tests.iter().map(of).sum()
}

fn fold(figures: impl Iterator<Item = Figures>) -> Figures {
    figures.reduce(Figures::and).unwrap_or(Figures::one(0, 0))
}

/// The endpoint that a test is.
fn key_of(id: &str) -> EndpointKey {
    EndpointKey { kind: TransactionKind::Test, method: String::new(), route: id.to_owned() }
}

#[cfg(test)]
mod tests;
