//! Findings and outcomes for the tests of every format: the same values, so that the formats can be compared.

use std::collections::BTreeMap;

use analysis::{
    Access, Audit, Budget, Confidence, Cost, Edge, Endpoint, EndpointKey, Finding, Growth, GrowthPoint, Hop,
    Origin, Place, Quantiles, QueryShape, Relation, Remedy, Report, Rule, Subject,
};
use observation::{
    Ask, EdgeFigures, EdgeOutcome, EdgeTarget, EdgeTotal, RelationKind, SiteKind, TransactionKind,
};
use verify::{
    Change, EndpointChange, Fix, Measured, Outcome, Patch, PatchedFile, Status, TestsMeasured, Together,
};

use super::check::Checked;
use super::source::{Located, Spot, State};

pub(crate) fn key(method: &str, route: &str) -> EndpointKey {
    EndpointKey { kind: TransactionKind::Http, method: method.into(), route: route.into() }
}

pub(crate) fn place(kind: SiteKind, file: &str, line: u32, name: &str) -> Place {
    Place { kind, file: file.into(), line, span: None, name: name.into(), member: String::new() }
}

fn relation() -> Relation {
    Relation {
        model: "shop.Book".into(),
        field: "publisher".into(),
        kind: RelationKind::ForeignKey,
        target: "shop.Publisher".into(),
        target_module: "shop.models".into(),
    }
}

/// One hundred books, each asking for its publisher.
pub(crate) fn finding() -> Finding {
    Finding {
        id: "3f2a9c01de".into(),
        rule: Rule::NPlusOne,
        endpoints: vec![key("GET", "/books/")],
        subject: Subject::Relation(relation()),
        origin: Some(Origin {
            chain: vec![place(SiteKind::Python, "shop/views.py", 12, "book_list")],
            used: None,
            passed: vec![],
            model: "shop.Book".into(),
            single: false,
        }),
        path: vec![Hop { field: "publisher".into(), kind: RelationKind::ForeignKey }],
        access: Access {
            chain: vec![place(SiteKind::Template, "shop/templates/books.html", 7, "books.html")],
            ask: Some(Ask::Object),
        },
        before: None,
        cost: Cost {
            queries_per_request: 100.0,
            ms_per_request: 61.24,
            share: 0.873,
            total_ms: 183.7,
            requests: 3,
        },
        growth: Some(Growth {
            model: "shop.Book".into(),
            per_row: Some(1.0),
            fewest: GrowthPoint { rows: 20, queries: 20.0 },
            most: GrowthPoint { rows: 100, queries: 100.0 },
        }),
        confidence: Confidence::Certain,
        remedy: Some(Remedy::SelectRelated { path: "publisher".into() }),
    }
}

/// The finding with its code.
pub(crate) fn located(finding: &Finding) -> Located<'_> {
    let origin = State::Current("    books = Book.objects.all()".into());
    let access = State::Current("\t<td>{{ book.publisher.name }}</td>".into());
    Located {
        finding,
        origin: Some(spot("shop/views.py", 12, "book_list", origin)),
        access: Some(spot("shop/templates/books.html", 7, "", access)),
        before: None,
    }
}

pub(crate) fn spot(file: &str, line: u32, function: &str, state: State) -> Spot {
    Spot { file: file.into(), line: Some(line), function: function.into(), state }
}

/// Three requests, all alike.
pub(crate) fn endpoint(method: &str, route: &str, queries: f64, ms: f64) -> Endpoint {
    let flat = |value| Quantiles { p50: value, p95: value * 1.1, p99: value * 1.2, max: value };
    Endpoint {
        key: key(method, route),
        view: "shop.views.book_list".into(),
        requests: 3,
        status: BTreeMap::from([(200, 3)]),
        wall_ms: flat(ms),
        db_ms: flat(ms * 0.84),
        queries: Quantiles { p50: queries, p95: queries, p99: queries, max: queries },
        total_ms: ms * 3.0,
    }
}

pub(crate) fn report(endpoints: Vec<Endpoint>, findings: Vec<Finding>) -> Report {
    Report { transactions: 1_234, examined: 1_234, summed_up_queries: 0, dropped: 0, endpoints, findings }
}

/// Requests of one outcome, each of a millisecond, after a wait of two.
pub(crate) fn at_edge(method: &str, target: EdgeTarget, outcome: EdgeOutcome, requests: u64) -> EdgeTotal {
    let wait_ns = if EdgeOutcome::AT_THE_GATE.contains(&outcome) { 2_000_000 } else { 0 };
    let figures = EdgeFigures {
        requests,
        bytes_sent: requests * 4_000,
        took_ns: requests * 1_000_000,
        took_max_ns: 40_000_000,
        wait_ns: requests * wait_ns,
        wait_max_ns: 15 * wait_ns,
    };
    EdgeTotal { method: method.into(), target, outcome, figures }
}

