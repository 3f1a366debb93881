use proptest::prelude::*;

use super::*;

fn fields(lines: &[(&str, &str)]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in lines {
        fields.push(name.as_bytes(), value.as_bytes());
    }
    fields
}

/// Whether a response with that `Vary` to the first request answers the second.
fn shares(vary: &str, first: &[(&str, &str)], second: &[(&str, &str)]) -> bool {
    Variant::of(&fields(&[("Vary", vary)]), &fields(first), |_| false).unwrap().matches(&fields(second))
}

#[test]
fn values_must_be_the_same_and_so_must_their_absence() {
    assert!(shares("Foo", &[("foo", "1"), ("Other", "2")], &[("FOO", "1"), ("Other", "3")]));
    assert!(!shares("Foo", &[("foo", "1")], &[("foo", "2")]));
    assert!(!shares("Foo", &[("foo", "1")], &[]));
    assert!(!shares("Foo", &[], &[("foo", "1")]));
    assert!(!shares("Foo", &[], &[("foo", "")]));
    assert!(shares("Foo, Bar", &[("Foo", "1")], &[("Foo", "1")]));
}

/// Django read `Vary:  cookie` as a field that no request has (CVE-2026-48587).
#[test]
fn white_space_and_case_in_vary_mean_nothing() {
    for vary in ["Cookie", "  cookie", "\tCOOKIE\t", "Accept-Encoding ,  cookie", ",, Cookie,"] {
        assert!(!shares(vary, &[("Cookie", "sessionid=a")], &[("Cookie", "sessionid=b")]), "{vary:?}");
        assert!(!shares(vary, &[("Cookie", "sessionid=a")], &[]), "{vary:?}");
    }
}

#[test]
fn what_depends_upon_everything_is_no_variant() {
    for vary in ["*", "*, *", ", *", "Foo, *", "*, Foo"] {
        assert_eq!(
            Variant::of(&fields(&[("Vary", vary)]), &Fields::default(), |_| false),
            Err(Refusal::Vary),
            "{vary}"
        );
    }
    let many: Vec<String> = (0..=VARY_NAMES_MAX).map(|at| format!("X-{at}")).collect();
    assert_eq!(
        Variant::of(&fields(&[("Vary", &many.join(","))]), &Fields::default(), |_| false),
        Err(Refusal::Vary)
    );
}

#[test]
fn what_means_the_same_is_the_same() {
    assert!(shares("Foo", &[("Foo", "1, 2")], &[("Foo", "1"), ("Foo", "2")]));
    assert!(shares("Foo", &[("Foo", "1,2")], &[("Foo", "1,  2")]));
    assert!(!shares("Foo", &[("Foo", "1,2")], &[("Foo", "2,1")]));
    let encoding = |first, second| {
        shares("Accept-Encoding", &[("Accept-Encoding", first)], &[("Accept-Encoding", second)])
    };
    assert!(encoding("gzip, br", "BR;q=0.5,gzip"));
    assert!(encoding("gzip, br;q=0", "gzip"));
    assert!(!encoding("gzip, br", "gzip"));
    let language = |first, second| {
        shares("Accept-Language", &[("Accept-Language", first)], &[("Accept-Language", second)])
    };
    assert!(language("en, de", "de,EN"));
    assert!(language("en;q=0.5, de", "de;q=1.0, en;q=0.500"));
    assert!(!language("en, de;q=0.5", "de, en;q=0.5"));
}

#[test]
fn the_language_that_is_liked_best_needs_no_other() {
    let response = fields(&[("Vary", "Accept-Language"), ("Content-Language", "de")]);
    let variant = Variant::of(&response, &fields(&[("Accept-Language", "en, de")]), |_| false).unwrap();
    let is_for = |wanted: &str| variant.matches(&fields(&[("Accept-Language", wanted)]));
    assert!(is_for("fr;q=0.5, de;q=1.0"));
    assert!(is_for("de"));
    assert!(!is_for("fr, de"));
    assert!(!is_for("en;q=0.9, de;q=0.8"));
    assert!(!variant.matches(&Fields::default()));
}

proptest! {
    #[test]
    fn a_response_answers_the_request_that_it_was_made_for(
        lines in proptest::collection::vec(("(Foo|Bar|Cookie|Accept-Encoding|Accept-Language)", "[ -~]{0,20}"), 0..6),
        vary in "((Foo|bar|cookie|Accept-Encoding|accept-language)(, ?)?){1,4}"
    ) {
        let lines: Vec<(&str, &str)> = lines.iter().map(|(name, value)| (&**name, value.trim())).collect();
        let request = fields(&lines);
        let response = fields(&[("Vary", &vary)]);
        prop_assert!(Variant::of(&response, &request, |_| false).unwrap().matches(&request));
    }

    #[test]
    fn cookies_that_differ_never_share(first in "[ -~]{1,30}", second in "[ -~]{1,30}") {
        let (first, second) = (first.trim(), second.trim());
        prop_assume!(first != second);
        prop_assert!(!shares("Cookie", &[("Cookie", first)], &[("Cookie", second)]));
    }
}
