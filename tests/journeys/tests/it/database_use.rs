//! How a site uses its database server: connections and transactions, on PostgreSQL.

use journeys::{Client, Postgres, Site, pythons};
use serde_json::Value;

/// Transactions that stay open while somebody else is waited for, and two that do not.
const PAYMENTS: &str = r"
import time

from django.db import transaction
from django.http import HttpResponse

from .models import Store


def pay(request):
    with transaction.atomic():  # begun: pay
        store = Store.objects.select_for_update().get(pk=1)
        time.sleep(0.1)
        return HttpResponse(store.pk)


@transaction.atomic
def decorated(request):
    time.sleep(0.1)
    stores = Store.objects.count()  # first: decorated
    time.sleep(0.1)
    return HttpResponse(stores)


def waits_before(request):
    with transaction.atomic():  # savepoint: waits_before
        time.sleep(0.1)
        return HttpResponse(Store.objects.count())


@transaction.non_atomic_requests
def waits_without(request):
    stores = Store.objects.count()
    time.sleep(0.1)
    return HttpResponse(stores)
";

const VIEWS: [&str; 4] = ["pay", "decorated", "waits_before", "waits_without"];

/// The findings of the site with these lines at the end of its settings, each page visited three times.
fn observe(python: &str, postgres: &Postgres, settings: &str) -> Vec<Value> {
    let site = Site::bookstore(python, &[("DATABASE_URL", &postgres.url())]);
    site.write("shop/payments.py", PAYMENTS);
    let paths = VIEWS.map(|view| format!("urlpatterns.append(path(\"{view}/\", payments.{view}))\n"));
    let urls = site.read("shop/urls.py") + "from . import payments\n" + &paths.concat();
    site.write("shop/urls.py", &urls);
    site.write("bookstore/settings.py", &(site.read("bookstore/settings.py") + settings));
    let mut server = site.serve("bookstore.wsgi", true);
    let mut client = Client::new(server.port());
    for _ in 0..3 {
        for page in VIEWS.into_iter().chain(["health"]) {
            assert_eq!(client.get(&format!("/{page}/")).status, 200, "{page}: {}", server.log());
        }
    }
    assert!(server.stop().success(), "{}", server.log());
    let report = site.escala(&["report", "--format", "json"]).ok().json();
    report["findings"].as_array().expect("findings").clone()
}

/// The first endpoint and the line of each finding of a rule, sorted.
fn of_rule(findings: &[Value], rule: &str) -> Vec<(String, Value)> {
    let of_rule = findings.iter().filter(|finding| finding["rule"] == rule);
    let mut told: Vec<_> = of_rule
        .map(|finding| {
            assert_eq!(finding["database"], "default");
            let endpoint = finding["endpoints"][0].as_str().expect("an endpoint").to_owned();
            (endpoint, finding["access"]["line"].clone())
        })
        .collect();
    told.sort_by(|(one, _), (other, _)| one.cmp(other));
    told
}

/// The line that says so of itself.
fn line(says: &str) -> Value {
    let at = PAYMENTS.lines().position(|line| line.ends_with(says)).expect("such a line");
    Value::from(at + 1)
}

#[test]
fn connections_that_are_opened_for_each_request_and_transactions_that_wait() {
    let (_, python) = pythons().pop().expect("a Python");
    let postgres = Postgres::start();
    let idle = "idle-in-transaction";
    let [pay, decorated] = ["GET /pay/", "GET /decorated/"].map(str::to_owned);

    // As `startproject` leaves them.
    let findings = observe(&python, &postgres, "");
    let opened = of_rule(&findings, "connection-per-request");
    assert_eq!(opened.len(), 1, "{findings:#?}");
    assert_eq!(opened[0].1, Value::Null, "no line of the code is at fault");
    let endpoints = findings.iter().find(|finding| finding["rule"] == "connection-per-request");
    let endpoints = endpoints.and_then(|finding| finding["endpoints"].as_array()).expect("endpoints");
    assert!(endpoints.contains(&Value::from("GET /health/")), "{endpoints:?}");
    let expected = [(decorated.clone(), line("# first: decorated")), (pay.clone(), line("# begun: pay"))];
    assert_eq!(of_rule(&findings, idle), expected, "{findings:#?}");

    // Connections that stay, and requests that are transactions.
    let settings = "DATABASES['default'].update(CONN_MAX_AGE=60, ATOMIC_REQUESTS=True)\n";
    let postgres = Postgres::start();
    let findings = observe(&python, &postgres, settings);
    assert_eq!(of_rule(&findings, "connection-per-request"), [], "{findings:#?}");
    // The savepoint of an inner block begins the transaction, however long its first query waits.
    let expected = [
        (decorated, line("# first: decorated")),
        (pay, line("# begun: pay")),
        ("GET /waits_before/".to_owned(), line("# savepoint: waits_before")),
    ];
    assert_eq!(of_rule(&findings, idle), expected, "{findings:#?}");
    for finding in findings.iter().filter(|finding| finding["rule"] == idle) {
        let advice = finding["suggestion"].as_str().expect("advice");
        assert!(advice.starts_with("@transaction.non_atomic_requests"), "{advice}");
    }
}
