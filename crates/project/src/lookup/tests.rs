use super::*;
use crate::position::SourceSpan;
use crate::root::RelativePath;

const TEXT: &str = "\
@decorated
class Book(models.Model):
    title = models.CharField()
    price: int = 1

    class Meta:
        ordering = [\"title\"]

    @property
    def label(self):
        def inner():
            return 1
        return inner()


class BookSerializer(Serializer):
    class Meta:
        fields = (
            \"title\",
            \"publisher\",
        )


def view(request):
    return 1
";

fn source(text: &str) -> Source {
    Source::new(RelativePath::new("shop/models.py").unwrap(), text.to_owned())
}

#[test]
fn lines() {
    let source = source("a\r\n  b\r\n");
    assert_eq!(line_text(&source, 2), Some("  b"));
    assert_eq!(line_text(&source, 0), None);
    assert_eq!(line_text(&source, 9), None);
}

#[test]
fn classes() {
    let source = source(TEXT);
    assert_eq!(class_line(&source, "Book"), Some(2));
    assert_eq!(class_line(&source, "Book.Meta"), Some(6));
    assert_eq!(class_line(&source, "Meta"), None);
    assert_eq!(class_line(&self::source("class A: a = 1\nclass A: b = 1\n"), "A"), Some(2));
}

#[test]
fn members() {
    let source = source(TEXT);
    let line = |class, member| class_member_line(&source, class, member);
    assert_eq!(line("Book", "title"), Some(3));
    assert_eq!(line("Book", "price"), Some(4));
    assert_eq!(line("Book", "label"), Some(10));
    assert_eq!(line("BookSerializer", "publisher"), Some(20));
    assert_eq!(line("BookSerializer", "isbn"), Some(16), "the class itself");
    assert_eq!(line("Shelf", "title"), None);
}

#[test]
fn functions() {
    let source = source(TEXT);
    let function = |line| enclosing_function(&source, line);
    assert_eq!(function(12).as_deref(), Some("Book.label.<locals>.inner"));
    assert_eq!(function(13).as_deref(), Some("Book.label"));
    assert_eq!(function(25).as_deref(), Some("view"));
    assert_eq!(function(3), None);
}

#[test]
fn a_file_that_does_not_parse_answers_nothing() {
    let source = source("class A:\n");
    assert_eq!(class_line(&source, "A"), None);
    assert_eq!(enclosing_function(&source, 1), None);
    assert_eq!(line_text(&source, 1), Some("class A:"));
}

#[test]
fn methods_of_a_relation() {
    let source = source("x = list(store.books.filter(a=1).order_by('b').first().author)\ny = store.books\n");
    let span = |column, end_column| Some(SourceSpan { end_line: 1, column, end_column });
    let methods = |point, relation| relation_methods(&source, point, relation);
    let expected = ["filter", "order_by", "first"].map(str::to_owned).to_vec();
    assert_eq!(methods(SourcePoint { line: 1, span: span(9, 32) }, "books"), Some(expected.clone()));
    assert_eq!(methods(SourcePoint { line: 1, span: span(9, 54) }, "books"), Some(expected.clone()));
    assert_eq!(methods(SourcePoint::line(1), "books"), Some(expected));
    assert_eq!(methods(SourcePoint::line(2), "books"), Some(Vec::new()));
    assert_eq!(methods(SourcePoint { line: 1, span: span(9, 32) }, "authors"), None);
    assert_eq!(methods(SourcePoint::line(3), "books"), None);
}
