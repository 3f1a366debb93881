//! How a command that failed says so: one line, and a hint when there is something to do about it.

use std::error::Error;
use std::process::ExitCode;

use dashboard::BindError;
use store::{OpenError, RecordError};
use supervisor::{AgentHomeError, CommandError, InstallationError, PythonEnvironmentError, RunError};
use verify::ProveWithError;

use crate::baseline::BaselineError;
use crate::exit;
use crate::output::say;
use crate::settings::SettingsError;

const AGENT_HINT: &str =
    "build it with `cargo xtask build`, install the wheel again, or name its directory in ESCALA_AGENT_HOME";

/// Input that cannot be used, found by the binary itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsageError {
    /// `fix` was asked for findings that the report does not have.
    #[error("there is no finding {0}")]
    UnknownFinding(String),
    /// `report` was asked for an endpoint that nobody visited.
    #[error("no unit of work of `{0}` is recorded")]
    UnknownEndpoint(String),
    /// `--write` in a directory without version control.
    #[error("{0} is not under version control, so an edit could not be undone")]
    NoVersionControl(String),
    /// `agent` without a word about which Python.
    #[error("no virtual environment is active")]
    NoEnvironment,
}

/// Prints the error and gives the exit code.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    print(&chain(error.as_ref()), hint(error));
    ExitCode::from(exit_code(error))
}

/// Prints an error's line and, when there is one, the hint's.
pub(crate) fn print(message: &str, hint: Option<&str>) {
    say(&format!("error: {message}"));
    if let Some(hint) = hint {
        say(&format!("hint: {hint}"));
    }
}

/// An error and its sources on one line.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut links = vec![error.to_string()];
    let mut link = error.source();
    while let Some(source) = link {
        links.push(source.to_string());
        link = source.source();
    }
    let text = links.join(": ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<RunError>() {
        Some(RunError::Command(CommandError::NotFound(_))) => return exit::NOT_FOUND,
        Some(RunError::Command(CommandError::NotExecutable(_)) | RunError::Process(_)) => {
            return exit::NOT_EXECUTABLE;
        }
        Some(
            RunError::Command(_) | RunError::Recorder(RecordError::Store(_) | RecordError::Locked { .. }),
        ) => return exit::USAGE,
        _ => {}
    }
    let is_refused = match error.downcast_ref::<InstallationError>() {
        Some(InstallationError::Io { .. }) | None => false,
        Some(_) => true,
    };
    let is_unusable = error.is::<UsageError>()
        || error.is::<OpenError>()
        || error.is::<SettingsError>()
        || matches!(error.downcast_ref::<BindError>(), Some(BindError::Listen { .. }))
        || matches!(
            error.downcast_ref::<BaselineError>(),
            Some(BaselineError::Malformed { .. } | BaselineError::Newer { .. })
        )
        || error.is::<PythonEnvironmentError>()
        || matches!(error.downcast_ref::<ProveWithError>(), Some(ProveWithError::NotRunnable(_)));
    if is_refused || is_unusable { exit::USAGE } else { exit::FAILURE }
}

fn hint(error: &anyhow::Error) -> Option<&'static str> {
    match error.downcast_ref::<RunError>() {
        Some(RunError::Command(CommandError::Empty)) => return Some("escala run -- gunicorn shop.wsgi"),
        Some(RunError::Command(CommandError::Blocked { .. })) => {
            return Some(
                "run Python without -I, -E and -S, as a virtual environment isolates it as well; or, with -I or -E, \
                 put the agent into its environment: escala agent install",
            );
        }
        Some(RunError::AgentHome(_)) => return Some(AGENT_HINT),
        _ => {}
    }
    if error.is::<AgentHomeError>() {
        return Some(AGENT_HINT);
    }
    match error.downcast_ref::<InstallationError>() {
        Some(InstallationError::ExternallyManaged(_)) => {
            return Some("use the project's virtual environment, or insist with --break-system-packages");
        }
        Some(InstallationError::Foreign(_)) => return Some("see what it is, and move it away"),
        _ => {}
    }
    match error.downcast_ref::<ProveWithError>() {
        Some(ProveWithError::NoTests(_)) => {
            return Some(
                "name a command that runs `manage.py test` or pytest, in a Python without -I, -E and -S, and that passes \
                 PYTHONPATH on",
            );
        }
        Some(ProveWithError::TimedOut(_)) => return Some("name a part of the tests: those of one app, say"),
        _ => {}
    }
    match error.downcast_ref::<UsageError>() {
        Some(UsageError::NoEnvironment) => {
            Some("activate the project's, or name its interpreter with --python PATH")
        }
        Some(UsageError::UnknownEndpoint(_)) => Some("`escala report --all` lists the endpoints by name"),
        Some(UsageError::UnknownFinding(_)) => Some("`escala report` lists the findings with their ids"),
        Some(UsageError::NoVersionControl(_)) => {
            Some("commit the project to version control first, or write all the same with --no-vcs")
        }
        None => None,
    }
}

#[cfg(test)]
mod tests;
