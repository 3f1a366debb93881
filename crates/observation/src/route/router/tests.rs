use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::route::display;

const ROUTES: [&str; 17] = [
    "/",
    "/books/",
    "/books/new/",
    "/books/<int:pk>/",
    "/books/<slug:slug>/",
    "/books/<slug:slug>/<path:rest>",
    "/orders/<uuid:pk>/items/<int:number>/",
    "/reset/<uidb64>/<token>/",
    "/feeds/<str:name>.<str:format>",
    "/archive/<yyyy:year>/",
    "/files/<path:name>/edit/",
    "/api/orders/<pk>/",
    "/<slug>/",
    "/bücher/<str:name>/",
    "/media/<path>",
    "/pay/<int:card>/",
    "/bot/redacted/",
];

#[test]
fn the_most_specific_route_wins() {
    let router = Router::new(ROUTES);
    for (path, route) in [
        ("/", Some("/")),
        ("/books/", Some("/books/")),
        ("/books/new/", Some("/books/new/")),
        ("/books/12/", Some("/books/<int:pk>/")),
        ("/books/the-name-of-the-rose/", Some("/books/<slug:slug>/")),
        ("/books/rose/a/b.html", Some("/books/<slug:slug>/<path:rest>")),
        ("/books/rose/a/", Some("/books/<slug:slug>/<path:rest>")),
        ("/books/n%C3%A4chte/", None),
        (
            "/orders/550e8400-e29b-41d4-a716-446655440000/items/3/",
            Some("/orders/<uuid:pk>/items/<int:number>/"),
        ),
        ("/orders/550E8400-E29B-41D4-A716-446655440000/items/3/", None),
        ("/orders/550e8400/items/3/", None),
        ("/reset/MQ/redacted/", Some("/reset/<uidb64>/<token>/")),
        ("/reset/MQ//", None),
        ("/feeds/news.latest.rss", Some("/feeds/<str:name>.<str:format>")),
        ("/feeds/news", None),
        ("/archive/2026/", Some("/archive/<yyyy:year>/")),
        ("/archive/2026/01/", None),
        ("/files/a/b/edit/edit/", Some("/files/<path:name>/edit/")),
        ("/files/edit/", None),
        ("/api/orders/x.y/", Some("/api/orders/<pk>/")),
        ("/about/", Some("/<slug>/")),
        ("/about", None),
        ("/about/x/", None),
        ("/b%C3%BCcher/a%20b/", Some("/bücher/<str:name>/")),
        ("/bücher/a%2Fb/", None),
        ("/media/covers/1.jpg", Some("/media/<path>")),
        ("/media/1.jpg", Some("/media/<path>")),
        ("/pay/redacted/", Some("/pay/<int:card>/")),
        ("/pay/redact/", None),
        ("/bot/redacted/", Some("/bot/redacted/")),
        ("", None),
        ("books/", None),
        ("*", None),
    ] {
        assert_eq!(router.find(path), route, "{path}");
    }
}

#[test]
fn regular_expressions_are_matched_as_they_are_shown() {
    let shown: Vec<String> = [
        r"/api/^orders/(?P<pk>[^/.]+)/$",
        r"/^(?P<year>[0-9]{4})/(?P<slug>[\w()-]+)/$",
        r"/^files\.(json|xml)$",
        r"/^app/.*$",
    ]
    .map(display)
    .to_vec();
    let router = Router::new(shown.iter().map(String::as_str));
    for (path, route) in [
        ("/api/orders/7/", Some("/api/orders/<pk>/")),
        ("/2026/the-rose/", Some("/<year>/<slug>/")),
        ("/files.json", Some("/files.<var>")),
        ("/app/any/page", Some("/app/.*")),
        ("/app/", None),
    ] {
        assert_eq!(router.find(path), route, "{path}");
    }
}

