use super::*;
use crate::config::PathPattern;
use crate::http::head::Scheme;

fn request(target: &str, fields: &[(&str, &str)]) -> RequestHead {
    let mut head = RequestHead::default();
    head.read(format!("GET {target} HTTP/1.1\r\nHost: shop.test\r\n\r\n").as_bytes()).unwrap();
    for (name, value) in fields {
        head.fields.push(name.as_bytes(), value.as_bytes());
    }
    head
}

fn route(path: &str) -> Route {
    Route { path: PathPattern::parse(path).unwrap(), lifetime_s: Some(60), ..Route::default() }
}

fn way(config: &Config, target: &str, fields: &[(&str, &str)]) -> (Way, Vec<u8>) {
    let mut key = Vec::new();
    let way = decide(config, &Learned::default(), &request(target, fields), &mut key);
    (way, key)
}

fn fills(config: &Config, target: &str, fields: &[(&str, &str)]) -> Option<Fills> {
    match way(config, target, fields).0 {
        Way::Cache(terms) => Some(terms.fills),
        Way::Pass(_) => None,
    }
}

#[test]
fn who_is_somebody_fills_nothing() {
    let config = Config { routes: vec![route("/**")], ..Config::default() };
    assert_eq!(fills(&config, "/", &[]), Some(Fills::Always));
    assert_eq!(
        fills(&config, "/", &[("Cookie", "_ga=1; csrftoken=x; django_language=de")]),
        Some(Fills::Always)
    );
    for cookie in ["sessionid=1", "_ga=1; sessionid=", "messages=x", "a; =b"] {
        assert_eq!(fills(&config, "/", &[("Cookie", cookie)]), Some(Fills::Never), "{cookie}");
    }
    assert_eq!(fills(&config, "/", &[("Authorization", "Basic x")]), None);
}

#[test]
fn a_rule_may_say_that_a_page_is_for_everyone() {
    let mut open = route("/press/**");
    open.audience = Audience::Everyone;
    let config = Config { routes: vec![open, route("/**")], ..Config::default() };
    assert_eq!(fills(&config, "/press/", &[("Cookie", "sessionid=1")]), Some(Fills::Always));
    assert_eq!(fills(&config, "/", &[("Cookie", "sessionid=1")]), Some(Fills::Never));
}

#[test]
fn without_a_rule_the_app_has_to_promise_first() {
    assert_eq!(fills(&Config::default(), "/", &[]), Some(Fills::Promised));
}

#[test]
fn visitors_with_cookies_of_others_share_a_key() {
    let config = Config::default();
    let key = |fields: &[(&str, &str)]| way(&config, "/a?b=1", fields).1;
    let plain = key(&[]);
    assert_eq!(key(&[("Cookie", "_ga=GA1.2.3; _fbp=x")]), plain);
    assert_eq!(key(&[("Cookie", "csrftoken=abc"), ("User-Agent", "x"), ("Referer", "y")]), plain);
    assert_eq!(key(&[("Accept", "*/*")]), plain);
    assert_ne!(key(&[("Cookie", "django_language=de")]), plain);
    assert_ne!(key(&[("X-Requested-With", "XMLHttpRequest")]), plain);
    assert_ne!(key(&[("Accept", "application/json")]), plain);
    assert_eq!(
        key(&[("Accept", "text/html,*/*;q=0.8")]),
        key(&[("Accept", "application/xhtml+xml, text/html;q=0.9")])
    );
    assert_eq!(way(&config, "/a?utm_source=x&b=1", &[]).1, plain);
    assert_ne!(way(&config, "/a?b=2", &[]).1, plain);
}

