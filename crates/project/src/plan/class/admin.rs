//! Classes of the Django admin: `list_select_related` for the change list, `get_queryset` for the rest.

use ruff_python_ast::{Expr, StmtClassDef};
use ruff_text_size::{Ranged, TextRange};

use crate::chain::last_name;
use crate::unsupported::Unsupported;

use super::super::chain::{self, Lookups};
use super::super::draft::{Draft, prevailing_quote, quoted};
use super::super::items::{self, Items};
use super::super::layout::Item;
use super::super::locate::Load;
use super::super::room::Line;
use super::body::{NewBody, get_queryset};
use super::{Class, Paths, base_names, quoted_list};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Has a change list.
    ModelAdmin,
    /// Has none, so `list_select_related` means nothing to it.
    Inline,
}

pub(super) fn kind(class: &StmtClassDef) -> Option<Kind> {
    let registered = class.decorator_list.iter().any(|decorator| match &decorator.expression {
        Expr::Call(call) => last_name(&call.func) == Some("register"),
        _ => false,
    });
    if base_names(class).any(|name| name.ends_with("TabularInline") || name.ends_with("StackedInline")) {
        return Some(Kind::Inline);
    }
    (registered || base_names(class).any(|name| name.ends_with("ModelAdmin"))).then_some(Kind::ModelAdmin)
}

pub(super) fn load(
    draft: &mut Draft<'_, '_>,
    class: &Class<'_, '_>,
    kind: Kind,
    loads: &[Load],
) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    let target = class.method("get_queryset").map(|method| class.returned(syntax, method)).transpose();
    // The change list leaves a queryset alone that selects relations itself.
    let selects_itself = matches!(&target, Ok(Some(target))
        if !Lookups::read(&target.chain, "select_related").calls.is_empty());
    let in_list = kind == Kind::ModelAdmin && !selects_itself;
    let (listed, built): (Vec<Load>, Vec<Load>) =
        loads.iter().cloned().partition(|load| in_list && matches!(load, Load::Select(_)));

    let mut body = NewBody::default();
    if !listed.is_empty() {
        list_select_related(draft, class, &Paths::of(&listed).selects, &mut body)?;
    }
    if !built.is_empty() {
        match target? {
            Some(target) => chain::load(draft, &target, &built)?,
            None => body.method = Some(get_queryset(draft, class.node, "request", &Paths::of(&built))),
        }
    }
    body.write(draft, class)
}

/// Extends the attribute, or says what to add.
fn list_select_related(
    draft: &mut Draft<'_, '_>,
    class: &Class<'_, '_>,
    wanted: &[&str],
    body: &mut NewBody,
) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    if class.method("get_list_select_related").is_some() {
        return class.refuse("decides in `get_list_select_related`; extend that");
    }
    let quote = prevailing_quote(syntax);
    let tuple = |paths: &[&str]| {
        let comma = if paths.len() == 1 { "," } else { "" };
        format!("({}{comma})", quoted_list(paths, quote))
    };
    let (elements, lone_comma, bracketed) = match class.value("list_select_related") {
        None => {
            body.attribute = Some(format!("list_select_related = {}", tuple(wanted)));
            return Ok(());
        }
        Some(Expr::BooleanLiteral(literal)) if !literal.value => {
            draft.replace(literal.range, tuple(wanted));
            return Ok(());
        }
        Some(Expr::BooleanLiteral(_)) => {
            return class.refuse("has `list_select_related = True`, which follows every non-null foreign key; name the relations instead");
        }
        Some(Expr::Tuple(tuple)) => (&tuple.elts, true, tuple.parenthesized),
        Some(Expr::List(list)) => (&list.elts, false, true),
        Some(_) => return class.refuse("computes `list_select_related`; extend it there"),
    };
    let mut present = Vec::new();
    for element in elements {
        match element {
            Expr::StringLiteral(path) => present.push(path.value.to_str()),
            _ => return class.refuse("computes `list_select_related`; extend it there"),
        }
    }
    let missing: Vec<Item> = wanted
        .iter()
        .filter(|path| !present.iter().any(|present| chain::covers(present, path)))
        .map(|path| quoted(path, quote).into())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let ranges: Vec<TextRange> = elements.iter().map(Ranged::range).collect();
    let close = class
        .value("list_select_related")
        .filter(|_| bracketed)
        .and_then(|value| syntax.token_before(value.end()))
        .map(|close| close.start());
    let items = Items { ranges: &ranges, open: None, close, lone_comma };
    let line = Line::of(syntax, class.node.start());
    let edits = items::append(syntax, &draft.layout, &line, &items, &missing);
    draft.extend(edits);
    Ok(())
}
