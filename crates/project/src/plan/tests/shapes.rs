//! The code styles of real projects, one by one: where the edit goes, and what it looks like there.

use super::*;

#[track_caller]
fn check_class(before: &str, loads: &[EagerLoad], after: &str) {
    let source = source(before);
    let edits = plan(&source, &class("View"), loads).unwrap();
    let edited = apply(before, &edits).unwrap();
    assert_eq!(edited, after);
    assert_eq!(plan(&super::source(&edited), &class("View"), loads), Err(Unsupported::AlreadyThere));
}

#[test]
fn a_view_that_inherits_its_queryset_goes_on_from_it() {
    check_class(
        "class BookMixin:\n    model = Book\n\n\nclass View(BookMixin, ListView):\n    paginate_by = 20\n",
        &[select("publisher"), prefetch("authors")],
        "class BookMixin:\n    model = Book\n\n\nclass View(BookMixin, ListView):\n    paginate_by = 20\n\n    def get_queryset(self):\n        return (\n            super()\n            .get_queryset()\n            .select_related(\"publisher\")\n            .prefetch_related(\"authors\")\n        )\n",
    );
    check_class(
        "class View(BaseBookViewSet):\n    ...\n",
        &[prefetch("authors")],
        "class View(BaseBookViewSet):\n    def get_queryset(self):\n        return super().get_queryset().prefetch_related(\"authors\")\n",
    );
    check_class(
        "class View(Books, generic.ListView):\r\n\t\"\"\"Those on sale.\"\"\"\r\n",
        &[prefetch("authors")],
        "class View(Books, generic.ListView):\r\n\t\"\"\"Those on sale.\"\"\"\r\n\r\n\tdef get_queryset(self):\r\n\t\treturn super().get_queryset().prefetch_related(\"authors\")\r\n",
    );
}

#[test]
fn an_inherited_get_queryset_is_extended_where_it_goes_on() {
    check(
        "class OwnedMixin:\n    def get_queryset(self):\n        queryset = «super().get_queryset()»\n        return queryset.filter(owner=self.request.user)\n",
        &[select("publisher")],
        "class OwnedMixin:\n    def get_queryset(self):\n        queryset = super().get_queryset().select_related(\"publisher\")\n        return queryset.filter(owner=self.request.user)\n",
    );
}

#[test]
fn a_class_and_the_chain_in_it_are_one_place() {
    let text = "class View(ListView):\n    queryset = «Book.objects.all()»\n";
    let Marked { text, anchors, .. } = marked(text);
    let class = (class("View"), vec![select("publisher")]);
    let chain = (expression(anchors[0]), vec![select("editor")]);
    for requests in [[class.clone(), chain.clone()], [chain, class]] {
        let edits = plan_file(&source(&text), &requests).unwrap();
        let edited = apply(&text, &edits).unwrap();
        assert_eq!(edited.matches("select_related").count(), 1, "{edited}");
        assert!(edited.contains("\"publisher\"") && edited.contains("\"editor\""), "{edited}");
    }
}

#[test]
fn managers_and_custom_querysets_are_edited_where_they_build() {
    check(
        "class BookQuerySet(models.QuerySet):\n    def published(self):\n        return «self.filter(published=True)»\n",
        &[select("publisher")],
        "class BookQuerySet(models.QuerySet):\n    def published(self):\n        return self.select_related(\"publisher\").filter(published=True)\n",
    );
    check(
        "class BookManager(models.Manager):\n    def get_queryset(self):\n        return «super().get_queryset()»\n",
        &[select("publisher")],
        "class BookManager(models.Manager):\n    def get_queryset(self):\n        return super().get_queryset().select_related(\"publisher\")\n",
    );
    check(
        "class BookManager(models.Manager):\n    def get_queryset(self):\n        return «BookQuerySet(self.model, using=self._db).published()»\n",
        &[select("publisher")],
        "class BookManager(models.Manager):\n    def get_queryset(self):\n        return (\n            BookQuerySet(self.model, using=self._db)\n            .published()\n            .select_related(\"publisher\")\n        )\n",
    );
    check(
        "books = «Book.published.newest()»[:10]\n",
        &[select("publisher")],
        "books = Book.published.newest().select_related(\"publisher\")[:10]\n",
    );
}

