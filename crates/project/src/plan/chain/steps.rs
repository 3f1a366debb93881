//! Querysets built in steps: `books = Book.objects.all()`, and below it `books = books.select_related(…)`.
//!
//! A call in a later step is extended there, if every queryset that comes of the first goes through it.

use ruff_python_ast::{AnyNodeRef, Expr, ExprContext};
use ruff_text_size::{Ranged, TextRange};

use crate::chain::Chain;
use crate::plan::locate::{Load, Target};
use crate::scope::{bindings, function_around, precedes};
use crate::syntax::{NodeId, Syntax};

/// Loads, and the chain that they go to.
pub(super) type Share<'a> = (Target<'a>, Vec<Load>);

/// Takes out of `loads` what belongs to a later step.
pub(super) fn take_later<'a>(
    syntax: &Syntax<'a>,
    chain: &Chain<'_>,
    loads: &mut Vec<Load>,
) -> Vec<Share<'a>> {
    let mut shares = Vec::new();
    // A filtered prefetch has to come before the plain ones, so all of them stay together.
    let is_filtered = loads.iter().any(|load| matches!(load, Load::Filtered(_)));
    for (method, belongs) in [
        ("select_related", (|load| matches!(load, Load::Select(_))) as fn(&Load) -> bool),
        ("prefetch_related", |load| matches!(load, Load::Prefetch(_))),
        ("only", |load| load.column().is_some()),
        ("defer", |load| load.column().is_some()),
    ] {
        let is_prefetch = method == "prefetch_related";
        if !loads.iter().any(belongs) || (is_prefetch && is_filtered) || calls(chain, method) {
            continue;
        }
        if let Some(step) = later_step(syntax, chain, method) {
            let share = loads.extract_if(.., |load| belongs(load)).collect();
            shares.push((Target { chain: step, manager: "" }, share));
        }
    }
    shares
}

fn calls(chain: &Chain<'_>, method: &str) -> bool {
    chain.links.iter().any(|link| link.name() == method)
}

/// The first later step that calls `method`, unless something else reads the variable before it.
fn later_step<'a>(syntax: &Syntax<'a>, chain: &Chain<'_>, method: &str) -> Option<Chain<'a>> {
    let (first, name) = assigned(syntax, chain)?;
    let function = function_around(syntax, first)?;
    let bound = bindings(syntax, function, name);
    let steps: Vec<(NodeId, Chain<'a>)> =
        bound.iter().map(|binding| step(syntax, *binding, name)).collect::<Option<_>>()?;
    let after = syntax.range(first).end();
    let (statement, found) = steps
        .into_iter()
        .skip_while(|(statement, _)| syntax.range(*statement).start() < after)
        // Another queryset under the same name ends the search.
        .take_while(|(_, chain)| is_read(syntax, chain.base, name))
        .find(|(_, chain)| calls(chain, method))?;
    let target = bound.iter().find(|binding| syntax.range(**binding).start() < after)?;
    let begins = syntax.range(statement).start();
    // Both in one list of statements: neither comes about without the other.
    if syntax.parent(statement) != syntax.parent(first) || !precedes(syntax, *target, begins) {
        return None;
    }
    // What is read in between, other than to go on from it, would miss the load.
    let between = TextRange::new(after, begins);
    let is_missed = syntax.descendants(function).any(|id| {
        is_read(syntax, id, name) && between.contains_range(syntax.range(id)) && !goes_on(syntax, id, name)
    });
    (!is_missed).then_some(found)
}

/// The statement `name = …` whose value is the chain.
fn assigned<'a>(syntax: &Syntax<'a>, chain: &Chain<'_>) -> Option<(NodeId, &'a str)> {
    let statement = syntax.parent(chain.outermost())?;
    let AnyNodeRef::StmtAssign(assign) = syntax.node(statement) else { return None };
    match assign.targets.as_slice() {
        [Expr::Name(name)] if assign.value.range() == chain.range(syntax) => {
            Some((statement, name.id.as_str()))
        }
        _ => None,
    }
}

/// A binding of the variable as a statement with a chain; `None` when it is bound in any other way.
fn step<'a>(syntax: &Syntax<'a>, binding: NodeId, name: &str) -> Option<(NodeId, Chain<'a>)> {
    let statement = syntax.parent(binding)?;
    let AnyNodeRef::StmtAssign(assign) = syntax.node(statement) else { return None };
    let value = syntax.id_of((&*assign.value).into())?;
    let chain = Chain::through(syntax, value);
    let (assigned_to, own_name) = assigned(syntax, &chain)?;
    (assigned_to == statement && own_name == name).then_some((statement, chain))
}

/// Whether a node reads the variable.
fn is_read(syntax: &Syntax<'_>, id: NodeId, name: &str) -> bool {
    matches!(syntax.node(id), AnyNodeRef::ExprName(variable)
        if variable.id.as_str() == name && matches!(variable.ctx, ExprContext::Load))
}

/// Whether a read of the variable is the base of a chain that is assigned to it again.
fn goes_on(syntax: &Syntax<'_>, read: NodeId, name: &str) -> bool {
    let chain = Chain::from_base(syntax, read);
    assigned(syntax, &chain).is_some_and(|(_, own_name)| own_name == name)
}
