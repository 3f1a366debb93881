//! From a traced point to the expression that builds the queryset.

use ruff_python_ast::{AnyNodeRef, Expr, ExprCall};
use ruff_text_size::{Ranged, TextRange};

use crate::at_point::{exact, relation_instance};
use crate::chain::{Chain, MANAGERS, Method, is_manager, last_name, link_at};
use crate::eager_load::{Anchor, EagerLoad, FilteredForm, RelatedModel};
use crate::syntax::{NodeId, Syntax};
use crate::unsupported::Unsupported;

/// Django's shortcuts, which take a model, manager or queryset first.
const SHORTCUTS: [&str; 4] =
    ["get_object_or_404", "get_list_or_404", "aget_object_or_404", "aget_list_or_404"];

/// Functions that use a queryset but never give one back.
const CONSUMERS: [&str; 20] = [
    "all",
    "any",
    "bool",
    "dict",
    "enumerate",
    "filter",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "next",
    "print",
    "render",
    "set",
    "sorted",
    "sum",
    "tuple",
    "zip",
];

/// A place that eager loads go to, in a form that survives edits elsewhere in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    /// The chain on this base expression.
    Chain(TextRange),
    /// The first argument of the call of this shortcut function.
    Shortcut(TextRange),
    /// The class of this `__qualname__`.
    Class(String),
}

/// What to load, with the access of a filtered relation found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Load {
    Select(String),
    Prefetch(String),
    Filtered(FilteredLoad),
    Column(String),
    Rows,
}

