use super::*;
use crate::output::samples::{finding, findings};

#[test]
fn what_is_written_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("escala-baseline.json");
    assert_eq!(Baseline::read(&path).unwrap(), Baseline::default());
    let baseline = Baseline::of(&[finding()]);
    baseline.write(&path).unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "{\n  \"schema\": 1,\n  \"findings\": [\n    {\n      \"id\": \"3f2a9c01de\",\n      \"rule\": \"n-plus-one\",\n      \"about\": \"shop.Book.publisher\",\n      \"file\": \"shop/views.py\"\n    }\n  ]\n}\n"
    );
    assert_eq!(Baseline::read(&path).unwrap(), baseline);
}

#[test]
fn what_is_accepted_and_what_is_gone() {
    let baseline = Baseline::of(&findings()[..2]);
    assert_eq!(
        findings().iter().map(|finding| baseline.accepts(finding)).collect::<Vec<_>>(),
        [true, true, false]
    );
    assert_eq!(baseline.gone(&findings()[1..]), ["3f2a9c01de"]);
}

#[test]
fn another_file_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("b.json");
    for (text, reason) in [
        ("[]", "b.json does not hold accepted findings: write it with `escala check --update-baseline`"),
        ("{\"schema\": 2, \"findings\": []}", "b.json has schema 2, and this version of Escala reads 1"),
    ] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(Baseline::read(&path).unwrap_err().to_string(), reason);
    }
}
