//! Runs one site with the agent inside and the recorder beside it.
//!
//! Receives a [`Site`] from the binary: a command, a store, and what the environment said. Gives an [`Outcome`]: how
//! the command ended and what was recorded. Between them the command has our terminal, our process group and our
//! streams, and nothing of ours in its way.
//!
//! Invariants: no child survives us; no signal meant for the command is lost or delivered twice; nothing is started
//! before everything that can be checked has been; nothing is printed; no environment variable is read.
//!
//! Where an environment does not reach, the agent is put into a Python's site-packages ([`install`]) and finds the run
//! by a file in the store (`live`).
//!
//! Start reading at [`run`], then `environment` (the whole of the injection) and `signals` (what is passed on).

mod agent_home;
mod command;
mod diagnosis;
mod environment;
mod installation;
mod interpreter;
mod journal;
mod limits;
mod live;
mod parent_death;
mod process;
mod run_directory;
mod served;
mod signals;
mod site;

pub use agent_home::{AgentHome, AgentHomeError, installed_homes};
pub use command::CommandError;
pub use diagnosis::Diagnosis;
pub use environment::EnvironmentError;
pub use installation::{
    InstallationError, Installed, PythonEnvironment, PythonEnvironmentError, install, installed, uninstall,
};
pub use interpreter::BlockingFlag;
pub use live::LiveFileError;
pub use process::{Ending, ProcessError};
pub use run_directory::RunDirectoryError;
pub use served::{Served, served};
pub use signals::{Deferral, end_by_signal};
pub use site::{Notice, Outcome, RunError, Site, run};
