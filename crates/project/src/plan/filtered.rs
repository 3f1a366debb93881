//! Filtered relations: the filter moves from where the relation is read to a `Prefetch` where the rows are built.

use ruff_python_ast::str::Quote;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{AnyNodeRef, Expr};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::chain::{Chain, Link, Method, attribute_of};
use crate::eager_load::FilteredForm;
use crate::scope::{function_around, statement_around};
use crate::syntax::{NodeId, Syntax};
use crate::unsupported::Unsupported;

use super::chain::{Lookup, Lookups, covers};
use super::draft::{Draft, quoted};
use super::layout::{Item, chars};
use super::locate::{FilteredLoad, Load, Target, relation};
use super::movable;

/// Methods that give the same rows for every parent whether they are asked of its relation or of the model.
///
/// `annotate` is not among them: its joins meet the relation's condition in another order. `distinct` is only
/// without fields, which would be distinct over all parents together.
const MOVABLE: [&str; 8] =
    ["all", "filter", "exclude", "order_by", "reverse", "distinct", "select_related", "prefetch_related"];

/// One `Prefetch` to write.
pub(super) struct Filtered {
    path: String,
    filter: String,
    model: String,
    prefetch: String,
    to_attr: Option<String>,
    /// The plain lookup whose place it takes.
    takes_place_of: Option<TextRange>,
}

/// A read of the relation, with what is asked of it.
struct Access<'a> {
    line: u32,
    read: NodeId,
    name: &'a str,
    chain: Chain<'a>,
}

impl<'a> Access<'a> {
    fn find(syntax: &Syntax<'a>, load: &FilteredLoad) -> Result<Self, Unsupported> {
        let line = syntax.lines.line(load.instance.start());
        let read = syntax.expression(load.instance).and_then(|instance| attribute_of(syntax, instance));
        let read = read.ok_or(Unsupported::NothingThere { line })?;
        let attribute = syntax.attribute(read).ok_or(Unsupported::NothingThere { line })?;
        Ok(Self { line, read, name: attribute.attr.as_str(), chain: Chain::from_base(syntax, read) })
    }

    fn refuse<T>(&self, reason: impl Into<String>) -> Result<T, Unsupported> {
        Err(Unsupported::Access { line: self.line, reason: reason.into() })
    }

    /// Whether the access already reads what a `Prefetch` in the chain left.
    fn is_served(&self, load: &FilteredLoad, present: &Lookups<'_>) -> bool {
        let asks_all = match self.chain.links.as_slice() {
            [] => true,
            [link] => link.name() == "all",
            _ => false,
        };
        asks_all
            && present.arguments.iter().any(|(_, lookup)| match lookup {
                Lookup::Object { path, to_attr } => {
                    *path == load.path && to_attr.unwrap_or(relation(&load.path)) == self.name
                }
                _ => false,
            })
    }
}

/// Plans the filtered loads among `loads` and rewrites their accesses.
pub(super) fn prefetches(
    draft: &mut Draft<'_, '_>,
    target: &Target<'_>,
    present: &Lookups<'_>,
    loads: &[Load],
) -> Result<Vec<Filtered>, Unsupported> {
    let syntax = draft.syntax;
    let mut accesses = Vec::new();
    for load in loads {
        if let Load::Filtered(load) = load {
            accesses.push((load, Access::find(syntax, load)?));
        }
    }
    accesses.retain(|(load, access)| !access.is_served(load, present));
    let reads: Vec<NodeId> = accesses.iter().map(|(_, access)| access.read).collect();
    let mut planned: Vec<Filtered> = Vec::new();
    for (load, access) in &accesses {
        let function = check_access(syntax, target, load, access)?;
        let wanted_whole =
            loads.iter().any(|other| matches!(other, Load::Prefetch(path) if *path == load.path));
        let filter = filter_text(syntax, access)?;
        let other_read = other_read(syntax, function, relation(&load.path), &reads);
        let same = planned.iter().find(|other| other.path == load.path && other.filter == filter);
        let to_attr = match (load.form, same) {
            (FilteredForm::Replace, Some(same)) if same.to_attr.is_none() => None,
            (FilteredForm::Replace, _) => {
                let clash = planned.iter().any(|other| other.path == load.path);
                check_replace(access, load, present, wanted_whole || clash, other_read)?;
                None
            }
            (FilteredForm::ToAttr, Some(Filtered { to_attr: Some(name), .. })) => Some(name.clone()),
            (FilteredForm::ToAttr, _) => Some(fresh_attribute(draft, relation(&load.path), access)),
        };
        rewrite(draft, access, to_attr.as_deref());
        if same.is_some_and(|same| same.to_attr == to_attr) {
            continue;
        }
        let plain = present.arguments.iter().find(|(_, lookup)| *lookup == Lookup::Path(&load.path));
        let first = !planned.iter().any(|other| other.path == load.path);
        let superseded = first && !wanted_whole && other_read.is_none();
        let names = (function, evaluated_at(syntax, &target.chain).unwrap_or_default());
        planned.push(Filtered {
            path: load.path.clone(),
            filter,
            model: draft.imports.model(&load.model.module, &load.model.name, names)?,
            prefetch: draft.imports.prefetch(names)?,
            to_attr,
            takes_place_of: plain.filter(|_| superseded).map(|(range, _)| *range),
        });
    }
    Ok(planned)
}