impl Load {
    /// The path of a column.
    pub(super) fn column(&self) -> Option<&str> {
        match self {
            Self::Column(path) => Some(path),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FilteredLoad {
    pub(super) path: String,
    /// The expression the relation is read from: `store` of `store.books.filter(…)`.
    pub(super) instance: TextRange,
    pub(super) model: RelatedModel,
    pub(super) form: FilteredForm,
}

/// A chain to extend.
pub(super) struct Target<'a> {
    pub(super) chain: Chain<'a>,
    /// What turns the base into a manager, when it is a model class.
    pub(super) manager: &'static str,
}

pub(super) fn spot(syntax: &Syntax<'_>, anchor: &Anchor) -> Result<Spot, Unsupported> {
    match anchor {
        Anchor::Class { qualname, .. } => Ok(Spot::Class(qualname.clone())),
        Anchor::Expression { point, .. } => match exact(syntax, *point)? {
            Some(id) => spot_of(syntax, id),
            None => spot_on_line(syntax, point.line),
        },
    }
}

pub(super) fn load(syntax: &Syntax<'_>, load: &EagerLoad) -> Result<Load, Unsupported> {
    let valid = |path: &str, separator: &str| {
        let valid = path.split(separator).all(is_identifier);
        if valid { Ok(path.to_owned()) } else { Err(Unsupported::InvalidPath { path: path.to_owned() }) }
    };
    match load {
        EagerLoad::Select { path } => Ok(Load::Select(valid(path, "__")?)),
        EagerLoad::Prefetch { path } => Ok(Load::Prefetch(valid(path, "__")?)),
        EagerLoad::Column { path } => Ok(Load::Column(valid(path, "__")?)),
        EagerLoad::Rows => Ok(Load::Rows),
        EagerLoad::FilteredPrefetch { path, access, related_model, form } => {
            valid(&related_model.module, ".")?;
            valid(&related_model.name, ".")?;
            Ok(Load::Filtered(FilteredLoad {
                path: valid(path, "__")?,
                instance: syntax.range(relation_instance(syntax, *access, relation(path))?),
                model: related_model.clone(),
                form: *form,
            }))
        }
    }
}

/// The attribute a lookup path ends in.
pub(super) fn relation(path: &str) -> &str {
    path.rsplit("__").next().unwrap_or(path)
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && chars.all(|char| char == '_' || char.is_alphanumeric())
}

/// The spot an expression stands for.
pub(super) fn spot_of(syntax: &Syntax<'_>, id: NodeId) -> Result<Spot, Unsupported> {
    let line = syntax.lines.line(syntax.range(id).start());
    let elsewhere = |reason: String| Err(Unsupported::NotAQuerySet { line, reason });
    let Some(call) = syntax.call(id) else {
        return match syntax.node(id) {
            AnyNodeRef::ExprAttribute(_) => Ok(Spot::Chain(syntax.range(id))),
            AnyNodeRef::ExprName(name) => elsewhere(format!("`{}` is a variable", name.id)),
            _ => elsewhere("it is not a call".to_owned()),
        };
    };
    if is_shortcut(call) {
        return Ok(Spot::Shortcut(call.func.range()));
    }
    let chain = Chain::through(syntax, id);
    if chain.links.iter().any(|link| link.method() != Method::Custom) {
        return Ok(Spot::Chain(syntax.range(chain.base)));
    }
    // `Paginator(Book.objects.all(), 25).get_page(1)`: the queryset is an argument.
    let mut nested = querysets(syntax, syntax.descendants(chain.outermost()));
    nested.retain(|spot| !matches!(spot, Spot::Chain(base) if *base == syntax.range(chain.base)));
    match nested.len() {
        0 => {}
        1 => return Ok(nested.remove(0)),
        _ => return Err(Unsupported::Ambiguous { line }),
    }
    match &*call.func {
        Expr::Name(name) if CONSUMERS.contains(&name.id.as_str()) => {
            elsewhere(format!("`{}()` only uses one", name.id))
        }
        Expr::Name(name) if name.id.starts_with(|first: char| first.is_uppercase()) => {
            elsewhere(format!("`{}(…)` makes another object", name.id))
        }
        _ => Ok(Spot::Chain(syntax.range(chain.base))),
    }
}

/// The one queryset built on a line.
fn spot_on_line(syntax: &Syntax<'_>, line: u32) -> Result<Spot, Unsupported> {
    let starts_here = |id: &NodeId| {
        let name = link_at(syntax, *id).map_or(syntax.range(*id).start(), |link| link.range().start());
        syntax.lines.line(name) == line
    };
    let mut spots = querysets(syntax, syntax.ids().filter(starts_here));
    if spots.is_empty() {
        spots = querysets(syntax, statement_on_line(syntax, line)?);
    }
    if spots.is_empty() {
        // No queryset method and no manager in sight: a helper such as `get_books()`.
        let mut calls = syntax.ids().filter(starts_here).filter(|id| syntax.call(*id).is_some());
        let first = calls.next().ok_or(Unsupported::NothingThere { line })?;
        let outer = syntax.range(first);
        if calls.any(|other| !outer.contains_range(syntax.range(other)) || link_at(syntax, other).is_none()) {
            return Err(Unsupported::Ambiguous { line });
        }
        return spot_of(syntax, first);
    }
    if spots.len() == 1 { Ok(spots.remove(0)) } else { Err(Unsupported::Ambiguous { line }) }
}

/// The nodes of the innermost statement that reaches over `line`.
fn statement_on_line(syntax: &Syntax<'_>, line: u32) -> Result<std::ops::Range<NodeId>, Unsupported> {
    syntax
        .ids()
        .rfind(|id| {
            let range = syntax.range(*id);
            let lines = syntax.lines.line(range.start())..=syntax.lines.line(range.end());
            syntax.node(*id).is_statement() && lines.contains(&line)
        })
        .map(|id| id..syntax.descendants(id).end)
        .ok_or(Unsupported::NothingThere { line })
}

/// The querysets visibly built by some nodes, without those that are part of another's arguments.
fn querysets(syntax: &Syntax<'_>, ids: impl Iterator<Item = NodeId>) -> Vec<Spot> {
    let mut found: Vec<(TextRange, Spot)> = Vec::new();
    for id in ids {
        let spot = match syntax.call(id) {
            Some(call) if is_shortcut(call) => Some((id, Spot::Shortcut(call.func.range()))),
            Some(_) => {
                let known = link_at(syntax, id).is_some_and(|link| is_known(link.name()));
                let chain = Chain::through(syntax, id);
                (known || is_manager(syntax.node(chain.base)))
                    .then(|| (chain.outermost(), Spot::Chain(syntax.range(chain.base))))
            }
            None => is_manager(syntax.node(id))
                .then(|| (Chain::from_base(syntax, id).outermost(), Spot::Chain(syntax.range(id)))),
        };
        if let Some((outermost, spot)) = spot
            && !found.iter().any(|(_, other)| *other == spot)
        {
            found.push((syntax.range(outermost), spot));
        }
    }
    let outermost: Vec<TextRange> = found.iter().map(|(range, _)| *range).collect();
    found.retain(|(range, _)| !outermost.iter().any(|other| other != range && other.contains_range(*range)));
    found.into_iter().map(|(_, spot)| spot).collect()
}

/// Whether a method name alone tells a queryset; `get`, `values` and the like belong to dictionaries as well.
fn is_known(name: &str) -> bool {
    !matches!(
        name,
        "get" | "values" | "update" | "count" | "first" | "last" | "reverse" | "union" | "difference"
    ) && !matches!(name, "intersection" | "contains" | "delete" | "create" | "raw" | "extra" | "explain")
        && Method::of(name) != Method::Custom
}

fn is_shortcut(call: &ExprCall) -> bool {
    last_name(&call.func).is_some_and(|name| SHORTCUTS.contains(&name))
}

/// The chain to extend at a spot; classes are resolved elsewhere.
pub(super) fn target<'a>(syntax: &Syntax<'a>, spot: &Spot) -> Result<Target<'a>, Unsupported> {
    let nothing = |range: &TextRange| Unsupported::NothingThere { line: syntax.lines.line(range.start()) };
    match spot {
        Spot::Chain(base) => {
            let base = syntax.expression(*base).ok_or_else(|| nothing(base))?;
            Ok(Target { chain: Chain::from_base(syntax, base), manager: "" })
        }
        Spot::Shortcut(function) => {
            let call = syntax.expression(*function).and_then(|id| syntax.parent(id));
            let call = call.and_then(|id| syntax.call(id)).ok_or_else(|| nothing(function))?;
            shortcut_target(syntax, call)
        }
        Spot::Class(qualname) => {
            Err(Unsupported::Class { qualname: qualname.clone(), reason: "is not an expression" })
        }
    }
}

