use super::*;

#[test]
fn names_of_secrets_are_recognised_by_word() {
    for name in
        ["token", "access_token", "apiKey", "api-key", "X_Signature", "passwords", "resetToken", "sessionid"]
    {
        assert!(is_secret(name), "{name}");
    }
    for name in ["q", "page", "author", "keyboard", "passenger", "monkey", "barcode", "tokenise", ""] {
        assert!(!is_secret(name), "{name}");
    }
}

#[test]
fn secret_values_are_blanked_and_the_rest_is_kept() {
    assert_eq!(redact_query_string("q=a%20b&page=2"), ("q=a%20b&page=2".to_owned(), false));
    assert_eq!(redact_query_string("q=1&token=hunter2"), ("q=1&token=redacted".to_owned(), true));
    assert_eq!(redact_query_string("%74oken=hunter2&x"), ("%74oken=redacted&x".to_owned(), true));
    assert_eq!(redact_query_string("token=&q"), ("token=&q".to_owned(), false));
    assert_eq!(redact_query_string(""), (String::new(), false));
}

#[test]
fn a_token_in_the_path_is_blanked() {
    let arguments = [("uid".to_owned(), "MQ".to_owned()), ("token".to_owned(), "c9x-hunter2".to_owned())];
    let request = capture("GET".into(), "/reset/MQ/c9x-hunter2/", &arguments, "", false, vec![], None)
        .expect("small enough");
    assert_eq!(request.path, "/reset/MQ/redacted/");
    assert!(request.redacted);
}

#[test]
fn an_endless_query_string_is_not_kept() {
    let query_string = "a".repeat(REQUEST_TARGET_BYTES_MAX + 1);
    assert_eq!(capture("GET".into(), "/", &[], &query_string, false, vec![], None), None);
}
