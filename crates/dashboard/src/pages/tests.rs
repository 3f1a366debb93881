use observation::{EdgeOutcome, Transaction, TransactionKind};
use project::{RelativePath, Source};
use serde_json::{Value, json};
use store::Proofs;

use crate::testing::{Project, Server, VIEWS, answer_at_edge, eventually, send};

/// A run of nine pages with an N+1, one that failed, and a test that made a request.
fn served() -> (Project, Server) {
    let project = Project::new();
    let recorder = project.record();
    let mut all: Vec<Transaction> =
        (1..=9).map(|serial| project.page(serial, 10 * u32::try_from(serial).unwrap())).collect();
    let mut about = project.page(10, 1);
    about.route = "/about/".to_owned();
    about.view = "shop.views.about".to_owned();
    about.status = 500;
    about.parent_serial = Some(11);
    let mut test = project.page(11, 1);
    test.kind = TransactionKind::Test;
    test.method = String::new();
    test.route = "shop.tests.BookTests.test_about".to_owned();
    test.status = 0;
    test.request = None;
    all.extend([about, test]);
    send(&recorder, all);
    recorder.finish();
    let server = project.serve();
    (project, server)
}

fn get(server: &Server, path: &str) -> Value {
    let answer = server.get(&format!("/api/{path}"));
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

fn findings(server: &Server) -> Value {
    eventually("findings are known", || get(server, "findings")["ready"] == json!(true));
    get(server, "findings")
}

#[test]
fn health_tells_the_run_and_that_nobody_records() {
    let (project, server) = served();
    let health = get(&server, "health");
    assert_eq!(health["run"]["command"], json!("gunicorn shop.wsgi"));
    assert_eq!((&health["run"]["transactions"], &health["recording"]), (&json!(11), &json!(false)));
    assert_eq!((&health["run"]["recording"], &health["problems"]), (&json!(false), &json!([])));
    assert!(health["run"]["ended_at_us"].as_u64() >= health["run"]["started_at_us"].as_u64());
    let recorder = project.record();
    let health = get(&server, "health");
    assert_eq!(
        (&health["recording"], &health["run"]["recording"]),
        (&json!(true), &json!(false)),
        "a later run"
    );
    recorder.finish();
    assert_eq!(get(&server, "runs")["runs"].as_array().unwrap().len(), 1, "empty runs are not listed");
}

#[test]
fn the_overview_sums_up_all_requests() {
    let (_project, server) = served();
    let overview = get(&server, "overview");
    let totals = &overview["totals"];
    assert_eq!(
        (&totals["requests"], &totals["errors"], &totals["client_errors"]),
        (&json!(10), &json!(1), &json!(0))
    );
    // 10 + 20 + … + 90 publishers and one, and one query for the books of each.
    assert_eq!(totals["queries_per_request"], json!(46.1));
    assert_eq!(totals["wall_ms"]["max"], json!(29.0));
    let series = &overview["series"];
    let sum =
        |values: &Value| values.as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum(&series["requests"]), sum(&series["errors"])), (10, 1));
    let buckets = series["at_us"].as_array().unwrap().len();
    for (name, values) in series.as_object().unwrap() {
        assert_eq!(values.as_array().unwrap().len(), buckets, "{name}");
    }
    let (edges, rows) =
        (&overview["heat_map"]["edges_ms"], overview["heat_map"]["requests"].as_array().unwrap());
    assert_eq!(rows.len(), buckets);
    assert_eq!(rows.iter().map(sum).sum::<u64>(), 10);
    assert_eq!(rows[0].as_array().unwrap().len() + 1, edges.as_array().unwrap().len());
    assert_eq!(overview["endpoints"], json!(2));
}

