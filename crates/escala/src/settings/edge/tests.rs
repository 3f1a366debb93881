use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use edge::config::{
    AccessLog, Admin, Audience, ClientPatience, Cookies, DiskConfig, Health, Listen, PathPattern, Rate,
    Route, StaticFiles, Tls,
};
use edge::forwarded::{ForwardedBy, Told, Trust};
use edge::upstream::exchange::Patience;
use proptest::prelude::*;

use super::*;
use crate::settings::FILE_SECTION;

mod files;
mod keys;

const ROOT: &str = "/srv/shop";

fn resolve(text: &str, overrides: &Overrides) -> Result<draft::Resolved, SettingsError> {
    let document = Document::parse(text, &FILE_SECTION)?;
    read(&document.root(), Path::new(ROOT))?.resolve(overrides, 3)
}

fn config(text: &str) -> Config {
    resolve(text, &Overrides::default()).unwrap().config
}

fn refused(text: &str, overrides: &Overrides) -> String {
    match resolve(text, overrides) {
        Ok(_) => "nothing is wrong".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

#[test]
fn a_section_that_cannot_be_used_is_one_line() {
    let (mut text, mut cases) = (String::new(), 0);
    for line in include_str!("tests/refused.toml").split_inclusive('\n') {
        if let Some(expected) = line.strip_prefix("#> ") {
            assert_eq!(refused(&text, &Overrides::default()), expected.trim_end(), "of\n{text}");
            text.clear();
            cases += 1;
        } else if !text.is_empty() || !(line.trim().is_empty() || line.starts_with("# ")) {
            text += line;
        }
    }
    assert_eq!(text, "");
    assert!(cases > 100, "{cases}");
}

#[test]
fn with_an_upstream_alone_everything_has_its_default() {
    let expected = Config {
        listen: vec![Listen::plain(local(8080))],
        upstreams: vec![Address::Tcp(local(8000))],
        threads: 3,
        ..Config::default()
    };
    assert_eq!(config("[edge]\nupstream = \"localhost:8000\"\n"), expected);
    assert_eq!(config("edge = { upstream = [\"http://127.0.0.1:8000/\"] }\n"), expected);
    let overrides = Overrides { upstreams: expected.upstreams.clone(), ..Overrides::default() };
    for text in ["", "[edge]\n", "[check]\nqueries = {}\n"] {
        assert_eq!(resolve(text, &overrides).unwrap().config, expected);
    }
}

#[test]
fn everything_that_is_said_is_done() {
    let resolved = resolve(include_str!("tests/whole.toml"), &Overrides::default()).unwrap();
    let mut config = Config {
        listen: vec![
            Listen { proxy_protocol: true, ..Listen::plain(local(8081)) },
            Listen {
                tls: Some(Tls { certificate: "/srv/shop/cert.pem".into(), key: "/etc/shop/key.pem".into() }),
                ..Listen::plain("0.0.0.0:8443".parse().unwrap())
            },
        ],
        upstreams: vec![Address::Tcp(local(8000)), Address::Unix("/srv/shop/run/shop.sock".into())],
        threads: 2,
        patience: Patience { connect: Duration::from_secs(2), answer: Duration::from_mins(2) },
        upstream_idle: Duration::from_millis(900),
        health: Some(Health { path: "/health/?deep=1".into(), interval: Duration::from_secs(7) }),
        client: ClientPatience {
            idle: Duration::from_mins(1),
            head: Duration::from_secs(5),
            body: Duration::from_secs(20),
            write: Duration::from_secs(25),
        },
        body_bytes_max: 1_000_000,
        drain_grace: Duration::ZERO,
        drain_patience: Duration::from_mins(1),
        trust: Trust {
            networks: vec!["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()],
            unix_sockets: true,
            by: ForwardedBy::Forwarded,
        },
        told: Told::Both,
        access_log: Some(AccessLog::File("/var/log/shop.json".into())),
        admin: Some(Admin { socket: "/srv/shop/.escala/edge/admin.sock".into(), token: None }),
        metrics: Some(local(9464)),
        ..Config::default()
    };
    config.cache.profile = Profile::Rfc;
    config.cache.is_shadow = true;
    config.cache.shadow_lifetime_s = 300;
    config.cache.bytes_max = 1 << 30;
    config.cache.object_bytes_max = 32 << 20;
    config.cache.disk =
        Some(DiskConfig { directory: "/srv/shop/.escala/edge/cache".into(), bytes_max: 10 << 30 });
    config.cache.if_error_s = 0;
    config.cache.uncacheable_s = 60;
    config.cache.compresses = Some(false);
    config.cache.ignored_parameters.patterns = vec!["utm_*".into(), "ref".into()];
    config.cache.keyed_fields = vec!["x-theme".into()];
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    config.cache.cookies = Cookies {
        identity: names(&["shop_session"]),
        keyed: Vec::new(),
        ignored: names(&["csrftoken", "sessionid"]),
    };
    config.gate.concurrency = 8;
    config.gate.deadline = Duration::from_secs(3);
    config.gate.waiting_max = 512;
    config.gate.waiting_per_client_max = 32;
    config.gate.retry.percent = 20;
    config.gate.rate = Some(Rate { requests: 100, window: Duration::from_mins(1), burst: 20 });
    config.generate_for = vec!["https://shop.example".into(), "http://localhost:8080/".into()];
    config.saved_directory = Some("/srv/shop/.escala/edge/cache".into());
    config.routes = routes();
    config.statics = vec![
        StaticFiles { prefix: "/static/".into(), directory: "/srv/shop/staticfiles".into(), lifetime_s: 0 },
        StaticFiles { prefix: "/media/".into(), directory: "/srv/media".into(), lifetime_s: 3_600 },
    ];
    assert_eq!(resolved.config, config);
    assert_eq!(resolved.token.unwrap().path, PathBuf::from("/srv/shop/edge-token"));
    // Two of TLS, the log, and two directories.
    assert_eq!(resolved.needs.len(), 5);
}

fn routes() -> Vec<Route> {
    let path = |text: &str| PathPattern::parse(text).unwrap();
    let rate = |requests, burst| Some(Rate { requests, window: Duration::from_secs(1), burst });
    vec![
        Route {
            path: path("/books/*/"),
            lifetime_s: Some(60),
            while_revalidate_s: Some(0),
            if_error_s: Some(86_400),
            audience: Audience::Everyone,
            rate: rate(10, 10),
            deadline: Some(Duration::from_millis(1_500)),
            has_partial_responses: true,
            is_saved: true,
            ..Route::default()
        },
        Route { path: path("/books/**"), is_passed: true, rate: rate(5, 1), ..Route::default() },
        Route { path: path("/**"), ..Route::default() },
    ]
}

#[test]
fn the_command_line_comes_before_the_file() {
    let text = include_str!("tests/whole.toml");
    let overrides = Overrides {
        listen: vec![local(0), local(0)],
        upstreams: vec![Address::Unix("run/other.sock".into())],
        profile: Some(Profile::Django),
        threads: Some(7),
        workers: Some(9),
        is_shadow: false,
        found: None,
    };
    let resolved = resolve(text, &overrides).unwrap().config;
    let addresses: Vec<_> = resolved.listen.iter().map(|listen| listen.address).collect();
    // Addresses with TLS are no `listen` of [edge], and stay.
    assert_eq!(addresses, [local(0), local(0), "0.0.0.0:8443".parse().unwrap()]);
    assert_eq!(resolved.upstreams, [Address::Unix("/srv/shop/run/other.sock".into())]);
    assert_eq!((resolved.threads, resolved.gate.concurrency), (7, 9));
    // An option that is not there takes nothing back.
    assert_eq!((resolved.cache.profile, resolved.cache.is_shadow), (Profile::Django, true));

    let shadow = Overrides { is_shadow: true, ..Overrides::default() };
    assert!(resolve("[edge]\nupstream = \"[::1]:1\"\n", &shadow).unwrap().config.cache.is_shadow);
}

#[test]
fn what_the_command_line_says_is_judged_as_well() {
    let upstream = |address: &str| vec![address.parse().unwrap()];
    let text = "[edge]\nupstream = \"127.0.0.1:8000\"\n\n[edge.tls]\nlisten = \"0.0.0.0:8443\"\n\
                certificate = \"a\"\nkey = \"b\"\n";
    for (overrides, error) in [
        (
            Overrides { listen: vec![local(8443)], ..Overrides::default() },
            "escala.toml:5: edge.tls.listen has `0.0.0.0:8443`, where `127.0.0.1:8443` of --listen listens already",
        ),
        (
            Overrides { listen: vec![local(8000)], ..Overrides::default() },
            "escala.toml:2: edge.upstream has `127.0.0.1:8000`, where the edge itself listens",
        ),
        (
            Overrides { listen: vec![local(1), local(1)], ..Overrides::default() },
            "--listen has `127.0.0.1:1`, where `127.0.0.1:1` of --listen listens already",
        ),
        (
            Overrides { upstreams: upstream("127.0.0.1:0"), ..Overrides::default() },
            "--upstream has `127.0.0.1:0`, and nobody listens at port 0",
        ),
        (
            Overrides { upstreams: upstream("127.0.0.1:8443"), ..Overrides::default() },
            "--upstream has `127.0.0.1:8443`, where the edge itself listens",
        ),
    ] {
        assert_eq!(refused(text, &overrides), error);
    }
    // Another machine's port may have any number.
    let elsewhere = Overrides { upstreams: upstream("192.0.2.1:8443"), ..Overrides::default() };
    assert_eq!(refused(text, &elsewhere), "nothing is wrong");
}

#[test]
fn what_is_left_out_makes_room_for_what_is_said() {
    let cache = |text: &str| config(&format!("[edge]\nupstream = \"[::1]:1\"\n{text}\n"));
    assert_eq!(cache("cache.memory = \"2 MiB\"").cache.object_bytes_max, 1 << 20);
    assert_eq!(cache("cache.memory = \"1 GiB\"").cache.object_bytes_max, 4 << 20);
    assert_eq!(cache("queue.waiting = 10").gate.waiting_per_client_max, 10);
    let only_tls = cache("tls = { listen = \"[::]:443\", certificate = \"a\", key = \"b\" }");
    assert_eq!(only_tls.listen.len(), 1);
    assert!(only_tls.listen[0].tls.is_some());
}

/// Files that look like ours, with values that nobody would write.
fn almost_a_file() -> impl Strategy<Value = String> {
    let mut names: Vec<&str> = EDGE.names().collect();
    names.extend(EDGE.sections.iter().flat_map(|section| section.names()));
    let value = prop_oneof![
        "\"[ -~]{0,12}\"",
        "\"[0-9]{1,22} ?(ms|s|m|h|d|kB|MiB|GiB)?\"",
        "\"[0-9]{0,11}/[0-9]{0,11}(s|m|d)( burst [0-9]{0,11})?\"",
        "\"(unix:)?[0-9.:/a*\\\\[\\\\]]{0,20}\"",
        "-?[0-9]{1,30}",
        "\\[(\"[a-z*/.:0-9]{0,8}\",){0,3}\\]",
        "\\{ ?\\}|true|false|1.5|1979-05-27|nan",
        "\"\\PC{0,8}\"",
    ];
    let line = (prop::sample::select(names), value).prop_map(|(name, value)| format!("{name} = {value}\n"));
    let sections: Vec<String> = EDGE.sections.iter().map(|section| section.heading()).collect();
    let heading = prop::sample::select(sections).prop_map(|heading| heading + "\n");
    let lines = prop::collection::vec(prop_oneof![3 => line, 1 => heading], 0..8);
    lines.prop_map(|lines| format!("[edge]\nupstream = \"127.0.0.1:1\"\n{}", lines.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in prop_oneof![any::<String>(), "[\\PC\n]{0,80}", almost_a_file()]) {
        if let Err(error) = resolve(&text, &Overrides::default()) {
            let line = error.to_string();
            prop_assert!(!line.contains('\n'), "{line}");
            let is_placed = line.starts_with("escala.toml:") || matches!(error, SettingsError::NoUpstream);
            prop_assert!(is_placed, "{line}");
        }
    }
}

#[test]
fn what_the_apps_command_says_counts_where_nothing_else_is_said() {
    let app: Address = "127.0.0.1:9000".parse().unwrap();
    let found = Overrides { found: Some((app.clone(), Some(3))), ..Overrides::default() };
    let resolved = resolve("", &found).unwrap().config;
    assert_eq!((resolved.upstreams, resolved.gate.concurrency), (vec![app], 3));
    let text = "[edge]\nupstream = \"127.0.0.1:8000\"\nworkers = 5\n";
    let resolved = resolve(text, &found).unwrap().config;
    assert_eq!((resolved.upstreams, resolved.gate.concurrency), (vec!["127.0.0.1:8000".parse().unwrap()], 5));
}
