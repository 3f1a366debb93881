use analysis::{Confidence, Finding, Origin, Remedy, Rule, Statement, Subject, Verb};
use observation::SiteKind;

use super::*;
use crate::output::samples::{endpoint, finding as books, key, located, place, report, spot as spot_of};

const ABOUT: About<'_> =
    About { command: "gunicorn bookstore.wsgi", suppressed: 0, store_option: "", all: false, edge: None };

fn screen(width: usize) -> Screen {
    Screen { width, colour: false }
}

fn page(width: usize) -> String {
    let report = report(
        vec![
            endpoint("GET", "/books/", 101.0, 70.12),
            endpoint("GET", "/publishers/<int:pk>/catalogue/<slug:season>/", 3.0, 4.2),
            endpoint("POST", "", 0.0, 0.012),
        ],
        vec![books()],
    );
    render(&report, &[located(&report.findings[0])], &ABOUT, screen(width))
}

#[test]
fn the_page_at_80_columns() {
    insta::assert_snapshot!(page(80));
}

#[test]
fn the_page_at_120_columns() {
    insta::assert_snapshot!(page(120));
}

#[test]
fn no_line_is_wider_than_the_page() {
    for width in [60, 80, 120] {
        let page = page(width);
        let longest = page.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(width), "{longest:?} columns in\n{page}");
    }
}

#[test]
fn a_quiet_site_has_a_page_too() {
    let report = report(vec![endpoint("GET", "/health/", 0.0, 0.53)], Vec::new());
    insta::assert_snapshot!(render(&report, &[], &ABOUT, screen(80)), @r"
    No findings in 1,234 transactions of `gunicorn bookstore.wsgi`

    time  endpoint      requests  p50 ms  p95 ms  queries  max   db
    100%  GET /health/         3    0.53    0.58        0    0  84%
    ");
}

#[test]
fn a_statement_has_one_place_and_advice_in_words() {
    let finding = Finding {
        rule: Rule::WriteInLoop,
        subject: Subject::Statement(Statement { verb: Verb::Insert, tables: vec!["shop_line".into()] }),
        origin: None,
        growth: None,
        path: Vec::new(),
        remedy: Some(Remedy::ByHand("one bulk_create() for all of them")),
        ..books()
    };
    let place = spot_of("shop/views.py", 12, "checkout", State::Current("    line.save()".into()));
    let located = Located { finding: &finding, origin: None, access: Some(place), before: None };
    let report = report(Vec::new(), vec![finding.clone()]);
    insta::assert_snapshot!(render(&report, &[located], &ABOUT, screen(80)), @r"
    1 finding in 1,234 transactions of `gunicorn bookstore.wsgi`

    1. write-in-loop: INSERT INTO shop_line                               3f2a9c01de
       GET /books/
       100 queries and 61.2 ms per request, in 3 requests; certain
       asked   shop/views.py:12 in checkout
           12  │ line.save()
       try one bulk_create() for all of them

    time  endpoint  requests  p50 ms  p95 ms  queries  max  db
    ");
}

#[test]
fn what_was_asked_before_stands_before() {
    let statement = Statement { verb: Verb::Select, tables: vec!["shop_book".into()] };
    let finding = Finding {
        rule: Rule::DuplicateQuery,
        subject: Subject::Statement(statement),
        origin: None,
        growth: None,
        remedy: Some(Remedy::ByHand("ask once")),
        ..books()
    };
    let place = |line, code: &str| Some(spot_of("shop/views.py", line, "show", State::Current(code.into())));
    let located = Located {
        finding: &finding,
        origin: None,
        access: place(20, "title(book.pk)"),
        before: place(12, "book = Book.objects.get(pk=pk)"),
    };
    insta::assert_snapshot!(super::finding(1, &located, &ABOUT, screen(80)).join("\n"), @r"
    1. duplicate-query: SELECT FROM shop_book                             3f2a9c01de
       GET /books/
       100 queries and 61.2 ms per request, in 3 requests; certain
       before  shop/views.py:12 in show
           12  │ book = Book.objects.get(pk=pk)
       asked   shop/views.py:20 in show
           20  │ title(book.pk)
       try ask once
    ");
}

#[test]
fn how_a_database_is_used_is_told_by_its_share_of_a_request() {
    let finding = Finding {
        rule: Rule::ConnectionPerRequest,
        subject: Subject::Database { alias: "default".into(), of_requests: false },
        origin: None,
        growth: None,
        remedy: Some(Remedy::ByHand("CONN_MAX_AGE")),
        ..books()
    };
    let located = Located { finding: &finding, origin: None, access: None, before: None };
    insta::assert_snapshot!(super::finding(1, &located, &ABOUT, screen(80)).join("\n"), @r"
    1. connection-per-request: database default                           3f2a9c01de
       GET /books/
       61.2 ms per request, 87% of it, in 3 requests; certain
       try CONN_MAX_AGE
    ");
}

#[test]
fn what_is_not_known_is_said() {
    let mut finding = books();
    finding.endpoints = ["/a/", "/b/", "/c/", "/d/", "/e/"].map(|route| key("GET", route)).into();
    finding.confidence = Confidence::Possible;
    finding.origin = None;
    finding.growth = None;
    finding.remedy = None;
    let access =
        spot_of("/usr/lib/python3/dist-packages/oscar/models.py", 3, "Product.title", State::Outside);
    let located = Located { finding: &finding, origin: None, access: Some(access), before: None };
    insta::assert_snapshot!(super::finding(1, &located, &ABOUT, screen(80)).join("\n"));
}

#[test]
fn a_file_that_changed_is_pointed_out() {
    let state = State::Changed("    books = cheap_books()".into());
    insta::assert_snapshot!(
        spot("built", Some(&spot_of("shop/views.py", 12, "book_list", state)), screen(80)).join("\n"),
        @r"
    built   shop/views.py:12 in book_list
            (the file has changed since, so this may be another line)
        12  │ books = cheap_books()
    "
    );
}

#[test]
fn a_package_outside_the_project_is_not_ours_to_edit() {
    let mut finding = books();
    finding.origin = Some(Origin {
        chain: vec![place(SiteKind::Python, "/usr/lib/oscar/views.py", 12, "get")],
        used: None,
        passed: vec![],
        model: "catalogue.Product".into(),
        single: false,
    });
    let located = Located { finding: &finding, origin: None, access: None, before: None };
    assert!(!located.fixable());
    assert_eq!(
        advice(&located, &ABOUT),
        "select_related(\"publisher\") would help, but the queryset is not built in this project"
    );
}

#[test]
fn what_does_not_fit_on_the_page_is_counted() {
    let endpoints = (0..20).map(|index| endpoint("GET", &format!("/{index}/"), 1.0, 1.0)).collect();
    let about = About {
        command: "gunicorn",
        suppressed: 2,
        store_option: " --store /var/traffic",
        all: false,
        edge: None,
    };
    let report =
        Report { dropped: 7, examined: 734, summed_up_queries: 91_808, ..report(endpoints, Vec::new()) };
    let page = render(&report, &[], &about, screen(80));
    assert!(page.starts_with(
        "No findings in 1,234 transactions of `gunicorn`; 2 more are ignored by comments;\n7 more were dropped; findings from the newest 734; 91,808 queries beyond 8,192\nin one transaction are kept as sums\n"
    ));
    assert!(page.ends_with("… 5 more endpoints: escala report --all --store /var/traffic\n"), "{page}");
    let page = render(&report, &[], &About { all: true, ..about }, screen(80));
    assert!(page.contains("GET /19/") && !page.contains("more endpoint"), "{page}");
}
