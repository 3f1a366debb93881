use crate::testing::{Observed, findings};

/// A request of ten milliseconds, and a connection that took so long of them.
fn request(connecting_ns: u64) -> Observed {
    let mut request = Observed::get("/books/").lasting(10_000_000);
    request.connects("default", connecting_ns);
    request
}

#[test]
fn a_connection_for_every_request() {
    assert_eq!(
        findings((0..3).map(|_| request(4_000_000))),
        "connection-per-request database default (Certain)\n  \
           costs   40%, 4 ms on GET /books/\n  \
           try     CONN_MAX_AGE in DATABASES, with CONN_HEALTH_CHECKS, or psycopg's pool: OPTIONS = {\"pool\": True}\n"
    );
}

#[test]
fn each_database_is_a_finding_of_its_own() {
    let requests = (0..2).map(|_| {
        let mut request = request(4_000_000);
        request.connects("archive", 2_000_000);
        request
    });
    let told = findings(requests);
    assert!(told.starts_with("connection-per-request database default"), "{told}");
    assert!(told.contains("database archive"), "{told}");
}

#[test]
fn guard_one_request_or_a_few_of_many() {
    assert_eq!(findings([request(4_000_000)]), "");
    let quiet = (0..5).map(|_| Observed::get("/books/").lasting(10_000_000));
    assert_eq!(findings((0..3).map(|_| request(4_000_000)).chain(quiet)), "", "connections have an age");
}

#[test]
fn guard_a_connection_out_of_a_pool() {
    assert_eq!(findings((0..3).map(|_| request(40_000))), "");
}
