use super::*;
use crate::output::samples::{endpoint, finding, located, report};

#[test]
fn the_summary_of_a_job() {
    let report = report(vec![endpoint("GET", "/books/", 101.0, 70.12)], vec![finding()]);
    insta::assert_snapshot!(render(&report, &[located(&report.findings[0])], None), @r#"
    ### 1 finding in 1,234 transactions

    | finding | where | queries | ms | try |
    |---|---|---|---|---|
    | n-plus-one `shop.Book.publisher` on `GET /books/` | `shop/views.py:12`<br>`shop/templates/books.html:7` | 100<br>one query per Book: 20 rows 20 queries, 100 rows 100 queries | 61.2 | `select_related("publisher")` |

    | endpoint | time | requests | p50 ms | p95 ms | queries |
    |---|---|---|---|---|---|
    | `GET /books/` | 100% | 3 | 70.1 | 77.1 | 101 |
    "#);
}

#[test]
fn nothing_found() {
    assert_eq!(render(&report(Vec::new(), Vec::new()), &[], None), "### No findings in 1,234 transactions\n");
}

#[test]
fn a_route_cannot_end_its_cell() {
    let report = report(vec![endpoint("GET", "/a|`b`/", 1.0, 1.0)], Vec::new());
    assert!(render(&report, &[], None).contains("| `GET /a\\|'b'/` |"));
}
