//! `escala check`: for CI. Runs the tests, and fails when they show a new finding or an endpoint over its budget.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use supervisor::Ending;

use super::{StoreArgs, report::ReportFormat, run};
use crate::baseline::Baseline;
use crate::context::Context;
use crate::output::check::Checked;
use crate::output::source::Sources;
use crate::output::{self, json, markdown, sarif, say, text};
use crate::{exit, suppressions};

#[derive(Debug, clap::Args)]
#[command(override_usage = "escala check [OPTIONS] -- COMMAND [ARGUMENTS]...")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// The file with the findings that are accepted [default: escala-baseline.json]
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Accept what is found, by writing the file anew
    #[arg(long)]
    pub(crate) update_baseline: bool,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
    /// Write the result to a file, apart from what the command prints
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The command that tests the site, with its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

pub(crate) fn run(args: Args, context: &Context) -> anyhow::Result<ExitCode> {
    let path = match &args.baseline {
        Some(named) => context.project_root.join(named),
        None => context.settings.baseline.clone(),
    };
    // Said before minutes are spent on the tests.
    let baseline = Baseline::read(&path)?;
    let outcome = run::observe(args.command, &args.store, run::Beside::default(), context)?;
    if outcome.ending != Ending::Exited(0) || outcome.diagnosis.is_some() {
        return Ok(run::end(&outcome));
    }

    let (store, recorded) = args.store.open(context)?;
    let mut report =
        analysis::report(&super::window(&store, &recorded)?).with_totals(super::totals(&store, &recorded)?);
    let sources = Sources::open(&context.project_root, store.source_files(recorded.id)?)?;
    let applied = suppressions::apply(&mut report, &sources);
    if args.update_baseline {
        Baseline::of(&report.findings).write(&path)?;
    }
    let baseline = if args.update_baseline { Baseline::of(&report.findings) } else { baseline };
    let is_new = |finding: &&analysis::Finding| !baseline.accepts(finding);
    let checked = Checked {
        command: &recorded.command,
        transactions: report.transactions,
        new: report.findings.iter().filter(is_new).map(|finding| sources.locate(finding)).collect(),
        audit: analysis::audit(&report.endpoints, &context.settings.budgets),
        accepted: report.findings.iter().filter(|finding| baseline.accepts(finding)).count(),
        gone: baseline.gone(&report.findings),
        suppressed: applied.suppressed,
    };
    let result = match args.format {
        ReportFormat::Text => text::check::render(&checked, &args.store.as_option(), context.screen),
        ReportFormat::Json => json::check::render(&checked)?,
        ReportFormat::Markdown => markdown::check::render(&checked),
        ReportFormat::Sarif => sarif::render(&checked.new)?,
    };
    match &args.output {
        None => output::print(&result)?,
        Some(file) => std::fs::write(context.project_root.join(file), result)
            .with_context(|| format!("cannot write {}", file.display()))?,
    }
    for warning in &applied.warnings {
        say(&format!("warning: {warning}"));
    }
    for budget in &checked.audit.unused {
        say(&format!(
            "warning: escala.toml: the budget of `{}` is about nothing that was seen",
            budget.pattern
        ));
    }
    Ok(ExitCode::from(if checked.passes() { exit::SUCCESS } else { exit::FAILURE }))
}
