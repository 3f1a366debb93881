//! Proof by the project's own tests, under both runners: also of what writes, and of what nobody visited.

use std::collections::BTreeMap;

use journeys::{Output, Postgres, Site, files, pythons};
use serde_json::Value;

/// A view that writes and has an N+1, and what tests it.
const VIEW: &str = r#"

def restock(request):
    Book.objects.filter(price=0).update(price=1)
    books = Book.objects.all()
    return JsonResponse({"books": [f"{book.title}, {book.publisher.name}" for book in books]})
"#;

const TESTS: &str = r#"
import os

from django.urls import reverse

from .base import SeededTestCase


class RestockTests(SeededTestCase):
    def test_restock(self):
        response = self.client.post(reverse("restock"))
        self.assertEqual(len(response.json()["books"]), 100)

    def test_books(self):
        self.assertEqual(self.client.get(reverse("book-list")).status_code, 200)
"#;

/// With it, the tests want as many queries as there are now.
const COUNTING_TEST: &str = r#"
    def test_queries(self):
        with self.assertNumQueries(102):
            self.client.post(reverse("restock"))
"#;

/// The bookstore with a view that writes.
fn site(python: &str, environment: &[(&str, &str)]) -> Site {
    let site = Site::copy_of("samples/bookstore", python, environment);
    let views = site.read("shop/views.py");
    site.write("shop/views.py", &(views + VIEW));
    let urls = site.read("shop/urls.py");
    let first = "urlpatterns = [\n";
    assert!(urls.contains(first));
    let restock = format!("{first}    path(\"restock/\", views.restock, name=\"restock\"),\n");
    site.write("shop/urls.py", &urls.replace(first, &restock));
    site.write("shop/tests/test_restock.py", TESTS);
    site
}

/// The arguments of Python for the tests of the view that writes.
const DJANGO: [&str; 4] = ["manage.py", "test", "--noinput", "shop.tests.test_restock"];
const PYTEST: [&str; 6] =
    ["-m", "pytest", "-q", "--ds=bookstore.settings", "-pno:cacheprovider", "shop/tests/test_restock.py"];

fn command(python: &str, arguments: &[&str]) -> String {
    format!("{python} {}", arguments.join(" "))
}

fn fix(site: &Site, command: &str, more: &[&str]) -> Output {
    site.escala(&[&["fix", "--format", "json", "--prove-with", command], more].concat())
}

/// What became of the finding on the relation of this endpoint.
fn of<'a>(report: &Value, outcome: &'a Value, endpoint: &str) -> &'a Value {
    let findings = report["findings"].as_array().expect("findings");
    let is_there = |finding: &&Value| {
        finding["endpoints"].as_array().expect("endpoints").iter().any(|known| known == endpoint)
            && finding["rule"] == "n-plus-one"
    };
    let id = &findings.iter().find(is_there).unwrap_or_else(|| panic!("{endpoint}: {report:#}"))["id"];
    let fixes = outcome["fixes"].as_array().expect("fixes");
    fixes.iter().find(|fix| fix["finding"] == *id).expect("a fix of each finding")
}

fn report(site: &Site) -> Value {
    site.escala(&["report", "--format", "json"]).ok().json()
}

/// The tests find it, say that they can prove it, prove it, and agree with what was written.
fn from_the_tests_to_the_fix(name: &str, site: &Site, python: &str, arguments: &[&str], proving: &[&str]) {
    let _ = site.escala_run(arguments).ok();
    let found = report(site);
    let without = site.escala(&["fix", "--format", "json"]).ok().json();
    let restock = of(&found, &without, "POST /restock/");
    assert_eq!(restock["status"], "unsupported", "{name}");
    assert_eq!(
        restock["reason"],
        "only seen inside tests (POST /restock/); prove it with them: --prove-with COMMAND",
        "{name}"
    );
    let outcome = fix(site, &command(python, proving), &["--write"]).ok().json();
    for (endpoint, queries) in [("POST /restock/", 102), ("GET /books/", 101)] {
        let fix = of(&found, &outcome, endpoint);
        assert_eq!(fix["status"], "proved", "{name}: {fix:#}");
        assert_eq!(fix["replayed"], 0, "{name}: {fix:#}");
        for (key, number) in [("tests", 2), ("responses", 2), ("identical", 2)] {
            assert_eq!(fix["tests"][key], number, "{name}: {key} of {fix:#}");
        }
        let expected = serde_json::json!({ "before": queries, "after": queries - 100 });
        assert_eq!(fix["queries"], expected, "{name}: {fix:#}");
    }
    assert_eq!(outcome["written"], true, "{name}");
    let views = site.read("shop/views.py");
    assert_eq!(views.matches("select_related(\"publisher\")").count(), 2, "{name}: {views}");
    let _ = site.escala_run(arguments).ok();
    assert_eq!(report(site)["findings"].as_array().map(Vec::len), Some(own_findings(&found)), "{name}");
}

