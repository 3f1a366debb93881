//! The profile for Django: what is shared was made for nobody.

use edge::config::{Audience, PathPattern, Route};

use crate::support::{Reply, Request, Site};

/// A site that says on each page who asked, as far as it knows.
fn page(request: &Request) -> String {
    format!(
        "{} for {} in {} from {} by {}",
        request.target,
        request.field("cookie").unwrap_or("nobody"),
        request.field("accept-language").unwrap_or("no language"),
        request.field("x-forwarded-for").unwrap_or("nowhere"),
        request.field("user-agent").unwrap_or("nothing"),
    )
}

fn fresh(request: &Request, fields: &[(&str, &str)]) -> Reply {
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("Cache-Control", "max-age=60")]).collect();
    Reply::new(200, &fields, page(request))
}

fn route(path: &str) -> Route {
    Route { path: PathPattern::parse(path).unwrap(), lifetime_s: Some(60), ..Route::default() }
}

#[test]
fn the_first_answer_is_the_visitors_own_and_the_next_one_is_for_all() {
    let site = Site::with(|_| {}, |request| fresh(request, &[]));
    let ask = |cookie: &str| site.get_with("/a", &[("Cookie", cookie), ("User-Agent", "Somebody")]);
    let first = ask("_ga=1");
    assert_eq!(first.text(), "/a for _ga=1 in no language from 127.0.0.1 by Somebody");
    assert!(first.cache().starts_with("escala; fwd=uri-miss"), "{}", first.cache());
    let shared = "/a for nobody in no language from nowhere by Mozilla/5.0 (compatible; Escala)";
    assert_eq!(ask("_ga=2").text(), shared);
    let hit = ask("_ga=3; csrftoken=x");
    assert!(hit.is_hit());
    assert_eq!(hit.text(), shared);
    assert_eq!(site.origin.count(), 2);
}

#[test]
fn a_rule_needs_no_promise() {
    let site =
        Site::with(|config| config.routes = vec![route("/books/**")], |request| Reply::ok(page(request)));
    assert!(!site.get("/books/").is_hit());
    assert!(site.get("/books/").is_hit());
    for _ in 0..3 {
        assert!(!site.get("/other/").is_hit());
    }
    assert_eq!(site.origin.count(), 4);
}

#[test]
fn who_is_somebody_gets_a_page_of_their_own() {
    let site = Site::with(|config| config.routes = vec![route("/**")], |request| Reply::ok(page(request)));
    site.get("/a");
    assert!(site.get("/a").is_hit());
    for cookie in ["sessionid=alice", "sessionid=bob", "messages=hello"] {
        let own = site.get_with("/a", &[("Cookie", cookie)]);
        assert!(own.text().contains(cookie), "{}", own.text());
        assert_eq!(own.cache(), "escala; fwd=bypass; detail=session");
    }
    let authorized = site.get_with("/a", &[("Authorization", "Basic x")]);
    assert_eq!(authorized.cache(), "escala; fwd=bypass; detail=authorization");
    assert!(site.get("/a").text().contains("for nobody"));
}

#[test]
fn a_cookie_that_the_app_sets_is_its_own() {
    let site = Site::with(
        |config| config.routes = vec![route("/**")],
        |request| match &*request.target {
            "/choose" => Reply::new(200, &[("Set-Cookie", "currency=EUR; Path=/")], "chosen"),
            _ => Reply::ok(page(request)),
        },
    );
    // Before the app has set it, it is a stranger's.
    assert!(site.get_with("/a", &[("Cookie", "currency=EUR")]).text().contains("for nobody"));
    assert_eq!(site.get("/choose").text(), "chosen");
    assert!(site.get_with("/a", &[("Cookie", "currency=EUR")]).text().contains("for currency=EUR"));
    assert!(site.get_with("/a", &[("Cookie", "_ga=1")]).text().contains("for nobody"));
}

#[test]
fn a_page_that_sets_a_cookie_is_nobody_elses() {
    let site = Site::with(
        |config| config.routes = vec![route("/**")],
        |request| {
            let cookie = format!("csrftoken=token{}; Path=/", request.number);
            Reply::new(200, &[("Set-Cookie", &cookie), ("Vary", "Cookie")], page(request))
        },
    );
    let mut cookies = Vec::new();
    for at in 0..5 {
        let visitor = format!("_ga={at}");
        let answer = site.get_with("/form", &[("Cookie", &visitor)]);
        assert!(answer.text().contains(&visitor), "the answer was made for who gets it: {}", answer.text());
        cookies.push(answer.field("set-cookie").unwrap().to_owned());
    }
    cookies.dedup();
    assert_eq!(cookies.len(), 5);
    // Asked for once in vain, and then no more.
    assert_eq!(site.origin.count(), 6);
}

#[test]
fn what_the_app_forbids_stays_forbidden() {
    for control in [
        "PRIVATE, max-age=60",
        "no-store",
        "max-age=60, No-Cache=\"x\"",
        "private=\"set-cookie\", max-age=60",
    ] {
        let site = Site::with(
            |config| config.routes = vec![route("/**")],
            move |request| Reply::new(200, &[("Cache-Control", control)], page(request)),
        );
        for at in 0..3 {
            let visitor = format!("_ga={at}");
            let answer = site.get_with("/a", &[("Cookie", &visitor)]);
            assert!(answer.text().contains(&visitor), "{control}: {}", answer.text());
        }
    }
}