#[test]
fn the_order_of_the_routes_changes_nothing() {
    let mut reversed = ROUTES;
    reversed.reverse();
    let (one, other) = (Router::new(ROUTES), Router::new(reversed));
    for path in ["/books/12/", "/books/x/", "/about/", "/media/a/b", "/", "/feeds/a.b"] {
        assert_eq!(one.find(path), other.find(path), "{path}");
    }
    // Alike but for the variable's name.
    let (one, other) = (Router::new(["/<int:a>/", "/<int:b>/"]), Router::new(["/<int:b>/", "/<int:a>/"]));
    assert_eq!((one.find("/1/"), other.find("/1/")), (Some("/<int:a>/"), Some("/<int:a>/")));
}

#[test]
fn what_is_no_path_is_no_route() {
    let router = Router::new(["", "(further endpoints)", "shop.tests.BookTests.test_list", "/<unclosed"]);
    for path in ["", "/", "(further endpoints)", "shop.tests.BookTests.test_list"] {
        assert_eq!(router.find(path), None, "{path}");
    }
    assert_eq!(router.find("/<unclosed"), Some("/<unclosed"), "text, since it is no variable");
    let many = format!("/{}", "<a>-".repeat(40));
    assert_eq!(Router::new([many.as_str()]).find(&format!("/{}", "x-".repeat(40))), None, "beyond the limit");
}

/// Routes that are met as they are written, and text that is put in for their variables.
fn any_route() -> impl Strategy<Value = (String, String)> {
    let segment = prop_oneof![
        "[a-z]{1,6}".prop_map(|text| (text.clone(), text)),
        (0_u32..999).prop_map(|number| ("<int:pk>".to_owned(), number.to_string())),
        "[a-z0-9_-]{1,8}".prop_map(|text| ("<slug:slug>".to_owned(), text)),
        "[a-zA-Z0-9 .,]{1,8}".prop_map(|text| ("<name>".to_owned(), text.replace(' ', "%20"))),
        "[a-z]{1,4}".prop_map(|text| (format!("{text}-<yyyy:year>"), format!("{text}-2026"))),
    ];
    vec(segment, 1..5).prop_map(|segments| {
        segments.into_iter().fold(("/".to_owned(), "/".to_owned()), |(route, path), (one, other)| {
            (format!("{route}{one}/"), format!("{path}{other}/"))
        })
    })
}

proptest! {
    #[test]
    fn a_path_that_was_made_from_a_route_belongs_to_it_alone((route, path) in any_route()) {
        let router = Router::new([route.as_str()]);
        prop_assert_eq!(router.find(&path), Some(route.as_str()));
        let (shorter, longer) = (path.trim_end_matches('/'), format!("{path}/"));
        prop_assert_eq!(router.find(shorter), None);
        prop_assert_eq!(router.find(&longer), None);
    }

    #[test]
    fn the_answer_is_a_route_that_has_the_form(routes in vec(any_route(), 1..8), path in "/[a-z0-9/-]{0,20}") {
        let router = Router::new(routes.iter().map(|(route, _)| route.as_str()));
        let alone = |route: &str| Router::new([route]).find(&path).is_some();
        match router.find(&path) {
            Some(route) => prop_assert!(alone(route)),
            None => prop_assert!(routes.iter().all(|(route, _)| !alone(route))),
        }
    }

    #[test]
    fn any_text_is_matched_without_a_panic(routes in vec("/?.{0,30}", 0..5), path in ".{0,40}") {
        Router::new(routes.iter().map(String::as_str)).find(&path);
    }
}

#[test]
fn a_path_that_nearly_matches_in_many_ways_takes_no_longer() {
    let router = Router::new(["/x/<str:a>-<str:b>-<str:c>-<str:d>-<str:e>-<str:f>/"]);
    let began = std::time::Instant::now();
    let path = format!("/x/{}", "-".repeat(500));
    for _ in 0..100 {
        assert_eq!(router.find(&format!("{path}y/z/")), None);
        assert!(router.find(&format!("{path}/")).is_some());
    }
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
}
