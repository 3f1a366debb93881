//! The dashboard, as somebody sees it who has just heard of it: from the overview to the diff, by clicks and by keys.

use std::path::{Path, PathBuf};

use journeys::{Browser, Client, Server, Site, pythons};
use serde_json::json;

/// Pages of the bookstore that give the dashboard something to show.
const PAGES: [&str; 9] = [
    "/",
    "/books/",
    "/stores/",
    "/stores/offers/",
    "/search/?q=the&page=2",
    "/publishers/",
    "/api/orders/",
    "/books/1/",
    "/health/",
];

const ROUNDS: usize = 3;

/// Enough for a picture of a site that has been up for a while.
const ROUNDS_FOR_PICTURES: usize = 60;

/// A template of the site, and what stands in it beside the line that a finding points to: where it is shown, it is text.
const TEMPLATE: &str = "shop/templates/shop/publisher_list.html";
const HOSTILE: &str = "<img src=x onerror=window.hacked=1>";

/// Where pictures of the pages are kept, relative to the repository; only written when the variable is set.
const PICTURES: &str = "docs/images";
const UPDATE_PICTURES: &str = "ESCALA_UPDATE_PICTURES";

/// Windows that every page is looked at in.
const WIDTHS: [u32; 2] = [1280, 400];
const HEIGHT: u32 = 900;
const COLORS: [&str; 2] = ["light", "dark"];

fn visit(server: &Server) {
    let mut client = Client::new(server.port());
    for _ in 0..if keeps_pictures() { ROUNDS_FOR_PICTURES } else { ROUNDS } {
        for page in PAGES {
            assert_eq!(client.get(page).status, 200, "{page}: {}", server.log());
        }
    }
}

/// The address that `escala run` has printed.
fn dashboard(server: &Server) -> String {
    let log = server.log();
    let line = log.lines().find_map(|line| line.split_once("dashboard: "));
    let (_, url) = line.unwrap_or_else(|| panic!("no address in {log}"));
    url.split_whitespace().next().expect("an address").trim_end_matches('/').to_owned()
}

/// Requests show up while one looks on.
fn watch_requests_come_in(browser: &mut Browser, server: &Server) {
    let mut client = Client::new(server.port());
    for page in PAGES {
        client.get(page);
    }
    browser.wait_for("document.querySelectorAll('.latest li').length > 5");
}

/// From the overview to the change that mends the N+1 of the list of books, with the mouse alone.
fn find_the_n_plus_one(browser: &mut Browser, site: &Site, url: &str) {
    browser.open(url);
    browser.wait_for_text("What costs the most");
    browser.wait_for_text("shop.Book.publisher");
    browser.click("a[href*='%2Fbooks%2F?'], a[href$='%2Fbooks%2F']");
    browser.wait_for_text("What its time in the database is made of");
    browser.wait_for_text("× 100");
    browser.click("tr[data-row] a[href*='#/request/']");
    browser.wait_for_text("Waterfall");
    browser.wait_for_text("× 100");
    browser.click(".twist[aria-label=unfold]");
    browser.wait_for_text("no. 1");
    browser.click(".to-finding");
    browser.wait_for_text("Where it comes from");
    browser.wait_for_text("books = Book.objects.all()");
    browser.wait_for_text("{{ book.publisher.name }}");
    let id = browser.evaluate("location.hash.match(/finding\\/(\\w+)/)[1]");
    let id = id.as_str().expect("an id");
    browser.wait_for_text(&format!("escala fix {id}"));
    let _ = site.escala(&["fix", id]).ok();
    browser.evaluate("location.reload()");
    browser.wait_for_text("fix proved");
    browser.wait_for_text("answered identically");
    browser.wait_for(
        "document.querySelector('.diff .add')?.innerText.includes('select_related(\"publisher\")')",
    );
    browser.wait_for_text(&format!("escala fix {id} --write"));
    browser.click(".heading .meta a");
    browser.wait_for_text("How long it takes");
    browser.wait_for_text("fix proved");
}

/// Every place can be reached without a mouse.
fn walk_by_keys(browser: &mut Browser) {
    for (key, place) in [
        ("f", "from the newest"),
        ("t", "Tests, commands and tasks"),
        ("r", "Units of work"),
        ("o", "Endpoints"),
    ] {
        browser.press("g");
        browser.press(key);
        browser.wait_for_text(place);
    }
    browser.press("?");
    browser.wait_for("document.querySelector('dialog').open");
    browser.press("Escape");
    browser.wait_for("!document.querySelector('dialog').open");
    browser.press("/");
    browser.wait_for("document.activeElement.matches('[data-filter]')");
    for letter in "offers".chars() {
        browser.press(&letter.to_string());
    }
    browser.wait_for("document.querySelectorAll('tr[data-row]').length === 1");
    browser.wait_for("location.hash.includes('q=offers')");
    browser.press("Escape");
    browser.evaluate("document.querySelector('tr[data-row]').focus()");
    browser.press("Enter");
    browser.wait_for("location.hash.includes('/endpoint/http/GET/%2Fstores%2Foffers%2F')");
    browser.wait_for_text("How long it takes");
    browser.press("Escape");
    browser.wait_for_text("What costs the most");
}

