//! The lookups that a chain's `select_related` or `prefetch_related` calls name already.

use ruff_python_ast::str::Quote;
use ruff_python_ast::{Expr, ExprCall, StringFlags};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::chain::{Chain, Link, last_name};
use crate::syntax::Syntax;
use crate::unsupported::Unsupported;

/// One argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plan) enum Lookup<'a> {
    /// `"path"`
    Path(&'a str),
    /// `Prefetch("path", …)`
    Object { path: &'a str, to_attr: Option<&'a str> },
    /// Something else; it may name anything.
    Opaque,
}

/// The calls of one method in a chain and their arguments, in order.
pub(in crate::plan) struct Lookups<'a> {
    /// Indices of the calls among the chain's links.
    pub(in crate::plan) calls: Vec<usize>,
    pub(in crate::plan) arguments: Vec<(TextRange, Lookup<'a>)>,
    quote: Option<Quote>,
    /// A call that cannot be extended, and why.
    obstacle: Option<(Link<'a>, &'static str)>,
}

impl<'a> Lookups<'a> {
    pub(in crate::plan) fn read(chain: &Chain<'a>, method: &str) -> Self {
        let mut lookups = Self { calls: Vec::new(), arguments: Vec::new(), quote: None, obstacle: None };
        for (index, link) in chain.links.iter().enumerate().filter(|(_, link)| link.name() == method) {
            lookups.calls.push(index);
            lookups.obstacle = lookups.obstacle.or(obstacle(link.call).map(|reason| (*link, reason)));
            for argument in &link.call.arguments.args {
                lookups.quote = quote(argument).or(lookups.quote);
                lookups.arguments.push((argument.range(), lookup(argument)));
            }
        }
        lookups
    }

    /// The quotes of the strings that are there.
    pub(in crate::plan) fn quote(&self) -> Option<Quote> {
        self.quote
    }

    /// Those of `wanted` that neither the chain nor a longer wanted path brings along.
    pub(in crate::plan) fn missing<'w>(&self, wanted: &[&'w str]) -> Vec<&'w str> {
        let mut missing = without_covered(wanted);
        missing.retain(|path| {
            !self.arguments.iter().any(|(_, lookup)| match lookup {
                Lookup::Path(present) | Lookup::Object { path: present, to_attr: None } => {
                    covers(present, path)
                }
                _ => false,
            })
        });
        missing
    }

    /// Where what is left of `path` can be added to a shorter path that is there: `__country` in `"publisher"`.
    ///
    /// Only among plain paths: a longer one ahead of a `Prefetch` would walk its relation before it does.
    pub(in crate::plan) fn deepening<'w>(&self, path: &'w str) -> Option<(TextSize, &'w str)> {
        let mut shorter = Vec::new();
        for (range, lookup) in &self.arguments {
            let Lookup::Path(present) = lookup else { return None };
            if let Some(rest) = path.strip_prefix(present).filter(|rest| rest.starts_with("__")) {
                // A plain literal, not one of several parts or with escapes.
                let quotes = TextSize::new(2);
                let is_plain = range.len() == TextSize::of(*present) + quotes;
                shorter.push(is_plain.then_some((range.end() - TextSize::new(1), rest))?);
            }
        }
        shorter.into_iter().min_by_key(|(_, rest)| rest.len())
    }

    pub(in crate::plan) fn check_extensible(&self, syntax: &Syntax<'_>) -> Result<(), Unsupported> {
        self.obstacle.map_or(Ok(()), |(link, reason)| refuse(syntax, &link, reason))
    }
}

/// What a method of the chain stands in the way with.
pub(super) fn refuse<T>(
    syntax: &Syntax<'_>,
    link: &Link<'_>,
    reason: &'static str,
) -> Result<T, Unsupported> {
    let method = link.name().to_owned();
    Err(Unsupported::Method { line: syntax.lines.line(link.attribute.attr.start()), method, reason })
}

/// The paths, each once and without those that a longer one brings along.
pub(in crate::plan) fn without_covered<'w>(paths: &[&'w str]) -> Vec<&'w str> {
    let mut kept: Vec<&str> = Vec::new();
    for path in paths {
        let longer = paths.iter().any(|other| other != path && covers(other, path));
        if !longer && !kept.contains(path) {
            kept.push(path);
        }
    }
    kept
}