#[test]
fn endpoints_are_ranked_filtered_sorted_and_cut() {
    let (_project, server) = served();
    let names = |path: &str| -> Vec<String> {
        let list = get(&server, path);
        let rows = list["endpoints"].as_array().unwrap();
        rows.iter().map(|row| row["route"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("endpoints"), ["/books/", "/about/"]);
    assert_eq!(names("endpoints?sort=errors"), ["/about/", "/books/"]);
    assert_eq!(names("endpoints?sort=route"), ["/about/", "/books/"]);
    assert_eq!(names("endpoints?filter=VIEWS.ABOUT"), ["/about/"]);
    assert_eq!(names("endpoints?offset=1&limit=5"), ["/about/"]);
    assert_eq!(names("endpoints?tab=work"), ["shop.tests.BookTests.test_about"]);
    let list = get(&server, "endpoints?limit=1");
    assert_eq!((&list["total"], list["endpoints"].as_array().unwrap().len()), (&json!(2), 1));
    let books = &list["endpoints"][0];
    assert_eq!(
        (&books["requests"], &books["queries"]["max"], &books["wall_ms"]["max"]),
        (&json!(9), &json!(91.0), &json!(29.0))
    );
    assert!(books["share"].as_f64().unwrap() > 0.9 && books["db_share"].as_f64().unwrap() > 0.5, "{books}");
    assert!(get(&server, "endpoints?tab=work")["endpoints"][0]["sparkline"].is_null());

    // The same figures, whether they come from totals or from rollups.
    let range = &get(&server, "overview")["range"];
    let within = format!("from_us={}&to_us={}", range["from_us"], range["to_us"]);
    let part = get(&server, &format!("endpoints?{within}"));
    for name in ["requests", "errors", "wall_ms", "queries", "total_ms", "share", "db_share", "view"] {
        assert_eq!(part["endpoints"][0][name], books[name], "{name}");
    }
}

#[test]
fn an_endpoint_has_its_requests_and_queries() {
    let (_project, server) = served();
    findings(&server);
    let page = get(&server, "endpoint?kind=http&method=GET&route=/books/");
    let ordinals = |name: &str| -> Vec<u64> {
        page[name].as_array().unwrap().iter().map(|row| row["ordinal"].as_u64().unwrap()).collect()
    };
    assert_eq!(ordinals("slowest"), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(ordinals("typical")[0], 5, "the median");
    assert_eq!(page["statuses"], json!({"200": 9}));
    let bars = page["histogram"].as_array().unwrap();
    assert_eq!(bars.iter().map(|bar| bar["requests"].as_u64().unwrap()).sum::<u64>(), 9);
    assert!(bars.iter().all(|bar| bar["from_ms"].as_f64() < bar["to_ms"].as_f64()));
    assert_eq!(page["queries_from_requests"], json!(9));
    let first = &page["queries"][0];
    assert_eq!((&first["requests"], &first["count"]["max"]), (&json!(9), &json!(90.0)));
    assert_eq!((&first["place"]["file"], &first["place"]["line"]), (&json!("shop/views.py"), &json!(6)));
    assert!(first["sql_formatted"].as_str().unwrap().contains('\n'));
    assert_eq!(
        page["trend"]["requests"].as_array().unwrap().len(),
        page["trend"]["at_us"].as_array().unwrap().len()
    );
    let listed = &get(&server, "endpoints")["endpoints"][0];
    assert_eq!(&page["endpoint"], listed, "the same as in the list");
    let range = &get(&server, "overview")["range"];
    let within = format!("from_us={}&to_us={}", range["from_us"], range["to_us"]);
    let part = get(&server, &format!("endpoint?kind=http&method=GET&route=/books/&{within}"));
    for name in ["requests", "wall_ms", "queries", "share", "db_share"] {
        assert_eq!(part["endpoint"][name], listed[name], "{name}");
    }
    for missing in ["kind=http&method=POST&route=/books/", "kind=task&route=/books/", "kind=http"] {
        assert_eq!(server.get(&format!("/api/endpoint?{missing}")).status, 404, "{missing}");
    }
    let newest = get(&server, "requests?kind=http&method=GET&route=/books/&order=slowest&limit=2");
    assert_eq!(newest["requests"].as_array().unwrap().len(), 2);
    assert_eq!(newest["requests"][0]["ordinal"], json!(9));
}

#[test]
fn a_request_is_a_waterfall_with_code_and_finding() {
    let (_project, server) = served();
    let id = findings(&server)["findings"][0]["id"].clone();
    let page = get(&server, "request?ordinal=9");
    assert_eq!((&page["head"]["path"], &page["head"]["queries"]), (&json!("/books/?page=9"), &json!(91)));
    assert_eq!(page["rows"].as_array().unwrap().len(), 2);
    assert_eq!((&page["rows"][1]["kind"], &page["rows"][1]["queries"]), (&json!("run"), &json!(90)));
    let load = &page["loads"][0];
    assert_eq!(
        (&load["relation"], &load["ask"], &load["finding"]),
        (&json!("shop.Book.publisher"), &json!("object"), &id)
    );
    assert_eq!(load["origin"][0]["line"], json!(5));
    let code = &page["code"][1];
    assert_eq!((&code["line"], &code["state"]), (&json!(6), &json!("current")));
    let lines: Vec<_> =
        code["lines"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert!(lines.contains(&"    books = Book.objects.all()"), "{lines:?}");
    for gone in ["request?ordinal=0", "request?ordinal=12", "request?ordinal=1&run=7"] {
        assert_eq!(server.get(&format!("/api/{gone}")).status, 404, "{gone}");
    }
}

#[test]
fn a_test_knows_its_requests_and_they_know_it() {
    let (_project, server) = served();
    let test = get(&server, "request?ordinal=11");
    assert_eq!(test["head"]["children"][0]["route"], json!("/about/"));
    assert_eq!((&test["head"]["kind"], &test["head"]["status"]), (&json!("test"), &json!(null)));
    let request = get(&server, "request?ordinal=10");
    assert_eq!(request["head"]["parent"]["route"], json!("shop.tests.BookTests.test_about"));
}

#[test]
fn a_finding_has_its_code_and_how_it_grows() {
    let (_project, server) = served();
    let list = findings(&server);
    assert_eq!((&list["examined"], list["findings"].as_array().unwrap().len()), (&json!(11), 1), "{list}");
    let id = list["findings"][0]["id"].as_str().unwrap();
    let page = get(&server, &format!("finding?id={id}"));
    assert_eq!((&page["rule"], &page["subject"]), (&json!("n-plus-one"), &json!("shop.Book.publisher")));
    assert_eq!((&page["origin_code"]["line"], &page["access_code"]["line"]), (&json!(5), &json!(6)));
    assert_eq!(page["growth"]["queries_per_row"], json!(1.0));
    assert_eq!(page["growth"]["most"], json!({"rows": 90, "queries": 90.0}));
    assert_eq!(page["path"], json!([{"field": "publisher", "kind": "foreign key"}]));
    assert!(page["statement"]["text"].as_str().unwrap().contains("shop_publisher"));
    assert_eq!(page["examples"][0]["ordinal"], json!(9));
    assert_eq!((&page["proof"], &page["row"]), (&json!(null), &Value::Null));
    assert_eq!(page["prove_command"], json!(format!("escala fix {id}")));
    assert_eq!((&page["apply_command"], &page["fixable"]), (&json!(null), &json!(true)));
    let why = page["why"].as_array().unwrap();
    let grows = "It grows with the data, 1 query for each row of shop.Book: 10 rows took 10 queries, 90 rows took 90 queries.";
    assert_eq!((why.len(), &why[2]), (3, &json!(grows)));
    assert!(page["share"].as_f64().unwrap() > 0.5, "{page}");
    assert_eq!((&page["before"], &page["before_code"]), (&json!(null), &json!(null)));
    assert_eq!(server.get("/api/finding?id=nothing").status, 404);
}

#[test]
fn a_proof_holds_as_long_as_its_files_do() {
    let (project, server) = served();
    let id = findings(&server)["findings"][0]["id"].as_str().unwrap().to_owned();
    let after = VIEWS.replace("objects.all()", "objects.select_related(\"publisher\")");
    let hash = |text: &str| {
        let source = Source::new(RelativePath::new("shop/views.py").unwrap(), text.to_owned());
        source.hash().to_owned()
    };
    let proof = json!({
        "finding": id, "status": "proved", "reason": null, "made_at_us": 7, "escala_version": "0.1.0",
        "diff": "--- a/shop/views.py\n", "files": [{
            "path": "shop/views.py", "sha256_before": hash(VIEWS), "sha256_after": hash(&after), "lines": [5],
        }],
        "replayed": 3, "identical": 3, "tests": null, "endpoints": [], "left_out": [],
        "apply_command": "escala fix X --write",
    });
    let proofs = Proofs::of(&project.store());
    let state = || {
        let page = get(&server, &format!("finding?id={id}"));
        (
            page["proof"].clone(),
            page["apply_command"].clone(),
            get(&server, "findings")["findings"][0]["proof_state"].clone(),
        )
    };
    proofs.write(&id, "{\"of\": \"another version\"}").unwrap();
    assert_eq!(state(), (json!(null), json!(null), json!("none")));
    proofs.write(&id, &proof.to_string()).unwrap();
    assert_eq!(state().1, json!("escala fix X --write"));
    assert_eq!(state().2, json!("proved"));
    let write = |text: &str| std::fs::write(project.root().join("shop/views.py"), text).unwrap();
    write(&after);
    assert_eq!((state().1, state().2), (json!(null), json!("applied")));
    write("# other\n");
    assert_eq!((state().1, state().2), (json!(null), json!("stale")));
}

#[test]
fn source_is_shown_of_files_that_ran_and_of_no_other() {
    let (_project, server) = served();
    let code = get(&server, "source?file=shop/views.py&line=5&context=1");
    assert_eq!((code["lines"].as_array().unwrap().len(), &code["state"]), (3, &json!("current")));
    for file in ["shop/secrets.py", "../../etc/passwd", "/etc/passwd", ".escala/escala.db"] {
        let code = get(&server, &format!("source?file={file}&line=1"));
        assert_eq!((&code["state"], &code["lines"]), (&json!("outside"), &json!([])), "{file}");
    }
}

#[test]
fn answers_are_kept_only_until_something_is_recorded() {
    let project = Project::new();
    let recorder = project.record();
    send(&recorder, vec![project.page(1, 3)]);
    let server = project.serve();
    let requests = || get(&server, "overview")["totals"]["requests"].clone();
    assert_eq!((requests(), requests()), (json!(1), json!(1)));
    send(&recorder, vec![project.page(2, 3)]);
    assert_eq!(requests(), json!(2));
    drop(server);
    recorder.finish();
}

#[test]
fn what_the_edge_answered_is_shown_where_there_is_one() {
    let project = Project::new();
    let recorder = project.record();
    send(&recorder, vec![project.page(1, 3)]);
    let server = project.serve();
    let books = "endpoint?kind=http&method=GET&route=/books/";
    let without = get(&server, "overview");
    assert_eq!((&without["edge"], &get(&server, books)["edge"]), (&json!(null), &json!(null)));

    let rows = [
        ("/books/", EdgeOutcome::Hit, 6),
        ("/books/", EdgeOutcome::Miss, 2),
        ("/books/", EdgeOutcome::Shed, 1),
        ("/site.css", EdgeOutcome::Static, 4),
    ];
    answer_at_edge(&recorder, &project.store(), &rows);
    let edge = &get(&server, "overview")["edge"];
    let sums = json!({
        "requests": 13, "bytes_sent": 6_500, "hit_rate": 0.75,
        "outcomes": {
            "hit": 6, "stale": 0, "collapsed": 0, "miss": 2, "pass": 0, "static": 4, "shed": 1, "throttled": 0,
            "refused": 0, "failed": 0,
        },
        "wait_mean_ms": 1.0, "wait_max_ms": 4.0,
    });
    assert_eq!(edge["sums"], sums, "an answer that was kept is no longer right");
    let own = &get(&server, books)["edge"];
    assert_eq!((&own["requests"], &own["hit_rate"]), (&json!(9), &json!(0.75)));
    drop(server);
    recorder.finish();
}

#[test]
fn what_the_edge_answered_lies_on_the_axis_of_the_page() {
    let project = Project::new();
    let recorder = project.record();
    send(&recorder, vec![project.page(1, 3)]);
    answer_at_edge(
        &recorder,
        &project.store(),
        &[("/books/", EdgeOutcome::Hit, 3), ("/x", EdgeOutcome::Refused, 1)],
    );
    answer_at_edge(&recorder, &project.store(), &[("/books/", EdgeOutcome::Pass, 1)]);
    recorder.finish();
    let server = project.serve();
    let overview = get(&server, "overview");
    let buckets = overview["series"]["at_us"].as_array().unwrap().len();
    let series = &overview["edge"]["series"];
    let sum = |name: &str| {
        let values = series[name].as_array().unwrap();
        assert_eq!(values.len(), buckets, "{name}");
        values.iter().map(|value| value.as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!([sum("requests"), sum("to_app"), sum("turned_away")], [5, 1, 1]);
    assert_eq!(series["hit_rate"].as_array().unwrap().len(), buckets);
}
