//! The project's own tests as the replay: the command that a user names, with a candidate's text laid over the files
//! and without, and what its tests got to see.
//!
//! Every run with a candidate stands between two without. All of them are whole runs of the command, in its own
//! processes; nothing is replayed inside them, so whatever the tests set up, and take down, is theirs.

mod judge;
mod process;
mod record;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use analysis::EndpointKey;
use serde_json::json;
use tempfile::TempDir;

use self::process::{Ending, Guard, Invocation};
use self::record::{Records, RecordsError};
use crate::experiment::{Overlay, describe};
use crate::limits::{
    BODY_BYTES_MAX, PROOF_TIME_MAX, TEST_BASELINES_MAX, TEST_BODIES_BYTES_MAX, TEST_RECORDS_BYTES_MAX,
    TEST_ROUNDS_MAX, TEST_RUN_TIME_SLACK, TEST_TRIALS_MAX,
};
use crate::verdict::Rejection;

#[cfg(test)]
pub(crate) use self::judge::Unit;
pub(crate) use self::judge::{Claim, Evidence};

/// Exit status of a shell that did not find the command.
const NOT_FOUND: i32 = 127;

/// Exit status of a shell that found no command in the file.
const NOT_EXECUTABLE: i32 = 126;

/// Exit status of Python's unittest, and of pytest, when they ran no test.
const NO_TESTS_RAN: i32 = 5;

/// How to run the project's own tests.
#[derive(Clone, Copy, Debug)]
pub struct ProveWith<'a> {
    /// The command, as a shell takes it.
    pub command: &'a str,
    /// A directory for what the runs leave; nothing stays in it.
    pub scratch: &'a Path,
    /// The user's `PYTHONPATH`.
    pub python_path: Option<&'a OsStr>,
    /// Longest time for one run.
    pub run_time_max: Duration,
}

/// Why the tests can prove nothing, whatever the candidate.
#[derive(Debug, thiserror::Error)]
pub enum ProveWithError {
    /// The shell knows no such command.
    #[error("cannot run the tests to prove with: {0}")]
    NotRunnable(String),
    /// They fail on the files as they are.
    #[error("the tests to prove with do not pass on the project as it is: {0}")]
    Fails(String),
    /// They do not end.
    #[error("the tests to prove with do not end within {} s", .0.as_secs())]
    TimedOut(Duration),
    /// No test was seen.
    #[error("`{0}` runs no test that Escala can see")]
    NoTests(String),
    /// Some were seen, and what they showed is not complete.
    #[error("the tests to prove with cannot be observed: {0}")]
    Unobserved(String),
    /// A file of the run could not be written, or a process not started.
    #[error("cannot run the tests to prove with")]
    Io(#[source] io::Error),
}

/// One run.
struct Run {
    ending: Ending,
    records: Records,
    duration: Duration,
    /// Holds what the records point into.
    _directory: TempDir,
}

/// All runs with one candidate.
struct Trial {
    overlay: Overlay,
    runs: Vec<Run>,
}

/// The tests, and what was seen of them so far.
pub(crate) struct Suite<'a> {
    prove_with: ProveWith<'a>,
    root: &'a Path,
    bootstrap: PathBuf,
    baselines: Vec<Run>,
    trials: Vec<Trial>,
    /// Declared before the directory, which it removes as well: it has to be gone first.
    guard: Guard,
    scratch: TempDir,
}

impl<'a> Suite<'a> {
    /// Runs the tests on the files as they are. `program` is the directory of what replays, beside the bootstrap.
    pub(crate) fn open(
        prove_with: ProveWith<'a>,
        root: &'a Path,
        program: &Path,
    ) -> Result<Self, ProveWithError> {
        let scratch = temporary_in(prove_with.scratch)?;
        let guard = Guard::start(scratch.path()).map_err(ProveWithError::Io)?;
        let bootstrap = program.with_file_name("bootstrap");
        let (baselines, trials) = (Vec::new(), Vec::new());
        let mut suite = Self { prove_with, root, bootstrap, baselines, trials, guard, scratch };
        let first = suite.run(&Overlay::new(), prove_with.run_time_max)?;
        suite.check_first(&first)?;
        suite.baselines.push(first);
        Ok(suite)
    }

