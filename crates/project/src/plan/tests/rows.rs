//! Rows that are counted and fetched: fetched once.

use super::*;

#[track_caller]
fn asked(before: &str, after: &str) {
    check(&format!("{before}\n"), &[EagerLoad::Rows], &format!("{after}\n"));
}

#[test]
fn their_number_is_that_of_the_list() {
    asked("number = «books.count()»", "number = len(books)");
    asked("page = {\"total\": «self.books.count()»}", "page = {\"total\": len(self.books)}");
    asked("number = (\n    «books\n    .count()»\n)", "number = (\n    len(books)\n)");
}

#[test]
fn whether_there_are_any_is_the_truth_of_the_list() {
    asked("if «books.exists()»:\n    pass", "if books:\n    pass");
    asked("if not «self.books.exists()» and x:\n    pass", "if not self.books and x:\n    pass");
    asked("if x:\n    pass\nelif «books.exists()»:\n    pass", "if x:\n    pass\nelif books:\n    pass");
    asked("while x or «books.exists()»:\n    pass", "while x or books:\n    pass");
    asked("titles = show(books) if «books.exists()» else []", "titles = show(books) if books else []");
    asked("any_left = «books.exists()»", "any_left = bool(books)");
    asked("any_left = x and «books.exists()»", "any_left = x and bool(books)");
}

#[test]
fn a_queryset_that_is_not_kept_is_left_alone() {
    let reason = |before: &str| refused(&format!("{before}\n"), &[EagerLoad::Rows]);
    for before in [
        "n = «Book.objects.filter(pk=1).count()»",
        "n = «books.filter(pk=1).count()»",
        "n = «shelf().count()»",
    ] {
        assert!(reason(before).ends_with("is not kept; keep it in a variable first"), "{before}");
    }
    assert!(reason("n = «titles.count(\"Dune\")»").ends_with("is none of Django's"));
    assert_eq!(
        loaded("for book in «books.all()»:\n    pass\n", &[EagerLoad::Rows]),
        Err(Unsupported::AlreadyThere)
    );
    let view = "class View(ListView):\n    model = Book\n";
    assert!(plan(&source(view), &class("View"), &[EagerLoad::Rows]).is_err());
}