/// Writes those that replace an existing lookup; gives back the arguments to append.
pub(super) fn place(
    draft: &mut Draft<'_, '_>,
    base: NodeId,
    filtered: Vec<Filtered>,
    quote: Quote,
) -> Vec<Item> {
    let layout = draft.layout.clone().at(draft.syntax, base);
    let mut appended = Vec::new();
    for Filtered { path, filter, model, prefetch, to_attr, takes_place_of } in filtered {
        let to_attr = to_attr.map(|name| format!("to_attr={}", quoted(&name, quote)));
        let queryset = format!("queryset={model}.objects{filter}");
        let arguments = [Some(quoted(&path, quote)), Some(queryset), to_attr];
        let item = Item::call(prefetch, arguments.into_iter().flatten().map(Item::Text).collect());
        match takes_place_of {
            Some(range) => {
                let replaced = range.len().to_usize();
                let added = chars(&item.inline()).saturating_sub(replaced);
                let line = draft.line_for(&layout, range, added);
                let text = item.fitted(&layout, line.chars.saturating_sub(replaced), line.place());
                draft.replace(range, text);
            }
            None => appended.push(item),
        }
    }
    appended
}

/// Where the statement that builds the queryset starts; what it uses must have its value by then.
fn evaluated_at(syntax: &Syntax<'_>, chain: &Chain<'_>) -> Option<TextSize> {
    statement_around(syntax, chain.base).map(|statement| syntax.range(statement).start())
}

/// Everything that must hold whichever way the rows are kept; gives back the function both places are in.
fn check_access(
    syntax: &Syntax<'_>,
    target: &Target<'_>,
    load: &FilteredLoad,
    access: &Access<'_>,
) -> Result<NodeId, Unsupported> {
    if access.name != relation(&load.path) {
        return access.refuse(format!("it reads `.{}`, not `.{}`", access.name, relation(&load.path)));
    }
    check_methods(access)?;
    if target.chain.range(syntax).intersect(access.chain.range(syntax)).is_some() {
        return access.refuse("it is part of the queryset that it would be moved to");
    }
    let function = function_around(syntax, access.read);
    let Some(function) = function.filter(|_| function == function_around(syntax, target.chain.base)) else {
        return access
            .refuse("the queryset is built in another function, where the filter may mean something else");
    };
    let Some(before) = evaluated_at(syntax, &target.chain) else {
        return access.refuse("the queryset is not built by a statement");
    };
    for link in &access.chain.links {
        movable::check(syntax, function, before, &link.call.arguments)
            .or_else(|reason| access.refuse(reason))?;
    }
    check_use(syntax, load.form, access)?;
    Ok(function)
}

fn check_methods(access: &Access<'_>) -> Result<(), Unsupported> {
    if access.chain.links.iter().all(|link| link.name() == "all") {
        return access.refuse("it reads the whole relation; a plain prefetch is enough");
    }
    for link in &access.chain.links {
        let name = link.name();
        match link.method() {
            Method::Instances | Method::Scalar => {
                return access.refuse(format!("`.{name}()` asks the database for one result per parent"));
            }
            _ if !MOVABLE.contains(&name) => {
                return access.refuse(format!("`.{name}()` may mean something else in a prefetch"));
            }
            _ if name == "distinct" && !link.call.arguments.is_empty() => {
                return access.refuse("`distinct` on fields would be distinct over all parents together");
            }
            _ => {}
        }
    }
    Ok(())
}

/// A list can take the place of the queryset only where nothing but its rows and their number is asked for.
fn check_use(syntax: &Syntax<'_>, form: FilteredForm, access: &Access<'_>) -> Result<(), Unsupported> {
    let outermost = access.chain.outermost();
    let range = syntax.range(outermost);
    let Some(parent) = syntax.parent(outermost).map(|parent| syntax.node(parent)) else { return Ok(()) };
    if matches!(parent, AnyNodeRef::ExprAttribute(_)) {
        return access.refuse("an attribute of the queryset is read");
    }
    let call = || {
        let arguments = syntax.parent(outermost)?;
        syntax.call(syntax.parent(arguments)?)
    };
    let iterated = match parent {
        AnyNodeRef::StmtFor(statement) => !statement.is_async && statement.iter.range() == range,
        AnyNodeRef::Comprehension(clause) => !clause.is_async && clause.iter.range() == range,
        AnyNodeRef::Arguments(arguments) => {
            let function = call().map(|call| &*call.func);
            matches!(function, Some(Expr::Name(name)) if matches!(name.id.as_str(), "list" | "len"))
                && arguments.len() == 1
        }
        _ => false,
    };
    if iterated || form == FilteredForm::Replace {
        return Ok(());
    }
    access.refuse("its value is used as a queryset, where a list could behave differently")
}

