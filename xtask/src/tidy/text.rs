//! Rules about files: how long they are, how they begin, what they may not contain.

use super::{Problem, TextFile};

/// A longer file is two things.
const LINES_MAX: usize = 1000;

/// Where analysis keeps its rules, one a file.
const RULES: &str = "crates/analysis/src/rules/";

/// What a rule's documentation answers, in this order.
const RULE_SECTIONS: [&str; 5] = ["What it does", "Why is this bad?", "Example", "Use instead", "Guards"];

/// Notes to oneself belong in the issue tracker. Cut in two here, so that this file does not contain them.
const NOTES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// Beginnings of paths that exist on one machine only.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/Use", "rs/"), concat!("/ho", "me/")];

/// Registries are named by their clients' configuration, never by us.
const REGISTRY_HOSTS: [&str; 5] = [
    concat!("static.crates", ".io"),
    concat!("index.crates", ".io"),
    concat!("files.python", "hosted.org"),
    concat!("pypi", ".org"),
    concat!("registry.npm", "js.org"),
];

pub(super) fn problems(files: &[TextFile]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files {
        problems.extend(length(file));
        problems.extend(forbidden_text(file));
        if has_extension(file, &["rs"]) {
            problems.extend(module(file));
        }
        if let Some(rule) = rule_name(&file.path) {
            problems.extend(rule_file(file, rule, files));
        }
    }
    problems
}

fn has_extension(file: &TextFile, extensions: &[&str]) -> bool {
    file.path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
}

fn length(file: &TextFile) -> Option<Problem> {
    let lines = file.text.lines().count();
    let by_hand = has_extension(file, &["rs", "py", "md", "html"]);
    (by_hand && lines > LINES_MAX).then(|| {
        Problem::of_file(&file.path, format!("has {lines} lines; more than {LINES_MAX} are two things"))
    })
}

fn module(file: &TextFile) -> Option<Problem> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    if name == "mod.rs" {
        return Some(Problem::of_file(&file.path, "is named for its directory here: `foo.rs` beside `foo/`"));
    }
    // Tests say what they are about in their names.
    let needs_docs = name != "tests.rs" && !file.text.starts_with("//!");
    needs_docs.then(|| Problem::of_file(&file.path, "does not begin with `//!` docs that say what it is"))
}

fn forbidden_text(file: &TextFile) -> impl Iterator<Item = Problem> {
    file.text.lines().enumerate().flat_map(move |(index, line)| {
        let notes =
            NOTES.iter().filter(|note| has_word(line, note)).map(|note| format!("{note} without an issue"));
        let paths = MACHINE_PATHS
            .iter()
            .filter(|path| has_path(line, path))
            .map(|path| format!("a path of one machine, below {path}"));
        let hosts =
            REGISTRY_HOSTS.iter().filter(|host| line.contains(**host)).map(|host| format!("names {host}"));
        let found: Vec<String> = notes.chain(paths).chain(hosts).collect();
        found.into_iter().map(move |what| Problem { path: file.path.clone(), line: index + 1, what })
    })
}

fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word)
        .any(|(at, _)| !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part))
}

/// Whether an absolute path begins like this; in the middle of a path or URL it is somebody's own directory.
fn has_path(line: &str, beginning: &str) -> bool {
    let is_path = |c: char| c.is_alphanumeric() || "_-./}>".contains(c);
    line.match_indices(beginning).any(|(at, _)| !line[..at].ends_with(is_path))
}

/// The rule that a path is the file of. Directly in the directory there are only rules, and what tests them all.
fn rule_name(path: &str) -> Option<&str> {
    path.strip_prefix(RULES)?.strip_suffix(".rs").filter(|name| !name.contains('/') && *name != "tests")
}

fn rule_file(file: &TextFile, rule: &str, files: &[TextFile]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let tests = format!("{RULES}{rule}/tests.rs");
    if !files.iter().any(|other| other.path == tests && other.text.contains("#[test]")) {
        problems.push(Problem::of_file(&file.path, format!("is a rule without tests in {tests}")));
    }
    let headings: Vec<&str> = file.text.lines().filter_map(heading).collect();
    let mut rest = headings.iter();
    for section in RULE_SECTIONS {
        if !rest.any(|heading| *heading == section) {
            let what = format!("is a rule without the section `{section}`, or has it out of order");
            problems.push(Problem::of_file(&file.path, what));
            break;
        }
    }
    problems
}

/// The heading on a line of a module's documentation.
fn heading(line: &str) -> Option<&str> {
    let text = line.strip_prefix("//! ")?.trim();
    text.starts_with('#').then(|| text.trim_start_matches('#').trim())
}

#[cfg(test)]
mod tests;