/// Whether following `path` follows `shorter` on the way.
pub(in crate::plan) fn covers(path: &str, shorter: &str) -> bool {
    path.strip_prefix(shorter).is_some_and(|rest| rest.is_empty() || rest.starts_with("__"))
}

/// Whether `defer()` names the relation `path` or one before it.
pub(super) fn defers(link: &Link<'_>, path: &str) -> bool {
    string_arguments(link.call).any(|field| covers(path, field))
}

/// What `only()` says of the relation that a join follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept<'w> {
    /// It is among the fields, whole or in part.
    Named,
    /// It is not; this field would be.
    Without(&'w str),
    /// Fields of it are named, but not those on the way; or the fields are computed.
    Unclear,
}

/// Reads the fields of an `only()` call for the relation `path`.
pub(super) fn kept<'w>(link: &Link<'_>, path: &'w str) -> Kept<'w> {
    let arguments = &link.call.arguments;
    if !arguments.keywords.is_empty() || !arguments.args.iter().all(Expr::is_string_literal_expr) {
        return Kept::Unclear;
    }
    let is_named = |whole: &str| {
        string_arguments(link.call).any(|field| field == whole)
            && !string_arguments(link.call).any(|field| field != whole && covers(field, whole))
    };
    let mut on_the_way = path.match_indices("__").map(|(end, _)| &path[..end]);
    if string_arguments(link.call).any(|field| covers(field, path)) || on_the_way.any(is_named) {
        return Kept::Named;
    }
    let first = path.split("__").next().unwrap_or(path);
    if string_arguments(link.call).any(|field| covers(field, first)) {
        Kept::Unclear
    } else {
        Kept::Without(first)
    }
}

fn string_arguments(call: &ExprCall) -> impl Iterator<Item = &str> {
    call.arguments.args.iter().filter_map(|argument| match argument {
        Expr::StringLiteral(field) => Some(field.value.to_str()),
        _ => None,
    })
}

/// Why an existing call cannot take more arguments.
fn obstacle(call: &ExprCall) -> Option<&'static str> {
    let arguments = &call.arguments;
    let select = matches!(&*call.func, Expr::Attribute(method) if method.attr.as_str() == "select_related");
    if arguments.args.iter().any(|argument| matches!(argument, Expr::NoneLiteral(_))) {
        return Some("is called with None, which clears what came before; remove that first");
    }
    if !arguments.keywords.is_empty() || arguments.args.iter().any(Expr::is_generator_expr) {
        return Some("takes its arguments from elsewhere; extend them there");
    }
    (select && arguments.is_empty())
        .then_some("without arguments follows every non-null foreign key; name the relations instead")
}

fn lookup(argument: &Expr) -> Lookup<'_> {
    match argument {
        Expr::StringLiteral(path) => Lookup::Path(path.value.to_str()),
        Expr::Call(call) if is_prefetch(call) => {
            let string = |name, position| match call.arguments.find_argument_value(name, position) {
                Some(Expr::StringLiteral(value)) => Some(value.value.to_str()),
                _ => None,
            };
            match string("lookup", 0) {
                Some(path) => Lookup::Object { path, to_attr: string("to_attr", 2) },
                None => Lookup::Opaque,
            }
        }
        _ => Lookup::Opaque,
    }
}

/// `Prefetch(…)`, under whatever name it was imported, or `GenericPrefetch(…)`.
fn is_prefetch(call: &ExprCall) -> bool {
    matches!(last_name(&call.func), Some("Prefetch" | "GenericPrefetch"))
        || call.arguments.find_keyword("queryset").is_some()
}

/// The quotes that the arguments of a call have.
pub(super) fn quote_of(link: &Link<'_>) -> Option<Quote> {
    link.call.arguments.args.iter().find_map(quote)
}

fn quote(argument: &Expr) -> Option<Quote> {
    match argument {
        Expr::StringLiteral(literal) if !literal.value.first_literal_flags().is_triple_quoted() => {
            Some(literal.value.first_literal_flags().quote_style())
        }
        _ => None,
    }
}