#[test]
fn a_paginator_shows_its_queryset() {
    check(
        "def get(self, request):\n    books = «Book.objects.order_by('title')»\n    paginator = Paginator(books, 25)\n    return paginator.get_page(request.GET.get('page'))\n",
        &[select("publisher")],
        "def get(self, request):\n    books = Book.objects.select_related('publisher').order_by('title')\n    paginator = Paginator(books, 25)\n    return paginator.get_page(request.GET.get('page'))\n",
    );
    check(
        "page = Paginator(\n    object_list=«Book.objects.order_by('title')»,\n    per_page=25,\n).page(1)\n",
        &[select("publisher")],
        "page = Paginator(\n    object_list=Book.objects.select_related('publisher').order_by('title'),\n    per_page=25,\n).page(1)\n",
    );
}

#[test]
fn template_tags_and_context_processors_give_querysets_in_containers() {
    check(
        "@register.inclusion_tag(\"shop/latest.html\")\ndef latest(count=5):\n    return {\"books\": «Book.objects.order_by(\"-added\")»[:count]}\n",
        &[select("publisher")],
        "@register.inclusion_tag(\"shop/latest.html\")\ndef latest(count=5):\n    return {\n        \"books\": Book.objects.select_related(\"publisher\").order_by(\"-added\")[:count]\n    }\n",
    );
    check(
        "def navigation(request):\n    return dict(\n        sections=«Section.objects.filter(visible=True)»,  # in the menu\n    )\n",
        &[prefetch("pages")],
        "def navigation(request):\n    return dict(\n        sections=Section.objects.prefetch_related(\"pages\").filter(visible=True),  # in the menu\n    )\n",
    );
    check(
        "latest = register.simple_tag(lambda: «Book.objects.all()»[:5])\n",
        &[select("publisher")],
        "latest = register.simple_tag(lambda: Book.objects.select_related(\"publisher\")[:5])\n",
    );
}

#[test]
fn either_branch_of_a_condition_is_its_own_place() {
    check(
        "books = «Book.objects.all()» if user.is_staff else Book.objects.public()\n",
        &[select("publisher")],
        "books = Book.objects.select_related(\"publisher\") if user.is_staff else Book.objects.public()\n",
    );
    check(
        "if books := «Book.objects.filter(a=1)»:\n    show(books)\n",
        &[select("publisher")],
        "if books := Book.objects.select_related(\"publisher\").filter(a=1):\n    show(books)\n",
    );
}

#[test]
fn a_form_field_and_a_serializer_field_take_a_queryset() {
    check(
        "class OrderForm(forms.ModelForm):\n    book = forms.ModelChoiceField(queryset=«Book.objects.all()», required=False)\n",
        &[select("publisher")],
        "class OrderForm(forms.ModelForm):\n    book = forms.ModelChoiceField(\n        queryset=Book.objects.select_related(\"publisher\"), required=False\n    )\n",
    );
}

#[test]
fn a_nested_serializer_is_served_by_the_viewset() {
    check_class(
        "class View(viewsets.ReadOnlyModelViewSet):\n    queryset = Order.objects.select_related(\"user\")\n    serializer_class = OrderSerializer\n",
        &[prefetch("lines__book__publisher")],
        "class View(viewsets.ReadOnlyModelViewSet):\n    queryset = Order.objects.select_related(\"user\").prefetch_related(\n        \"lines__book__publisher\"\n    )\n    serializer_class = OrderSerializer\n",
    );
}

#[test]
fn the_queryset_of_a_prefetch_is_amended() {
    check(
        "stores = Store.objects.prefetch_related(\n    Prefetch(\"books\", queryset=«Book.objects.filter(sold=False)», to_attr=\"offers\"),\n)\n",
        &[select("publisher")],
        "stores = Store.objects.prefetch_related(\n    Prefetch(\n        \"books\",\n        queryset=Book.objects.select_related(\"publisher\").filter(sold=False),\n        to_attr=\"offers\",\n    ),\n)\n",
    );
    check(
        "stores = Store.objects.prefetch_related(Prefetch('books', «Book.objects.all()»))\n",
        &[prefetch("authors")],
        "stores = Store.objects.prefetch_related(\n    Prefetch('books', Book.objects.prefetch_related('authors'))\n)\n",
    );
}

#[test]
fn generic_relations_are_prefetched() {
    check(
        "tags = «TaggedItem.objects.filter(tag=tag)»\n",
        &[prefetch("content_object")],
        "tags = TaggedItem.objects.prefetch_related(\"content_object\").filter(tag=tag)\n",
    );
    check(
        "tags = TaggedItem.objects.prefetch_related(\n    GenericPrefetch(\"content_object\", [«Book.objects.all()», Author.objects.all()]),\n)\n",
        &[select("publisher")],
        "tags = TaggedItem.objects.prefetch_related(\n    GenericPrefetch(\n        \"content_object\",\n        [Book.objects.select_related(\"publisher\"), Author.objects.all()],\n    ),\n)\n",
    );
    let there = "tags = «TaggedItem.objects.prefetch_related(GenericPrefetch(\"content_object\", [Book.objects.all()]))»\n";
    assert_eq!(loaded(there, &[prefetch("content_object")]), Err(Unsupported::AlreadyThere));
}

