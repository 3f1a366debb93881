//! Eager loads on method chains.

use super::*;

#[test]
fn all_gives_way() {
    check(
        "x = «Book.objects.all()»\n",
        &[select("publisher")],
        "x = Book.objects.select_related(\"publisher\")\n",
    );
    check(
        "x = «Book.objects.all()».order_by('t')\n",
        &[select("publisher"), prefetch("authors")],
        "x = Book.objects.select_related('publisher').prefetch_related('authors').order_by('t')\n",
    );
}

#[test]
fn known_methods_come_after() {
    check(
        "x = «Book.objects.filter(a=1).order_by(\"b\")»\n",
        &[select("publisher")],
        "x = Book.objects.select_related(\"publisher\").filter(a=1).order_by(\"b\")\n",
    );
    check(
        "x = «Book.objects.get(pk=1)»\n",
        &[select("publisher__country")],
        "x = Book.objects.select_related(\"publisher__country\").get(pk=1)\n",
    );
    check(
        "for b in «self.queryset.all()»: pass\n",
        &[prefetch("authors")],
        "for b in self.queryset.prefetch_related(\"authors\"): pass\n",
    );
    check(
        "x = «apps.get_model('shop', 'Book').objects.filter(a=1)»\n",
        &[select("publisher")],
        "x = apps.get_model('shop', 'Book').objects.select_related('publisher').filter(a=1)\n",
    );
}

#[test]
fn custom_methods_come_first() {
    check(
        "x = «Book.objects.published()»\n",
        &[select("publisher")],
        "x = Book.objects.published().select_related(\"publisher\")\n",
    );
    check(
        "x = «Book.objects.published()».filter(a=1)\n",
        &[select("publisher")],
        "x = Book.objects.published().select_related(\"publisher\").filter(a=1)\n",
    );
    check("x = «get_books()»\n", &[select("publisher")], "x = get_books().select_related(\"publisher\")\n");
    check(
        "x = «store.books_for(user)»[:10]\n",
        &[select("publisher")],
        "x = store.books_for(user).select_related(\"publisher\")[:10]\n",
    );
    check(
        "def f(self):\n    return «super().get_queryset()».filter(a=1)\n",
        &[prefetch("authors")],
        "def f(self):\n    return super().get_queryset().prefetch_related(\"authors\").filter(a=1)\n",
    );
    check(
        "def filter(self, a):\n    return «super().filter(a=a)»\n",
        &[select("publisher")],
        "def filter(self, a):\n    return super().filter(a=a).select_related(\"publisher\")\n",
    );
    check(
        "x = «self.model._default_manager.all()»\n",
        &[select("publisher")],
        "x = self.model._default_manager.select_related(\"publisher\")\n",
    );
}

#[test]
fn an_instance_starts_a_new_chain() {
    check(
        "x = «Order.objects.get(pk=1).lines.filter(a=1)»\n",
        &[select("book")],
        "x = Order.objects.get(pk=1).lines.select_related(\"book\").filter(a=1)\n",
    );
    check(
        "x = «Order.objects.get(pk=1)».lines.filter(a=1)\n",
        &[select("user")],
        "x = Order.objects.select_related(\"user\").get(pk=1).lines.filter(a=1)\n",
    );
}

#[test]
fn a_method_of_an_instance_starts_a_new_chain() {
    check(
        "x = «Order.objects.get(pk=1).open_lines().filter(a=1)»\n",
        &[select("book")],
        "x = Order.objects.get(pk=1).open_lines().select_related(\"book\").filter(a=1)\n",
    );
}

