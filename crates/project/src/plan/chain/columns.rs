//! Columns that `only()` or `defer()` leaves out and that are read all the same: named there, or no longer.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Expr, ExprStringLiteral};
use ruff_text_size::{Ranged, TextRange};

use crate::chain::{Chain, Link};
use crate::plan::draft::{Draft, quote_at, quoted};
use crate::syntax::Syntax;
use crate::unsupported::Unsupported;

use super::append_arguments;
use super::lookups::{quote_of, refuse};

/// Makes the chain fetch these columns, which are paths of a field; does nothing where it does.
pub(super) fn fetch(draft: &mut Draft<'_, '_>, chain: &Chain<'_>, paths: &[&str]) -> Result<(), Unsupported> {
    if paths.is_empty() {
        return Ok(());
    }
    if let Some(raw) = chain.links.iter().find(|link| link.name() == "raw") {
        return refuse(draft.syntax, raw, "runs hand-written SQL; add the column there");
    }
    // The last `only()` counts, and takes back what was deferred before it.
    let only = chain.links.iter().rposition(|link| link.name() == "only");
    if let Some(only) = only {
        name_in(draft, chain, &chain.links[only], paths)?;
    }
    for at in only.map_or(0, |only| only + 1)..chain.links.len() {
        if chain.links[at].name() == "defer" {
            leave_out_of(draft, chain, at, paths)?;
        }
    }
    Ok(())
}

fn name_in(
    draft: &mut Draft<'_, '_>,
    chain: &Chain<'_>,
    only: &Link<'_>,
    paths: &[&str],
) -> Result<(), Unsupported> {
    let fields = literals(draft.syntax, only)?;
    let missing: Vec<&&str> =
        paths.iter().filter(|path| !fields.iter().any(|field| field.value.to_str() == **path)).collect();
    if !missing.is_empty() {
        let quote = quote_of(only).unwrap_or_else(|| quote_at(draft.syntax, chain.base));
        let items: Vec<_> = missing.iter().map(|path| quoted(path, quote).into()).collect();
        append_arguments(draft, only, &items);
    }
    Ok(())
}

fn leave_out_of(
    draft: &mut Draft<'_, '_>,
    chain: &Chain<'_>,
    at: usize,
    paths: &[&str],
) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    let defer = &chain.links[at];
    let fields = literals(syntax, defer)?;
    let is_wanted = |field: &&ExprStringLiteral| paths.contains(&field.value.to_str());
    if !fields.iter().any(is_wanted) {
        return Ok(());
    }
    let removed = if fields.iter().all(&is_wanted) {
        vec![whole(syntax, chain, at)]
    } else {
        let ranges: Vec<_> = fields.iter().map(|field| (field.range(), is_wanted(field))).collect();
        arguments(&ranges)
    };
    for (range, replacement) in removed {
        if syntax.tokens_in(range).iter().any(|token| token.kind() == TokenKind::Comment) {
            return refuse(syntax, defer, "has a comment beside the column; take it out by hand");
        }
        draft.replace(range, replacement);
    }
    Ok(())
}

/// The fields of a call, if all of them can be read.
fn literals<'a>(syntax: &Syntax<'_>, link: &Link<'a>) -> Result<Vec<&'a ExprStringLiteral>, Unsupported> {
    let arguments = &link.call.arguments;
    let literal = |argument: &'a Expr| match argument {
        Expr::StringLiteral(field) => Some(field),
        _ => None,
    };
    let fields = arguments.args.iter().map(literal).collect::<Option<Vec<_>>>();
    match fields.filter(|_| arguments.keywords.is_empty()) {
        Some(fields) => Ok(fields),
        None => refuse(syntax, link, "takes its fields from elsewhere; change them there"),
    }
}

/// The call with its dot. Alone behind a manager it becomes `.all()`, which is a queryset as well.
fn whole(syntax: &Syntax<'_>, chain: &Chain<'_>, at: usize) -> (TextRange, &'static str) {
    let call = chain.links[at].call;
    if chain.links.len() == 1 {
        return (TextRange::new(chain.links[at].range().start(), call.end()), "all()");
    }
    let before = match at.checked_sub(1) {
        Some(previous) => chain.links[previous].call.end(),
        None => syntax.range(chain.base).end(),
    };
    (TextRange::new(before, call.end()), "")
}

/// Arguments with the commas that go with them: the one behind each or, of those at the end, the one before.
fn arguments(fields: &[(TextRange, bool)]) -> Vec<(TextRange, &'static str)> {
    let mut removed = Vec::new();
    let kept_at_end = fields.iter().rposition(|(_, is_removed)| !is_removed).unwrap_or_default();
    for (at, (range, is_removed)) in fields[..kept_at_end].iter().enumerate() {
        if *is_removed {
            removed.push((TextRange::new(range.start(), fields[at + 1].0.start()), ""));
        }
    }
    if let (Some((kept, _)), Some((last, true))) = (fields.get(kept_at_end), fields.last()) {
        removed.push((TextRange::new(kept.end(), last.end()), ""));
    }
    removed
}
