//! From a finding to a patch, on a real, small Django project.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use analysis::{Access, Confidence, Cost, EndpointKey, Hop, Origin, Place, Relation, Remedy, Rule, Subject};
use observation::{Ask, RelationKind, SiteKind, TransactionKind};
use tempfile::TempDir;

use super::*;
use crate::outcome::Change;
use crate::testing::{PYTHONS, Site, VIEWS, get, pythons};

/// Where the tests of the site begin; what is added goes on in its class.
const TESTS: &str = r#"
import os, time
from django.db import connection
from django.test import AsyncClient, TestCase
from django.test.utils import CaptureQueriesContext
from shop.models import Book, Publisher


class Pages(TestCase):
    @classmethod
    def setUpTestData(cls):
        for number in range(5):
            publisher = Publisher.objects.create(name=f"Publisher {number}")
            Book.objects.create(title=f"Book {number}", publisher=publisher)

    def test_count(self):
        self.assertContains(self.client.get("/count/"), "5")
"#;

/// Tests that make a request which is never replayed.
const POST: &str = r#"
    def test_post(self):
        self.assertContains(self.client.post("/books/"), "Book 3 (Publisher 3)")

    async def test_post_async(self):
        response = await AsyncClient().post("/books/")
        self.assertContains(response, "Book 3 (Publisher 3)")
"#;

/// An N+1 on the publisher, in the view of this name, on a request that is never replayed.
fn finding_on_post(view: &str) -> Finding {
    let mut finding = finding(view);
    finding.endpoints[0].method = "POST".into();
    finding
}

/// An N+1 on the publisher, in the view of this name.
fn finding(view: &str) -> Finding {
    let line =
        VIEWS.lines().position(|line| line.starts_with(&format!("def {view}("))).expect("a view") as u32 + 1;
    let built =
        VIEWS.lines().skip(line as usize).position(|line| line.contains("Book.objects")).expect("a queryset");
    let place = |line, name: &str| Place {
        kind: SiteKind::Python,
        file: "shop/views.py".into(),
        line,
        span: None,
        name: name.into(),
        member: String::new(),
    };
    let loop_line =
        VIEWS.lines().position(|line| line.contains("book.publisher.name")).expect("a loop") as u32 + 1;
    Finding {
        id: view.into(),
        rule: Rule::NPlusOne,
        endpoints: vec![EndpointKey {
            kind: TransactionKind::Http,
            method: "GET".into(),
            route: format!("/{view}/"),
        }],
        subject: Subject::Relation(Relation {
            model: "shop.Book".into(),
            field: "publisher".into(),
            kind: RelationKind::ForeignKey,
            target: "shop.Publisher".into(),
            target_module: "shop.models".into(),
        }),
        origin: Some(Origin {
            chain: vec![place(line + 1 + built as u32, view)],
            used: None,
            passed: vec![],
            model: "shop.Book".into(),
            single: false,
        }),
        path: vec![Hop { field: "publisher".into(), kind: RelationKind::ForeignKey }],
        access: Access { chain: vec![place(loop_line, "lines")], ask: Some(Ask::Object) },
        before: None,
        cost: Cost::default(),
        growth: None,
        confidence: Confidence::Certain,
        remedy: Some(Remedy::SelectRelated { path: "publisher".into() }),
    }
}

/// What becomes of the findings, with one recorded request to each of these pages.
fn outcome(site: &Site, findings: &[Finding], pages: &[&str]) -> Outcome {
    outcome_where(site, findings, pages, &[])
}

/// The same, proved with tests of the site as well.
fn outcome_with(site: &Site, findings: &[Finding], pages: &[&str], tests: &str) -> Outcome {
    outcome_within(site, findings, pages, tests, Duration::from_mins(1))
}

/// The same, with so much time for one run of the tests.
fn outcome_within(
    site: &Site,
    findings: &[Finding],
    pages: &[&str],
    tests: &str,
    run_time_max: Duration,
) -> Outcome {
    fs::write(site.root().join("shop/tests.py"), format!("{TESTS}{tests}")).unwrap();
    let scratch = TempDir::new().unwrap();
    let command = format!("{} -m django test --settings shop.settings", site.process.executable);
    let tests = ProveWith { command: &command, scratch: scratch.path(), python_path: None, run_time_max };
    let outcome = outcome_from(site, findings, pages, &[], Some(tests)).unwrap();
    assert_eq!(
        fs::read_to_string(site.root().join("shop/views.py")).unwrap(),
        VIEWS,
        "the tree is untouched"
    );
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0, "nothing of the runs stays");
    outcome
}

