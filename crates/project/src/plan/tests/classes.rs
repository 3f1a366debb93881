//! Eager loads on classes.

use super::*;

#[track_caller]
fn check_class(before: &str, loads: &[EagerLoad], after: &str) {
    let source = source(before);
    let edits = plan(&source, &class("View"), loads).unwrap();
    let edited = apply(before, &edits).unwrap();
    assert_eq!(edited, after);
    let again = plan(&super::source(&edited), &class("View"), loads);
    assert_eq!(again, Err(Unsupported::AlreadyThere));
}

#[track_caller]
fn refused_class(before: &str, loads: &[EagerLoad]) -> String {
    plan(&source(before), &class("View"), loads).unwrap_err().to_string()
}

#[test]
fn a_model_gets_a_queryset_beside_it() {
    check_class(
        "class View(ListView):\n    model = Book\n    paginate_by = 20\n",
        &[select("publisher"), prefetch("authors")],
        "class View(ListView):\n    model = Book\n    queryset = Book.objects.select_related(\"publisher\").prefetch_related(\"authors\")\n    paginate_by = 20\n",
    );
    check_class(
        "class View(ListView):\r\n\tmodel = models.Book  # it\r\n",
        &[select("publisher")],
        "class View(ListView):\r\n\tmodel = models.Book  # it\r\n\tqueryset = models.Book.objects.select_related(\"publisher\")\r\n",
    );
    check_class(
        "class View(ListView):\n    model = Book",
        &[select("publisher")],
        "class View(ListView):\n    model = Book\n    queryset = Book.objects.select_related(\"publisher\")",
    );
}

#[test]
fn a_queryset_attribute_is_extended() {
    check_class(
        "class View(ModelViewSet):\n    queryset = Order.objects.all().order_by('pk')\n    serializer_class = S\n",
        &[prefetch("lines__book")],
        "class View(ModelViewSet):\n    queryset = Order.objects.prefetch_related('lines__book').order_by('pk')\n    serializer_class = S\n",
    );
    check_class(
        "class View(ModelViewSet):\n    queryset: QuerySet = Order.objects\n",
        &[select("user")],
        "class View(ModelViewSet):\n    queryset: QuerySet = Order.objects.select_related(\"user\")\n",
    );
    check_class(
        "class View(ModelViewSet):\n    queryset = ORDERS\n",
        &[select("user")],
        "class View(ModelViewSet):\n    queryset = ORDERS.select_related(\"user\")\n",
    );
}

#[test]
fn get_queryset_is_extended() {
    check_class(
        "class View(ListView):\n    model = Author\n\n    def get_queryset(self):\n        return super().get_queryset().order_by('name')\n",
        &[prefetch("books")],
        "class View(ListView):\n    model = Author\n\n    def get_queryset(self):\n        return super().get_queryset().prefetch_related('books').order_by('name')\n",
    );
    check_class(
        "class View(ListView):\n    def get_queryset(self):\n        books = Book.objects.filter(a=1)\n        if self.q:\n            books = books.filter(q=self.q)\n        return books\n",
        &[select("publisher")],
        "class View(ListView):\n    def get_queryset(self):\n        books = Book.objects.select_related(\"publisher\").filter(a=1)\n        if self.q:\n            books = books.filter(q=self.q)\n        return books\n",
    );
    check_class(
        "class View(ListView):\n    def get_queryset(self):\n        with timer() as books:\n            pass\n        return books\n",
        &[select("publisher")],
        "class View(ListView):\n    def get_queryset(self):\n        with timer() as books:\n            pass\n        return books.select_related(\"publisher\")\n",
    );
}

