use crate::testing::{Code, Observed, findings};

const INSERT: &str =
    r#"INSERT INTO "shop_line" ("order_id", "amount") VALUES (%s, %s) RETURNING "shop_line"."id""#;

fn checkout() -> Code {
    Code::new(
        "shop/views.py",
        r"
def checkout(request):
    for line in cart:
        Line.objects.create(order=order, amount=line.amount)
",
    )
}

#[test]
fn rows_inserted_one_by_one() {
    let mut request = Observed::post("/checkout/");
    request.asks(INSERT, 8, &[&checkout().at("Line.objects.create(order=order, amount=line.amount)")]);
    assert_eq!(
        findings([request]),
        "write-in-loop INSERT INTO shop_line (Certain)\n  \
           asked   shop/views.py:3\n  \
           costs   8 queries, 4 ms on POST /checkout/\n  \
           try     one bulk_create() for all of them, or add(*objects) for a many-to-many relation\n"
    );
}

#[test]
fn the_advice_fits_what_is_written() {
    let place = checkout().at("Line.objects.create(order=order, amount=line.amount)");
    for (sql, advice) in [
        ("UPDATE \"shop_line\" SET \"amount\" = %s WHERE \"shop_line\".\"id\" = %s", "one .update() on"),
        ("DELETE FROM \"shop_line\" WHERE \"shop_line\".\"id\" IN (%s)", "one .delete() on"),
    ] {
        let mut request = Observed::post("/checkout/");
        request.asks(sql, 8, &[&place]);
        let told = findings([request]);
        assert!(told.contains(advice), "{told}");
    }
}

#[test]
fn guard_a_few_rows_are_no_loop() {
    let mut request = Observed::post("/checkout/");
    request.asks(INSERT, 3, &[&checkout().at("Line.objects.create(order=order, amount=line.amount)")]);
    assert_eq!(findings([request]), "");
}

#[test]
fn guard_a_test_may_prepare_itself() {
    let tests = Code::new("shop/tests/test_views.py", "def setUp(self):\n    Line.objects.create()\n");
    let mut test = Observed::test("shop.tests.test_views.T.test_it");
    test.asks(INSERT, 50, &[&tests.at("Line.objects.create()")]);
    assert_eq!(findings([test]), "");
}

#[test]
fn guard_a_page_that_has_filled_its_cache() {
    let place = checkout().at("Line.objects.create(order=order, amount=line.amount)");
    let visits = |method: fn(&str) -> Observed, writing: &[u64]| {
        let observed = (1..=6).map(|second| {
            let mut request = method("/gallery/").at(second);
            if writing.contains(&second) {
                request.asks(INSERT, 8, &[&place]);
            }
            request
        });
        findings(observed)
    };
    assert_eq!(visits(Observed::get, &[1]), "");
    assert_eq!(visits(Observed::get, &[1, 3]), "");
    for still in [&[1, 4][..], &[6]] {
        assert!(visits(Observed::get, still).starts_with("write-in-loop"), "{still:?}");
    }
    assert!(visits(Observed::post, &[1]).starts_with("write-in-loop"), "no cache is filled by a POST");
}
