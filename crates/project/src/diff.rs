//! Unified diffs that `git apply` and `patch` take.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

#[cfg(test)]
mod tests;

const CONTEXT_LINES: usize = 3;

/// The change of one file as a unified diff with three lines of context; empty when nothing changed.
///
/// Lines end at `\n` only, as they do for git: carriage returns are part of their lines.
pub fn unified_diff(path: &str, before: &str, after: &str) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let hunks = group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), CONTEXT_LINES);
    let mut diff = String::new();
    for (index, hunk) in hunks.iter().enumerate() {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        if index == 0 {
            diff.push_str(&header("--- ", "a/", path));
            diff.push_str(&header("+++ ", "b/", path));
        }
        let old_lines = first.old_range().start..last.old_range().end;
        let new_lines = first.new_range().start..last.new_range().end;
        writeln!(diff, "@@ -{} +{} @@", extent(&old_lines), extent(&new_lines))
            .expect("writing to a String cannot fail");
        for operation in hunk {
            push_operation(&mut diff, *operation, &old, &new);
        }
    }
    diff
}

fn push_operation(diff: &mut String, operation: DiffOp, old: &[&str], new: &[&str]) {
    if operation.tag() == DiffTag::Equal {
        push_lines(diff, ' ', &old[operation.old_range()]);
        return;
    }
    push_lines(diff, '-', &old[operation.old_range()]);
    push_lines(diff, '+', &new[operation.new_range()]);
}

fn push_lines(diff: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        diff.push(sign);
        diff.push_str(line);
        if !line.ends_with('\n') {
            diff.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// `start,count` with lines counted from 1; an empty extent names the line before it.
fn extent(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

fn header(marker: &str, side: &str, path: &str) -> String {
    let name = format!("{side}{path}");
    // `patch` ends an unquoted name at a tab, and takes a space for the end without one.
    let end = if name.contains(' ') { "\t" } else { "" };
    format!("{marker}{}{end}\n", quoted(&name))
}

/// A name as git writes it: in C quotes when it holds control characters, quotes or backslashes.
fn quoted(name: &str) -> Cow<'_, str> {
    if !name.contains(|char: char| char.is_control() || matches!(char, '"' | '\\')) {
        return Cow::Borrowed(name);
    }
    let mut quoted = String::from("\"");
    for char in name.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            char if char.is_control() => {
                let mut bytes = [0; 4];
                for byte in char.encode_utf8(&mut bytes).bytes() {
                    write!(quoted, "\\{byte:03o}").expect("writing to a String cannot fail");
                }
            }
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    Cow::Owned(quoted)
}
