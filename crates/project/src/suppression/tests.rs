use super::*;
use crate::root::RelativePath;

fn found(path: &str, text: &str) -> Vec<Suppression> {
    suppressions(&Source::new(RelativePath::new(path).unwrap(), text.to_owned()))
}

fn about(path: &str, text: &str) -> Vec<(u32, (u32, u32))> {
    found(path, text).iter().map(|suppression| (suppression.line, suppression.about)).collect()
}

#[test]
fn behind_code_it_is_about_its_statement() {
    let text = "\
x = 1
books = (  # escala: ignore[n-plus-one] small
    Book.objects
    .all()
)
y = Book.objects.all()  # escala: ignore[n-plus-one] small
";
    assert_eq!(about("shop/views.py", text), [(2, (2, 5)), (6, (6, 6))]);
}

#[test]
fn alone_it_is_about_the_next_statement() {
    let text = "\
def view(request):
    # escala: ignore[n-plus-one] small
    # and another remark

    for book in Book.objects.filter(
        a=1,
    ):
        pass
";
    assert_eq!(about("shop/views.py", text), [(2, (5, 7))]);
}

#[test]
fn a_string_is_no_comment_and_a_broken_file_has_none() {
    assert_eq!(about("a.py", "x = '# escala: ignore[n-plus-one] no'\n"), []);
    assert_eq!(about("a.py", "def (  # escala: ignore[n-plus-one] no\n"), []);
    assert_eq!(about("a.py", "x = 1  # see escala: ignore[n-plus-one]\n"), []);
}

#[test]
fn in_a_template() {
    let text = "<b>\n{# escala: ignore[n-plus-one] few #}\n{{ a.b }}\n{{ a.c }} {# escala: ignore[n-plus-one] few #}\n";
    assert_eq!(about("t/a.html", text), [(2, (3, 3)), (4, (4, 4))]);
}

#[test]
fn it_names_rules_and_gives_a_reason() {
    let said = |text: &str| found("a.py", &format!("x = 1  # escala: ignore{text}\n"))[0].said.clone();
    let ignored = said("[n-plus-one, query-in-loop]  one page a day ").unwrap();
    assert_eq!(ignored.rules, ["n-plus-one", "query-in-loop"]);
    assert_eq!(ignored.reason, "one page a day");
    assert_eq!(said("[n-plus-one]"), Err(MalformedSuppression::NoReason));
    assert_eq!(said("[] why"), Err(MalformedSuppression::NoRule));
    assert_eq!(said(" why"), Err(MalformedSuppression::NoRule));
}

#[test]
fn it_covers_its_rules_on_its_lines() {
    let suppression = &found("a.py", "x = f(\n)  # escala: ignore[n-plus-one] few\n")[0];
    assert!(suppression.covers("n-plus-one", 1) && suppression.covers("n-plus-one", 2));
    assert!(!suppression.covers("n-plus-one", 3) && !suppression.covers("n-plus-one-many", 1));
}
