use std::fs;

use tempfile::TempDir;

use super::*;

const VIEWS: &str = "from shop.models import Book\n\n\ndef books():\n    return Book.objects.all()\n";

fn project() -> (TempDir, Root, RecordedFile) {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("views.py"), VIEWS).unwrap();
    let root = Root::open(directory.path()).unwrap();
    let source = root.read(&RelativePath::new("views.py").unwrap()).unwrap();
    let recorded = RecordedFile {
        path: "views.py".into(),
        sha256: Some(source.hash().to_owned()),
        modified_at_us: 0,
        size_bytes: 0,
        changed_after_start: false,
    };
    (directory, root, recorded)
}

fn change() -> Vec<(Anchor, Vec<EagerLoad>)> {
    let point = project::SourcePoint::line(5);
    let anchor = Anchor::Expression { file: "views.py".into(), point };
    vec![(anchor, vec![EagerLoad::Select { path: "publisher".into() }])]
}

fn refusal(root: &Root, recorded: &[RecordedFile]) -> String {
    Sources::new(root, recorded).patch(&change()).unwrap_err().to_string()
}

#[test]
fn a_patch_says_what_changes_and_for_which_file_it_was_made() {
    let (_directory, root, recorded) = project();
    let patch = Sources::new(&root, std::slice::from_ref(&recorded)).patch(&change()).unwrap();
    let [file] = &patch.files[..] else { panic!("one file") };
    assert_eq!(file.after, VIEWS.replace(".all()", ".select_related(\"publisher\")"));
    assert_eq!((file.lines.as_slice(), Some(&file.expected_hash)), (&[5][..], recorded.sha256.as_ref()));
    assert!(patch.diff().contains("-    return Book.objects.all()\n+    return Book.objects.select_related"));
    assert_eq!(patch.overlay(&root).keys().next(), Some(&root.path().join("views.py")));
}

#[test]
fn a_file_that_is_not_the_traced_one_is_refused() {
    let (directory, root, recorded) = project();
    let changed = RecordedFile { changed_after_start: true, ..recorded.clone() };
    assert_eq!(
        refusal(&root, &[recorded.clone(), changed]),
        "views.py changed since the trace; run the traffic again"
    );
    assert_eq!(refusal(&root, &[]), "views.py was not seen in the trace; run the traffic again");
    fs::write(directory.path().join("views.py"), VIEWS.replace("books", "tomes")).unwrap();
    assert_eq!(
        refusal(&root, std::slice::from_ref(&recorded)),
        "views.py changed since the trace; run the traffic again"
    );
    fs::remove_file(directory.path().join("views.py")).unwrap();
    assert!(refusal(&root, &[recorded]).starts_with("views.py does not exist"));
}

#[test]
fn a_file_that_no_longer_parses_is_named_with_its_line() {
    let (directory, root, mut recorded) = project();
    fs::write(directory.path().join("views.py"), "def broken(:\n    pass\n").unwrap();
    let source = root.read(&RelativePath::new("views.py").unwrap()).unwrap();
    recorded.sha256 = Some(source.hash().to_owned());
    let reason = refusal(&root, &[recorded]);
    assert!(reason.starts_with("views.py: line 1 does not parse"), "{reason}");
}
