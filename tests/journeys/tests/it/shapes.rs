//! The ways in which projects build their querysets, each with an N+1: found, proved, and written as a colleague would.

use journeys::{Client, Site, pythons};
use serde_json::Value;

/// The files that are edited, with the texts that they are to have.
const EDITED: [(&str, &str); 3] = [
    ("shop/views.py", include_str!("shapes/views.py.txt")),
    ("shop/context.py", include_str!("shapes/context.py.txt")),
    ("shop/templatetags/shelves.py", include_str!("shapes/shelves.py.txt")),
];

/// Visits every page; the answers and the report.
fn observe(site: &Site) -> (Vec<String>, Value) {
    let mut server = site.serve("shop.wsgi", true);
    let mut client = Client::new(server.port());
    let listing = "from shop.urls import urlpatterns; print(*(pattern.pattern for pattern in urlpatterns))";
    let pages = site.python(&["manage.py", "shell", "--verbosity", "0", "-c", listing]).ok().stdout;
    let mut visit = |page: &str| {
        // Its name sounds like a secret, so that the page could not be replayed; the settings say that it is none.
        let answer = client.get(&format!("/{page}?code=spring"));
        assert_eq!(answer.status, 200, "{page}: {}", answer.text());
        answer.text()
    };
    let answers = pages.split_whitespace().map(&mut visit).collect();
    assert!(server.stop().success(), "{}", server.log());
    (answers, site.escala(&["report", "--format", "json"]).ok().json())
}

fn array<'json>(value: &'json Value, key: &str) -> &'json [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("{key} in {value:#}"))
}

#[test]
fn every_shape_is_proved_and_written() {
    for (name, python) in pythons() {
        let site = Site::copy_of("tests/journeys/sites/shapes", &python, &[]);
        let _ = site.python(&["manage.py", "seed"]).ok();
        let (before, _) = observe(&site);
        let written = site.escala(&["fix", "--write", "--format", "json"]).ok().json();
        let unproved: Vec<&Value> =
            array(&written, "fixes").iter().filter(|fix| fix["status"] != "proved").collect();
        assert_eq!(unproved, Vec::<&Value>::new(), "{name}");
        for (file, text) in EDITED {
            assert_eq!(site.read(file), text, "{name}: {file}");
        }
        let (after, report) = observe(&site);
        assert_eq!(after, before, "{name}");
        assert_eq!(report["findings"], Value::Array(vec![]), "{name}");
    }
}
