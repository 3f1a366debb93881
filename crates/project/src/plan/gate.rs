//! The last check of a plan: its result parses, and planning again finds nothing left to do.
//!
//! That all other bytes stay is a property of [`apply`], which only copies between the edited ranges.

use ruff_text_size::{TextRange, TextSize};

use crate::edit::{TextEdit, apply, moved};
use crate::source::Source;
use crate::syntax::with_syntax;
use crate::unsupported::Unsupported;

use super::locate::{Load, Spot};
use super::{Order, draft};

#[cfg(test)]
mod tests;

pub(super) fn check(
    source: &Source,
    newer_constructs: usize,
    orders: &[Order],
    edits: &[TextEdit],
) -> Result<(), Unsupported> {
    let gate = |reason| Unsupported::Gate { reason };
    let text = apply(source.text(), edits).map_err(|_| gate("two edits overlap"))?;
    let orders = orders
        .iter()
        .map(|order| moved_order(order, edits))
        .collect::<Option<Vec<_>>>()
        .ok_or(gate("an edit swallows the place of another"))?;
    let edited = Source::new(source.path().clone(), text);
    let (newer, again) = with_syntax(edited.text(), |syntax| {
        (syntax.newer_constructs() > newer_constructs, draft(syntax, &edited, &orders))
    })
    .map_err(|_| gate("the result does not parse"))?;
    if newer {
        return Err(gate("the result would need a newer Python"));
    }
    let again = again.map_err(|_| gate("the result is not recognised"))?;
    if again.is_empty() { Ok(()) } else { Err(gate("a second run would edit again")) }
}

/// The same order in the edited text.
fn moved_order(order: &Order, edits: &[TextEdit]) -> Option<Order> {
    let spot = match &order.spot {
        Spot::Chain(base) => Spot::Chain(moved_range(*base, edits)?),
        Spot::Shortcut(function) => Spot::Shortcut(moved_range(*function, edits)?),
        Spot::Class(qualname) => Spot::Class(qualname.clone()),
    };
    let loads = order
        .loads
        .iter()
        .map(|load| match load {
            Load::Filtered(filtered) => {
                let mut filtered = filtered.clone();
                filtered.instance = moved_range(filtered.instance, edits)?;
                Some(Load::Filtered(filtered))
            }
            plain => Some(plain.clone()),
        })
        .collect::<Option<Vec<_>>>()?;
    Some(Order { spot, loads })
}

fn moved_range(range: TextRange, edits: &[TextEdit]) -> Option<TextRange> {
    let start = moved(edits, range.start().to_usize(), true)?;
    let end = moved(edits, range.end().to_usize(), false)?;
    (start <= end).then(|| TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32)))
}
