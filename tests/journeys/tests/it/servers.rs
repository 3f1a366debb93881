//! Every server that Django sites run on: the answers and the end are those without Escala, and every request is
//! recorded once, with its own queries.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitStatus;

use journeys::{Client, Server, Site, pythons};
use serde_json::Value;

/// Pages of the site of contexts, and the queries that each makes by itself.
const PAGES: [(&str, u64); 8] = [
    ("/sync/", 3),
    ("/async/", 5),
    ("/stream/", 5),
    ("/async-stream/", 4),
    ("/nested/", 4),
    ("/async-nested/", 1),
    ("/threads/", 2),
    ("/command/", 5),
];

/// Pages that visit a page themselves.
const NESTED: [(&str, &str); 2] = [("/nested/", "/sync/"), ("/async-nested/", "/async/")];

const VISITS: u64 = 2;

const GUNICORN: [&str; 6] =
    ["-m", "gunicorn", "--no-control-socket", "--bind", "127.0.0.1:PORT", "contexts.wsgi"];

/// Visits every page; gives the answers and how the server ended.
fn visit(server: &mut Server, pages: &[(&'static str, u64)]) -> (BTreeMap<&'static str, String>, ExitStatus) {
    let mut client = Client::new(server.port());
    let mut answers = BTreeMap::new();
    for _ in 0..VISITS {
        for (page, _) in pages {
            let answer = client.get(page);
            assert_eq!(answer.status, 200, "{page}: {}\n{}", answer.text(), server.log());
            answers.insert(*page, answer.text());
        }
    }
    (answers, server.stop())
}

fn endpoint<'report>(report: &'report Value, route: &str) -> &'report Value {
    let endpoints = report["endpoints"].as_array().expect("endpoints");
    endpoints
        .iter()
        .find(|endpoint| endpoint["route"] == route)
        .unwrap_or_else(|| panic!("{route}: {report:#}"))
}

/// Each with the number of its requests and of their queries.
fn assert_recorded(report: &Value, route: &str, requests: u64, queries: u64) {
    let endpoint = endpoint(report, route);
    assert_eq!(endpoint["requests"], requests, "{endpoint:#}");
    assert_eq!(endpoint["queries"]["p50"], queries, "{endpoint:#}");
    assert_eq!(endpoint["queries"]["max"], queries, "{endpoint:#}");
}

/// The agent had nothing to say; `escala run` says one thing, at the end.
fn assert_silent(log: &str) {
    assert!(!log.contains("Traceback"), "{log}");
    assert!(!log.contains("the app goes on without it"), "{log}");
    let own: Vec<&str> = log.lines().filter(|line| line.starts_with("escala")).collect();
    assert!(matches!(own[..], [line] if line.contains("(0 dropped)")), "{log}");
}

