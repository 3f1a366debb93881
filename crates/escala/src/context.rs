//! What the binary reads from its surroundings, once: nothing below it looks at the environment.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::output::Screen;
use crate::settings::Settings;

/// Columns when the terminal does not tell, and for files and pipes.
const WIDTH_DEFAULT: usize = 80;

/// Bounds of a width that still gives a readable page.
const WIDTH_MIN: usize = 60;
const WIDTH_MAX: usize = 120;

/// The surroundings.
#[derive(Debug)]
pub(crate) struct Context {
    /// The current directory: the root of the project.
    pub(crate) project_root: PathBuf,
    /// What the project's `escala.toml` says.
    pub(crate) settings: Settings,
    /// The virtual environment that is active.
    pub(crate) virtual_environment: Option<PathBuf>,
    /// What is known of standard output.
    pub(crate) screen: Screen,
    /// Whether somebody watches standard error.
    pub(crate) stderr_is_terminal: bool,
    /// Directories that may hold the agent, the preferred one first.
    pub(crate) agent_homes: Vec<PathBuf>,
    /// `PATH`.
    pub(crate) search_path: Option<OsString>,
    /// `PYTHONPATH`.
    pub(crate) python_path: Option<OsString>,
    /// The system's directory for temporary files.
    pub(crate) temporary_dir: PathBuf,
}

impl Context {
    /// Looks around.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let current = std::env::current_dir().and_then(|path| path.canonicalize());
        let stdout = std::io::stdout();
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let is_terminal = stdout.is_terminal();
        let colour = is_terminal
            && variable("NO_COLOR").is_none()
            && variable("TERM").is_none_or(|terminal| terminal != "dumb");
        let width =
            is_terminal.then(|| rustix::termios::tcgetwinsize(&stdout).map_or(0, |size| size.ws_col.into()));
        let project_root = current.context("the current directory cannot be used")?;
        Ok(Self {
            settings: Settings::load(&project_root)?,
            project_root,
            virtual_environment: variable("VIRTUAL_ENV").map(PathBuf::from),
            screen: Screen { width: readable_width(width), colour },
            stderr_is_terminal: std::io::stderr().is_terminal(),
            agent_homes: agent_homes(
                variable("ESCALA_AGENT_HOME").as_deref(),
                std::env::current_exe().ok().as_deref(),
            ),
            search_path: std::env::var_os("PATH"),
            python_path: variable("PYTHONPATH"),
            temporary_dir: std::env::temp_dir(),
        })
    }

    /// The store's directory, absolute.
    pub(crate) fn store_dir(&self, store: &Path) -> PathBuf {
        self.project_root.join(store)
    }
}

/// Where an agent may be: named by the user, beside a built binary, or installed in the same prefix, by hand or by pip.
fn agent_homes(named: Option<&OsStr>, executable: Option<&Path>) -> Vec<PathBuf> {
    if let Some(named) = named {
        return vec![named.into()];
    }
    let executable = executable.map(|path| path.canonicalize().unwrap_or_else(|_| path.to_owned()));
    let Some(directory) = executable.as_deref().and_then(Path::parent) else { return Vec::new() };
    let mut homes = vec![directory.join("agent")];
    if let Some(prefix) = directory.parent() {
        homes.push(prefix.join("share/escala/agent"));
        homes.extend(supervisor::installed_homes(prefix, env!("CARGO_PKG_VERSION")));
    }
    homes
}

fn readable_width(columns: Option<usize>) -> usize {
    match columns {
        None | Some(0) => WIDTH_DEFAULT,
        Some(columns) => columns.clamp(WIDTH_MIN, WIDTH_MAX),
    }
}

#[cfg(test)]
mod tests;
