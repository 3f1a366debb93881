//! `escala fix` as far as it needs no Django: what is refused, and what is left alone. Proofs are tested with real
//! Django in `verify` and in `tests/journeys`.

use std::fs;

use observation::{CapturedRequest, Transaction, TransactionKind};

use crate::support::Project;
use crate::traffic::{book_list, page, record};

fn recorded() -> Project {
    let project = Project::new();
    record(&project, vec![book_list(1)]);
    project
}

#[test]
fn nothing_to_fix() {
    let project = Project::new();
    record(&project, vec![page("/health/", "shop.views.health", 530_000, 1)]);
    let ended = project.run(&["fix"]).expect(0, "");
    assert_eq!(ended.stdout, "Nothing to fix: there are no findings.\n");
    let ended = project.run(&["fix", "--format", "json"]).expect(0, "");
    assert_eq!(
        ended.stdout,
        "{\n  \"schema\": 1,\n  \"fixes\": [],\n  \"together\": null,\n  \"written\": false\n}\n"
    );
}

#[test]
fn a_finding_that_does_not_exist() {
    recorded().run(&["fix", "00decaf000"]).expect(
        2,
        "escala: error: there is no finding 00decaf000\nescala: hint: `escala report` lists the findings with their \
         ids\n",
    );
}

#[test]
fn a_project_outside_version_control_is_not_written() {
    let project = recorded();
    let root = project.root().canonicalize().unwrap();
    project.run(&["fix", "--write"]).expect(
        2,
        &format!(
            "escala: error: {} is not under version control, so an edit could not be undone\nescala: hint: commit the \
             project to version control first, or write all the same with --no-vcs\n",
            root.display()
        ),
    );
    // The option alone has no meaning.
    let ended = project.run(&["fix", "--no-vcs"]);
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 2, "{}", ended.stderr);
}

#[test]
fn a_finding_without_a_recorded_request_cannot_be_tried() {
    let project = recorded();
    fs::create_dir(project.root().join(".git")).unwrap();
    let views = project.write("site/shop/views.py", "def book_list(request):\n    pass\n");
    let before = fs::read(&views).unwrap();
    let ended = project.run(&["fix", "--write", "--format", "json"]).expect(0, "");
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["fixes"][0]["status"], "unsupported");
    assert!(document["fixes"][0]["reason"].is_string());
    assert_eq!((&document["together"], &document["written"]), (&serde_json::Value::Null, &false.into()));
    assert_eq!(fs::read(&views).unwrap(), before);
}

#[test]
fn tests_that_can_prove_nothing_are_told_in_one_line() {
    let project = recorded();
    project.write("site/notes", "no program");
    let before = fs::read_dir(project.store()).unwrap().count();
    let hint = "escala: hint: name a command that runs `manage.py test` or pytest, in a Python without -I, -E and -S, and \
                that passes PYTHONPATH on\n";
    for (command, code, error, hint) in [
        ("no-such-command x", 2, "cannot run the tests to prove with: exit status: 127: sh: ", ""),
        ("./notes", 2, "cannot run the tests to prove with: exit status: ", ""),
        ("true", 1, "`true` runs no test that Escala can see\n", hint),
        ("exit 5", 1, "`exit 5` runs no test that Escala can see\n", hint),
        (
            "echo it broke >&2; exit 1",
            1,
            "the tests to prove with do not pass on the project as it is: exit status: 1: it broke\n",
            "",
        ),
    ] {
        let ended = project.run(&["fix", "--prove-with", command]);
        assert_eq!(ended.status.code(), Some(code), "{command}: {}", ended.stderr);
        assert!(ended.stderr.starts_with(&format!("escala: error: {error}")), "{command}: {}", ended.stderr);
        assert!(ended.stderr.ends_with(hint), "{command}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
    assert_eq!(fs::read_dir(project.store()).unwrap().count(), before, "nothing stays in the store");
    let ended = project.run(&["fix", "--prove-with", ""]);
    assert_eq!(ended.status.code(), Some(2), "{}", ended.stderr);
}

#[test]
fn what_was_only_seen_in_tests_names_the_flag() {
    let project = Project::new();
    let test = Transaction {
        kind: TransactionKind::Test,
        route: "shop.tests.BookTests.test_list".into(),
        ..Transaction::default()
    };
    record(
        &project,
        vec![Transaction { parent_serial: Some(2), ..book_list(1) }, Transaction { serial: 2, ..test }],
    );
    let ended = project.run(&["fix", "--format", "json"]).expect(0, "");
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        document["fixes"][0]["reason"],
        "only seen inside tests (GET /books/); prove it with them: --prove-with COMMAND"
    );
}

#[test]
fn a_file_that_the_settings_exclude_is_not_edited() {
    let project = Project::new();
    let request =
        CapturedRequest { method: "GET".into(), path: "/books/".into(), ..CapturedRequest::default() };
    record(&project, vec![Transaction { request: Some(request), ..book_list(1) }]);
    fs::create_dir(project.root().join(".git")).unwrap();
    let views = project.write("site/shop/views.py", "def book_list(request):\n    pass\n");
    fs::create_dir(project.root().join("src")).unwrap();
    for settings in ["exclude = [\"shop/\"]", "source = [\"src\"]", "exclude = [\"shop/views.py\"]"] {
        project.write("site/escala.toml", &format!("[project]\n{settings}\n"));
        let ended = project.run(&["fix", "--write", "--format", "json"]).expect(0, "");
        let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(
            document["fixes"][0]["reason"],
            "shop/views.py is left alone: `source` and `exclude` in escala.toml say so",
            "{settings}"
        );
    }
    assert_eq!(fs::read_to_string(&views).unwrap(), "def book_list(request):\n    pass\n");
}