#[test]
fn existing_calls_are_extended() {
    check(
        "x = «Book.objects.select_related('publisher').all()»\n",
        &[select("editor"), select("publisher"), prefetch("authors")],
        "x = Book.objects.select_related('publisher', 'editor').prefetch_related('authors').all()\n",
    );
    check(
        "x = «Book.objects.filter(a=1).prefetch_related(\"authors\",)»\n",
        &[select("publisher"), prefetch("tags")],
        "x = Book.objects.filter(a=1).select_related(\"publisher\").prefetch_related(\"authors\", \"tags\",)\n",
    );
    check(
        "x = «Book.objects.prefetch_related(Prefetch('authors', qs), LOOKUP)»\n",
        &[prefetch("tags")],
        "x = Book.objects.prefetch_related(Prefetch('authors', qs), LOOKUP, 'tags')\n",
    );
    check(
        "x = «Book.objects.prefetch_related()»\n",
        &[prefetch("tags")],
        "x = Book.objects.prefetch_related(\"tags\")\n",
    );
}

#[test]
fn arguments_on_lines_stay_on_lines() {
    check(
        "x = «Book.objects.select_related(\n    'publisher',  # house\n    'editor',  # person\n)»\n",
        &[select("shelf"), select("room")],
        "x = Book.objects.select_related(\n    'publisher',  # house\n    'editor',  # person\n    'shelf',\n    'room',\n)\n",
    );
    check(
        "x = «Book.objects.select_related(\n    'publisher',\n    'editor'  # person\n)»\n",
        &[select("shelf")],
        "x = Book.objects.select_related(\n    'publisher',\n    'editor',  # person\n    'shelf'\n)\n",
    );
    check(
        "x = «Book.objects.select_related(\n    'publisher', 'editor'\n)»\n",
        &[select("shelf")],
        "x = Book.objects.select_related(\n    'publisher', 'editor', 'shelf'\n)\n",
    );
}

#[test]
fn chains_on_lines_get_a_line() {
    check(
        "x = (\n    Book.objects  # all\n    # only these\n    .«filter(a=1)»\n    .order_by(\"b\")\n)\n",
        &[select("publisher"), prefetch("authors")],
        "x = (\n    Book.objects  # all\n    .select_related(\"publisher\")\n    .prefetch_related(\"authors\")\n    # only these\n    .filter(a=1)\n    .order_by(\"b\")\n)\n",
    );
    check(
        "x = (\n\tBook.objects\n\t.«all()»\n)\n",
        &[select("publisher"), prefetch("authors")],
        "x = (\n\tBook.objects\n\t.select_related(\"publisher\")\n\t.prefetch_related(\"authors\")\n)\n",
    );
    check(
        "x = (\r\n    «Book.objects.filter(a=1)»\r\n    .order_by('b')\r\n)\r\n",
        &[select("publisher")],
        "x = (\r\n    Book.objects.filter(a=1)\r\n    .select_related('publisher')\r\n    .order_by('b')\r\n)\r\n",
    );
    check(
        "x = list(\n    Book.objects\n    .«published()»  # custom\n)\n",
        &[select("publisher")],
        "x = list(\n    Book.objects\n    .published()  # custom\n    .select_related(\"publisher\")\n)\n",
    );
    check(
        "x = list(Book.objects\n         .«published()», 1)\n",
        &[select("publisher")],
        "x = list(Book.objects\n         .published()\n         .select_related(\"publisher\"), 1)\n",
    );
    check(
        "x = (Book.objects\n     .filter(\n        a=1,\n     )\n     .«select_related(\"editor\")»)\n",
        &[prefetch("authors")],
        "x = (Book.objects\n     .filter(\n        a=1,\n     )\n     .select_related(\"editor\")\n     .prefetch_related(\"authors\"))\n",
    );
}

#[test]
fn other_layouts_stay_inline() {
    check(
        "x = «Book.objects.filter(\n    a=1,\n)».order_by(\"b\")\n",
        &[select("publisher")],
        "x = Book.objects.select_related(\"publisher\").filter(\n    a=1,\n).order_by(\"b\")\n",
    );
    check(
        "x = «(Book.objects).filter(é=1)»",
        &[select("publisher")],
        "x = (Book.objects).select_related(\"publisher\").filter(é=1)",
    );
}

