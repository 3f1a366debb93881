//! The experiment: the files as they are against a candidate's, on the same requests.
//!
//! One process holds the baseline for as long as the [`Laboratory`] lives, one process each candidate. Both get the
//! same requests in the same order. Affected requests are interleaved: baseline and candidate take turns, and take turns
//! in going first, so that a slower minute of the machine hits both. A difference is only believed when the baseline,
//! asked *after* the candidate, still answers as before; when it does not, "59 seconds ago" has become a minute, and the
//! candidate is asked again. And two processes of the same code may order a set differently, and show it; so before a
//! candidate is rejected, further processes of the baseline, the *peers*, are asked for a second opinion.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use crate::compare::{Comparison, Reference};
use crate::limits::{
    ASKED_AGAIN_MAX, EXTRA_ROUNDS, FINDING_TIME_MAX, PEERS_MAX, ROUNDS, SETTLING_REPLIES_MAX,
};
use crate::reply::Reply;
use crate::traffic::{Recorded, Selection};
use crate::verdict::{self, Figures, Pair, Rejection};
use crate::worker::{Launch, Worker, WorkerError};

/// A candidate's text for the files that it changes, by absolute path.
pub(crate) type Overlay = BTreeMap<PathBuf, String>;

/// Where experiments are made on one project's requests.
pub(crate) struct Laboratory<'a> {
    launch: Launch<'a>,
    requests: Vec<&'a Recorded>,
    known: Vec<Known>,
    baseline: Option<Worker>,
    peers: Vec<Peer>,
    /// A process that has loaded no version yet, started ahead of its need.
    spare: Option<Worker>,
}

/// Another process of the baseline, and what it answered, by request.
struct Peer {
    worker: Worker,
    references: BTreeMap<usize, Reference>,
}

/// What the baseline was seen to answer to a request.
#[derive(Debug, Default)]
struct Known {
    reference: Reference,
    figures: Option<Figures>,
    /// Why nothing can be proved with this request.
    obstacle: Option<Rejection>,
}

/// What was seen of one candidate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    /// Figures of the affected requests.
    pub(crate) affected: Vec<Pair>,
    /// Requests that the candidate answered.
    pub(crate) replayed: BTreeSet<usize>,
    /// Those among them whose every answer was the baseline's.
    pub(crate) identical: BTreeSet<usize>,
    /// Requests that could not be used, and why.
    pub(crate) left_out: Vec<String>,
}

/// How one candidate fared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trial {
    /// What was seen.
    pub(crate) evidence: Evidence,
    /// What it says.
    pub(crate) verdict: Result<(), Rejection>,
}

/// How the candidates for one finding fared against each other.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Contest {
    /// One per candidate, in their order.
    pub(crate) trials: Vec<Trial>,
    /// The best of those that are proved.
    pub(crate) winner: Option<usize>,
}

/// A candidate that holds on the affected requests: identical, with fewer queries, and not slower.
struct Contender {
    index: usize,
    worker: Worker,
    queries: u64,
}

impl<'a> Laboratory<'a> {
    /// A laboratory for these requests. Nothing is started yet.
    pub(crate) fn new(launch: Launch<'a>, requests: Vec<&'a Recorded>) -> Self {
        let known = requests.iter().map(|_| Known::default()).collect();
        Self { launch, requests, known, baseline: None, peers: Vec::new(), spare: None }
    }

    /// The requests, which a [`Selection`] and an [`Evidence`] index.
    pub(crate) fn requests(&self) -> &[&'a Recorded] {
        &self.requests
    }