    /// The command.
    pub(crate) fn command(&self) -> &str {
        self.prove_with.command
    }

    fn check_first(&self, run: &Run) -> Result<(), ProveWithError> {
        if let Some(fault) = &run.records.fault {
            return Err(ProveWithError::Unobserved(fault.clone()));
        }
        let is_empty = run.records.tests.is_empty();
        match &run.ending {
            Ending::Success | Ending::Failure { code: Some(NO_TESTS_RAN), .. } if is_empty => {
                Err(ProveWithError::NoTests(self.command().to_owned()))
            }
            Ending::Success => Ok(()),
            Ending::Failure { code: Some(NOT_FOUND | NOT_EXECUTABLE), reason } if is_empty => {
                Err(ProveWithError::NotRunnable(reason.clone()))
            }
            Ending::Failure { reason, .. } => {
                Err(ProveWithError::Fails(failing(&run.records).unwrap_or_else(|| reason.clone())))
            }
            Ending::TimedOut(limit) => Err(ProveWithError::TimedOut(*limit)),
        }
    }

    /// Whether some test asks one of the endpoints, or is one.
    pub(crate) fn covers(&self, endpoints: &[EndpointKey]) -> bool {
        let measured: BTreeSet<_> = endpoints.iter().cloned().collect();
        self.baselines.iter().any(|run| judge::covers(&measured, &run.records))
    }

    /// Tries a candidate. What was run before is not run again. No run is begun after the deadline.
    pub(crate) fn attempt(
        &mut self,
        overlay: &Overlay,
        claim: &Claim,
        deadline: Instant,
    ) -> (Evidence, Result<(), Rejection>) {
        let at = self.trial(overlay);
        let mut shown = Evidence::default();
        loop {
            let runs = self.trials[at].runs.len();
            if runs > 0 {
                let (evidence, verdict) = self.judge(at, claim);
                match verdict {
                    // More rounds only ever lower the noise; what is left of it decides nothing.
                    Err(Rejection::Slower { .. }) if runs < TEST_ROUNDS_MAX => shown = evidence,
                    Err(Rejection::Slower { .. }) if !evidence.is_clearly_slower() => {
                        return (evidence, Ok(()));
                    }
                    verdict => return (evidence, verdict),
                }
            }
            if Instant::now() >= deadline {
                return (shown, Err(Rejection::OutOfTime(PROOF_TIME_MAX.as_secs())));
            }
            if let Err(error) = self.run_both(at) {
                return (shown, Err(Rejection::TestsNotRun(describe(&error))));
            }
        }
    }

    /// Runs with the candidate that were made.
    pub(crate) fn rounds(&self, overlay: &Overlay) -> usize {
        self.trials.iter().find(|trial| trial.overlay == *overlay).map_or(0, |trial| trial.runs.len())
    }

    /// The place of a candidate's trial; one that is new to it has no run yet.
    fn trial(&mut self, overlay: &Overlay) -> usize {
        if let Some(known) = self.trials.iter().position(|trial| trial.overlay == *overlay) {
            return known;
        }
        if self.trials.len() == TEST_TRIALS_MAX {
            self.trials.remove(0);
        }
        self.trials.push(Trial { overlay: overlay.clone(), runs: Vec::new() });
        self.trials.len() - 1
    }

    /// A run with the candidate, and one without after it.
    fn run_both(&mut self, at: usize) -> Result<(), ProveWithError> {
        let longest = self.baselines.iter().map(|run| run.duration).max().unwrap_or_default();
        let limit = (longest * 3 + TEST_RUN_TIME_SLACK).min(self.prove_with.run_time_max);
        let overlay = self.trials[at].overlay.clone();
        let candidate = self.run(&overlay, limit)?;
        self.trials[at].runs.push(candidate);
        let baseline = self.run(&Overlay::new(), self.prove_with.run_time_max)?;
        if self.baselines.len() == TEST_BASELINES_MAX {
            self.baselines.remove(0);
        }
        self.baselines.push(baseline);
        Ok(())
    }

