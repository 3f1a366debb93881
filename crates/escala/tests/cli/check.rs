//! `escala check`: new findings, budgets, and the file of what is accepted.

use std::fs;
use std::process::Stdio;

use observation::Transaction;

use crate::support::{Ended, Project, send};
use crate::traffic::{book_list, page, process};

/// Says where the recorder is, and waits until the test has been its agent.
const SCRIPT: &str = "echo \"$ESCALA_SOCKET\" > path && mv path ready; while [ ! -e done ]; do sleep 0.02; done; \
    rm done ready; echo ran";

/// `escala check OPTIONS -- COMMAND`, where the command makes these transactions.
fn check(project: &Project, options: &[&str], transactions: Vec<Transaction>) -> Ended {
    let arguments = [&["check"], options, &["--", "sh", "-c", SCRIPT]].concat();
    let mut command = project.escala(&arguments);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let socket = project.wait_for("ready");
    send(socket.trim().as_ref(), process(&project.root()), transactions);
    fs::write(project.root().join("done"), "").unwrap();
    Ended::of(child.wait_with_output().unwrap())
}

fn recorded(transactions: u64) -> String {
    let ending = if transactions == 1 { "" } else { "s" };
    format!(
        "escala: {transactions} transaction{ending} recorded (0 dropped) in .escala; see where it is slow: escala report\n"
    )
}

#[test]
fn a_new_finding_fails_until_it_is_accepted() {
    let project = Project::new();
    let failed = check(&project, &[], vec![book_list(1)]).expect(1, &recorded(1)).stdout;
    assert!(failed.starts_with("ran\n1 new finding in 1 transaction of `sh -c`\n"), "{failed}");
    assert!(failed.contains("1. n-plus-one: shop.Book.publisher"), "{failed}");

    let accepted = check(&project, &["--update-baseline"], vec![book_list(1)]).expect(0, &recorded(1)).stdout;
    assert!(accepted.contains("No new finding") && accepted.contains("; 1 accepted\n"), "{accepted}");
    let file = fs::read_to_string(project.root().join("escala-baseline.json")).unwrap();
    assert!(file.contains("\"about\": \"shop.Book.publisher\""), "{file}");

    let options = ["--format", "json", "--output", "check.json"];
    let quiet = check(&project, &options, vec![book_list(1)]).expect(0, &recorded(1)).stdout;
    assert_eq!(quiet, "ran\n");
    let text = fs::read_to_string(project.root().join("check.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&document["passed"], &document["accepted"]), (&true.into(), &1.into()));

    let page = page("/health/", "shop.views.health", 530_000, 4);
    let gone = check(&project, &[], vec![page]).expect(0, &recorded(1)).stdout;
    assert!(gone.contains("1 accepted finding is gone; --update-baseline"), "{gone}");
}

#[test]
fn an_endpoint_over_its_budget_fails() {
    let project = Project::new();
    project.write("site/escala.toml", "[check.queries]\n\"GET /books/\" = 100\n\"GET /stores/\" = 1\n");
    let warning =
        "escala: warning: escala.toml: the budget of `GET /stores/` is about nothing that was seen\n";
    let ended = check(&project, &["--update-baseline"], vec![book_list(1)]);
    let page = ended.expect(1, &(recorded(1) + warning)).stdout;
    assert!(page.contains("1 endpoint over budget in 1 transaction"), "{page}");
    assert!(page.ends_with("\nGET /books/ makes 101 queries; its budget is 100\n"), "{page}");
}

#[test]
fn a_command_that_fails_keeps_its_status() {
    let project = Project::new();
    let ended = project.run(&["check", "--", "sh", "-c", "exit 7"]);
    assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(7), ""));
    assert_eq!(project.run(&["check", "--", "true"]).status.code(), Some(3), "nothing was observed");
}

#[test]
fn a_baseline_that_is_none_is_said_before_the_command_runs() {
    let project = Project::new();
    project.write("site/escala-baseline.json", "{}");
    let ended = project.run(&["check", "--", "touch", "ran"]);
    assert_eq!(ended.status.code(), Some(2));
    assert!(
        ended.stderr.starts_with("escala: error: escala-baseline.json does not hold accepted findings"),
        "{}",
        ended.stderr
    );
    assert!(!project.root().join("ran").exists());
}
