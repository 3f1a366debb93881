//! A process that holds one version of the project and answers requests: the Rust end of
//! `python/escala_agent/replay`.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use observation::{CapturedRequest, Process};
use serde::{Deserialize, Serialize};

use crate::limits::{
    BODY_BYTES_MAX, MESSAGE_BYTES_MAX, STARTUP_TIME_MAX, STDERR_BYTES_MAX, STREAM_BYTES_MAX,
};
use crate::reply::Reply;

/// Version of the messages; the worker refuses another.
const PROTOCOL: u32 = 2;

/// What the worker writes to its standard error where a message begins.
const MESSAGE_MARK: char = '\u{1e}';

/// How to start the project again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Launch<'a> {
    /// The process that was traced.
    pub(crate) process: &'a Process,
    /// Directory of the worker's program.
    pub(crate) program: &'a Path,
    /// Longest wait for one answer.
    pub(crate) request_time_max: Duration,
}

/// Why a worker did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkerError {
    /// The process could not be started.
    #[error("cannot start the project's interpreter {}", .program.display())]
    Start {
        /// The interpreter.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What was traced cannot be started again.
    #[error("{0}")]
    NotRestartable(String),
    /// The project did not load, or the request could not be asked.
    #[error("{}: {detail}", explain(.kind))]
    Refused {
        /// The worker's word for it.
        kind: String,
        /// The last line of the exception.
        detail: String,
    },
    /// The process ended.
    #[error("the process that replays ended ({status}){}", after_colon(.last_words.as_ref()))]
    Died {
        /// How.
        status: String,
        /// The last line that it wrote to standard error.
        last_words: Option<String>,
    },
    /// No answer in time.
    #[error("no answer within {} s", .limit.as_secs_f32())]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// An answer that is none.
    #[error("the worker answered something else: {0}")]
    Protocol(String),
}

fn explain(kind: &str) -> &'static str {
    match kind {
        "settings" => {
            "the project's settings cannot be loaded (was an environment variable set when it was traced?)"
        }
        "setup" => "the project cannot be loaded",
        "database" => "the project's database cannot be used",
        "no-transactions" => "a replay could not be rolled back",
        "login" => "the user who made the request cannot be logged in",
        _ => "the replay failed",
    }
}

fn after_colon(line: Option<&String>) -> String {
    line.map_or_else(String::new, |line| format!(": {line}"))
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Message<'a> {
    Prepare {
        protocol: u32,
        sys_path: &'a [String],
    },
    Load {
        settings: &'a str,
        overlay: &'a BTreeMap<PathBuf, String>,
        body_limit_bytes: u64,
        stream_limit_bytes: u64,
    },
    Replay {
        method: &'a str,
        path: &'a str,
        query_string: &'a str,
        secure: bool,
        headers: &'a [(String, String)],
        user_pk: Option<&'a str>,
    },
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Answer {
    Ready {},
    Response(Reply),
    Error { error: String, detail: String },
}

/// A running worker. It is killed when the value is dropped, and ends by itself when this process is gone.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    stream: UnixStream,
    stderr: Arc<Mutex<Vec<u8>>>,
    request_time_max: Duration,
}

impl Worker {
    /// Starts an interpreter, which imports what every version of the project needs while nobody waits for it.
    pub(crate) fn spawn(launch: Launch<'_>) -> Result<Self, WorkerError> {
        let program = interpreter(launch.process)?;
        let failed = |source| WorkerError::Start { program: program.clone(), source };
        let (ours, theirs) = UnixStream::pair().map_err(failed)?;
        let mut child = command(&program, launch).stdin(OwnedFd::from(theirs)).spawn().map_err(failed)?;
        let stderr = Arc::new(Mutex::new(Vec::new()));
        if let Some(pipe) = child.stderr.take() {
            let kept = Arc::clone(&stderr);
            thread::spawn(move || keep_end(pipe, &kept));
        }
        let mut worker = Self { child, stream: ours, stderr, request_time_max: launch.request_time_max };
        let prepare = Message::Prepare { protocol: PROTOCOL, sys_path: &launch.process.module_search_path };
        // A process that has ended already says so when it is asked to load the project.
        let _ = send(&mut worker.stream, &prepare, &[], Instant::now() + STARTUP_TIME_MAX);
        Ok(worker)
    }

    /// Both at once.
    #[cfg(test)]
    pub(crate) fn start(
        launch: Launch<'_>,
        overlay: &BTreeMap<PathBuf, String>,
    ) -> Result<Self, WorkerError> {
        Self::spawn(launch)?.load(launch, overlay)
    }

    /// Loads the project, with the given text in place of some files.
    pub(crate) fn load(
        mut self,
        launch: Launch<'_>,
        overlay: &BTreeMap<PathBuf, String>,
    ) -> Result<Self, WorkerError> {
        let load = Message::Load {
            settings: &launch.process.settings_module,
            overlay,
            body_limit_bytes: BODY_BYTES_MAX,
            stream_limit_bytes: STREAM_BYTES_MAX,
        };
        match self.ask(&load, &[], STARTUP_TIME_MAX)? {
            (Answer::Ready {}, _) => Ok(self),
            (Answer::Error { error, detail }, _) => Err(WorkerError::Refused { kind: error, detail }),
            (Answer::Response(_), _) => Err(WorkerError::Protocol("a response to nothing".to_owned())),
        }
    }

