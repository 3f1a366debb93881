use proptest::prelude::*;

use super::*;

fn fields(lines: &[(&str, &str)]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in lines {
        fields.push(name.as_bytes(), value.as_bytes());
    }
    fields
}

fn response(value: &str) -> ResponseControl {
    ResponseControl::read(&fields(&[("Cache-Control", value)]))
}

fn request(value: &str) -> RequestControl {
    RequestControl::read(&fields(&[("Cache-Control", value)]))
}

#[test]
fn directives_are_read_in_any_case_and_order() {
    let control = response("Public, MAX-AGE=60 , s-maxage=\"30\", unknown=\"max-age=1\"");
    assert!(control.public);
    assert_eq!((control.max_age, control.s_maxage), (Some(60), Some(30)));
    assert_eq!(control.lifetime_s(), Some(30));
    assert!(response("PRIVATE=\"set-cookie\"").private);
    assert!(response("no-cache=\"set-cookie\"").no_cache);
}

#[test]
fn what_is_no_number_is_stale() {
    for value in ["-1", "1.5", "'60'", "", "60s", "a60", "\"60"] {
        assert_eq!(response(&format!("max-age={value}")).max_age, Some(0), "{value}");
    }
    assert_eq!(response("max-age=99999999999999999999").max_age, Some(SECONDS_MAX));
    assert_eq!(response("max-age").max_age, Some(0));
}

#[test]
fn white_space_makes_it_another_directive() {
    assert_eq!(response("max-age =60").max_age, None);
    assert_eq!(response("max-age= 60").max_age, Some(0));
}

#[test]
fn of_two_values_the_stricter_counts() {
    assert_eq!(response("max-age=60, max-age=10").max_age, Some(10));
    let two = fields(&[("Cache-Control", "max-age=10"), ("Cache-Control", "no-store, max-age=60")]);
    let control = ResponseControl::read(&two);
    assert!(control.no_store);
    assert_eq!(control.max_age, Some(10));
}

#[test]
fn what_is_meant_for_us_counts_alone() {
    let of = |targeted: &str| {
        ResponseControl::read(&fields(&[
            ("CDN-Cache-Control", targeted),
            ("Cache-Control", "no-store, max-age=1"),
        ]))
    };
    let control = of("max-age=60, public");
    assert!(control.is_targeted && control.public && !control.no_store);
    assert_eq!(control.max_age, Some(60));
    assert!(of("no-store").no_store);
    assert!(!of("private=?0, max-age=5").private);
    for ignored in ["", "max-age=\"60\"", "max-age=60, &&&", "max-age =60", "MAX-AGE=60"] {
        assert!(!of(ignored).is_targeted, "{ignored}");
        assert!(of(ignored).no_store, "{ignored}");
    }
}

#[test]
fn what_a_client_wants() {
    let control = request("no-cache, max-age=0, min-fresh=5, max-stale, only-if-cached");
    assert!(control.no_cache && control.only_if_cached && !control.no_store);
    assert_eq!(
        (control.max_age, control.min_fresh, control.max_stale),
        (Some(0), Some(5), Some(SECONDS_MAX))
    );
    assert!(RequestControl::read(&fields(&[("Pragma", "no-cache")])).no_cache);
    assert!(!RequestControl::read(&fields(&[("Pragma", "no-cache"), ("Cache-Control", "x")])).no_cache);
}

proptest! {
    #[test]
    fn any_text_is_read(value in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut fields = Fields::default();
        fields.push(b"Cache-Control", &value);
        fields.push(b"CDN-Cache-Control", &value);
        ResponseControl::read(&fields);
        RequestControl::read(&fields);
    }

    /// Django's `Cache-Control: PRIVATE` was not seen as private for years (CVE-2026-8404).
    #[test]
    fn case_and_space_around_a_directive_mean_nothing(
        upper in proptest::collection::vec(any::<bool>(), 8), before in "[ \t]{0,3}", after in "[ \t]{0,3}"
    ) {
        for (directive, is_seen) in [
            ("private", (|control: ResponseControl| control.private) as fn(ResponseControl) -> bool),
            ("no-store", |control| control.no_store),
            ("no-cache", |control| control.no_cache),
        ] {
            let written: String = directive.chars().zip(upper.iter().cycle())
                .map(|(letter, upper)| if *upper { letter.to_ascii_uppercase() } else { letter }).collect();
            let control = response(&format!("max-age=60,{before}{written}{after}"));
            prop_assert!(is_seen(control), "{}", directive);
        }
    }
}
