//! A chain of several calls that gets too long for its line: in brackets, each call on a line of its own.

use ruff_python_ast::AnyNodeRef;
use ruff_python_ast::token::TokenKind;
use ruff_text_size::{Ranged, TextRange};

use crate::chain::Chain;
use crate::plan::draft::Draft;
use crate::plan::layout::{Item, Layout, Place, chars, line_chars};
use crate::syntax::Syntax;

/// Calls from which a formatter takes this layout; shorter chains have the last call's arguments on lines instead.
const CALLS_MIN: usize = 3;

/// What is to be written into a chain.
#[derive(Clone, Copy)]
pub(super) struct New<'n> {
    pub(super) calls: &'n [Item],
    /// The link before which it goes.
    pub(super) gap: usize,
    /// Whether that link gives way.
    pub(super) replaces: bool,
}

/// Lays the chain out in brackets with the new calls in it; says whether it did.
pub(super) fn write(draft: &mut Draft<'_, '_>, chain: &Chain<'_>, layout: &Layout, new: New<'_>) -> bool {
    let syntax = draft.syntax;
    let range = chain.range(syntax);
    let text = syntax.slice(range);
    let added: usize = new.calls.iter().map(|call| chars(&call.inline()) + 1).sum();
    let replaced = if new.replaces { chars(".all()") } else { 0 };
    let kept = chain.links.len() - usize::from(new.replaces);
    let base_calls = usize::from(syntax.call(chain.base).is_some());
    if text.contains(['\n', '\r'])
        || base_calls + kept + new.calls.len() < CALLS_MIN
        || layout.has_room(line_chars(syntax, range.start()), added.saturating_sub(replaced))
        || !is_whole_value(syntax, chain)
    {
        return false;
    }
    let Some(dots) = chain.links.iter().map(|link| link.dot(syntax)).collect::<Option<Vec<_>>>() else {
        return false;
    };
    let place = Place::of(syntax, range.start());
    let inner = format!("{}{}", place.indentation, layout.unit());
    let line = format!("{}{inner}", place.newline);
    let call = |call: &Item| {
        let place = Place { indentation: &inner, newline: place.newline };
        format!("{line}.{}", call.fitted(layout, chars(&inner) + 1, place))
    };
    let mut inserted: String = new.calls.iter().map(call).collect();
    // The first call stays with a plain name.
    let joins_first = base_calls == 0;
    if joins_first && new.gap == 0 {
        inserted = inserted.split_off(line.len());
    }
    draft.insert(range.start(), format!("({line}"));
    for (at, dot) in dots.iter().enumerate() {
        let is_joined = joins_first && at == 0 && new.gap > 0;
        let before = if at == new.gap { std::mem::take(&mut inserted) } else { String::new() };
        if at == new.gap && new.replaces {
            draft.replace(TextRange::new(dot.start, chain.links[at].call.end()), before);
        } else if !is_joined {
            draft.insert(dot.start, before + &line);
        }
    }
    draft.insert(range.end(), format!("{inserted}{}{})", place.newline, place.indentation));
    true
}

/// Whether the chain is all that a statement assigns or returns, without brackets so far.
fn is_whole_value(syntax: &Syntax<'_>, chain: &Chain<'_>) -> bool {
    let range = chain.range(syntax);
    let outermost = chain.outermost();
    let bracketed = syntax.token_before(range.start()).is_some_and(|token| token.kind() == TokenKind::Lpar);
    let is_value = match syntax.parent(outermost).map(|parent| syntax.node(parent)) {
        Some(AnyNodeRef::StmtAssign(statement)) => statement.value.range() == range,
        Some(AnyNodeRef::StmtAnnAssign(statement)) => {
            statement.value.as_ref().is_some_and(|value| value.range() == range)
        }
        Some(AnyNodeRef::StmtReturn(_)) => true,
        _ => false,
    };
    is_value && !bracketed
}
