//! Servers that `PYTHONPATH` does not reach.

use std::path::Path;
use std::process::{Command, Stdio};

use journeys::{Client, Environment, Server, Site, pythons, required};

/// `escala run -- …`, ready for the rest of the command.
fn escala_run(site: &Site) -> Command {
    let mut command = site.command(Path::new(&required("ESCALA_BIN")));
    command.args(["run", "--"]);
    command
}

/// Visits a page, ends the server, and counts the page's queries in the report.
fn visit(site: &Site, mut server: Server) -> Option<u64> {
    assert_eq!(Client::new(server.port()).get("/books/").status, 200, "{}", server.log());
    server.stop();
    queries_of_books(site)
}

fn queries_of_books(site: &Site) -> Option<u64> {
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    let endpoints = report["endpoints"].as_array().expect("a list");
    endpoints.iter().find(|endpoint| endpoint["route"] == "/books/")?["queries"]["max"].as_u64()
}

#[test]
fn an_installed_agent_is_there_whatever_the_environment_says() {
    for (name, python) in pythons() {
        let environment = Environment::like(&python);
        let before = environment.files();
        let own_python = environment.python().display().to_string();
        let site = Site::bookstore(&own_python, &[]);
        let at = ["--python", &own_python];
        let _ = site.escala(&[&["agent", "install"], &at[..]].concat()).ok();

        // Nothing is left but what `env` is told: no PYTHONPATH, nothing of Escala's.
        let mut scrubbed = escala_run(&site);
        scrubbed.args(["env", "-i", "PYTHONDONTWRITEBYTECODE=1", &own_python]);
        assert_eq!(visit(&site, site.runserver_by(scrubbed, &[])), Some(101), "{name}");

        // Python ignores PYTHONPATH; the reloader passes the option on.
        let mut isolated = escala_run(&site);
        isolated.arg(&own_python);
        assert_eq!(visit(&site, site.runserver_by(isolated, &["-E"])), Some(101), "{name}");

        // Both ways in at once are one agent.
        let mut twice = escala_run(&site);
        twice.arg(&own_python);
        assert_eq!(visit(&site, site.runserver_by(twice, &[])), Some(101), "{name}");

        // When nobody records, nothing is loaded.
        let idle = site.python(&["-c", "import sys; print('escala_agent' in sys.modules)"]).ok();
        assert_eq!((idle.stdout.as_str(), idle.stderr.as_str()), ("False\n", ""), "{name}");

        let _ = site.escala(&[&["agent", "uninstall"], &at[..]].concat()).ok();
        assert_eq!(environment.files(), before, "{name}");
    }
}

#[test]
fn an_import_finds_the_run_of_somebody_who_did_not_start_the_server() {
    let (_, python) = pythons().remove(0);
    let site = Site::bookstore(&python, &[]);
    let home = required("ESCALA_AGENT_HOME");
    let manage = site.read("manage.py");
    let start = format!("import sys\nsys.path.append({home:?})\nimport escala_agent\nescala_agent.start()\n");
    let (head, rest) = manage.split_once('\n').unwrap();
    site.write("manage.py", &format!("{head}\n{start}{rest}"));

    // It records as long as its command runs; the server is some service manager's, with an environment of its own.
    let mut recording = Recording::start(&site);
    let mut service = site.command(Path::new("env"));
    service.args(["-i", "PYTHONDONTWRITEBYTECODE=1", &python]);
    let mut server = site.runserver_by(service, &[]);
    assert_eq!(Client::new(server.port()).get("/books/").status, 200, "{}", server.log());
    server.stop();
    recording.stop();
    assert_eq!(queries_of_books(&site), Some(101));
    // And does nothing when nobody records.
    let idle = site.python(&["manage.py", "check"]).ok();
    assert_eq!(idle.stderr, "");
}

/// `escala run` of a command that only takes its time; ended with the test.
struct Recording(std::process::Child);

impl Recording {
    fn start(site: &Site) -> Self {
        let mut command = escala_run(site);
        let recording =
            Self(command.args(["sleep", "600"]).stderr(Stdio::null()).spawn().expect("it starts"));
        let live = site.path().join(".escala/live");
        let appeared = (0..500).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            live.exists()
        });
        assert!(appeared, "escala run did not begin to record");
        recording
    }

    fn stop(&mut self) {
        let pid = self.0.id().to_string();
        Command::new("kill").args(["-s", "TERM", &pid]).status().expect("kill");
        self.0.wait().expect("it ends");
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_the_settings_exclude_is_not_blamed() {
    let (_, python) = pythons().remove(0);
    let site = Site::bookstore(&python, &[]);
    site.write("escala.toml", "[project]\nexclude = [\"shop/views.py\"]\n");
    let mut command = escala_run(&site);
    command.arg(&python);
    assert_eq!(visit(&site, site.runserver_by(command, &[])), Some(101));
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    assert!(!report["findings"].as_array().unwrap().is_empty());
    let named = report["findings"].to_string();
    assert!(named.contains("book_list.html") && !named.contains("views.py"), "{named}");
}
