//! The imports that a moved filter needs.

use super::*;

const BODY: &str = "def f():\n    for s in «Store.objects.all()»:\n        a = ‹s.books.filter(x=1)›\n";

/// The file's head after the edit, and how the new names are written.
#[track_caller]
fn head(file: &str, before: &str) -> Result<(String, String), Unsupported> {
    let after = moved(file, &format!("{before}{BODY}"), FilteredForm::Replace)?;
    let (head, body) = after.split_once("def f():").unwrap();
    let used = body.split_once("prefetch_related(").unwrap().1.split_once(".filter").unwrap().0.trim_start();
    Ok((head.to_owned(), used.to_owned()))
}

#[track_caller]
fn check_head(before: &str, after: &str) {
    let (head, used) = head(PATH, before).unwrap();
    assert_eq!(head, after);
    assert_eq!(used, "Prefetch(\"books\", queryset=Book.objects");
}

#[track_caller]
fn check_used(before: &str, used: &str) {
    assert_eq!(head(PATH, before), Ok((before.to_owned(), used.to_owned())));
}

#[test]
fn names_go_to_their_sorted_place() {
    check_head(
        "from django.db.models import Count, Q\nfrom .models import Author, Store\n",
        "from django.db.models import Count, Prefetch, Q\nfrom .models import Author, Book, Store\n",
    );
    check_head(
        "from django.db.models import F\nfrom shop.models import MAX, Author\n",
        "from django.db.models import F, Prefetch\nfrom shop.models import MAX, Author, Book\n",
    );
    check_head(
        "from django.db.models import Q, Count  # both\nfrom .models import Store, Author\n",
        "from django.db.models import Q, Count, Prefetch  # both\nfrom .models import Store, Author, Book\n",
    );
}

#[test]
fn imports_in_brackets_keep_their_layout() {
    check_head(
        "from django.db.models import (\n    Count,\n    Q,  # or\n)\nfrom .models import (Store)\n",
        "from django.db.models import (\n    Count,\n    Prefetch,\n    Q,  # or\n)\nfrom .models import (Book, Store)\n",
    );
    check_head(
        "from django.db.models import (\n    Count,\n    F\n)\nfrom .models import (\n    Author, Artist\n)\n",
        "from django.db.models import (\n    Count,\n    F,\n    Prefetch\n)\nfrom .models import (\n    Author, Artist, Book\n)\n",
    );
}

#[test]
fn new_imports_go_where_isort_puts_them() {
    check_head(
        "import os\n\nfrom django.shortcuts import render\n\nfrom .forms import Form\n\n\n",
        "import os\n\nfrom django.db.models import Prefetch\nfrom django.shortcuts import render\n\nfrom .forms import Form\nfrom .models import Book\n\n\n",
    );
    check_head(
        "import os\nimport sys\n\nfrom .zebra import Form\n\n\n",
        "import os\nimport sys\n\nfrom django.db.models import Prefetch\n\nfrom .models import Book\nfrom .zebra import Form\n\n\n",
    );
    check_head(
        "from django.conf import settings\nfrom rest_framework import viewsets\n\nfrom shop.forms import Form\n\n\n",
        "from django.conf import settings\nfrom django.db.models import Prefetch\nfrom rest_framework import viewsets\n\nfrom shop.forms import Form\nfrom shop.models import Book\n\n\n",
    );
    check_head(
        "\"\"\"Views.\"\"\"\n\n\n",
        "\"\"\"Views.\"\"\"\n\nfrom django.db.models import Prefetch\n\nfrom shop.models import Book\n\n\n",
    );
    check_head("", "from django.db.models import Prefetch\n\nfrom shop.models import Book\n\n\n");
    check_head(
        "from __future__ import annotations\n\n\n",
        "from __future__ import annotations\n\nfrom django.db.models import Prefetch\n\nfrom shop.models import Book\n\n\n",
    );
}

#[test]
fn the_file_s_own_line_ends_are_kept() {
    let before = format!("import os\r\n{BODY}");
    let after =
        moved(PATH, &before.replace("\r\n", "\n").replace('\n', "\r\n"), FilteredForm::Replace).unwrap();
    assert!(after.starts_with("import os\r\n\r\nfrom django.db.models import Prefetch\r\n"), "{after:?}");
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
}

#[test]
fn names_that_are_there_are_used() {
    check_used(
        "from django.db.models import Prefetch as P\nfrom shop.models import Book as B\n",
        "P(\"books\", queryset=B.objects",
    );
    check_used(
        "from django.db import models as m\nfrom shop import models\n",
        "m.Prefetch(\"books\", queryset=models.Book.objects",
    );
    check_used(
        "import django.db.models\nimport shop.models as sm\n",
        "django.db.models.Prefetch(\"books\", queryset=sm.Book.objects",
    );
    check_used(
        "from django.db.models.query import Prefetch\nfrom . import models\n",
        "Prefetch(\"books\", queryset=models.Book.objects",
    );
}

#[test]
fn a_model_of_the_file_itself_needs_no_import() {
    let before = "from django.db import models\nclass Book(models.Model): ...\n";
    let (after, used) = head("src/shop/models.py", before).unwrap();
    assert_eq!((after.as_str(), used.as_str()), (before, "models.Prefetch(\"books\", queryset=Book.objects"));
}

#[test]
fn a_source_folder_is_no_part_of_the_module() {
    let before = "from django.db.models import Prefetch\nfrom .models import Store\n";
    let (after, _) = head("src/shop/views.py", before).unwrap();
    assert_eq!(after, "from django.db.models import Prefetch\nfrom .models import Book, Store\n");
    let (after, _) = head("shop/api/__init__.py", &before.replace("from .models", "from ..models")).unwrap();
    assert_eq!(after, "from django.db.models import Prefetch\nfrom ..models import Book, Store\n");
}

#[test]
fn a_module_whose_name_ends_alike_is_another() {
    let refusal = head("bookshop/views.py", "from .models import Book\n").unwrap_err();
    assert_eq!(refusal, Unsupported::NameTaken { name: "Book".to_owned() });
}

#[test]
fn an_import_inside_the_function_counts() {
    let before = "from django.db.models import Prefetch\ndef f():\n    from shop.models import Book, Store\n    for s in «Store.objects.all()»:\n        a = ‹s.books.filter(x=1)›\n";
    let after = moved(PATH, before, FilteredForm::Replace).unwrap();
    assert!(after.starts_with("from django.db.models import Prefetch\ndef f():\n    from shop.models import Book, Store\n    for s in Store.objects.prefetch_related(\n        Prefetch(\"books\", queryset=Book.objects.filter(x=1))\n    ):\n"), "{after}");
}

#[test]
fn a_name_that_means_something_else_is_left_alone() {
    for before in [
        "from library.models import Book\n",
        "Book = 1\n",
        "if TYPE_CHECKING:\n    from shop.models import Book\n",
        "try:\n    import Prefetch\nexcept E:\n    pass\n",
    ] {
        let refusal = head(PATH, before).unwrap_err();
        assert!(matches!(refusal, Unsupported::NameTaken { .. }), "{before}: {refusal}");
    }
    let local = "from shop.models import Book\ndef f(Book):\n    for s in «Store.objects.all()»:\n        a = ‹s.books.filter(x=1)›\n";
    let refusal = moved(PATH, local, FilteredForm::Replace).unwrap_err();
    assert_eq!(refusal, Unsupported::NameTaken { name: "Book".to_owned() });
}
