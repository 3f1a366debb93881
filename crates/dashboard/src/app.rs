//! What every answer is made from.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use project::Root;
use store::{OpenError, ReadError, Run, Store};

use crate::findings::Findings;
use crate::limits::{ANSWER_KEPT_BYTES_MAX, ANSWERS_KEPT_MAX};
use crate::readers::Readers;

/// What is shown, and whose it is.
#[derive(Clone, Debug)]
pub struct Config {
    /// The store's directory.
    pub store_dir: PathBuf,
    /// Root of the project: source files under it are shown, none outside it is touched.
    pub project_root: PathBuf,
    /// What to add to a command line so that it means this store: empty, or ` --store DIR`.
    pub store_option: String,
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// There is no such thing.
    #[error("{0}")]
    NotFound(&'static str),
    /// The store cannot be opened now.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store cannot be read now.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Everything behind the routes.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) root: Root,
    pub(crate) readers: Readers,
    pub(crate) findings: Arc<Findings>,
    answers: Mutex<Vec<Answer>>,
}

/// An answer that stays right until something is recorded.
struct Answer {
    question: String,
    stamp: Stamp,
    json: Arc<[u8]>,
}

/// What an answer about a run depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    run: i64,
    ordinal: u64,
    edge_requests: u64,
    findings_version: u64,
    recording: bool,
}

impl App {
    pub(crate) fn new(config: Config) -> io::Result<Arc<Self>> {
        let root = Root::open(&config.project_root)?;
        Ok(Arc::new(Self {
            readers: Readers::of(config.store_dir.clone()),
            findings: Findings::new(config.store_dir.clone(), root.clone()),
            root,
            config,
            answers: Mutex::default(),
        }))
    }

    /// Lets go of the store.
    pub(crate) fn stop(&self) {
        self.findings.stop();
        self.readers.close();
    }

    /// The run that is asked for; the latest with something in it when none is named.
    pub(crate) fn run(store: &Store, number: Option<i64>) -> Result<Run, Failure> {
        let found = match number {
            Some(number) => store.run(number)?.filter(|run| run.transactions > 0),
            None => store.latest_run()?,
        };
        found.ok_or(Failure::NotFound(match number {
            Some(_) => "there is no such run, or nothing is left of it",
            None => "nothing is recorded yet",
        }))
    }

    /// Whether the run is being recorded now: it is the latest, and a recorder is at work.
    pub(crate) fn is_recording(&self, store: &Store, run: &Run) -> Result<bool, Failure> {
        Ok(store.is_latest(run.id)? && Store::is_being_recorded(self.readers.dir()))
    }

    /// What an answer about a run depends on, as it is now.
    pub(crate) fn stamp(&self, store: &Store, run: &Run) -> Result<Stamp, Failure> {
        Ok(Stamp {
            run: run.id.number(),
            ordinal: store.latest_ordinal(run.id)?,
            edge_requests: store.edge_requests(run.id)?,
            findings_version: self.findings.version(),
            recording: self.is_recording(store, run)?,
        })
    }

    /// An answer that was given before and is still right.
    pub(crate) fn recall(&self, question: &str, stamp: Stamp) -> Option<Arc<[u8]>> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |answer: &&Answer| answer.question == question && answer.stamp == stamp;
        answers.iter().find(same).map(|answer| Arc::clone(&answer.json))
    }

    /// Keeps an answer in place of the oldest.
    pub(crate) fn keep(&self, question: &str, stamp: Stamp, json: &Arc<[u8]>) {
        if json.len() > ANSWER_KEPT_BYTES_MAX {
            return;
        }
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|answer| answer.question != question);
        if answers.len() >= ANSWERS_KEPT_MAX {
            answers.remove(0);
        }
        answers.push(Answer { question: question.to_owned(), stamp, json: Arc::clone(json) });
    }
}

pub(crate) fn now_us() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}
