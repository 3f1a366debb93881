//! A copy of the sample site, with an environment to run it in and Escala to run it under.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::janitor::{self, Janitor};
use super::say;
use super::server::{self, Server};
use crate::build::Built;
use crate::program;
use crate::python::{self, Minor, Python, Wanted};
use crate::workspace::Workspace;

/// Python for the demo.
const PYTHON: [Minor; 5] = [12, 13, 11, 14, 10];

/// The oldest Python that Django 6.1 runs on; older ones get Django 5.2.
const PYTHON_OF_DJANGO_6_1: Minor = 12;

const DATABASE: &str = "db.sqlite3";

/// Prints what the demo needs of a report in JSON: a line with the number of findings, then one per endpoint.
const SUMMARISE: &str = "\
import json, sys
report = json.load(open(sys.argv[1], encoding='utf-8'))
print(len(report['findings']))
for endpoint in report['endpoints']:
    if endpoint['method'] == 'GET':
        print(endpoint['route'], endpoint['queries']['p50'], endpoint['ms']['p50'], sep='\\t')";

pub(super) struct Site {
    built: Built,
    /// The interpreter of its environment.
    python: PathBuf,
    /// The copy.
    directory: PathBuf,
    /// Where the database is kept as it was before anybody came.
    seeded_database: PathBuf,
    log: PathBuf,
    /// The latest report, in JSON.
    report: PathBuf,
    /// The same for every server: an API page repeats it in its links.
    port: u16,
    under_version_control: bool,
}

impl Site {
    /// Copies the sample into `parent`, and brings it to where a visitor can come.
    pub(super) fn set_up(
        workspace: &Workspace,
        python: &Python,
        built: Built,
        parent: &Path,
    ) -> Result<Self> {
        let sample = workspace.root.join("samples/bookstore");
        let python = environment(workspace, python, &sample, parent)?;
        let directory = parent.join("bookstore");
        say(&format!("copying the sample to {} and filling its database", directory.display()));
        janitor::remove(&directory)?;
        copy(&sample, &directory)?;
        let mut site = Self {
            built,
            python,
            directory,
            seeded_database: parent.join("seeded.sqlite3"),
            log: parent.join("server.log"),
            report: parent.join("report.json"),
            port: server::free_port()?,
            under_version_control: false,
        };
        site.put_under_version_control()?;
        site.manage(&["migrate", "--verbosity", "0"])?;
        site.manage(&["seed", "--scale", "1"])?;
        fs::copy(site.directory.join(DATABASE), &site.seeded_database)
            .context("cannot keep the seeded database")?;
        Ok(site)
    }

    /// `escala fix --write` wants a project whose changes can be undone.
    fn put_under_version_control(&mut self) -> Result<()> {
        if program::on_path("git").is_none() {
            say("git is not installed, so the copy is not under version control");
            return Ok(());
        }
        self.git(&["init", "--quiet"])?;
        self.git(&["add", "--all"])?;
        let author =
            ["-c", "user.name=Escala demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false"];
        self.git(&[author.as_slice(), &["commit", "--quiet", "--message", "The sample as it is"]].concat())?;
        self.under_version_control = true;
        Ok(())
    }

    fn git(&self, arguments: &[&str]) -> Result<()> {
        program::run(Command::new("git").args(arguments).current_dir(&self.directory))
    }

    fn manage(&self, arguments: &[&str]) -> Result<()> {
        program::run(
            python::command(&self.python).arg("manage.py").args(arguments).current_dir(&self.directory),
        )
    }

