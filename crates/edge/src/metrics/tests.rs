use std::sync::Arc;

use super::*;

#[test]
fn threads_are_added_up() {
    let threads = [Arc::new(Counters::default()), Arc::new(Counters::default())];
    for thread in &threads {
        thread.note(Outcome::Hit, 200, Duration::from_micros(700), None, 10);
        thread.note(Outcome::Pass, 404, Duration::from_millis(30), Some(Duration::from_millis(20)), 5);
        thread.note(Outcome::Shed, 503, Duration::from_secs(9), Some(Duration::from_secs(9)), 0);
    }
    let gauges = Gauges { servers: vec![("unix:/a\"b".to_owned(), true, 3)], ..Gauges::default() };
    let mut text = String::new();
    write(&threads, &gauges, &mut text);
    for line in [
        "escala_edge_requests_total{outcome=\"hit\"} 2",
        "escala_edge_requests_total{outcome=\"miss\"} 0",
        "escala_edge_responses_total{class=\"4xx\"} 2",
        "escala_edge_sent_bytes_total 30",
        "escala_edge_request_seconds_bucket{le=\"0.0005\"} 0",
        "escala_edge_request_seconds_bucket{le=\"0.001\"} 2",
        "escala_edge_request_seconds_bucket{le=\"0.05\"} 4",
        "escala_edge_request_seconds_bucket{le=\"+Inf\"} 6",
        "escala_edge_request_seconds_count 6",
        "escala_edge_wait_seconds_count 4",
        "escala_edge_server_up{server=\"unix:/a\\\"b\"} 1",
        "escala_edge_server_requests{server=\"unix:/a\\\"b\"} 3",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}\n{text}");
    }
}

#[test]
fn every_line_is_a_sample_or_says_what_one_is() {
    let mut text = String::new();
    write(&[Arc::new(Counters::default())], &Gauges::default(), &mut text);
    for line in text.lines() {
        let is_comment = line.starts_with("# HELP ") || line.starts_with("# TYPE ");
        let is_sample = line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<f64>().is_ok());
        assert!(is_comment || is_sample, "{line}");
    }
}
