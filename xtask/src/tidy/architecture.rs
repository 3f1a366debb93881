//! The table of crates in ARCHITECTURE.md says what cargo says: the same members, in the same order, with the same
//! dependencies among them. An edge that is not in the table is forbidden; one that nobody uses is not promised.

use std::collections::BTreeSet;

use super::members::Member;
use super::{Problem, TextFile};

const FILE: &str = "ARCHITECTURE.md";

/// The cells that the table begins with; whatever columns follow are prose.
const HEADINGS: [&str; 3] = ["crate", "is", "may depend on"];

/// Stands where a crate depends on no other.
const NONE: &str = "–";

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    line: usize,
    name: String,
    depends_on: BTreeSet<String>,
}

pub(super) fn problems(files: &[TextFile], members: &[Member]) -> Vec<Problem> {
    let Some(file) = files.iter().find(|file| file.path == FILE) else {
        return vec![Problem::of_file(FILE, "is missing")];
    };
    let rows = rows(&file.text);
    if rows.is_empty() {
        return vec![Problem::of_file(FILE, format!("has no table headed `{}`", HEADINGS.join(" | ")))];
    }
    let mut problems: Vec<Problem> = rows.iter().filter_map(|row| compare(row, members)).collect();
    for member in members {
        if !rows.iter().any(|row| row.name == member.name) {
            problems.push(Problem::of_file(FILE, format!("the table lacks the crate `{}`", member.name)));
        }
    }
    let written = rows.iter().map(|row| &row.name);
    if problems.is_empty() && !written.eq(members.iter().map(|member| &member.name)) {
        problems.push(Problem::of_file(FILE, "the table's crates are not in the order of Cargo.toml"));
    }
    problems
}

fn compare(row: &Row, members: &[Member]) -> Option<Problem> {
    let problem = |what| Some(Problem { path: FILE.to_owned(), line: row.line, what });
    let Some(member) = members.iter().find(|member| member.name == row.name) else {
        return problem(format!("there is no crate `{}`", row.name));
    };
    if row.depends_on == member.depends_on {
        return None;
    }
    let list = |names: &BTreeSet<String>| {
        if names.is_empty() {
            NONE.to_owned()
        } else {
            names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        }
    };
    problem(format!(
        "`{}` may depend on {}, and does depend on {}",
        row.name,
        list(&row.depends_on),
        list(&member.depends_on)
    ))
}

fn rows(text: &str) -> Vec<Row> {
    text.lines()
        .enumerate()
        .skip_while(|(_, line)| !cells(line).iter().map(String::as_str).take(HEADINGS.len()).eq(HEADINGS))
        .skip(2) // the headings, and the line under them
        .take_while(|(_, line)| line.starts_with('|'))
        .map(|(index, line)| row(index + 1, &cells(line)))
        .collect()
}

fn row(line: usize, cells: &[String]) -> Row {
    let cell = |index: usize| cells.get(index).map_or("", String::as_str);
    let depends_on = cell(2).split(',').map(|name| name.trim().to_owned());
    Row {
        line,
        name: cell(0).to_owned(),
        depends_on: depends_on.filter(|name| !name.is_empty() && name != NONE).collect(),
    }
}

/// The cells of a table's line, without the marks around code.
fn cells(line: &str) -> Vec<String> {
    let Some(inner) = line.trim().strip_prefix('|') else { return Vec::new() };
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    inner.split('|').map(|cell| cell.replace('`', "").trim().to_owned()).collect()
}

#[cfg(test)]
mod tests;
