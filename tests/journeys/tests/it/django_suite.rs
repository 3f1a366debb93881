//! A part of Django's own test suite, without the agent and with it; `benchsuite/django-suite` runs the whole.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use journeys::{pythons, required};
use tempfile::TempDir;

/// Applications whose tests go through what the agent wraps: requests, querysets, relations, compilers, cursors and
/// test cases. Both sides together take about a minute.
const APPLICATIONS: &[&str] = &[
    "async",
    "asgi",
    "contenttypes_tests",
    "defer",
    "foreign_object",
    "generic_relations",
    "handlers",
    "known_related_objects",
    "m2m_through",
    "many_to_many",
    "many_to_one",
    "one_to_one",
    "prefetch_related",
    "queries",
    "queryset_pickle",
    "raw_query",
    "requests_tests",
    "select_related",
    "select_related_onetoone",
    "test_client",
    "test_runner",
    "test_utils",
    "transactions",
];

/// Two tests that need no database.
const TWO_TESTS: &str = "handlers.tests.SignalsTests";

/// Runs the campaign on the newest Django that this machine can have.
fn campaign(escala: &Path, labels: &[&str], results: &TempDir) -> Output {
    let (name, python) = pythons().pop().expect("Django 5.2 runs on every machine");
    let repository =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/journeys is two deep");
    let mut command = Command::new(python);
    command
        .arg(repository.join("benchsuite/django-suite/run.py"))
        .args(["--django", name.trim_start_matches("Django "), "--parallel", "2"])
        .arg("--results")
        .arg(results.path())
        .arg("--labels")
        .args(labels)
        .env("ESCALA_BIN", escala)
        .env("ESCALA_BENCH_WORK", required("ESCALA_BENCH_WORK"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command.output().expect("the campaign starts")
}

/// Stands for `escala`: runs the command in its own way, and reports this many units of work.
fn impostor(directory: &TempDir, run: &str, recorded: u32) -> PathBuf {
    let path = directory.path().join("escala");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = report ]; then echo '{{\"transactions\": {recorded}, \"dropped\": 0}}'; exit; fi\n\
         shift 4\n{run}\n"
    );
    std::fs::write(&path, script).expect("a script");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("an executable");
    path
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn djangos_own_tests_end_alike_with_the_agent() {
    let results = TempDir::new().unwrap();
    let output = campaign(Path::new(&required("ESCALA_BIN")), APPLICATIONS, &results);
    assert!(output.status.success(), "{}\n{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
    let mut files = std::fs::read_dir(results.path()).unwrap().map(|entry| entry.unwrap().path());
    let summary = files.find(|path| path.extension().is_some_and(|kind| kind == "json")).unwrap();
    let summary: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(summary).unwrap()).unwrap();
    // So many tests ran, and the agent saw nearly all of them: what is no `SimpleTestCase` is no unit of work.
    let passed = summary["injected"]["outcomes"]["passed"].as_u64().unwrap();
    let recorded = summary["injected"]["recorded"].as_u64().unwrap();
    assert!(passed > 1_900 && recorded > 1_900, "{summary:#}");
}

#[test]
fn a_test_that_ends_otherwise_fails_the_campaign() {
    let directory = TempDir::new().unwrap();
    let escala = impostor(&directory, "exec \"$@\" -k streaming", 1);
    let output = campaign(&escala, &[TWO_TESTS], &directory);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let error = "SignalsTests.test_request_signals: passed without, not run with";
    assert!(stderr(&output).contains(error), "{}", stderr(&output));
}

#[test]
fn an_agent_that_is_not_there_fails_the_campaign() {
    let directory = TempDir::new().unwrap();
    let escala = impostor(&directory, "exec \"$@\"", 0);
    let output = campaign(&escala, &[TWO_TESTS], &directory);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("the agent recorded nothing"), "{}", stderr(&output));
}
