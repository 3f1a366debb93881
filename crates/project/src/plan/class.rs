//! Eager loads on classes that leave building the queryset to the framework.

mod admin;
mod body;

use ruff_python_ast::str::Quote;
use ruff_python_ast::{AnyNodeRef, Expr, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};

use crate::chain::{Chain, last_name};
use crate::scope::{self, function_around};
use crate::syntax::Syntax;
use crate::unsupported::Unsupported;

use super::chain;
use super::draft::{Draft, prevailing_quote, quoted};
use super::layout::{self, Item, Place};
use super::locate::{self, Load, Spot, Target};

/// A class of the file.
pub(super) struct Class<'c, 'a> {
    qualname: &'c str,
    node: &'a StmtClassDef,
}

/// Adds `loads` to the class; does nothing when all of them are there.
pub(super) fn load(draft: &mut Draft<'_, '_>, qualname: &str, loads: &[Load]) -> Result<(), Unsupported> {
    let class = Class::find(draft.syntax, qualname)?;
    if loads.iter().any(|load| matches!(load, Load::Filtered(_))) {
        return class.refuse("builds its queryset outside the function that filters the relation");
    }
    if loads.iter().any(|load| load.column().is_some()) && chain_base(draft.syntax, qualname).is_none() {
        return class.refuse("takes its queryset from elsewhere; change the `only()` or `defer()` there");
    }
    if loads.contains(&Load::Rows) {
        return class.refuse("asks for the number of its rows in code of the framework");
    }
    if let Some(kind) = admin::kind(class.node) {
        return admin::load(draft, &class, kind, loads);
    }
    match class.target(draft.syntax)? {
        Some(target) => chain::load(draft, &target, loads),
        None if class.assignment("model").is_some() => model_view(draft, &class, loads),
        None => inheriting_view(draft, &class, loads),
    }
}

/// The base of the chain that the class builds its queryset with, where it has one of its own.
pub(super) fn chain_base(syntax: &Syntax<'_>, qualname: &str) -> Option<TextRange> {
    let class = Class::find(syntax, qualname).ok()?;
    let target = match (admin::kind(class.node), class.method("get_queryset")) {
        (Some(_), Some(method)) => class.returned(syntax, method).ok()?,
        (Some(_), None) => return None,
        (None, _) => class.target(syntax).ok()??,
    };
    Some(syntax.range(target.chain.base))
}

/// `model = X` becomes `model = X` and an eager `queryset`.
fn model_view(draft: &mut Draft<'_, '_>, class: &Class<'_, '_>, loads: &[Load]) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    let Some((statement, value)) = class.assignment("model") else {
        return class.refuse("has no `model`");
    };
    if !matches!(value, Expr::Name(_) | Expr::Attribute(_)) {
        return class.refuse("does not name its model as a class");
    }
    let calls = Paths::of(loads).calls(prevailing_quote(syntax));
    if calls.is_empty() {
        return Ok(());
    }
    let head = format!("queryset = {}.objects", syntax.slice(value.range()));
    let outer = syntax.indentation(statement.start()).len();
    let place = Place { indentation: "", newline: "\n" };
    let text = format!("{head}{}", draft.layout.chained(&calls, outer + layout::chars(&head), place));
    body::insert_after(draft, class, statement, &text, 0)
}

/// A view that inherits its queryset, from a mixin or a base of the project, goes on from it.
fn inheriting_view(
    draft: &mut Draft<'_, '_>,
    class: &Class<'_, '_>,
    loads: &[Load],
) -> Result<(), Unsupported> {
    if !base_names(class.node).any(|name| name.ends_with("View") || name.ends_with("ViewSet")) {
        return class.refuse(
            "has neither `queryset`, `get_queryset` nor `model`, and is no view whose queryset could be taken up; make the change where it is built",
        );
    }
    let paths = Paths::of(loads);
    if paths.is_empty() {
        return Ok(());
    }
    body::add_method(draft, class, &body::get_queryset(draft, class.node, "", &paths))
}

fn quoted_list(paths: &[&str], quote: Quote) -> String {
    paths.iter().map(|path| quoted(path, quote)).collect::<Vec<_>>().join(", ")
}

/// The plain paths among loads, each once and without those that a longer one brings along.
struct Paths<'l> {
    selects: Vec<&'l str>,
    prefetches: Vec<&'l str>,
}

impl<'l> Paths<'l> {
    fn of(loads: &'l [Load]) -> Self {
        let (mut selects, mut prefetches) = (Vec::new(), Vec::new());
        for load in loads {
            match load {
                Load::Select(path) => selects.push(path.as_str()),
                Load::Prefetch(path) => prefetches.push(path.as_str()),
                Load::Filtered(_) | Load::Column(_) | Load::Rows => {}
            }
        }
        Self { selects: chain::without_covered(&selects), prefetches: chain::without_covered(&prefetches) }
    }

    fn is_empty(&self) -> bool {
        self.selects.is_empty() && self.prefetches.is_empty()
    }

    /// The method calls that load them, to follow a manager or queryset.
    fn calls(&self, quote: Quote) -> Vec<Item> {
        [("select_related", &self.selects), ("prefetch_related", &self.prefetches)]
            .into_iter()
            .filter(|(_, paths)| !paths.is_empty())
            .map(|(method, paths)| {
                Item::call(method, paths.iter().map(|path| quoted(path, quote).into()).collect())
            })
            .collect()
    }
}

