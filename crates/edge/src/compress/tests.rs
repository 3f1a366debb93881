use std::io::Read;

use proptest::prelude::*;

use super::*;
use crate::cache::freshness::Timing;
use crate::cache::store::Store;
use crate::cache::stored::Parts;
use crate::cache::tags::Labels;
use crate::cache::vary::Variant;

fn fields(lines: &[(&str, &str)]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in lines {
        fields.push(name.as_bytes(), value.as_bytes());
    }
    fields
}

fn stored(lines: &[(&str, &str)]) -> Arc<Stored> {
    let timing = Timing {
        responded: 0,
        initial_age_ms: 0,
        lifetime_ms: 60_000,
        while_revalidate_ms: 0,
        if_error_ms: 0,
        always_validates: false,
    };
    let parts = Parts {
        status: 200,
        reason: Vec::new(),
        fields: fields(&[&[("Content-Type", "text/html")], lines].concat()),
        body: Bytes::from("x".repeat(5_000)),
        timing,
        variant: Variant::default(),
        labels: Labels::default(),
        tags: Vec::new(),
        is_for_everyone: false,
        document: None,
    };
    Arc::new(Stored::new(parts, 10))
}

fn add(stored: &Arc<Stored>, coding: Coding, bytes: usize) {
    Store::new(1 << 20).add_compressed(0, stored, coding, Some(Bytes::from("y".repeat(bytes))));
}

fn choice(stored: &Stored, accepted: &str) -> (Option<Coding>, Option<Coding>) {
    let choice = choose(stored, &fields(&[("Accept-Encoding", accepted)]));
    (choice.coding, choice.misses)
}

#[test]
fn the_best_form_that_there_is_and_the_one_that_is_missed() {
    let (brotli, gzip) = (Some(Coding::Brotli), Some(Coding::Gzip));
    let stored = stored(&[]);
    assert_eq!(choice(&stored, "gzip, br, zstd"), (None, brotli));
    assert_eq!(choice(&stored, "gzip"), (None, gzip));
    assert_eq!(choice(&stored, "zstd"), (None, None));
    assert_eq!(choice(&stored, ""), (None, None));
    add(&stored, Coding::Gzip, 100);
    assert_eq!(choice(&stored, "gzip, br"), (gzip, brotli));
    assert_eq!(choice(&stored, "gzip, br;q=0.5"), (gzip, None));
    assert_eq!(choice(&stored, "br"), (None, brotli));
    add(&stored, Coding::Brotli, 100);
    assert_eq!(choice(&stored, "gzip, br"), (brotli, None));
    assert_eq!(choice(&stored, "br;q=0, gzip;q=0"), (None, None));
}

#[test]
fn a_form_that_is_not_smaller_is_not_missed() {
    let stored = stored(&[]);
    add(&stored, Coding::Brotli, 6_000);
    assert_eq!(choice(&stored, "br"), (None, None));
    assert_eq!(choice(&stored, "br, gzip"), (None, Some(Coding::Gzip)));
}

#[test]
fn parts_are_of_the_original() {
    let stored = stored(&[]);
    add(&stored, Coding::Brotli, 100);
    let request = fields(&[("Accept-Encoding", "br"), ("Range", "bytes=0-1")]);
    let expected = Choice { coding: None, adds_vary: true, misses: None };
    assert_eq!(choose(&stored, &request), expected);
}

#[test]
fn the_original_says_that_there_are_other_forms() {
    let adds_vary =
        |lines, accepted| choose(&stored(lines), &fields(&[("Accept-Encoding", accepted)])).adds_vary;
    assert!(adds_vary(&[], "br") && adds_vary(&[], "") && adds_vary(&[("Vary", "Cookie")], "br"));
    assert!(!adds_vary(&[("Vary", "Cookie, Accept-Encoding")], "br"));
    // One that is never compressed is sent as the app sent it.
    assert_eq!(choose(&stored(&[("Content-Encoding", "gzip")]), &Fields::default()), Choice::default());
    let with_form = stored(&[]);
    add(&with_form, Coding::Brotli, 100);
    assert!(!choose(&with_form, &fields(&[("Accept-Encoding", "br")])).adds_vary);
}

fn decompressed(coding: Coding, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        Coding::Brotli => drop(brotli::Decompressor::new(bytes, 4_096).read_to_end(&mut out).unwrap()),
        Coding::Gzip => drop(flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap()),
        Coding::Zstd => panic!("not made"),
    }
    out
}

#[test]
fn a_page_becomes_much_smaller() {
    let row = |number: u32| format!("<tr><td class=\"cell\">{number}</td><td>{}</td></tr>\n", number * 7_919);
    let page: String = (0..1_000).map(row).collect();
    let sizes = MADE.map(|coding| {
        let bytes = compressed(coding, page.as_bytes()).unwrap();
        assert_eq!(decompressed(coding, &bytes), page.as_bytes());
        bytes.len()
    });
    assert!(sizes[0] < sizes[1] && sizes[1] < page.len() / 4, "{sizes:?} of {}", page.len());
    assert!(compressed(Coding::Zstd, page.as_bytes()).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_was_compressed_is_what_it_was(bytes in prop::collection::vec(0..8_u8, 0..5_000)) {
        for coding in MADE {
            prop_assert_eq!(&decompressed(coding, &compressed(coding, &bytes).unwrap()), &bytes);
        }
    }
}
