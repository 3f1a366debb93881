use crate::testing::{Code, Observed, findings};

const COUNT: &str = r#"SELECT COUNT(*) AS "__count" FROM "shop_event""#;
const PAGE: &str = r#"SELECT "shop_event"."id" FROM "shop_event" ORDER BY "shop_event"."id" ASC LIMIT 20"#;
const MILLISECOND_NS: u64 = 1_000_000;

fn views() -> Code {
    Code::new(
        "shop/views.py",
        r#"
def events(request):
    page = Paginator(Event.objects.order_by("id"), 20).get_page(1)
    return list(page)
"#,
    )
}

fn request(count_ms: u64, page_ms: u64, page: &str) -> Observed {
    let mut request = Observed::get("/events/");
    request.asks_slowly(COUNT, 1, count_ms * MILLISECOND_NS, &[&views().at("get_page(1)")]);
    request.asks_slowly(page, 1, page_ms * MILLISECOND_NS, &[&views().at("list(page)")]);
    request
}

#[test]
fn a_number_that_takes_longer_than_the_page() {
    assert_eq!(
        findings([request(780, 2, PAGE)]),
        "count-for-page SELECT FROM shop_event (Certain)\n  \
           asked   shop/views.py:2\n  \
           costs   1 queries, 780 ms on GET /events/\n  \
           try     keep the number for a while, estimate it, or page by key without one\n"
    );
}

#[test]
fn guard_a_quick_count_or_a_slower_page() {
    assert_eq!(findings([request(49, 2, PAGE)]), "");
    assert_eq!(findings([request(60, 70, PAGE)]), "");
}

#[test]
fn guard_without_a_page_of_the_same_rows_the_number_is_what_was_wanted() {
    let all = findings([request(780, 2, &PAGE.replace(" LIMIT 20", ""))]);
    assert!(all.starts_with("count-then-fetch") && !all.contains("count-for-page"), "{all}");
    assert_eq!(findings([request(780, 2, &PAGE.replace("shop_event", "shop_place"))]), "");
}