#[test]
fn a_fill_carries_what_is_in_the_key_and_nothing_else() {
    let config = Config::default();
    let head = request(
        "/a?utm_source=x&b=1",
        &[
            ("Cookie", "_ga=1; django_language=de; csrftoken=c; sessionid=s"),
            ("User-Agent", "Somebody"),
            ("X-Forwarded-For", "1.2.3.4"),
            ("Referer", "http://x/"),
            ("Accept", "text/html, */*"),
            ("Accept-Language", "de"),
            ("X-Whatever", "y"),
        ],
    );
    let fill = closed(&config, &head, &[]);
    assert_eq!(fill.target, b"/a?b=1");
    let mut lines: Vec<String> = fill
        .fields
        .iter()
        .map(|field| {
            format!("{}: {}", String::from_utf8_lossy(field.name), String::from_utf8_lossy(field.value))
        })
        .collect();
    lines.sort();
    assert_eq!(
        lines,
        ["accept: text/html", "cookie: django_language=de", "user-agent: Mozilla/5.0 (compatible; Escala)"]
    );
    let fill = closed(&config, &head, &[b"accept-language".as_slice().into(), b"cookie".as_slice().into()]);
    assert_eq!(fill.fields.get(Name::AcceptLanguage), Some(&b"de"[..]));
    assert_eq!(fill.fields.get(Name::Cookie), Some(&b"django_language=de"[..]));
}

/// Requests with the same key ask the app for the same.
#[test]
fn a_fill_is_a_function_of_its_key() {
    let config = Config::default();
    let requests = [
        request("/a", &[("Cookie", "_ga=1"), ("Accept", "text/html"), ("User-Agent", "a")]),
        request(
            "/a?fbclid=1",
            &[("Accept", "text/html;q=0.5, image/png"), ("User-Agent", "b"), ("Cookie", "_x=2; csrftoken=9")],
        ),
    ];
    let keys: Vec<Vec<u8>> = requests
        .iter()
        .map(|head| {
            let mut key = Vec::new();
            decide(&config, &Learned::default(), head, &mut key);
            key
        })
        .collect();
    assert_eq!(keys[0], keys[1]);
    let fills = requests.map(|head| closed(&config, &head, &[]));
    assert_eq!((&fills[0].target, &fills[0].fields), (&fills[1].target, &fills[1].fields));
}

#[test]
fn what_is_in_the_key_does_not_split_what_is_under_it() {
    let config = Config::default();
    let (mut response, mut fill, mut other) = (Fields::default(), Fields::default(), Fields::default());
    response.push(b"Vary", b"Cookie, Accept-Encoding, HX-Request, Accept-Language");
    fill.push(b"Accept-Language", b"de");
    other.push(b"Cookie", b"_ga=1");
    other.push(b"Accept-Encoding", b"gzip");
    other.push(b"Accept-Language", b"de");
    let variant = variant(&config, &response, &fill).unwrap();
    assert!(variant.matches(&other));
    assert_eq!(variant.names().collect::<Vec<_>>(), [b"accept-language"]);
}

#[test]
fn no_spelling_brings_a_path_under_the_rule_of_another() {
    let config = Config { routes: vec![route("/public/**")], ..Config::default() };
    assert!(route_of(&config, b"/public/a").is_some());
    for path in [
        "/public/../account/",
        "/public/%2e%2e/account/",
        "/public//account/",
        "/public/..%2faccount",
        "/public/;/account",
        "/public\\account",
    ] {
        assert!(route_of(&config, path.as_bytes()).is_none(), "{path}");
    }
}

#[test]
fn rules_are_for_pages() {
    let ruled = route("/**");
    let config = Config::default();
    assert_eq!(rules(&config, Some(&ruled), 200).default_lifetime_s, Some(60));
    assert_eq!(rules(&config, Some(&ruled), 500).default_lifetime_s, None);
    assert_eq!(rules(&config, Some(&ruled), 302).default_lifetime_s, None);
    assert_eq!(rules(&config, None, 200).default_lifetime_s, None);
    assert!(rules(&config, None, 200).refuses_set_cookie);
}

#[test]
fn schemes_do_not_share() {
    let config = Config::default();
    let mut head = request("/a", &[]);
    let (mut plain, mut secure) = (Vec::new(), Vec::new());
    decide(&config, &Learned::default(), &head, &mut plain);
    head.scheme = Scheme::Https;
    decide(&config, &Learned::default(), &head, &mut secure);
    assert_ne!(plain, secure);
}
