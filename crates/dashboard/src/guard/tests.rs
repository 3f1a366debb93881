use super::*;

fn guard(address: &str, token: Option<&str>) -> Guard {
    Guard { address: address.parse().unwrap(), token: token.map(str::to_owned) }
}

fn head(uri: &str, headers: &[(&str, &str)]) -> request::Parts {
    let mut builder = request::Request::builder().uri(uri);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(()).unwrap().into_parts().0
}

#[test]
fn of_hosts_only_this_machine_and_the_address_are_ours() {
    let local = guard("127.0.0.1:7357", None);
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1:7357", "127.9.9.9", "[::1]:7357"] {
        assert!(local.is_ours(host), "{host}");
    }
    let foreign = [
        "",
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "localhost.",
        "user@localhost",
        "10.0.0.5",
        "0.0.0.0:7357",
        "[::]",
        "2130706433",
        "0x7f.1",
        "localhost:port",
        "localhost, evil.example",
        " localhost",
    ];
    for host in foreign {
        assert!(!local.is_ours(host), "{host}");
    }
    let named = guard("10.0.0.5:80", None);
    assert!(named.is_ours("10.0.0.5") && !named.is_ours("10.0.0.6"));
    let any = guard("0.0.0.0:80", None);
    assert!(any.is_ours("10.0.0.6:80") && !any.is_ours("devbox") && !any.is_ours("evil.example"));
}

#[test]
fn an_address_in_absolute_form_names_its_host_too() {
    let local = guard("127.0.0.1:7357", None);
    let judge = |uri: &str| local.judge(&head(uri, &[("host", "localhost:7357")]));
    assert_eq!(judge("http://localhost:7357/api/health"), Verdict::Answer);
    assert_eq!(judge("http://evil.example/api/health"), Verdict::Refuse(Refusal::Host));
}

#[test]
fn tokens_are_compared_whole() {
    assert!(is_equal(b"", b"") && is_equal(b"abc", b"abc"));
    for (one, other) in [("abc", "abd"), ("abc", "ab"), ("abc", "abcd"), ("", "a")] {
        assert!(!is_equal(one.as_bytes(), other.as_bytes()), "{one} {other}");
    }
}

#[test]
fn a_token_comes_by_address_cookie_or_header_and_is_whole() {
    let guard = guard("10.0.0.5:80", Some("s3cret"));
    let judge =
        |uri: &str, name: &str, value: &str| guard.judge(&head(uri, &[("host", "10.0.0.5"), (name, value)]));
    let admitted =
        Verdict::Admit { cookie: "escala-80=s3cret; Path=/; HttpOnly; SameSite=Strict".to_owned() };
    assert_eq!(judge("/?token=s3cret", "accept", "*/*"), admitted);
    assert_eq!(judge("/api/health", "cookie", "a=b; escala-80=s3cret"), Verdict::Answer);
    assert_eq!(judge("/api/health", "authorization", "Bearer s3cret"), Verdict::Answer);
    for (uri, name, value) in [
        ("/", "accept", "*/*"),
        ("/?token=", "accept", "*/*"),
        ("/?token=s3cre", "accept", "*/*"),
        ("/?token=s3cret0", "accept", "*/*"),
        ("/api/health?token=s3cret", "accept", "*/*"),
        ("/", "cookie", "escala-81=s3cret"),
        ("/", "cookie", "escala-80=S3CRET"),
        ("/", "authorization", "Basic s3cret"),
        ("/", "authorization", "s3cret"),
    ] {
        assert_eq!(judge(uri, name, value), Verdict::Refuse(Refusal::Token), "{uri} {name} {value}");
    }
}