/// Findings that no fix answers: those of the seed, which the tests call.
fn own_findings(report: &Value) -> usize {
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().filter(|finding| finding["rule"] != "n-plus-one").count()
}

#[test]
fn tests_of_django_prove_what_no_replay_can() {
    for ((name, python), parallel) in pythons().into_iter().zip([&[][..], &["--parallel", "2"]]) {
        let site = site(&python, &[]);
        from_the_tests_to_the_fix(name, &site, &python, &DJANGO, &[&DJANGO[..], parallel].concat());
    }
}

#[test]
fn tests_of_pytest_prove_what_no_replay_can() {
    for ((name, python), parallel) in pythons().into_iter().zip([&["-n", "2"][..], &[]]) {
        let site = site(&python, &[]);
        from_the_tests_to_the_fix(name, &site, &python, &PYTEST, &[&PYTEST[..], parallel].concat());
    }
}

#[test]
fn tests_on_postgresql_prove_too_and_one_that_counts_queries_is_heard() {
    let (name, python) = pythons().pop().expect("a Python");
    let postgres = Postgres::start();
    let site = site(&python, &[("DATABASE_URL", &postgres.url())]);
    site.write("shop/tests/test_restock.py", &(TESTS.to_owned() + COUNTING_TEST));
    let _ = site.escala_run(&DJANGO).ok();
    let found = report(&site);
    let outcome = fix(&site, &command(&python, &DJANGO), &[]).ok().json();
    let restock = of(&found, &outcome, "POST /restock/");
    assert_eq!(restock["status"], "rejected", "{name}: {restock:#}");
    let reason = restock["reason"].as_str().expect("a reason");
    let expected =
        "test shop.tests.test_restock.RestockTests.test_queries counts the queries and does not expect fewer";
    assert!(reason.starts_with(expected), "{name}: {reason}");
    let books = of(&found, &outcome, "GET /books/");
    assert_eq!(books["status"], "proved", "{name}: {books:#}");
    assert_eq!(outcome["together"]["findings"], serde_json::json!([books["finding"]]), "{name}");
}

#[test]
fn tests_that_fail_on_the_project_as_it_is_prove_nothing() {
    let (name, python) = pythons().remove(0);
    let site = site(&python, &[]);
    let _ = site.escala_run(&DJANGO).ok();
    let failing = "    def test_fails(self):\n        self.assertEqual(1, 2)\n";
    site.write("shop/tests/test_restock.py", &format!("{TESTS}\n{failing}"));
    let before = source(&site);
    let ended = fix(&site, &command(&python, &DJANGO), &["--write"]);
    assert_eq!((ended.status.code(), ended.stdout.as_str()), (Some(1), ""), "{name}");
    assert_eq!(
        ended.stderr,
        "escala: error: the tests to prove with do not pass on the project as it is: test \
         shop.tests.test_restock.RestockTests.test_fails: AssertionError: 1 != 2\n",
        "{name}"
    );
    assert_eq!(source(&site), before, "{name}");
}

/// Every file of the site's apps, with its text.
fn source(site: &Site) -> BTreeMap<String, String> {
    let mut files = files(site.path());
    files.retain(|name, _| !name.starts_with(".git/") && !name.starts_with(".escala/escala.db"));
    files.into_iter().map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).into_owned())).collect()
}
