use observation::Ask;

use crate::testing::{Code, Observed, foreign_key, report_on};
use crate::{Finding, Place, rank};

fn listing(route: &str, built: &Place, touched: &Place, rows: u32) -> Observed {
    let mut request = Observed::get(route);
    let books = request.queryset("shop.Book", rows, &[built]);
    let publisher = foreign_key("shop.Book.publisher", "shop.Publisher");
    request.loads(books, &publisher, Ask::Object, rows, &[touched]);
    request
}

fn ids(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.id.as_str()).collect()
}

const TEMPLATE: &str = "{{ book.publisher }}";

#[test]
fn a_cheap_finding_on_a_busy_page_outranks_a_dear_one_that_nobody_visits() {
    let views =
        Code::new("shop/views.py", "def a():\n  Book.objects.all()\ndef b():\n  Book.objects.newest()\n");
    let touched = Code::new("templates/books.html", TEMPLATE).at(TEMPLATE);
    let busy = views.at("Book.objects.newest()");
    let mut requests = vec![listing("/admin/audit/", &views.at("Book.objects.all()"), &touched, 300)];
    requests.extend((0..40).map(|_| listing("/", &busy, &touched, 10)));

    let report = report_on(requests);
    let routes: Vec<&str> =
        report.findings.iter().map(|finding| finding.endpoints[0].route.as_str()).collect();
    assert_eq!(routes, ["/", "/admin/audit/"]);
}

#[test]
fn an_id_survives_edits_elsewhere_in_its_files() {
    let before = Code::new("shop/views.py", "def book_list():\n    Book.objects.all()\n");
    let after = Code::new("shop/views.py", "import this\n\ndef book_list():\n    Book.objects.all()\n");
    let page = Code::new("templates/books.html", TEMPLATE);
    let longer_page = Code::new("templates/books.html", "<h1>Books</h1>\n{{ book.publisher }}");
    let id = |code: &Code, page: &Code| {
        let request = listing("/books/", &code.at("Book.objects.all()"), &page.at(TEMPLATE), 10);
        report_on([request]).findings[0].id.clone()
    };
    assert_eq!(id(&before, &page), id(&after, &longer_page));
    // Written out, because people paste ids into tickets: another release must give the same.
    assert_eq!(id(&before, &page), "50eb79b94c");
}

#[test]
fn an_id_tells_files_functions_and_templates_apart() {
    let built =
        Code::new("shop/views.py", "def book_list():\n    Book.objects.all()\n").at("Book.objects.all()");
    let touched = Code::new("templates/books.html", TEMPLATE).at(TEMPLATE);
    let elsewhere = |place: &Place| {
        let file = Place { file: "other.py".to_owned(), ..place.clone() };
        let name = Place { name: "other".to_owned(), ..place.clone() };
        let member = Place { member: "other".to_owned(), ..place.clone() };
        [place.clone(), file, name, member]
    };
    let mut ids: Vec<String> = vec![];
    for built in elsewhere(&built) {
        for touched in elsewhere(&touched) {
            let report = report_on([listing("/books/", &built, &touched, 10)]);
            ids.push(report.findings[0].id.clone());
        }
    }
    assert!(ids.iter().all(|id| id.len() == 10 && id.bytes().all(|digit| digit.is_ascii_hexdigit())));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 16);
}

#[test]
fn namesakes_are_numbered_by_line_whatever_they_cost() {
    let views =
        Code::new("shop/views.py", "def page():\n    Book.objects.all()\n    Book.objects.newest()\n");
    let touched = Code::new("templates/books.html", TEMPLATE).at(TEMPLATE);
    let first = |rows| listing("/", &views.at("Book.objects.all()"), &touched, rows);
    let second = |rows| listing("/", &views.at("Book.objects.newest()"), &touched, rows);

    let one_way = report_on([first(20), second(10)]).findings;
    let other_way = report_on([first(10), second(20)]).findings;
    let base = one_way[0].id.clone();
    let numbered = format!("{base}-2");
    assert_eq!(ids(&one_way), [base.as_str(), &numbered]);
    assert_eq!(ids(&other_way), [numbered.as_str(), &base]);
}

#[test]
fn every_name_is_numbered_from_the_start() {
    let views = Code::new(
        "shop/views.py",
        "def one():\n    Book.objects.all()\n    Book.objects.newest()\ndef two():\n    Book.objects.old()\n    Book.objects.rare()\n",
    );
    let touched = Code::new("templates/books.html", TEMPLATE).at(TEMPLATE);
    let calls = ["Book.objects.all()", "Book.objects.newest()", "Book.objects.old()", "Book.objects.rare()"];
    let findings = report_on(calls.map(|call| listing("/", &views.at(call), &touched, 10))).findings;

    let mut sorted = ids(&findings);
    sorted.sort_unstable();
    assert_eq!(ids(&findings), sorted, "they all cost the same");
    let suffixes: Vec<&str> = sorted.iter().map(|id| &id[10..]).collect();
    assert_eq!(suffixes, ["", "-2", "", "-2"]);
}

#[test]
fn the_order_before_changes_neither_names_nor_ranks() {
    let views =
        Code::new("shop/views.py", "def page():\n    Book.objects.all()\n    Book.objects.newest()\n");
    let touched = Code::new("templates/books.html", TEMPLATE).at(TEMPLATE);
    let calls = ["Book.objects.all()", "Book.objects.newest()"];
    let ranked = report_on(calls.map(|call| listing("/", &views.at(call), &touched, 10))).findings;

    let mut reversed: Vec<Finding> = ranked.iter().rev().cloned().collect();
    rank::rank(&mut reversed);
    assert_eq!(reversed, ranked);
}