/// What the relation's own cache must not be filled for.
fn check_replace(
    access: &Access<'_>,
    load: &FilteredLoad,
    present: &Lookups<'_>,
    clash: bool,
    other_read: Option<u32>,
) -> Result<(), Unsupported> {
    if clash {
        return access.refuse("the relation is also prefetched with other rows");
    }
    if let Some(line) = other_read {
        return access.refuse(format!("the relation is also read on line {line}"));
    }
    for (_, lookup) in &present.arguments {
        match lookup {
            // The path itself is replaced; Django refuses a queryset for a relation that was walked before.
            Lookup::Path(path) if *path == load.path => return Ok(()),
            Lookup::Path(path) | Lookup::Object { path, to_attr: None } if covers(path, &load.path) => {
                return access
                    .refuse(format!("the lookup `{path}` before it prefetches the relation already"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The line of another read of the relation in the function.
fn other_read(syntax: &Syntax<'_>, function: NodeId, relation: &str, known: &[NodeId]) -> Option<u32> {
    let other = syntax.descendants(function).find(|id| {
        !known.contains(id)
            && syntax.attribute(*id).is_some_and(|attribute| attribute.attr.as_str() == relation)
    })?;
    Some(syntax.lines.line(syntax.range(other).end()))
}

fn rewrite(draft: &mut Draft<'_, '_>, access: &Access<'_>, to_attr: Option<&str>) {
    let syntax = draft.syntax;
    let end = syntax.range(access.chain.outermost()).end();
    let name_start = syntax.range(access.read).end() - TextSize::new(access.name.len() as u32);
    match (to_attr, access.chain.links.first()) {
        (Some(name), _) => draft.replace(TextRange::new(name_start, end), name),
        (None, Some(link)) => draft.replace(TextRange::new(link.range().start(), end), "all()"),
        (None, None) => {}
    }
}

/// A name that the file does not use yet.
fn fresh_attribute(draft: &mut Draft<'_, '_>, relation: &str, access: &Access<'_>) -> String {
    let filters = |link: &Link<'_>| matches!(link.name(), "filter" | "exclude");
    let prefix = if access.chain.links.iter().any(filters) { "filtered" } else { "ordered" };
    let text = draft.syntax.text;
    let taken = |name: &str| draft.new_attributes.iter().any(|other| other == name) || mentions(text, name);
    let mut name = format!("{prefix}_{relation}");
    let mut number = 1;
    while taken(&name) {
        number += 1;
        name = format!("{prefix}_{relation}_{number}");
    }
    draft.new_attributes.push(name.clone());
    name
}

fn mentions(text: &str, name: &str) -> bool {
    let part_of_word = |char: char| char == '_' || char.is_alphanumeric();
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(part_of_word) && !text[at + name.len()..].starts_with(part_of_word)
    })
}

/// What is asked of the relation, `.filter(…).order_by(…)`, on one line.
fn filter_text(syntax: &Syntax<'_>, access: &Access<'_>) -> Result<String, Unsupported> {
    let start = syntax.range(access.read).end();
    let range = TextRange::new(start, syntax.range(access.chain.outermost()).end());
    one_line(syntax, range).or_else(|()| access.refuse("a comment inside the filter would be lost"))
}

/// The source of `range` with its line breaks taken out. Fails on comments, which need theirs.
fn one_line(syntax: &Syntax<'_>, range: TextRange) -> Result<String, ()> {
    let mut text = String::new();
    let mut previous: Option<(TokenKind, TextSize)> = None;
    let mut calls = Vec::new();
    for token in syntax.tokens_in(range) {
        let kind = token.kind();
        match kind {
            TokenKind::Comment => return Err(()),
            TokenKind::NonLogicalNewline => continue,
            _ => {}
        }
        if matches!(kind, TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace) {
            let after_value =
                matches!(previous, Some((TokenKind::Name | TokenKind::Rpar | TokenKind::Rsqb, _)));
            calls.push(kind == TokenKind::Lpar && after_value);
        }
        let closes = matches!(kind, TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace);
        let closes_call = closes && calls.pop() == Some(true);
        if let Some((before, end)) = previous {
            let gap = syntax.slice(TextRange::new(end, token.start()));
            let opened = matches!(before, TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace);
            if !gap.contains(['\n', '\r']) {
                text.push_str(gap);
            } else if closes_call && before == TokenKind::Comma {
                text.pop();
            } else if !opened && !closes && kind != TokenKind::Dot {
                text.push(' ');
            }
        }
        text.push_str(syntax.slice(token.range()));
        previous = Some((kind, token.end()));
    }
    Ok(text)
}
