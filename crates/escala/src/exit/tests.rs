use super::*;

#[test]
fn every_code_is_documented_and_no_other() {
    let page = include_str!("../../../../docs/reference/exit-codes.md");
    let documented: Vec<u8> =
        page.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok()).collect();
    assert_eq!(documented, [SUCCESS, FAILURE, USAGE, NOTHING_OBSERVED, NOT_EXECUTABLE, NOT_FOUND]);
    assert!(page.contains(&format!("shows as {SIGNAL_BASE} and the signal's number")));
}
