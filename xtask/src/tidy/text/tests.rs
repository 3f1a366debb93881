use super::*;

fn file(path: &str, text: &str) -> TextFile {
    TextFile { path: path.into(), text: text.into() }
}

fn check(path: &str, text: &str) -> Vec<String> {
    problems(&[file(path, text)]).iter().map(Problem::to_string).collect()
}

const CLEAN: [&str; 0] = [];

#[test]
fn a_module_begins_by_saying_what_it_is() {
    assert_eq!(check("a.rs", "//! What it is.\n"), CLEAN);
    assert_eq!(check("a.rs", "use std::fs;\n"), ["a.rs: does not begin with `//!` docs that say what it is"]);
    assert_eq!(check("a/tests.rs", "use super::*;\n"), CLEAN);
}

#[test]
fn a_module_is_not_named_mod() {
    assert_eq!(
        check("a/mod.rs", "//! A.\n"),
        ["a/mod.rs: is named for its directory here: `foo.rs` beside `foo/`"]
    );
}

#[test]
fn a_file_has_an_end() {
    assert_eq!(check("a.py", &"x = 1\n".repeat(LINES_MAX)), CLEAN);
    assert_eq!(
        check("a.py", &"x = 1\n".repeat(LINES_MAX + 1)),
        ["a.py: has 1001 lines; more than 1000 are two things"]
    );
    assert_eq!(check("Cargo.lock", &"x = 1\n".repeat(LINES_MAX + 1)), CLEAN);
}

#[test]
fn notes_to_oneself_are_found_as_words() {
    let note = NOTES[0];
    assert_eq!(check("a.py", &format!("\n# {note}: later\n")), [format!("a.py:2: {note} without an issue")]);
    assert_eq!(check("a.py", &format!("{note}S = 1\n")), CLEAN);
}

#[test]
fn a_path_of_one_machine_is_found_where_a_path_begins() {
    let path = MACHINE_PATHS[0];
    assert_eq!(
        check("a.md", &format!("see `{path}notes`\n")),
        [format!("a.md:1: a path of one machine, below {path}")]
    );
    assert_eq!(check("a.md", &format!("see docs{path}notes\n")), CLEAN);
}

#[test]
fn a_registry_host_is_found() {
    let host = REGISTRY_HOSTS[3];
    assert_eq!(
        check("a.toml", &format!("index = \"https://{host}/simple\"\n")),
        [format!("a.toml:1: names {host}")]
    );
}

const RULE_DOCS: &str = "\
//! A rule.
//!
//! # What it does
//! # Why is this bad?
//! # Example
//! # Use instead
//! # Guards
";

#[test]
fn a_rule_has_tests_and_every_section() {
    let path = format!("{RULES}slow.rs");
    let tests = file(&format!("{RULES}slow/tests.rs"), "#[test]\nfn finds_it() {}\n");
    assert_eq!(problems(&[file(&path, RULE_DOCS), tests.clone()]), []);
    assert_eq!(check(&path, RULE_DOCS), [format!("{path}: is a rule without tests in {RULES}slow/tests.rs")]);
    assert_eq!(check(&format!("{RULES}tests.rs"), "#[test]\nfn all() {}\n"), CLEAN);
    let without_guards = RULE_DOCS.replace("//! # Guards\n", "");
    assert_eq!(
        problems(&[file(&path, &without_guards), tests])[0].what,
        "is a rule without the section `Guards`, or has it out of order"
    );
}
