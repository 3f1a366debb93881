//! `escala run`: the site as it is, observed.

use std::ffi::OsString;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use dashboard::{BindError, Bound, Config, Serving};
use store::Summary;
use supervisor::{Diagnosis, Ending, Notice, Outcome, Site};

use super::StoreArgs;
use super::dashboard::{Address, config};
use super::edge::{Following, Prepared, prepare};
use crate::context::Context;
use crate::output::number::{counted, grouped};
use crate::output::say;
use crate::settings::edge::{Overrides, load};
use crate::{exit, failure};

#[derive(Debug, clap::Args)]
#[command(override_usage = "escala run [OPTIONS] -- COMMAND [ARGUMENTS]...")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Where the dashboard listens, or `off` [default: a port of 127.0.0.1]
    #[arg(long, value_name = "ADDR|off")]
    pub(crate) dashboard: Option<DashboardAt>,
    /// Where an edge listens that stands before the site: a cache and a gate, as [edge] in escala.toml says
    #[arg(long, value_name = "ADDR")]
    pub(crate) edge: Option<Address>,
    /// The command that serves or tests the site, with its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// Where the dashboard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DashboardAt {
    /// Nowhere.
    Off,
    /// Here and nowhere else.
    Address(Address),
}

impl FromStr for DashboardAt {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" { Ok(Self::Off) } else { text.parse().map(Self::Address) }
    }
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let bound = bind(args.dashboard)?;
    let edge = args.edge.map(|address| before(&args.command, address, context)).transpose()?;
    Ok(end(&observe(args.command, &args.store, Beside { dashboard: bound, edge }, context)?))
}

/// What is served beside the command.
#[derive(Default)]
pub(super) struct Beside {
    /// Where the dashboard will be.
    pub(super) dashboard: Option<Bound>,
    /// What will stand before the site.
    pub(super) edge: Option<Prepared>,
}

/// Prepares an edge before the site. Where the site listens is taken from its command, unless `escala.toml` says it.
fn before(command: &[OsString], Address(address): Address, context: &Context) -> anyhow::Result<Prepared> {
    let words: Vec<String> = command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let found = supervisor::served(&words, |name| std::env::var(name).ok());
    let found = found.and_then(|found| Some((found.address.parse().ok()?, found.at_once)));
    let overrides = Overrides { listen: vec![address], found, ..Overrides::default() };
    let mut config = load(&context.project_root, &overrides)?;
    // The site ends first: there is nothing left to ask it.
    config.drain_grace = Duration::ZERO;
    Ok(prepare(config, &context.project_root)?)
}

/// Listens before anything is started: an address that somebody names is there, or nothing is done. The default one is a
/// convenience, and the site is run without it.
fn bind(at: Option<DashboardAt>) -> Result<Option<Bound>, BindError> {
    match at {
        Some(DashboardAt::Off) => Ok(None),
        Some(DashboardAt::Address(Address(address))) => Bound::at(address).map(Some),
        None => Ok(Bound::on_loopback()
            .map_err(|error| say(&format!("warning: no dashboard: {}", failure::chain(&error))))
            .ok()),
    }
}

/// Runs the command to its end, and says what was recorded.
pub(super) fn observe(
    command: Vec<OsString>,
    store: &StoreArgs,
    mut beside: Beside,
    context: &Context,
) -> anyhow::Result<Outcome> {
    let site = Site {
        command,
        project_root: context.project_root.clone(),
        store_dir: context.store_dir(&store.dir),
        source: context.settings.source.clone(),
        exclude: context.settings.exclude.clone(),
        not_secret: context.settings.not_secret.clone(),
        agent_homes: context.agent_homes.clone(),
        temporary_dir: context.temporary_dir.clone(),
        search_path: context.search_path.clone(),
        python_path: context.python_path.clone(),
    };
    let mut told = None;
    let mut serving = None;
    let mut following: Option<Following> = None;
    let outcome = supervisor::run(&site, &mut |notice| match notice {
        Notice::Recording => {
            serving = beside.dashboard.take().and_then(|bound| serve(bound, config(store, context)));
            following = beside.edge.take().map(Prepared::start_with_the_app);
        }
        Notice::NothingSeen(diagnosis) => {
            for line in nothing("nothing recorded so far", diagnosis) {
                say(&line);
            }
            told = Some(diagnosis.clone());
        }
        Notice::Ended => {
            drop(serving.take());
            if let Some(following) = following.take() {
                following.end();
            }
        }
    })?;
    for line in closing_lines(&outcome, store, told.as_ref()) {
        say(&line);
    }
    Ok(outcome)
}

/// Starts the dashboard and says where it is; the site is run without one that cannot be started.
fn serve(bound: Bound, config: Config) -> Option<Serving> {
    let url = bound.url();
    match dashboard::serve(bound, config) {
        Ok(serving) => {
            say(&format!("dashboard: {url}"));
            Some(serving)
        }
        Err(error) => {
            say(&format!("warning: no dashboard: {}", failure::chain(&error)));
            None
        }
    }
}

/// What there is to say when the command is over.
fn closing_lines(outcome: &Outcome, store: &StoreArgs, told: Option<&Diagnosis>) -> Vec<String> {
    let mut lines: Vec<String> = outcome
        .summary
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let times = if diagnostic.occurrences > 1 {
                format!(" ({} times)", grouped(diagnostic.occurrences))
            } else {
                String::new()
            };
            format!("warning: {}{times}", failure::chain(&diagnostic.problem))
        })
        .collect();
    match &outcome.diagnosis {
        None => lines.push(summary_line(&outcome.summary, store)),
        Some(diagnosis) if told == Some(diagnosis) => {}
        Some(diagnosis) => lines.extend(nothing("nothing recorded", diagnosis)),
    }
    lines
}

fn summary_line(summary: &Summary, store: &StoreArgs) -> String {
    format!(
        "{} recorded ({} dropped) in {}; see where it is slow: escala report{}",
        counted(summary.transactions, "transaction"),
        grouped(summary.dropped),
        store.dir.display(),
        store.as_option(),
    )
}

/// Why there is nothing, and what to do about it.
fn nothing(how_little: &str, diagnosis: &Diagnosis) -> Vec<String> {
    let hint = diagnosis.remedy().map(|remedy| format!("hint: {remedy}"));
    [format!("{how_little}: {diagnosis}")].into_iter().chain(hint).collect()
}

/// Ends as the command did, so that whoever called us sees no difference.
pub(super) fn end(outcome: &Outcome) -> ExitCode {
    match outcome.ending {
        Ending::Exited(0) if outcome.diagnosis.as_ref().is_some_and(Diagnosis::is_conclusive) => {
            ExitCode::from(exit::NOTHING_OBSERVED)
        }
        Ending::Exited(status) => ExitCode::from(status),
        Ending::Signalled(signal) => {
            supervisor::end_by_signal(signal);
            // Still here: the first process of a container, say, is not ended by its own signals.
            ExitCode::from(exit::SIGNAL_BASE.saturating_add(u8::try_from(signal).unwrap_or(0)))
        }
    }
}