/// The queryset, manager or model a shortcut is given.
fn shortcut_target<'a>(syntax: &Syntax<'a>, call: &'a ExprCall) -> Result<Target<'a>, Unsupported> {
    let line = syntax.lines.line(call.start());
    let elsewhere =
        || Unsupported::NotAQuerySet { line, reason: "the shortcut's model is not visible".to_owned() };
    let argument = call.arguments.find_argument_value("klass", 0).ok_or_else(elsewhere)?;
    let id = syntax.id_of(argument.into()).ok_or_else(elsewhere)?;
    let chain = Chain::through(syntax, id);
    match argument {
        Expr::Call(_) => Ok(Target { chain, manager: "" }),
        Expr::Attribute(_) | Expr::Name(_) => Ok(Target { chain, manager: manager_of(argument) }),
        _ => Err(elsewhere()),
    }
}

/// The suffix that makes a manager of a shortcut's argument: models are written in capitals or called `model`.
fn manager_of(argument: &Expr) -> &'static str {
    match last_name(argument) {
        Some(name) if MANAGERS.contains(&name) => "",
        Some("model" | "klass" | "cls" | "model_class") => "._default_manager",
        Some(name) if name.starts_with(|first: char| first.is_uppercase()) => ".objects",
        _ => "",
    }
}
