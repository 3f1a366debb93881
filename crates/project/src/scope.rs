//! Names and scopes: which function a place belongs to, and where a name gets its value.

use ruff_python_ast::{Alias, AnyNodeRef, ExprContext, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::syntax::{NodeId, Syntax};

/// The innermost function whose body holds `id`; `None` in a class body, a lambda or at module level.
pub(crate) fn function_around(syntax: &Syntax<'_>, id: NodeId) -> Option<NodeId> {
    let start = syntax.range(id).start();
    syntax.ancestors(id).find_map(|around| match syntax.node(around) {
        AnyNodeRef::StmtFunctionDef(function) => starts_body(&function.body, start).then_some(Some(around)),
        AnyNodeRef::StmtClassDef(class) => starts_body(&class.body, start).then_some(None),
        AnyNodeRef::ExprLambda(_) => Some(None),
        _ => None,
    })?
}

/// Whether `start` is in a body rather than in the decorators, defaults or bases before it.
fn starts_body(body: &[Stmt], start: TextSize) -> bool {
    body.first().is_some_and(|first| first.start() <= start)
}

/// The innermost statement around `id`, or `id` itself.
pub(crate) fn statement_around(syntax: &Syntax<'_>, id: NodeId) -> Option<NodeId> {
    std::iter::once(id).chain(syntax.ancestors(id)).find(|id| syntax.node(*id).is_statement())
}

/// Every node in `function` that gives `name` a value, nested scopes included: too many rather than too few.
pub(crate) fn bindings(syntax: &Syntax<'_>, function: NodeId, name: &str) -> Vec<NodeId> {
    syntax.descendants(function).filter(|id| binds(syntax.node(*id), name)).collect()
}

/// Whether the module itself gives `name` a value when it is imported.
pub(crate) fn module_binds(syntax: &Syntax<'_>, name: &str) -> bool {
    syntax.ids().any(|id| {
        binds(syntax.node(id), name) && !syntax.ancestors(id).any(|around| opens_scope(syntax.node(around)))
    })
}

/// Whether some function declares `name` global and so may change it at any time.
pub(crate) fn declared_global(syntax: &Syntax<'_>, name: &str) -> bool {
    syntax.ids().any(|id| match syntax.node(id) {
        AnyNodeRef::StmtGlobal(global) => global.names.iter().any(|declared| declared.as_str() == name),
        _ => false,
    })
}

fn opens_scope(node: AnyNodeRef<'_>) -> bool {
    matches!(
        node,
        AnyNodeRef::StmtFunctionDef(_)
            | AnyNodeRef::StmtClassDef(_)
            | AnyNodeRef::ExprLambda(_)
            | AnyNodeRef::ExprListComp(_)
            | AnyNodeRef::ExprSetComp(_)
            | AnyNodeRef::ExprDictComp(_)
            | AnyNodeRef::ExprGenerator(_)
    )
}

fn binds(node: AnyNodeRef<'_>, name: &str) -> bool {
    let bound = match node {
        AnyNodeRef::ExprName(variable) => {
            return !matches!(variable.ctx, ExprContext::Load) && variable.id.as_str() == name;
        }
        AnyNodeRef::StmtGlobal(global) => {
            return global.names.iter().any(|declared| declared.as_str() == name);
        }
        AnyNodeRef::StmtNonlocal(nonlocal) => {
            return nonlocal.names.iter().any(|declared| declared.as_str() == name);
        }
        AnyNodeRef::Alias(alias) => return bound_name(alias) == name,
        AnyNodeRef::StmtFunctionDef(function) => Some(&function.name),
        AnyNodeRef::StmtClassDef(class) => Some(&class.name),
        AnyNodeRef::Parameter(parameter) => Some(&parameter.name),
        AnyNodeRef::ExceptHandlerExceptHandler(handler) => handler.name.as_ref(),
        AnyNodeRef::PatternMatchAs(pattern) => pattern.name.as_ref(),
        AnyNodeRef::PatternMatchStar(pattern) => pattern.name.as_ref(),
        AnyNodeRef::PatternMatchMapping(pattern) => pattern.rest.as_ref(),
        _ => None,
    };
    bound.is_some_and(|bound| bound.as_str() == name)
}

/// The name an import gives to what it imports: `b` for `a as b`, `a` for `a.c`.
pub(crate) fn bound_name(alias: &Alias) -> &str {
    match &alias.asname {
        Some(name) => name.as_str(),
        None => alias.name.split('.').next().unwrap_or_default(),
    }
}

/// Whether the value that `binding` gives is sure to be there when the statement at `later` starts.
pub(crate) fn precedes(syntax: &Syntax<'_>, binding: NodeId, later: TextSize) -> bool {
    if matches!(syntax.node(binding), AnyNodeRef::Parameter(_)) {
        return true;
    }
    let Some(statement) = statement_around(syntax, binding) else { return false };
    match syntax.node(statement) {
        AnyNodeRef::StmtFor(around) => holds(&around.body, later),
        AnyNodeRef::StmtWith(around) => holds(&around.body, later) || in_same_suite(syntax, statement, later),
        AnyNodeRef::StmtTry(_) | AnyNodeRef::StmtMatch(_) => false,
        _ => in_same_suite(syntax, statement, later),
    }
}

/// Whether `later` is in the list of statements that `statement` stands in, after it.
fn in_same_suite(syntax: &Syntax<'_>, statement: NodeId, later: TextSize) -> bool {
    let range = syntax.range(statement);
    if later < range.end() {
        return false;
    }
    let Some(parent) = syntax.parent(statement) else { return true };
    suites(syntax.node(parent)).iter().any(|suite| holds(suite, range.start()) && holds(suite, later))
}

fn holds(suite: &[Stmt], offset: TextSize) -> bool {
    match (suite.first(), suite.last()) {
        (Some(first), Some(last)) => TextRange::new(first.start(), last.end()).contains(offset),
        _ => false,
    }
}

/// The lists of statements that a compound statement (or one of its clauses) has.
fn suites(node: AnyNodeRef<'_>) -> Vec<&[Stmt]> {
    match node {
        AnyNodeRef::StmtFunctionDef(inner) => vec![&inner.body],
        AnyNodeRef::StmtClassDef(inner) => vec![&inner.body],
        AnyNodeRef::StmtFor(inner) => vec![&inner.body, &inner.orelse],
        AnyNodeRef::StmtWhile(inner) => vec![&inner.body, &inner.orelse],
        AnyNodeRef::StmtWith(inner) => vec![&inner.body],
        AnyNodeRef::StmtIf(inner) => vec![&inner.body],
        AnyNodeRef::ElifElseClause(inner) => vec![&inner.body],
        AnyNodeRef::StmtTry(inner) => vec![&inner.body, &inner.orelse, &inner.finalbody],
        AnyNodeRef::ExceptHandlerExceptHandler(inner) => vec![&inner.body],
        AnyNodeRef::MatchCase(inner) => vec![&inner.body],
        _ => Vec::new(),
    }
}

/// The classes whose `__qualname__` is `qualname`.
pub(crate) fn classes<'a>(syntax: &Syntax<'a>, qualname: &str) -> Vec<(NodeId, &'a StmtClassDef)> {
    let name = qualname.rsplit('.').next().unwrap_or_default();
    syntax
        .ids()
        .filter_map(|id| match syntax.node(id) {
            AnyNodeRef::StmtClassDef(class) => Some((id, class)),
            _ => None,
        })
        .filter(|(id, class)| class.name.as_str() == name && self::qualname(syntax, *id) == qualname)
        .collect()
}

/// The functions of the file whose `__qualname__` is wanted by line.
pub(crate) fn functions<'a>(syntax: &Syntax<'a>) -> impl Iterator<Item = (NodeId, &'a StmtFunctionDef)> {
    syntax.ids().filter_map(|id| match syntax.node(id) {
        AnyNodeRef::StmtFunctionDef(function) => Some((id, function)),
        _ => None,
    })
}

/// `__qualname__` of a class or function.
pub(crate) fn qualname(syntax: &Syntax<'_>, id: NodeId) -> String {
    let mut parts = Vec::new();
    for around in std::iter::once(id).chain(syntax.ancestors(id)) {
        match syntax.node(around) {
            AnyNodeRef::StmtClassDef(class) => parts.push(class.name.as_str()),
            AnyNodeRef::StmtFunctionDef(function) if around == id => parts.push(function.name.as_str()),
            AnyNodeRef::StmtFunctionDef(function) => parts.extend(["<locals>", function.name.as_str()]),
            _ => {}
        }
    }
    parts.reverse();
    parts.join(".")
}
