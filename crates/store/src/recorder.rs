//! Records one run: opens the store, listens on a socket, and writes what the agents send.

mod directory;
mod edge;
mod intake;
mod retention;
mod rows;
mod source_file;
mod status;
mod tally;
mod threads;
mod writer;

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, params};

use crate::database::{OpenError, open_writer};
use crate::encoding::integer;
use crate::limits::{DRAIN_MAX, Limits, QUEUED_FRAMES_MAX};
use crate::records::RunId;
use directory::StoreLock;
use intake::{Event, Intake};
use status::Status;
use threads::Threads;
use writer::Writer;

pub(crate) use directory::is_locked;
pub(crate) use edge::target_of;
pub use status::{Diagnostic, Problem, Progress};
pub(crate) use tally::ALL_REQUESTS;

/// What a recorder needs to know.
#[derive(Clone, Debug)]
pub struct RecorderConfig {
    /// Directory of the store; made when it does not exist.
    pub store_dir: PathBuf,
    /// Root of the project: source files under it are hashed, none outside it is touched.
    pub project_root: PathBuf,
    /// What is run, for people to read; see [`RecorderConfig::describe_command`].
    pub command: String,
    /// Where the agents will connect to. Its directory is made when it does not exist.
    pub socket_path: PathBuf,
}

impl RecorderConfig {
    /// A command as it may be stored: the program's name and its first argument, since arguments can carry secrets. An
    /// argument that looks like an assignment or an address is left out too.
    pub fn describe_command<T: AsRef<OsStr>>(argv: &[T]) -> String {
        let mut words = argv.iter().map(AsRef::as_ref);
        let program = words.next().map(Path::new).and_then(Path::file_name).unwrap_or_default();
        let mut command = program.to_string_lossy().into_owned();
        if let Some(argument) = words.next().map(OsStr::to_string_lossy)
            && !argument.contains(['=', '@'])
            && !argument.contains("://")
        {
            command.push(' ');
            command.push_str(&argument);
        }
        command
    }
}

