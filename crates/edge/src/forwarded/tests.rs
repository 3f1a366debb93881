use proptest::prelude::*;

use super::*;
use crate::limits::{FORWARDED_HOPS_MAX, FORWARDED_HOST_BYTES_MAX};

type Fields<'a> = &'a [(&'a str, &'a str)];

/// Trusts a proxy next to us and one further out.
fn trust(by: ForwardedBy) -> Trust {
    let networks = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap()).to_vec();
    Trust { networks, unix_sockets: true, by }
}

fn client(peer: &str, fields: Fields<'_>, trust: &Trust) -> Client {
    let fields = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    resolve(peer.parse().ok(), fields, trust)
}

fn addresses(client: &Client) -> String {
    let chain = client.address.into_iter().chain(client.proxies.iter().rev().copied());
    chain.map(|address| address.to_string()).collect::<Vec<_>>().join(" < ")
}

/// Asserts who the client is found to be, and by which proxies it came: `client < … < peer`.
fn assert_chains(by: ForwardedBy, name: &str, peer: &str, table: &[(&str, &str, &str)]) {
    for (what, value, expected) in table {
        let client = client(peer, &[(name, value)], &trust(by));
        assert_eq!(addresses(&client), *expected, "{what}: {value:?}");
    }
}

#[test]
fn x_forwarded_for_is_believed_as_far_as_trusted_proxies_wrote_it() {
    assert_chains(
        ForwardedBy::XForwarded,
        "X-Forwarded-For",
        "10.0.0.1",
        &[
            ("one proxy", "203.0.113.9", "203.0.113.9 < 10.0.0.1"),
            ("two proxies", "203.0.113.9, 10.0.0.2", "203.0.113.9 < 10.0.0.2 < 10.0.0.1"),
            ("without spaces", "203.0.113.9,10.0.0.2", "203.0.113.9 < 10.0.0.2 < 10.0.0.1"),
            ("with tabs", "\t203.0.113.9\t,\t10.0.0.2 ", "203.0.113.9 < 10.0.0.2 < 10.0.0.1"),
            ("only trusted ones", "10.0.0.3, 10.0.0.2", "10.0.0.3 < 10.0.0.2 < 10.0.0.1"),
            ("with a port", "203.0.113.9:4711", "203.0.113.9 < 10.0.0.1"),
            ("IPv6", "2001:db8::1", "2001:db8::1 < 10.0.0.1"),
            ("IPv6 in brackets", "[2001:db8::1]", "2001:db8::1 < 10.0.0.1"),
            ("IPv6 with a port", "[2001:db8::1]:4711", "2001:db8::1 < 10.0.0.1"),
            ("IPv4 as IPv6", "::ffff:203.0.113.9", "203.0.113.9 < 10.0.0.1"),
            ("a trusted proxy as IPv6", "203.0.113.9, ::ffff:10.0.0.2", "203.0.113.9 < 10.0.0.2 < 10.0.0.1"),
        ],
    );
}

#[test]
fn what_a_client_makes_up_in_x_forwarded_for_is_not_believed() {
    let commas = ",".repeat(10 << 10);
    let full = format!("{}203.0.113.9", "10.0.0.2, ".repeat(5_000));
    let nothing = "10.0.0.1";
    let real = "203.0.113.9 < 10.0.0.1";
    assert_chains(
        ForwardedBy::XForwarded,
        "x-forwarded-for",
        "10.0.0.1",
        &[
            ("spoofed on the left", "198.51.100.1, 203.0.113.9", real),
            ("spoofed often", "127.0.0.1, ::1, 198.51.100.1, 203.0.113.9", real),
            ("as a trusted proxy", "198.51.100.1, 10.0.0.2, 203.0.113.9", real),
            ("as this machine", "127.0.0.1, 203.0.113.9", real),
            ("private", "192.168.0.1, 203.0.113.9", real),
            ("private behind a proxy", "192.168.0.1", "192.168.0.1 < 10.0.0.1"),
            ("garbage on the left", "<script>, 203.0.113.9", real),
            ("an open quote", "\"198.51.100.1, 203.0.113.9", real),
            ("a zero byte", "198.51.100.1\0, 203.0.113.9", real),
            ("commas", &format!("{commas}203.0.113.9"), real),
            ("more hops than are looked at", &full, real),
            // Nothing left of what cannot be read is believed.
            ("only commas", &commas, nothing),
            ("empty", "", nothing),
            ("a proxy that says nothing", "198.51.100.1, ", nothing),
            ("a proxy that says nothing, further out", "198.51.100.1, , 10.0.0.2", "10.0.0.2 < 10.0.0.1"),
            ("a proxy that does not know", "198.51.100.1, unknown", nothing),
            ("hidden", "198.51.100.1, _hidden", nothing),
            ("a name", "198.51.100.1, localhost", nothing),
            ("octal", "0177.0.0.1", nothing),
            ("a short form", "127.1", nothing),
            ("a number", "2130706433", nothing),
            ("a port out of range", "203.0.113.9:65536", nothing),
            ("an empty port", "203.0.113.9:", nothing),
            ("IPv4 in brackets", "[203.0.113.9]", nothing),
            ("an open bracket", "[2001:db8::1", nothing),
            ("a zone", "fe80::1%eth0", nothing),
            ("two addresses", "203.0.113.9 198.51.100.1", nothing),
            ("another separator", "198.51.100.1; 203.0.113.9", nothing),
            ("Forwarded's form", "for=203.0.113.9", nothing),
        ],
    );
}