#[test]
fn backslashes_are_continued() {
    check(
        "x = Book.objects \\\n    .«filter(a=1)»\n",
        &[select("publisher"), prefetch("authors")],
        "x = Book.objects \\\n    .select_related(\"publisher\") \\\n    .prefetch_related(\"authors\") \\\n    .filter(a=1)\n",
    );
    check(
        "x = «Book.objects.filter(a=1)» \\\r\n\t.order_by('b')\r\n",
        &[select("publisher")],
        "x = Book.objects.filter(a=1) \\\r\n\t.select_related('publisher') \\\r\n\t.order_by('b')\r\n",
    );
    check(
        "x = Book.objects \\\n    .«published()»\n",
        &[select("publisher")],
        "x = Book.objects \\\n    .published() \\\n    .select_related(\"publisher\")\n",
    );
    check(
        "x = Book.objects\\\n    .«all()»\n",
        &[select("publisher"), prefetch("authors")],
        "x = Book.objects\\\n    .select_related(\"publisher\")\\\n    .prefetch_related(\"authors\")\n",
    );
}

#[test]
fn a_shorter_path_that_is_there_is_gone_on_from() {
    check(
        "x = «Book.objects.select_related('publisher', 'editor')»\n",
        &[select("publisher__country"), select("publisher__owner")],
        "x = Book.objects.select_related('publisher__country', 'editor', 'publisher__owner')\n",
    );
    check(
        "x = «Order.objects.prefetch_related(\"lines\")»\n",
        &[prefetch("lines__book__authors")],
        "x = Order.objects.prefetch_related(\"lines__book__authors\")\n",
    );
    // Ahead of the `Prefetch` it would be refused by Django: its relation would have been walked already.
    check(
        "x = «Order.objects.prefetch_related(\"lines\", Prefetch(\"lines__book\", books))»\n",
        &[prefetch("lines__book__authors")],
        "x = Order.objects.prefetch_related(\n    \"lines\", Prefetch(\"lines__book\", books), \"lines__book__authors\"\n)\n",
    );
    check(
        "x = «Book.objects.select_related(\"pub\" \"lisher\")»\n",
        &[select("publisher__country")],
        "x = Book.objects.select_related(\"pub\" \"lisher\", \"publisher__country\")\n",
    );
}

#[test]
fn a_list_from_elsewhere_is_added_to() {
    check(
        "x = «Book.objects.prefetch_related(*self.prefetches)»\n",
        &[prefetch("tags")],
        "x = Book.objects.prefetch_related(*self.prefetches, \"tags\")\n",
    );
    let message = refused("x = «Book.objects.prefetch_related(p for p in paths)»\n", &[prefetch("tags")]);
    assert!(message.contains("takes its arguments from elsewhere"), "{message}");
}

#[test]
fn columns_are_kept_for_a_join() {
    check(
        "x = «Book.objects.only('title', 'isbn').order_by(\"title\")»\n",
        &[select("publisher")],
        "x = Book.objects.select_related('publisher').only('title', 'isbn', 'publisher').order_by(\"title\")\n",
    );
    check(
        "x = «Book.objects.only('title')»\n",
        &[select("publisher__country"), select("publisher__owner")],
        "x = Book.objects.select_related('publisher__country', 'publisher__owner').only('title', 'publisher')\n",
    );
    check(
        "x = «Book.objects.only('title', 'publisher')»\n",
        &[select("publisher__country")],
        "x = Book.objects.select_related('publisher__country').only('title', 'publisher')\n",
    );
    check(
        "x = «Book.objects.defer('text').select_related('editor')»\n",
        &[select("publisher")],
        "x = Book.objects.defer('text').select_related('editor', 'publisher')\n",
    );
    for before in [
        "x = «Book.objects.only('title', 'publisher__name')»\n",
        "x = «Book.objects.only('title', *FIELDS)»\n",
    ] {
        let message = refused(before, &[select("publisher__country")]);
        assert!(message.contains("`only` leaves out the relation to join"), "{before}: {message}");
    }
    let message = refused("x = «Book.objects.values_list('title')»\n", &[select("publisher")]);
    assert!(message.contains("gives rows without relations"), "{message}");
}

