use super::*;
use crate::demo::visit::Visitor;

const BOOK: Page = Page { target: "/books/1/", route: "/books/<int:pk>/", visitor: Visitor::Anybody };

fn measured(body: &str, queries: f64, ms: f64, findings: usize) -> Measured {
    let seen = Seen { findings, endpoints: vec![Endpoint { route: BOOK.route.into(), queries, ms }] };
    Measured::bring_together(vec![Answers { page: BOOK, bodies: vec![body.into()] }], &seen).unwrap()
}

#[test]
fn a_page_has_one_line() {
    let table = render(&measured("same", 101.0, 70.06, 3), &measured("same", 1.0, 4.2, 0));
    assert_eq!(
        table.lines().collect::<Vec<_>>(),
        [
            "page                             queries                    ms     identical",
            "/books/1/                     101 → 1            70.1 → 4.2              yes",
            "findings: 3 → 0",
        ]
    );
}

#[test]
fn a_page_that_answers_otherwise_is_called_out() {
    let (before, after) = (measured("this", 2.0, 1.0, 0), measured("that", 1.0, 1.0, 0));
    assert_eq!(different(&before, &after), ["/books/1/"]);
    assert!(render(&before, &after).contains("NO"));
    assert_eq!(different(&before, &before), [] as [&str; 0]);
}

#[test]
fn a_page_that_escala_did_not_see_is_an_error() {
    let seen = Seen { findings: 0, endpoints: Vec::new() };
    let error =
        Measured::bring_together(vec![Answers { page: BOOK, bodies: Vec::new() }], &seen).unwrap_err();
    assert_eq!(error.to_string(), "`escala report` has no endpoint GET /books/<int:pk>/");
}