/// A busy evening: a list that is cached, an order that is not, files, and somebody who scans.
pub(crate) fn edge() -> Edge {
    let route = |route: &str| EdgeTarget::Route(route.to_owned());
    let totals = [
        at_edge("GET", route("/books/"), EdgeOutcome::Hit, 11_000),
        at_edge("GET", route("/books/"), EdgeOutcome::Stale, 700),
        at_edge("GET", route("/books/"), EdgeOutcome::Collapsed, 300),
        at_edge("GET", route("/books/"), EdgeOutcome::Miss, 100),
        at_edge("POST", route("/orders/<int:pk>/items/"), EdgeOutcome::Pass, 900),
        at_edge("POST", route("/orders/<int:pk>/items/"), EdgeOutcome::Shed, 12),
        at_edge("POST", route("/orders/<int:pk>/items/"), EdgeOutcome::Failed, 1),
        at_edge("GET", EdgeTarget::Path("/static/app.css".to_owned()), EdgeOutcome::Static, 2_000),
        at_edge("GET", EdgeTarget::Path("/wp-login.php".to_owned()), EdgeOutcome::Throttled, 3),
        at_edge("", EdgeTarget::Further, EdgeOutcome::Refused, 40),
    ];
    analysis::edge(&totals).expect("it has requests")
}

pub(crate) fn measured(replayed: usize) -> Measured {
    Measured {
        replayed,
        identical: replayed,
        endpoints: vec![EndpointChange {
            endpoint: key("GET", "/books/"),
            request: "GET /books/".into(),
            queries: Change { before: 101, after: 1 },
            ms: Change { before: 70.12, after: 4.236 },
            requests: 1,
        }],
        tests: None,
        left_out: Vec::new(),
    }
}

/// Figures of a proof by tests alone.
pub(crate) fn measured_in_tests() -> Measured {
    let mut measured = measured(0);
    measured.tests = Some(TestsMeasured { tests: 42, responses: 57, identical: 57, runs: 1 });
    measured.endpoints[0].request = "GET /books/ in test shop.tests.BookTests.test_list".into();
    measured
}

pub(crate) fn patch() -> Patch {
    Patch {
        files: vec![PatchedFile {
            path: "shop/views.py".into(),
            expected_hash: "0".repeat(64),
            before: "books = Book.objects.all()\n".into(),
            after: "books = Book.objects.select_related(\"publisher\")\n".into(),
            lines: vec![1],
        }],
    }
}

/// One fix that is proved, one that is not, one that could not be tried.
pub(crate) fn outcome() -> Outcome {
    let fix = |finding: &str, status, reason: Option<&str>, patch, measured| Fix {
        finding: finding.into(),
        status,
        reason: reason.map(str::to_owned),
        patch,
        measured,
    };
    let different = "GET /stores/: the response changes; body: \"Ada, Bob\" became \"Bob, Ada\"";
    let rejected = Measured { replayed: 2, identical: 1, ..Measured::default() };
    Outcome {
        fixes: vec![
            fix("3f2a9c01de", Status::Proved, None, patch(), measured(3)),
            fix("77aa01bc42", Status::Rejected, Some(different), patch(), rejected),
            fix(
                "c0ffee1234",
                Status::Unsupported,
                Some("the queryset is not built in this project"),
                Patch::default(),
                Measured::default(),
            ),
        ],
        together: Some(Together {
            findings: vec!["3f2a9c01de".into()],
            patch: patch(),
            measured: measured(3),
        }),
    }
}

/// The findings of [`outcome`], in its order.
pub(crate) fn findings() -> Vec<Finding> {
    let with_id = |id: &str, rule, field: &str| Finding {
        id: id.into(),
        rule,
        subject: Subject::Relation(Relation { field: field.into(), ..relation() }),
        ..finding()
    };
    vec![
        finding(),
        with_id("77aa01bc42", Rule::NPlusOneMany, "authors"),
        with_id("c0ffee1234", Rule::NPlusOneFiltered, "reviews"),
    ]
}

/// What a check that fails is made of: one new finding, and one page over its budget.
pub(crate) struct Broken {
    finding: Finding,
    endpoints: [Endpoint; 1],
    budgets: [Budget; 1],
}

impl Broken {
    pub(crate) fn new() -> Self {
        Self {
            finding: finding(),
            endpoints: [endpoint("GET", "/books/", 101.0, 70.12)],
            budgets: [Budget { pattern: "GET /*".into(), queries_max: 12 }],
        }
    }

    pub(crate) fn checked(&self) -> Checked<'_> {
        Checked {
            transactions: 240,
            new: vec![located(&self.finding)],
            audit: analysis::audit(&self.endpoints, &self.budgets),
            accepted: 2,
            gone: vec!["c0ffee1234"],
            suppressed: 1,
            ..passed()
        }
    }
}

/// A check of one transaction in which nothing was found.
pub(crate) fn passed<'a>() -> Checked<'a> {
    Checked {
        command: "python manage.py test",
        transactions: 1,
        new: Vec::new(),
        audit: Audit::default(),
        accepted: 0,
        gone: Vec::new(),
        suppressed: 0,
    }
}

/// The queries of a page of one hundred books.
pub(crate) fn query_shapes() -> Vec<QueryShape> {
    let shape = |sql: &str, line, count, total_ms| QueryShape {
        sql: sql.into(),
        place: Some(place(SiteKind::Python, "shop/views.py", line, "book_list")),
        requests: 3,
        count: Quantiles { p50: count, p95: count, p99: count, max: count },
        ms: Quantiles { p50: total_ms / 3.0, ..Quantiles::default() },
        total_ms,
    };
    vec![
        shape(
            "select \"shop_publisher\".\"id\" from \"shop_publisher\" where \"id\" = ? limit ?",
            13,
            100.0,
            61.2,
        ),
        shape("select \"shop_book\".\"id\" from \"shop_book\"", 12, 1.0, 3.3),
        QueryShape { place: None, ..shape("select ? from \"django_session\"", 1, 1.0, 0.3) },
    ]
}