/// What could be read as a page is shown as text.
fn text_stays_text(browser: &mut Browser, url: &str) {
    browser.open(&format!("{url}/#/findings?q=publisher_list.html"));
    browser.click(".finding-list a");
    browser.wait_for_text(HOSTILE);
    assert_eq!(browser.evaluate("typeof window.hacked"), "undefined");
}

/// Looks at every page in each window and both themes: nothing is wider than the window. Keeps the pictures if asked.
fn look_at_every_page(browser: &mut Browser, server: &Server, url: &str) {
    let request = "document.querySelector('tr[data-row] a[href*=\"#/request/\"]').hash";
    let finding = "[...document.querySelectorAll('.finding-list a')].find(a => a.innerText.includes('fix proved')).hash";
    let mut place_of = |page: &str, link: &str| {
        browser.open(&format!("{url}/{page}"));
        browser.wait_for(link);
        browser.evaluate(link).as_str().expect("a place").to_owned()
    };
    let request = place_of("#/endpoint/http/GET/%2F", request);
    let finding = place_of("#/findings", finding);
    let pages = [
        ("overview", "#/", ".heat-scale"),
        ("endpoint", "#/endpoint/http/GET/%2Fbooks%2F", ".histogram"),
        ("request", &request, ".waterfall .row"),
        ("finding", &finding, ".proof"),
        ("findings", "#/findings", ".finding-list"),
        ("tests", "#/tests", "main .card"),
        ("runs", "#/runs", "tr[data-row]"),
    ];
    for width in WIDTHS {
        for colors in COLORS {
            browser.show_as(width, HEIGHT, colors);
            for (name, page, sign) in pages {
                browser.open(&format!("{url}/{page}"));
                browser.wait_for(&format!("document.querySelector({})", json!(sign)));
                browser.wait_for("!document.querySelector('.loading')");
                browser.wait_for("document.querySelector('.live:not(.off)')");
                if name == "overview" {
                    watch_requests_come_in(browser, server);
                }
                let theme = browser.evaluate("document.documentElement.dataset.theme");
                assert_eq!(theme, colors, "{name}");
                let wide = browser.evaluate("document.documentElement.scrollWidth - innerWidth");
                assert!(
                    wide.as_f64().is_some_and(|excess| excess <= 0.0),
                    "{name} at {width}: {wide} too wide"
                );
                let picture = browser.picture();
                keep(&format!("{name}-{width}-{colors}.webp"), &picture);
            }
        }
    }
}

fn keeps_pictures() -> bool {
    std::env::var_os(UPDATE_PICTURES).is_some()
}

fn keep(name: &str, picture: &[u8]) {
    if keeps_pictures() {
        let directory = repository().join(PICTURES);
        std::fs::create_dir_all(&directory).expect("a directory for pictures");
        std::fs::write(directory.join(name), picture).expect("a picture can be written");
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/journeys is two deep").to_owned()
}

#[test]
fn the_n_plus_one_is_found_from_the_overview_to_the_diff() {
    let (_, python) = pythons().remove(0);
    let site = Site::bookstore(&python, &[]);
    site.write(TEMPLATE, &site.read(TEMPLATE).replace("</ul>", &format!("</ul>{{# {HOSTILE} #}}")));
    let mut server = site.serve_with_dashboard("bookstore.wsgi");
    visit(&server);
    let url = dashboard(&server);
    let mut browser = Browser::start();
    browser.show_as(WIDTHS[0], HEIGHT, COLORS[0]);
    find_the_n_plus_one(&mut browser, &site, &url);
    walk_by_keys(&mut browser);
    text_stays_text(&mut browser, &url);
    look_at_every_page(&mut browser, &server, &url);
    assert_eq!(browser.complaints(), [] as [String; 0]);
    let strangers: Vec<_> = browser.requested().iter().filter(|asked| !asked.starts_with(&url)).collect();
    assert!(strangers.iter().all(|asked| *asked == "about:blank"), "{strangers:?}");
    browser.open(&format!("{url}/#/"));
    browser.wait_for_text("What costs the most");
    assert!(server.stop().success(), "{}", server.log());
    browser.wait_for_text("The recorder is gone");
}
