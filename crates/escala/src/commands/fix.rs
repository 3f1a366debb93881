//! `escala fix`: a patch for each finding, proved on the recorded requests, and on the project's own tests when asked to.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use analysis::Finding;
use anyhow::Context as _;
use clap::builder::NonEmptyStringValueParser;
use observation::Transaction;
use project::Root;
use store::Proofs;
use supervisor::{AgentHome, Deferral};
use verify::{Inputs, Outcome, ProveWith, Together, Traffic};

use super::StoreArgs;
use crate::context::Context;
use crate::exit;
use crate::failure::UsageError;
use crate::output::progress::Progress;
use crate::output::source::Sources;
use crate::output::text::fix::Applied;
use crate::output::{self, json, markdown, text};
use crate::suppressions;

/// What version control systems leave at the root of a working tree; a file for a linked one of git.
const VERSION_CONTROL: [&str; 4] = [".git", ".hg", ".jj", ".svn"];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Findings to fix, by the ids that `escala report` shows; all when none is named
    #[arg(value_name = "FINDING")]
    pub(crate) findings: Vec<String>,
    /// Apply what is proved to the working tree
    #[arg(long)]
    pub(crate) write: bool,
    /// With --write, edit the project even though no version control could undo it
    #[arg(long, requires = "write")]
    pub(crate) no_vcs: bool,
    /// Prove on the project's own tests as well, which this command runs: "python manage.py test shop"
    #[arg(long, value_name = "COMMAND", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) prove_with: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = FixFormat::Text)]
    pub(crate) format: FixFormat,
}

/// How the outcome is written to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FixFormat {
    /// For people
    Text,
    /// For programs; see docs/reference
    Json,
    /// For the description of a pull request
    Markdown,
}

pub(crate) fn run(args: &Args, context: &Context) -> anyhow::Result<ExitCode> {
    let (store, run) = args.store.open(context)?;
    let window = super::window(&store, &run)?;
    let mut report = analysis::report(&window);
    // Whoever names a finding wants it tried, whatever a comment says.
    if args.findings.is_empty() {
        let sources = Sources::open(&context.project_root, store.source_files(run.id)?)?;
        suppressions::apply(&mut report, &sources);
    }
    let findings = select(report.findings, &args.findings)?;
    // Said before minutes are spent on a proof that may not be written.
    if args.write && !args.no_vcs && !is_under_version_control(&context.project_root) {
        return Err(UsageError::NoVersionControl(context.project_root.display().to_string()).into());
    }
    let settings = &context.settings;
    let root = Root::open(&context.project_root)?.keeping_to(&settings.source, &settings.exclude);
    let store_dir = context.store_dir(&args.store.dir);
    let tests = args.prove_with.as_deref().map(|command| ProveWith {
        command,
        scratch: &store_dir,
        python_path: context.python_path.as_deref(),
        run_time_max: verify::limits::TEST_RUN_TIME_MAX,
    });
    let outcome = prove(&findings, &window.transactions, &root, (&store, &run), tests, context)?;
    keep(&outcome, &store_dir, args);

    let written = match &outcome.together {
        Some(together) if args.write => Some(write(&root, together)),
        _ => None,
    };
    let is_written = matches!(written, Some(Ok(())));
    let command = apply_command(args, &args.findings);
    let applied = if is_written { Applied::Yes } else { Applied::Not { command: &command } };
    output::print(&match args.format {
        FixFormat::Text => text::fix::render(&findings, &outcome, applied, context.screen),
        FixFormat::Json => json::fix::render(&outcome, is_written)?,
        FixFormat::Markdown => markdown::fix::render(&findings, &outcome),
    })?;
    written.unwrap_or(Ok(()))?;
    Ok(ExitCode::from(exit::SUCCESS))
}

/// The findings that are asked for, in the report's order.
fn select(findings: Vec<Finding>, ids: &[String]) -> Result<Vec<Finding>, UsageError> {
    let is_known = |id: &&String| findings.iter().any(|finding| finding.id == **id);
    if let Some(unknown) = ids.iter().find(|id| !is_known(id)) {
        return Err(UsageError::UnknownFinding(unknown.clone()));
    }
    Ok(findings.into_iter().filter(|finding| ids.is_empty() || ids.contains(&finding.id)).collect())
}

fn is_under_version_control(root: &Path) -> bool {
    root.ancestors().any(|directory| VERSION_CONTROL.iter().any(|name| directory.join(name).exists()))
}

fn prove(
    findings: &[Finding],
    transactions: &[Transaction],
    root: &Root,
    (store, run): (&store::Store, &store::Run),
    tests: Option<ProveWith<'_>>,
    context: &Context,
) -> anyhow::Result<Outcome> {
    if findings.is_empty() {
        return Ok(Outcome::default());
    }
    let home = AgentHome::find(&context.agent_homes)?;
    // Without a request nothing is replayed, and each finding says so.
    let traffic =
        Traffic::new(&store.processes(run.id)?, store.captured_requests(run.id)?).unwrap_or_default();
    let traffic = traffic.with_code_of(transactions);
    let inputs = Inputs {
        root,
        program: &home.replay(),
        traffic: &traffic,
        sources: &store.source_files(run.id)?,
        tests,
    };
    let progress = Progress::start(context.stderr_is_terminal);
    let outcome = verify::prove(findings, inputs, &mut |step| {
        progress.show(match step {
            verify::Progress::Tests => "the tests as they are".to_owned(),
            verify::Progress::Finding { number, total, id } => format!("finding {number} of {total}: {id}"),
            verify::Progress::Together { fixes } => format!("{fixes} proved fixes together"),
        });
    });
    Ok(outcome?)
}

fn write(root: &Root, together: &Together) -> anyhow::Result<()> {
    let changes = together.patch.files.iter().map(|file| project::FileChange {
        path: file.path.clone(),
        expected_hash: file.expected_hash.clone(),
        new_text: file.after.clone(),
    });
    // Ctrl-C between two files would leave half a change.
    let _deferral = Deferral::begin().context("cannot hold back signals while writing")?;
    project::write(root, &changes.collect::<Vec<_>>())?;
    Ok(())
}

/// Keeps what was found out where the dashboard shows it. The result is printed all the same when that fails.
fn keep(outcome: &Outcome, store_dir: &Path, args: &Args) {
    let proofs = Proofs::of(store_dir);
    for fix in &outcome.fixes {
        let proof = json::proof::render(fix, &apply_command(args, std::slice::from_ref(&fix.finding)));
        let kept = proof.map_err(io::Error::other).and_then(|proof| proofs.write(&fix.finding, &proof));
        if let Err(error) = kept {
            // The next one would fail alike.
            output::say(&format!(
                "warning: the dashboard will not show what became of the findings: {error}"
            ));
            return;
        }
    }
}

/// The command line that applies what this one proved.
fn apply_command(args: &Args, findings: &[String]) -> String {
    let mut words = vec!["escala fix"];
    words.extend(findings.iter().map(String::as_str));
    let tests = args.prove_with.as_deref().map(|command| format!(" --prove-with {}", quoted(command)));
    format!("{} --write{}{}", words.join(" "), tests.unwrap_or_default(), args.store.as_option())
}

/// A word as a shell takes it, whatever is in it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