#[test]
fn forwarded_is_believed_as_far_as_trusted_proxies_wrote_it() {
    assert_chains(
        ForwardedBy::Forwarded,
        "Forwarded",
        "fd00::1",
        &[
            ("one proxy", "for=203.0.113.9", "203.0.113.9 < fd00::1"),
            ("in capitals", "FOR=203.0.113.9;Proto=HTTPS", "203.0.113.9 < fd00::1"),
            ("two proxies", "for=203.0.113.9, for=10.0.0.2", "203.0.113.9 < 10.0.0.2 < fd00::1"),
            ("all pairs", "by=_a;for=203.0.113.9;proto=http;host=a", "203.0.113.9 < fd00::1"),
            ("spaces", "for=203.0.113.9 ; proto=http , for=10.0.0.2", "203.0.113.9 < 10.0.0.2 < fd00::1"),
            ("empty pairs", ";for=203.0.113.9;;proto=http;", "203.0.113.9 < fd00::1"),
            ("an extension", "secret=\"a,b;for=c\";for=203.0.113.9", "203.0.113.9 < fd00::1"),
            ("quoted", "for=\"203.0.113.9\"", "203.0.113.9 < fd00::1"),
            ("with a port", "for=\"203.0.113.9:80\"", "203.0.113.9 < fd00::1"),
            ("with a hidden port", "for=\"203.0.113.9:_p\"", "203.0.113.9 < fd00::1"),
            ("IPv6", "for=\"[2001:db8::1]\"", "2001:db8::1 < fd00::1"),
            ("IPv6 with a port", "for=\"[2001:db8::1]:4711\"", "2001:db8::1 < fd00::1"),
            ("IPv4 as IPv6", "for=\"[::ffff:203.0.113.9]\"", "203.0.113.9 < fd00::1"),
        ],
    );
}

