use observation::SiteKind;

use super::*;
use crate::output::samples::{finding, place};

/// SHA-256 of `VIEWS`, as the recorder writes it.
fn recorded(path: &str, sha256: &str, changed_after_start: bool) -> RecordedFile {
    RecordedFile {
        path: path.into(),
        sha256: Some(sha256.into()),
        modified_at_us: 1,
        size_bytes: 1,
        changed_after_start,
    }
}

const VIEWS: &str = "class BookSerializer:\n    class Meta:\n        fields = [\"publisher\"]\n\nbooks = 1\n";

fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("shop")).unwrap();
    std::fs::write(directory.path().join("shop/views.py"), VIEWS).unwrap();
    directory
}

fn hash(root: &std::path::Path) -> String {
    let root = Root::open(root).unwrap();
    root.read(&RelativePath::new("shop/views.py").unwrap()).unwrap().hash().to_owned()
}

#[test]
fn the_line_of_the_code_is_looked_up() {
    let directory = project();
    let sources = Sources::open(directory.path(), Vec::new()).unwrap();
    let mut finding = finding();
    finding.origin.as_mut().unwrap().chain[0].line = 5;
    finding.access.chain.clear();
    let located = sources.locate(&finding);
    assert_eq!(
        located.origin,
        Some(Spot {
            file: "shop/views.py".into(),
            line: Some(5),
            function: "book_list".into(),
            state: State::Current("books = 1".into()),
        })
    );
    assert_eq!(located.access, None);
    assert!(located.fixable());
}

#[test]
fn a_class_is_found_by_its_name_and_a_field_by_its_own() {
    let directory = project();
    let sources = Sources::open(directory.path(), Vec::new()).unwrap();
    let mut serializer = place(SiteKind::Class, "shop/views.py", 0, "BookSerializer");
    assert_eq!(sources.spot(&serializer).line, Some(1));
    serializer.member = "publisher".into();
    let spot = sources.spot(&serializer);
    assert_eq!((spot.line, spot.function.as_str()), (Some(3), "BookSerializer.publisher"));
    serializer.name = "Gone".into();
    assert_eq!((sources.spot(&serializer).line, sources.spot(&serializer).state), (None, State::Unreadable));
}

#[test]
fn a_file_is_current_when_it_is_one_that_ran() {
    let directory = project();
    let place = place(SiteKind::Python, "shop/views.py", 5, "f");
    let state = |files| Sources::open(directory.path(), files).unwrap().spot(&place).state;
    let (current, other) = (hash(directory.path()), "0".repeat(64));
    let code = || "books = 1".to_owned();
    assert_eq!(state(vec![recorded("shop/views.py", &current, false)]), State::Current(code()));
    assert_eq!(state(vec![recorded("shop/views.py", &other, false)]), State::Changed(code()));
    assert_eq!(state(vec![recorded("shop/views.py", &current, true)]), State::Changed(code()));
    let both = vec![recorded("shop/views.py", &other, false), recorded("shop/views.py", &current, false)];
    assert_eq!(state(both), State::Current(code()));
}

#[test]
fn what_is_not_the_projects_or_not_there_is_not_quoted() {
    let directory = project();
    let sources = Sources::open(directory.path(), Vec::new()).unwrap();
    let state = |file: &str, line| sources.spot(&place(SiteKind::Python, file, line, "f")).state;
    assert_eq!(state("/etc/passwd", 1), State::Outside);
    assert_eq!(state("../outside.py", 1), State::Unreadable);
    assert_eq!(state("shop/gone.py", 1), State::Unreadable);
    assert_eq!(state("shop/views.py", 99), State::Unreadable);
}
