use analysis::Report;
use observation::EdgeTarget;

use super::*;
use crate::output::samples::{at_edge, edge, endpoint, query_shapes, report};
use crate::output::text;

fn page(edge: &Edge, all: bool, width: usize) -> String {
    let about = About { command: "gunicorn", suppressed: 0, store_option: "", all, edge: Some(edge) };
    let report: Report = report(vec![endpoint("GET", "/books/", 1.0, 70.12)], Vec::new());
    text::report::render(&report, &[], &about, Screen { width, colour: false })
}

#[test]
fn the_section_stands_below_the_endpoints() {
    insta::assert_snapshot!(page(&edge(), false, 80));
}

#[test]
fn no_line_is_wider_than_the_page() {
    for width in [60, 80, 120] {
        let page = page(&edge(), false, width);
        let longest = page.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(width), "{longest:?} columns in\n{page}");
    }
}

#[test]
fn what_is_left_out_is_counted_and_all_shows_it() {
    let path = |at: u32| EdgeTarget::Path(format!("/scan/{at}"));
    let mut totals: Vec<_> = (0..14).map(|at| at_edge("GET", path(at), EdgeOutcome::Pass, 1)).collect();
    totals.push(at_edge("", EdgeTarget::Further, EdgeOutcome::Pass, 5));
    let edge = analysis::edge(&totals).unwrap();
    let cut = page(&edge, false, 80);
    assert!(cut.ends_with("… 4 more endpoints: escala report --all\n"), "{cut}");
    assert_eq!(cut.matches("GET /scan/").count(), 10);
    let all = page(&edge, true, 80);
    assert_eq!(all.matches("GET /scan/").count(), 14);
    assert!(all.contains("(other paths)"), "{all}");
}

#[test]
fn nothing_is_said_of_what_did_not_happen() {
    let totals = [at_edge("GET", EdgeTarget::Route("/".to_owned()), EdgeOutcome::Hit, 1)];
    assert_eq!(in_words(&analysis::edge(&totals).unwrap().all), "1 request, hit rate 100%");
    let totals = [at_edge("GET", EdgeTarget::Path("/a.css".to_owned()), EdgeOutcome::Static, 2)];
    assert_eq!(in_words(&analysis::edge(&totals).unwrap().all), "2 requests");
}

#[test]
fn a_path_cannot_drive_the_terminal() {
    let path = EdgeTarget::Path("/\u{1b}[2J".to_owned());
    let edge = analysis::edge(&[at_edge("GET", path, EdgeOutcome::Pass, 1)]).unwrap();
    assert!(!page(&edge, true, 80).contains('\u{1b}'));
}

#[test]
fn an_endpoint_says_what_the_edge_did_for_it() {
    let edge = edge();
    let about = About { command: "gunicorn", suppressed: 0, store_option: "", all: false, edge: Some(&edge) };
    let screen = Screen { width: 80, colour: false };
    let page = |route| {
        text::endpoint::render(&endpoint("GET", route, 101.0, 70.12), &[], &query_shapes(), &about, screen)
    };
    let books = page("/books/");
    assert!(books.contains("\nedge: 12,100 requests, hit rate 99% (6% stale, 2% collapsed)"), "{books}");
    assert!(!page("/about/").contains("edge:"));
}
