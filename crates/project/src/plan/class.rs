//! Eager loads on classes that leave building the queryset to the framework.

mod admin;

use ruff_python_ast::str::Quote;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{AnyNodeRef, Expr, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::chain::{Chain, last_name};
use crate::scope::{self, function_around};
use crate::syntax::Syntax;
use crate::unsupported::Unsupported;

use super::chain;
use super::draft::{Draft, prevailing_quote, quoted};
use super::locate::{self, Load, Spot, Target};

/// A class of the file.
pub(super) struct Class<'c, 'a> {
    qualname: &'c str,
    node: &'a StmtClassDef,
}

/// Adds `loads` to the class; does nothing when all of them are there.
pub(super) fn load(draft: &mut Draft<'_, '_>, qualname: &str, loads: &[Load]) -> Result<(), Unsupported> {
    let found = scope::classes(draft.syntax, qualname);
    let refuse = |reason| Err(Unsupported::Class { qualname: qualname.to_owned(), reason });
    let class = match found.as_slice() {
        [(_, node)] => Class { qualname, node },
        [] => return refuse("is not defined in the file; record a new trace of the current source"),
        _ => return refuse("is defined more than once in the file"),
    };
    if loads.iter().any(|load| matches!(load, Load::Filtered(_))) {
        return refuse("builds its queryset outside the function that filters the relation");
    }
    match admin::kind(class.node) {
        Some(kind) => admin::load(draft, &class, kind, loads),
        None => view(draft, &class, loads),
    }
}

/// A generic view, a DRF viewset, or anything else with the same attributes.
fn view(draft: &mut Draft<'_, '_>, class: &Class<'_, '_>, loads: &[Load]) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    let attribute = class.value("queryset").filter(|value| !value.is_none_literal_expr());
    let target = match (attribute, class.method("get_queryset")) {
        (Some(value), None) => class.target_of(syntax, value)?,
        (Some(value), Some(method)) => {
            // The attribute counts only as far as the method asks for it.
            let target = class.returned(syntax, method);
            match target {
                Ok(target) if !inherits_queryset(syntax, &target.chain) => target,
                Err(refusal) if !uses_attribute(syntax, method) => return Err(refusal),
                _ => class.target_of(syntax, value)?,
            }
        }
        (None, Some(method)) => class.returned(syntax, method)?,
        (None, None) => return model_view(draft, class, loads),
    };
    chain::load(draft, &target, loads)
}

/// `model = X` becomes `model = X` and an eager `queryset`.
fn model_view(draft: &mut Draft<'_, '_>, class: &Class<'_, '_>, loads: &[Load]) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    let Some((statement, value)) = class.assignment("model") else {
        return class.refuse("has neither `queryset`, `get_queryset` nor `model`; it inherits its queryset");
    };
    if !matches!(value, Expr::Name(_) | Expr::Attribute(_)) {
        return class.refuse("does not name its model as a class");
    }
    let calls = Paths::of(loads).calls(prevailing_quote(syntax));
    if calls.is_empty() {
        return Ok(());
    }
    let text = format!("queryset = {}.objects{calls}", syntax.slice(value.range()));
    class.insert_after(draft, statement, &text, 0)
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
                Load::Filtered(_) => {}
            }
        }
        Self { selects: chain::without_covered(&selects), prefetches: chain::without_covered(&prefetches) }
    }

    /// The method calls that load them, to follow a manager or queryset.
    fn calls(&self, quote: Quote) -> String {
        [("select_related", &self.selects), ("prefetch_related", &self.prefetches)]
            .into_iter()
            .filter(|(_, paths)| !paths.is_empty())
            .map(|(method, paths)| format!(".{method}({})", quoted_list(paths, quote)))
            .collect::<Vec<_>>()
            .concat()
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

impl<'a> Class<'_, 'a> {
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

    /// Inserts lines after a statement of the class body. `blank_lines` come before them.
    fn insert_after(
        &self,
        draft: &mut Draft<'_, '_>,
        statement: &Stmt,
        text: &str,
        blank_lines: usize,
    ) -> Result<(), Unsupported> {
        let syntax = draft.syntax;
        let Some(indentation) = own_line_indentation(syntax, statement) else {
            return self.refuse("has its body on the line of its name");
        };
        let newline = syntax.newline(statement.start());
        let blank = newline.repeat(blank_lines);
        let lines: Vec<String> = text.lines().map(|line| format!("{indentation}{line}")).collect();
        let lines = lines.join(newline);
        if let Some(at) = line_after(syntax, statement.end()) {
            draft.insert(at, format!("{blank}{lines}{newline}"));
        } else {
            draft.insert(TextSize::of(syntax.text), format!("{newline}{blank}{lines}"));
        }
        Ok(())
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

/// What a statement is indented with, unless something else stands before it on its line.
fn own_line_indentation<'a>(syntax: &Syntax<'a>, statement: &Stmt) -> Option<&'a str> {
    let line_start = syntax.lines.start(syntax.lines.line(statement.start()))?;
    let before = syntax.slice(TextRange::new(line_start, statement.start()));
    before.trim().is_empty().then_some(before)
}

/// The start of the line after the logical line that ends with `end`; `None` when the text ends there.
fn line_after(syntax: &Syntax<'_>, end: TextSize) -> Option<TextSize> {
    let tokens = syntax.tokens();
    tokens[tokens.partition_point(|token| token.start() < end)..]
        .iter()
        .find(|token| token.kind() == TokenKind::Newline)
        .filter(|token| !token.range().is_empty())
        .map(Ranged::end)
}

/// The last names of a class's bases, `ModelAdmin` for `admin.ModelAdmin[Book]`.
fn base_names(class: &StmtClassDef) -> impl Iterator<Item = &str> {
    class.bases().iter().filter_map(|base| match base {
        Expr::Subscript(generic) => last_name(&generic.value),
        base => last_name(base),
    })
}
