//! What holds for every window.

use observation::{Ask, ChainId, Details, Load, Transaction, frame};
use proptest::prelude::*;
use proptest::sample::Index;

use super::windows::{Indices, any_details, any_window};
use crate::{Confidence, Report, Window, report};

fn report_of(transactions: Vec<Transaction>) -> Report {
    report(&Window { transactions, dropped: 0 })
}

/// Every load as two, the second at a chain of its own that `outer` more callers reach.
fn split(details: &mut Details, at: u32, outer: usize) {
    let mut halves = vec![];
    for load in &mut details.loads {
        let queries = load.queries / at;
        let duration_ns = load.duration_ns / u64::from(at);
        let mut chain = details.chains.get(load.access.index()).cloned().unwrap_or_default();
        if let Some(&caller) = chain.first() {
            chain.extend(vec![caller; outer]);
        }
        details.chains.push(chain);
        let access = ChainId(details.chains.len() as u32 - 1);
        halves.push(Load { access, queries, duration_ns, ..*load });
        load.queries -= queries;
        load.duration_ns -= duration_ns;
    }
    details.loads.extend(halves);
}

/// Only the first place of an access is the finding's; the callers around it are one example of several.
fn without_callers(mut report: Report) -> Report {
    for finding in &mut report.findings {
        finding.access.chain.truncate(1);
        // Which of several asks at one place is shown depends on how their queries divide into chains.
        finding.access.ask = Some(Ask::All);
    }
    report
}

proptest! {
    #[test]
    fn the_order_of_arrival_changes_nothing(
        (before, after) in any_window(Indices::Decoded)
            .prop_flat_map(|window| (Just(window.clone()), Just(window).prop_shuffle())),
    ) {
        prop_assert_eq!(report_of(before), report_of(after));
    }

    #[test]
    fn the_order_of_loads_changes_nothing(mut window in any_window(Indices::Decoded)) {
        let before = report_of(window.clone());
        for transaction in &mut window {
            transaction.details.loads.reverse();
        }
        prop_assert_eq!(before, report_of(window));
    }

    #[test]
    fn loads_in_two_parts_are_the_same_loads(mut window in any_window(Indices::Decoded), at in 2_u32..9) {
        let before = report_of(window.clone());
        for transaction in &mut window {
            split(&mut transaction.details, at, 0);
        }
        prop_assert_eq!(before, report_of(window));
    }

    #[test]
    fn callers_around_an_access_do_not_make_findings_of_their_own(
        mut window in any_window(Indices::Decoded), at in 2_u32..9, outer in 1_usize..4,
    ) {
        let before = report_of(window.clone());
        for transaction in &mut window {
            split(&mut transaction.details, at, outer);
        }
        prop_assert_eq!(without_callers(before), without_callers(report_of(window)));
    }

    #[test]
    fn a_finding_is_well_formed_and_ranked(window in any_window(Indices::Decoded)) {
        let report = report_of(window);
        prop_assert!(!report.findings.is_empty());
        let mut ids: Vec<&str> = report.findings.iter().map(|finding| finding.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), report.findings.len());
        prop_assert!(report.findings.is_sorted_by(|one, next| one.cost.total_ms >= next.cost.total_ms));
        prop_assert!(report.endpoints.is_sorted_by(|one, next| one.total_ms >= next.total_ms));
        for finding in &report.findings {
            prop_assert!(finding.endpoints.is_sorted() && !finding.endpoints.is_empty());
            prop_assert!(finding.cost.queries_per_request >= 2.0);
            prop_assert_eq!(&finding.path.last().unwrap().field, &finding.relation().unwrap().field);
            prop_assert_eq!(finding.origin.is_none(), finding.confidence == Confidence::Possible);
            prop_assert!(finding.origin.is_some() || finding.remedy.is_none());
            prop_assert!(finding.origin.as_ref().is_none_or(|origin| !origin.chain.is_empty()));
        }
    }

    #[test]
    fn tables_of_any_shape_never_panic(window in any_window(Indices::Arbitrary)) {
        report_of(window);
    }

    #[test]
    fn what_survives_damage_on_the_way_never_panics(
        details in any_details(Indices::Decoded), at: Index, value: u8,
    ) {
        let mut bytes = frame::encode_details(&details);
        let at = at.index(bytes.len());
        bytes[at] = value;
        if let Ok(details) = frame::decode_details(&bytes) {
            report_of(vec![Transaction { details, ..Transaction::default() }]);
        }
    }
}
