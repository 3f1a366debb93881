use super::*;

fn url(scheme: Scheme, host: &str, target: &str) -> What {
    What::Url { scheme, host: host.to_owned(), target: target.to_owned() }
}

#[test]
fn orders_are_lines() {
    let orders =
        parse_orders("url HTTPS://Shop.test:8443/a?b\n\nsoft tag book:1 \n path /x/\nsoft all\n").unwrap();
    let expected = [
        (url(Scheme::Https, "shop.test:8443", "/a?b"), false),
        (What::Tag("book:1".to_owned()), true),
        (What::Path("/x/".to_owned()), false),
        (What::All, true),
    ];
    assert_eq!(orders, expected.map(|(what, is_soft)| Order { what, is_soft }));
    assert_eq!(parse_orders("url http://a").unwrap()[0].what, url(Scheme::Http, "a", "/"));
}

#[test]
fn what_is_no_order_is_said_to_be() {
    for (text, error) in [
        ("", OrderError::None),
        ("all\neverything", OrderError::Word { line: 2 }),
        ("tag ", OrderError::Word { line: 1 }),
        ("tag", OrderError::Word { line: 1 }),
        ("url /a", OrderError::Url { line: 1 }),
        ("url ftp://a/", OrderError::Url { line: 1 }),
        ("path a", OrderError::Path { line: 1 }),
        ("path /a?b", OrderError::Path { line: 1 }),
    ] {
        assert_eq!(parse_orders(text), Err(error), "{text}");
    }
    assert_eq!(parse_orders(&"all\n".repeat(ORDERS_MAX + 1)), Err(OrderError::TooMany));
}
