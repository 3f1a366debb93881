//! `books.count()` and `books.exists()` of rows that are fetched as well: asked of the rows.

use ruff_python_ast::{AnyNodeRef, Expr, ExprUnaryOp, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

use crate::chain::Chain;
use crate::plan::draft::Draft;
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
    let is_kept = matches!(syntax.node(chain.base), AnyNodeRef::ExprName(_) | AnyNodeRef::ExprAttribute(_));
    if chain.links.len() > 1 || !is_kept {
        return refuse(syntax, last, "is asked of a queryset that is not kept; keep it in a variable first");
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