    /// Tries the candidates, given in order of preference. The only error is a project that does not load as it is.
    pub(crate) fn compete(
        &mut self,
        overlays: &[Overlay],
        selection: &Selection,
    ) -> Result<Contest, WorkerError> {
        let deadline = Instant::now() + FINDING_TIME_MAX;
        let usable = match self.usable(selection)? {
            Ok(usable) => usable,
            Err(obstacle) => {
                let trial = Trial { evidence: Evidence::default(), verdict: Err(obstacle) };
                return Ok(Contest { trials: vec![trial; overlays.len()], winner: None });
            }
        };
        let evidence = Evidence { left_out: usable.left_out, ..Evidence::default() };
        let out_of_time = Err(Rejection::OutOfTime(FINDING_TIME_MAX.as_secs()));
        let mut trials = vec![Trial { evidence, verdict: out_of_time }; overlays.len()];
        let mut untried = 0..overlays.len();
        let mut winner = None;
        while winner.is_none() && !untried.is_empty() && Instant::now() < deadline {
            let mut contenders = Vec::new();
            for index in untried.by_ref() {
                let trial = &mut trials[index];
                let affected = &usable.selection.affected;
                match self.try_candidate(&overlays[index], affected, &mut trial.evidence, deadline) {
                    Ok(worker) => {
                        trial.verdict = Err(Rejection::Outdone);
                        let (_, queries) = verdict::queries(&trial.evidence.affected);
                        contenders.push(Contender { index, worker, queries });
                    }
                    Err(rejection) => trial.verdict = Err(rejection),
                }
                // Candidates come in the order of the queries they can save: a rival could only save time.
                if trial.verdict == Err(Rejection::Outdone) && verdict::is_no_slower(&trial.evidence.affected)
                {
                    break;
                }
            }
            winner = self.decide(contenders, &usable.selection, &mut trials, deadline);
        }
        if winner.is_some() {
            for trial in &mut trials[untried] {
                trial.verdict = Err(Rejection::Outdone);
            }
        }
        Ok(Contest { trials, winner })
    }

    /// Looks that a change leaves these requests as they are. For a change that is measured elsewhere.
    pub(crate) fn check(&mut self, overlay: &Overlay, controls: &[usize]) -> Result<Trial, WorkerError> {
        let deadline = Instant::now() + FINDING_TIME_MAX;
        let selection = Selection { affected: Vec::new(), controls: controls.to_vec() };
        let usable = match self.usable(&selection)? {
            Ok(usable) => usable,
            Err(obstacle) => return Ok(Trial { evidence: Evidence::default(), verdict: Err(obstacle) }),
        };
        let mut evidence = Evidence { left_out: usable.left_out, ..Evidence::default() };
        let verdict = match self.start(overlay) {
            Ok(mut worker) => {
                self.check_controls(&mut worker, &usable.selection.controls, &mut evidence, deadline)
            }
            Err(error) => Err(Rejection::NotLoadable(describe(&error))),
        };
        Ok(Trial { evidence, verdict })
    }

    /// The requests with which something can be proved, or why there are none.
    fn usable(&mut self, selection: &Selection) -> Result<Result<Usable, Rejection>, WorkerError> {
        for index in selection.affected.iter().chain(&selection.controls) {
            self.survey(*index)?;
        }
        let mut left_out = Vec::new();
        let mut keep = |indices: &[usize]| {
            let mut kept = Vec::new();
            for index in indices {
                match &self.known[*index].obstacle {
                    None => kept.push(*index),
                    Some(obstacle) => left_out.push(obstacle.to_string()),
                }
            }
            kept
        };
        let usable = Selection { affected: keep(&selection.affected), controls: keep(&selection.controls) };
        let obstacles = || selection.affected.iter().filter_map(|index| self.known[*index].obstacle.as_ref());
        // A page that has the finding and cannot be compared could hide a wrong answer; one that fails is just absent.
        let unstable = obstacles().find(|obstacle| matches!(obstacle, Rejection::Unstable { .. }));
        Ok(match unstable.or_else(|| obstacles().next().filter(|_| usable.affected.is_empty())) {
            Some(obstacle) => Err(obstacle.clone()),
            None => Ok(Usable { selection: usable, left_out }),
        })
    }

    /// Lets the baseline answer a request for the first time.
    fn survey(&mut self, index: usize) -> Result<(), WorkerError> {
        if self.known[index].figures.is_some() || self.known[index].obstacle.is_some() {
            return Ok(());
        }
        self.start_baseline()?;
        if let Err(obstacle) = self.survey_twice(index) {
            self.known[index].obstacle = Some(obstacle);
        }
        Ok(())
    }

