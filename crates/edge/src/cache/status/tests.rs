use super::*;

fn written(outcome: &Outcome) -> String {
    let mut out = Vec::new();
    write(outcome, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_hit_says_for_how_long() {
    assert_eq!(written(&Outcome::Hit { ttl_s: 30, detail: None }), "escala; hit; ttl=30");
    let stale = Outcome::Hit { ttl_s: -4, detail: Some("stale-if-error") };
    assert_eq!(written(&stale), "escala; hit; ttl=-4; detail=stale-if-error");
}

#[test]
fn what_went_to_the_app_says_why() {
    let miss = Outcome::Forwarded {
        why: Forwarded::UriMiss,
        status: None,
        is_stored: true,
        is_collapsed: true,
        detail: None,
    };
    assert_eq!(written(&miss), "escala; fwd=uri-miss; stored; collapsed");
    let validated = Outcome::Forwarded {
        why: Forwarded::Stale,
        status: Some(304),
        is_stored: false,
        is_collapsed: false,
        detail: Some("no-store"),
    };
    assert_eq!(written(&validated), "escala; fwd=stale; fwd-status=304; detail=no-store");
    let bypass = Outcome::Forwarded {
        why: Forwarded::Bypass("session"),
        status: None,
        is_stored: false,
        is_collapsed: false,
        detail: None,
    };
    assert_eq!(written(&bypass), "escala; fwd=bypass; detail=session");
}
