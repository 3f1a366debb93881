//! Questions a report asks of a source file: the text of a line, the line of a class, the function around a place.
//!
//! They answer `None` for a file that does not parse: a report is still worth showing without the quotation.

use ruff_python_ast::{Expr, Stmt, StmtClassDef};
use ruff_text_size::Ranged;

use crate::at_point::relation_instance;
use crate::chain::{Chain, attribute_of};
use crate::position::{LineIndex, SourcePoint};
use crate::scope;
use crate::source::Source;
use crate::syntax::with_syntax;

#[cfg(test)]
mod tests;

/// The text of a line, without its line ending.
pub fn line_text(source: &Source, line: u32) -> Option<&str> {
    LineIndex::new(source.text()).text(source.text(), line)
}

/// The line of a class's `class` keyword. Of several definitions of one name, the last counts, as in Python.
pub fn class_line(source: &Source, qualname: &str) -> Option<u32> {
    with_syntax(source.text(), |syntax| {
        let (_, class) = scope::classes(syntax, qualname).pop()?;
        Some(syntax.lines.line(class.name.start()))
    })
    .ok()?
}

/// The line of `member = …` or `def member` in a class; otherwise that of the string `"member"` among the `fields` of
/// its `Meta`; otherwise that of the class.
pub fn class_member_line(source: &Source, qualname: &str, member: &str) -> Option<u32> {
    with_syntax(source.text(), |syntax| {
        let (_, class) = scope::classes(syntax, qualname).pop()?;
        let place = member_start(class, member)
            .or_else(|| listed_in_meta(class, member))
            .unwrap_or_else(|| class.name.start());
        Some(syntax.lines.line(place))
    })
    .ok()?
}

/// The `__qualname__` of the innermost function whose `def` and body reach over a line.
pub fn enclosing_function(source: &Source, line: u32) -> Option<String> {
    with_syntax(source.text(), |syntax| {
        let (id, _) = scope::functions(syntax)
            .filter(|(_, function)| {
                let lines = syntax.lines.line(function.name.start())..=syntax.lines.line(function.end());
                lines.contains(&line)
            })
            .last()?;
        Some(scope::qualname(syntax, id))
    })
    .ok()?
}

/// The methods called on a relation at a point: `["filter", "order_by"]` for `store.books.filter(…).order_by(…)`.
///
/// Empty where the relation is only read; `None` where it is not read at the point at all.
pub fn relation_methods(source: &Source, access: SourcePoint, relation: &str) -> Option<Vec<String>> {
    with_syntax(source.text(), |syntax| {
        let instance = relation_instance(syntax, access, relation).ok()?;
        let read = attribute_of(syntax, instance)?;
        syntax.attribute(read).filter(|attribute| attribute.attr.as_str() == relation)?;
        let chain = Chain::from_base(syntax, read);
        Some(chain.links.iter().map(|link| link.name().to_owned()).collect())
    })
    .ok()?
}

fn member_start(class: &StmtClassDef, member: &str) -> Option<ruff_text_size::TextSize> {
    class.body.iter().find_map(|statement| match statement {
        Stmt::FunctionDef(function) if function.name.as_str() == member => Some(function.name.start()),
        statement => assigned(statement, member).map(|_| statement.start()),
    })
}

/// The value a statement assigns to a plain name.
fn assigned<'a>(statement: &'a Stmt, name: &str) -> Option<&'a Expr> {
    let is_name = |target: &Expr| matches!(target, Expr::Name(target) if target.id.as_str() == name);
    match statement {
        Stmt::Assign(assign) if assign.targets.iter().any(is_name) => Some(&assign.value),
        Stmt::AnnAssign(assign) if is_name(&assign.target) => assign.value.as_deref(),
        _ => None,
    }
}

fn listed_in_meta(class: &StmtClassDef, member: &str) -> Option<ruff_text_size::TextSize> {
    let meta = class.body.iter().find_map(|statement| match statement {
        Stmt::ClassDef(inner) if inner.name.as_str() == "Meta" => Some(inner),
        _ => None,
    })?;
    let fields = meta.body.iter().find_map(|statement| assigned(statement, "fields"))?;
    let elements: &[Expr] = match fields {
        Expr::Tuple(tuple) => &tuple.elts,
        Expr::List(list) => &list.elts,
        _ => return None,
    };
    elements.iter().find_map(|element| match element {
        Expr::StringLiteral(name) if name.value.to_str() == member => Some(name.range.start()),
        _ => None,
    })
}
