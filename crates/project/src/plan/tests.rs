//! Before and after, side by side. `«…»` marks the call that was executing at the anchor, `‹…›` the filtered access;
//! for a method on a later line than its chain the mark starts at the method's name, as CPython's span does.

mod chains;
mod classes;
mod columns;
mod filtered;
mod imports;
mod layout;
mod properties;
mod rows;
mod shapes;

use crate::eager_load::{Anchor, EagerLoad, FilteredForm, RelatedModel};
use crate::edit::apply;
use crate::position::{LineIndex, SourcePoint, SourceSpan};
use crate::root::RelativePath;
use crate::source::Source;
use crate::unsupported::Unsupported;

use super::{plan, plan_file};

const PATH: &str = "shop/views.py";

fn path(path: &str) -> RelativePath {
    RelativePath::new(path).unwrap()
}

fn source(text: &str) -> Source {
    Source::new(path(PATH), text.to_owned())
}

fn select(path: &str) -> EagerLoad {
    EagerLoad::Select { path: path.to_owned() }
}

fn prefetch(path: &str) -> EagerLoad {
    EagerLoad::Prefetch { path: path.to_owned() }
}

/// Text without its marks, and the points they marked, anchors first.
struct Marked {
    text: String,
    anchors: Vec<SourcePoint>,
    accesses: Vec<SourcePoint>,
}

fn marked(marked: &str) -> Marked {
    let mut text = String::new();
    let (mut open, mut anchors, mut accesses) = (Vec::new(), Vec::new(), Vec::new());
    for char in marked.chars() {
        match char {
            '«' | '‹' => open.push(text.len()),
            '»' => anchors.push((open.pop().unwrap(), text.len())),
            '›' => accesses.push((open.pop().unwrap(), text.len())),
            other => text.push(other),
        }
    }
    let point = |(start, end)| point(&text, start, end);
    let anchors = anchors.into_iter().map(point).collect();
    let accesses = accesses.into_iter().map(point).collect();
    Marked { text, anchors, accesses }
}

/// The point of a byte range, as an interpreter would report it.
fn point(text: &str, start: usize, end: usize) -> SourcePoint {
    let lines = LineIndex::new(text);
    let place = |offset: usize| {
        let line = lines.line((offset as u32).into());
        (line, offset as u32 - u32::from(lines.start(line).unwrap()))
    };
    let ((line, column), (end_line, end_column)) = (place(start), place(end));
    SourcePoint { line, span: Some(SourceSpan { end_line, column, end_column }) }
}

fn expression(point: SourcePoint) -> Anchor {
    Anchor::Expression { file: PATH.to_owned(), point }
}

fn class(qualname: &str) -> Anchor {
    Anchor::Class { file: PATH.to_owned(), qualname: qualname.to_owned() }
}

/// The text after loading `loads` at the marked anchor.
#[track_caller]
fn loaded(before: &str, loads: &[EagerLoad]) -> Result<String, Unsupported> {
    let Marked { text, anchors, .. } = marked(before);
    let source = source(&text);
    let edits = plan(&source, &expression(anchors[0]), loads)?;
    Ok(apply(source.text(), &edits).unwrap())
}

#[track_caller]
fn check(before: &str, loads: &[EagerLoad], after: &str) {
    assert_eq!(loaded(before, loads).as_deref(), Ok(after));
}

#[track_caller]
fn refused(before: &str, loads: &[EagerLoad]) -> String {
    loaded(before, loads).unwrap_err().to_string()
}

/// The filtered load of `books` at the marked access.
fn filtered_books(access: SourcePoint, form: FilteredForm) -> EagerLoad {
    let related_model = RelatedModel { module: "shop.models".to_owned(), name: "Book".to_owned() };
    EagerLoad::FilteredPrefetch { path: "books".to_owned(), access, related_model, form }
}

/// The text after moving every marked filter to the marked anchor.
#[track_caller]
fn moved(file: &str, before: &str, form: FilteredForm) -> Result<String, Unsupported> {
    let Marked { text, anchors, accesses } = marked(before);
    let source = Source::new(path(file), text);
    let loads: Vec<_> = accesses.into_iter().map(|access| filtered_books(access, form)).collect();
    let edits = plan(&source, &Anchor::Expression { file: file.to_owned(), point: anchors[0] }, &loads)?;
    Ok(apply(source.text(), &edits).unwrap())
}