#[test]
fn shortcuts_take_a_queryset_first() {
    check(
        "x = «get_object_or_404(Store, pk=pk)»\n",
        &[prefetch("books")],
        "x = get_object_or_404(Store.objects.prefetch_related(\"books\"), pk=pk)\n",
    );
    check(
        "x = «shortcuts.get_list_or_404(models.Store.objects.filter(a=1), b=2)»\n",
        &[prefetch("books")],
        "x = shortcuts.get_list_or_404(\n    models.Store.objects.prefetch_related(\"books\").filter(a=1), b=2\n)\n",
    );
    check(
        "x = «get_object_or_404(klass=self.model, pk=pk)»\n",
        &[select("owner"), prefetch("books")],
        "x = get_object_or_404(\n    klass=self.model._default_manager.select_related(\"owner\").prefetch_related(\"books\"),\n    pk=pk,\n)\n",
    );
    check(
        "x = «get_object_or_404(queryset, pk=pk)»\n",
        &[select("owner")],
        "x = get_object_or_404(queryset.select_related(\"owner\"), pk=pk)\n",
    );
    check(
        "x = «get_object_or_404(self.get_queryset(), pk=pk)»\n",
        &[select("owner")],
        "x = get_object_or_404(self.get_queryset().select_related(\"owner\"), pk=pk)\n",
    );
}

#[test]
fn a_queryset_may_be_an_argument() {
    check(
        "x = «BookSerializer(Book.objects, many=True)».data\n",
        &[select("publisher")],
        "x = BookSerializer(Book.objects.select_related(\"publisher\"), many=True).data\n",
    );
    check(
        "page = «Paginator(Book.objects.filter(a=1), 25).get_page(n)»\n",
        &[select("publisher")],
        "page = Paginator(Book.objects.select_related(\"publisher\").filter(a=1), 25).get_page(n)\n",
    );
    check(
        "x = «list(Book.objects.exclude(pk__in=Sold.objects.all()))»\n",
        &[select("publisher")],
        "x = list(Book.objects.select_related(\"publisher\").exclude(pk__in=Sold.objects.all()))\n",
    );
}

#[test]
fn longer_paths_bring_shorter_ones() {
    check(
        "x = «Book.objects.all()»\n",
        &[select("publisher"), select("publisher__country"), select("publisher")],
        "x = Book.objects.select_related(\"publisher__country\")\n",
    );
    let there =
        "x = «Book.objects.select_related(\"publisher__country\").prefetch_related(Prefetch(\"a\", q))»\n";
    assert_eq!(loaded(there, &[select("publisher"), prefetch("a")]), Err(Unsupported::AlreadyThere));
    check(
        "x = «Book.objects.select_related(\"publisher_\")»\n",
        &[select("publisher")],
        "x = Book.objects.select_related(\"publisher_\", \"publisher\")\n",
    );
}

#[test]
fn a_line_is_enough_when_it_builds_one_queryset() {
    let at_line = |text: &str, line| {
        let source = source(text);
        let edits = plan(&source, &expression(SourcePoint::line(line)), &[select("publisher")])?;
        Ok::<_, Unsupported>(apply(text, &edits).unwrap())
    };
    assert_eq!(
        at_line("x = 1\ny = (\n    Book.objects\n    .filter(a=f(1))\n    .order_by('b')\n)\n", 4).unwrap(),
        "x = 1\ny = (\n    Book.objects\n    .select_related('publisher')\n    .filter(a=f(1))\n    .order_by('b')\n)\n",
    );
    assert_eq!(
        at_line("y = Book.objects.filter(\n    a=1,\n    b=2,\n)\n", 3).unwrap(),
        "y = Book.objects.select_related(\"publisher\").filter(\n    a=1,\n    b=2,\n)\n",
    );
    assert_eq!(at_line("y = get_books()\n", 1).unwrap(), "y = get_books().select_related(\"publisher\")\n");
    assert_eq!(
        at_line("y = get_object_or_404(Book, pk=pk)\n", 1).unwrap(),
        "y = get_object_or_404(Book.objects.select_related(\"publisher\"), pk=pk)\n",
    );
    assert_eq!(at_line("y = A.objects.all(), B.objects.all()\n", 1), Err(Unsupported::Ambiguous { line: 1 }),);
    assert_eq!(at_line("y = 1\n", 1), Err(Unsupported::NothingThere { line: 1 }));
    assert_eq!(at_line("y = 1\n", 7), Err(Unsupported::NothingThere { line: 7 }));
}

