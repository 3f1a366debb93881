use proptest::prelude::*;

use super::*;

fn client(address: &str, proxies: &[&str]) -> Client {
    let proxies = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
    Client { address: Some(address.parse().unwrap()), proxies, ..Client::default() }
}

fn arrival(scheme: Scheme, host: &str) -> Arrival<'_> {
    Arrival { scheme, host: host.as_bytes() }
}

/// What is told, as lines.
fn told(client: &Client, arrival: &Arrival<'_>, told: Told) -> Vec<String> {
    let mut lines = Vec::new();
    let mut value = b"left over".to_vec();
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
    tell(client, arrival, told, &mut value, |name, value| lines.push(format!("{name}: {}", text(value))));
    lines
}

#[test]
fn a_client_without_proxies_is_told_as_it_came() {
    let lines = told(&client("203.0.113.9", &[]), &arrival(Scheme::Https, "shop.example"), Told::XForwarded);
    let expected = [
        "x-forwarded-for: 203.0.113.9",
        "x-real-ip: 203.0.113.9",
        "x-forwarded-proto: https",
        "x-forwarded-host: shop.example",
        "x-forwarded-port: 443",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_client_behind_proxies_is_told_first_and_as_they_say() {
    let client = Client {
        scheme: Some(Scheme::Https),
        host: Some(b"shop.example:8443".to_vec()),
        ..client("2001:db8::9", &["10.0.0.1", "fd00::2"])
    };
    let lines = told(&client, &arrival(Scheme::Http, "10.0.0.7:8000"), Told::Both);
    let expected = [
        "x-forwarded-for: 2001:db8::9, fd00::2, 10.0.0.1",
        "x-real-ip: 2001:db8::9",
        "x-forwarded-proto: https",
        "x-forwarded-host: shop.example:8443",
        "x-forwarded-port: 8443",
        "forwarded: for=\"[2001:db8::9]\";proto=https;host=\"shop.example:8443\", for=\"[fd00::2]\", for=10.0.0.1",
    ];
    assert_eq!(lines, expected);
    let client = Client { port: Some(444), ..client };
    let lines = told(&client, &arrival(Scheme::Http, ""), Told::XForwarded);
    assert_eq!(lines.last().unwrap(), "x-forwarded-port: 444");
}

#[test]
fn nothing_is_made_up_where_nothing_is_known() {
    let lines = told(&Client::default(), &arrival(Scheme::Http, ""), Told::Both);
    assert_eq!(
        lines,
        ["x-forwarded-proto: http", "x-forwarded-port: 80", "forwarded: for=unknown;proto=http"]
    );
}

#[test]
fn a_host_that_is_none_is_not_told() {
    for host in [
        "a b",
        "a\r\nx-real-ip: 1.1.1.1",
        "a\"",
        "a,b",
        "a:",
        ":80",
        "a:65536",
        "[::1",
        "::1",
        "user@a",
        "a/b",
        "é",
    ] {
        let lines = told(&client("203.0.113.9", &[]), &arrival(Scheme::Http, host), Told::Both);
        assert!(!lines.iter().any(|line| line.contains("host")), "{host:?}: {lines:?}");
    }
    let longest = "a".repeat(crate::limits::FORWARDED_HOST_BYTES_MAX);
    for host in ["a", "a.example.", "under_score", "127.0.0.1:8000", "[::1]:80", "[::1]", &longest] {
        let lines = told(&client("203.0.113.9", &[]), &arrival(Scheme::Http, host), Told::Both);
        assert_eq!(lines[3], format!("x-forwarded-host: {host}"));
    }
    let lines = told(&client("203.0.113.9", &[]), &arrival(Scheme::Http, &format!("{longest}a")), Told::Both);
    assert!(!lines.iter().any(|line| line.contains("host")));
}

#[test]
fn names_that_wsgi_takes_for_ours_are_spoofable() {
    let spoofable = [
        "X-Forwarded-For",
        "x_forwarded_for",
        "X_Forwarded-FOR",
        "x-forwarded_proto",
        "X-Forwarded-",
        "X-Forwarded-Client-Cert",
        "Forwarded",
        "X-Real-IP",
        "X_REAL_IP",
        "x-client-ip",
        "True-Client-IP",
        "X-Cluster-Client-Ip",
        "CF-Connecting-IP",
        "Client_Ip",
        "REMOTE_ADDR",
    ];
    for name in spoofable {
        assert!(is_spoofable(name.as_bytes()), "{name}");
    }
    let harmless = [
        "",
        "x",
        "host",
        "for",
        "forwarded2",
        "x-forwarde",
        "x-forwardedx",
        "xforwarded-for",
        "x--forwarded-for",
        "x-real-ip-",
        "my-x-forwarded-for",
        "x-requested-with",
        "x-csrftoken",
        "accept-language",
    ];
    for name in harmless {
        assert!(!is_spoofable(name.as_bytes()), "{name}");
    }
}

#[test]
fn whatever_we_tell_the_client_cannot_tell_beside_it() {
    let mut names = Vec::new();
    let full = client("203.0.113.9", &["10.0.0.1"]);
    tell(&full, &arrival(Scheme::Http, "a"), Told::Both, &mut Vec::new(), |name, _| names.push(name));
    assert_eq!(names.len(), 6);
    assert!(names.iter().all(|name| is_spoofable(name.as_bytes())));
    assert!(
        SPOOFABLE.is_sorted() && SPOOFABLE.iter().all(|name| is_spoofable(name.to_uppercase().as_bytes()))
    );
}

proptest! {
    #[test]
    fn names_are_judged_as_wsgi_folds_them(name in "[xX][-_]([fF]orwarded|Real|cf)[-_](for|IP|ip)?[ -~]{0,3}|[ -~]{0,20}|.{0,10}") {
        let folded = name.to_ascii_uppercase().replace('-', "_");
        prop_assert_eq!(is_spoofable(name.as_bytes()), is_spoofable(folded.as_bytes()));
        let key_of = |known: &str| known.to_ascii_uppercase().replace('-', "_");
        let is_known = SPOOFABLE.iter().any(|known| key_of(known) == folded) || folded.starts_with(&key_of(SPOOFABLE_PREFIX));
        prop_assert_eq!(is_spoofable(name.as_bytes()), is_known);
    }

    #[test]
    fn nothing_told_ends_a_line(
        address in any::<Option<IpAddr>>(),
        proxies in prop::collection::vec(any::<IpAddr>(), 0..4),
        host in prop::option::of(prop::collection::vec(any::<u8>(), 0..20)),
        arrival_host in prop::collection::vec(any::<u8>(), 0..20),
        port in any::<Option<u16>>(),
    ) {
        let client = Client { address, proxies, scheme: None, host, port };
        let arrival = Arrival { scheme: Scheme::Http, host: &arrival_host };
        let mut is_clean = true;
        tell(&client, &arrival, Told::Both, &mut Vec::new(), |_, value| {
            is_clean &= !value.is_empty() && value.iter().all(|byte| matches!(byte, b' '..=b'~'));
        });
        prop_assert!(is_clean);
    }
}