/// The same, when the trace saw none of the project's code run for some of the pages.
fn outcome_where(site: &Site, findings: &[Finding], pages: &[&str], unseen: &[&str]) -> Outcome {
    outcome_from(site, findings, pages, unseen, None).unwrap()
}

fn outcome_from(
    site: &Site,
    findings: &[Finding],
    pages: &[&str],
    unseen: &[&str],
    tests: Option<ProveWith<'_>>,
) -> Result<Outcome, ProveWithError> {
    let root = Root::open(site.root()).unwrap();
    let traffic = Traffic {
        process: site.process.clone(),
        requests: pages.iter().map(|page| get(page)).collect(),
        code: unseen.iter().map(|page| (get(page).endpoint, BTreeSet::new())).collect(),
        ..Traffic::default()
    };
    let views = root.read(&project::RelativePath::new("shop/views.py").unwrap()).unwrap();
    let sources = [RecordedFile {
        path: "shop/views.py".into(),
        sha256: Some(views.hash().to_owned()),
        modified_at_us: 0,
        size_bytes: 0,
        changed_after_start: false,
    }];
    let inputs = Inputs { root: &root, program: &site.program, traffic: &traffic, sources: &sources, tests };
    prove(findings, inputs, &mut |_| {})
}

#[test]
fn two_fixes_in_one_file_are_proved_alone_and_together() {
    for python in pythons() {
        let site = Site::new(python);
        let outcome = outcome(&site, &[finding("books"), finding("form")], &["/books/", "/form/", "/count/"]);
        let statuses: Vec<_> = outcome.fixes.iter().map(|fix| (fix.status, fix.reason.clone())).collect();
        assert_eq!(statuses, [(Status::Proved, None), (Status::Proved, None)]);
        let together = outcome.together.expect("a combination");
        assert_eq!(together.findings.len(), 2);
        let [file] = &together.patch.files[..] else { panic!("one file") };
        assert_eq!(file.after.matches("select_related(\"publisher\")").count(), 2);
        let figures: Vec<_> = together
            .measured
            .endpoints
            .iter()
            .map(|change| (change.queries.before, change.queries.after))
            .collect();
        assert_eq!(figures, [(101, 1), (10, 1)]);
        assert_eq!(
            fs::read_to_string(site.root().join("shop/views.py")).unwrap(),
            VIEWS,
            "the tree is untouched"
        );
    }
}

#[test]
fn a_page_that_cannot_be_compared_is_not_fixed() {
    let site = Site::new(PYTHONS[0]);
    let outcome = outcome(&site, &[finding("shuffled")], &["/shuffled/"]);
    assert_eq!(outcome.fixes[0].status, Status::Rejected);
    let reason = outcome.fixes[0].reason.as_deref().unwrap();
    assert!(reason.starts_with("cannot prove: GET /shuffled/ is not deterministic"), "{reason}");
    assert_eq!(outcome.together, None);
}

#[test]
fn without_a_recorded_request_nothing_is_claimed() {
    let site = Site::new(PYTHONS[0]);
    let outcome = outcome(&site, &[finding("books")], &["/count/"]);
    assert_eq!(outcome.fixes[0].status, Status::Unsupported);
    let reason = outcome.fixes[0].reason.as_deref().unwrap();
    assert_eq!(reason, "no request to GET /books/ was recorded; visit it once more under `escala run`");
}

#[test]
fn a_project_that_does_not_load_is_said_once_for_all() {
    let mut site = Site::new(PYTHONS[0]);
    site.process.settings_module = "shop.missing".into();
    let outcome = outcome(&site, &[finding("books"), finding("form")], &["/books/", "/form/"]);
    for fix in &outcome.fixes {
        assert_eq!(fix.status, Status::Unsupported);
        assert!(fix.reason.as_deref().unwrap().contains("shop.missing"), "{:?}", fix.reason);
    }
}

#[test]
fn a_fix_that_makes_a_page_worse_which_the_trace_did_not_connect_is_taken_back() {
    let site = Site::new(PYTHONS[0]);
    let mut shared = finding("shelf");
    shared.endpoints[0].route = "/shelved/".into();
    shared.remedy = Some(Remedy::PrefetchRelated { path: "publisher".into() });
    let pages = ["/shelved/", "/titles/", "/books/"];
    let outcome = outcome_where(&site, &[shared, finding("books")], &pages, &["/titles/"]);
    assert_eq!(outcome.fixes[0].status, Status::Rejected);
    let reason = outcome.fixes[0].reason.as_deref().unwrap();
    assert_eq!(reason, "GET /titles/ takes more queries: 1 before, 2 after");
    assert_eq!((outcome.fixes[1].status, &outcome.fixes[1].reason), (Status::Proved, &None));
    assert_eq!(outcome.together.expect("the other fix").findings, ["books"]);
}

