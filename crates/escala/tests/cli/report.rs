//! `escala report` on recorded traffic.

use std::process::Stdio;

use observation::EdgeOutcome;

use crate::support::Project;
use crate::traffic::{book_list, page, record, record_behind_edge};

const VIEWS: &str = "from shop.models import Book\n\n\ndef book_list(request):\n    books = Book.objects.all()\n    return \
    render(request, \"books.html\", {\"books\": books})\n";
const TEMPLATE: &str =
    "<table>\n{% for book in books %}\n  <td>{{ book.publisher.name }}</td>\n{% endfor %}\n";

fn bookstore() -> Project {
    let project = Project::new();
    project.write("site/shop/views.py", VIEWS);
    project.write("site/shop/templates/books.html", TEMPLATE);
    let mut transactions: Vec<_> = (1..=3).map(book_list).collect();
    transactions.push(page("/health/", "shop.views.health", 530_000, 4));
    record(&project, transactions);
    project
}

#[test]
fn the_page() {
    insta::assert_snapshot!(bookstore().run(&["report"]).expect(0, "").stdout);
}

#[test]
fn the_document() {
    insta::assert_snapshot!(bookstore().run(&["report", "--format", "json"]).expect(0, "").stdout);
}

#[test]
fn what_the_edge_answered_is_told_by_endpoint() {
    let project = bookstore();
    let answered = [
        ("/books/", EdgeOutcome::Hit, 97),
        ("/books/", EdgeOutcome::Miss, 3),
        ("/static/site.css", EdgeOutcome::Static, 40),
        ("/wp-login.php", EdgeOutcome::Pass, 1),
    ];
    record_behind_edge(&project, (1..=3).map(book_list).collect(), &answered);
    let page = project.run(&["report"]).expect(0, "").stdout;
    let section = page.split_once("\nEdge: ").unwrap_or_else(|| panic!("{page}")).1;
    insta::assert_snapshot!(section);
    let document = project.run(&["report", "--format", "json"]).expect(0, "").stdout;
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let books = &document["edge"]["endpoints"][0];
    assert_eq!((&books["route"], &books["hit_rate"]), (&"/books/".into(), &0.97.into()));
    let page = project.run(&["report", "GET", "/books/"]).expect(0, "").stdout;
    assert!(page.contains("\nedge: 100 requests, hit rate 97%\n"), "{page}");
    let summary = project.run(&["report", "--format", "markdown"]).expect(0, "").stdout;
    assert!(summary.contains("| `GET /books/` | 100 | 97% |"), "{summary}");
    // A run without an edge says nothing of one.
    record(&project, vec![book_list(1)]);
    assert!(!project.run(&["report"]).expect(0, "").stdout.to_lowercase().contains("edge"));
}

#[test]
fn only_the_latest_run_counts() {
    let project = bookstore();
    record(&project, vec![page("/health/", "shop.views.health", 530_000, 1)]);
    let ended = project.run(&["report"]).expect(0, "");
    assert!(
        ended.stdout.starts_with("No findings in 1 transaction of `gunicorn bookstore.wsgi`\n"),
        "{}",
        ended.stdout
    );
    // A run without traffic hides nothing.
    assert_eq!(project.run_shell("exit 1").status.code(), Some(1));
    assert_eq!(project.run(&["report"]).expect(0, "").stdout, ended.stdout);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let project = bookstore();
    let mut child =
        project.escala(&["report"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn one_endpoint() {
    let project = bookstore();
    let page = project.run(&["report", "GET /books/"]).expect(0, "").stdout;
    insta::assert_snapshot!(page);
    assert_eq!(project.run(&["report", "GET", "/books/"]).expect(0, "").stdout, page);
    let document = project.run(&["report", "GET /books/", "--format", "json"]).expect(0, "").stdout;
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["endpoint"]["route"], "/books/");
    assert_eq!(document["queries"][0]["count"], 100);
}

#[test]
fn an_endpoint_that_nobody_visited() {
    bookstore().run(&["report", "GET", "/bokos/"]).expect(
        2,
        "escala: error: no unit of work of `GET /bokos/` is recorded\n\
         escala: hint: `escala report --all` lists the endpoints by name\n",
    );
}