#[test]
fn languages_are_kept_apart_when_the_app_says_so() {
    let site = Site::with(
        |config| config.routes = vec![route("/**")],
        |request| Reply::new(200, &[("Vary", "Accept-Language, Cookie")], page(request)),
    );
    let ask = |language: &str| site.get_with("/a", &[("Accept-Language", language)]);
    assert!(ask("de").text().contains("in de"));
    assert!(ask("fr").text().contains("in fr"));
    for language in ["de", "fr"] {
        let hit = ask(language);
        assert!(
            hit.is_hit() && hit.text().contains(&format!("in {language}")),
            "{} {}",
            hit.cache(),
            hit.text()
        );
    }
    let chosen = site.get_with("/a", &[("Accept-Language", "fr"), ("Cookie", "django_language=de; _ga=1")]);
    assert!(chosen.text().contains("for django_language=de in fr"), "{}", chosen.text());
}

#[test]
fn a_part_of_a_page_is_not_the_page() {
    let site = Site::with(
        |config| config.routes = vec![route("/**")],
        |request| Reply::ok(if request.field("hx-request").is_some() { "part" } else { "page" }),
    );
    for _ in 0..2 {
        assert_eq!(site.get_with("/a", &[("HX-Request", "true")]).text(), "part");
        assert_eq!(site.get("/a").text(), "page");
    }
    assert_eq!(site.origin.count(), 2);
}

#[test]
fn what_is_said_to_be_public_is_for_everyone() {
    let site = Site::with(
        |_| {},
        |request| Reply::new(200, &[("Cache-Control", "public, max-age=60")], page(request)),
    );
    site.get("/feed");
    site.get("/feed");
    let hit = site.get_with("/feed", &[("Cookie", "sessionid=alice")]);
    assert!(hit.is_hit() && hit.text().contains("for nobody"));
}

#[test]
fn what_varies_by_cookie_is_not_for_everyone_whatever_it_says() {
    let site = Site::with(
        |_| {},
        |request| {
            Reply::new(200, &[("Cache-Control", "public, max-age=60"), ("Vary", "  COOKIE")], page(request))
        },
    );
    site.get("/a");
    site.get("/a");
    assert!(site.get("/a").is_hit());
    assert!(site.get_with("/a", &[("Cookie", "sessionid=alice")]).text().contains("sessionid=alice"));
}

#[test]
fn an_audience_can_be_everyone() {
    let mut everyone = route("/press/**");
    everyone.audience = Audience::Everyone;
    let site = Site::with(move |config| config.routes = vec![everyone], |request| Reply::ok(page(request)));
    assert!(site.get_with("/press/", &[("Cookie", "sessionid=alice")]).text().contains("for nobody"));
    assert!(site.get_with("/press/", &[("Cookie", "sessionid=bob")]).is_hit());
}

#[test]
fn a_post_purges_all_versions_of_its_page() {
    let site = Site::with(|config| config.routes = vec![route("/**")], |request| Reply::ok(page(request)));
    let ask = |fields: &[(&str, &str)]| site.get_with("/a?utm_source=x", fields).is_hit();
    let versions: [&[(&str, &str)]; 3] =
        [&[], &[("Cookie", "django_language=de")], &[("X-Requested-With", "XMLHttpRequest")]];
    for version in versions {
        assert!(!ask(version) && ask(version));
    }
    let mut client = site.client();
    assert_eq!(client.ask("POST", "/a", &[("Cookie", "sessionid=alice")], b"x=1").status, 200);
    for version in versions {
        assert!(!ask(version));
    }
}

/// A client that says it is behind another host or scheme changes nothing for the others.
#[test]
fn unkeyed_fields_poison_nothing() {
    let site = Site::with(|config| config.routes = vec![route("/**")], |request| Reply::ok(&request.head));
    let evil = site.get_with(
        "/a",
        &[
            ("X-Forwarded-Host", "evil.test"),
            ("X-Original-URL", "/evil"),
            ("X-Rewrite-URL", "/evil"),
            ("X-HTTP-Method-Override", "POST"),
            ("X-Host", "evil.test"),
            ("Origin", "https://evil.test"),
            ("Referer", "https://evil.test"),
            ("Transfer", "evil"),
        ],
    );
    assert!(!evil.text().contains("evil"), "{}", evil.text());
    assert_eq!(site.get("/a").text(), evil.text());
}

#[test]
fn in_the_shadow_the_app_answers_and_the_difference_is_reported() {
    let site = Site::with(
        |config| config.cache.is_shadow = true,
        |request| match &*request.target {
            "/same/" => Reply::ok("the same for all"),
            "/form/" => Reply::new(200, &[("Set-Cookie", "csrftoken=x")], "form"),
            // Personal by a field that the app does not admit to.
            _ => Reply::ok(format!("hello {}", request.field("user-agent").unwrap())),
        },
    );
    for round in 0..6 {
        for path in ["/same/", "/form/", "/personal/"] {
            let answer = site.get_with(path, &[("User-Agent", "Mine"), ("Cookie", "_ga=1")]);
            assert_eq!(answer.cache(), "escala; fwd=bypass; detail=shadow", "{round}");
            assert!(answer.text() == "hello Mine" || path != "/personal/");
        }
        site.get_with("/same/", &[("Cookie", "sessionid=alice")]);
        // The shadow asks in its own time.
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let report = site.serving.edge.shadow.report();
    let row = |shape: &str| report.rows.iter().find(|(known, _)| known == shape).unwrap().1.clone();
    let same = row("/same/");
    assert_eq!((same.hits, same.somebody, same.differed), (5, 6, 0), "{same:?}");
    assert_eq!(same.compared, 5);
    let personal = row("/personal/");
    assert_eq!((personal.hits, personal.differed), (5, 5), "{personal:?}");
    assert_eq!(personal.difference.unwrap().at, 7);
    let form = row("/form/");
    assert_eq!((form.hits, form.uncacheable), (0, 5), "{form:?}");
    assert_eq!(form.refusal.unwrap().as_str(), "set-cookie");
}