    fn survey_twice(&mut self, index: usize) -> Result<(), Rejection> {
        self.baseline(index)?;
        // Only the second time counts: the first pays for templates, imports and content types.
        self.known[index].figures = None;
        let reply = self.settled(index)?;
        match self.known[index].reference.compare(&reply) {
            Comparison::Identical { .. } => Ok(()),
            Comparison::Different(difference) | Comparison::Unstable(difference) => {
                Err(Rejection::Unstable { request: self.requests[index].to_string(), difference })
            }
        }
    }

    /// A process that has loaded a version of the project.
    fn start(&mut self, overlay: &Overlay) -> Result<Worker, WorkerError> {
        let worker = self.spare.take().map_or_else(|| Worker::spawn(self.launch), Ok)?;
        // It gets ready while this one loads, so neither disturbs a measurement.
        self.spare = Worker::spawn(self.launch).ok();
        worker.load(self.launch, overlay)
    }

    fn start_baseline(&mut self) -> Result<&mut Worker, WorkerError> {
        if self.baseline.is_none() {
            self.baseline = Some(self.start(&Overlay::new())?);
        }
        self.baseline.as_mut().ok_or_else(|| WorkerError::Protocol("no baseline".to_owned()))
    }

    /// One answer of the baseline, taken into what is known of it.
    fn baseline(&mut self, index: usize) -> Result<Reply, Rejection> {
        let recorded = self.requests[index];
        let fails = |reason| Rejection::BaselineFails { request: recorded.to_string(), reason };
        let answer = self.start_baseline().and_then(|worker| worker.replay(&recorded.request));
        let reply = answer.map_err(|error| {
            if !matches!(error, WorkerError::Refused { .. }) {
                self.baseline = None;
            }
            fails(describe(&error))
        })?;
        if let Some(reason) = reply.failure() {
            return Err(fails(reason));
        }
        let known = &mut self.known[index];
        known.reference.learn(&reply);
        let figures = Figures::one(reply.queries, reply.wall_ns);
        known.figures = Some(known.figures.map_or(figures, |known| known.and(figures)));
        Ok(reply)
    }

    /// Another answer of the baseline; several when it has just begun to answer otherwise, until it agrees with itself.
    fn settled(&mut self, index: usize) -> Result<Reply, Rejection> {
        let mut reply = self.baseline(index)?;
        for _ in 0..SETTLING_REPLIES_MAX {
            let reference = &self.known[index].reference;
            if !reference.may_settle() || !matches!(reference.compare(&reply), Comparison::Unstable(_)) {
                break;
            }
            reply = self.baseline(index)?;
        }
        Ok(reply)
    }

    /// One answer of the candidate, compared.
    fn candidate(
        &mut self,
        worker: &mut Worker,
        index: usize,
        evidence: &mut Evidence,
    ) -> Result<Reply, Rejection> {
        evidence.identical.remove(&index);
        let mut reply = self.answer(worker, index, evidence)?;
        let mut comparison = self.known[index].reference.compare(&reply);
        for _ in 0..ASKED_AGAIN_MAX {
            if matches!(comparison, Comparison::Identical { .. }) {
                break;
            }
            let changes = self.known[index].reference.changes();
            self.settled(index)?;
            let reference = &self.known[index].reference;
            if reference.changes() != changes && reference.may_settle() {
                reply = self.answer(worker, index, evidence)?;
                comparison = self.known[index].reference.compare(&reply);
            } else {
                comparison = reference.compare(&reply);
                break;
            }
        }
        if matches!(comparison, Comparison::Different(_)) && self.a_peer_agrees(index, &reply) {
            comparison = Comparison::Identical { volatile: 0 };
        }
        let request = self.requests[index].to_string();
        match comparison {
            Comparison::Identical { .. } => {
                evidence.identical.insert(index);
                Ok(reply)
            }
            Comparison::Different(difference) => Err(Rejection::Different { request, difference }),
            Comparison::Unstable(difference) => Err(Rejection::Unstable { request, difference }),
        }
    }

