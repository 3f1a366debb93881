//! From findings to proved fixes: candidates, experiments, and all of them as one change.
//!
//! Requests are replayed where there are any; where the user names the project's own tests as well, they are to agree.
//! Where there are no requests, the tests alone decide.

mod basis;
mod tried;

use std::path::Path;
use std::time::Instant;

use analysis::Finding;
use project::Root;
use store::RecordedFile;

use self::basis::Basis;
use self::tried::Tried;
use crate::candidate::{self, Candidate};
use crate::experiment::{Laboratory, Trial, describe};
use crate::limits::{PROOF_TIME_MAX, REQUEST_TIME_MAX};
use crate::outcome::{Fix, Measured, Outcome, Status, Together};
use crate::patch::{NoPatch, Patch, Sources};
use crate::suite::{Claim, ProveWith, ProveWithError, Suite};
use crate::traffic::{self, Selection, Traffic};
use crate::verdict::Rejection;
use crate::worker::Launch;

/// What a proof is made from.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The project's source.
    pub root: &'a Root,
    /// Directory of the program that replays: `escala_agent/replay` in the agent's home.
    pub program: &'a Path,
    /// What was recorded.
    pub traffic: &'a Traffic,
    /// The source files as the traced processes had them.
    pub sources: &'a [RecordedFile],
    /// The project's own tests, when they are to prove as well.
    pub tests: Option<ProveWith<'a>>,
}

/// What is being done, for a person who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
    /// The project's own tests are run as they are.
    Tests,
    /// A finding is being worked on.
    Finding {
        /// Its number, from 1.
        number: usize,
        /// Findings in all.
        total: usize,
        /// Its id.
        id: &'a str,
    },
    /// The proved fixes are being tried as one change.
    Together {
        /// How many they are.
        fixes: usize,
    },
}

/// Tries to prove a fix for every finding, and then all of them together. The only error is one of the tests to prove
/// with, before anything was tried.
pub fn prove(
    findings: &[Finding],
    inputs: Inputs<'_>,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Outcome, ProveWithError> {
    if findings.is_empty() {
        return Ok(Outcome::default());
    }
    let suite = match inputs.tests {
        Some(tests) => {
            progress(Progress::Tests);
            Some(Suite::open(tests, inputs.root.path(), inputs.program)?)
        }
        None => None,
    };
    let launch = Launch {
        process: &inputs.traffic.process,
        program: inputs.program,
        request_time_max: REQUEST_TIME_MAX,
    };
    let mut proof = Proof {
        root: inputs.root,
        traffic: inputs.traffic,
        sources: Sources::new(inputs.root, inputs.sources),
        laboratory: Laboratory::new(launch, inputs.traffic.distinct()),
        suite,
        does_not_load: None,
        deadline: Instant::now() + PROOF_TIME_MAX,
    };
    let mut attempts = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        progress(Progress::Finding { number: index + 1, total: findings.len(), id: &finding.id });
        attempts.push(proof.attempt(finding));
    }
    let proved = attempts.iter().filter(|attempt| attempt.fix.status == Status::Proved).count();
    if proved > 1 {
        progress(Progress::Together { fixes: proved });
    }
    let together = proof.together(findings, &mut attempts);
    Ok(Outcome { fixes: attempts.into_iter().map(|attempt| attempt.fix).collect(), together })
}

struct Proof<'a> {
    root: &'a Root,
    traffic: &'a Traffic,
    sources: Sources<'a>,
    laboratory: Laboratory<'a>,
    suite: Option<Suite<'a>>,
    /// Why the project does not load, once that is known: it will not load for the next finding either.
    does_not_load: Option<String>,
    deadline: Instant,
}

/// What became of one finding, with what it takes to combine it.
struct Attempt {
    fix: Fix,
    basis: Basis,
    /// The candidate that was proved, or else those that change nothing by themselves.
    candidates: Vec<Candidate>,
    /// The other candidates, should the one that was proved not hold on all pages.
    rivals: Vec<(Candidate, Patch)>,
}

impl Attempt {
    fn unsupported(finding: &Finding, reason: String) -> Self {
        Self {
            fix: fix(finding, Status::Unsupported, Some(reason), Patch::default(), Measured::default()),
            basis: Basis::default(),
            candidates: Vec::new(),
            rivals: Vec::new(),
        }
    }

