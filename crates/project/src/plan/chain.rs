//! Eager loads on a queryset chain: extend the calls that are there, insert the ones that are not.

mod bracketed;
mod columns;
mod lookups;
mod rows;
mod steps;

use ruff_python_ast::token::TokenKind;
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::chain::{Chain, Dot, Link, Method};
use crate::syntax::Syntax;
use crate::unsupported::Unsupported;

use super::draft::{Draft, quote_at, quoted};
use super::filtered;
use super::items::{self, Items};
use super::layout::{self, Item, Layout, Place, chars};
use super::locate::{Load, Target};

use lookups::{Kept, refuse};

pub(super) use lookups::{Lookup, Lookups, covers, without_covered};

/// Adds `loads` to the chain, or to a later step of it; does nothing when all of them are there.
pub(super) fn load(
    draft: &mut Draft<'_, '_>,
    target: &Target<'_>,
    loads: &[Load],
) -> Result<(), Unsupported> {
    let mut own = loads.to_vec();
    for (step, loads) in steps::take_later(draft.syntax, &target.chain, &mut own) {
        load_here(draft, &step, &loads)?;
    }
    load_here(draft, target, &own)
}

fn load_here(draft: &mut Draft<'_, '_>, target: &Target<'_>, loads: &[Load]) -> Result<(), Unsupported> {
    let syntax = draft.syntax;
    let chain = &target.chain;
    let line = syntax.lines.line(syntax.range(chain.base).start());
    let mut column_paths: Vec<&str> = loads.iter().filter_map(Load::column).collect();
    let selects = Lookups::read(chain, "select_related");
    let prefetches = Lookups::read(chain, "prefetch_related");
    let wanted = |pick: fn(&Load) -> Option<&str>| loads.iter().filter_map(pick).collect::<Vec<_>>();
    let mut select_paths = selects.missing(&wanted(|load| match load {
        Load::Select(path) => Some(path),
        _ => None,
    }));
    let mut prefetch_paths = prefetches.missing(&wanted(|load| match load {
        Load::Prefetch(path) => Some(path),
        _ => None,
    }));
    let filtered = filtered::prefetches(draft, target, &prefetches, loads)?;
    let prefetches_anything = !prefetch_paths.is_empty() || !filtered.is_empty();
    if !select_paths.is_empty() {
        selects.check_extensible(syntax)?;
        check_select(syntax, chain, &select_paths)?;
    }
    if prefetches_anything {
        prefetches.check_extensible(syntax)?;
        check_prefetch(syntax, chain)?;
    }
    if !select_paths.is_empty() || prefetches_anything {
        check_rows(syntax, chain)?;
        check_base(syntax, chain, line)?;
    }

    if loads.contains(&Load::Rows) {
        rows::fetch(draft, chain)?;
    }
    keep_columns(chain, &select_paths, &mut column_paths);
    columns::fetch(draft, chain, &column_paths)?;
    deepen(draft, &selects, &mut select_paths);
    if filtered.is_empty() {
        deepen(draft, &prefetches, &mut prefetch_paths);
    }
    let quote = selects.quote().or(prefetches.quote()).unwrap_or_else(|| quote_at(syntax, chain.base));
    let select_items: Vec<Item> = select_paths.iter().map(|path| quoted(path, quote).into()).collect();
    let quote = prefetches.quote().or(selects.quote()).unwrap_or_else(|| quote_at(syntax, chain.base));
    // Filtered prefetches first: Django refuses one whose relation an earlier lookup has already walked.
    let mut prefetch_items = filtered::place(draft, chain.base, filtered, quote);
    prefetch_items.extend(prefetch_paths.iter().map(|path| Item::from(quoted(path, quote))));

    place(draft, target, (&selects, select_items), (&prefetches, prefetch_items));
    Ok(())
}

