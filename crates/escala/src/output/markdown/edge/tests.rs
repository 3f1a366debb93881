use observation::EdgeTarget;

use super::*;
use crate::output::samples::{at_edge, edge};

#[test]
fn the_section() {
    insta::assert_snapshot!(section(&edge()).join("\n"), @r"
    #### Edge: 15,056 requests

    | at the edge | requests | hit rate | shed | throttled | failed | wait ms |
    |---|---|---|---|---|---|---|
    | all | 15,056 | 92% | 12 | 3 | 1 | 2.00 |
    | `GET /books/` | 12,100 | 99% | 0 | 0 | 0 | 2.00 |
    | `POST /orders/<int:pk>/items/` | 913 | 0% | 12 | 0 | 1 | 2.00 |
    | `GET /static/app.css` | 2,000 | – | 0 | 0 | 0 | – |
    | `GET /wp-login.php` | 3 | – | 0 | 3 | 0 | – |
    ");
}

#[test]
fn a_path_cannot_end_its_cell() {
    let path = EdgeTarget::Path("/a|`b`".to_owned());
    let edge = analysis::edge(&[at_edge("GET", path, EdgeOutcome::Pass, 1)]).unwrap();
    assert!(section(&edge).join("\n").contains("| `GET /a\\|'b'` |"));
}
