//! `escala report`: where the recorded site is slow.

use std::process::ExitCode;

use super::StoreArgs;
use crate::context::Context;
use crate::exit;
use crate::output::source::Sources;
use crate::output::{self, json, markdown, sarif, text};
use crate::suppressions;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Show every finding and every endpoint, not only the costliest
    #[arg(long)]
    pub(crate) all: bool,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
}

/// How the report is written to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Text,
    /// For programs; see docs/reference
    Json,
    /// For the summary of a CI job
    Markdown,
    /// For code hosts that show findings beside the code: SARIF 2.1.0
    Sarif,
}

pub(crate) fn run(args: &Args, context: &Context) -> anyhow::Result<ExitCode> {
    let (store, run) = args.store.open(context)?;
    let window = super::window(&store, &run)?;
    // After the window: while the run goes on, they know at least as much.
    let mut report = analysis::report(&window).with_totals(super::totals(&store, &run)?);
    let sources = Sources::open(&context.project_root, store.source_files(run.id)?)?;
    let applied = suppressions::apply(&mut report, &sources);
    let findings: Vec<_> = report.findings.iter().map(|finding| sources.locate(finding)).collect();
    let page = match args.format {
        ReportFormat::Json => json::report::render(&report, &findings, applied.suppressed)?,
        ReportFormat::Markdown => markdown::report::render(&report, &findings),
        ReportFormat::Sarif => sarif::render(&findings)?,
        ReportFormat::Text => {
            let store_option = &args.store.as_option();
            let about = text::report::About {
                command: &run.command,
                suppressed: applied.suppressed,
                store_option,
                all: args.all,
            };
            text::report::render(&report, &findings, &about, context.screen)
        }
    };
    output::print(&page)?;
    for warning in &applied.warnings {
        output::say(&format!("warning: {warning}"));
    }
    Ok(ExitCode::from(exit::SUCCESS))
}
