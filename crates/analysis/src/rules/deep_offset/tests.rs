use crate::testing::{Code, Observed, findings};

const MILLISECOND_NS: u64 = 1_000_000;

fn views() -> Code {
    Code::new(
        "shop/views.py",
        r#"
def events(request):
    page = Paginator(Event.objects.order_by("id"), 20).get_page(request.GET["page"])
    return render(request, "events.html", {"events": list(page)})
"#,
    )
}

fn page(end: &str) -> String {
    format!(r#"SELECT "shop_event"."id" FROM "shop_event" ORDER BY "shop_event"."id" ASC {end}"#)
}

fn request(end: &str, duration_ms: u64) -> Observed {
    let mut request = Observed::get("/events/");
    request.asks_slowly(&page(end), 1, duration_ms * MILLISECOND_NS, &[&views().at("list(page)")]);
    request
}

#[test]
fn a_page_that_takes_long_to_reach() {
    assert_eq!(
        findings([request("LIMIT 20 OFFSET 80000", 120)]),
        "deep-offset SELECT FROM shop_event (Certain)\n  \
           asked   shop/views.py:3\n  \
           costs   1 queries, 120 ms on GET /events/\n  \
           try     page by key, filter(pk__gt=last)[:20], or put an end to the page numbers\n"
    );
}

#[test]
fn pages_of_one_list_are_one_finding() {
    let requests = [
        request("LIMIT 20", 1),
        request("LIMIT 20 OFFSET 60", 1),
        request("LIMIT 20 OFFSET 80000", 120),
        request("LIMIT 20 OFFSET 90000", 130),
    ];
    let told = findings(requests);
    assert_eq!(told.matches("deep-offset").count(), 1, "{told}");
    assert!(told.contains("1 queries, 120 ms"), "{told}");
}

#[test]
fn guard_the_first_pages_are_what_pages_are_for() {
    // Slow for another reason, which pages by key would not end.
    assert_eq!(findings([request("LIMIT 20", 500)]), "");
    assert_eq!(findings([request("LIMIT 20 OFFSET 980", 500)]), "");
}

#[test]
fn guard_a_quick_page_bothers_nobody() {
    assert_eq!(findings([request("LIMIT 20 OFFSET 80000", 49)]), "");
}

#[test]
fn guard_the_next_of_a_few_large_pages() {
    assert_eq!(findings([request("LIMIT 5000 OFFSET 45000", 500)]), "");
}

#[test]
fn guard_all_rows_from_an_offset_on_are_no_page() {
    assert_eq!(findings([request("LIMIT -1 OFFSET 80000", 500)]), "");
    assert_eq!(findings([request("OFFSET 80000", 500)]), "");
}

#[test]
fn guard_the_time_of_other_pages_does_not_count() {
    let mut request = request("LIMIT 20 OFFSET 80000", 5);
    request.asks_slowly(&page("LIMIT 20"), 1, 500 * MILLISECOND_NS, &[&views().at("list(page)")]);
    assert_eq!(findings([request]), "");
}
