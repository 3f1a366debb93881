use super::*;
use crate::output::samples::{finding, report};

/// The report's only finding is built in line 3 and touched in line 5.
fn applied(views: &str) -> (usize, Applied) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("shop")).unwrap();
    std::fs::write(directory.path().join("shop/views.py"), views).unwrap();
    let mut finding = finding();
    finding.origin.as_mut().unwrap().chain[0].line = 3;
    finding.access.chain[0].file = "shop/views.py".into();
    finding.access.chain[0].line = 5;
    let mut report = report(Vec::new(), vec![finding]);
    let applied = apply(&mut report, &Sources::open(directory.path(), Vec::new()).unwrap());
    (report.findings.len(), applied)
}

const VIEWS: &str = "\
def view():

    books = Book.objects.all()BUILT
    for book in books:
        book.publisherTOUCHED
";

fn views(built: &str, touched: &str) -> String {
    VIEWS.replace("BUILT", built).replace("TOUCHED", touched)
}

#[test]
fn a_comment_at_either_line_takes_the_finding_out() {
    let comment = "  # escala: ignore[n-plus-one] ten books at most";
    for views in [views(comment, ""), views("", comment)] {
        assert_eq!(applied(&views), (0, Applied { suppressed: 1, warnings: Vec::new() }));
    }
}

#[test]
fn a_comment_for_another_rule_is_of_no_use_and_told_so() {
    let (left, applied) = applied(&views("  # escala: ignore[n-plus-one-many] ten books at most", ""));
    assert_eq!((left, applied.suppressed), (1, 0));
    assert_eq!(applied.warnings, ["shop/views.py:3: this comment ignores nothing that was seen in this run"]);
}

#[test]
fn a_comment_without_a_reason_is_told_so() {
    let (left, applied) = applied(&views("  # escala: ignore[n-plus-one]", ""));
    assert_eq!((left, applied.suppressed), (1, 0));
    assert_eq!(
        applied.warnings,
        ["shop/views.py:3: this comment is ignored: it gives no reason; write `escala: ignore[rule] reason`"]
    );
}
