//! `books.count()` and `books.exists()` of rows that are fetched as well: asked of the rows.
//!
//! Only of a variable that can be seen to hold a queryset. A manager has these methods, too, and is true whether there are
//! rows or not: that `if store.books:` goes wrong shows on no request to a store with books.

use ruff_python_ast::{AnyNodeRef, Expr, ExprUnaryOp, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

use crate::chain::{Chain, Method};
use crate::plan::draft::Draft;
use crate::scope::{bindings, function_around};
use crate::syntax::{NodeId, Syntax};
use crate::unsupported::Unsupported;

use super::lookups::refuse;

/// Asks the rows instead of the database; does nothing where the chain asks neither for their number nor for any.
pub(super) fn fetch(draft: &mut Draft<'_, '_>, chain: &Chain<'_>) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    let Some(last) = chain.links.last().filter(|link| matches!(link.name(), "count" | "exists")) else {
        return Ok(());
    };
    // A chain makes another queryset, whose rows nobody else sees.
    if chain.links.len() > 1 || !is_kept(syntax, chain.base) {
        return refuse(
            syntax,
            last,
            "is asked of what is no variable with a queryset for sure; keep the queryset in one first",
        );
    }
    if !last.call.arguments.is_empty() {
        return refuse(syntax, last, "has arguments, and is none of Django's");
    }
    let base = syntax.range(chain.base);
    let function = match last.name() {
        "count" => "len",
        _ if is_condition(syntax, last.id) => {
            draft.replace(TextRange::new(base.end(), last.call.end()), "");
            return Ok(());
        }
        _ => "bool",
    };
    draft.insert(base.start(), format!("{function}("));
    draft.replace(TextRange::new(base.end(), last.call.end()), ")");
    Ok(())
}

/// Whether an expression is a variable of the function, which is never given anything but querysets.
fn is_kept(syntax: &Syntax<'_>, id: NodeId) -> bool {
    let AnyNodeRef::ExprName(variable) = syntax.node(id) else { return false };
    let Some(function) = function_around(syntax, id) else { return false };
    let bound = bindings(syntax, function, variable.id.as_str());
    !bound.is_empty() && bound.into_iter().all(|binding| is_given_a_queryset(syntax, binding))
}

/// Whether a name is bound by `name = ….filter(…)` or the like.
fn is_given_a_queryset(syntax: &Syntax<'_>, binding: NodeId) -> bool {
    let Some(AnyNodeRef::StmtAssign(statement)) = syntax.parent(binding).map(|parent| syntax.node(parent))
    else {
        return false;
    };
    let Some(value) = syntax.id_of(statement.value.as_ref().into()) else { return false };
    let chain = Chain::through(syntax, value);
    syntax.range(value) == chain.range(syntax)
        && chain.links.last().is_some_and(|link| matches!(link.method(), Method::Chainable | Method::Rows))
}

/// Whether only the truth of an expression matters.
fn is_condition(syntax: &Syntax<'_>, id: NodeId) -> bool {
    let range = syntax.range(id);
    let is = |test: &Expr| test.range() == range;
    match syntax.parent(id).map(|parent| syntax.node(parent)) {
        Some(AnyNodeRef::StmtIf(statement)) => is(&statement.test),
        Some(AnyNodeRef::ElifElseClause(clause)) => clause.test.as_ref().is_some_and(is),
        Some(AnyNodeRef::StmtWhile(statement)) => is(&statement.test),
        Some(AnyNodeRef::StmtAssert(statement)) => is(&statement.test),
        Some(AnyNodeRef::ExprIf(expression)) => is(&expression.test),
        Some(AnyNodeRef::ExprUnaryOp(ExprUnaryOp { op: UnaryOp::Not, .. })) => true,
        // The value of `books and …` may be the queryset.
        Some(AnyNodeRef::ExprBoolOp(_)) => {
            syntax.parent(id).is_some_and(|parent| is_condition(syntax, parent))
        }
        _ => false,
    }
}