fn serve_and_compare(name: &str, python: &str, arguments: &[&str], pages: &[(&'static str, u64)]) {
    let site = Site::contexts(python);
    let (bare, bare_end) = visit(&mut site.serve_with(arguments, false), pages);
    let mut server = site.serve_with(arguments, true);
    let (observed, end) = visit(&mut server, pages);
    assert_eq!(bare, observed, "{name}");
    assert_eq!(bare_end, end, "{name}: {}", server.log());
    assert_silent(&server.log());
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    for (page, queries) in pages {
        let visitors = pages.iter().filter(|(visitor, _)| NESTED.contains(&(visitor, page)));
        assert_recorded(&report, page, VISITS * (1 + visitors.count() as u64), *queries);
    }
    assert_eq!(report["dropped"], 0, "{name}");
}

/// Django's event loops and gevent's do not go together; nor do, after `--preload`, its threads and gevent's.
fn works_with_gevent(page: &str) -> bool {
    !page.contains("async") && page != "/threads/"
}

#[test]
fn gunicorn_with_each_worker_class() {
    for ((name, python), preload) in pythons().into_iter().zip([false, true]) {
        for class in ["sync", "gthread", "gevent"] {
            let mut arguments = GUNICORN.to_vec();
            arguments.extend(["--worker-class", class, "--threads", "4", "--workers", "2"]);
            arguments.extend(preload.then_some("--preload"));
            let pages = PAGES.into_iter().filter(|(page, _)| class != "gevent" || works_with_gevent(page));
            let name = format!("{name}, gunicorn {class}, preload {preload}");
            serve_and_compare(&name, &python, &arguments, &pages.collect::<Vec<_>>());
        }
    }
}

#[test]
fn uvicorn_with_one_worker_and_with_two() {
    for ((name, python), workers) in pythons().into_iter().zip(["1", "2"]) {
        let arguments =
            ["-m", "uvicorn", "--port", "PORT", "--workers", workers, "contexts.asgi:application"];
        serve_and_compare(&format!("{name}, uvicorn with {workers} workers"), &python, &arguments, &PAGES);
    }
}

#[test]
fn granian_through_both_interfaces() {
    for ((name, python), interface) in pythons().into_iter().zip(["wsgi", "asginl"]) {
        let application = format!("contexts.{}:application", &interface[..4]);
        let arguments =
            ["-m", "granian", "--port", "PORT", "--workers", "2", "--interface", interface, &application];
        serve_and_compare(&format!("{name}, granian {interface}"), &python, &arguments, &PAGES);
    }
}

#[test]
fn a_stream_ends_with_its_connection() {
    let (_, python) = pythons().remove(0);
    let site = Site::contexts(&python);
    let uvicorn = ["-m", "uvicorn", "--port", "PORT", "contexts.asgi:application"];
    for (arguments, page) in [(&GUNICORN[..], "/endless-stream/"), (&uvicorn, "/endless-async-stream/")] {
        let mut server = site.serve_with(arguments, true);
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).expect("the server listens");
        write!(stream, "GET {page} HTTP/1.0\r\nHost: localhost\r\n\r\n").expect("the server reads");
        let mut part = vec![0; 10 * 65_536];
        stream.read_exact(&mut part).expect("the stream begins");
        drop(stream);
        assert_eq!(Client::new(server.port()).get("/sync/").status, 200);
        server.stop();
        assert_silent(&server.log());
        let report = site.escala(&["report", "--format", "json"]).ok().json();
        assert_recorded(&report, page, 1, 4);
        let ms = endpoint(&report, page)["ms"]["p50"].as_f64().expect("a number");
        assert!((50.0..2_900.0).contains(&ms), "{page} lasted {ms} ms");
    }
}

#[test]
fn runserver_records_before_and_after_a_reload() {
    let (_, python) = pythons().pop().expect("a Python");
    let site = Site::contexts(&python);
    let mut server = site.runserver();
    let mut client = Client::new(server.port());
    assert_eq!(client.get("/sync/").text(), "sync");
    let views = site.read("contexts/views.py").replace(
        "queries(3)\n    return HttpResponse(\"sync\")",
        "queries(7)\n    return HttpResponse(\"new\")",
    );
    // The reloader looks once a second, and nothing answers while the server starts anew. What is written before it has
    // looked for the first time is no change, so it is written again.
    let mut answers = (0..200).filter_map(|attempt| {
        if attempt % 30 == 0 {
            site.write("contexts/views.py", &views);
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
        client.try_get("/sync/")
    });
    let reloaded = answers.any(|answer| answer.text() == "new");
    assert!(reloaded, "{}", server.log());
    server.stop();
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    let sync = endpoint(&report, "/sync/");
    assert_eq!(sync["queries"]["max"], 7, "{sync:#}");
    assert_eq!(report["dropped"], 0);
    let kinds: Vec<_> =
        report["endpoints"].as_array().expect("endpoints").iter().map(|row| &row["kind"]).collect();
    assert!(kinds.iter().all(|kind| *kind == "http"), "the server itself is no unit of work: {report:#}");
}
