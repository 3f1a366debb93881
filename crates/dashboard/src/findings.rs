//! Findings, computed in the background: a computation takes longer than a page may.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use analysis::{Finding, Window};
use project::{Root, Suppression};
use store::{ReadError, RunId, Store};

use crate::code::{Files, line_of};
use crate::convert;
use crate::limits::{
    FINDINGS_FROM_BYTES_MAX, FINDINGS_FROM_MAX, FINDINGS_INTERVAL_MIN, FINDINGS_MAX, FINDINGS_RUNS_MAX,
    FINDINGS_TIME_PART,
};

/// How often the worker looks whether anybody still wants anything.
const PATIENCE: Duration = Duration::from_secs(5);

/// The findings of one run, as far as it had come.
#[derive(Clone, Debug)]
pub(crate) struct RunFindings {
    /// The costliest first.
    pub(crate) findings: Vec<Finding>,
    /// Units of work that they come from.
    pub(crate) examined: u64,
    /// Findings that a comment keeps quiet.
    pub(crate) suppressed: u64,
}

/// The findings of the runs that somebody looks at.
pub(crate) struct Findings {
    store_dir: PathBuf,
    root: Root,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    known: HashMap<RunId, Known>,
    /// The run that is to be looked at next.
    wanted: Option<RunId>,
    has_worker: bool,
    version: u64,
    stopped: bool,
}

struct Known {
    findings: Arc<RunFindings>,
    /// How far the run had come.
    ordinal: u64,
    computed_at: Instant,
    took: Duration,
    used_at: Instant,
}

impl Findings {
    pub(crate) fn new(store_dir: PathBuf, root: Root) -> Arc<Self> {
        Arc::new(Self { store_dir, root, state: Mutex::default(), changed: Condvar::new() })
    }

    /// What is known of a run that has come so far; none until it was looked at for the first time. When it is old, it is
    /// computed anew in the background, but not so often that it would cost the site its time.
    pub(crate) fn get(self: &Arc<Self>, run: RunId, ordinal: u64) -> Option<Arc<RunFindings>> {
        let mut state = self.lock();
        let now = Instant::now();
        let known = state.known.get_mut(&run).map(|known| {
            known.used_at = now;
            (Arc::clone(&known.findings), known.is_current(ordinal, now))
        });
        if !state.stopped && known.as_ref().is_none_or(|(_, is_current)| !is_current) {
            state.wanted = Some(run);
            if !std::mem::replace(&mut state.has_worker, true) {
                self.start_worker(&mut state);
            }
            self.changed.notify_one();
        }
        known.map(|(findings, _)| findings)
    }

    /// Grows with each computation.
    pub(crate) fn version(&self) -> u64 {
        self.lock().version
    }

    /// Nothing is computed from now on.
    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_one();
    }

    fn start_worker(self: &Arc<Self>, state: &mut State) {
        let findings = Arc::downgrade(self);
        let started =
            thread::Builder::new().name("escala-findings".to_owned()).spawn(move || work(&findings));
        // Tried again by the next who asks.
        state.has_worker = started.is_ok();
    }

    /// Waits for a run that is wanted; none when the worker may go.
    fn next(&self) -> Option<RunId> {
        let state = self.lock();
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.wanted.is_none() && !state.stopped)
            .unwrap_or_else(PoisonError::into_inner);
        let wanted = state.wanted.take().filter(|_| !state.stopped);
        state.has_worker = wanted.is_some();
        wanted
    }

    fn compute(&self, run: RunId) {
        let begun = Instant::now();
        let Ok((ordinal, findings)) = self.look_at(run) else { return };
        let mut state = self.lock();
        let now = Instant::now();
        if !state.known.contains_key(&run) && state.known.len() >= FINDINGS_RUNS_MAX {
            let oldest = state.known.iter().min_by_key(|(_, known)| known.used_at).map(|(run, _)| *run);
            oldest.and_then(|run| state.known.remove(&run));
        }
        let known = Known {
            findings: Arc::new(findings),
            ordinal,
            computed_at: now,
            took: now.duration_since(begun),
            used_at: now,
        };
        state.known.insert(run, known);
        state.version += 1;
    }

    fn look_at(&self, run: RunId) -> Result<(u64, RunFindings), LookError> {
        let store = Store::open(&self.store_dir)?;
        let ordinal = store.latest_ordinal(run)?;
        let window = store.newest(run, FINDINGS_FROM_MAX, FINDINGS_FROM_BYTES_MAX)?;
        let files = Files::of(&self.root, &store, run)?;
        // Closed before the long part: a reader keeps a recorder that ends from leaving one file.
        drop(store);
        let window = Window { transactions: window.transactions, dropped: window.dropped };
        let mut report = analysis::report(&window);
        let before = report.findings.len();
        let mut comments = Comments { files: &files, of_file: HashMap::new() };
        report.findings.retain(|finding| !comments.accept(finding));
        let suppressed = (before - report.findings.len()) as u64;
        report.findings.truncate(FINDINGS_MAX);
        Ok((ordinal, RunFindings { findings: report.findings, examined: report.examined, suppressed }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn is_current(&self, ordinal: u64, now: Instant) -> bool {
        let pause = FINDINGS_INTERVAL_MIN.max(self.took * FINDINGS_TIME_PART);
        self.ordinal == ordinal || now.duration_since(self.computed_at) < pause
    }
}

/// Why a run could not be looked at: it is tried again by the next who asks.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Open(#[from] store::OpenError),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// One thread for as long as somebody asks.
fn work(findings: &Weak<Findings>) {
    while let Some(findings) = findings.upgrade() {
        match findings.next() {
            Some(run) => findings.compute(run),
            None => return,
        }
    }
}

/// The comments that keep findings quiet, file by file.
struct Comments<'a> {
    files: &'a Files<'a>,
    of_file: HashMap<String, Vec<Suppression>>,
}

impl Comments<'_> {
    /// Whether a comment accepts the finding: where the queryset is built, where it is touched or asked for, or where the
    /// same was asked for before.
    fn accept(&mut self, finding: &Finding) -> bool {
        let origin = finding.origin.as_ref().and_then(|origin| origin.chain.first());
        let places = [origin, finding.access.chain.first(), finding.before.as_ref()];
        places.into_iter().flatten().any(|place| self.accept_at(finding.rule.name(), place))
    }

    fn accept_at(&mut self, rule: &str, place: &analysis::Place) -> bool {
        let Some(source) = self.files.read(&place.file) else { return false };
        let Some(line) = line_of(&source, &convert::place(place)) else { return false };
        let comments =
            self.of_file.entry(place.file.clone()).or_insert_with(|| project::suppressions(&source));
        comments.iter().any(|comment| comment.covers(rule, line))
    }
}

#[cfg(test)]
mod tests;
