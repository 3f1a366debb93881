//! Whether an argument has the same value where the queryset is built as where the relation is read.

use ruff_python_ast::{AnyNodeRef, Arguments, Expr, ExprContext};
use ruff_text_size::{Ranged, TextSize};

use crate::chain::last_name;
use crate::scope::{bindings, declared_global, function_around, module_binds, precedes};
use crate::syntax::{NodeId, Syntax};

/// Calls that only make a value of their arguments.
const CONSTRUCTORS: [&str; 6] = ["Q", "F", "Value", "Decimal", "date", "timedelta"];

/// Checks all of a call's arguments; the error is the reason in words.
pub(super) fn check(
    syntax: &Syntax<'_>,
    function: NodeId,
    before: TextSize,
    arguments: &Arguments,
) -> Result<(), String> {
    for argument in &arguments.args {
        check_value(syntax, function, before, argument)?;
    }
    for keyword in &arguments.keywords {
        if keyword.arg.is_none() {
            return Err("its arguments come from a dictionary that may change".to_owned());
        }
        check_value(syntax, function, before, &keyword.value)?;
    }
    Ok(())
}

fn check_value(syntax: &Syntax<'_>, function: NodeId, before: TextSize, value: &Expr) -> Result<(), String> {
    let all =
        |values: &[Expr]| values.iter().try_for_each(|value| check_value(syntax, function, before, value));
    match value {
        Expr::StringLiteral(_)
        | Expr::BytesLiteral(_)
        | Expr::NumberLiteral(_)
        | Expr::BooleanLiteral(_)
        | Expr::NoneLiteral(_)
        | Expr::EllipsisLiteral(_) => Ok(()),
        Expr::Tuple(tuple) => all(&tuple.elts),
        Expr::List(list) => all(&list.elts),
        Expr::Set(set) => all(&set.elts),
        Expr::UnaryOp(operation) => check_value(syntax, function, before, &operation.operand),
        Expr::BinOp(operation) => {
            check_value(syntax, function, before, &operation.left)?;
            check_value(syntax, function, before, &operation.right)
        }
        Expr::Call(call) if last_name(&call.func).is_some_and(|name| CONSTRUCTORS.contains(&name)) => {
            check_value(syntax, function, before, &call.func)?;
            check(syntax, function, before, &call.arguments)
        }
        Expr::Name(name) => check_name(syntax, function, before, &name.id),
        Expr::Attribute(attribute) => {
            check_value(syntax, function, before, &attribute.value)?;
            if is_assigned(syntax, function, &attribute.attr) {
                return Err(format!("`.{}` is assigned in the function", attribute.attr));
            }
            Ok(())
        }
        other => Err(format!(
            "`{}` may have another value where the queryset is built",
            syntax.slice(other.range())
        )),
    }
}

fn check_name(syntax: &Syntax<'_>, function: NodeId, before: TextSize, name: &str) -> Result<(), String> {
    match bindings(syntax, function, name).as_slice() {
        [] => {}
        [only] if precedes(syntax, *only, before) => return Ok(()),
        [only] if syntax.range(*only).start() >= before => {
            return Err(format!("it depends on `{name}`, which gets its value after the queryset is built"));
        }
        [_] => return Err(format!("`{name}` may have no value yet where the queryset is built")),
        _ => return Err(format!("`{name}` gets more than one value in the function")),
    }
    let outer = std::iter::successors(function_around(syntax, function), |id| function_around(syntax, *id));
    for scope in outer {
        match bindings(syntax, scope, name).len() {
            0 => {}
            1 => return Ok(()),
            _ => return Err(format!("`{name}` gets more than one value in the function around")),
        }
    }
    if declared_global(syntax, name) {
        return Err(format!("`{name}` is a global that the file changes"));
    }
    if module_binds(syntax, name) {
        Ok(())
    } else {
        Err(format!("nothing in the file says what `{name}` is"))
    }
}

/// Whether the function stores to an attribute of that name, on whatever object.
fn is_assigned(syntax: &Syntax<'_>, function: NodeId, name: &str) -> bool {
    syntax.descendants(function).any(|id| match syntax.node(id) {
        AnyNodeRef::ExprAttribute(attribute) => {
            !matches!(attribute.ctx, ExprContext::Load) && attribute.attr.as_str() == name
        }
        _ => false,
    })
}