#[test]
fn what_a_client_makes_up_in_forwarded_is_not_believed() {
    let commas = ",".repeat(10 << 10);
    let real = "2001:db8::9 < fd00::1";
    let nothing = "fd00::1";
    assert_chains(
        ForwardedBy::Forwarded,
        "forwarded",
        "fd00::1",
        &[
            ("spoofed on the left", "for=127.0.0.1, for=\"[2001:db8::9]\"", real),
            ("as a trusted proxy", "for=127.0.0.1, for=10.0.0.2, for=\"[2001:db8::9]\"", real),
            // Read from the left, the open quote would take in the comma, and end where the proxy's begins.
            ("an open quote", "for=127.0.0.1, for=\", for=\"[2001:db8::9]\"", real),
            ("an open quote and an escape", "for=127.0.0.1;x=\"\\, for=\"[2001:db8::9]\"", real),
            ("commas", &format!("{commas}for=\"[2001:db8::9]\""), real),
            ("only commas", &commas, nothing),
            ("empty", "", nothing),
            ("hidden", "for=127.0.0.1, for=_hidden", nothing),
            ("hidden with a port", "for=127.0.0.1, for=\"_hidden:_p\"", nothing),
            ("unknown", "for=127.0.0.1, for=unknown", nothing),
            ("unknown, in capitals", "for=127.0.0.1, for=Unknown", nothing),
            ("nobody", "for=127.0.0.1, proto=https", nothing),
            ("hidden further out", "for=127.0.0.1, for=_a, for=10.0.0.2", "10.0.0.2 < fd00::1"),
            ("twice", "for=127.0.0.1;for=203.0.113.9", nothing),
            ("twice, in capitals", "for=127.0.0.1;FOR=203.0.113.9", nothing),
            ("IPv6 without quotes", "for=[2001:db8::9]", nothing),
            ("IPv6 without brackets", "for=\"2001:db8::9\"", nothing),
            ("a port without quotes", "for=203.0.113.9:80", nothing),
            ("an open quote at the end", "for=127.0.0.1, for=\"203.0.113.9", nothing),
            ("an escape elsewhere", "for=203.0.113.9;x=\"\\a\"", nothing),
            ("an escape", "for=\"203.0.113.\\9\"", nothing),
            ("an escaped quote", "for=127.0.0.1, x=\"\\\", for=203.0.113.9\"", nothing),
            ("no semicolon", "for=\"203.0.113.9\"proto=https", nothing),
            ("a port out of range", "for=\"203.0.113.9:65536\"", nothing),
            ("an empty port", "for=\"203.0.113.9:\"", nothing),
            ("something after a quote", "for=\"203.0.113.9\"x", nothing),
            ("spaces around the equals sign", "for = 203.0.113.9", nothing),
            ("no value", "for=", nothing),
            ("no name", "=203.0.113.9", nothing),
            ("X-Forwarded-For's form", "203.0.113.9", nothing),
            ("a control character", "for=203.0.113.9;x=\"\u{1}\"", nothing),
            ("letters of another alphabet", "for=203.0.113.9;x=\"é\"", nothing),
        ],
    );
}

#[test]
fn lines_of_one_name_are_one_list_in_the_order_received() {
    let fields: Fields<'_> = &[
        ("X-Forwarded-For", "198.51.100.1"),
        ("Accept", "*/*"),
        ("x-forwarded-for", "203.0.113.9, 10.0.0.3"),
        ("X-FORWARDED-FOR", "10.0.0.2"),
    ];
    let found = client("10.0.0.1", fields, &trust(ForwardedBy::XForwarded));
    assert_eq!(addresses(&found), "203.0.113.9 < 10.0.0.3 < 10.0.0.2 < 10.0.0.1");
    let fields: Fields<'_> =
        &[("forwarded", "for=\""), ("Forwarded", "for=203.0.113.9"), ("forwarded", "for=10.0.0.2")];
    let found = client("10.0.0.1", fields, &trust(ForwardedBy::Forwarded));
    assert_eq!(addresses(&found), "203.0.113.9 < 10.0.0.2 < 10.0.0.1");
    // A proxy that could not say whom it serves, and the client's own line.
    let fields: Fields<'_> = &[("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "")];
    assert_eq!(addresses(&client("10.0.0.1", fields, &trust(ForwardedBy::XForwarded))), "10.0.0.1");
}

#[test]
fn a_name_with_underscores_is_another_one() {
    let fields: Fields<'_> = &[("x_forwarded_for", "198.51.100.1"), ("X_Forwarded_Proto", "https")];
    let found = client("10.0.0.1", fields, &trust(ForwardedBy::XForwarded));
    assert_eq!(found, client("10.0.0.1", &[], &trust(ForwardedBy::XForwarded)));
}

#[test]
fn the_kind_that_the_proxy_does_not_write_is_not_read() {
    let both: Fields<'_> = &[
        ("forwarded", "for=198.51.100.1;proto=https;host=evil.example"),
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "shop.example"),
        ("x-forwarded-port", "8080"),
    ];
    let found = client("10.0.0.1", both, &trust(ForwardedBy::XForwarded));
    assert_eq!(addresses(&found), "203.0.113.9 < 10.0.0.1");
    assert_eq!((found.scheme, found.port), (Some(Scheme::Http), Some(8080)));
    assert_eq!(found.host.as_deref(), Some(&b"shop.example"[..]));
    assert_eq!(
        client("10.0.0.1", &both[..1], &trust(ForwardedBy::XForwarded)),
        client("10.0.0.1", &[], &trust(ForwardedBy::XForwarded))
    );
    let found = client("10.0.0.1", both, &trust(ForwardedBy::Forwarded));
    assert_eq!(addresses(&found), "198.51.100.1 < 10.0.0.1");
    assert_eq!((found.scheme, found.port), (Some(Scheme::Https), None));
    assert_eq!(
        client("10.0.0.1", &both[1..], &trust(ForwardedBy::Forwarded)),
        client("10.0.0.1", &[], &trust(ForwardedBy::Forwarded))
    );
}

