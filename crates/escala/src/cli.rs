//! The command line: what may be said, and to whom it goes.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use crate::commands::{agent, check, dashboard, edge, fix, report, run};
use crate::context::Context;
use crate::{exit, failure};

/// Finds where a Django site is slow, and proves a fix on the site's own traffic before a line changes.
#[derive(Debug, Parser)]
#[command(name = "escala", version, disable_help_subcommand = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run an unmodified Django site and record what it does
    Run(run::Args),
    /// Show where the recorded site is slow, with the lines that cause it
    Report(report::Args),
    /// Try a patch for each finding on the recorded requests, and show those that are proved
    Fix(fix::Args),
    /// Run the tests, and fail on a new finding or on an endpoint over its budget
    Check(check::Args),
    /// Open what was recorded in the browser
    Dashboard(dashboard::Args),
    /// Stand before the app: cache what many may see, and let in as much as the app can take
    Edge(edge::Args),
    /// Put the agent into a Python environment, for servers that `escala run` does not reach
    Agent(agent::Args),
}

/// Everything the binary does.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let result = Context::new().and_then(|context| match cli.command {
        Command::Run(args) => run::run(args, &context),
        Command::Report(args) => report::run(&args, &context),
        Command::Fix(args) => fix::run(&args, &context),
        Command::Check(args) => check::run(args, &context),
        Command::Dashboard(args) => dashboard::run(&args, &context),
        Command::Edge(args) => edge::run(&args, &context),
        Command::Agent(args) => agent::run(&args, &context),
    });
    result.unwrap_or_else(|error| failure::report(&error))
}

/// Ends with clap's message: whole when it was asked for, on one line when it is an error.
fn refuse(error: &clap::Error) -> ExitCode {
    let asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if asked_for || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(if asked_for { exit::SUCCESS } else { exit::USAGE });
    }
    let text = error.render().to_string();
    let (message, hint) = one_line(&text);
    failure::print(&message, Some(&hint));
    ExitCode::from(exit::USAGE)
}

/// The message and the best advice out of clap's paragraphs.
fn one_line(text: &str) -> (String, String) {
    let mut paragraphs =
        text.trim().split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let message = paragraphs.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    let tip = paragraphs.find_map(|part| part.strip_prefix("tip: ").map(str::to_owned));
    (message, tip.unwrap_or_else(|| "see `escala --help`".into()))
}

#[cfg(test)]
mod tests;