#[test]
fn what_has_no_effect_or_fails_is_refused() {
    let cases = [
        ("x = «Book.objects.values('a')»\n", "`values` gives rows without relations"),
        ("x = «Book.objects.filter(a=1).count()»\n", "`count` gives no instances"),
        ("x = «Book.objects.filter(a=1).update(b=2)»\n", "`update` gives no instances"),
        ("x = «Book.objects.all()».union(other)\n", "`union` combines queries"),
        ("x = «Book.objects.raw('SELECT 1')»\n", "`raw` runs hand-written SQL"),
        ("x = «Book.objects.select_for_update()»\n", "`select_for_update` would lock"),
        ("x = «Book.objects.only(*FIELDS)»\n", "`only` leaves out the relation"),
        ("x = «Book.objects.defer('publisher')»\n", "`defer` leaves out the relation"),
        ("x = «Book.objects.select_related()»\n", "`select_related` without arguments"),
        ("x = «Book.objects.select_related(None)»\n", "`select_related` is called with None"),
        (
            "x = «Book.objects.select_related(**PATHS)»\n",
            "`select_related` takes its arguments from elsewhere",
        ),
        ("x = «list(books)»\n", "`list()` only uses one"),
        ("x = «Form(books)»\n", "`Form(…)` makes another object"),
        ("x = «f(A.objects.all(), B.objects.all())»\n", "builds several querysets"),
        ("for x in «books»: pass\n", "`books` is a variable"),
    ];
    for (before, reason) in cases {
        let message = refused(before, &[select("publisher")]);
        assert!(message.contains(reason), "{before}: {message}");
    }
}

#[test]
fn what_is_fine_for_one_kind_may_not_be_for_the_other() {
    check(
        "x = «Book.objects.filter(a=1)».union(other)\n",
        &[prefetch("authors")],
        "x = Book.objects.prefetch_related(\"authors\").filter(a=1).union(other)\n",
    );
    check(
        "x = «Book.objects.raw('SELECT 1')»\n",
        &[prefetch("authors")],
        "x = Book.objects.prefetch_related('authors').raw('SELECT 1')\n",
    );
    check(
        "x = «Book.objects.iterator()»\n",
        &[select("publisher")],
        "x = Book.objects.select_related(\"publisher\").iterator()\n",
    );
    let message = refused("x = «Book.objects.iterator()»\n", &[prefetch("authors")]);
    assert!(message.contains("chunk_size"), "{message}");
    check(
        "x = «Book.objects.only('title', 'publisher__name')»\n",
        &[select("publisher")],
        "x = Book.objects.select_related('publisher').only('title', 'publisher__name')\n",
    );
    check(
        "x = «Book.objects.select_for_update(of=('self',))»\n",
        &[select("publisher")],
        "x = Book.objects.select_related('publisher').select_for_update(of=('self',))\n",
    );
}

