//! A Django project in a temporary directory.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use tempfile::TempDir;

use crate::{Server, required};

/// A copy of a sample project, with a Python to run it.
pub struct Site {
    /// Below a temporary directory, under the name that the project has.
    root: PathBuf,
    directory: TempDir,
    python: PathBuf,
    environment: Vec<(String, String)>,
}

/// What a command gave.
#[derive(Debug)]
pub struct Output {
    /// Exit status.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// Standard output as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self:#?}"))
    }

    /// Asserts success.
    ///
    /// # Panics
    /// When the command failed.
    #[must_use]
    pub fn ok(self) -> Self {
        assert!(self.status.success(), "{self:#?}");
        self
    }
}

impl Site {
    /// A copy of the directory `source`, relative to the repository, under version control.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn copy_of(source: &str, python: &str, environment: &[(&str, &str)]) -> Self {
        let directory = TempDir::with_prefix("escala-journey-").expect("a temporary directory");
        let repository =
            Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/journeys is two deep");
        let source = repository.join(source);
        let root = directory.path().join(source.file_name().expect("a project has a name"));
        copy(&source, &root);
        // Enough of version control for `escala fix --write`; what the journeys compare, they keep themselves.
        std::fs::create_dir(root.join(".git")).expect("a directory");
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = environment.iter().map(own).collect();
        Self { root, directory, python: python.into(), environment }
    }

    /// The bookstore, migrated and seeded.
    pub fn bookstore(python: &str, environment: &[(&str, &str)]) -> Self {
        let site = Self::copy_of("samples/bookstore", python, environment);
        let _ = site.python(&["manage.py", "migrate", "--verbosity", "0"]).ok();
        let _ = site.python(&["manage.py", "seed", "--scale", "1"]).ok();
        site
    }

    /// The site of contexts, migrated: threads, tasks, commands, streams and forks.
    pub fn contexts(python: &str) -> Self {
        let site = Self::copy_of("tests/journeys/sites/contexts", python, &[]);
        let _ = site.python(&["manage.py", "migrate", "--verbosity", "0"]).ok();
        site
    }

    /// Its directory.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// A file's text.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// Writes a file.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path().join(file), text).unwrap_or_else(|error| panic!("{file}: {error}"));
    }

    /// Runs Python in the site, without Escala.
    pub fn python(&self, arguments: &[&str]) -> Output {
        run(self.command(&self.python).args(arguments))
    }

    /// Runs `escala` in the site.
    pub fn escala(&self, arguments: &[&str]) -> Output {
        run(self.command(Path::new(&required("ESCALA_BIN"))).args(arguments))
    }

    /// The same, with more in its environment.
    pub fn escala_with(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
        let mut command = self.command(Path::new(&required("ESCALA_BIN")));
        run(command.envs(environment.iter().copied()).args(arguments))
    }

    /// Runs Python in the site under `escala run`.
    pub fn escala_run(&self, arguments: &[&str]) -> Output {
        let python = self.python.to_string_lossy().into_owned();
        self.escala(&[&["run", "--dashboard", "off", "--", &python], arguments].concat())
    }

    /// Serves the site with gunicorn, under `escala run` when `observed`.
    pub fn serve(&self, application: &str, observed: bool) -> Server {
        self.serve_with(&gunicorn(application), observed)
    }

    /// Serves the site with gunicorn under `escala run`, with the dashboard on a port of its own.
    pub fn serve_with_dashboard(&self, application: &str) -> Server {
        let port = Server::free_port();
        let mut command = self.command(Path::new(&required("ESCALA_BIN")));
        let dashboard = format!("127.0.0.1:{}", Server::free_port());
        command.args(["run", "--dashboard", &dashboard, "--"]).arg(&self.python);
        self.start(command, &gunicorn(application), port)
    }

    /// Serves the site with `manage.py runserver` under `escala run`, reloading on changes.
    pub fn runserver(&self) -> Server {
        self.serve_with(&["manage.py", "runserver", "127.0.0.1:PORT"], true)
    }

    /// Serves the site with what Python makes of these arguments, in which `PORT` stands for a free port; under
    /// `escala run` when `observed`.
    pub fn serve_with(&self, arguments: &[&str], observed: bool) -> Server {
        let port = Server::free_port();
        let command = if observed {
            let mut command = self.command(Path::new(&required("ESCALA_BIN")));
            command.args(["run", "--dashboard", "off", "--"]).arg(&self.python);
            command
        } else {
            self.command(&self.python)
        };
        self.start(command, arguments, port)
    }

    /// Serves the site with `manage.py runserver`, by a command that ends in an interpreter and its options.
    pub fn runserver_by(&self, mut command: Command, options: &[&str]) -> Server {
        let port = Server::free_port();
        command.args(options);
        self.start(command, &["manage.py", "runserver", "127.0.0.1:PORT"], port)
    }

    fn start(&self, mut command: Command, arguments: &[&str], port: u16) -> Server {
        command.args(arguments.iter().map(|argument| argument.replace("PORT", &port.to_string())));
        // Outside of the site, whose tree the journeys compare.
        Server::start(command, port, &self.directory.path().join("server.log"))
    }

    /// A command in the site's directory and environment.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).env("PYTHONDONTWRITEBYTECODE", "1");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// What Python is to run for gunicorn to serve an application on the port that is yet to be chosen.
fn gunicorn(application: &str) -> [&str; 6] {
    ["-m", "gunicorn", "--no-control-socket", "--bind", "127.0.0.1:PORT", application]
}

fn run(command: &mut Command) -> Output {
    let output = command.stdin(std::process::Stdio::null()).output().expect("the command starts");
    Output {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn copy(source: &Path, target: &Path) {
    std::fs::create_dir_all(target).expect("a directory");
    for entry in std::fs::read_dir(source).expect("a directory of the repository") {
        let entry = entry.expect("a directory entry");
        let (from, to) = (entry.path(), target.join(entry.file_name()));
        let name = entry.file_name();
        let left_behind = name == "__pycache__" || name == "db.sqlite3" || name == ".escala";
        if from.is_dir() && !left_behind {
            copy(&from, &to);
        } else if !left_behind {
            std::fs::copy(&from, &to).expect("a file can be copied");
        }
    }
}
