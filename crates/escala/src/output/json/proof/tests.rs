use super::*;
use crate::output::samples;

#[test]
fn a_fix_becomes_what_the_dashboard_reads() {
    let outcome = samples::outcome();
    let text = render(&outcome.fixes[0], "escala fix 3f2a9c01de --write").unwrap();
    let read: Proof = serde_json::from_str(&text).unwrap();
    assert_eq!((read.status, read.replayed, read.identical), (ProofStatus::Proved, 3, 3));
    assert_eq!(read.endpoints[0].queries, Gain { before: 101, after: 1 });
    assert_eq!((read.files[0].path.as_str(), read.files[0].lines.as_slice()), ("shop/views.py", &[1][..]));
    assert_ne!(read.files[0].sha256_before, read.files[0].sha256_after);
    assert_eq!(read.apply_command, "escala fix 3f2a9c01de --write");
    assert!(read.diff.contains("+books = Book.objects.select_related"), "{}", read.diff);
    let rejected = proof(&outcome.fixes[1], "", 7).unwrap();
    assert_eq!((rejected.status, rejected.made_at_us), (ProofStatus::Rejected, 7));
    assert!(rejected.reason.is_some_and(|reason| reason.contains("became")));
}
