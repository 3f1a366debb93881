use proptest::prelude::*;

use super::*;

#[test]
fn names_of_secrets_are_recognised_by_word() {
    for name in [
        "token",
        "access_token",
        "apiKey",
        "api-key",
        "X_Signature",
        "passwords",
        "resetToken",
        "sessionid",
        "new_password1",
        "authtoken",
        "userPassword2",
        "SAMLResponse",
        "csrfmiddlewaretoken",
        "cvc",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in
        ["q", "page", "author", "keyboard", "passenger", "monkey", "barcode", "tokenise", "uidb64", ""]
    {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn a_name_that_the_settings_know_is_no_secret() {
    assert!(is_secret_name("seat_code"));
    install(vec!["seat_code".to_owned()]);
    assert!(!is_secret_name("seat_code"));
    assert!(is_secret_name("Seat_Code") && is_secret_name("code"));
}

#[test]
fn values_that_look_like_secrets_are_recognised() {
    for value in [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "378282246310005",
        "ref 5555555555554444.",
        "paid-2024-4111-1111-1111-1111",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "c9x4yz-5f2b8e1d3c4a5b6c7d8e9f0a1b2c3d4e",
        "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "AKIAIOSFODNN7EXAMPLE",
        "JBSWY3DPEHPK3PXP",
        "AB12-CD34-EF56-GH78",
        "/callback?access_token=hunter2",
        "%2Fcallback%3Faccess_token%3Dhunter2",
        "%252Fcallback%253Faccess_token%253Dhunter2",
        r#"{"user": "a", "password": "hunter2"}"#,
        "%25252525252541",
    ] {
        assert!(holds_secret(value), "{value}");
    }
    for value in [
        "",
        "the name of the rose",
        "how-to-build-a-django-site-2024",
        "550e8400-e29b-41d4-a716-446655440000",
        "9781492081005",
        "1732173381123",
        "1859912412345678901",
        "2026-11-21T07:16:21+00:00",
        "InternationalisationServiceProvider",
        "list_of_ordered_products_by_category_and_price",
        "a=1&b=&token=",
        "https://example.com/books/?page=2",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "-created_at,-updated_at",
        "4111111111111112",
    ] {
        assert!(!holds_secret(value), "{value}");
    }
}

#[test]
fn json_in_base64_is_judged_by_what_it_says() {
    // {"filtering": {"queue__id__in": [1, 2]}, "filtering_null": {}, "sorting": "created", "search_string": "printer"}
    let query = "eyJmaWx0ZXJpbmciOiB7InF1ZXVlX19pZF9faW4iOiBbMSwgMl19LCAiZmlsdGVyaW5nX251bGwiOiB7fSwgInNvcnRpbmciOiAi\
                 Y3JlYXRlZCIsICJzZWFyY2hfc3RyaW5nIjogInByaW50ZXIifQ==";
    assert!(!holds_secret(query));
    assert!(!holds_secret(&query.replace('=', "%3D")));
    for secret in [
        r#"{"user": 1, "password": "hunter2"}"#,
        r#"{"id": "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b"}"#,
        r#"{"note": "4111 1111 1111 1111"}"#,
        // A name that says otherwise once it is read.
        r#"{"\u0070assword": "hunter2"}"#,
        // JSON in base64 once more.
        r#"{"next": "eyJwYXNzd29yZCI6ICJodW50ZXIyIn0="}"#,
    ] {
        assert!(holds_secret(&in_base64(secret)), "{secret}");
    }
    // What is signed goes on after the JSON.
    assert!(holds_secret(&format!("{}:1vMXyz:c2lnbmF0dXJl", query.trim_end_matches('='))));
    assert!(holds_secret(&query[..query.len() - 8]), "not all of it");
}

fn in_base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.as_bytes().chunks(3).flat_map(|bytes| {
        let bits =
            bytes.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - bytes.len()));
        (0..=bytes.len()).map(move |at| DIGITS[(bits >> (18 - 6 * at)) as usize & 63] as char)
    });
    digits.collect()
}