#[test]
fn a_file_that_is_generated_is_left_alone() {
    for head in [
        "# Code generated by protoc. DO NOT EDIT.\n",
        "#!/usr/bin/env python\n\n# @generated by a tool\n",
        "\"\"\"Models.\n\nThis file is auto-generated:\ndo not modify it by hand.\n\"\"\"\n",
    ] {
        let message = refused(&format!("{head}x = «Book.objects.all()»\n"), &[select("publisher")]);
        assert!(message.contains("says that the file is generated"), "{head}: {message}");
    }
    for head in [
        "# Generated by Django 5.2 on 2026-11-21 10:00\n",
        "# Do not edit the order of these imports.\n",
        "X = \"generated, do not edit\"\n",
    ] {
        let result = loaded(&format!("{head}x = «Book.objects.all()»\n"), &[select("publisher")]);
        assert!(result.is_ok(), "{head}: {result:?}");
    }
}

#[test]
fn each_line_keeps_its_own_ending() {
    check(
        "\u{feff}import os\r\nx = (\n\tBook.objects\r\n\t.«filter(a=1)»\r\n)\ny = 1\r",
        &[select("publisher"), prefetch("authors")],
        "\u{feff}import os\r\nx = (\n\tBook.objects\r\n\t.select_related(\"publisher\")\r\n\t.prefetch_related(\"authors\")\r\n\t.filter(a=1)\r\n)\ny = 1\r",
    );
    check_class(
        "class View(ListView):\n\tmodel = Book\r\n\tpaginate_by = 20\n",
        &[select("publisher")],
        "class View(ListView):\n\tmodel = Book\r\n\tqueryset = Book.objects.select_related(\"publisher\")\r\n\tpaginate_by = 20\n",
    );
}

#[test]
fn a_class_and_the_shortcut_in_it_are_one_place() {
    let text =
        "class View(ListView):\n    def get_queryset(self):\n        return «get_list_or_404(Book, a=1)»\n";
    let Marked { text, anchors, .. } = marked(text);
    let requests =
        [(class("View"), vec![select("publisher")]), (expression(anchors[0]), vec![select("editor")])];
    let edits = plan_file(&source(&text), &requests).unwrap();
    assert!(
        apply(&text, &edits)
            .unwrap()
            .ends_with("get_list_or_404(Book.objects.select_related(\"publisher\", \"editor\"), a=1)\n")
    );
}

#[test]
fn a_later_step_that_loads_already_is_extended() {
    check(
        "def f(request):\n    books = «Book.objects.filter(a=1)»\n    if request.q:\n        books = books.filter(q=request.q)\n    books = books.select_related(\"editor\").order_by(\"title\")\n    return show(books)\n",
        &[select("publisher"), prefetch("authors")],
        "def f(request):\n    books = Book.objects.prefetch_related(\"authors\").filter(a=1)\n    if request.q:\n        books = books.filter(q=request.q)\n    books = books.select_related(\"editor\", \"publisher\").order_by(\"title\")\n    return show(books)\n",
    );
    let there = "def f():\n    books = «Book.objects.filter(a=1)»\n    books = books.select_related(\"publisher\")\n    return books\n";
    assert_eq!(loaded(there, &[select("publisher")]), Err(Unsupported::AlreadyThere));
}

#[test]
fn a_later_step_that_not_every_queryset_goes_through_is_not() {
    for rest in [
        "    if x:\n        books = books.select_related(\"editor\")\n",
        "    show(books)\n    books = books.select_related(\"editor\")\n",
        "    if books.exists():\n        pass\n    books = books.select_related(\"editor\")\n",
        "    for books in x:\n        pass\n    books = books.select_related(\"editor\")\n",
        "    books = list(books)\n    books = books.select_related(\"editor\")\n",
        "    other = books.select_related(\"editor\")\n",
        "    if x:\n        books = x.books.all()\n    books = books.select_related(\"editor\")\n",
    ] {
        let before = format!("def f(x):\n    books = «Book.objects.all()»\n{rest}    return books\n");
        let after = format!(
            "def f(x):\n    books = Book.objects.select_related(\"publisher\")\n{rest}    return books\n"
        );
        check(&before, &[select("publisher")], &after);
    }
}

#[test]
fn what_a_for_statement_iterates_over_may_be_told_as_the_whole_statement() {
    let (after, rest) =
        ("for store in visitor.stores.prefetch_related(\"books\").filter(pk=1):\n", "    show(store)\n");
    check(
        &format!("for store in «visitor.stores.filter(pk=1)»:\n{rest}"),
        &[prefetch("books")],
        &format!("{after}{rest}"),
    );
    check(
        &format!("«for store in visitor.stores.filter(pk=1):\n{}»\n", rest.trim_end()),
        &[prefetch("books")],
        &format!("{after}{rest}"),
    );
}
