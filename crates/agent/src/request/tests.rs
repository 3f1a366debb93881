use proptest::prelude::*;

use super::*;

fn request<'text>(path: &'text str, query_string: &'text str) -> Request<'text> {
    Request {
        method: "GET",
        path,
        arguments: &[],
        query_string,
        secure: false,
        headers: &[],
        has_body: false,
        user_pk: None,
    }
}

fn argument(name: &str, value: &str) -> (String, Option<String>) {
    (name.to_owned(), Some(value.to_owned()))
}

#[test]
fn secret_values_are_blanked_and_the_rest_is_kept() {
    for (query_string, expected, redacted) in [
        ("q=a%20b&page=2", "q=a%20b&page=2", false),
        ("q=1&token=hunter2", "q=1&token=redacted", true),
        ("%74oken=hunter2&x", "%74oken=redacted&x", true),
        ("token=&q", "token=&q", false),
        ("pay=4111111111111111", "pay=redacted", true),
        ("next=%2Fcb%3Faccess_token%3Dhunter2&page=1", "next=redacted&page=1", true),
        ("4111111111111111&q=1", "redacted&q=1", true),
        ("4111111111111111=1&q=1", "redacted&q=1", true),
        ("a=1;token=hunter2", "a=redacted", true),
        ("", "", false),
    ] {
        assert_eq!(redact_query_string(query_string), (expected.to_owned(), redacted));
    }
}

#[test]
fn a_token_in_the_path_is_blanked() {
    for (path, token) in [
        ("/reset/MQ/c9x-hunter2/", "c9x-hunter2"),
        ("/reset/MQ/c9x%2Dhunter2/", "c9x-hunter2"),
        ("/reset/MQ/c9x+hunter2/", "c9x+hunter2"),
        ("/reset/MQ/uid-c9x-hunter2.html/", "c9x-hunter2"),
    ] {
        let arguments = [argument("uid", "MQ"), argument("token", token)];
        let captured = Request { arguments: &arguments, ..request(path, "") }.capture().expect("kept");
        assert_eq!(captured.path, "/reset/MQ/redacted/");
        assert!(captured.redacted);
    }
}

#[test]
fn a_path_with_a_secret_that_cannot_be_cut_out_is_not_kept() {
    let arguments = [argument("token", "left/right")];
    assert_eq!(Request { arguments: &arguments, ..request("/reset/left/right/", "") }.capture(), None);
    let unknown = [("token".to_owned(), None)];
    assert_eq!(Request { arguments: &unknown, ..request("/reset/x/", "") }.capture(), None);
    let harmless = [("pk".to_owned(), None)];
    assert!(Request { arguments: &harmless, ..request("/books/x/", "") }.capture().is_some());
}

#[test]
fn path_segments_are_judged_by_shape_too() {
    let captured =
        request("/pay/4111-1111-1111-1111/of/550e8400-e29b-41d4-a716-446655440000", "").capture().unwrap();
    assert_eq!(captured.path, "/pay/redacted/of/550e8400-e29b-41d4-a716-446655440000");
    assert!(captured.redacted);
}

#[test]
fn a_request_with_a_body_is_kept_without_it_and_says_so() {
    let captured = Request { has_body: true, ..request("/search/", "q=1") }.capture().unwrap();
    assert_eq!((captured.body, captured.redacted), (None, true));
}

#[test]
fn headers_with_secrets_are_left_out() {
    let headers = [
        ("accept", "text/html;q=0.9"),
        ("accept-language", "en; token=hunter2"),
        ("content-type", "multipart/form-data; boundary=x8aQ2zL0pWm4Rt7Yb3"),
        ("hx-target", &"x".repeat(REQUEST_HEADER_BYTES_MAX + 1)),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let captured = Request { headers: &headers, ..request("/", "") }.capture().unwrap();
    let kept: Vec<_> = captured.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(kept, [("accept", "text/html;q=0.9"), ("content-type", "multipart/form-data")]);
    assert!(captured.redacted);
}

#[test]
fn an_endless_target_is_not_kept() {
    let endless = "a ".repeat(REQUEST_TARGET_BYTES_MAX);
    assert_eq!(request("/", &endless).capture(), None);
    assert_eq!(request(&endless, "").capture(), None);
}

fn encoded(text: &str, every: usize) -> String {
    let encode = |(at, byte): (usize, u8)| {
        if at % every == 0 || !byte.is_ascii_alphanumeric() {
            format!("%{byte:02x}")
        } else {
            char::from(byte).into()
        }
    };
    text.bytes().enumerate().map(encode).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_value_of_a_secret_parameter_never_stays(
        name in prop::sample::select(vec!["token", "password", "apiKey", "session_id", "card"]),
        secret in "[a-z0-9]{6,20}[!$~ä/ ]?[A-Z]{2}",
        harmless in "q_[0-9]{0,3}=[a-z]{0,5}",
        every in 1_usize..6,
    ) {
        let query_string = format!("{harmless}&{}={}&{harmless}", encoded(name, every), encoded(&secret, every));
        let arguments = [(name.to_owned(), Some(secret.clone()))];
        let path = format!("/x/{}/y/", encoded(&secret, every));
        let captured = Request { arguments: &arguments, ..request(&path, &query_string) }.capture();
        let Some(captured) = captured else { return Ok(()) };
        prop_assert!(captured.redacted);
        for kept in [&captured.path, &captured.query_string] {
            prop_assert!(!kept.contains(&secret) && !decoded(kept).contains(&secret), "{kept}");
            prop_assert!(!kept.contains(&encoded(&secret, every)), "{kept}");
        }
        prop_assert_eq!(captured.query_string.split('&').filter(|each| *each == harmless).count(), 2);
    }

    #[test]
    fn any_target_is_taken_without_a_panic(path in "[/%a-z0-9+=:é]{0,60}", query_string in "[&=%a-z0-9+;é]{0,60}") {
        let captured = request(&path, &query_string).capture().expect("short enough");
        if !captured.redacted {
            prop_assert_eq!((captured.path, captured.query_string), (path, query_string));
        }
    }
}