#[test]
fn a_peer_on_a_unix_socket_is_trusted_only_if_told_so() {
    let fields: Fields<'_> = &[("x-forwarded-for", "203.0.113.9, 10.0.0.2"), ("x-forwarded-proto", "https")];
    let mut trust = trust(ForwardedBy::XForwarded);
    let found = client("", fields, &trust);
    assert_eq!(addresses(&found), "203.0.113.9 < 10.0.0.2");
    assert_eq!(found.scheme, Some(Scheme::Https));
    assert_eq!(client("", &[], &trust), Client::default());
    trust.unix_sockets = false;
    assert_eq!(client("", fields, &trust), Client::default());
}

#[test]
fn by_default_nobody_is_trusted() {
    let fields: Fields<'_> = &[("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9")];
    for peer in ["127.0.0.1", "::1", "10.0.0.1", ""] {
        let found = client(peer, fields, &Trust::default());
        assert_eq!(found, Client { address: peer.parse().ok(), ..Client::default() });
    }
    assert_eq!(Trust::default().by, ForwardedBy::XForwarded);
}

#[test]
fn a_peer_counts_however_its_address_is_written() {
    let fields: Fields<'_> = &[("x-forwarded-for", "203.0.113.9")];
    let found = client("::ffff:10.0.0.1", fields, &trust(ForwardedBy::XForwarded));
    assert_eq!(addresses(&found), "203.0.113.9 < 10.0.0.1");
    let found = client("::ffff:198.51.100.1", fields, &trust(ForwardedBy::XForwarded));
    assert_eq!(addresses(&found), "198.51.100.1");
}

#[test]
fn of_scheme_host_and_port_only_the_last_word_counts() {
    let scheme = |value: &str| {
        client("10.0.0.1", &[("x-forwarded-proto", value)], &trust(ForwardedBy::XForwarded)).scheme
    };
    for (value, expected) in [
        ("https", Some(Scheme::Https)),
        (" HTTP ", Some(Scheme::Http)),
        ("wss", Some(Scheme::Https)),
        ("ws", Some(Scheme::Http)),
        ("https, http", Some(Scheme::Http)),
        ("https,", None),
        ("http, gopher", None),
        ("", None),
        ("https://", None),
    ] {
        assert_eq!(scheme(value), expected, "{value:?}");
    }
    let fields: Fields<'_> = &[
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-port", "1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil.example, shop.example:81"),
        ("x-forwarded-port", "2, 80"),
        ("x-forwarded-proto", "http"),
    ];
    let found = client("10.0.0.1", fields, &trust(ForwardedBy::XForwarded));
    assert_eq!(found.host.as_deref(), Some(&b"shop.example:81"[..]));
    assert_eq!((found.scheme, found.port), (Some(Scheme::Http), Some(80)));
    for value in ["evil example", "evil.example/", "a\"b", "user@evil.example", "a:b", "", "evil.example, "] {
        let found = client("10.0.0.1", &[("x-forwarded-host", value)], &trust(ForwardedBy::XForwarded));
        assert_eq!(found.host, None, "{value:?}");
    }
    for value in ["65536", "+80", "000080", "http", "", "-1"] {
        let found = client("10.0.0.1", &[("x-forwarded-port", value)], &trust(ForwardedBy::XForwarded));
        assert_eq!(found.port, None, "{value:?}");
    }
}