    /// One answer of the candidate.
    fn answer(&self, worker: &mut Worker, index: usize, evidence: &mut Evidence) -> Result<Reply, Rejection> {
        let recorded = self.requests[index];
        let fails = |reason| Rejection::CandidateFails { request: recorded.to_string(), reason };
        let reply = worker.replay(&recorded.request).map_err(|error| fails(describe(&error)))?;
        evidence.replayed.insert(index);
        reply.failure().map_or(Ok(reply), |reason| Err(fails(reason)))
    }

    /// Whether another process of the baseline, which agrees with itself, gives this answer.
    fn a_peer_agrees(&mut self, index: usize, reply: &Reply) -> bool {
        for at in 0..PEERS_MAX {
            if at == self.peers.len() {
                let Ok(worker) = self.start(&Overlay::new()) else { return false };
                self.peers.push(Peer { worker, references: BTreeMap::new() });
            }
            let Peer { worker, references } = &mut self.peers[at];
            let reference = references.entry(index).or_default();
            // Two replies show what varies from one to the next.
            for _ in 0..2 {
                let Ok(answer) = worker.replay(&self.requests[index].request) else { return false };
                reference.learn(&answer);
            }
            if matches!(reference.compare(reply), Comparison::Identical { .. }) {
                return true;
            }
        }
        false
    }

    /// Starts a candidate and looks whether it is worth measuring.
    fn screen(
        &mut self,
        overlay: &Overlay,
        affected: &[usize],
        evidence: &mut Evidence,
    ) -> Result<Worker, Rejection> {
        let mut worker = self.start(overlay).map_err(|error| Rejection::NotLoadable(describe(&error)))?;
        let mut judged = Ok(());
        // The second time is without what only the first request of a process pays for.
        for _ in 0..2 {
            evidence.affected.clear();
            let mut most_repeated = None;
            for index in affected {
                let reply = self.candidate(&mut worker, *index, evidence)?;
                if let Some(path) = reply.not_imported.first() {
                    return Err(Rejection::NotImported { file: path.display().to_string() });
                }
                let figures = Figures::one(reply.queries, reply.wall_ns);
                evidence.affected.push(self.pair(*index, figures)?);
                most_repeated =
                    reply.most_repeated.into_iter().chain(most_repeated).max_by_key(|(_, count)| *count);
            }
            judged = verdict::judge_queries(&evidence.affected, most_repeated);
            if judged.is_ok() {
                break;
            }
        }
        judged.map(|()| worker)
    }

    /// Screens a candidate and measures it.
    fn try_candidate(
        &mut self,
        overlay: &Overlay,
        affected: &[usize],
        evidence: &mut Evidence,
        deadline: Instant,
    ) -> Result<Worker, Rejection> {
        let mut worker = self.screen(overlay, affected, evidence)?;
        self.measure(&mut worker, affected, evidence, deadline)?;
        Ok(worker)
    }

    /// Of the candidates that hold on the affected requests, the best that changes nothing else: the fewest queries,
    /// then the least time.
    fn decide(
        &mut self,
        mut contenders: Vec<Contender>,
        selection: &Selection,
        trials: &mut [Trial],
        deadline: Instant,
    ) -> Option<usize> {
        while let Some(fewest) = contenders.iter().map(|contender| contender.queries).min() {
            let equals: Vec<_> =
                (0..contenders.len()).filter(|at| contenders[*at].queries == fewest).collect();
            let time_of = |at: &usize| verdict::time_ns(&trials[contenders[*at].index].evidence.affected).1;
            let times_ns: Vec<_> = equals.iter().map(time_of).collect();
            let mut best = contenders.remove(equals[verdict::fastest(&times_ns)?]);
            let trial = &mut trials[best.index];
            trial.verdict =
                self.check_controls(&mut best.worker, &selection.controls, &mut trial.evidence, deadline);
            if trial.verdict.is_ok() {
                return Some(best.index);
            }
        }
        None
    }