#[test]
fn a_secret_in_a_url_pattern_is_blanked() {
    assert_eq!(route("/bot/110201543AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/"), "/bot/redacted/");
    let plain = "/orders/<uuid:pk>/items/<slug:reset_token>/how-to-build-a-django-site/";
    assert_eq!(route(plain), plain);
}

/// A valid card number of a given issuer and length.
fn card_number() -> impl Strategy<Value = String> {
    const ISSUERS: &[(&str, usize)] =
        &[("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("6011", 16), ("36", 14), ("4", 13), ("4", 19)];
    (prop::sample::select(ISSUERS), prop::collection::vec(0_u8..10, 19)).prop_map(
        |((prefix, length), digits)| {
            let mut number: String = prefix.to_owned();
            number.extend(digits.iter().map(|digit| char::from(b'0' + digit)));
            number.truncate(length - 1);
            let with_check = |check: char| format!("{number}{check}");
            let right = ('0'..='9').map(with_check).find(|number| {
                let digits: Vec<u8> = number.bytes().map(|digit| digit - b'0').collect();
                is_card_number(&digits)
            });
            right.expect("one of ten check digits is right")
        },
    )
}

/// What `secrets.token_urlsafe()` and friends give, each character as likely as any other.
fn token() -> impl Strategy<Value = String> {
    const ALPHABET: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    let token = |letters: usize, length: usize| {
        let letter = prop::sample::select(&ALPHABET[..letters]).prop_map(char::from);
        prop::collection::vec(letter, length).prop_map(String::from_iter)
    };
    prop_oneof![token(16, 32), token(16, 40), token(36, 32), token(62, 24), token(62, 64), token(64, 43)]
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02X}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_card_number_is_found_wherever_it_stands(
        number in card_number(), before in "[a-z /,;]{0,9}", after in "[a-z /,;]{0,9}", group in 2_usize..7,
    ) {
        let groups: Vec<&str> = number.as_bytes().chunks(group).map(|group| std::str::from_utf8(group).unwrap()).collect();
        for written in [number.clone(), groups.join(" "), groups.join("-")] {
            let text = format!("{before}{written}{after}");
            prop_assert!(holds_secret(&text), "{text}");
            prop_assert!(holds_secret(&percent_encoded(&text)), "{text}");
        }
    }

    #[test]
    fn nearly_every_random_token_is_found(tokens in prop::collection::vec(token(), 100).no_shrink()) {
        let missed: Vec<_> = tokens.iter().filter(|token| !holds_secret(token)).collect();
        prop_assert!(missed.len() <= 4, "{missed:?}");
    }

    #[test]
    fn slugs_numbers_and_words_are_left_alone(
        words in prop::collection::vec("[a-z]{1,14}", 1..8), number in 0_u32..1_000_000, separator in "[-_ ]",
    ) {
        let slug = words.join(&separator);
        let texts = [slug.clone(), format!("{slug}{separator}{number}"), number.to_string()];
        for text in &texts {
            prop_assert!(!has_token(text) && !has_card_number(text), "{text}");
        }
    }

    #[test]
    fn any_text_is_judged_without_a_panic(text in ".{0,200}") {
        holds_secret(&text);
        is_secret_name(&text);
        route(&text);
    }
}

#[test]
fn a_secret_in_a_path_is_blanked_and_the_rest_stays() {
    for (sent, kept) in [
        ("/books/the-name-of-the-rose/", "/books/the-name-of-the-rose/"),
        ("/reset/MQ/c9x4yz-5f2b8e1d3c4a5b6c7d8e9f0a1b2c3d4e/", "/reset/MQ/redacted/"),
        ("/pay/4111111111111111", "/pay/redacted"),
        ("/pay/4111%2D1111%2D1111%2D1111/x", "/pay/redacted/x"),
        ("/cb;token=hunter2/", "/redacted/"),
        ("/orders/550e8400-e29b-41d4-a716-446655440000/", "/orders/550e8400-e29b-41d4-a716-446655440000/"),
        ("", ""),
    ] {
        assert_eq!(path(sent), kept, "{sent}");
    }
}