    /// Starts gunicorn under `escala run`.
    pub(super) fn serve<'a>(&self, janitor: &'a Janitor) -> Result<Server<'a>> {
        let port = self.port;
        let mut command = self.escala_command(&["run", "--"]);
        command.arg(self.python.with_file_name("gunicorn"));
        command.args(["--bind", &format!("127.0.0.1:{port}"), "--workers", "1"]);
        // Its control socket would lie in the person's home directory.
        command.args(["--no-control-socket", "bookstore.wsgi"]);
        Server::start(command, port, &self.log, janitor)
    }

    /// Runs Escala and shows what it prints.
    pub(super) fn escala(&self, arguments: &[&str]) -> Result<()> {
        program::show(&mut self.escala_command(arguments))
    }

    /// Proves fixes, shows them and applies them.
    pub(super) fn apply_fixes(&self) -> Result<()> {
        let mut arguments = vec!["fix", "--write"];
        if !self.under_version_control {
            arguments.push("--no-vcs");
        }
        self.escala(&arguments)?;
        if self.under_version_control {
            program::show(Command::new("git").args(["diff", "--stat"]).current_dir(&self.directory))?;
        }
        Ok(())
    }

    /// What the latest run shows. The environment's Python reads the JSON: this crate has no parser.
    pub(super) fn report(&self) -> Result<Seen> {
        let json = program::capture(&mut self.escala_command(&["report", "--format", "json"]))?;
        fs::write(&self.report, json).with_context(|| format!("cannot write {}", self.report.display()))?;
        let mut summarise = python::command(&self.python);
        parse_summary(&program::capture(summarise.args(["-c", SUMMARISE]).arg(&self.report))?)
    }

    /// Puts the database back to what it was before anybody came.
    pub(super) fn restore_database(&self) -> Result<()> {
        fs::copy(&self.seeded_database, self.directory.join(DATABASE))
            .context("cannot restore the database")?;
        Ok(())
    }

    fn escala_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.built.binary);
        python::forget_the_callers(&mut command);
        command.args(arguments).current_dir(&self.directory).env("ESCALA_AGENT_HOME", &self.built.agent_home);
        command
    }
}

/// Medians over an endpoint's requests.
#[derive(Debug, PartialEq)]
pub(super) struct Endpoint {
    pub(super) route: String,
    pub(super) queries: f64,
    pub(super) ms: f64,
}

/// What a report says, as far as the demo's table shows it.
#[derive(Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) findings: usize,
    pub(super) endpoints: Vec<Endpoint>,
}

fn parse_summary(summary: &str) -> Result<Seen> {
    let mut lines = summary.lines();
    let findings =
        lines.next().and_then(|count| count.parse().ok()).context("the report's summary is empty")?;
    Ok(Seen { findings, endpoints: lines.map(parse_endpoint).collect::<Result<_>>()? })
}

fn parse_endpoint(line: &str) -> Result<Endpoint> {
    let fields: Vec<&str> = line.split('\t').collect();
    let &[route, queries, ms] = fields.as_slice() else { bail!("`{line}` is no endpoint") };
    Ok(Endpoint {
        route: route.to_owned(),
        queries: queries.parse().with_context(|| format!("`{queries}` is no number of queries"))?,
        ms: ms.parse().with_context(|| format!("`{ms}` is no duration"))?,
    })
}

/// The interpreter that the site will run in. Asked for first: without one there is no use in compiling.
pub(super) fn find_python() -> Result<Python> {
    python::require(&PYTHON)
}

/// The sample's requirements, at the versions that the tests run with.
fn environment(workspace: &Workspace, python: &Python, sample: &Path, parent: &Path) -> Result<PathBuf> {
    let django = if python.minor >= PYTHON_OF_DJANGO_6_1 { "6.1" } else { "5.2" };
    let pins = workspace.root.join(format!("tests/requirements/django-{django}.txt"));
    let requirements = sample.join("requirements.txt");
    let wanted = [Wanted::Requirements(&requirements), Wanted::Constraints(&pins)];
    python::environment(python, parent, "environment", &wanted)
}

/// Copies a directory, without what running it has left there.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", from.display()))?;
        let (name, source) = (entry.file_name(), entry.path());
        let target = to.join(&name);
        if name == "__pycache__" || name == ".escala" || name == DATABASE {
            continue;
        }
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            fs::copy(&source, &target).with_context(|| format!("cannot copy {}", source.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
