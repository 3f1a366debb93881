use super::*;

#[test]
fn only_the_values_of_tokens_are_blanked() {
    let body = |first: &str, second: &str| {
        let field = |token: &str| format!("<input name=\"csrfmiddlewaretoken\" value=\"{token}\">");
        format!("<p>{}{} abc123</p>", field(first), field(second)).into_bytes()
    };
    assert_eq!(without_token(body("abc123", "def456")), body("", ""));
    assert_eq!(without_token(b"no form".to_vec()), b"no form");
}

#[test]
fn no_page_is_visited_twice_in_a_round() {
    let mut routes: Vec<&str> = PAGES.iter().map(|page| page.route).collect();
    routes.sort_unstable();
    routes.dedup();
    assert_eq!(routes.len(), PAGES.len());
}
