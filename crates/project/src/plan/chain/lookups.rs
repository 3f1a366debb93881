//! The lookups that a chain's `select_related` or `prefetch_related` calls name already.

use ruff_python_ast::str::Quote;
use ruff_python_ast::{Expr, ExprCall, StringFlags};
use ruff_text_size::{Ranged, TextRange};

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

/// Whether `only()` or `defer()` names the relation `path` or a field behind it.
pub(super) fn names_relation(link: &Link<'_>, path: &str) -> bool {
    link.call.arguments.args.iter().any(|argument| match argument {
        Expr::StringLiteral(field) => {
            let field = field.value.to_str();
            if link.name() == "defer" { covers(path, field) } else { covers(field, path) }
        }
        _ => false,
    })
}

/// Why an existing call cannot take more arguments.
fn obstacle(call: &ExprCall) -> Option<&'static str> {
    let arguments = &call.arguments;
    let select = matches!(&*call.func, Expr::Attribute(method) if method.attr.as_str() == "select_related");
    if arguments.args.iter().any(|argument| matches!(argument, Expr::NoneLiteral(_))) {
        return Some("is called with None, which clears what came before; remove that first");
    }
    let unknown = |argument: &Expr| matches!(argument, Expr::Starred(_) | Expr::Generator(_));
    if !arguments.keywords.is_empty() || arguments.args.iter().any(unknown) {
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

/// `Prefetch(…)`, under whatever name it was imported.
fn is_prefetch(call: &ExprCall) -> bool {
    last_name(&call.func) == Some("Prefetch") || call.arguments.find_keyword("queryset").is_some()
}

fn quote(argument: &Expr) -> Option<Quote> {
    match argument {
        Expr::StringLiteral(literal) if !literal.value.first_literal_flags().is_triple_quoted() => {
            Some(literal.value.first_literal_flags().quote_style())
        }
        _ => None,
    }
}