    /// Takes the proof back: it does not hold on all pages.
    fn refute(&mut self, reason: &NotCombined) {
        self.fix.status = Status::Rejected;
        self.fix.reason = Some(reason.to_string());
        self.candidates.clear();
    }
}

/// Some candidates as one change, proved.
struct Combination {
    members: Vec<(usize, Candidate)>,
    patch: Patch,
    tried: Tried,
}

impl Proof<'_> {
    fn attempt(&mut self, finding: &Finding) -> Attempt {
        match self.prepare(finding) {
            Ok((basis, drafts)) => self.contest(finding, basis, drafts),
            Err(reason) => Attempt::unsupported(finding, reason),
        }
    }

    /// Everything that can be said without running anything.
    fn prepare(&mut self, finding: &Finding) -> Result<(Basis, Vec<(Candidate, Patch)>), String> {
        let candidates = candidate::candidates(finding).map_err(|reason| reason.to_string())?;
        let selected =
            traffic::select(self.laboratory.requests(), &finding.endpoints, &self.traffic.in_tests);
        let basis = match selected {
            Ok(selection) => Basis::requests(finding, selection),
            Err(reason) => self.without_requests(finding, reason.to_string())?,
        };
        let mut drafts: Vec<(Candidate, Patch)> = Vec::new();
        let mut first_reason = None;
        for candidate in candidates {
            match self.sources.patch(&candidate::combine(&[&candidate])) {
                Ok(patch) if drafts.iter().any(|(_, known)| *known == patch) => {}
                Ok(patch) => drafts.push((candidate, patch)),
                Err(reason) => first_reason = first_reason.or(Some(reason.to_string())),
            }
        }
        match first_reason {
            Some(reason) if drafts.is_empty() => Err(reason),
            _ if Instant::now() >= self.deadline => Err(format!(
                "no time left: the findings before took {} minutes",
                PROOF_TIME_MAX.as_secs() / 60
            )),
            _ => Ok((basis, drafts)),
        }
    }

    /// The tests in place of the requests, of which none can be replayed for this reason.
    fn without_requests(&self, finding: &Finding, reason: String) -> Result<Basis, String> {
        match &self.suite {
            None => Err(reason),
            Some(suite) if suite.covers(&finding.endpoints) => {
                Ok(Basis::tests(finding, traffic::controls(self.laboratory.requests(), &finding.endpoints)))
            }
            Some(suite) => Err(format!(
                "nothing to measure: no request is recorded that can be replayed, and no test of `{}` comes to {}",
                suite.command(),
                traffic::names(&finding.endpoints),
            )),
        }
    }

    fn contest(&mut self, finding: &Finding, basis: Basis, drafts: Vec<(Candidate, Patch)>) -> Attempt {
        let patches: Vec<_> = drafts.iter().map(|(_, patch)| patch).collect();
        let (basis, winner, tried) = match self.contest_on(finding, basis, &patches) {
            Ok(contest) => contest,
            Err(reason) => return Attempt::unsupported(finding, reason),
        };
        let shown = winner.unwrap_or(0);
        let measured = tried[shown].measured(self.laboratory.requests());
        let patch = drafts[shown].1.clone();
        let (status, reason) = match &tried[shown].verdict {
            Ok(()) => (Status::Proved, tried[shown].reservation()),
            Err(rejection) => (Status::Rejected, Some(rejection.to_string())),
        };
        let kept = |index: usize| match winner {
            Some(winner) => index == winner,
            None => matches!(tried[index].verdict, Err(Rejection::NotFewer { .. })),
        };
        let is_rival = |index: usize| matches!(tried[index].verdict, Err(Rejection::Outdone));
        let (mut candidates, mut rivals) = (Vec::new(), Vec::new());
        for (index, draft) in drafts.into_iter().enumerate() {
            if kept(index) {
                candidates.push(draft.0);
            } else if is_rival(index) {
                rivals.push(draft);
            }
        }
        Attempt { fix: fix(finding, status, reason, patch, measured), basis, candidates, rivals }
    }

    /// The contest on requests where there are some; on tests where there are none, or the project does not load apart
    /// from its tests.
    fn contest_on(
        &mut self,
        finding: &Finding,
        basis: Basis,
        patches: &[&Patch],
    ) -> Result<(Basis, Option<usize>, Vec<Tried>), String> {
        if basis.has_requests() {
            let by_requests = self.contest_by_requests(finding, &basis, patches);
            let is_tested = self.suite.as_ref().is_some_and(|suite| suite.covers(&finding.endpoints));
            if by_requests.is_ok() || !is_tested {
                return by_requests.map(|(winner, tried)| (basis, winner, tried));
            }
        }
        let basis = Basis::tests(finding, basis.selection.controls);
        let (winner, tried) = self.contest_by_tests(finding, &basis, patches);
        Ok((basis, winner, tried))
    }

    /// The best on the requests that the tests agree to.
    fn contest_by_requests(
        &mut self,
        finding: &Finding,
        basis: &Basis,
        patches: &[&Patch],
    ) -> Result<(Option<usize>, Vec<Tried>), String> {
        let narrowed = self.narrowed(finding, &basis.selection);
        let mut tried: Vec<_> = patches.iter().map(|_| Tried::outdone()).collect();
        let mut left: Vec<_> = (0..patches.len()).collect();
        loop {
            let rivals: Vec<_> = left.iter().map(|index| patches[*index]).collect();
            let (winner, trials) = self.compete(&rivals, &narrowed)?;
            for (index, trial) in left.iter().zip(trials) {
                tried[*index] = trial.into();
            }
            let Some(winner) = winner.map(|at| left[at]) else { return Ok((None, tried)) };
            self.check_tests(&mut tried[winner], patches[winner], &basis.claim);
            if tried[winner].verdict.is_ok() {
                return Ok((Some(winner), tried));
            }
            // Those that it had outdone get another chance.
            left.retain(|index| matches!(tried[*index].verdict, Err(Rejection::Outdone)));
            if left.is_empty() {
                return Ok((None, tried));
            }
        }
    }

    /// The first that the tests prove: candidates come in the order of the queries that they can save, and a rival could
    /// only save time.
    fn contest_by_tests(
        &mut self,
        finding: &Finding,
        basis: &Basis,
        patches: &[&Patch],
    ) -> (Option<usize>, Vec<Tried>) {
        let controls = self.narrowed(finding, &basis.selection).controls;
        let mut tried: Vec<_> = patches.iter().map(|_| Tried::outdone()).collect();
        for (index, patch) in patches.iter().enumerate() {
            tried[index] = self.check_requests(patch, &controls);
            self.check_tests(&mut tried[index], patch, &basis.claim);
            if tried[index].verdict.is_ok() {
                return (Some(index), tried);
            }
        }
        (None, tried)
    }

    /// Of the requests, those that the finding's edits can change. All other endpoints are looked at when all proved
    /// fixes are tried together.
    fn narrowed(&self, finding: &Finding, selection: &Selection) -> Selection {
        let chain = finding.origin.as_ref().map_or(&[][..], |origin| &origin.chain);
        selection.only_running(chain, self.laboratory.requests(), self.traffic)
    }

    /// Whether a change that the tests are to measure leaves these requests alone. Where none can be replayed, the tests
    /// have to do.
    fn check_requests(&mut self, patch: &Patch, controls: &[usize]) -> Tried {
        if controls.is_empty() {
            return Tried::default();
        }
        if self.does_not_load.is_none() {
            match self.laboratory.check(&patch.overlay(self.root), controls) {
                Ok(trial) => return trial.into(),
                Err(error) => self.does_not_load = Some(describe(&error)),
            }
        }
        let mut tried = Tried::default();
        let reason = self.does_not_load.as_deref().unwrap_or_default();
        tried.requests.left_out.push(format!("all recorded requests: {reason}"));
        tried
    }

    /// Lets the tests have their say on what nothing has spoken against so far.
    fn check_tests(&mut self, tried: &mut Tried, patch: &Patch, claim: &Claim) {
        if let (Ok(()), Some(suite)) = (&tried.verdict, &mut self.suite) {
            let overlay = patch.overlay(self.root);
            let (evidence, verdict) = suite.attempt(&overlay, claim, self.deadline);
            tried.tests = Some((evidence, suite.rounds(&overlay)));
            tried.verdict = verdict;
        }
    }

    fn compete(
        &mut self,
        patches: &[&Patch],
        selection: &Selection,
    ) -> Result<(Option<usize>, Vec<Trial>), String> {
        if let Some(reason) = &self.does_not_load {
            return Err(reason.clone());
        }
        let overlays: Vec<_> = patches.iter().map(|patch| patch.overlay(self.root)).collect();
        match self.laboratory.compete(&overlays, selection) {
            Ok(contest) => Ok((contest.winner, contest.trials)),
            Err(error) => {
                let reason = describe(&error);
                self.does_not_load = Some(reason.clone());
                Err(reason)
            }
        }
    }

    /// All proved fixes as one change. Where they get into each other's way, the costliest findings come first.
    fn together(&mut self, findings: &[Finding], attempts: &mut [Attempt]) -> Option<Together> {
        let mut members: Vec<_> = attempts
            .iter()
            .enumerate()
            .filter(|(_, attempt)| attempt.fix.status == Status::Proved)
            .filter_map(|(index, attempt)| Some((index, attempt.candidates.first()?.clone())))
            .collect();
        if members.is_empty() {
            return None;
        }
        members.sort_by(|left, right| {
            findings[right.0].cost.total_ms.total_cmp(&findings[left.0].cost.total_ms)
        });
        let mut combination = match self.combine(&members, attempts) {
            Ok(combination) => combination,
            Err(_) => self.combine_one_by_one(members, findings, attempts)?,
        };
        self.answer_the_rest(&mut combination, findings, attempts);
        let measured = combination.tried.measured(self.laboratory.requests());
        Some(Together {
            findings: combination.members.iter().map(|(index, _)| findings[*index].id.clone()).collect(),
            patch: combination.patch,
            measured,
        })
    }

    fn combine(
        &mut self,
        members: &[(usize, Candidate)],
        attempts: &[Attempt],
    ) -> Result<Combination, NotCombined> {
        let candidates: Vec<_> = members.iter().map(|(_, candidate)| candidate).collect();
        let patch = self.sources.patch(&candidate::combine(&candidates))?;
        let basis = Basis::union(members.iter().map(|(index, _)| &attempts[*index].basis));
        let mut tried = if basis.has_requests() {
            let (_, trials) = self.compete(&[&patch], &basis.selection).map_err(NotCombined::DoesNotLoad)?;
            trials.into_iter().next().ok_or(NotCombined::OutOfTime)?.into()
        } else {
            self.check_requests(&patch, &basis.selection.controls)
        };
        self.check_tests(&mut tried, &patch, &basis.claim);
        match tried.verdict {
            Ok(()) => Ok(Combination { members: members.to_vec(), patch, tried }),
            Err(rejection) => Err(NotCombined::NotProved(rejection)),
        }
    }

    /// As many of the members as go together. One that does not is tried alone on all other endpoints, which its own
    /// experiment has not seen: only what holds there too stays proved.
    fn combine_one_by_one(
        &mut self,
        members: Vec<(usize, Candidate)>,
        findings: &[Finding],
        attempts: &mut [Attempt],
    ) -> Option<Combination> {
        let mut combination: Option<Combination> = None;
        for member in members {
            let index = member.0;
            let mut with = combination.as_ref().map_or_else(Vec::new, |so_far| so_far.members.clone());
            with.push(member);
            match self.extend(&mut with, findings, attempts) {
                Ok(larger) => combination = Some(larger),
                Err(Refusal::ByItself(reason)) => attempts[index].refute(&reason),
                Err(Refusal::Together(conflict)) => {
                    let others = with[..with.len() - 1].iter();
                    let others: Vec<_> = others.map(|(other, _)| findings[*other].id.as_str()).collect();
                    let note =
                        format!("proved by itself, but not together with {}: {conflict}", others.join(", "));
                    attempts[index].fix.reason = Some(note);
                }
            }
        }
        combination
    }

    /// All of these members as one change. The last one is new: when it does not hold by itself, another candidate
    /// takes its place.
    fn extend(
        &mut self,
        with: &mut Vec<(usize, Candidate)>,
        findings: &[Finding],
        attempts: &mut [Attempt],
    ) -> Result<Combination, Refusal> {
        let conflict = match self.combine_in_time(with, attempts) {
            Ok(combination) => return Ok(combination),
            Err(conflict) => conflict,
        };
        let Some(new) = with.pop() else { return Err(Refusal::ByItself(conflict)) };
        let index = new.0;
        let reason = if with.is_empty() {
            conflict
        } else {
            match self.combine_in_time(std::slice::from_ref(&new), attempts) {
                Ok(_) => {
                    with.push(new);
                    return Err(Refusal::Together(conflict));
                }
                Err(reason) => reason,
            }
        };
        let Some(candidate) = self.next_best(&findings[index], &mut attempts[index]) else {
            return Err(Refusal::ByItself(reason));
        };
        with.push((index, candidate));
        let refusal = if with.len() == 1 { Refusal::ByItself } else { Refusal::Together };
        self.combine_in_time(with, attempts).map_err(refusal)
    }

    /// Of the candidates that were outdone by one that does not hold on all pages, the best that does: an edit where
    /// the querysets of many pages are built may harm some, and one where this page asks for them will not.
    fn next_best(&mut self, finding: &Finding, attempt: &mut Attempt) -> Option<Candidate> {
        let rivals = std::mem::take(&mut attempt.rivals);
        let patches: Vec<_> = rivals.iter().map(|(_, patch)| patch).collect();
        if patches.is_empty() || Instant::now() >= self.deadline {
            return None;
        }
        let (basis, winner, tried) = self.contest_on(finding, attempt.basis.clone(), &patches).ok()?;
        let winner = winner?;
        let (candidate, patch) = rivals.into_iter().nth(winner)?;
        attempt.basis = basis;
        attempt.fix.patch = patch;
        attempt.fix.reason = tried[winner].reservation();
        attempt.fix.measured = tried[winner].measured(self.laboratory.requests());
        attempt.candidates = vec![candidate.clone()];
        Some(candidate)
    }

    fn combine_in_time(
        &mut self,
        members: &[(usize, Candidate)],
        attempts: &[Attempt],
    ) -> Result<Combination, NotCombined> {
        if Instant::now() >= self.deadline {
            return Err(NotCombined::OutOfTime);
        }
        self.combine(members, attempts)
    }

    /// Findings whose own edit changes nothing by itself: the other edits may answer them, or give theirs its effect.
    fn answer_the_rest(
        &mut self,
        combination: &mut Combination,
        findings: &[Finding],
        attempts: &mut [Attempt],
    ) {
        for index in 0..attempts.len() {
            if attempts[index].fix.status == Status::Proved {
                continue;
            }
            for candidate in attempts[index].candidates.clone() {
                if Instant::now() >= self.deadline {
                    return;
                }
                let mut members = combination.members.clone();
                members.push((index, candidate));
                let Ok(larger) = self.combine(&members, attempts) else { continue };
                if larger.patch != combination.patch && !larger.tried.improves_on(&combination.tried) {
                    continue;
                }
                let others: Vec<_> =
                    combination.members.iter().map(|(member, _)| findings[*member].id.as_str()).collect();
                let fix = &mut attempts[index].fix;
                fix.status = Status::Proved;
                fix.reason = Some(format!("proved together with {}", others.join(", ")));
                fix.patch = larger.patch.clone();
                fix.measured = larger.tried.measured(self.laboratory.requests());
                *combination = larger;
                break;
            }
        }
    }
}

/// Why some candidates do not make one change.
#[derive(Debug, thiserror::Error)]
enum NotCombined {
    #[error(transparent)]
    NoPatch(#[from] NoPatch),
    #[error("{0}")]
    DoesNotLoad(String),
    #[error("{0}")]
    NotProved(Rejection),
    #[error("no time left to try it on all pages")]
    OutOfTime,
}

/// Why a member does not become part of a combination.
enum Refusal {
    /// It does not hold on all pages.
    ByItself(NotCombined),
    /// It does, but not beside the other members.
    Together(NotCombined),
}

fn fix(finding: &Finding, status: Status, reason: Option<String>, patch: Patch, measured: Measured) -> Fix {
    Fix { finding: finding.id.clone(), status, reason, patch, measured }
}

#[cfg(test)]
mod tests;
