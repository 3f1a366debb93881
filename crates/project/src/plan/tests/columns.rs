//! Columns that are fetched after all: named in `only()`, taken out of `defer()`.

use super::*;

fn column(path: &str) -> EagerLoad {
    EagerLoad::Column { path: path.to_owned() }
}

#[test]
fn only_names_it() {
    check(
        "books = «Book.objects.only('title')»\n",
        &[column("isbn")],
        "books = Book.objects.only('title', 'isbn')\n",
    );
    check(
        "books = «Book.objects.select_related(\"publisher\").only(\"title\", \"publisher__name\")»\n",
        &[column("publisher__motto"), column("isbn")],
        "books = Book.objects.select_related(\"publisher\").only(\n    \"title\", \"publisher__name\", \"publisher__motto\", \"isbn\"\n)\n",
    );
    // A join needs it as well.
    check(
        "books = «Book.objects.only(\"title\")»\n",
        &[select("publisher"), column("publisher")],
        "books = Book.objects.select_related(\"publisher\").only(\"title\", \"publisher\")\n",
    );
    // The last one counts.
    check(
        "books = «Book.objects.only(\"isbn\").only(\"title\")»\n",
        &[column("isbn")],
        "books = Book.objects.only(\"isbn\").only(\"title\", \"isbn\")\n",
    );
    check(
        "def titles():\n    books = «Book.objects.all()»\n    books = books.only(\"title\")\n    return books\n",
        &[column("isbn")],
        "def titles():\n    books = Book.objects.all()\n    books = books.only(\"title\", \"isbn\")\n    return books\n",
    );
}

#[test]
fn defer_names_it_no_longer() {
    for (before, after) in [
        ("Book.objects.defer(\"isbn\", \"blurb\", \"notes\")", "Book.objects.defer(\"blurb\", \"notes\")"),
        ("Book.objects.defer(\"blurb\", \"isbn\", \"notes\")", "Book.objects.defer(\"blurb\", \"notes\")"),
        ("Book.objects.defer(\"blurb\", \"notes\", \"isbn\")", "Book.objects.defer(\"blurb\", \"notes\")"),
        ("Book.objects.defer(\"isbn\", \"blurb\", \"isbn\",)", "Book.objects.defer(\"blurb\",)"),
        ("Book.objects.defer(\"isbn\")", "Book.objects.all()"),
        ("Book.objects.filter(pk=1).defer(\"isbn\")", "Book.objects.filter(pk=1)"),
        ("Book.objects.defer(\"isbn\").filter(pk=1)", "Book.objects.filter(pk=1)"),
        ("Book.objects.defer(\"isbn\").defer(\"blurb\", \"isbn\")", "Book.objects.defer(\"blurb\")"),
        ("Book.objects.only(\"title\").defer(\"isbn\")", "Book.objects.only(\"title\", \"isbn\")"),
        ("Book.objects.defer(\n    \"isbn\",\n    \"blurb\",\n)", "Book.objects.defer(\n    \"blurb\",\n)"),
        ("Book.objects.defer(\n    \"blurb\",\n    \"isbn\",\n)", "Book.objects.defer(\n    \"blurb\",\n)"),
    ] {
        check(&format!("books = «{before}»\n"), &[column("isbn")], &format!("books = {after}\n"));
    }
    check(
        "books = (\n    «Book.objects.filter(pk=1)»\n    .defer(\"isbn\")\n    .order_by(\"pk\")\n)\n",
        &[column("isbn")],
        "books = (\n    Book.objects.filter(pk=1)\n    .order_by(\"pk\")\n)\n",
    );
}

#[test]
fn what_cannot_be_read_is_left_alone() {
    let reason = |before: &str| refused(before, &[column("isbn")]);
    assert!(
        reason("books = «Book.objects.only(*FIELDS)»\n")
            .ends_with("takes its fields from elsewhere; change them there")
    );
    assert!(
        reason("books = «Book.objects.defer(FIELD)»\n")
            .ends_with("takes its fields from elsewhere; change them there")
    );
    assert!(
        reason("books = «Book.objects.raw(\"SELECT id FROM book\")»\n").ends_with("add the column there")
    );
    assert!(
        reason("books = «Book.objects.defer(\n    \"isbn\",  # long\n    \"blurb\",\n)»\n")
            .ends_with("take it out by hand")
    );
    assert_eq!(
        loaded("books = «Book.objects.only(\"isbn\")»\n", &[column("isbn")]),
        Err(Unsupported::AlreadyThere)
    );
    assert_eq!(loaded("books = «Book.objects.slim()»\n", &[column("isbn")]), Err(Unsupported::AlreadyThere));
}

#[test]
fn a_class_says_so_in_its_queryset() {
    let view = "class View(ListView):\n    queryset = Book.objects.only(\"title\")\n";
    let edits = plan(&source(view), &class("View"), &[column("isbn")]).unwrap();
    assert_eq!(apply(view, &edits).unwrap(), view.replace("\"title\"", "\"title\", \"isbn\""));
    let bare = "class View(ListView):\n    model = Book\n";
    let refusal = plan(&source(bare), &class("View"), &[column("isbn")]).unwrap_err().to_string();
    assert!(refusal.ends_with("change the `only()` or `defer()` there"), "{refusal}");
}
