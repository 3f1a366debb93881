//! `escala report`: where the recorded site is slow.

use std::process::ExitCode;

use super::StoreArgs;
use crate::cli::Format;
use crate::context::Context;
use crate::exit;
use crate::output::source::Sources;
use crate::output::{self, json, text};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Show every finding and every endpoint, not only the costliest
    #[arg(long)]
    pub(crate) all: bool,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

pub(crate) fn run(args: &Args, context: &Context) -> anyhow::Result<ExitCode> {
    let (store, run) = args.store.open(context)?;
    let (window, omitted) = super::window(&store, &run)?;
    let report = analysis::report(&window);
    let sources = Sources::open(&context.project_root, store.source_files(run.id)?)?;
    let findings: Vec<_> = report.findings.iter().map(|finding| sources.locate(finding)).collect();
    let page = match args.format {
        Format::Json => json::report::render(&report, &findings)?,
        Format::Text => {
            let store_option = &args.store.as_option();
            let about = text::report::About { command: &run.command, omitted, store_option, all: args.all };
            text::report::render(&report, &findings, &about, context.screen)
        }
    };
    output::print(&page)?;
    Ok(ExitCode::from(exit::SUCCESS))
}
