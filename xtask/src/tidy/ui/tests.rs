use super::*;

#[test]
fn a_page_that_its_sources_did_not_give_is_stale() {
    let source = |text: &str| TextFile { path: "crates/dashboard/ui/src/main.tsx".into(), text: text.into() };
    let built = TextFile { path: ui::FINGERPRINT.into(), text: ui::fingerprint(&[source("a")]) };
    assert_eq!(problems(&[built.clone(), source("a")]), None);
    assert!(problems(&[built, source("b")]).is_some());
    assert!(problems(&[source("a")]).is_some());
}
