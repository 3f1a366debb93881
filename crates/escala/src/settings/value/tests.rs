use proptest::prelude::*;

use super::*;

#[test]
fn durations_have_a_unit() {
    for (text, milliseconds) in [
        ("250ms", 250),
        ("30s", 30_000),
        ("5m", 300_000),
        ("1h", 3_600_000),
        ("1d", 86_400_000),
        ("0s", 0),
        ("2 m", 120_000),
    ] {
        assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
    }
    for text in ["", "s", "1.5s", "-1s", "+1s", "1 h 30 m", "1S", "1min", "1s ", " 1s", "1_000s", "١s"] {
        assert_eq!(duration(text), Err(NO_DURATION), "{text}");
    }
    for text in ["0", "60"] {
        assert_eq!(duration(text), Err(NO_UNIT));
    }
    for text in ["18446744073709551616ms", "99999999999999d"] {
        assert_eq!(duration(text), Err("which is longer than can be counted"));
    }
}

#[test]
fn sizes_are_bytes_unless_they_have_a_unit() {
    for (text, bytes) in [
        ("0", 0),
        ("4096", 4_096),
        ("7 B", 7),
        ("1kB", 1_000),
        ("2 MB", 2_000_000),
        ("1 GB", 1_000_000_000),
        ("1 KiB", 1_024),
        ("64 MiB", 64 << 20),
        ("1GiB", 1 << 30),
    ] {
        assert_eq!(size(text), Ok(bytes), "{text}");
    }
    for text in ["", "MiB", "1.5 MiB", "-1", "1 KB", "1 mib", "1 Mbit", "1 M", "0x10"] {
        assert_eq!(size(text), Err(NO_SIZE), "{text}");
    }
    assert_eq!(size("18014398509481984 KiB"), Err("which is more than can be counted"));
}

#[test]
fn a_rate_is_so_many_in_so_long() {
    let rates = [
        ("100/1m", (100, 60, 100)),
        ("1 / 1d burst 5", (1, 86_400, 5)),
        ("4294967295/1s burst 1", (4_294_967_295, 1, 1)),
    ];
    for (text, (requests, seconds, burst)) in rates {
        assert_eq!(rate(text), Ok(Rate { requests, window: Duration::from_secs(seconds), burst }), "{text}");
    }
    for text in [
        "",
        "/",
        "100/",
        "/1m",
        "100/m",
        "100/60",
        "-1/1s",
        "4294967296/1s",
        "1/1s burst",
        "1/1s 5",
        "1/1s burst -1",
    ] {
        assert_eq!(rate(text), Err(NO_RATE), "{text}");
    }
    for text in ["0/1s", "1/1s burst 0"] {
        assert_eq!(rate(text), Err("which lets nobody in"));
    }
    assert_eq!(rate("1/0s"), Err("whose window has no length"));
}

#[test]
fn what_is_written_is_short() {
    let written = [0, 1, 1_000, 1_500, 60_000, 90_000, 7_200_000, 86_400_000].map(Duration::from_millis);
    assert_eq!(written.map(write_duration), ["0s", "1ms", "1s", "1500ms", "1m", "90s", "2h", "1d"]);
    let sizes = [0, 1, 1_000, 1_024, 1_500, 1_500_000, 64 << 20, 1 << 40];
    assert_eq!(
        sizes.map(write_size),
        ["0 B", "1 B", "1 kB", "1 KiB", "1500 B", "1500 kB", "64 MiB", "1024 GiB"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(milliseconds: u64, bytes: u64, requests in 1..=u32::MAX, burst in 1..=u32::MAX) {
        let time = Duration::from_millis(milliseconds);
        prop_assert_eq!(duration(&write_duration(time)), Ok(time));
        prop_assert_eq!(size(&write_size(bytes)), Ok(bytes));
        let limit = Rate { requests, window: time.max(Duration::from_millis(1)), burst };
        prop_assert_eq!(rate(&write_rate(&limit)), Ok(limit));
    }

    #[test]
    fn any_text_is_answered(text in ".{0,20}|[0-9]{1,25} ?[a-zA-Z/]{0,6}.{0,6}") {
        let _ = (duration(&text), size(&text), rate(&text));
    }
}