/// The relations to join have to be among the fields that the queryset keeps, which are those of its last `only()`.
fn keep_columns<'l>(chain: &Chain<'_>, select_paths: &[&'l str], columns: &mut Vec<&'l str>) {
    let Some(only) = chain.links.iter().rfind(|link| link.name() == "only") else { return };
    for path in select_paths {
        if let Kept::Without(field) = lookups::kept(only, path)
            && !columns.contains(&field)
        {
            columns.push(field);
        }
    }
}

/// Goes on from shorter paths that are there, and keeps the rest of `paths`.
fn deepen(draft: &mut Draft<'_, '_>, present: &Lookups<'_>, paths: &mut Vec<&str>) {
    let mut taken = Vec::new();
    paths.retain(|path| match present.deepening(path) {
        Some((at, rest)) if !taken.contains(&at) => {
            taken.push(at);
            draft.insert(at, rest);
            false
        }
        _ => true,
    });
}

/// Writes both kinds of items, next to each other where one kind has a call already.
fn place(
    draft: &mut Draft<'_, '_>,
    target: &Target<'_>,
    (selects, select_items): (&Lookups<'_>, Vec<Item>),
    (prefetches, prefetch_items): (&Lookups<'_>, Vec<Item>),
) {
    let mut new_calls = Vec::new();
    for (lookups, items, method) in
        [(selects, select_items, "select_related"), (prefetches, prefetch_items, "prefetch_related")]
    {
        if items.is_empty() {
            continue;
        }
        match lookups.calls.last() {
            Some(call) => append_arguments(draft, &target.chain.links[*call], &items),
            None => new_calls.push(Item::call(method, items)),
        }
    }
    if new_calls.is_empty() {
        return;
    }
    match (selects.calls.last(), prefetches.calls.first()) {
        (Some(select), _) => insert_calls(draft, target, select + 1, &new_calls),
        (None, Some(prefetch)) => insert_calls(draft, target, *prefetch, &new_calls),
        (None, None) => {
            let gap = first_gap(draft.syntax, &target.chain);
            match target.chain.links.get(gap).filter(|link| is_bare_all(draft.syntax, link)) {
                Some(all) => replace_all(draft, target, all, &new_calls),
                None => {
                    insert_calls(draft, target, preferred_gap(draft.syntax, &target.chain, gap), &new_calls);
                }
            }
        }
    }
}

fn append_arguments(draft: &mut Draft<'_, '_>, link: &Link<'_>, new: &[Item]) {
    let arguments = &link.call.arguments;
    let ranges: Vec<_> = arguments.iter_source_order().map(|argument| argument.range()).collect();
    let open = Some(arguments.start() + TextSize::new(1));
    let close = Some(link.call.end() - TextSize::new(1));
    let layout = draft.layout.clone().at(draft.syntax, link.id);
    let items = Items { ranges: &ranges, open, close, lone_comma: false };
    let written_on = draft.line_for(&layout, link.call.range(), chars(&layout::inline(new)) + 2);
    draft.extend(items::append(draft.syntax, &layout, &written_on, &items, new));
}

/// The first place in the chain where a queryset method may be called.
///
/// Methods that Django does not define may exist on the manager only, so they stay first. `super().filter` must as
/// well: the method it calls on is the one being defined.
fn first_gap(syntax: &Syntax<'_>, chain: &Chain<'_>) -> usize {
    let custom = chain.links.first().is_some_and(|link| link.method() == Method::Custom);
    usize::from(custom || (!chain.links.is_empty() && is_super(syntax, chain)))
}

fn is_super(syntax: &Syntax<'_>, chain: &Chain<'_>) -> bool {
    syntax.slice(syntax.range(chain.base)).starts_with("super(")
}

/// The same place or, in a chain laid out over lines, the first line of its own after it.
fn preferred_gap(syntax: &Syntax<'_>, chain: &Chain<'_>, first: usize) -> usize {
    let own_line = |link: &Link<'_>| link.dot(syntax).is_some_and(|dot| dot.own_line || dot.continued);
    for (gap, link) in chain.links.iter().enumerate().skip(first) {
        if own_line(link) {
            return gap;
        }
        if link.method() != Method::Chainable {
            break;
        }
    }
    first
}

fn is_bare_all(syntax: &Syntax<'_>, link: &Link<'_>) -> bool {
    let commented = syntax.tokens_in(link.range()).iter().any(|token| token.kind() == TokenKind::Comment);
    link.name() == "all" && link.call.arguments.is_empty() && !commented
}

/// `.all()` says nothing beside another queryset method.
fn replace_all(draft: &mut Draft<'_, '_>, target: &Target<'_>, all: &Link<'_>, calls: &[Item]) {
    let syntax = draft.syntax;
    let layout = draft.layout.clone().at(syntax, target.chain.base);
    let gap = target.chain.links.iter().position(|link| link.id == all.id).unwrap_or_default();
    if bracketed::write(draft, &target.chain, &layout, bracketed::New { calls, gap, replaces: true }) {
        return;
    }
    let place = Place::of(syntax, all.range().start());
    let separator = match all.dot(syntax) {
        Some(dot) if dot.own_line => new_line(syntax, dot.start, dot.start) + ".",
        Some(dot) if dot.continued => continuation(syntax, dot),
        dot => {
            let start = dot.map_or(all.range().start(), |dot| dot.start);
            let range = TextRange::new(start, all.call.end());
            let added = calls.iter().map(|call| chars(&call.inline()) + 1).sum::<usize>();
            let line = draft.line_for(&layout, range, added.saturating_sub(range.len().to_usize()));
            let chars = line.chars.saturating_sub(range.len().to_usize());
            draft.replace(range, layout.chained(calls, chars, line.place()));
            return;
        }
    };
    let line = chars(place.indentation) + 1;
    let calls: Vec<String> = calls.iter().map(|call| call.fitted(&layout, line, place)).collect();
    draft.replace(all.range(), calls.join(&separator));
}

/// Inserts method calls before the link at `gap`, or at the end of the chain.
fn insert_calls(draft: &mut Draft<'_, '_>, target: &Target<'_>, gap: usize, calls: &[Item]) {
    let syntax = draft.syntax;
    let links = &target.chain.links;
    let layout = draft.layout.clone().at(syntax, target.chain.base);
    if bracketed::write(draft, &target.chain, &layout, bracketed::New { calls, gap, replaces: false }) {
        return;
    }
    let inline = |draft: &mut Draft<'_, '_>, at: TextSize| {
        let added = calls.iter().map(|call| chars(&call.inline()) + 1).sum::<usize>();
        let manager = target.manager;
        let line = draft.line_for(&layout, TextRange::empty(at), chars(manager) + added);
        let calls = layout.chained(calls, line.chars + chars(manager), line.place());
        draft.insert(at, format!("{manager}{calls}"));
    };
    let on_lines = |prefix: &str, like: TextSize| lines(calls, prefix, &layout, Place::of(syntax, like));
    let next = links.get(gap).and_then(|link| link.dot(syntax));
    if let Some(next) = next.filter(|next| next.own_line) {
        // At the end of the line before, so that comments keep the lines they belong to.
        let prefix = new_line(syntax, next.previous_end, next.start) + ".";
        draft.insert(syntax.line_end(next.previous_end), on_lines(&prefix, next.start));
        return;
    }
    if let Some(next) = next.filter(|next| next.continued) {
        draft.insert(next.previous_end, on_lines(&continuation(syntax, next), next.start));
        return;
    }
    let Some(previous) = gap.checked_sub(1).and_then(|at| links.get(at)) else {
        let end = syntax.range(target.chain.base).end();
        return inline(draft, next.map_or(end, |next| next.start));
    };
    let end = previous.call.end();
    match previous.dot(syntax) {
        Some(dot) if dot.continued => draft.insert(end, on_lines(&continuation(syntax, dot), dot.start)),
        Some(dot) if dot.own_line => {
            let rest = syntax.text[end.to_usize()..syntax.line_end(end).to_usize()].trim_start();
            let at = if rest.is_empty() || rest.starts_with('#') { syntax.line_end(end) } else { end };
            draft.insert(at, on_lines(&(new_line(syntax, end, dot.start) + "."), dot.start));
        }
        _ => inline(draft, next.map_or(end, |next| next.start)),
    }
}

/// What stands before the name of a method behind a backslash, from the end of the line before: ` \\`, the line break,
/// the indentation, the dot.
fn continuation(syntax: &Syntax<'_>, dot: Dot) -> String {
    format!("{}.", syntax.slice(TextRange::new(dot.previous_end, dot.start)))
}

/// Calls each behind `prefix`, which begins a line.
fn lines(calls: &[Item], prefix: &str, layout: &Layout, place: Place<'_>) -> String {
    let line = chars(place.indentation) + 1;
    calls
        .iter()
        .map(|call| format!("{prefix}{}", call.fitted(layout, line, place)))
        .collect::<Vec<_>>()
        .concat()
}

/// The line break of the line before, and the indentation of a line that is to have its like.
fn new_line(syntax: &Syntax<'_>, before: TextSize, like: TextSize) -> String {
    format!("{}{}", syntax.newline(before), syntax.indentation(like))
}

/// Instances have to come out, or there is nothing to load relations for.
fn check_rows(syntax: &Syntax<'_>, chain: &Chain<'_>) -> Result<(), Unsupported> {
    for link in &chain.links {
        match link.method() {
            Method::Rows => {
                return refuse(
                    syntax,
                    link,
                    "gives rows without relations; there is nothing to load eagerly",
                );
            }
            Method::Scalar => {
                return refuse(syntax, link, "gives no instances; there is nothing to load eagerly");
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_select(syntax: &Syntax<'_>, chain: &Chain<'_>, paths: &[&str]) -> Result<(), Unsupported> {
    for link in &chain.links {
        match link.name() {
            "union" | "intersection" | "difference" => {
                return refuse(syntax, link, "combines queries, which must keep the same columns");
            }
            "raw" => return refuse(syntax, link, "runs hand-written SQL; add the join there"),
            "select_for_update" if link.call.arguments.find_keyword("of").is_none() => {
                return refuse(
                    syntax,
                    link,
                    "would lock the joined rows as well; name what to lock with `of=`",
                );
            }
            "only" if paths.iter().any(|path| lookups::kept(link, path) == Kept::Unclear) => {
                return refuse(syntax, link, "leaves out the relation to join; add its fields first");
            }
            "defer" if paths.iter().any(|path| lookups::defers(link, path)) => {
                return refuse(syntax, link, "leaves out the relation to join");
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_prefetch(syntax: &Syntax<'_>, chain: &Chain<'_>) -> Result<(), Unsupported> {
    for link in &chain.links {
        let streams = matches!(link.name(), "iterator" | "aiterator");
        if streams && link.call.arguments.find_argument("chunk_size", 0).is_none() {
            return refuse(syntax, link, "ignores or refuses prefetches unless it is given a `chunk_size`");
        }
    }
    Ok(())
}

/// There must be a place where a method can go.
fn check_base(syntax: &Syntax<'_>, chain: &Chain<'_>, line: u32) -> Result<(), Unsupported> {
    use ruff_python_ast::AnyNodeRef::{ExprAttribute, ExprCall, ExprName, ExprSubscript};
    let postfix =
        matches!(syntax.node(chain.base), ExprAttribute(_) | ExprCall(_) | ExprName(_) | ExprSubscript(_));
    if let Some(first) = chain.links.first() {
        let continues = matches!(first.method(), Method::Chainable | Method::Custom);
        return if continues || !is_super(syntax, chain) {
            Ok(())
        } else {
            refuse(syntax, first, "of the base class ends the query, and nothing may come before it")
        };
    }
    if postfix {
        return Ok(());
    }
    Err(Unsupported::NotAQuerySet { line, reason: "it is not a call".to_owned() })
}