#[test]
fn the_attribute_counts_as_far_as_the_method_asks_for_it() {
    check_class(
        "class View(ModelViewSet):\n    queryset = Order.objects.all()\n\n    def get_queryset(self):\n        return super().get_queryset().filter(user=self.request.user)\n",
        &[select("user")],
        "class View(ModelViewSet):\n    queryset = Order.objects.select_related(\"user\")\n\n    def get_queryset(self):\n        return super().get_queryset().filter(user=self.request.user)\n",
    );
    check_class(
        "class View(ModelViewSet):\n    queryset = Order.objects.all()\n\n    def get_queryset(self):\n        return Order.objects.filter(user=self.request.user)\n",
        &[select("user")],
        "class View(ModelViewSet):\n    queryset = Order.objects.all()\n\n    def get_queryset(self):\n        return Order.objects.select_related(\"user\").filter(user=self.request.user)\n",
    );
}

#[test]
fn the_class_may_be_anywhere() {
    let text = "def make():\n    class Outer:\n        class View(ListView):\n            model = Book\n    return Outer\n";
    let edits = plan(&source(text), &class("make.<locals>.Outer.View"), &[select("publisher")]).unwrap();
    assert_eq!(
        apply(text, &edits).unwrap(),
        "def make():\n    class Outer:\n        class View(ListView):\n            model = Book\n            queryset = Book.objects.select_related(\"publisher\")\n    return Outer\n",
    );
}

#[test]
fn classes_that_do_not_say_are_refused() {
    let cases = [
        ("class View(Base):\n    pass\n", "has neither `queryset`, `get_queryset` nor `model`"),
        ("class Other:\n    pass\n", "is not defined in the file"),
        ("class View: pass\nclass View: pass\n", "is defined more than once"),
        ("class View(ListView): model = Book\n", "has its body on the line of its name"),
        ("class View(ListView):\n    model = get_model()\n", "does not name its model as a class"),
        (
            "class View(V):\n    model = B\n    def get_queryset(self):\n        if x:\n            return a.all()\n        return b.all()\n",
            "without exactly one `return`",
        ),
        (
            "class View(V):\n    def get_queryset(self):\n        return [1]\n",
            "does not return a method chain",
        ),
        ("class View(ListView):\n    queryset = Book.objects.values()\n", "gives rows without relations"),
    ];
    for (before, reason) in cases {
        let message = refused_class(before, &[select("publisher")]);
        assert!(message.contains(reason), "{before}: {message}");
    }
    let filtered = filtered_books(SourcePoint::line(3), FilteredForm::Replace);
    let text = "class View(ListView):\n    model = Store\n    def f(s): return s.books.filter(a=1)\n";
    assert!(refused_class(text, &[filtered]).contains("outside the function"));
}

#[test]
fn the_change_list_selects_by_its_attribute() {
    check_class(
        "@admin.register(Book)\nclass View(BaseAdmin):\n    list_display = ['title']\n    ordering = ['pk']\n\n    def f(self): ...\n",
        &[select("publisher"), select("editor__person")],
        "@admin.register(Book)\nclass View(BaseAdmin):\n    list_display = ['title']\n    list_select_related = ('publisher', 'editor__person')\n    ordering = ['pk']\n\n    def f(self): ...\n",
    );
    check_class(
        "class View(admin.ModelAdmin):\n    list_select_related = (\"publisher\",)\n",
        &[select("editor")],
        "class View(admin.ModelAdmin):\n    list_select_related = (\"publisher\", \"editor\")\n",
    );
    check_class(
        "class View(admin.ModelAdmin):\n    list_select_related = \"publisher\",\n",
        &[select("editor")],
        "class View(admin.ModelAdmin):\n    list_select_related = \"publisher\", \"editor\"\n",
    );
    check_class(
        "class View(ModelAdmin[Book]):\n    list_select_related = [\n        'publisher',\n    ]\n",
        &[select("editor")],
        "class View(ModelAdmin[Book]):\n    list_select_related = [\n        'publisher',\n        'editor',\n    ]\n",
    );
    check_class(
        "class View(admin.ModelAdmin):\n    list_select_related = ()\n    x = 1\n",
        &[select("editor")],
        "class View(admin.ModelAdmin):\n    list_select_related = (\"editor\",)\n    x = 1\n",
    );
    check_class(
        "class View(admin.ModelAdmin):\n    list_select_related = False\n",
        &[select("editor")],
        "class View(admin.ModelAdmin):\n    list_select_related = (\"editor\",)\n",
    );
    check_class(
        "class View(admin.ModelAdmin):\n    \"\"\"Books.\"\"\"\n\n    def f(self): ...\n",
        &[select("editor")],
        "class View(admin.ModelAdmin):\n    \"\"\"Books.\"\"\"\n    list_select_related = (\"editor\",)\n\n    def f(self): ...\n",
    );
    check_class(
        "class View(admin.ModelAdmin):\n    def f(self): ...\n",
        &[select("editor")],
        "class View(admin.ModelAdmin):\n    list_select_related = (\"editor\",)\n\n    def f(self): ...\n",
    );
}

