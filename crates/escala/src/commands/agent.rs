//! `escala agent`: the agent inside a Python environment, for servers that clean the environment of their processes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use supervisor::{AgentHome, Installed, PythonEnvironment};

use super::StoreArgs;
use crate::context::Context;
use crate::failure::UsageError;
use crate::{exit, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make every Python of an environment load the agent while `escala run` records
    Install(InstallArgs),
    /// Take the agent out of an environment
    Uninstall(EnvironmentArgs),
    /// Say whether the agent is in an environment
    Status(StatusArgs),
}

/// Names the environment; the same on every action.
#[derive(Debug, clap::Args)]
struct EnvironmentArgs {
    /// Interpreter or directory of the environment; by default the virtual environment that is active
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct InstallArgs {
    #[command(flatten)]
    environment: EnvironmentArgs,
    #[command(flatten)]
    store: StoreArgs,
    /// Install even into a Python that belongs to the operating system
    #[arg(long)]
    break_system_packages: bool,
}

#[derive(Debug, clap::Args)]
struct StatusArgs {
    #[command(flatten)]
    environment: EnvironmentArgs,
    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) fn run(args: &Args, context: &Context) -> anyhow::Result<ExitCode> {
    output::print(&match &args.action {
        Action::Install(args) => install(args, context)?,
        Action::Uninstall(args) => uninstall(args, context)?,
        Action::Status(args) => status(args, context)?,
    })?;
    Ok(ExitCode::from(exit::SUCCESS))
}

fn install(args: &InstallArgs, context: &Context) -> anyhow::Result<String> {
    let environment = args.environment.find(context)?;
    let home = AgentHome::find(&context.agent_homes)?;
    let store = context.store_dir(&args.store.dir);
    let before = supervisor::install(&environment, &home, &store, args.break_system_packages)?;
    let place = environment.site_packages().display();
    Ok(match before {
        Installed::AsAsked => format!("Escala's agent is in {place} already.\n"),
        Installed::Not | Installed::Otherwise => format!(
            "Escala's agent is in {place} now.\nThe Pythons of this environment load it while `escala run` records \
             into {}; at other times it does nothing.\n",
            store.display()
        ),
    })
}

fn uninstall(args: &EnvironmentArgs, context: &Context) -> anyhow::Result<String> {
    let environment = args.find(context)?;
    let place = environment.site_packages().display().to_string();
    Ok(if supervisor::uninstall(&environment)? {
        format!("Escala's agent is no longer in {place}.\n")
    } else {
        not_there(&place)
    })
}

fn status(args: &StatusArgs, context: &Context) -> anyhow::Result<String> {
    let environment = args.environment.find(context)?;
    let home = AgentHome::find(&context.agent_homes)?;
    let store = context.store_dir(&args.store.dir);
    let place = environment.site_packages().display().to_string();
    Ok(match supervisor::installed(&environment, &home, &store)? {
        Installed::Not => not_there(&place),
        Installed::AsAsked => {
            format!("Escala's agent is in {place}, for `escala run` that records into {}.\n", store.display())
        }
        Installed::Otherwise => format!(
            "Escala's agent is in {place}, but for another store or from another build; `escala agent install{}` \
             renews it.\n",
            args.store.as_option()
        ),
    })
}

fn not_there(place: &str) -> String {
    format!("Escala's agent is not in {place}.\n")
}

impl EnvironmentArgs {
    fn find(&self, context: &Context) -> anyhow::Result<PythonEnvironment> {
        let named = self.python.as_deref().or(context.virtual_environment.as_deref());
        let interpreter = interpreter(named.ok_or(UsageError::NoEnvironment)?);
        Ok(PythonEnvironment::of(&interpreter)?)
    }
}

/// The interpreter that a path means.
fn interpreter(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("bin/python") } else { path.to_owned() }
}
