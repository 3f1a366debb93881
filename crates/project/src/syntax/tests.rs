use super::*;

#[test]
fn nesting_beyond_the_limit_is_refused_without_exhausting_the_stack() {
    let deep = 200_000;
    for text in [
        format!("x = {}1\n", "-".repeat(deep)),
        format!("x = a{}\n", ".b".repeat(deep)),
        format!("x = {}1\n", "1 + ".repeat(deep)),
        format!("x = a{}\n", "()".repeat(deep)),
    ] {
        assert_eq!(with_syntax(&text, |_| ()), Err(SyntaxProblem::TooDeep), "{}", &text[..12]);
    }
}

#[test]
fn an_error_names_its_line() {
    let problem = with_syntax("x = 1\ny = = 2\n", |_| ()).unwrap_err();
    assert!(matches!(problem, SyntaxProblem::Invalid { line: 2, .. }), "{problem:?}");
}

#[test]
fn children_of_calls_and_attributes_come_function_first() {
    with_syntax("a.b(c).d(e=f)\n", |syntax| {
        let outer = syntax.ids().find(|id| syntax.call(*id).is_some()).unwrap();
        assert_eq!(syntax.slice(syntax.range(outer)), "a.b(c).d(e=f)");
        assert_eq!(syntax.slice(syntax.range(outer + 1)), "a.b(c).d");
        assert_eq!(syntax.slice(syntax.range(outer + 2)), "a.b(c)");
        assert_eq!(syntax.parent(outer + 2), Some(outer + 1));
        assert!(syntax.descendants(outer).contains(&(outer + 2)));
    })
    .unwrap();
}

#[test]
fn a_byte_order_mark_is_part_of_the_text() {
    with_syntax("\u{feff}x = 1\n", |syntax| {
        assert_eq!(syntax.slice(syntax.body()[0].range()), "x = 1");
    })
    .unwrap();
}
