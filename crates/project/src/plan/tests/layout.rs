//! Edits that would make a line longer than the file's lines are. What a formatter would have made of each was looked up
//! with Black.

use super::*;

#[test]
fn a_long_chain_goes_into_brackets() {
    check(
        "def f():\n    return «Book.objects.filter(price__gt=100, sold=False).order_by(\"title\", \"isbn\")»\n",
        &[select("publisher")],
        "def f():\n    return (\n        Book.objects.select_related(\"publisher\")\n        .filter(price__gt=100, sold=False)\n        .order_by(\"title\", \"isbn\")\n    )\n",
    );
    check(
        "class A:\n    books: QuerySet = «Book.objects.published().filter(price__gt=100, sold=False)»  # all\n",
        &[select("publisher"), prefetch("authors")],
        "class A:\n    books: QuerySet = (\n        Book.objects.published()\n        .select_related(\"publisher\")\n        .prefetch_related(\"authors\")\n        .filter(price__gt=100, sold=False)\n    )  # all\n",
    );
    check(
        "class A:\n\tdef get_queryset(self):\n\t\tqueryset = «super().get_queryset()».filter(owner__user=self.request.user)\n",
        &[select("publisher__country")],
        "class A:\n\tdef get_queryset(self):\n\t\tqueryset = (\n\t\t\tsuper()\n\t\t\t.get_queryset()\n\t\t\t.select_related(\"publisher__country\")\n\t\t\t.filter(owner__user=self.request.user)\n\t\t)\n",
    );
    check(
        "books = «Book.objects.all()».filter(price__gt=100, sold=False).order_by(\"title\")\n",
        &[select("publisher")],
        "books = (\n    Book.objects.select_related(\"publisher\")\n    .filter(price__gt=100, sold=False)\n    .order_by(\"title\")\n)\n",
    );
}

#[test]
fn arguments_that_have_no_room_get_lines() {
    check(
        "books = «Book.objects.select_related(\"publisher\", \"editor\", \"translator\", \"shelf\")»\n",
        &[select("bookshop")],
        "books = Book.objects.select_related(\n    \"publisher\", \"editor\", \"translator\", \"shelf\", \"bookshop\"\n)\n",
    );
    check(
        "books = «Book.objects.select_related('publisher', 'editor', 'translator',)»\n",
        &[select("publisher_of_the_first_edition"), select("shelf")],
        "books = Book.objects.select_related(\n    'publisher',\n    'editor',\n    'translator',\n    'publisher_of_the_first_edition',\n    'shelf',\n)\n",
    );
}

#[test]
fn the_brackets_around_are_opened_first() {
    check(
        "books = list(enumerate(«Book.objects.filter(price__gt=100, sold=False)», start=1))  # noqa\n",
        &[select("publisher")],
        "books = list(\n    enumerate(Book.objects.select_related(\"publisher\").filter(price__gt=100, sold=False), start=1)\n)  # noqa\n",
    );
    check(
        "def f():\n    return render(request, \"books.html\", {\"books\": «Book.objects.order_by(\"title\")»})\n",
        &[select("publisher")],
        "def f():\n    return render(\n        request,\n        \"books.html\",\n        {\"books\": Book.objects.select_related(\"publisher\").order_by(\"title\")},\n    )\n",
    );
    // Those that were opened before are opened further.
    check(
        "def index(request):\n    return _index(\n        request, queryset=«User.objects.all()», template=\"spirit/user/admin/index.html\"\n    )\n",
        &[select("profile")],
        "def index(request):\n    return _index(\n        request,\n        queryset=User.objects.select_related(\"profile\"),\n        template=\"spirit/user/admin/index.html\",\n    )\n",
    );
    check(
        "def index(request):\n    return _index(\n        «User.objects.all()», template=\"spirit/user/admin/index.html\", page=1  # all\n    )\n",
        &[select("profile")],
        "def index(request):\n    return _index(\n        User.objects.select_related(\"profile\"), template=\"spirit/user/admin/index.html\", page=1  # all\n    )\n",
    );
    check(
        "shelves = dict(\n    title=\"all the books that there are in the shop\", books=«Book.objects.all()», more=list(\n    )\n)\n",
        &[select("publisher__country")],
        "shelves = dict(\n    title=\"all the books that there are in the shop\", books=Book.objects.select_related(\n        \"publisher__country\"\n    ), more=list(\n    )\n)\n",
    );
    // Commas of a comprehension separate no items.
    check(
        "pairs = [(number, book) for number, book in enumerate(«Book.objects.order_by('title')»)]\n",
        &[select("publisher__country")],
        "pairs = [\n    (number, book) for number, book in enumerate(Book.objects.select_related(\n        'publisher__country'\n    ).order_by('title'))\n]\n",
    );
    check(
        "total = sum(book.price for book in «Book.objects.filter(sold=False, price__gt=100)»)\n",
        &[select("publisher")],
        "total = sum(\n    book.price for book in Book.objects.select_related(\"publisher\").filter(sold=False, price__gt=100)\n)\n",
    );
}

#[test]
fn the_file_s_own_length_of_lines_counts() {
    let long = format!("# {}\n", "x".repeat(110));
    let before = "books = «Book.objects.filter(price__gt=100, sold=False)».order_by(\"title\")\n";
    let after = "books = Book.objects.select_related(\"publisher\").filter(price__gt=100, sold=False).order_by(\"title\")\n";
    check(&format!("{long}{before}"), &[select("publisher")], &format!("{long}{after}"));
    // One in a hundred is an exception.
    let exception = format!("{long}{}", "x = 1\n".repeat(200));
    let result = loaded(&format!("{exception}{before}"), &[select("publisher")]).unwrap();
    assert!(result.ends_with("books = (\n    Book.objects.select_related(\"publisher\")\n    .filter(price__gt=100, sold=False)\n    .order_by(\"title\")\n)\n"), "{result}");
    // And a line that is too long already is nobody's concern.
    let longer = before.replace("sold=False", &format!("sold={}", "x".repeat(40)));
    let result = loaded(&format!("{}{longer}", "x = 1\n".repeat(200)), &[select("publisher")]).unwrap();
    assert_eq!(result.lines().count(), 201);
}

#[test]
fn a_string_is_not_broken() {
    check(
        "text = f\"The first of all the books that are on sale here: {«Book.objects.first()»}\"\n",
        &[select("publisher")],
        "text = f\"The first of all the books that are on sale here: {Book.objects.select_related('publisher').first()}\"\n",
    );
}

#[test]
fn two_edits_open_the_same_brackets_once() {
    check(
        "books = list(«Book.objects.select_related('publisher', 'editor').filter(price__gt=100)»)\n",
        &[select("translator"), prefetch("authors")],
        "books = list(\n    Book.objects.select_related(\n        'publisher', 'editor', 'translator'\n    ).prefetch_related('authors').filter(price__gt=100)\n)\n",
    );
}
