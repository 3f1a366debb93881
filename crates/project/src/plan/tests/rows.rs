//! Rows that are counted and fetched: fetched once.

use super::*;

const KEPT: &str =
    "def show():\n    books = Book.objects.filter(pk=1)\n    books = books.order_by(\"pk\")\n    ";

#[track_caller]
fn asked(before: &str, after: &str) {
    check(&format!("{KEPT}{before}\n"), &[EagerLoad::Rows], &format!("{KEPT}{after}\n"));
}

#[test]
fn their_number_is_that_of_the_list() {
    asked("number = «books.count()»", "number = len(books)");
    asked("page = {\"total\": «books.count()»}", "page = {\"total\": len(books)}");
    asked("number = (\n        «books\n        .count()»\n    )", "number = (\n        len(books)\n    )");
}

#[test]
fn whether_there_are_any_is_the_truth_of_the_list() {
    asked("if «books.exists()»:\n        pass", "if books:\n        pass");
    asked("if not «books.exists()» and x:\n        pass", "if not books and x:\n        pass");
    asked(
        "if x:\n        pass\n    elif «books.exists()»:\n        pass",
        "if x:\n        pass\n    elif books:\n        pass",
    );
    asked("while x or «books.exists()»:\n        pass", "while x or books:\n        pass");
    asked("titles = show(books) if «books.exists()» else []", "titles = show(books) if books else []");
    asked("any_left = «books.exists()»", "any_left = bool(books)");
    asked("any_left = x and «books.exists()»", "any_left = x and bool(books)");
}

#[test]
fn what_may_be_no_queryset_is_left_alone() {
    let reason = |before: &str| refused(before, &[EagerLoad::Rows]);
    for before in [
        // Another queryset each time.
        "n = «Book.objects.filter(pk=1).count()»\n",
        "n = «books.filter(pk=1).count()»\n",
        "n = «shelf().count()»\n",
        // A manager, which is true without rows.
        "def show(store):\n    if «store.books.exists()»:\n        pass\n",
        "def show(store):\n    books = store.books\n    if «books.exists()»:\n        pass\n",
        // Whatever the caller gives, or somebody else.
        "def show(books):\n    n = «books.count()»\n",
        "books = Book.objects.all()\n\n\ndef show():\n    n = «books.count()»\n",
        "def show(x):\n    books = Book.objects.all() if x else x.books\n    n = «books.count()»\n",
        "def show(x):\n    books = Book.objects.all()\n    for books in x:\n        n = «books.count()»\n",
        "def show(x):\n    books = Book.objects.newest()\n    n = «books.count()»\n",
    ] {
        assert!(reason(before).ends_with("keep the queryset in one first"), "{before}");
    }
    let own = format!("{KEPT}n = «books.count(\"Dune\")»\n");
    assert!(reason(&own).ends_with("is none of Django's"));
    assert_eq!(
        loaded("for book in «books.all()»:\n    pass\n", &[EagerLoad::Rows]),
        Err(Unsupported::AlreadyThere)
    );
    let view = "class View(ListView):\n    model = Book\n";
    assert!(plan(&source(view), &class("View"), &[EagerLoad::Rows]).is_err());
}
