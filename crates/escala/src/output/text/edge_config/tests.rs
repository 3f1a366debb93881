use std::net::Ipv4Addr;

use edge::config::{Admin, PathPattern};
use edge::forwarded::Network;

use super::*;

fn page(change: impl FnOnce(&mut Config)) -> String {
    let mut config = Config {
        listen: vec![Listen::plain((Ipv4Addr::LOCALHOST, 8080).into())],
        upstreams: vec![Address::Unix("/srv/shop/run/a.sock".into()), Address::Unix("/run/b.sock".into())],
        ..Config::default()
    };
    change(&mut config);
    render(&config, Path::new("/srv/shop"))
}

fn has(page: &str, line: &str) -> bool {
    page.lines().any(|one| one == line)
}

#[test]
fn paths_in_the_project_are_short() {
    let page = page(|config| config.access_log = Some(AccessLog::File("/var/log/shop.json".into())));
    assert!(has(&page, "ask      unix:run/a.sock and unix:/run/b.sock, 128 requests at once"), "{page}");
    assert!(has(&page, "log      each request to /var/log/shop.json"), "{page}");
}

#[test]
fn what_is_not_said_takes_no_line() {
    let page = page(|_| {});
    for label in ["health", "client", "trust", "route", "static", "log", "admin", "metrics"] {
        assert!(!page.lines().any(|line| line.starts_with(label)), "{label} in {page}");
    }
}

#[test]
fn a_token_is_not_shown() {
    let admin = Admin { socket: "/srv/shop/admin.sock".into(), token: Some("s3cret".into()) };
    let page = page(|config| config.admin = Some(admin));
    assert!(has(&page, "admin    orders at admin.sock, with a token"), "{page}");
    assert!(!page.contains("s3cret"));
}

#[test]
fn a_path_drives_no_terminal() {
    let page = page(|config| config.access_log = Some(AccessLog::File("/srv/shop/\x1b[31m\nmetrics".into())));
    assert!(!page.contains('\x1b') && !page.lines().any(|line| line == "metrics"), "{page}");
}

#[test]
fn who_is_trusted_is_named_with_the_header_that_is_believed() {
    let network: Network = "10.0.0.0/8".parse().unwrap();
    let page = page(|config| config.trust = Trust { networks: vec![network], ..Trust::default() });
    assert!(has(&page, "trust    10.0.0.0/8 in X-Forwarded-For"), "{page}");
}

#[test]
fn a_route_without_rules_is_said_to_have_none() {
    let path = PathPattern::parse("/a/**").unwrap();
    let page = page(|config| config.routes = vec![Route { path, ..Route::default() }]);
    assert!(has(&page, "route    /a/**: as every path"), "{page}");
}
