//! The main job on the bookstore: run it, see where it is slow, get patches that were proved on its own requests.

use std::collections::BTreeMap;

use journeys::{Client, Postgres, Site, files, pythons};
use serde_json::{Value, json};

/// Pages with the queries that they make before and, at most, after.
const PAGES: [(&str, u64, u64); 4] =
    [("/books/", 101, 1), ("/stores/", 11, 2), ("/stores/offers/", 12, 2), ("/", 1292, 10)];

/// Pages that are visited as well: every kind of view that the bookstore has; and `/messages/`, which wants a login.
const OTHER_PAGES: [&str; 9] = [
    "/api/orders/",
    "/search/?q=the&page=2",
    "/publishers/",
    "/publishers/1/",
    "/authors/",
    "/bestsellers/",
    "/reviews/",
    "/books/1/",
    "/health/",
];

fn visit_all(port: u16) -> BTreeMap<&'static str, String> {
    let mut answers = BTreeMap::new();
    let mut visit = |client: &mut Client, page| {
        let answer = client.get(page);
        assert_eq!(answer.status, 200, "{page}: {}", answer.text());
        answers.insert(page, without_csrf_token(&answer.text()));
    };
    let mut anonymous = Client::new(port);
    for page in PAGES.iter().map(|(page, _, _)| *page).chain(OTHER_PAGES) {
        visit(&mut anonymous, page);
    }
    let mut reader = Client::new(port);
    reader.log_in("/accounts/login/", &[("username", "demo"), ("password", "paperback")]);
    visit(&mut reader, "/messages/");
    answers
}

/// A page as it is for every visitor: the token of its forms is another one in every answer.
fn without_csrf_token(page: &str) -> String {
    let mut pieces = page.split("name=\"csrfmiddlewaretoken\" value=\"");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |page, piece| page + piece.split_once('"').map_or(piece, |(_token, rest)| rest))
}

/// Serves the site under Escala, visits every page, and returns what a visitor saw and the report.
fn observe(site: &Site) -> (BTreeMap<&'static str, String>, Value) {
    let mut server = site.serve("bookstore.wsgi", true);
    let answers = visit_all(server.port());
    assert!(server.stop().success(), "{}", server.log());
    (answers, site.escala(&["report", "--format", "json"]).ok().json())
}

fn queries(report: &Value, route: &str) -> u64 {
    let endpoints = report["endpoints"].as_array().expect("endpoints");
    let endpoint =
        endpoints.iter().find(|endpoint| endpoint["route"] == route).unwrap_or_else(|| panic!("{route}"));
    endpoint["queries"]["max"].as_u64().expect("a number")
}

fn the_main_job(site: &Site) {
    let (before, report) = observe(site);
    assert_eq!(report["dropped"], 0);
    for (page, queries_before, _) in PAGES {
        assert_eq!(queries(&report, page), queries_before, "{page}");
    }
    let written = site.escala(&["fix", "--write", "--format", "json"]).ok().json();
    for fix in written["fixes"].as_array().expect("fixes") {
        assert_eq!(fix["status"], "proved", "{fix:#}");
        assert_eq!(fix["replayed"], fix["identical"], "{fix:#}");
    }
    let (after, report) = observe(site);
    for (page, _, queries_after) in PAGES {
        let queries = queries(&report, page);
        assert!(queries <= queries_after, "{page}: {queries} queries are left\n{written:#}");
    }
    for (page, answer) in &before {
        assert_eq!(answer, &after[page], "{page} answers differently");
    }
    let left = report["findings"].as_array().expect("findings");
    assert!(left.is_empty(), "found again: {left:#?}");
}

#[test]
fn the_main_job_on_sqlite() {
    for (_, python) in pythons() {
        the_main_job(&Site::bookstore(&python, &[]));
    }
}

#[test]
fn the_main_job_on_postgresql() {
    let (_, python) = pythons().pop().expect("a Python");
    let postgres = Postgres::start();
    the_main_job(&Site::bookstore(&python, &[("DATABASE_URL", &postgres.url())]));
}

#[test]
fn a_fix_leaves_nothing_behind_but_its_edits() {
    let (_, python) = pythons().remove(0);
    let site = Site::bookstore(&python, &[]);
    let (_, report) = observe(&site);
    let findings = report["findings"].as_array().expect("findings");
    let finding =
        findings.iter().find(|finding| finding["endpoints"][0] == "GET /books/").expect("the N+1 of /books/");
    let hundred = json!({"rows": 100, "queries": 100});
    let growth = json!({"model": "shop.Book", "queries_per_row": 1, "fewest": hundred, "most": hundred});
    assert_eq!(finding["growth"], growth);
    let id = finding["id"].as_str().expect("an id");
    let before = tree(&site);
    let changed = |before: &BTreeMap<String, Vec<u8>>| {
        let after = tree(&site);
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "files came or went");
        after
            .into_iter()
            .filter(|(file, text)| before[file] != *text)
            .map(|(file, _)| file)
            .collect::<Vec<_>>()
    };
    let _ = site.escala(&["fix", id]).ok();
    assert_eq!(changed(&before), [""; 0], "without --write nothing is written");
    let _ = site.escala(&["fix", id, "--write"]).ok();
    assert_eq!(changed(&before), ["shop/views.py"]);
    let written = tree(&site);
    let again = site.escala(&["fix", id, "--write", "--format", "json"]).json();
    assert_eq!(again["fixes"][0]["status"], "unsupported");
    assert_eq!(again["fixes"][0]["reason"], "shop/views.py changed since the trace; run the traffic again");
    assert_eq!(changed(&written), [""; 0]);
}

#[test]
fn an_admin_whose_lists_are_eager_has_no_findings() {
    for (_, python) in pythons() {
        let site = Site::bookstore(&python, &[]);
        let mut server = site.serve("bookstore.wsgi", true);
        let mut client = Client::new(server.port());
        client.log_in("/admin/login/", &[("username", "admin"), ("password", "paperback")]);
        for model in [
            "shop/book",
            "shop/publisher",
            "shop/author",
            "shop/store",
            "shop/review",
            "orders/order",
            "inbox/message",
        ] {
            for page in [format!("/admin/{model}/"), format!("/admin/{model}/1/change/")] {
                assert_eq!(client.get(&page).status, 200, "{page}");
            }
        }
        assert!(server.stop().success());
        let report = site.escala(&["report", "--format", "json"]).ok().json();
        assert_eq!(report["findings"], Value::Array(vec![]));
    }
}

/// Every file of the site but the store, the database and bytecode, with its bytes.
fn tree(site: &Site) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(site.path());
    files.retain(|name, _| !name.starts_with(".escala/") && !name.contains("db.sqlite3"));
    files
}
