use proptest::prelude::*;

use super::*;

fn diff(name: &str, before: &str, after: &str) -> String {
    unified_diff(name, before, after)
}

#[test]
fn a_change_has_three_lines_around_it() {
    let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    assert_eq!(
        diff("shop/views.py", before, &before.replace("5\n", "five\nfünf\n")),
        "\
--- a/shop/views.py
+++ b/shop/views.py
@@ -2,7 +2,8 @@
 2
 3
 4
-5
+five
+fünf
 6
 7
 8
"
    );
}

#[test]
fn changes_far_apart_are_hunks_of_their_own() {
    let before = (1..=30).map(|line| line.to_string()).collect::<Vec<_>>().join("\n") + "\n";
    let after = before.replace("\n2\n", "\n").replace("\n29\n", "\n29\nnew\n");
    let diff = diff("a.py", &before, &after);
    assert_eq!(diff.matches("@@ -").count(), 2);
    assert!(diff.contains("@@ -1,5 +1,4 @@\n") && diff.contains("@@ -27,4 +26,5 @@\n"), "{diff}");
}

#[test]
fn nothing_changed_is_nothing() {
    assert_eq!(diff("a.py", "x\n", "x\n"), "");
}

#[test]
fn a_missing_last_newline_is_told() {
    assert_eq!(
        diff("a.py", "x", "x\ny"),
        "--- a/a.py\n+++ b/a.py\n@@ -1 +1,2 @@\n-x\n\\ No newline at end of file\n+x\n+y\n\\ No newline at end of file\n"
    );
}

#[test]
fn files_may_be_empty() {
    assert_eq!(diff("a.py", "", "x\n"), "--- a/a.py\n+++ b/a.py\n@@ -0,0 +1 @@\n+x\n");
    assert_eq!(diff("a.py", "x\n", ""), "--- a/a.py\n+++ b/a.py\n@@ -1 +0,0 @@\n-x\n");
}

#[test]
fn carriage_returns_belong_to_their_lines() {
    assert_eq!(
        diff("a.py", "x\r\ny\rz\r\n", "x\r\ny\rw\r\n"),
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n x\r\n-y\rz\r\n+y\rw\r\n"
    );
}

#[test]
fn names_are_quoted_as_git_does() {
    assert!(diff("my app/a.py", "x", "y").starts_with("--- a/my app/a.py\t\n+++ b/my app/a.py\t\n"));
    assert!(diff("a\"\\\t.py", "x", "y").starts_with("--- \"a/a\\\"\\\\\\t.py\"\n"));
}

/// Applies a diff made here, trusting nothing but its line numbers and signs.
fn patched(before: &str, diff: &str) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let mut result = String::new();
    let mut next = 0;
    let mut lines = diff.split_inclusive('\n').skip(2).peekable();
    while let Some(line) = lines.next() {
        if let Some(extent) = line.strip_prefix("@@ -") {
            let (start, count) = extent
                .split_once(' ')
                .unwrap()
                .0
                .split_once(',')
                .unwrap_or((extent.split_once(' ').unwrap().0, "1"));
            let start: usize = start.parse().unwrap();
            let first = if count == "0" { start } else { start - 1 };
            result.extend(old[next..first].iter().copied());
            next = first;
            continue;
        }
        let unterminated = lines.next_if(|next| next.starts_with('\\')).is_some();
        let text = if unterminated { line[1..].trim_end_matches('\n') } else { &line[1..] };
        match line.as_bytes()[0] {
            b' ' => {
                assert_eq!(old[next], text);
                result.push_str(text);
                next += 1;
            }
            b'-' => {
                assert_eq!(old[next], text);
                next += 1;
            }
            b'+' => result.push_str(text),
            other => panic!("unexpected sign {other}"),
        }
    }
    result.extend(old[next..].iter().copied());
    result
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn applying_a_diff_gives_the_new_text(
        before in "([abc]{0,2}\r?\n){0,30}[abc]{0,2}",
        after in "([abc]{0,2}\r?\n){0,30}[abc]{0,2}",
    ) {
        let diff = diff("a.py", &before, &after);
        prop_assert_eq!(patched(&before, &diff), after);
    }
}
