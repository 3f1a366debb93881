//! From a point as CPython reports it to the expression that stands there.

use ruff_python_ast::AnyNodeRef;
use ruff_text_size::{Ranged, TextRange};

use crate::chain::{Chain, link_at};
use crate::position::SourcePoint;
use crate::syntax::{NodeId, Syntax};
use crate::unsupported::Unsupported;

/// The expression at a point, or `None` when only its line is known.
pub(crate) fn exact(syntax: &Syntax<'_>, point: SourcePoint) -> Result<Option<NodeId>, Unsupported> {
    let Some(span) = point.span else { return Ok(None) };
    let nothing = Unsupported::NothingThere { line: point.line };
    let start = syntax.lines.offset(syntax.text, point.line, span.column);
    let end = syntax.lines.offset(syntax.text, span.end_line, span.end_column);
    let (Some(start), Some(end)) = (start, end) else { return Err(nothing) };
    let calls = || syntax.ids().filter(|id| syntax.call(*id).is_some() && syntax.range(*id).end() == end);
    calls()
        .find(|id| syntax.range(*id).start() == start)
        // CPython starts the span of a call whose method is on a later line at the method's name.
        .or_else(|| calls().find(|id| link_at(syntax, *id).is_some_and(|link| link.range().start() == start)))
        .or_else(|| (start <= end).then(|| syntax.expression(TextRange::new(start, end)))?)
        .or_else(|| (start <= end).then(|| iterated(syntax, TextRange::new(start, end)))?)
        .map(Some)
        .ok_or(nothing)
}

/// What the `for` statement with this range iterates over: CPython 3.11 evaluates that at the whole statement.
fn iterated(syntax: &Syntax<'_>, range: TextRange) -> Option<NodeId> {
    syntax.ids().find_map(|id| match syntax.node(id) {
        AnyNodeRef::StmtFor(statement) if statement.range() == range => {
            syntax.id_of(statement.iter.as_ref().into())
        }
        _ => None,
    })
}

/// The expression whose `relation` is read at `access`: `store` of `store.books.filter(…)`.
pub(crate) fn relation_instance(
    syntax: &Syntax<'_>,
    access: SourcePoint,
    relation: &str,
) -> Result<NodeId, Unsupported> {
    let missing = || Unsupported::Access {
        line: access.line,
        reason: format!("no call on `.{relation}` is at the recorded place; record a new trace"),
    };
    let reads = |id: NodeId| syntax.attribute(id).is_some_and(|read| read.attr.as_str() == relation);
    let exact = exact(syntax, access)?;
    let base = exact.map(|id| if syntax.call(id).is_some() { Chain::through(syntax, id).base } else { id });
    let base = base.filter(|base| syntax.attribute(*base).is_some());
    if let Some(base) = base.filter(|base| reads(*base)) {
        return Ok(base + 1);
    }
    let is_near = |id: &NodeId| match exact {
        // A queryset is lazy: the query runs where it is evaluated, in `list(store.books.filter(…))` the outer call.
        Some(outer) => syntax.range(outer).contains_range(syntax.range(*id)),
        None => syntax.attribute(*id).map(|read| syntax.lines.line(read.attr.start())) == Some(access.line),
    };
    let mut reads_nearby = syntax.ids().filter(is_near).filter(|id| reads(*id));
    match (reads_nearby.next(), reads_nearby.next()) {
        (Some(read), None) => Ok(read + 1),
        // Another attribute may be what an earlier edit put in the relation's place.
        (None, _) => base.map(|base| base + 1).ok_or_else(missing),
        _ => Err(Unsupported::Ambiguous { line: access.line }),
    }
}
