use super::*;

fn entry(path: &[u8]) -> Entry<'_> {
    Entry {
        at: 1_764_606_994_123,
        client: Some([127, 0, 0, 1].into()),
        method: "GET",
        host: b"shop.test",
        path,
        status: 200,
        bytes: 1_234,
        took: Duration::from_micros(1_500),
        waited: None,
        outcome: Outcome::Hit,
    }
}

#[test]
fn a_line_is_json() {
    let expected = "{\"time\":\"2025-12-01T16:36:34.123Z\",\"client\":\"127.0.0.1\",\"method\":\"GET\",\
                    \"host\":\"shop.test\",\"path\":\"/a\",\"status\":200,\"bytes\":1234,\"took_ms\":1.500,\
                    \"outcome\":\"hit\"}\n";
    assert_eq!(line(&entry(b"/a")), expected);
}

#[test]
fn what_an_attacker_writes_stays_in_its_string() {
    let line = line(&entry(b"/\"\\\n\x7f\xff"));
    assert!(line.contains("\"path\":\"/\\\"\\\\\\u000a\\u007f\u{fffd}\""), "{line}");
    let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(parsed["path"], "/\"\\\n\u{7f}\u{fffd}");
}

#[test]
fn a_file_that_was_moved_away_is_opened_anew() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("access.log");
    let log = AccessLog::open(&config::AccessLog::File(path.clone())).unwrap();
    log.write(&entry(b"/first"));
    let written = |path: &std::path::Path, text: &str| {
        let until = std::time::Instant::now() + Duration::from_secs(10);
        while !std::fs::read_to_string(path).is_ok_and(|content| content.contains(text)) {
            assert!(std::time::Instant::now() < until, "{text} is never written");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    written(&path, "/first");
    std::fs::rename(&path, directory.path().join("old.log")).unwrap();
    log.reopen();
    log.write(&entry(b"/second"));
    written(&path, "/second");
    assert_eq!(log.dropped(), 0);
}

#[test]
fn a_file_that_cannot_be_opened_is_an_error_at_once() {
    assert!(AccessLog::open(&config::AccessLog::File("/nowhere/at/all.log".into())).is_err());
}
