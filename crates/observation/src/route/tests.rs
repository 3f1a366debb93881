use super::*;

#[test]
fn regexes_become_what_they_mean() {
    for (route, shown) in [
        ("/books/<int:pk>/", "/books/<int:pk>/"),
        ("/", "/"),
        ("/api/orders/$", "/api/orders/"),
        ("/api/^orders/(?P<pk>[^/.]+)/$", "/api/orders/<pk>/"),
        (r"/^(?P<year>[0-9]{4})/(?P<slug>[\w()-]+)/?$", "/<year>/<slug>/"),
        (r"/files\.(json|xml)\Z", "/files.<var>"),
        ("/broken(?P<pk>", "/broken<pk>"),
        ("/(", "/<var>"),
        (r"/\", "/"),
    ] {
        assert_eq!(display(route), shown, "{route}");
    }
}