#[test]
fn the_admin_prefetches_by_its_queryset() {
    check_class(
        "class View(admin.ModelAdmin):\n    list_display = ['title']\n\n\nx = 1\n",
        &[select("publisher"), prefetch("authors")],
        "class View(admin.ModelAdmin):\n    list_display = ['title']\n    list_select_related = ('publisher',)\n\n    def get_queryset(self, request):\n        return super().get_queryset(request).prefetch_related('authors')\n\n\nx = 1\n",
    );
    check_class(
        "class View(admin.ModelAdmin):\n    def get_queryset(self, request):\n        qs = super().get_queryset(request)\n        return qs\n",
        &[prefetch("authors")],
        "class View(admin.ModelAdmin):\n    def get_queryset(self, request):\n        qs = super().get_queryset(request).prefetch_related(\"authors\")\n        return qs\n",
    );
    // A change list does not look at its attribute when the queryset selects relations already.
    check_class(
        "class View(admin.ModelAdmin):\n    def get_queryset(self, request):\n        return super().get_queryset(request).select_related('a')\n",
        &[select("b")],
        "class View(admin.ModelAdmin):\n    def get_queryset(self, request):\n        return super().get_queryset(request).select_related('a', 'b')\n",
    );
    check_class(
        "class View(admin.TabularInline):\n\tmodel = Line\n",
        &[select("book"), prefetch("tags")],
        "class View(admin.TabularInline):\n\tmodel = Line\n\n\tdef get_queryset(self, request):\n\t\treturn super().get_queryset(request).select_related(\"book\").prefetch_related(\"tags\")\n",
    );
}

#[test]
fn an_empty_body_is_filled() {
    check_class(
        "class View(admin.ModelAdmin):\n    pass  # yet\n",
        &[select("a"), prefetch("b")],
        "class View(admin.ModelAdmin):\n    list_select_related = (\"a\",)\n\n    def get_queryset(self, request):\n        return super().get_queryset(request).prefetch_related(\"b\")  # yet\n",
    );
    check_class(
        "class View(admin.ModelAdmin): pass\n",
        &[select("a")],
        "class View(admin.ModelAdmin):\n    list_select_related = (\"a\",)\n",
    );
}

#[test]
fn admin_classes_that_compute_are_refused() {
    let cases = [
        ("class View(ModelAdmin):\n    list_select_related = True\n", "follows every non-null foreign key"),
        ("class View(ModelAdmin):\n    list_select_related = PATHS\n", "computes `list_select_related`"),
        ("class View(ModelAdmin):\n    list_select_related = [*PATHS]\n", "computes `list_select_related`"),
        (
            "class View(ModelAdmin):\n    def get_list_select_related(self, r): ...\n",
            "`get_list_select_related`",
        ),
    ];
    for (before, reason) in cases {
        let message = refused_class(before, &[select("publisher")]);
        assert!(message.contains(reason), "{before}: {message}");
    }
}
