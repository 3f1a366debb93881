//! Pages that are put together of a frame and fragments.

use std::time::{Duration, Instant};

use edge::config::{PathPattern, Route};

use crate::support::{Gate, Reply, Request, Site, Step, wait_until};

const ESI: (&str, &str) = ("Surrogate-Control", "content=\"ESI/1.0\"");

fn frame(html: &str) -> Reply {
    Reply::new(200, &[ESI, ("Cache-Control", "max-age=60"), ("ETag", "\"frame\"")], html)
}

fn site(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Site {
    let route =
        Route { path: PathPattern::parse("/page/**").unwrap(), lifetime_s: Some(60), ..Route::default() };
    Site::with(move |config| config.routes = vec![route], script)
}

fn user(request: &Request) -> String {
    request.field("cookie").unwrap_or("nobody").to_owned()
}

#[test]
fn the_frame_is_shared_and_the_fragments_are_each_visitors_own() {
    let site = site(|request| match &*request.target {
        "/page/" => frame(&format!(
            "<p>made for {}</p><esi:include src=\"/cart/\"/><esi:include src='../hello/?a=1&amp;b'/>.",
            user(request)
        )),
        "/cart/" => Reply::new(200, &[("Cache-Control", "private")], format!("[cart of {}]", user(request))),
        "/hello/?a=1&b" => Reply::ok(format!("[hello {}]", user(request))),
        other => Reply::new(404, &[], other),
    });
    let ask = |cookie: &str| site.get_with("/page/", &[("Cookie", cookie)]);
    for name in ["alice", "bob", "alice"] {
        let cookie = format!("sessionid={name}");
        let page = ask(&cookie);
        if page.text().contains(&format!("made for {cookie}")) {
            // Somebody's own page, before the frame was asked for by nobody.
            continue;
        }
        assert_eq!(page.text(), format!("<p>made for nobody</p>[cart of {cookie}][hello {cookie}]."));
    }
    assert!(ask("_ga=1").text().starts_with("<p>made for nobody</p>"));
    let page = ask("sessionid=carol");
    assert_eq!(page.text(), "<p>made for nobody</p>[cart of sessionid=carol][hello sessionid=carol].");
    assert!(page.is_hit(), "{}", page.cache());
    for (name, value) in
        [("cache-control", Some("private, no-cache")), ("etag", None), ("surrogate-control", None)]
    {
        assert_eq!(page.field(name), value, "{name}");
    }
}

#[test]
fn the_head_is_sent_first_and_fragments_are_asked_for_together() {
    let gate = Gate::default();
    let held = gate.clone();
    let site = site(move |request| match &*request.target {
        "/page/" => frame(
            "<head>1</head><esi:include src=\"/a\"/>-<esi:include src=\"/b\"/>-<esi:include src=\"/c\"/>",
        ),
        path => Reply::ok(path).after(Step::Wait(held.clone())),
    });
    let mut client = site.client();
    client.request("GET", "/page/", &[], b"");
    assert_eq!(client.read_head().status, 200);
    assert_eq!(client.read_bytes(19), b"e\r\n<head>1</head>\r\n");
    wait_until("all fragments are asked for", || site.origin.count() == 4);
    gate.open();
    let rest = client.read_bytes(38);
    let rest = String::from_utf8_lossy(&rest);
    for part in ["/a", "/b", "/c"] {
        assert!(rest.contains(part), "{rest}");
    }
}

#[test]
fn what_is_missing_is_replaced_or_left_out() {
    let site = site(|request| match &*request.target {
        "/page/" => frame(
            "1<esi:include src=\"/gone\" alt=\"/instead\"/>2<esi:include src=\"/gone\" onerror=\"continue\"/>3\
             <esi:try><esi:attempt>x<esi:include src=\"/gone\"/></esi:attempt><esi:except>sorry</esi:except></esi:try>4\
             <esi:remove>never</esi:remove><!--esi shown-->5<esi:include src=\"http://other.test/x\"/>6",
        ),
        "/instead" => Reply::ok("instead"),
        _ => Reply::new(404, &[], "not found"),
    });
    assert_eq!(site.get("/page/").text(), "1instead23sorry4 shown56");
    assert!(site.origin.asked().iter().all(|request| request.field("host") == Some("shop.test")));
}

#[test]
fn a_page_that_includes_itself_ends() {
    let site = site(|_| frame("<esi:include src=\"/page/\"/>."));
    let started = Instant::now();
    let page = site.get("/page/");
    assert!(page.text().ends_with('.') && page.text().len() < 10, "{}", page.text());
    assert!(started.elapsed() < Duration::from_secs(5));
}

/// Text that a visitor has written is no instruction.
#[test]
fn nothing_is_included_unless_the_app_asks_for_it() {
    let html = "<esi:include src=\"/secret\"/>";
    let site =
        site(move |request| if request.target == "/secret" { Reply::ok("secret") } else { Reply::ok(html) });
    for _ in 0..2 {
        assert_eq!(site.get("/page/").text(), html);
    }
    assert_eq!(site.origin.asked()[0].field("surrogate-capability"), Some("escala=\"ESI/1.0\""));
}

#[test]
fn what_is_malformed_is_sent_as_it_is() {
    let html = "<esi:include>";
    let site = site(move |_| frame(html));
    assert_eq!(site.get("/page/").text(), html);
}