    fn judge(&self, at: usize, claim: &Claim) -> (Evidence, Result<(), Rejection>) {
        let Trial { overlay, runs } = &self.trials[at];
        let baselines: Vec<_> = self.baselines.iter().map(|run| &run.records).collect();
        let candidates: Vec<_> = runs.iter().map(|run| &run.records).collect();
        let (evidence, verdict) = judge::judge(claim, &baselines, &candidates);
        // How a test ended says more than the command's exit status; the status catches what is outside of tests.
        let verdict = match verdict {
            Err(
                telling @ (Rejection::TestEnds { reason: Some(_), .. }
                | Rejection::TestCounts { .. }
                | Rejection::TestUnstable { .. }),
            ) => Err(telling),
            verdict => complete(&self.baselines, Rejection::BaselineTests)
                .and_then(|()| complete(runs, Rejection::CandidateTests))
                .and_then(|()| imported(overlay, runs))
                .and(verdict),
        };
        (evidence, verdict)
    }

    fn run(&mut self, overlay: &Overlay, limit: Duration) -> Result<Run, ProveWithError> {
        let directory = temporary_in(self.scratch.path())?;
        let plan = json!({
            "overlay": overlay,
            "limits": {
                "body_limit_bytes": BODY_BYTES_MAX,
                "bodies_limit_bytes": TEST_BODIES_BYTES_MAX,
                "records_limit_bytes": TEST_RECORDS_BYTES_MAX,
            },
        });
        fs::write(directory.path().join("plan.json"), plan.to_string()).map_err(ProveWithError::Io)?;
        let start = Instant::now();
        let invocation = Invocation {
            command: self.prove_with.command,
            working_directory: self.root,
            bootstrap: &self.bootstrap,
            python_path: self.prove_with.python_path,
            directory: directory.path(),
        };
        let ending = process::run(invocation, limit, &mut self.guard).map_err(ProveWithError::Io)?;
        let duration = start.elapsed();
        let records = Records::read(directory.path()).map_err(|error| match error {
            RecordsError::Io(error) => ProveWithError::Io(error),
            malformed @ RecordsError::Malformed(_) => ProveWithError::Unobserved(describe(&malformed)),
        })?;
        Ok(Run { ending, records, duration, _directory: directory })
    }
}

/// A directory for nobody else's eyes: what lies in it are responses.
fn temporary_in(directory: &Path) -> Result<TempDir, ProveWithError> {
    tempfile::Builder::new().prefix("tests-").tempdir_in(directory).map_err(ProveWithError::Io)
}

/// Whether every run ended well and was observed to its end.
fn complete(runs: &[Run], rejection: impl Fn(String) -> Rejection) -> Result<(), Rejection> {
    for run in runs {
        match &run.ending {
            Ending::Success => {}
            Ending::Failure { reason, .. } => return Err(rejection(reason.clone())),
            Ending::TimedOut(limit) => {
                return Err(rejection(format!("no end within {} s", limit.as_secs())));
            }
        }
        if let Some(fault) = &run.records.fault {
            return Err(rejection(format!("they cannot be observed: {fault}")));
        }
    }
    Ok(())
}

/// Whether the tests ran the candidate's text at all.
fn imported(overlay: &Overlay, runs: &[Run]) -> Result<(), Rejection> {
    for path in overlay.keys() {
        // As Python resolves it.
        let path = path.canonicalize().unwrap_or_else(|_| path.clone());
        if runs.iter().any(|run| !run.records.imported.contains(&path)) {
            return Err(Rejection::NotImported { file: path.display().to_string() });
        }
    }
    Ok(())
}

/// The first test that failed, and why.
fn failing(records: &Records) -> Option<String> {
    let (id, test) = records.tests.iter().find(|(_, test)| test.reason.is_some())?;
    Some(format!("test {id}: {}", test.reason.as_deref().unwrap_or_default()))
}
