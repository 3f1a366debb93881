use super::*;

const AT_ONCE: Exchange = Exchange { requested: 1_700_000_000_000, responded: 1_700_000_000_000 };

const DJANGO: Rules = Rules { refuses_set_cookie: true, guesses_lifetime: false, ..Rules::RFC };

fn decide_of(
    status: u16,
    lines: &[(&str, &str)],
    is_authorized: bool,
    rules: &Rules,
) -> Result<Timing, Refusal> {
    let mut fields = Fields::default();
    for (name, value) in lines {
        fields.push(name.as_bytes(), value.as_bytes());
    }
    decide(&Answer { status, fields: &fields, is_authorized, exchange: AT_ONCE }, rules)
}

#[test]
fn what_forbids_storing() {
    for (lines, refusal) in [
        (&[("Cache-Control", "max-age=60, no-store")][..], Refusal::NoStore),
        (&[("Cache-Control", "max-age=60, Private")], Refusal::Private),
        (&[("Cache-Control", "max-age=60"), ("Vary", "a, *")], Refusal::Vary),
        (&[("Cache-Control", "max-age=60"), ("Vary", " *")], Refusal::Vary),
        (&[], Refusal::NoLifetime),
        (&[("Cache-Control", "no-cache")], Refusal::NoLifetime),
        (&[("Cache-Control", "max-age=0, must-revalidate")], Refusal::Useless),
    ] {
        assert_eq!(decide_of(200, lines, false, &Rules::RFC), Err(refusal), "{lines:?}");
    }
    for status in [103, 206, 304] {
        assert_eq!(
            decide_of(status, &[("Cache-Control", "max-age=60")], false, &Rules::RFC),
            Err(Refusal::Status)
        );
    }
}

#[test]
fn who_understands_a_status_may_store_it() {
    let control = [("Cache-Control", "no-store, must-understand, max-age=60")];
    assert!(decide_of(200, &control, false, &Rules::RFC).is_ok());
    assert_eq!(decide_of(599, &control, false, &Rules::RFC), Err(Refusal::NoStore));
}

#[test]
fn an_error_is_not_kept_to_be_served_in_an_error() {
    let modified = [("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")];
    assert_eq!(decide_of(503, &modified, false, &Rules::RFC), Err(Refusal::NoLifetime));
    assert_eq!(decide_of(503, &[("Cache-Control", "max-age=5")], false, &Rules::RFC).unwrap().if_error_ms, 0);
}

#[test]
fn a_cookie_makes_it_private_only_where_that_is_a_rule() {
    let lines = [("Cache-Control", "public, max-age=60"), ("Set-Cookie", "sessionid=x")];
    assert!(decide_of(200, &lines, false, &Rules::RFC).is_ok());
    assert_eq!(decide_of(200, &lines, false, &DJANGO), Err(Refusal::SetCookie));
}

#[test]
fn credentials_need_a_word_that_it_is_for_all() {
    for (control, is_stored) in [
        ("max-age=60", false),
        ("public, max-age=60", true),
        ("s-maxage=60", true),
        ("must-revalidate, max-age=60", true),
    ] {
        let decided = decide_of(200, &[("Cache-Control", control)], true, &Rules::RFC);
        assert_eq!(decided.is_ok(), is_stored, "{control}: {decided:?}");
    }
}

#[test]
fn what_must_be_asked_for_each_time_is_stored_to_be_asked_for() {
    let timing =
        decide_of(200, &[("Cache-Control", "no-cache, max-age=60"), ("ETag", "\"a\"")], false, &DJANGO)
            .unwrap();
    assert!(timing.always_validates);
    assert_eq!((timing.while_revalidate_ms, timing.if_error_ms), (0, 0));
}

#[test]
fn without_a_word_of_its_lifetime_a_rule_gives_one() {
    let plain = [("Content-Type", "text/html")];
    assert_eq!(decide_of(200, &plain, false, &DJANGO), Err(Refusal::NoLifetime));
    let ruled = Rules { default_lifetime_s: Some(30), while_revalidate_s: Some(10), ..DJANGO };
    let timing = decide_of(200, &plain, false, &ruled).unwrap();
    assert_eq!((timing.lifetime_ms, timing.while_revalidate_ms), (30_000, 10_000));
    let own = decide_of(200, &[("Cache-Control", "max-age=5")], false, &ruled).unwrap();
    assert_eq!(own.lifetime_ms, 5_000);
}

#[test]
fn how_long_it_may_be_served_stale() {
    let of = |control: &str| {
        let timing =
            decide_of(200, &[("Cache-Control", control), ("ETag", "\"a\"")], false, &Rules::RFC).unwrap();
        (timing.while_revalidate_ms / 1_000, timing.if_error_ms / 1_000)
    };
    assert_eq!(of("max-age=1"), (0, Rules::RFC.if_error_s));
    assert_eq!(of("max-age=1, stale-while-revalidate=5, stale-if-error=7"), (5, 7));
    assert_eq!(of("max-age=1, stale-while-revalidate=5, stale-if-error=7, must-revalidate"), (0, 0));
    assert_eq!(of("max-age=1, stale-if-error=7, proxy-revalidate"), (0, 0));
    assert_eq!(of("s-maxage=1"), (0, 0));
    // What is asked for in so many words is meant.
    assert_eq!(of("s-maxage=1, stale-while-revalidate=5, stale-if-error=7"), (5, 7));
}

#[test]
fn what_is_saved_is_served_in_error_however_old_unless_that_is_forbidden() {
    let saved = Rules { is_saved: true, default_lifetime_s: Some(0), ..DJANGO };
    let of = |status: u16, control: &str| {
        let fields = [("Cache-Control", control), ("ETag", "\"a\"")];
        decide_of(status, &fields, false, &saved).unwrap().if_error_ms
    };
    for control in ["", "max-age=1", "max-age=1, stale-if-error=7", "public"] {
        assert_eq!(of(200, control), u64::MAX, "{control}");
    }
    assert_eq!(of(404, "max-age=1"), u64::MAX);
    for control in ["no-cache", "max-age=1, must-revalidate", "max-age=1, proxy-revalidate", "s-maxage=1"] {
        assert_eq!(of(200, control), 0, "{control}");
    }
    assert_eq!(of(200, "s-maxage=1, stale-if-error=7"), 7_000);
    assert_eq!(of(503, "max-age=1"), 0);
}
