use std::io::Write;

use tempfile::TempDir;

use super::*;

impl Noted {
    /// A response for the tests of this crate; its body is kept nowhere but in its hash.
    pub(crate) fn made(request: &str, queries: u32, body: &str) -> Self {
        let (method, path) = request.split_once(' ').expect("a method and a path");
        let record = ResponseRecord {
            method: method.into(),
            path: path.into(),
            query_string: String::new(),
            route: path.into(),
            status: 200,
            headers: Vec::new(),
            // Compared as text, as a body would be.
            exception: Some(body.into()),
            body_offset: None,
            body_bytes: 0,
            body_sha256: String::new(),
            queries,
            wall_ns: 1_000_000,
        };
        noted(record, 0)
    }
}

const RESPONSE: &str = r#"{"method": "GET", "path": "/books/1/", "query_string": "page=2", "route": "/books/(?P<pk>[^/]+)/$",
"status": 200, "headers": [["Content-Type", "text/html"]], "exception": null, "body_offset": 3, "body_bytes": 5,
"body_sha256": "b0", "queries": 7, "wall_ns": 9}"#;

fn test(id: &str, outcome: &str, responses: &str) -> String {
    let response = responses.replace('\n', " ");
    format!(
        r#"{{"type": "test", "test": "{id}", "outcome": "{outcome}", "reason": null, "queries": 1, "wall_ns": 20, "responses": [{response}]}}"#
    )
}

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

#[test]
fn what_several_processes_noted_is_one_run() {
    let directory = directory(&[
        ("plan.json", "{}"),
        ("1-1.records", &format!("{}\n{}\n", test("t.A", "passed", ""), test("t.B", "skipped", ""))),
        ("2-1.records", &format!("{}\n", r#"{"type": "imported", "path": "/shop/views.py"}"#)),
        ("2-2.records", &format!("{}\n", test("t.C", "passed", RESPONSE))),
        ("2-2.bodies", "---books---"),
    ]);
    let run = Records::read(directory.path()).unwrap();
    assert_eq!(run.tests.keys().collect::<Vec<_>>(), ["t.A", "t.B", "t.C"]);
    assert_eq!(run.imported, BTreeSet::from(["/shop/views.py".into()]));
    assert_eq!(run.fault, None);
    let [noted] = &run.tests["t.C"].responses[..] else { panic!("one response") };
    assert_eq!(noted.request, "GET /books/1/?page=2");
    assert_eq!(noted.endpoint.to_string(), "GET /books/<pk>/");
    let reply = run.reply(noted);
    assert_eq!((reply.body.as_slice(), reply.queries), (&b"books"[..], 7));
    assert_eq!(reply.headers[0], ("request".into(), "GET /books/1/?page=2".into()));
}

#[test]
fn a_test_that_ran_twice_is_told_as_one() {
    let lines = format!("{}\n{}\n", test("t.A", "failed", RESPONSE), test("t.A", "passed", RESPONSE));
    let directory = directory(&[("1-1.records", &lines)]);
    let run = Records::read(directory.path()).unwrap();
    let test = &run.tests["t.A"];
    assert_eq!((test.outcome.as_str(), test.queries, test.responses.len()), ("failed, then passed", 2, 2));
}

#[test]
fn a_body_that_is_not_there_is_told_by_its_hash() {
    let directory = directory(&[("1-1.records", &test("t.A", "passed", RESPONSE)), ("1-1.bodies", "--")]);
    let run = Records::read(directory.path()).unwrap();
    let reply = run.reply(&run.tests["t.A"].responses[0]);
    assert_eq!((reply.body.len(), reply.body_bytes, reply.body_sha256.as_str()), (0, 5, "b0"));
}

#[test]
fn a_fault_is_told() {
    let directory = directory(&[("1-1.records", r#"{"type": "fault", "reason": "no space left"}"#)]);
    assert_eq!(Records::read(directory.path()).unwrap().fault.as_deref(), Some("no space left"));
}

#[test]
fn what_is_no_record_is_an_error() {
    for text in ["{", "[]", r#"{"type": "other"}"#, r#"{"type": "test", "test": "t.A"}"#, "\u{0}"] {
        let directory = directory(&[("1-1.records", text)]);
        let error = Records::read(directory.path()).unwrap_err();
        assert!(matches!(error, RecordsError::Malformed(_)), "{text}: {error:?}");
    }
    // A process that was killed while it wrote.
    let cut = &test("t.A", "passed", RESPONSE)[..80];
    let directory = directory(&[("1-1.records", cut)]);
    assert!(Records::read(directory.path()).is_err());
}

#[test]
fn bytes_that_are_no_text_are_an_error() {
    let directory = directory(&[]);
    let mut file = File::create(directory.path().join("1-1.records")).unwrap();
    file.write_all(b"\xff\xfe\n").unwrap();
    assert!(Records::read(directory.path()).is_err());
}