#[test]
fn several_anchors_are_planned_together() {
    let Marked { text, anchors, .. } =
        marked("a = «Book.objects.all()»\nb = ««Store.objects.filter(x=1)».order_by('y')»\n");
    let source = source(&text);
    let requests = [
        (expression(anchors[2]), vec![prefetch("books")]),
        (expression(anchors[0]), vec![select("publisher")]),
        (expression(anchors[1]), vec![select("owner"), prefetch("books")]),
    ];
    let edits = plan_file(&source, &requests).unwrap();
    assert_eq!(
        apply(&text, &edits).unwrap(),
        "a = Book.objects.select_related('publisher')\nb = (\n    Store.objects.select_related('owner')\n    .prefetch_related('books')\n    .filter(x=1)\n    .order_by('y')\n)\n",
    );
}

#[test]
fn one_anchor_may_be_inside_another() {
    let Marked { text, anchors, .. } = marked("x = ««Order.objects.get(pk=1)».lines.filter(a=1)»\n");
    let requests =
        [(expression(anchors[1]), vec![select("book")]), (expression(anchors[0]), vec![select("user")])];
    assert_eq!(
        apply(&text, &plan_file(&source(&text), &requests).unwrap()).unwrap(),
        "x = Order.objects.select_related(\"user\").get(pk=1).lines.select_related(\"book\").filter(a=1)\n",
    );
}

#[test]
fn one_anchor_that_needs_nothing_is_no_obstacle() {
    let Marked { text, anchors, .. } = marked("a = «A.objects.select_related('x')»\nb = «B.objects.all()»\n");
    let requests = anchors.iter().map(|point| (expression(*point), vec![select("x")])).collect::<Vec<_>>();
    let edits = plan_file(&source(&text), &requests).unwrap();
    assert_eq!(
        apply(&text, &edits).unwrap(),
        "a = A.objects.select_related('x')\nb = B.objects.select_related('x')\n"
    );
    assert_eq!(plan_file(&source(&text), &requests[..1]), Err(Unsupported::AlreadyThere));
}

#[test]
fn the_request_must_fit_the_file() {
    let other = Anchor::Class { file: "shop/other.py".to_owned(), qualname: "A".to_owned() };
    assert!(matches!(plan(&source("x = 1\n"), &other, &[]), Err(Unsupported::WrongFile { .. })));
    let stale = loaded("x = «Book.objects.all(»)\n", &[select("a")]);
    assert_eq!(stale, Err(Unsupported::NothingThere { line: 1 }));
    let injected = loaded("x = «Book.objects.all()»\n", &[select("a\", f(), \"b")]);
    assert!(matches!(injected, Err(Unsupported::InvalidPath { .. })));
    let broken = plan(&source("x = = 1\n"), &class("A"), &[select("a")]);
    assert!(matches!(broken, Err(Unsupported::Syntax { line: 1, .. })));
}

#[test]
fn strings_inside_f_strings_have_the_other_quotes() {
    check(
        "x = f\"{«Book.objects.get(pk=1)»} and \" f'{y}'\n",
        &[select("publisher")],
        "x = f\"{Book.objects.select_related('publisher').get(pk=1)} and \" f'{y}'\n",
    );
    check(
        "x = f'{«Book.objects.get(pk=1)»}'\n",
        &[select("publisher")],
        "x = f'{Book.objects.select_related(\"publisher\").get(pk=1)}'\n",
    );
    // Both kinds of quotes are taken; only Python 3.12 could read a third level.
    let message = refused("x = f\"{f'{«Book.objects.get(pk=1)»}'}\"\n", &[select("publisher")]);
    assert!(message.contains("newer Python"), "{message}");
}

#[test]
fn a_byte_order_mark_shifts_nothing() {
    // CPython counts the columns of the first line without the mark.
    let text = "\u{feff}x = Book.objects.all()\n";
    let span = Some(SourceSpan { end_line: 1, column: 4, end_column: 22 });
    let edits = plan(&source(text), &expression(SourcePoint { line: 1, span }), &[select("p")]).unwrap();
    assert_eq!(apply(text, &edits).unwrap(), "\u{feff}x = Book.objects.select_related(\"p\")\n");
}