#[test]
fn tests_prove_what_no_request_can() {
    for python in pythons() {
        let site = Site::new(python);
        let outcome = outcome_with(&site, &[finding_on_post("books")], &["/books/"], POST);
        let fix = &outcome.fixes[0];
        assert_eq!((fix.status, fix.reason.as_deref()), (Status::Proved, None));
        let tests = fix.measured.tests.unwrap();
        assert_eq!((tests.tests, tests.responses, tests.identical), (3, 3, 3));
        let change = fix.measured.best().unwrap();
        assert_eq!(change.request, "POST /books/ in test shop.tests.Pages.test_post");
        assert_eq!((change.queries, change.requests), (Change { before: 6, after: 1 }, 2));
        assert!(fix.patch.files[0].after.contains("lines(Book.objects.select_related(\"publisher\"))"));
        assert_eq!(outcome.together.unwrap().findings, ["books"]);
    }
}

#[test]
fn a_test_is_an_endpoint_too() {
    let site = Site::new(PYTHONS[0]);
    let mut finding = finding("shelf");
    finding.endpoints[0] = EndpointKey {
        kind: TransactionKind::Test,
        method: String::new(),
        route: "shop.tests.Pages.test_shelf".into(),
    };
    let test = r#"
    def test_shelf(self):
        from shop.views import lines, shelf
        self.assertIn("Book 3 (Publisher 3)", lines(shelf()))
"#;
    let outcome = outcome_with(&site, &[finding], &[], test);
    let fix = &outcome.fixes[0];
    assert_eq!((fix.status, fix.reason.as_deref()), (Status::Proved, None));
    let change = fix.measured.best().unwrap();
    assert_eq!(change.request, "test shop.tests.Pages.test_shelf");
    assert_eq!(change.queries.before - change.queries.after, 5);
}

#[test]
fn a_test_that_counts_the_queries_rejects_the_fix() {
    let site = Site::new(PYTHONS[0]);
    let test = r#"
    def test_post(self):
        with self.assertNumQueries(6):
            self.client.post("/books/")
"#;
    let outcome = outcome_with(&site, &[finding_on_post("books")], &[], test);
    assert_eq!(outcome.fixes[0].status, Status::Rejected);
    let reason = outcome.fixes[0].reason.as_deref().unwrap();
    let expected = "test shop.tests.Pages.test_post counts the queries and does not expect fewer: AssertionError: 1 != 6";
    assert!(reason.starts_with(expected), "{reason}");
    assert_eq!(outcome.together, None);
}

#[test]
fn what_requests_prove_the_tests_have_to_agree_to() {
    let site = Site::new(PYTHONS[0]);
    // The first candidate joins; this test wants the second query of its rival.
    let test = r#"
    def test_joins_nothing(self):
        with CaptureQueriesContext(connection) as queries:
            self.client.get("/books/")
        self.assertNotIn("JOIN", str(queries.captured_queries))
"#;
    let findings = [finding("books"), finding("form")];
    let outcome = outcome_with(&site, &findings, &["/books/", "/form/", "/count/"], test);
    let [books, form] = &outcome.fixes[..] else { panic!("two fixes") };
    assert_eq!((books.status, books.reason.as_deref()), (Status::Proved, None));
    assert!(books.patch.files[0].after.contains("lines(Book.objects.prefetch_related(\"publisher\"))"));
    assert_eq!(form.status, Status::Proved, "{:?}", form.reason);
    assert!(form.patch.files[0].after.contains("Book.objects.select_related(\"publisher\")[:9]"));
    let together = outcome.together.unwrap();
    assert_eq!(together.findings.len(), 2);
    let tests = together.measured.tests.unwrap();
    assert_eq!((together.measured.replayed, tests.tests, tests.identical), (3, 2, 2));
    // Measured on the requests, which have a hundred rows.
    assert_eq!(together.measured.best().unwrap().queries, Change { before: 101, after: 2 });
}

#[test]
fn a_page_in_random_order_proves_nothing_in_tests_either() {
    let site = Site::new(PYTHONS[0]);
    let test = r#"
    def test_shuffled(self):
        self.client.post("/shuffled/")
        self.client.post("/books/")
"#;
    let findings = [finding_on_post("shuffled"), finding_on_post("books")];
    let outcome = outcome_with(&site, &findings, &[], test);
    let [shuffled, books] = &outcome.fixes[..] else { panic!("two fixes") };
    assert_eq!(shuffled.status, Status::Rejected);
    let reason = shuffled.reason.as_deref().unwrap();
    let expected =
        "cannot prove: POST /shuffled/ in test shop.tests.Pages.test_shuffled is not deterministic";
    assert!(reason.starts_with(expected), "{reason}");
    assert_eq!(books.status, Status::Proved, "{:?}", books.reason);
    let tests = books.measured.tests.unwrap();
    assert_eq!((tests.responses, tests.identical, books.measured.left_out.len()), (2, 2, 1));
}

