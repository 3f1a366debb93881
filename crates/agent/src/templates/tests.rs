use super::*;

fn of(templates: &mut Templates, statement: &str, quotes_are_literals: bool) -> String {
    templates.of(statement, sql::head(statement, SQL_BYTES_MAX), quotes_are_literals).to_string()
}

#[test]
fn a_statement_has_a_template_for_each_meaning_of_its_quotes() {
    let mut templates = Templates::default();
    for _ in 0..2 {
        assert_eq!(of(&mut templates, "SELECT \"a\"", false), "SELECT \"a\"");
        assert_eq!(of(&mut templates, "SELECT \"a\"", true), "SELECT ?");
    }
}

#[test]
fn statements_that_are_ever_new_leave_little_behind() {
    let mut templates = Templates::default();
    for id in 0..100_000 {
        let statement = format!("SELECT a FROM t WHERE id = {}", 1_000 + id);
        assert_eq!(of(&mut templates, &statement, false), "SELECT a FROM t WHERE id = ?");
        assert!(templates.bytes <= REMEMBERED_BYTES_MAX);
    }
    let kept: usize =
        templates.by_quotes.iter().flatten().map(|(head, template)| head.len() + template.len()).sum();
    assert_eq!(kept, templates.bytes);
}

#[test]
fn statements_that_differ_behind_their_head_have_one_template() {
    let mut templates = Templates::default();
    let head = "SELECT a, ".repeat(SQL_BYTES_MAX);
    let templates: Vec<_> =
        ["b", "c"].iter().map(|end| of(&mut templates, &format!("{head}{end}"), false)).collect();
    assert_eq!(templates[0], templates[1]);
}
