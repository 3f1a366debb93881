use crate::Place;
use crate::testing::{Code, Observed, findings};

const MS: u64 = 1_000_000;

fn begun() -> Place {
    Code::new(
        "shop/views.py",
        r"
def pay(request, pk):
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=pk)
        order.paid(payments.charge(order))
",
    )
    .at("transaction.atomic()")
}

fn request(open_ms: u64, idle_ms: u64) -> Observed {
    let mut request = Observed::post("/pay/").lasting(200 * MS);
    request.stays_open(open_ms * MS, idle_ms * MS, false, &[&begun()]);
    request
}

#[test]
fn a_service_is_asked_while_rows_are_locked() {
    assert_eq!(
        findings((0..3).map(|_| request(120, 100))),
        "idle-in-transaction database default (Certain)\n  \
           begun   shop/views.py:2\n  \
           costs   50%, 100 ms on POST /pay/\n  \
           try     a smaller atomic() block: first what takes long, or after it in on_commit()\n"
    );
}

#[test]
fn a_setting_makes_the_whole_view_a_transaction() {
    let requests = (0..2).map(|_| {
        let mut request = Observed::get("/report/").lasting(200 * MS);
        request.stays_open(150 * MS, 140 * MS, true, &[]);
        request
    });
    assert_eq!(
        findings(requests),
        "idle-in-transaction database default, ATOMIC_REQUESTS (Certain)\n  \
           costs   70%, 140 ms on GET /report/\n  \
           try     @transaction.non_atomic_requests on the view, and atomic() around what belongs together\n"
    );
}

#[test]
fn guard_short_pauses_and_busy_transactions() {
    assert_eq!(findings((0..3).map(|_| request(40, 40))), "");
    assert_eq!(findings((0..3).map(|_| request(190, 60))), "", "most of the time is the database's");
}

#[test]
fn guard_a_pause_that_one_request_had() {
    assert_eq!(findings([request(120, 100)]), "");
    assert_eq!(
        findings([request(120, 100), request(120, 100)].into_iter().chain((0..5).map(|_| request(9, 8)))),
        ""
    );
}

#[test]
fn guard_tests_and_commands() {
    for unit in [|| Observed::command("import_books"), || Observed::test("shop.tests.T.test_it")] {
        let units = (0..3).map(|_| {
            let mut unit = unit().lasting(200 * MS);
            unit.stays_open(150 * MS, 140 * MS, false, &[&begun()]);
            unit
        });
        assert_eq!(findings(units), "");
    }
}