#[test]
fn tests_that_fail_now_and_then_prove_nothing() {
    let site = Site::new(PYTHONS[0]);
    let test = r#"
    def test_once(self):
        self.assertFalse(os.path.exists("once"))
        open("once", "w").close()
        self.client.post("/books/")
"#;
    let outcome = outcome_with(&site, &[finding_on_post("books")], &[], test);
    let reason = outcome.fixes[0].reason.as_deref().unwrap();
    assert_eq!(
        reason,
        "cannot prove: test shop.tests.Pages.test_once is not deterministic, two runs without the edit differ: passed, \
         then failed"
    );
}

#[test]
fn tests_that_hang_with_the_fix_reject_it() {
    let site = Site::new(PYTHONS[0]);
    let test = r#"
    def test_waits(self):
        with CaptureQueriesContext(connection) as queries:
            self.client.post("/books/")
        if len(queries) < 6:
            time.sleep(600)
"#;
    let limit = Duration::from_secs(10);
    let mut finding = finding_on_post("books");
    finding.remedy = Some(Remedy::PrefetchRelated { path: "publisher".into() });
    let outcome = outcome_within(&site, &[finding], &[], test, limit);
    assert_eq!(outcome.fixes[0].status, Status::Rejected);
    let reason = outcome.fixes[0].reason.as_deref().unwrap();
    assert_eq!(reason, "the tests do not pass with the edit: no end within 10 s");
}

#[test]
fn a_finding_that_no_test_comes_to_is_not_measured() {
    let site = Site::new(PYTHONS[0]);
    let outcome = outcome_with(&site, &[finding_on_post("mine")], &["/books/"], "");
    assert_eq!(outcome.fixes[0].status, Status::Unsupported);
    let reason = outcome.fixes[0].reason.as_deref().unwrap();
    assert!(
        reason
            .starts_with("nothing to measure: no request is recorded that can be replayed, and no test of `")
    );
    assert!(reason.ends_with("` comes to POST /mine/"), "{reason}");
}

#[test]
fn what_tests_prove_may_not_make_a_recorded_page_worse() {
    let site = Site::new(PYTHONS[0]);
    let mut shared = finding_on_post("shelf");
    shared.endpoints[0].route = "/shelved/".into();
    shared.remedy = Some(Remedy::PrefetchRelated { path: "publisher".into() });
    let test = r#"
    def test_shelved(self):
        self.client.post("/shelved/")
"#;
    let outcome =
        outcome_with(&site, &[shared, finding_on_post("books")], &["/titles/"], &(POST.to_owned() + test));
    let [shelf, books] = &outcome.fixes[..] else { panic!("two fixes") };
    assert_eq!(shelf.status, Status::Rejected);
    assert_eq!(shelf.reason.as_deref().unwrap(), "GET /titles/ takes more queries: 1 before, 2 after");
    assert_eq!(books.status, Status::Proved, "{:?}", books.reason);
    assert_eq!((books.measured.replayed, books.measured.identical), (1, 1));
}

#[test]
fn where_the_edit_that_all_pages_share_harms_one_the_pages_own_is_proved() {
    let site = Site::new(PYTHONS[0]);
    let mut shared = finding("shelf");
    shared.endpoints[0].route = "/shelved/".into();
    shared.remedy = Some(Remedy::PrefetchRelated { path: "publisher".into() });
    let (index, text) = VIEWS.lines().enumerate().find(|(_, line)| line.contains("lines(shelf())")).unwrap();
    let (line, column) = (index as u32 + 1, text.find("shelf()").unwrap() as u32);
    let span = (column, line, column + "shelf()".len() as u32);
    let chain = &mut shared.origin.as_mut().unwrap().chain;
    chain.push(Place { line, span: Some(span), name: "shelved".into(), ..chain[0].clone() });
    let pages = ["/shelved/", "/titles/"];
    let outcome = outcome_where(&site, &[shared], &pages, &["/titles/"]);
    assert_eq!((outcome.fixes[0].status, &outcome.fixes[0].reason), (Status::Proved, &None));
    let together = outcome.together.expect("the page's own fix");
    assert_eq!(together.patch, outcome.fixes[0].patch);
    let [file] = &together.patch.files[..] else { panic!("one file") };
    assert!(file.after.contains("lines(shelf().prefetch_related(\"publisher\"))"), "{}", file.after);
}