#[test]
fn forwarded_gives_scheme_and_host_of_the_element_where_the_walk_ends() {
    let found = |value: &str| {
        let found = client("10.0.0.1", &[("forwarded", value)], &trust(ForwardedBy::Forwarded));
        (found.scheme, found.host.map(|host| String::from_utf8(host).unwrap()))
    };
    let host = |host: &str| Some(host.to_owned());
    for (value, expected) in [
        ("for=203.0.113.9;proto=https;host=\"a:8443\"", (Some(Scheme::Https), host("a:8443"))),
        (
            "for=203.0.113.9;proto=https;host=a, for=10.0.0.2;proto=http;host=b",
            (Some(Scheme::Https), host("a")),
        ),
        ("for=203.0.113.9, for=10.0.0.2;proto=https;host=b", (None, None)),
        // Whom a trusted proxy hides, it has seen.
        ("for=_hidden;proto=https;host=a, for=10.0.0.2;proto=http", (Some(Scheme::Https), host("a"))),
        ("proto=https", (Some(Scheme::Https), None)),
        // The client's.
        ("for=127.0.0.1;proto=https;host=evil, for=203.0.113.9;proto=http", (Some(Scheme::Http), None)),
        ("for=127.0.0.1;proto=https;host=evil, for=203.0.113.9", (None, None)),
        ("for=\";proto=https, for=10.0.0.2;proto=http", (Some(Scheme::Http), None)),
        (", for=10.0.0.2;proto=http;host=b", (Some(Scheme::Http), host("b"))),
        ("for=203.0.113.9;proto=gopher;host=\"a b\"", (None, None)),
        ("for=203.0.113.9;proto=http;proto=https", (None, None)),
        ("for=203.0.113.9;host=a;host=b", (None, None)),
        ("for=_;proto=https", (None, None)),
        ("for=\"_a:_\";proto=https", (None, None)),
        ("for=_a b;proto=https", (None, None)),
    ] {
        assert_eq!(found(value), expected, "{value:?}");
    }
}

#[test]
fn a_chain_of_trusted_hops_ends_at_the_limit() {
    let trusted = "10.0.0.2, ".repeat(FORWARDED_HOPS_MAX - 1);
    for (value, expected) in [
        (format!("203.0.113.9, {trusted}10.0.0.2"), "10.0.0.2"),
        (format!("198.51.100.1, 203.0.113.9, {trusted}").trim_end_matches(", ").to_owned(), "203.0.113.9"),
    ] {
        let found = client("10.0.0.1", &[("x-forwarded-for", &value)], &trust(ForwardedBy::XForwarded));
        assert_eq!(found.address.unwrap().to_string(), expected);
        assert_eq!(found.proxies.len(), FORWARDED_HOPS_MAX);
    }
}

fn kind() -> impl Strategy<Value = ForwardedBy> {
    prop::sample::select(vec![ForwardedBy::XForwarded, ForwardedBy::Forwarded])
}

/// Values near to what is meant, and any bytes.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let part = "10\\.0\\.0\\.2|203\\.0\\.113\\.9|\\[2001:db8::1\\]|unknown|_a|for=|proto=|host=|https?|a\\.b|:80|[\",;= \\\\]";
    let near = prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat().into_bytes());
    let many = prop::collection::vec("10\\.0\\.0\\.2, |for=10\\.0\\.0\\.3,", 0..80)
        .prop_map(|parts| parts.concat().into_bytes());
    prop_oneof![near, many, prop::collection::vec(any::<u8>(), 0..40)]
}

fn fields() -> impl Strategy<Value = Vec<(&'static [u8], Vec<u8>)>> {
    let names = [
        "x-forwarded-for",
        "forwarded",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "x-forwarded-port",
        "host",
        "",
    ];
    let name = prop::sample::select(names.map(str::as_bytes).to_vec());
    prop::collection::vec((name, value()), 0..6)
}

fn pairs<'a>(
    fields: &'a [(&'static [u8], Vec<u8>)],
) -> impl DoubleEndedIterator<Item = (&'a [u8], &'a [u8])> {
    fields.iter().map(|(name, value)| (*name, value.as_slice()))
}

