//! `escala dashboard`, and the one that `escala run` serves: where it is, when it is there, and how that fails.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::Project;
use crate::traffic::{book_list, record};

/// A command with a dashboard; killed when dropped.
struct Served {
    child: Child,
    address: SocketAddr,
    url: String,
}

impl Served {
    /// Starts a command and waits until it has said where its dashboard is.
    fn start(mut command: Command) -> Self {
        let mut child =
            command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let said = lines.find_map(|line| {
            let url = line.strip_prefix("escala: dashboard: ")?.split(' ').next()?;
            Some(url.to_owned())
        });
        let url = said.expect("where the dashboard is");
        let port = url.split('/').nth(2).unwrap().rsplit(':').next().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
        // What else it says is nobody's business, and must not keep it waiting.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address, url }
    }

    fn get(&self, path: &str, header: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{header}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&mut self, signal: Signal) -> std::process::ExitStatus {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_run_serves_one_until_its_end() {
    let project = Project::new();
    let script = "while [ ! -e done ]; do sleep 0.02; done; exit 6";
    let mut served =
        Served::start(project.escala(&["run", "--dashboard", "localhost:0", "--", "sh", "-c", script]));
    let health = served.get("/api/health", "");
    assert!(health.starts_with("HTTP/1.1 200") && health.contains("\"recording\":true"), "{health}");
    assert!(served.get("/", "").contains("<!doctype html>"));
    project.write("site/done", "");
    assert_eq!(served.child.wait().unwrap().code(), Some(6));
    assert!(TcpStream::connect(served.address).is_err());
}

#[test]
fn a_run_has_one_unless_it_is_switched_off() {
    let project = Project::new();
    let ended = project.run(&["run", "--", "true"]);
    assert!(ended.stderr.starts_with("escala: dashboard: http://127.0.0.1:"), "{}", ended.stderr);
    let ended = project.run(&["run", "--dashboard", "off", "--", "true"]);
    assert!(!ended.stderr.contains("dashboard"), "{}", ended.stderr);
}

#[test]
fn nothing_is_started_when_the_address_cannot_be_had() {
    let project = Project::new();
    record(&project, vec![book_list(1)]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = format!("escala: error: cannot listen on {address} for the dashboard: ");
    for command in [
        &["run", "--dashboard", &address, "--", "touch", "started"][..],
        &["dashboard", "--listen", &address],
    ] {
        let ended = project.run(command);
        assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
        assert!(ended.stderr.starts_with(&refused), "{}", ended.stderr);
    }
    assert!(!project.root().join("started").exists());
    for wrong in ["8000", "example.org:80", "off"] {
        let ended = project.run(&["dashboard", "--listen", wrong]);
        assert_eq!(ended.status.code(), Some(2), "{wrong}: {}", ended.stderr);
        assert!(ended.stderr.contains("an IP address and a port"), "{}", ended.stderr);
    }
}

#[test]
fn a_store_is_served_until_ctrl_c() {
    let project = Project::new();
    record(&project, vec![book_list(1), book_list(2)]);
    let mut served = Served::start(project.escala(&["dashboard", "--listen", "127.0.0.1:0"]));
    let runs = served.get("/api/runs", "");
    assert!(runs.contains("\"transactions\":2") && runs.contains("\"recording\":false"), "{runs}");
    let refused = served.get("/api/runs", "Origin: http://evil.example\r\n");
    assert!(refused.starts_with("HTTP/1.1 403") && !refused.contains("transactions"), "{refused}");
    let status = served.signal(Signal::INT);
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(2));
}

#[test]
fn off_loopback_the_address_has_a_token() {
    let project = Project::new();
    record(&project, vec![book_list(1)]);
    let served = Served::start(project.escala(&["dashboard", "--listen", "0.0.0.0:0"]));
    assert!(served.get("/api/health", "").starts_with("HTTP/1.1 401"));
    let token = served.url.rsplit("token=").next().unwrap();
    let answer = served.get("/api/health", &format!("Authorization: Bearer {token}\r\n"));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn without_a_store_there_is_nothing_to_serve() {
    let ended = Project::new().run(&["dashboard"]);
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("no traffic recorded yet"), "{}", ended.stderr);
}

#[test]
fn what_fix_found_out_is_on_the_page_of_the_finding() {
    let project = Project::new();
    record(&project, vec![book_list(1)]);
    let report = project.run(&["report", "--format", "json"]).stdout;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let id = report["findings"][0]["id"].as_str().unwrap();
    project.run(&["fix"]);
    let served = Served::start(project.escala(&["dashboard", "--listen", "127.0.0.1:0"]));
    let page = || served.get(&format!("/api/finding?id={id}"), "");
    crate::support::wait_until("the findings", || page().starts_with("HTTP/1.1 200"));
    let page = page();
    assert!(page.contains("\"proof_state\":\"unsupported\""), "{page}");
    assert!(page.contains(&format!("\"prove_command\":\"escala fix {id}\"")), "{page}");
}
