//! Filters moved from the access to a `Prefetch`.

use super::*;

const HEAD: &str = "from django.db.models import Prefetch\n\nfrom .models import Book, Store\n\n\n";

#[track_caller]
fn check_moved(before: &str, form: FilteredForm, after: &str) {
    let result = moved(PATH, &format!("{HEAD}{before}"), form);
    assert_eq!(result.as_deref(), Ok(format!("{HEAD}{after}").as_str()));
}

#[track_caller]
fn refused_move(before: &str, form: FilteredForm) -> String {
    moved(PATH, &format!("{HEAD}{before}"), form).unwrap_err().to_string()
}

const OFFERS: &str = "\
def offers(request):
    stores = «Store.objects.prefetch_related(\"books\")»
    rows = []
    for store in stores:
        for book in ‹store.books.filter(price__range=(250, 300))›:
            rows.append(book)
    return rows
";

#[test]
fn the_relation_is_filtered_where_it_is_prefetched() {
    check_moved(
        OFFERS,
        FilteredForm::Replace,
        "\
def offers(request):
    stores = Store.objects.prefetch_related(
        Prefetch(\"books\", queryset=Book.objects.filter(price__range=(250, 300)))
    )
    rows = []
    for store in stores:
        for book in store.books.all():
            rows.append(book)
    return rows
",
    );
    check_moved(
        OFFERS,
        FilteredForm::ToAttr,
        "\
def offers(request):
    stores = Store.objects.prefetch_related(
        Prefetch(
            \"books\",
            queryset=Book.objects.filter(price__range=(250, 300)),
            to_attr=\"filtered_books\",
        )
    )
    rows = []
    for store in stores:
        for book in store.filtered_books:
            rows.append(book)
    return rows
",
    );
}

#[test]
fn the_prefetch_is_added_where_there_is_none() {
    check_moved(
        "def f(limit):\n    return [b for s in «Store.objects.all()» for b in ‹s.books.exclude(price__gt=limit).order_by('t')›]\n",
        FilteredForm::ToAttr,
        "def f(limit):\n    return [\n        b for s in Store.objects.prefetch_related(\n            Prefetch(\n                'books',\n                queryset=Book.objects.exclude(price__gt=limit).order_by('t'),\n                to_attr='filtered_books',\n            )\n        ) for b in s.filtered_books\n    ]\n",
    );
    check_moved(
        "def f():\n    for s in «Store.objects.filter(a=1)»:\n        n = len(‹s.books.order_by('t')›)\n",
        FilteredForm::ToAttr,
        "def f():\n    for s in Store.objects.prefetch_related(\n        Prefetch('books', queryset=Book.objects.order_by('t'), to_attr='ordered_books')\n    ).filter(a=1):\n        n = len(s.ordered_books)\n",
    );
    check_moved(
        "def f():\n    for s in «Store.objects.all()»:\n        show(‹s.books.filter(a=1)›[:3])\n",
        FilteredForm::Replace,
        "def f():\n    for s in Store.objects.prefetch_related(\n        Prefetch(\"books\", queryset=Book.objects.filter(a=1))\n    ):\n        show(s.books.all()[:3])\n",
    );
}

#[test]
fn a_filter_on_lines_becomes_one() {
    check_moved(
        "def f():\n    for s in «Store.objects.all()»:\n        x = list(\n            s.books\n            .‹filter(\n                price__range=(\n                    250,\n                    300,\n                ),\n                one=(1,),\n            )›\n            .order_by('t')\n        )\n",
        FilteredForm::Replace,
        "def f():\n    for s in Store.objects.prefetch_related(\n        Prefetch(\n            'books',\n            queryset=Book.objects.filter(price__range=(250, 300,), one=(1,)).order_by('t'),\n        )\n    ):\n        x = list(\n            s.books\n            .all()\n        )\n",
    );
}

#[test]
fn two_reads_of_one_filter_share_a_prefetch() {
    check_moved(
        "def f():\n    for s in «Store.objects.all()»:\n        a = list(‹s.books.filter(x=1)›)\n        b = len(‹s.books.filter(x=1)›)\n        c = list(‹s.books.filter(x=2)›)\n",
        FilteredForm::ToAttr,
        "def f():\n    for s in Store.objects.prefetch_related(\n        Prefetch(\"books\", queryset=Book.objects.filter(x=1), to_attr=\"filtered_books\"),\n        Prefetch(\n            \"books\", queryset=Book.objects.filter(x=2), to_attr=\"filtered_books_2\"\n        ),\n    ):\n        a = list(s.filtered_books)\n        b = len(s.filtered_books)\n        c = list(s.filtered_books_2)\n",
    );
    let message = refused_move(
        "def f():\n    for s in «Store.objects.all()»:\n        a = list(‹s.books.filter(x=1)›)\n        c = list(‹s.books.filter(x=2)›)\n",
        FilteredForm::Replace,
    );
    assert!(message.contains("also prefetched with other rows"), "{message}");
}

#[test]
fn the_name_is_new_to_the_file() {
    check_moved(
        "def f():\n    filtered_books = 1\n    for s in «Store.objects.all()»:\n        a = list(‹s.books.filter(x=1)›)\n",
        FilteredForm::ToAttr,
        "def f():\n    filtered_books = 1\n    for s in Store.objects.prefetch_related(\n        Prefetch(\"books\", queryset=Book.objects.filter(x=1), to_attr=\"filtered_books_2\")\n    ):\n        a = list(s.filtered_books_2)\n",
    );
}

#[test]
fn a_relation_that_is_read_whole_as_well_stays_prefetched() {
    let before = "def f():\n    for s in «Store.objects.prefetch_related('books')»:\n        a = s.books.all()\n        b = list(‹s.books.filter(x=1)›)\n";
    check_moved(
        before,
        FilteredForm::ToAttr,
        "def f():\n    for s in Store.objects.prefetch_related(\n        'books',\n        Prefetch('books', queryset=Book.objects.filter(x=1), to_attr='filtered_books'),\n    ):\n        a = s.books.all()\n        b = list(s.filtered_books)\n",
    );
    let message = refused_move(before, FilteredForm::Replace);
    assert!(message.contains("also read on line 8"), "{message}");
}

#[test]
fn a_filtered_prefetch_comes_before_the_lookups_behind_it() {
    let Marked { text, anchors, accesses } = marked(&format!(
        "{HEAD}def f():\n    for s in «Store.objects.all()»:\n        a = ‹s.books.filter(x=1)›\n"
    ));
    let loads = [prefetch("books__authors"), filtered_books(accesses[0], FilteredForm::Replace)];
    let edits = plan(&source(&text), &expression(anchors[0]), &loads).unwrap();
    assert_eq!(
        apply(&text, &edits).unwrap(),
        format!(
            "{HEAD}def f():\n    for s in Store.objects.prefetch_related(\n        Prefetch(\"books\", queryset=Book.objects.filter(x=1)), \"books__authors\"\n    ):\n        a = s.books.all()\n"
        ),
    );
    let message = refused_move(
        "def f():\n    for s in «Store.objects.prefetch_related('books__authors')»:\n        a = ‹s.books.filter(x=1)›\n",
        FilteredForm::Replace,
    );
    assert!(message.contains("`books__authors` before it"), "{message}");
}

#[test]
fn values_that_are_there_already_may_move() {
    let allowed = [
        "low",
        "LOW",
        "self.low",
        "settings.LOW",
        "Q(a=low) | ~models.Q(b=F('c'))",
        "-1",
        "[low, LOW, None, 1 + 2]",
        "Decimal('1.5')",
    ];
    for value in allowed {
        let before = format!(
            "from decimal import Decimal\nfrom django.conf import settings\nfrom django.db import models\nfrom django.db.models import F, Prefetch, Q\nfrom .models import Book\nLOW = 1\ndef f(self, low):\n    for s in «Store.objects.all()»:\n        a = ‹s.books.filter(price={value})›\n"
        );
        let after = moved(PATH, &before, FilteredForm::Replace)
            .unwrap_or_else(|refusal| panic!("{value}: {refusal}"));
        assert!(after.contains(&format!("Book.objects.filter(price={value})")), "{after}");
    }
}

#[test]
fn values_that_are_not_may_not() {
    let cases = [
        ("", "price=s.limit", "it depends on `s`"),
        ("", "price=own", "it depends on `own`"),
        ("", "price=now()", "`now()` may have another value"),
        ("", "price=data['x']", "`data['x']` may have another value"),
        ("", "price=[x for x in data]", "may have another value"),
        ("", "**data", "from a dictionary"),
        ("", "*data", "may have another value"),
        ("", "price=unheard_of", "nothing in the file says what `unheard_of` is"),
        ("    low = 1\n    low += 1\n", "price=low", "`low` gets more than one value"),
        ("    if data:\n        low = 1\n", "price=low", "`low` may have no value yet"),
        (
            "    try:\n        low = 1\n    except E:\n        pass\n",
            "price=low",
            "`low` may have no value yet",
        ),
        ("    for low in data:\n        pass\n", "price=low", "`low` may have no value yet"),
        ("    data = 2\n", "price=data", "`data` gets more than one value"),
        ("", "price=data.changed", "`.changed` is assigned"),
    ];
    for (setup, argument, reason) in cases {
        let before = format!(
            "def f(data):\n{setup}    for s in «Store.objects.all()»:\n        own = 1\n        data.changed = 2\n        a = ‹s.books.filter({argument})›\n"
        );
        let message = refused_move(&before, FilteredForm::Replace);
        assert!(message.contains(reason), "{argument}: {message}");
    }
    let global = "LOW = 1\ndef g():\n    global LOW\n    LOW = 2\ndef f():\n    for s in «Store.objects.all()»:\n        a = ‹s.books.filter(p=LOW)›\n";
    assert!(refused_move(global, FilteredForm::Replace).contains("a global that the file changes"));
}

#[test]
fn values_from_the_same_branch_or_the_function_around_may_move() {
    for before in [
        "def f(data):\n    if data:\n        low = 1\n        for s in «Store.objects.all()»:\n            a = ‹s.books.filter(p=low)›\n",
        "def f(data):\n    for low in data:\n        for s in «Store.objects.all()»:\n            a = ‹s.books.filter(p=low)›\n",
        "def f(data):\n    with data as low:\n        for s in «Store.objects.all()»:\n            a = ‹s.books.filter(p=low)›\n",
        "def outer(low):\n    def f():\n        for s in «Store.objects.all()»:\n            a = ‹s.books.filter(p=low)›\n",
    ] {
        let after = moved(PATH, &format!("{HEAD}{before}"), FilteredForm::Replace);
        assert!(after.as_ref().is_ok_and(|after| after.contains("Book.objects.filter(p=low)")), "{after:?}");
    }
}

#[test]
fn a_value_that_comes_after_the_queryset_may_not_move() {
    let before = "def f():\n    stores = «Store.objects.all()»\n    low = 1\n    for s in stores:\n        a = ‹s.books.filter(p=low)›\n";
    assert!(refused_move(before, FilteredForm::Replace).contains("`low`, which gets its value after"));
}

#[test]
fn a_value_of_the_other_branch_may_not_move() {
    let before = "def f(data):\n    if data:\n        low = 1\n    else:\n        for s in «Store.objects.all()»:\n            a = ‹s.books.filter(p=low)›\n";
    assert!(refused_move(before, FilteredForm::Replace).contains("`low` may have no value yet"));
}

#[test]
fn results_that_a_prefetch_cannot_give_stay() {
    let cases = [
        ("a = ‹s.books.filter(x=1).first()›", "`.first()` asks the database"),
        ("a = ‹s.books.filter(x=1).count()›", "`.count()` asks the database"),
        ("a = ‹s.books.exists()›", "`.exists()` asks the database"),
        ("a = ‹s.books.annotate(n=Count('stores'))›", "`.annotate()` may mean something else"),
        ("a = ‹s.books.filter(x=1).values('y')›", "`.values()` may mean something else"),
        ("a = ‹s.books.cheap()›", "`.cheap()` may mean something else"),
        ("a = ‹s.books.distinct('x')›", "`distinct` on fields"),
        ("a = ‹s.books.all()›", "it reads the whole relation"),
        ("a = ‹s.authors.filter(x=1)›", "it reads `.authors`"),
        ("a = ‹s.books.filter(x=1)›.query", "an attribute of the queryset is read"),
        ("a = ‹f()›", "no call on `.books`"),
        ("a = [‹s.books.filter(x=1  # why\n)›]", "a comment inside the filter"),
    ];
    for (access, reason) in cases {
        let before = format!("def f():\n    for s in «Store.objects.all()»:\n        {access}\n");
        let message = refused_move(&before, FilteredForm::Replace);
        assert!(message.contains(reason), "{access}: {message}");
    }
    let cases = [
        "a = ‹s.books.filter(x=1)›",
        "show(‹s.books.filter(x=1)›)",
        "list(‹s.books.filter(x=1)›, 2)",
        "a = ‹s.books.filter(x=1)›[:2]",
    ];
    for access in cases {
        let before = format!("def f():\n    for s in «Store.objects.all()»:\n        {access}\n");
        let message = refused_move(&before, FilteredForm::ToAttr);
        assert!(message.contains("its value is used as a queryset"), "{access}: {message}");
    }
}

#[test]
fn both_places_are_in_one_function() {
    let cases = [
        "def g():\n    return «Store.objects.all()»\ndef f():\n    for s in g():\n        a = ‹s.books.filter(x=1)›\n",
        "STORES = «Store.objects.all()»\nfor s in STORES:\n    a = ‹s.books.filter(x=1)›\n",
        "def f():\n    stores = «Store.objects.all()»\n    return map(lambda s: ‹s.books.filter(x=1)›, stores)\n",
        "def f(stores=«Store.objects.all()»):\n    for s in stores:\n        a = ‹s.books.filter(x=1)›\n",
    ];
    for before in cases {
        let message = refused_move(before, FilteredForm::Replace);
        assert!(message.contains("built in another function"), "{before}: {message}");
    }
}

#[test]
fn the_access_is_not_the_queryset_itself() {
    for before in [
        "def f(s):\n    return «‹s.books.filter(x=1)›»\n",
        "def f(s):\n    return «Store.objects.filter(b=‹s.books.filter(x=1)›)»\n",
    ] {
        let message = refused_move(before, FilteredForm::Replace);
        assert!(message.contains("part of the queryset"), "{before}: {message}");
    }
}

#[test]
fn a_moved_filter_is_recognised() {
    for (access, attribute) in [("s.books.all()", ""), ("s.cheap", ", to_attr='cheap'")] {
        let before = format!(
            "def f():\n    for s in «Store.objects.prefetch_related(Prefetch('books', queryset=Q{attribute}))»:\n        for b in ‹{access}›: pass\n"
        );
        for form in [FilteredForm::Replace, FilteredForm::ToAttr] {
            let again = moved(PATH, &format!("{HEAD}{before}"), form);
            assert_eq!(again, Err(Unsupported::AlreadyThere));
        }
    }
}

#[test]
fn a_line_is_enough_for_the_access_too() {
    let Marked { text, anchors, .. } = marked(&format!(
        "{HEAD}def f():\n    for s in «Store.objects.all()»:\n        a = s.books.filter(x=1)\n"
    ));
    let at = |line| {
        let load = filtered_books(SourcePoint::line(line), FilteredForm::Replace);
        plan(&source(&text), &expression(anchors[0]), &[load])
    };
    assert!(apply(&text, &at(8).unwrap()).unwrap().ends_with("a = s.books.all()\n"));
    assert!(at(7).is_err());
}