proptest! {
    #[test]
    fn any_fields_give_a_client_that_trusted_proxies_vouch_for(
        fields in fields(),
        peer in prop::option::of(prop::sample::select(vec!["10.0.0.1", "fd00::1", "192.0.2.1"])),
        by in kind(),
    ) {
        let trust = trust(by);
        let peer: Option<IpAddr> = peer.map(|peer| peer.parse().unwrap());
        let found = resolve(peer, pairs(&fields), &trust);
        prop_assert!(found.proxies.iter().all(|proxy| trust.contains(*proxy)));
        prop_assert!(found.proxies.len() <= FORWARDED_HOPS_MAX);
        prop_assert!(peer.is_none() || found.proxies.first().copied().or(found.address) == peer);
        prop_assert!(found.host.as_ref().is_none_or(|host| host.len() <= FORWARDED_HOST_BYTES_MAX && host.is_ascii()));
        prop_assert!(found.port.is_none() || by == ForwardedBy::XForwarded);
    }

    #[test]
    fn an_untrusted_peer_changes_nothing_by_any_field(fields in fields(), peer in any::<IpAddr>(), by in kind()) {
        let mut trust = trust(by);
        trust.unix_sockets = false;
        prop_assume!(!trust.contains(peer));
        let expected = Client { address: Some(peer.to_canonical()), ..Client::default() };
        prop_assert_eq!(resolve(Some(peer), pairs(&fields), &trust), expected);
        prop_assert_eq!(resolve(None, pairs(&fields), &trust), Client::default());
    }

    #[test]
    fn whatever_a_client_sends_is_overruled_by_what_its_proxy_adds(
        lines in prop::collection::vec(value(), 0..3),
        begun in value(),
        client in any::<IpAddr>(),
        by in kind(),
    ) {
        let trust = trust(by);
        prop_assume!(!trust.contains(client));
        let (name, added) = match (by, client) {
            (ForwardedBy::XForwarded, _) => (&b"x-forwarded-for"[..], client.to_string()),
            (ForwardedBy::Forwarded, IpAddr::V4(_)) => (&b"forwarded"[..], format!("for={client};proto=http;host=\"a:80\"")),
            (ForwardedBy::Forwarded, IpAddr::V6(_)) => (&b"forwarded"[..], format!("proto=http;host=\"a:80\";for=\"[{client}]:9\"")),
        };
        let peer = Some("10.0.0.1".parse().unwrap());
        let honest = [(name, added.clone().into_bytes())];
        let expected = resolve(peer, pairs(&honest), &trust);
        prop_assert_eq!(expected.address, Some(client.to_canonical()));
        let mut fields: Vec<_> = lines.into_iter().map(|line| (name, line)).collect();
        let in_a_line_of_its_own = [&fields[..], &honest].concat();
        prop_assert_eq!(&resolve(peer, pairs(&in_a_line_of_its_own), &trust), &expected);
        fields.push((name, [&begun[..], b", ", added.as_bytes()].concat()));
        prop_assert_eq!(&resolve(peer, pairs(&fields), &trust), &expected);
    }

    #[test]
    fn fields_of_the_other_kind_never_change_the_client(fields in fields(), peer in any::<bool>(), by in kind()) {
        let trust = trust(by);
        let peer = peer.then(|| "10.0.0.1".parse().unwrap());
        let is_other = |name: &[u8]| (by == ForwardedBy::XForwarded) == (name == b"forwarded");
        let own: Vec<_> = fields.iter().filter(|(name, _)| !is_other(name)).cloned().collect();
        prop_assert_eq!(resolve(peer, pairs(&fields), &trust), resolve(peer, pairs(&own), &trust));
    }

    /// An edge behind an edge finds the same client, by either kind.
    #[test]
    fn what_is_told_is_understood(fields in fields(), by in kind(), next_by in kind()) {
        let peer = Some("10.0.0.1".parse().unwrap());
        let found = resolve(peer, pairs(&fields), &trust(by));
        let arrival = Arrival { scheme: Scheme::Http, host: b"shop.example:8000" };
        let mut told: Vec<(&'static [u8], Vec<u8>)> = Vec::new();
        tell(&found, &arrival, Told::Both, &mut Vec::new(), |name, value| told.push((name.as_bytes(), value.to_vec())));
        let next = resolve(Some("10.0.0.9".parse().unwrap()), pairs(&told), &trust(next_by));
        prop_assume!(found.proxies.len() < FORWARDED_HOPS_MAX);
        prop_assert_eq!(next.address, found.address);
        prop_assert_eq!(next.scheme, Some(found.scheme.unwrap_or(Scheme::Http)));
        prop_assert_eq!(next.host, Some(found.host.unwrap_or_else(|| arrival.host.to_vec())));
        prop_assert_eq!(&next.proxies[1..], found.proxies);
    }
}
