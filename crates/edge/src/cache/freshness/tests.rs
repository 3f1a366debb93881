use super::*;

/// A time at a whole second.
const NOW: UnixMs = 1_700_000_000_000;

const AT_ONCE: Exchange = Exchange { requested: NOW, responded: NOW };

fn fields(lines: &[(&str, String)]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in lines {
        fields.push(name.as_bytes(), value.as_bytes());
    }
    fields
}

fn in_seconds(offset: i64) -> String {
    date::format((NOW / 1_000).checked_add_signed(offset).unwrap())
}

#[test]
fn age_is_the_largest_that_can_be_known() {
    let of = |lines: &[(&str, String)], exchange| initial_age_ms(&fields(lines), exchange);
    assert_eq!(of(&[], AT_ONCE), 0);
    assert_eq!(of(&[("Age", "5".into())], AT_ONCE), 5_000);
    assert_eq!(of(&[("Date", in_seconds(-7))], AT_ONCE), 7_000);
    assert_eq!(of(&[("Date", in_seconds(7))], AT_ONCE), 0);
    let slow = Exchange { requested: NOW - 2_500, responded: NOW };
    assert_eq!(of(&[("Age", "5".into()), ("Date", in_seconds(-1))], slow), 7_500);
}

#[test]
fn the_first_age_counts_and_nonsense_does_not() {
    for (value, age_s) in
        [("7200, 0", 7_200), ("0, 7200", 0), ("abc", 0), ("-1", 0), ("7200.0", 0), ("7200;a=1", 7_200)]
    {
        assert_eq!(initial_age_ms(&fields(&[("Age", value.into())]), AT_ONCE), age_s * 1_000, "{value}");
    }
    let twice = fields(&[("Age", "3".into()), ("Age", "9".into())]);
    assert_eq!(initial_age_ms(&twice, AT_ONCE), 3_000);
}

#[test]
fn a_lifetime_is_what_is_said_in_this_order() {
    let of = |lines: &[(&str, String)]| {
        let fields = fields(lines);
        explicit_s(&fields, &ResponseControl::read(&fields), AT_ONCE)
    };
    let expires = ("Expires", in_seconds(90));
    assert_eq!(of(&[expires.clone(), ("Cache-Control", "max-age=60, s-maxage=30".into())]), Some(30));
    assert_eq!(of(&[expires.clone(), ("Cache-Control", "max-age=60".into())]), Some(60));
    assert_eq!(of(std::slice::from_ref(&expires)), Some(90));
    assert_eq!(of(&[expires.clone(), ("Date", in_seconds(-10))]), Some(100));
    assert_eq!(of(&[("Expires", "0".into())]), Some(0));
    assert_eq!(of(&[("Expires", in_seconds(-5))]), Some(0));
    assert_eq!(of(&[expires.clone(), expires.clone()]), Some(0));
    assert_eq!(of(&[expires, ("CDN-Cache-Control", "public".into())]), None);
    assert_eq!(of(&[]), None);
}

#[test]
fn a_guess_is_a_tenth_of_the_time_since_the_last_change() {
    let of = |status, lines: &[(&str, String)]| {
        let fields = fields(lines);
        heuristic_s(status, &fields, &ResponseControl::read(&fields), AT_ONCE)
    };
    let modified = ("Last-Modified", in_seconds(-1_000));
    assert_eq!(of(200, std::slice::from_ref(&modified)), Some(100));
    assert_eq!(of(200, &[("Last-Modified", in_seconds(-100_000_000))]), Some(HEURISTIC_S_MAX));
    assert_eq!(of(200, &[("Last-Modified", in_seconds(10))]), Some(0));
    assert_eq!(of(201, std::slice::from_ref(&modified)), None);
    assert_eq!(of(599, &[modified.clone(), ("Cache-Control", "public".into())]), Some(100));
    assert_eq!(of(200, &[modified.clone(), ("Pragma", "no-cache".into())]), None);
    assert_eq!(of(200, &[modified, ("Cache-Control", "no-cache".into())]), None);
    assert_eq!(of(200, &[]), None);
}

#[test]
fn it_is_fresh_until_its_lifetime_is_over() {
    let timing = Timing {
        responded: NOW,
        initial_age_ms: 1_500,
        lifetime_ms: 4_000,
        while_revalidate_ms: 1_000,
        if_error_ms: 3_000,
        always_validates: false,
    };
    assert!(timing.is_fresh(NOW + 2_499) && !timing.is_fresh(NOW + 2_500));
    assert_eq!((timing.age_s(NOW + 2_499), timing.age_s(NOW + 2_500)), (3, 4));
    assert_eq!((timing.ttl_s(NOW), timing.ttl_s(NOW + 2_501)), (2, -1));
    assert!(!timing.is_useless(NOW + 5_500) && timing.is_useless(NOW + 5_501));
    assert!(!Timing { always_validates: true, ..timing }.is_fresh(NOW));
    // A clock that goes back makes nothing younger than it was.
    assert_eq!(timing.age_ms(NOW - 9_000), 1_500);
}
