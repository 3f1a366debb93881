//! `escala report`: where the recorded site is slow.

use std::process::ExitCode;

use analysis::{Endpoint, Report};

use super::StoreArgs;
use crate::context::Context;
use crate::exit;
use crate::failure::UsageError;
use crate::output::source::Sources;
use crate::output::{self, json, markdown, sarif, text};
use crate::suppressions;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// One endpoint as the report names it, `GET /books/`, for its findings and its queries
    #[arg(value_name = "ENDPOINT", num_args = 0..=2)]
    pub(crate) endpoint: Vec<String>,
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

/// The endpoint of a name; none when no name is given.
fn find<'a>(report: &'a Report, name: &str) -> Result<Option<&'a Endpoint>, UsageError> {
    if name.is_empty() {
        return Ok(None);
    }
    let found = report.endpoints.iter().find(|endpoint| endpoint.key.to_string() == name);
    found.map(Some).ok_or_else(|| UsageError::UnknownEndpoint(name.to_owned()))
}

pub(crate) fn run(args: &Args, context: &Context) -> anyhow::Result<ExitCode> {
    let (store, run) = args.store.open(context)?;
    let window = super::window(&store, &run)?;
    // After the window: while the run goes on, they know at least as much.
    let mut report = analysis::report(&window).with_totals(super::totals(&store, &run)?);
    let sources = Sources::open(&context.project_root, store.source_files(run.id)?)?;
    let applied = suppressions::apply(&mut report, &sources);
    let endpoint = find(&report, &args.endpoint.join(" "))?;
    let concerns =
        |finding: &&analysis::Finding| endpoint.is_none_or(|one| finding.endpoints.contains(&one.key));
    let findings: Vec<_> =
        report.findings.iter().filter(concerns).map(|finding| sources.locate(finding)).collect();
    let edge = analysis::edge(&store.edge(run.id)?);
    let at_edge =
        endpoint.zip(edge.as_ref()).and_then(|(one, edge)| edge.endpoint(&one.key.method, &one.key.route));
    let store_option = &args.store.as_option();
    let about = text::report::About {
        command: &run.command,
        suppressed: applied.suppressed,
        store_option,
        all: args.all,
        edge: edge.as_ref(),
    };
    let page = match (args.format, endpoint) {
        (ReportFormat::Text, None) => text::report::render(&report, &findings, &about, context.screen),
        (ReportFormat::Text, Some(endpoint)) => {
            let queries = analysis::queries(&window, &endpoint.key);
            text::endpoint::render(endpoint, &findings, &queries, &about, context.screen)
        }
        (ReportFormat::Json, None) => {
            json::report::render(&report, &findings, applied.suppressed, edge.as_ref())?
        }
        (ReportFormat::Json, Some(endpoint)) => {
            json::endpoint::render(endpoint, &findings, &analysis::queries(&window, &endpoint.key), at_edge)?
        }
        (ReportFormat::Markdown, _) => markdown::report::render(&report, &findings, edge.as_ref()),
        (ReportFormat::Sarif, _) => sarif::render(&findings)?,
    };
    output::print(&page)?;
    for warning in &applied.warnings {
        output::say(&format!("warning: {warning}"));
    }
    Ok(ExitCode::from(exit::SUCCESS))
}
