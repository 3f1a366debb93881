use super::*;

#[test]
fn something_recorded_needs_no_explanation() {
    assert_eq!(explain(Path::new("/nowhere/journal"), 1), None);
    assert_eq!(explain(Path::new("/nowhere/journal"), 0), Some(Diagnosis::NoPython));
}
