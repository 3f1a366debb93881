//! Everything that an ORM does: one page for each construct, which says in its own source where the queryset is built
//! and where the relation is touched.
//!
//! A page's name stands in a comment at the line: `origin: NAME` where the queryset is built, `access: NAME RULE
//! RELATION` where the relation is loaded once per row (`access: NAME RULE` where it is a statement that runs, `before:
//! NAME` where the same ran before), or `silent: NAME` where nothing is to be found. `since 6.1` at the end of the line
//! says from which Django on there is such a page, `visited 3` that it is visited so often and not once.

use std::collections::BTreeMap;

use journeys::{Client, Site, files, pythons};
use serde_json::{Value, json};

/// What the site says of one page.
#[derive(Default)]
struct Page {
    silent: bool,
    rule: String,
    relation: Option<String>,
    origin: Value,
    access: Value,
    before: Value,
    since: Option<Version>,
    visits: Option<usize>,
}

type Version = (u32, u32);

/// The pages of the site, by name.
fn pages(site: &Site) -> BTreeMap<String, Page> {
    let mut pages = BTreeMap::new();
    for (name, bytes) in files(&site.path().join("library")) {
        let Ok(text) = String::from_utf8(bytes) else { continue };
        for (index, line) in text.lines().enumerate() {
            read(line, &json!({"file": format!("library/{name}"), "line": index + 1}), &mut pages);
        }
    }
    pages
}

fn read(line: &str, place: &Value, pages: &mut BTreeMap<String, Page>) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let word = |index: usize| words.get(index).copied().unwrap_or_default();
    for index in 0..words.len() {
        if !matches!(word(index), "origin:" | "access:" | "before:" | "silent:") {
            continue;
        }
        let page = pages.entry(word(index + 1).to_owned()).or_default();
        match word(index) {
            "origin:" => page.origin = place.clone(),
            "before:" => page.before = place.clone(),
            "access:" => {
                page.access = place.clone();
                word(index + 2).clone_into(&mut page.rule);
                page.relation = Some(word(index + 3)).filter(|word| word.contains('.')).map(str::to_owned);
            }
            _ => page.silent = true,
        }
        if let Some(since) = words.iter().position(|word| *word == "since") {
            page.since = Some(version(word(since + 1)));
        }
        if let Some(visited) = words.iter().position(|word| *word == "visited") {
            page.visits = Some(word(visited + 1).parse().expect("a number"));
        }
    }
}

fn version(text: &str) -> Version {
    let mut numbers = text.split('.').map(|number| number.parse().expect("a version"));
    (numbers.next().expect("a version"), numbers.next().expect("a minor version"))
}

/// What every page answers.
fn visit(site: &Site, names: &[(&String, usize)], observed: bool) -> BTreeMap<String, (u16, String)> {
    let mut server = site.serve("wsgi", observed);
    let mut client = Client::new(server.port());
    let visits = names.iter().flat_map(|(name, visits)| std::iter::repeat_n(*name, *visits));
    let answers = visits.map(|name| {
        let answer = client.get(&format!("/{name}/"));
        assert_eq!(answer.status, 200, "{name}: {}\n{}", answer.text(), server.log());
        (name.clone(), (answer.status, without_csrf_token(&answer.text())))
    });
    let answers = answers.collect();
    assert!(server.stop().success(), "{}", server.log());
    answers
}

/// The admin's pages have a form, whose token is another one in every answer.
fn without_csrf_token(page: &str) -> String {
    let mut pieces = page.split("name=\"csrfmiddlewaretoken\" value=\"");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |page, piece| page + piece.split_once('"').map_or(piece, |(_token, rest)| rest))
}

/// File and line of a place, or null for both.
fn place(place: &Value) -> Value {
    json!({"file": place["file"], "line": place["line"]})
}

/// The findings of one page, without what it costs.
fn found(report: &Value, name: &str) -> Vec<Value> {
    let endpoint = Value::from(format!("GET /{name}/"));
    let findings = report["findings"].as_array().expect("findings");
    let of_page = |finding: &&Value| finding["endpoints"].as_array().expect("endpoints").contains(&endpoint);
    findings
        .iter()
        .filter(of_page)
        .map(|finding| {
            json!({
                "rule": finding["rule"],
                "relation": finding["relation"],
                "origin": place(&finding["origin"]),
                "access": place(&finding["access"]),
                "before": place(&finding["before"]),
            })
        })
        .collect()
}

fn every_construct(python: &str, django: Version) {
    let site = Site::copy_of("tests/journeys/sites/orm", python, &[]);
    let _ = site.python(&["manage.py", "seed"]).ok();
    let pages = pages(&site);
    let names: Vec<(&String, usize)> = pages
        .iter()
        .filter(|(_, page)| page.since.unwrap_or_default() <= django)
        .map(|(name, page)| (name, page.visits.unwrap_or(1)))
        .collect();
    assert!(names.len() > 80, "only {} pages", names.len());

    let bare = visit(&site, &names, false);
    let observed = visit(&site, &names, true);
    for (name, _) in &names {
        assert_eq!(bare[*name], observed[*name], "{name} answers differently under the agent");
    }

    let report = site.escala(&["report", "--format", "json"]).ok().json();
    assert_eq!(report["dropped"], 0);
    let mut wrong = Vec::new();
    for (name, _) in names {
        let page = &pages[name];
        let expected = json!({
            "rule": page.rule,
            "relation": page.relation,
            "origin": place(&page.origin),
            "access": place(&page.access),
            "before": place(&page.before),
        });
        let expected = if page.silent { vec![] } else { vec![expected] };
        let found = found(&report, name);
        if found != expected {
            wrong.push(format!("{name}\n  expected {expected:?}\n  found    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "Django {django:?}:\n{}", wrong.join("\n"));
}

#[test]
fn every_construct_is_traced_to_its_lines() {
    for (django, python) in pythons() {
        every_construct(&python, version(django.trim_start_matches("Django ")));
    }
}

#[test]
fn what_a_queryset_fetches_is_patched() {
    let (_, python) = pythons().remove(0);
    let site = Site::copy_of("tests/journeys/sites/orm", &python, &[]);
    let _ = site.python(&["manage.py", "seed"]).ok();
    let names =
        ["only", "defer", "deferred-joined", "exists-then-iterate", "count-then-iterate"].map(str::to_owned);
    visit(&site, &names.each_ref().map(|name| (name, 1)), true);
    let edits = [
        ("deferred", "only(\"title\")", "only(\"title\", \"blurb\")"),
        ("deferred", "defer(\"blurb\", \"price\")", "defer(\"price\")"),
        (
            "deferred",
            "only(\"title\", \"publisher__name\")",
            "only(\"title\", \"publisher__name\", \"publisher__motto\")",
        ),
        ("statements", "not books.exists()", "not books"),
        ("statements", "number = books.count()", "number = len(books)"),
    ];
    let mut expected = BTreeMap::new();
    for (file, before, after) in edits {
        let text = expected.entry(file).or_insert_with(|| site.read(&format!("library/views/{file}.py")));
        *text = text.replacen(before, after, 1);
    }
    let written = site.escala(&["fix", "--write", "--no-vcs", "--format", "json"]).ok().json();
    let fixes = written["fixes"].as_array().expect("fixes");
    assert!(fixes.len() == 5 && fixes.iter().all(|fix| fix["status"] == "proved"), "{written:#}");
    for (file, text) in expected {
        assert_eq!(site.read(&format!("library/views/{file}.py")), text);
    }
}
