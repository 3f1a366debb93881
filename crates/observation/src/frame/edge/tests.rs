use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::frame::{Frame, FrameError, Splitter};
use crate::limits::FRAME_BYTES_MAX;

prop_compose! {
    fn any_row()(
        method in "[A-Z]{0,7}", path in "/.{0,40}", code in 0_u8..10,
        values in proptest::array::uniform6(any::<u64>()),
    ) -> EdgeRow {
        let [requests, bytes_sent, took_ns, took_max_ns, wait_ns, wait_max_ns] = values;
        EdgeRow {
            method, path,
            outcome: EdgeOutcome::from_code(code).unwrap(),
            figures: EdgeFigures { requests, bytes_sent, took_ns, took_max_ns, wait_ns, wait_max_ns },
        }
    }
}

prop_compose! {
    fn any_report()(from_us: u64, to_us: u64, rows in vec(any_row(), 0..9)) -> EdgeReport {
        EdgeReport { from_us, to_us, rows }
    }
}

fn encoded(report: EdgeReport) -> Vec<u8> {
    Frame::Edge(Box::new(report)).encode(Vec::new())
}

proptest! {
    #[test]
    fn what_was_encoded_is_decoded(report in any_report()) {
        let bytes = encoded(report.clone());
        prop_assert_eq!(Frame::decode(&bytes[4..]), Ok(Frame::Edge(Box::new(report))));
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in vec(any::<u8>(), 0..300)) {
        let mut reader = Reader::new(&bytes);
        if let Ok(report) = decode(&mut reader) {
            prop_assert!(report.rows.len() <= EDGE_ROWS_MAX);
        }
    }

    #[test]
    fn a_damaged_report_is_an_error_or_within_the_limits(
        report in any_report(), at: proptest::sample::Index, value: u8,
    ) {
        let mut bytes = encoded(report);
        bytes.drain(..4);
        let at = at.index(bytes.len());
        bytes[at] = value;
        if let Ok(Frame::Edge(report)) = Frame::decode(&bytes) {
            for row in &report.rows {
                prop_assert!(row.method.len() <= EDGE_METHOD_BYTES_MAX);
                prop_assert!(row.path.len() <= EDGE_PATH_BYTES_MAX);
            }
        }
    }

    #[test]
    fn reports_survive_any_cutting(reports in vec(any_report(), 1..4), cut in 1_usize..90) {
        let bytes: Vec<u8> = reports.iter().cloned().flat_map(encoded).collect();
        let mut splitter = Splitter::default();
        let mut seen = vec![];
        for piece in bytes.chunks(cut) {
            splitter.push(piece);
            while let Some(frame) = splitter.next_frame().unwrap() {
                seen.push(frame);
            }
        }
        let expected: Vec<_> = reports.into_iter().map(|report| Frame::Edge(Box::new(report))).collect();
        prop_assert_eq!(seen, expected);
    }
}

fn longest_row() -> EdgeRow {
    EdgeRow {
        method: "M".repeat(EDGE_METHOD_BYTES_MAX),
        path: "/".repeat(EDGE_PATH_BYTES_MAX),
        outcome: EdgeOutcome::Failed,
        figures: EdgeFigures {
            requests: u64::MAX,
            bytes_sent: u64::MAX,
            took_ns: u64::MAX,
            took_max_ns: u64::MAX,
            wait_ns: u64::MAX,
            wait_max_ns: u64::MAX,
        },
    }
}

#[test]
fn the_largest_report_fits_a_frame() {
    let rows = vec![longest_row(); EDGE_ROWS_MAX];
    let report = EdgeReport { from_us: u64::MAX, to_us: u64::MAX, rows };
    let bytes = encoded(report.clone());
    assert!(bytes.len() < FRAME_BYTES_MAX, "{}", bytes.len());
    let mut splitter = Splitter::default();
    splitter.push(&bytes);
    assert_eq!(splitter.next_frame(), Ok(Some(Frame::Edge(Box::new(report)))));
}

#[test]
fn what_is_beyond_a_limit_is_refused() {
    let row = longest_row;
    let too_long = EdgeRow { path: "/".repeat(EDGE_PATH_BYTES_MAX + 1), ..row() };
    let too_wordy = EdgeRow { method: "M".repeat(EDGE_METHOD_BYTES_MAX + 1), ..row() };
    for rows in [vec![row(); EDGE_ROWS_MAX + 1], vec![too_long], vec![too_wordy]] {
        let bytes = encoded(EdgeReport { rows, ..EdgeReport::default() });
        assert_eq!(Frame::decode(&bytes[4..]), Err(FrameError::Payload(DecodeError::Limit)));
    }
    let mut bytes = encoded(EdgeReport { rows: vec![row()], ..EdgeReport::default() });
    let outcome = bytes.len() - 6 * 10 - 1;
    bytes[outcome] = 10;
    assert_eq!(Frame::decode(&bytes[4..]), Err(FrameError::Payload(DecodeError::Tag(10))));
}
