//! Units of work beside requests: commands, tasks and tests, under every way to run them.

use std::collections::BTreeMap;

use journeys::{Site, pythons};
use serde_json::Value;

/// What was recorded: number, highest number of queries and statuses by kind and name.
type Recorded = BTreeMap<String, (u64, u64, String)>;

fn recorded(site: &Site) -> Recorded {
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    let row = |row: &Value| {
        let name =
            format!("{} {}", row["kind"].as_str().expect("a kind"), row["route"].as_str().expect("a name"));
        let number = |value: &Value| value.as_u64().expect("a number");
        (name, (number(&row["requests"]), number(&row["queries"]["max"]), row["status"].to_string()))
    };
    report["endpoints"].as_array().expect("endpoints").iter().map(row).collect()
}

fn expected(rows: &[(&str, u64, u64, &str)]) -> Recorded {
    rows.iter()
        .map(|(name, number, queries, status)| {
            ((*name).to_owned(), (*number, *queries, (*status).to_owned()))
        })
        .collect()
}

/// Runs it bare and observed, and compares what can be seen of both.
fn run_and_compare(site: &Site, arguments: &[&str]) -> Recorded {
    let bare = site.python(arguments);
    let observed = site.escala_run(arguments);
    assert_eq!(bare.status.code(), observed.status.code(), "{arguments:?}: {observed:#?}");
    let shown = |text: &str| text.split(" in ").next().unwrap_or_default().to_owned();
    assert_eq!(shown(&bare.stdout), shown(&observed.stdout), "{arguments:?}");
    assert!(!observed.stderr.contains("the app goes on without it"), "{observed:#?}");
    recorded(site)
}

#[test]
fn a_command_is_a_unit_with_its_exit_status() {
    for (name, python) in pythons() {
        let site = Site::contexts(&python);
        let view =
            |arguments: &[&str]| run_and_compare(&site, &[&["manage.py", "tally"], arguments].concat());
        assert_eq!(view(&["5"]), expected(&[("command tally", 1, 5, "{}")]), "{name}");
        assert_eq!(view(&["6", "--fail"]), expected(&[("command tally", 1, 6, r#"{"4":1}"#)]), "{name}");
    }
}

#[test]
fn a_command_owns_what_it_calls_and_its_tasks_are_units_of_their_own() {
    for (name, python) in pythons() {
        let site = Site::contexts(&python);
        let rows = expected(&[
            // Two of its own, three of the command that it calls, one of a task called like a function.
            ("command enqueue", 1, 6, "{}"),
            ("task contexts.tasks.count", 1, 3, "{}"),
            ("task contexts.tasks.fail", 1, 1, r#"{"1":1}"#),
            ("task contexts.tasks.own_count", 1, 6, "{}"),
            ("task contexts.tasks.own_fail", 1, 2, r#"{"1":1}"#),
            ("task contexts.tasks.own_async_count", 1, 1, "{}"),
        ]);
        assert_eq!(run_and_compare(&site, &["manage.py", "enqueue"]), rows, "{name}");
    }
}

#[test]
fn a_command_that_takes_tasks_from_a_queue_is_no_unit() {
    let (_, python) = pythons().remove(0);
    let site = Site::contexts(&python);
    let rows = expected(&[("task contexts.tasks.count", 3, 2, "{}")]);
    assert_eq!(run_and_compare(&site, &["manage.py", "work"]), rows);
}

/// A worker of Celery as operators run it, with processes that it forks; the broker is a directory.
#[test]
fn a_celery_worker_records_the_tasks_of_its_processes() {
    let (_, python) = pythons().remove(0);
    let site = Site::contexts(&python);
    let observed = site.escala_run(&["celery_journey.py"]).ok();
    assert!(!observed.stderr.contains("the app goes on without it"), "{observed:#?}");
    let rows = expected(&[
        ("task contexts.tasks.count", 4, 5, "{}"),
        ("task contexts.tasks.fail", 1, 1, r#"{"1":1}"#),
    ]);
    assert_eq!(recorded(&site), rows, "{observed:#?}");
}

const DJANGO_TESTS: [(&str, u64, u64, &str); 6] = [
    ("test contexts.tests.ContextsTests.test_by_itself", 1, 6, "{}"),
    ("test contexts.tests.ContextsTests.test_with_a_request", 1, 5, "{}"),
    ("test contexts.tests.ContextsTests.test_with_a_stream", 1, 6, "{}"),
    ("test contexts.tests.FurtherTests.test_elsewhere", 1, 8, "{}"),
    ("http /sync/", 1, 3, r#"{"200":1}"#),
    ("http /stream/", 1, 5, r#"{"200":1}"#),
];

const PYTEST_TESTS: [(&str, u64, u64, &str); 5] = [
    ("test test_functions.py::test_function[1]", 1, 1, "{}"),
    ("test test_functions.py::test_function[2]", 1, 2, "{}"),
    ("test test_functions.py::TestGroup::test_method", 1, 3, "{}"),
    ("test test_functions.py::test_without_a_database", 1, 0, "{}"),
    ("http ", 1, 0, r#"{"404":1}"#),
];

fn without_commands(mut rows: Recorded) -> Recorded {
    // The runners call `migrate` and others, which are units, and not those of the project.
    rows.retain(|name, _| !name.starts_with("command "));
    rows
}

#[test]
fn tests_of_django_are_units_in_one_process_and_in_several() {
    for ((name, python), parallel) in pythons().into_iter().zip([&["--parallel", "2"][..], &[]]) {
        let site = Site::contexts(&python);
        let rows = run_and_compare(&site, &[&["manage.py", "test"], parallel].concat());
        assert_eq!(without_commands(rows), expected(&DJANGO_TESTS), "{name} {parallel:?}");
    }
}

#[test]
fn tests_of_pytest_are_units_in_one_process_and_in_several() {
    for ((name, python), parallel) in pythons().into_iter().zip([&["-n", "2"][..], &[]]) {
        let site = Site::contexts(&python);
        let rows = run_and_compare(&site, &[&["-m", "pytest", "-q"], parallel].concat());
        let both = [&DJANGO_TESTS[..], &PYTEST_TESTS].concat();
        assert_eq!(without_commands(rows), expected(&both), "{name} {parallel:?}");
    }
}
