use super::*;

const TIMING: Timing = Timing {
    responded: 0,
    initial_age_ms: 0,
    lifetime_ms: 10_000,
    while_revalidate_ms: 5_000,
    if_error_ms: 60_000,
    always_validates: false,
};

const ANYTHING: RequestControl = RequestControl {
    no_store: false,
    no_cache: false,
    only_if_cached: false,
    max_age: None,
    min_fresh: None,
    max_stale: None,
};

#[test]
fn fresh_then_while_revalidating_then_not() {
    let at = |now| decide(&TIMING, &ANYTHING, now);
    assert_eq!(at(9_999), Reuse::Fresh);
    assert_eq!(at(10_000), Reuse::WhileRevalidate);
    assert_eq!(at(14_999), Reuse::WhileRevalidate);
    assert_eq!(at(15_000), Reuse::Validate);
}

#[test]
fn what_is_always_validated_is_never_just_taken() {
    let timing = Timing { always_validates: true, ..TIMING };
    assert_eq!(decide(&timing, &ANYTHING, 0), Reuse::Validate);
    assert!(!may_serve_in_error(&timing, 0));
}

#[test]
fn a_client_may_want_it_fresher_or_take_it_staler() {
    let wants = |control: RequestControl, now| decide(&TIMING, &control, now);
    assert_eq!(wants(RequestControl { no_cache: true, ..ANYTHING }, 0), Reuse::Validate);
    assert_eq!(wants(RequestControl { max_age: Some(3), ..ANYTHING }, 3_000), Reuse::Fresh);
    assert_eq!(wants(RequestControl { max_age: Some(3), ..ANYTHING }, 3_001), Reuse::Validate);
    assert_eq!(wants(RequestControl { min_fresh: Some(4), ..ANYTHING }, 6_000), Reuse::Fresh);
    assert_eq!(wants(RequestControl { min_fresh: Some(4), ..ANYTHING }, 6_001), Reuse::Validate);
    assert_eq!(wants(RequestControl { min_fresh: Some(4), ..ANYTHING }, 11_000), Reuse::Validate);
    assert_eq!(wants(RequestControl { max_stale: Some(20), ..ANYTHING }, 30_000), Reuse::Stale);
    assert_eq!(wants(RequestControl { max_stale: Some(20), ..ANYTHING }, 30_001), Reuse::Validate);
}

#[test]
fn a_client_does_not_overrule_the_app() {
    let strict = Timing { while_revalidate_ms: 0, if_error_ms: 0, ..TIMING };
    let anyhow = RequestControl { max_stale: Some(1_000), ..ANYTHING };
    assert_eq!(decide(&strict, &anyhow, 11_000), Reuse::Validate);
}

#[test]
fn in_an_error_it_is_served_as_long_as_it_may() {
    assert!(may_serve_in_error(&TIMING, 70_000));
    assert!(!may_serve_in_error(&TIMING, 70_001));
    assert!(!may_serve_in_error(&Timing { while_revalidate_ms: 0, if_error_ms: 0, ..TIMING }, 10_001));
}