/// Whether a chain goes on from the queryset of the attribute.
fn inherits_queryset(syntax: &Syntax<'_>, chain: &Chain<'_>) -> bool {
    let text = syntax.slice(chain.range(syntax));
    text.starts_with("super(") || text.starts_with("self.queryset")
}

/// Whether a method mentions the queryset it would have without itself.
fn uses_attribute(syntax: &Syntax<'_>, method: &StmtFunctionDef) -> bool {
    let text = syntax.slice(method.range);
    text.contains("super(") || text.contains("self.queryset")
}

impl<'c, 'a> Class<'c, 'a> {
    fn find(syntax: &Syntax<'a>, qualname: &'c str) -> Result<Self, Unsupported> {
        let refuse = |reason| Err(Unsupported::Class { qualname: qualname.to_owned(), reason });
        match scope::classes(syntax, qualname).as_slice() {
            [(_, node)] => Ok(Self { qualname, node }),
            [] => refuse("is not defined in the file; record a new trace of the current source"),
            _ => refuse("is defined more than once in the file"),
        }
    }

    /// The chain that a generic view, a DRF viewset or anything else with the same attributes builds its queryset with;
    /// `None` where the class leaves that to others.
    fn target(&self, syntax: &Syntax<'a>) -> Result<Option<Target<'a>>, Unsupported> {
        let attribute = self.value("queryset").filter(|value| !value.is_none_literal_expr());
        match (attribute, self.method("get_queryset")) {
            (Some(value), None) => self.target_of(syntax, value),
            (Some(value), Some(method)) => match self.returned(syntax, method) {
                // The attribute counts only as far as the method asks for it.
                Ok(target) if !inherits_queryset(syntax, &target.chain) => Ok(target),
                Err(refusal) if !uses_attribute(syntax, method) => Err(refusal),
                _ => self.target_of(syntax, value),
            },
            (None, Some(method)) => self.returned(syntax, method),
            (None, None) => return Ok(None),
        }
        .map(Some)
    }

    fn refuse<T>(&self, reason: &'static str) -> Result<T, Unsupported> {
        Err(Unsupported::Class { qualname: self.qualname.to_owned(), reason })
    }

    /// The last assignment to a class attribute.
    fn assignment(&self, name: &str) -> Option<(&'a Stmt, &'a Expr)> {
        self.node.body.iter().rev().find_map(|statement| match statement {
            Stmt::Assign(assign) => match assign.targets.as_slice() {
                [Expr::Name(target)] if target.id.as_str() == name => Some((statement, &*assign.value)),
                _ => None,
            },
            Stmt::AnnAssign(assign) => match (&*assign.target, &assign.value) {
                (Expr::Name(target), Some(value)) if target.id.as_str() == name => {
                    Some((statement, &**value))
                }
                _ => None,
            },
            _ => None,
        })
    }

    fn value(&self, name: &str) -> Option<&'a Expr> {
        self.assignment(name).map(|(_, value)| value)
    }

    fn method(&self, name: &str) -> Option<&'a StmtFunctionDef> {
        self.node.body.iter().rev().find_map(|statement| match statement {
            Stmt::FunctionDef(function) if function.name.as_str() == name => Some(function),
            _ => None,
        })
    }

    /// The chain that an expression makes; a lone name is taken for a queryset, as its place says.
    fn target_of(&self, syntax: &Syntax<'a>, value: &'a Expr) -> Result<Target<'a>, Unsupported> {
        let Some(id) = syntax.id_of(value.into()) else {
            return self.refuse("has a queryset that is not an expression");
        };
        let spot = match value {
            Expr::Name(_) => Spot::Chain(value.range()),
            _ => locate::spot_of(syntax, id)?,
        };
        locate::target(syntax, &spot)
    }

    /// The chain that a method with a single `return` gives back.
    fn returned(&self, syntax: &Syntax<'a>, method: &'a StmtFunctionDef) -> Result<Target<'a>, Unsupported> {
        let Some(id) = syntax.id_of(method.into()) else {
            return self.refuse("has a `get_queryset` that is not a method");
        };
        let mut returns = syntax.descendants(id).filter_map(|inner| match syntax.node(inner) {
            AnyNodeRef::StmtReturn(statement) if function_around(syntax, inner) == Some(id) => {
                Some(statement)
            }
            _ => None,
        });
        let (Some(only), None) = (returns.next(), returns.next()) else {
            return self.refuse("has a `get_queryset` without exactly one `return`");
        };
        match only.value.as_deref() {
            Some(value @ Expr::Name(name)) => {
                let built = first_assignment(&method.body, name.id.as_str()).unwrap_or(value);
                self.target_of(syntax, built)
            }
            Some(value @ (Expr::Call(_) | Expr::Attribute(_))) => self.target_of(syntax, value),
            _ => self.refuse("has a `get_queryset` that does not return a method chain"),
        }
    }
}

/// The first value a function gives to a variable at its top level.
fn first_assignment<'a>(body: &'a [Stmt], name: &str) -> Option<&'a Expr> {
    body.iter().find_map(|statement| match statement {
        Stmt::Assign(assign) => match assign.targets.as_slice() {
            [Expr::Name(target)] if target.id.as_str() == name => Some(&*assign.value),
            _ => None,
        },
        _ => None,
    })
}

/// The last names of a class's bases, `ModelAdmin` for `admin.ModelAdmin[Book]`.
fn base_names(class: &StmtClassDef) -> impl Iterator<Item = &str> {
    class.bases().iter().filter_map(|base| match base {
        Expr::Subscript(generic) => last_name(&generic.value),
        base => last_name(base),
    })
}