    /// Replays one request.
    pub(crate) fn replay(&mut self, request: &CapturedRequest) -> Result<Reply, WorkerError> {
        let message = Message::Replay {
            method: &request.method,
            path: &request.path,
            query_string: &request.query_string,
            secure: request.secure,
            headers: &request.headers,
            user_pk: request.user_pk.as_deref(),
        };
        let body = request.body.as_deref().unwrap_or_default();
        match self.ask(&message, body, self.request_time_max)? {
            (Answer::Response(reply), body) => Ok(Reply { body, ..reply }),
            (Answer::Error { error, detail }, _) => Err(WorkerError::Refused { kind: error, detail }),
            (Answer::Ready {}, _) => Err(WorkerError::Protocol("ready a second time".to_owned())),
        }
    }

    fn ask(
        &mut self,
        message: &Message<'_>,
        attachment: &[u8],
        limit: Duration,
    ) -> Result<(Answer, Vec<u8>), WorkerError> {
        let deadline = Instant::now() + limit;
        let exchanged = exchange(&mut self.stream, message, attachment, deadline);
        let (json, body) = exchanged.map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => WorkerError::TimedOut { limit },
            io::ErrorKind::InvalidData => WorkerError::Protocol(error.to_string()),
            _ => self.death(),
        })?;
        let answer =
            serde_json::from_slice(&json).map_err(|error| WorkerError::Protocol(error.to_string()))?;
        Ok((answer, body))
    }

    fn death(&mut self) -> WorkerError {
        // The socket closes a moment before the process can be waited for.
        let mut status = None;
        for _ in 0..100 {
            status = self.child.try_wait().ok().flatten();
            if status.is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        // Likewise for the last of its standard error.
        thread::sleep(Duration::from_millis(20));
        let stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&stderr);
        // What it wrote about earlier messages does not explain the end of this one.
        let text = text.rsplit(MESSAGE_MARK).next().unwrap_or_default();
        let last_words = text.lines().map(str::trim).rfind(|line| !line.is_empty()).map(str::to_owned);
        WorkerError::Died { status: status.map_or_else(|| "unknown".to_owned(), describe), last_words }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Nothing is lost by killing: whatever it did last is a transaction that was to be rolled back anyway. An error
        // means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The traced interpreter, if it can be started as one.
fn interpreter(process: &Process) -> Result<PathBuf, WorkerError> {
    if process.settings_module.is_empty() {
        return Err(WorkerError::NotRestartable(
            "the traced process configured its settings by hand, without DJANGO_SETTINGS_MODULE".to_owned(),
        ));
    }
    let program = PathBuf::from(&process.executable);
    let name = program.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    if !name.is_some_and(|name| name.contains("python")) {
        return Err(WorkerError::NotRestartable(format!(
            "the traced process ran in {:?}, which is not a Python interpreter that can be started by itself",
            process.executable
        )));
    }
    if !Path::new(&process.working_directory).is_dir() {
        return Err(WorkerError::NotRestartable(format!(
            "the traced process ran in the directory {}, which is gone",
            process.working_directory
        )));
    }
    Ok(program)
}

fn command(program: &Path, launch: Launch<'_>) -> Command {
    let mut command = Command::new(program);
    command
        .arg(launch.program)
        .current_dir(&launch.process.working_directory)
        // Named when the project is loaded: nothing that is imported ahead may load the settings.
        .env_remove("DJANGO_SETTINGS_MODULE")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // Every process would order its sets of strings differently, and pages show them.
        .env("PYTHONHASHSEED", "0")
        // A replay is not observed, even when `escala fix` itself runs under `escala run`.
        .env_remove("ESCALA_SOCKET")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Keeps the end of what the project writes to its standard error, or output.
pub(crate) fn keep_end(mut pipe: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = pipe.read(&mut buffer) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&buffer[..length]);
        let excess = kept.len().saturating_sub(STDERR_BYTES_MAX);
        kept.drain(..excess);
    }
}

fn describe(status: ExitStatus) -> String {
    status.to_string()
}

/// Sends a message and waits for its answer, until the deadline.
fn exchange(
    stream: &mut UnixStream,
    message: &Message<'_>,
    attachment: &[u8],
    deadline: Instant,
) -> io::Result<(Vec<u8>, Vec<u8>)> {
    send(stream, message, attachment, deadline)?;
    let mut lengths = [[0; 4]; 2];
    read_exact(stream, lengths.as_flattened_mut(), deadline)?;
    let json = read(stream, u32::from_be_bytes(lengths[0]), deadline)?;
    let attachment = read(stream, u32::from_be_bytes(lengths[1]), deadline)?;
    Ok((json, attachment))
}

fn send(
    stream: &mut UnixStream,
    message: &Message<'_>,
    attachment: &[u8],
    deadline: Instant,
) -> io::Result<()> {
    let json = serde_json::to_vec(message)?;
    stream.set_write_timeout(Some(until(deadline)?))?;
    for length in [json.len(), attachment.len()] {
        let length =
            u32::try_from(length).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        stream.write_all(&length.to_be_bytes())?;
    }
    stream.write_all(&json)?;
    stream.write_all(attachment)
}

fn read(stream: &mut UnixStream, length: u32, deadline: Instant) -> io::Result<Vec<u8>> {
    let length = length as usize;
    if length > MESSAGE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a message of {length} bytes")));
    }
    let mut bytes = vec![0; length];
    read_exact(stream, &mut bytes, deadline)?;
    Ok(bytes)
}

fn read_exact(stream: &mut UnixStream, mut buffer: &mut [u8], deadline: Instant) -> io::Result<()> {
    while !buffer.is_empty() {
        stream.set_read_timeout(Some(until(deadline)?))?;
        match stream.read(buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => buffer = &mut buffer[length..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn until(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

#[cfg(test)]
mod tests;
