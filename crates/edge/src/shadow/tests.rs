use super::*;

#[test]
fn paths_have_shapes_that_rules_understand() {
    for (path, expected) in [
        ("/", "/"),
        ("/books/", "/books/"),
        ("/books/12/", "/books/*/"),
        ("/books/the-art-of-war/", "/books/*/"),
        ("/users/6f1c9a52-1c1e-4d7e-9a39-3f1d2a6b7c8d/edit", "/users/*/edit"),
        ("/news/2026/12/", "/news/*/*/"),
        ("/about-us/", "/about-us/"),
        ("/v2/api", "/v2/api"),
    ] {
        assert_eq!(shape(path.as_bytes()), expected, "{path}");
        assert!(crate::config::PathPattern::parse(expected).unwrap().matches(path.as_bytes()), "{path}");
    }
}

#[test]
fn requests_are_summed_up_by_shape() {
    let shadow = Shadow::default();
    for at in 0..10 {
        shadow.note(
            format!("/books/{at}/?page=2").as_bytes(),
            if at < 3 { Verdict::Miss } else { Verdict::Hit },
        );
    }
    shadow.note(b"/account/", Verdict::Somebody);
    shadow.note(b"/form/", Verdict::Uncacheable);
    shadow.refused(b"/form/", Refusal::SetCookie);
    shadow.compared(b"/books/4/", None);
    shadow.compared(b"/books/5/?x", Some(17));
    let report = shadow.report();
    assert_eq!((report.total.requests, report.total.hits, report.total.somebody), (12, 7, 1));
    let (shape, row) = &report.rows[0];
    assert_eq!((&**shape, row.hits, row.misses, row.compared, row.differed), ("/books/*/", 7, 3, 2, 1));
    let text = report.text();
    for line in [
        "The cache would have served 7 of 12 requests (58 %), 1 more were of somebody's own.",
        "1 of 2 answers that were compared differ from what would have been served.",
        "differs at byte 17 of /books/5/",
        "not kept: set-cookie",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn shapes_are_bounded() {
    let shadow = Shadow::default();
    for at in 0..SHADOW_SHAPES_MAX + 100 {
        let letters: String = at.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
        shadow.note(format!("/{letters}/").as_bytes(), Verdict::Miss);
    }
    let report = shadow.report();
    assert!(report.rows.len() <= SHADOW_SHAPES_MAX + 1);
    assert_eq!(report.total.requests, (SHADOW_SHAPES_MAX + 100) as u64);
}
