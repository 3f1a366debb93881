//! From findings to proved fixes: candidates, experiments, and all of them as one change.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

use analysis::Finding;
use project::Root;
use store::RecordedFile;

use crate::candidate::{self, Candidate};
use crate::experiment::{Evidence, Laboratory, Trial, describe};
use crate::limits::{PROOF_TIME_MAX, REQUEST_TIME_MAX};
use crate::outcome::{Fix, Measured, Outcome, Status, Together};
use crate::patch::{NoPatch, Patch, Sources};
use crate::traffic::{self, Selection, Traffic};
use crate::verdict::{Pair, Rejection};
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
}

/// What is being done, for a person who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress<'a> {
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

/// Tries to prove a fix for every finding, and then all of them together.
pub fn prove(findings: &[Finding], inputs: Inputs<'_>, progress: &mut dyn FnMut(Progress<'_>)) -> Outcome {
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
    Outcome { fixes: attempts.into_iter().map(|attempt| attempt.fix).collect(), together }
}

struct Proof<'a> {
    root: &'a Root,
    traffic: &'a Traffic,
    sources: Sources<'a>,
    laboratory: Laboratory<'a>,
    /// Why the project does not load, once that is known: it will not load for the next finding either.
    does_not_load: Option<String>,
    deadline: Instant,
}

/// What became of one finding, with what it takes to combine it.
struct Attempt {
    fix: Fix,
    selection: Selection,
    /// The candidate that was proved, or else those that change nothing by themselves.
    candidates: Vec<Candidate>,
}

impl Attempt {
    fn unsupported(finding: &Finding, reason: String) -> Self {
        Self {
            fix: fix(finding, Status::Unsupported, Some(reason), Patch::default(), Measured::default()),
            selection: Selection::default(),
            candidates: Vec::new(),
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
    evidence: Evidence,
}

impl Combination {
    /// Whether its requests take fewer queries than with the smaller combination, which had some of them.
    fn improves_on(&self, smaller: &Self) -> bool {
        let with_smaller = |pair: &Pair| {
            let known = smaller.evidence.affected.iter().find(|known| known.request == pair.request);
            known.map_or(pair.baseline.queries_max, |known| known.candidate.queries_max)
        };
        let before: u32 = self.evidence.affected.iter().map(with_smaller).sum();
        let after: u32 = self.evidence.affected.iter().map(|pair| pair.candidate.queries_max).sum();
        after < before
    }
}

impl Proof<'_> {
    fn attempt(&mut self, finding: &Finding) -> Attempt {
        match self.prepare(finding) {
            Ok((selection, drafts)) => self.contest(finding, selection, drafts),
            Err(reason) => Attempt::unsupported(finding, reason),
        }
    }

    /// Everything that can be said without running anything.
    fn prepare(&mut self, finding: &Finding) -> Result<(Selection, Vec<(Candidate, Patch)>), String> {
        let candidates = candidate::candidates(finding).map_err(|reason| reason.to_string())?;
        let selection = traffic::select(self.laboratory.requests(), &finding.endpoints)
            .map_err(|reason| reason.to_string())?;
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
            _ => Ok((selection, drafts)),
        }
    }

    fn contest(
        &mut self,
        finding: &Finding,
        selection: Selection,
        drafts: Vec<(Candidate, Patch)>,
    ) -> Attempt {
        let patches: Vec<_> = drafts.iter().map(|(_, patch)| patch).collect();
        // All other endpoints are looked at when all proved fixes are tried together.
        let chain = finding.origin.as_ref().map_or(&[][..], |origin| &origin.chain);
        let narrowed = selection.only_running(chain, self.laboratory.requests(), self.traffic);
        let (winner, trials) = match self.compete(&patches, &narrowed) {
            Ok(contest) => contest,
            Err(reason) => return Attempt::unsupported(finding, reason),
        };
        let shown = winner.unwrap_or(0);
        let measured = Measured::new(&trials[shown].evidence, self.laboratory.requests());
        let patch = drafts[shown].1.clone();
        let (status, reason) = match &trials[shown].verdict {
            Ok(()) => (Status::Proved, None),
            Err(rejection) => (Status::Rejected, Some(rejection.to_string())),
        };
        let kept = |index: usize| match winner {
            Some(winner) => index == winner,
            None => matches!(trials[index].verdict, Err(Rejection::NotFewer { .. })),
        };
        let candidates = drafts
            .into_iter()
            .enumerate()
            .filter(|(index, _)| kept(*index))
            .map(|(_, (candidate, _))| candidate)
            .collect();
        Attempt { fix: fix(finding, status, reason, patch, measured), selection, candidates }
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
        members.sort_by(|left, right| {
            findings[right.0].cost.total_ms.total_cmp(&findings[left.0].cost.total_ms)
        });
        let mut combination = match self.combine(&members, attempts) {
            Ok(combination) => combination,
            Err(_) => self.combine_one_by_one(members, findings, attempts)?,
        };
        self.answer_the_rest(&mut combination, findings, attempts);
        let measured = Measured::new(&combination.evidence, self.laboratory.requests());
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
        let mut affected = BTreeSet::new();
        let mut controls = BTreeSet::new();
        for (index, _) in members {
            affected.extend(attempts[*index].selection.affected.iter().copied());
            controls.extend(attempts[*index].selection.controls.iter().copied());
        }
        let selection = Selection {
            controls: controls.difference(&affected).copied().collect(),
            affected: affected.into_iter().collect(),
        };
        let (_, trials) = self.compete(&[&patch], &selection).map_err(NotCombined::DoesNotLoad)?;
        let trial = trials.into_iter().next().ok_or(NotCombined::OutOfTime)?;
        trial.verdict.map_err(NotCombined::NotProved)?;
        Ok(Combination { members: members.to_vec(), patch, evidence: trial.evidence })
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
            with.push(member.clone());
            match self.combine_in_time(&with, attempts) {
                Ok(larger) => combination = Some(larger),
                Err(reason) if with.len() == 1 => attempts[index].refute(&reason),
                Err(conflict) => match self.combine_in_time(&[member], attempts) {
                    Ok(_) => {
                        let others: Vec<_> = with[..with.len() - 1]
                            .iter()
                            .map(|(other, _)| findings[*other].id.as_str())
                            .collect();
                        let note = format!(
                            "proved by itself, but not together with {}: {conflict}",
                            others.join(", ")
                        );
                        attempts[index].fix.reason = Some(note);
                    }
                    Err(reason) => attempts[index].refute(&reason),
                },
            }
        }
        combination
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
                if larger.patch != combination.patch && !larger.improves_on(combination) {
                    continue;
                }
                let others: Vec<_> =
                    combination.members.iter().map(|(member, _)| findings[*member].id.as_str()).collect();
                let fix = &mut attempts[index].fix;
                fix.status = Status::Proved;
                fix.reason = Some(format!("proved together with {}", others.join(", ")));
                fix.patch = larger.patch.clone();
                fix.measured = Measured::new(&larger.evidence, self.laboratory.requests());
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

fn fix(finding: &Finding, status: Status, reason: Option<String>, patch: Patch, measured: Measured) -> Fix {
    Fix { finding: finding.id.clone(), status, reason, patch, measured }
}

#[cfg(test)]
mod tests;
