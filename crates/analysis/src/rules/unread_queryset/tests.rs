use observation::Ask;

use crate::testing::{Code, Observed, findings, reverse_foreign_key};
use crate::{Place, Rule};

const LOANS: &str =
    r#"SELECT "shop_loan"."id", "shop_loan"."due" FROM "shop_loan" WHERE "shop_loan"."due" < %s"#;
const NS: u64 = 4_000_000;

fn condition() -> Place {
    Code::new(
        "shop/views.py",
        r"
def desk(request):
    overdue = Loan.objects.filter(due__lt=today)
    if overdue:
        warn(len(overdue))
",
    )
    .at("if overdue:")
}

fn visit(route: &str, read: bool) -> Observed {
    let mut request = Observed::get(route);
    request.asks_slowly(LOANS, 1, NS, &[&condition()]);
    request.glances(Ask::Exists, 300, read);
    request
}

#[test]
fn rows_fetched_for_whether_there_are_any() {
    assert_eq!(
        findings((0..3).map(|_| visit("/desk/", false))),
        "unread-queryset SELECT FROM shop_loan (Certain)\n  \
           asked   shop/views.py:3\n  \
           costs   1 queries, 4 ms on GET /desk/\n  \
           try     .count() for their number, .exists() for whether there are any: neither fetches them\n"
    );
}

#[test]
fn guard_rows_that_are_read_now_and_then() {
    assert_eq!(findings([visit("/desk/", true)]), "");
    assert_eq!(findings([visit("/desk/", false), visit("/desk/", true), visit("/desk/", false)]), "");
    assert_eq!(findings([visit("/desk/", false), visit("/print/", true)]), "", "another page reads them");
}

#[test]
fn guard_the_number_for_each_row_is_an_n_plus_one() {
    let loans = reverse_foreign_key("shop.Reader.loan_set", "shop.Loan");
    let mut request = Observed::get("/readers/");
    let readers = request.queryset("shop.Reader", 10, &[&condition()]);
    request.loads(readers, &loans, Ask::All, 10, &[&condition()]);
    request.loads_alike(10);
    request.glances(Ask::Count, 30, false);
    let report = crate::testing::report_on([request]);
    let rules: Vec<Rule> = report.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::NPlusOneMany]);
}

#[test]
fn guard_a_test_may_count_as_it_likes() {
    let tests = Code::new("shop/tests.py", "def test_it():\n    assertEqual(len(loans), 30)\n");
    let mut test = Observed::test("shop.tests.test_it");
    test.asks(LOANS, 1, &[&tests.at("len(loans)")]);
    test.glances(Ask::Count, 30, false);
    assert_eq!(findings([test]), "");
}
