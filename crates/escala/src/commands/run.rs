//! `escala run`: the site as it is, observed.

use std::ffi::OsString;
use std::process::ExitCode;

use store::Summary;
use supervisor::{Diagnosis, Ending, Outcome, Site};

use super::StoreArgs;
use crate::context::Context;
use crate::output::number::{counted, grouped};
use crate::output::say;
use crate::{exit, failure};

#[derive(Debug, clap::Args)]
#[command(override_usage = "escala run [--store DIR] -- COMMAND [ARGUMENTS]...")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The command that serves or tests the site, with its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    Ok(end(&observe(args.command, &args.store, context)?))
}

/// Runs the command to its end, and says what was recorded.
pub(super) fn observe(
    command: Vec<OsString>,
    store: &StoreArgs,
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
    let outcome = supervisor::run(&site, &mut |diagnosis| {
        for line in nothing("nothing recorded so far", diagnosis) {
            say(&line);
        }
        told = Some(diagnosis.clone());
    })?;
    for line in closing_lines(&outcome, store, told.as_ref()) {
        say(&line);
    }
    Ok(outcome)
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
