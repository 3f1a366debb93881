//! One run of a site: the command with the agent inside, the recorder beside.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use store::{RecordError, Recorder, RecorderConfig, Summary};

use crate::agent_home::{AgentHome, AgentHomeError};
use crate::command::{self, CommandError};
use crate::diagnosis::{Diagnosis, diagnose};
use crate::environment::{EnvironmentError, Places, Variables, environment, of_the_agent};
use crate::journal::Journal;
use crate::live::{LiveFile, LiveFileError};
use crate::process::{Ending, ProcessError, supervise};
use crate::run_directory::{RunDirectory, RunDirectoryError};
use crate::signals::Signals;

/// What to run, and where. The caller reads the environment; this crate does not.
#[derive(Clone, Debug)]
pub struct Site {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Root of the project: the current directory, absolute and without links.
    pub project_root: PathBuf,
    /// The store, absolute.
    pub store_dir: PathBuf,
    /// Directories and files with the user's code; absolute and without colons.
    pub source: Vec<PathBuf>,
    /// Those inside them whose code does not count.
    pub exclude: Vec<PathBuf>,
    /// Names of parameters that hold no secret although they sound like it; without commas.
    pub not_secret: Vec<String>,
    /// Directories that may hold the agent, the preferred one first.
    pub agent_homes: Vec<PathBuf>,
    /// The system's directory for temporary files.
    pub temporary_dir: PathBuf,
    /// `PATH`.
    pub search_path: Option<OsString>,
    /// The user's own `PYTHONPATH`.
    pub python_path: Option<OsString>,
}

/// A run that is over.
#[derive(Debug)]
pub struct Outcome {
    /// How the command ended.
    pub ending: Ending,
    /// What was recorded.
    pub summary: Summary,
    /// Why nothing was recorded; none when something was.
    pub diagnosis: Option<Diagnosis>,
}

/// Why the command was not run, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The command cannot work.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The agent is not there.
    #[error(transparent)]
    AgentHome(#[from] AgentHomeError),
    /// The agent's place cannot be told to Python.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The system refused the handlers.
    #[error("cannot watch for signals")]
    Signals(#[source] io::Error),
    /// No place for the socket.
    #[error(transparent)]
    RunDirectory(#[from] RunDirectoryError),
    /// The store has no place for the live file.
    #[error(transparent)]
    LiveFile(#[from] LiveFileError),
    /// The store cannot be written.
    #[error(transparent)]
    Recorder(#[from] RecordError),
    /// The system refused the process.
    #[error(transparent)]
    Process(#[from] ProcessError),
}

/// What is worth knowing while a command runs.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'a> {
    /// The store can be read, and the command is about to be started.
    Recording,
    /// The command has run for a while, and no agent has been seen.
    NothingSeen(&'a Diagnosis),
    /// The command is over. Who reads the store now keeps the recorder from leaving it in one file.
    Ended,
}

/// Runs the command to its end. `notify` hears each notice once at most.
///
/// Must be called on the main thread: the command is tied to the life of the thread that starts it.
pub fn run(site: &Site, notify: &mut dyn FnMut(Notice<'_>)) -> Result<Outcome, RunError> {
    command::check(&site.command, site.search_path.as_deref())?;
    let home = AgentHome::find(&site.agent_homes)?;
    // From here on a signal no longer ends us, so that everything below is also taken down again.
    let signals = Signals::install().map_err(RunError::Signals)?;
    let directory = RunDirectory::choose(&site.store_dir, &site.temporary_dir, std::process::id())?;
    let variables = variables(site, &home, &directory)?;
    let recorder = Recorder::start(RecorderConfig {
        store_dir: site.store_dir.clone(),
        project_root: site.project_root.clone(),
        command: RecorderConfig::describe_command(&site.command),
        socket_path: directory.socket(),
    })?;
    directory.remove_stale(&site.store_dir);
    directory.create_files()?;
    let _live = LiveFile::write(&site.store_dir, of_the_agent(&variables))?;

    notify(Notice::Recording);
    let journal = directory.journal();
    let ending = supervise(prepare(site, variables)?, &signals, &mut || {
        let overdue = explain(&journal, recorder.progress().transactions);
        if let Some(diagnosis) = overdue.filter(Diagnosis::is_conclusive) {
            notify(Notice::NothingSeen(&diagnosis));
        }
    });
    notify(Notice::Ended);
    let ending = ending?;
    recorder.lose(directory.open_units());
    let summary = recorder.finish();
    let diagnosis = explain(&journal, summary.transactions + summary.dropped);
    Ok(Outcome { ending, summary, diagnosis })
}

fn variables(site: &Site, home: &AgentHome, directory: &RunDirectory) -> Result<Variables, EnvironmentError> {
    let places = Places {
        bootstrap: &home.bootstrap(),
        socket: &directory.socket(),
        journal: &directory.journal(),
        project_root: &site.project_root,
        source: &site.source,
        exclude: &site.exclude,
        not_secret: &site.not_secret,
    };
    environment(&places, site.python_path.as_deref())
}

fn prepare(site: &Site, variables: Variables) -> Result<Command, CommandError> {
    let (program, arguments) = site.command.split_first().ok_or(CommandError::Empty)?;
    let mut command = Command::new(program);
    command.args(arguments).envs(variables);
    Ok(command)
}

fn explain(journal: &Path, transactions: u64) -> Option<Diagnosis> {
    // A journal that cannot be read tells as little as an empty one.
    (transactions == 0).then(|| diagnose(&Journal::read(journal).unwrap_or_default()))
}

#[cfg(test)]
mod tests;