/// Why recording could not start.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The store cannot be written to.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// Another recorder is at work on the same store.
    #[error(
        "another `escala run`{} records into {}: wait for its end, or choose another store with --store DIR",
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default(), dir.display()
    )]
    Locked {
        /// The store.
        dir: PathBuf,
        /// The other process, when it said.
        pid: Option<u32>,
    },
    /// The project's root does not exist or may not be entered.
    #[error("the project root {} cannot be entered", path.display())]
    ProjectRoot {
        /// The root.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The socket could not be made; a path longer than some hundred bytes is one reason.
    #[error("cannot listen for the site's processes on {}", path.display())]
    Listen {
        /// Path of the socket.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The operating system gives no more threads.
    #[error("cannot start the recorder's threads")]
    Threads(#[source] io::Error),
}

/// What was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The run.
    pub run: RunId,
    /// Transactions recorded.
    pub transactions: u64,
    /// Transactions lost on the way, as the agents and the recorder counted them.
    pub dropped: u64,
    /// Processes that said who they are.
    pub processes: u64,
    /// What went wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// A run that is being recorded. Dropping it ends the run as [`Recorder::finish`] does, but reads nothing more.
pub struct Recorder {
    run: RunId,
    queue: SyncSender<Event>,
    status: Arc<Status>,
    threads: Arc<Threads>,
    writer: Option<JoinHandle<()>>,
    socket: Socket,
    // Last: released when everything else is done.
    _lock: StoreLock,
}

impl Recorder {
    /// Opens the store, begins a run, and listens.
    pub fn start(config: RecorderConfig) -> Result<Self, RecordError> {
        Self::start_within(config, Limits::default())
    }

    fn start_within(config: RecorderConfig, limits: Limits) -> Result<Self, RecordError> {
        let project_root = fs::canonicalize(&config.project_root)
            .map_err(|source| RecordError::ProjectRoot { path: config.project_root.clone(), source })?;
        directory::prepare(&config.store_dir)?;
        let lock = directory::lock(&config.store_dir)?;
        let connection = open_writer(&config.store_dir, limits.store_bytes_ceiling)?;
        let (socket, listener) = Socket::bind(config.socket_path)?;
        let (run, stored) = begin_run(&connection, &config.command, &project_root, &limits)
            .map_err(|error| OpenError::writing(&config.store_dir, error))?;

        let status = Arc::new(Status::default());
        let threads = Arc::new(Threads::default());
        let (queue, arrivals) = sync_channel(QUEUED_FRAMES_MAX);
        let writer = Writer::new(connection, run, project_root, limits, stored, Arc::clone(&status));
        let writer = thread::Builder::new()
            .name("escala-writer".to_owned())
            .spawn(move || writer.run(&arrivals))
            .map_err(RecordError::Threads)?;
        let recorder = Self { run, queue, status, threads, writer: Some(writer), socket, _lock: lock };
        let intake = Intake {
            queue: recorder.queue.clone(),
            status: Arc::clone(&recorder.status),
            threads: Arc::clone(&recorder.threads),
            connections_max: limits.connections,
        };
        intake.start(listener).map_err(RecordError::Threads)?;
        Ok(recorder)
    }

    /// The run that is being recorded.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// Where the agents connect to.
    pub fn socket_path(&self) -> &Path {
        &self.socket.path
    }

    /// Where it is. Cheap enough for a display that is drawn anew many times a second.
    pub fn progress(&self) -> Progress {
        self.status.progress()
    }

    /// What went wrong so far, each kind of problem once.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.status.diagnostics()
    }

    /// Counts transactions as lost of which the recorder has heard by other ways than its socket.
    pub fn lose(&self, transactions: u32) {
        if transactions > 0 {
            // Fails only when the writer is gone, which the end of the run reports.
            let _ = self.queue.send(Event::Lost(transactions));
        }
    }

    /// Ends the run: takes what the agents have sent already, for a limited time, and leaves the store in one file.
    pub fn finish(mut self) -> Summary {
        self.shut_down(DRAIN_MAX);
        let progress = self.progress();
        Summary {
            run: self.run,
            transactions: progress.transactions,
            dropped: progress.dropped,
            processes: progress.processes,
            diagnostics: self.diagnostics(),
        }
    }

    fn shut_down(&mut self, drain: Duration) {
        let Some(writer) = self.writer.take() else { return };
        self.threads.stop_within(drain);
        self.socket.wake_listener();
        self.threads.wait();
        // Fails only when the writer is gone, which the next line finds.
        let _ = self.queue.send(Event::Finish);
        if writer.join().is_err() {
            self.status.report(Problem::Writer);
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.shut_down(Duration::ZERO);
    }
}

/// The socket's file, removed at the end.
struct Socket {
    path: PathBuf,
}

impl Socket {
    fn bind(path: PathBuf) -> Result<(Self, UnixListener), RecordError> {
        match listen(&path) {
            Ok(listener) => Ok((Self { path }, listener)),
            Err(source) => Err(RecordError::Listen { path, source }),
        }
    }

    /// Ends the wait of the thread that accepts. When the file is gone that thread sleeps on, which harms nobody.
    fn wake_listener(&self) {
        drop(UnixStream::connect(&self.path));
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // It may have been removed with the directory around it.
        let _ = fs::remove_file(&self.path);
    }
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    if let Some(dir) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    }
    // Left behind by a recorder that was killed: nobody listens any more.
    let stale = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket())
        && UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
    if stale {
        fs::remove_file(path)?;
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Makes room, and a row for the run. Returns it with the number of transactions in the store.
fn begin_run(
    connection: &Connection,
    command: &str,
    project_root: &Path,
    limits: &Limits,
) -> Result<(RunId, u64), rusqlite::Error> {
    let stored = retention::stored(connection)?;
    let removed = retention::remove_oldest(connection, limits, stored, u32::MAX)?;
    retention::remove_empty_runs(connection, None)?;
    connection.execute(
        "INSERT INTO runs (command, project_root, escala_version, started_at_us) VALUES (?1, ?2, ?3, ?4)",
        params![command, project_root.to_string_lossy(), env!("CARGO_PKG_VERSION"), integer(now_us())],
    )?;
    Ok((RunId(connection.last_insert_rowid()), stored - removed))
}

pub(crate) fn now_us() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
