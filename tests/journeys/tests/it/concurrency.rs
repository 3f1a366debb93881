//! Requests that interleave at random keep their queries apart: every request has a plan that is known beforehand, a
//! route of its own, and must be seen with exactly the queries of its plan.

use std::collections::BTreeMap;
use std::thread;

use journeys::{Client, Site, pythons};
use serde_json::Value;

/// Plans of the site of contexts.
const PLANS: usize = 200;

const PRINT_EXPECTED: &str = "
import json, django
from django.conf import settings
settings.configure(INSTALLED_APPS=['django.contrib.contenttypes'])
django.setup()
from contexts import plans
print(json.dumps(plans.expected()))
";

/// Makes all requests of a kind, `at_once` of them at the same time, and compares each with its plan.
fn keep_apart(site: &Site, kind: &str, server: &[&str], at_once: usize) {
    let expected = site.python(&["-c", PRINT_EXPECTED]).ok().json();
    let mut server = site.serve_with(server, true);
    let port = server.port();
    thread::scope(|scope| {
        for visitor in 0..at_once {
            scope.spawn(move || {
                for plan in (visitor..PLANS).step_by(at_once) {
                    let answer = Client::new(port).get(&format!("/{kind}/{plan}/"));
                    assert!(answer.text().contains(&format!("plan {plan}")), "{answer:?}");
                }
            });
        }
    });
    server.stop();
    let log = server.log();
    assert!(!log.contains("the app goes on without it") && !log.contains("Traceback"), "{log}");
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    assert_eq!(report["dropped"], 0);
    let seen: BTreeMap<&str, (&Value, &Value)> = report["endpoints"]
        .as_array()
        .expect("endpoints")
        .iter()
        .map(|row| (row["route"].as_str().expect("a route"), (&row["requests"], &row["queries"]["max"])))
        .collect();
    let once = Value::from(1);
    for plan in 0..PLANS {
        let route = format!("/{kind}/{plan}/");
        assert_eq!(seen.get(route.as_str()), Some(&(&once, &expected[&route])), "{route}");
    }
}

#[test]
fn two_hundred_tasks_of_an_event_loop() {
    for (_, python) in pythons() {
        let site = Site::contexts(&python);
        let uvicorn = ["-m", "uvicorn", "--port", "PORT", "contexts.asgi:application"];
        keep_apart(&site, "task", &uvicorn, PLANS);
    }
}

const GUNICORN: [&str; 10] = [
    "-m",
    "gunicorn",
    "--no-control-socket",
    "--bind",
    "127.0.0.1:PORT",
    "--worker-class",
    "gthread",
    "--threads",
    "50",
    "contexts.wsgi",
];

#[test]
fn fifty_threads_of_a_server() {
    for (_, python) in pythons() {
        keep_apart(&Site::contexts(&python), "thread", &GUNICORN, 50);
    }
}

/// What the agent asks of the user's objects may hand over to another thread, which finds the agent's tables taken.
#[test]
fn a_thread_that_finds_the_agent_at_work_in_another_loses_nothing() {
    const VISITORS: usize = 4;
    const REQUESTS_EACH: usize = 25;
    for (_, python) in pythons() {
        let site = Site::contexts(&python);
        let mut server = site.serve_with(&GUNICORN, true);
        let port = server.port();
        thread::scope(|scope| {
            for _ in 0..VISITORS {
                scope.spawn(move || {
                    for _ in 0..REQUESTS_EACH {
                        assert_eq!(Client::new(port).get("/elsewhere/").text(), "elsewhere");
                    }
                });
            }
        });
        server.stop();
        let report = site.escala(&["report", "--format", "json"]).ok().json();
        assert_eq!(report["dropped"], 0);
        let endpoint = &report["endpoints"][0];
        assert_eq!(endpoint["requests"], VISITORS * REQUESTS_EACH);
        assert_eq!(endpoint["queries"]["p50"], 1);
        assert_eq!(endpoint["queries"]["max"], 1);
    }
}
