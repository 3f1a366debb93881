use super::{CAPTURED_ENDPOINTS_MAX, CAPTURES_PER_ENDPOINT_MAX, Captures};

#[test]
fn keeps_so_many_per_route_and_method() {
    let mut captures = Captures::default();
    for _ in 0..CAPTURES_PER_ENDPOINT_MAX {
        assert!(captures.wants("/books/", "GET"));
        assert!(captures.take("/books/", "GET"));
    }
    assert!(!captures.wants("/books/", "GET"));
    assert!(!captures.take("/books/", "GET"));
    assert!(captures.wants("/books/", "POST"));
    assert!(captures.wants("/stores/", "GET"));
}

#[test]
fn counts_only_so_many_endpoints() {
    let mut captures = Captures::default();
    for number in 0..CAPTURED_ENDPOINTS_MAX {
        assert!(captures.take("/", &number.to_string()));
    }
    assert!(!captures.wants("/", "one more"));
    assert!(!captures.wants("/one/more/", "0"));
    assert!(captures.wants("/", "0"));
}