    /// Timed rounds over the affected requests.
    fn measure(
        &mut self,
        worker: &mut Worker,
        affected: &[usize],
        evidence: &mut Evidence,
        deadline: Instant,
    ) -> Result<(), Rejection> {
        let mut pairs: BTreeMap<usize, Pair> = BTreeMap::new();
        let mut round = 0;
        loop {
            if Instant::now() >= deadline {
                return Err(Rejection::OutOfTime(FINDING_TIME_MAX.as_secs()));
            }
            for index in affected {
                let pair = self.turn(worker, *index, round % 2 == 1, evidence)?;
                pairs
                    .entry(*index)
                    .and_modify(|sum| {
                        sum.baseline = sum.baseline.and(pair.baseline);
                        sum.candidate = sum.candidate.and(pair.candidate);
                    })
                    .or_insert(pair);
            }
            round += 1;
            evidence.affected = pairs.values().copied().collect();
            let clear = match round {
                1 => verdict::is_clearly_faster(&evidence.affected),
                2 => verdict::is_no_slower(&evidence.affected),
                _ => round >= ROUNDS && round.is_multiple_of(2),
            };
            if !clear {
                continue;
            }
            verdict::judge_queries(&evidence.affected, None)?;
            let judged = verdict::judge_time(&evidence.affected);
            // More rounds only ever lower the noise.
            if judged.is_ok() || round >= ROUNDS + EXTRA_ROUNDS {
                return judged;
            }
        }
    }

    /// One request to both.
    fn turn(
        &mut self,
        worker: &mut Worker,
        index: usize,
        baseline_first: bool,
        evidence: &mut Evidence,
    ) -> Result<Pair, Rejection> {
        let (baseline, candidate) = if baseline_first {
            let baseline = self.baseline(index)?;
            (baseline, self.candidate(worker, index, evidence)?)
        } else {
            let candidate = self.candidate(worker, index, evidence)?;
            (self.baseline(index)?, candidate)
        };
        Ok(Pair {
            request: index,
            baseline: Figures::one(baseline.queries, baseline.wall_ns),
            candidate: Figures::one(candidate.queries, candidate.wall_ns),
        })
    }

    /// Looks that nothing else changes.
    fn check_controls(
        &mut self,
        worker: &mut Worker,
        controls: &[usize],
        evidence: &mut Evidence,
        deadline: Instant,
    ) -> Result<(), Rejection> {
        for index in controls {
            if Instant::now() >= deadline {
                return Err(Rejection::OutOfTime(FINDING_TIME_MAX.as_secs()));
            }
            match self.check_control(worker, *index, evidence) {
                Ok(()) => {}
                // No two answers of the baseline agree any more: the page shows nothing now.
                Err(unstable @ Rejection::Unstable { .. }) => {
                    evidence.replayed.remove(index);
                    evidence.left_out.push(unstable.to_string());
                    self.known[*index].obstacle = Some(unstable);
                }
                Err(rejection) => return Err(rejection),
            }
        }
        Ok(())
    }

    fn check_control(
        &mut self,
        worker: &mut Worker,
        index: usize,
        evidence: &mut Evidence,
    ) -> Result<(), Rejection> {
        let name = self.requests[index].to_string();
        let mut judged = Ok(());
        for _ in 0..2 {
            let reply = self.candidate(worker, index, evidence)?;
            let pair = self.pair(index, Figures::one(reply.queries, reply.wall_ns))?;
            judged = verdict::judge_control(pair, &name);
            if judged.is_ok() {
                break;
            }
            // The first answer of a process may take queries that later ones do not.
            self.baseline(index)?;
        }
        judged
    }

    fn pair(&mut self, index: usize, candidate: Figures) -> Result<Pair, Rejection> {
        let baseline = if let Some(figures) = self.known[index].figures {
            figures
        } else {
            let reply = self.baseline(index)?;
            Figures::one(reply.queries, reply.wall_ns)
        };
        Ok(Pair { request: index, baseline, candidate })
    }
}

struct Usable {
    selection: Selection,
    left_out: Vec<String>,
}

/// An error with its causes, on one line.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
