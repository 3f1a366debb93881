//! From "load these relations here" to text edits.
//!
//! Anchors become spots (`locate`), spots become edits (`chain`, `class`, with `filtered` and `imports` at their
//! side), and the result has to pass the `gate` before anyone sees it.

mod chain;
mod class;
mod draft;
mod filtered;
mod gate;
mod generated;
mod imports;
mod items;
mod layout;
mod locate;
mod movable;
mod room;

use crate::eager_load::{Anchor, EagerLoad};
use crate::edit::TextEdit;
use crate::source::Source;
use crate::syntax::{Syntax, SyntaxProblem, with_syntax};
use crate::unsupported::Unsupported;

use draft::Draft;
use locate::{Load, Spot};

#[cfg(test)]
mod tests;

/// The edits that make the queryset built at `anchor` load `loads`.
pub fn plan(source: &Source, anchor: &Anchor, loads: &[EagerLoad]) -> Result<Vec<TextEdit>, Unsupported> {
    plan_file(source, &[(anchor.clone(), loads.to_vec())])
}

/// The edits for several anchors of one file together, in order and without overlap.
///
/// All or nothing: the first anchor that cannot be served is the error. Anchors that need no edit are no error as
/// long as another one does.
pub fn plan_file(
    source: &Source,
    requests: &[(Anchor, Vec<EagerLoad>)],
) -> Result<Vec<TextEdit>, Unsupported> {
    let (newer_constructs, orders, edits) = with_syntax(source.text(), |syntax| {
        generated::check(syntax)?;
        let orders = locate_all(syntax, source, requests)?;
        let edits = draft(syntax, source, &orders)?;
        Ok((syntax.newer_constructs(), orders, edits))
    })
    .map_err(unusable)??;
    if edits.is_empty() {
        return Err(Unsupported::AlreadyThere);
    }
    gate::check(source, newer_constructs, &orders, &edits)?;
    Ok(edits)
}

/// What to load at one spot.
struct Order {
    spot: Spot,
    loads: Vec<Load>,
}

/// Requests that mean the same queryset become one order, so that they are written into one call.
fn locate_all(
    syntax: &Syntax<'_>,
    source: &Source,
    requests: &[(Anchor, Vec<EagerLoad>)],
) -> Result<Vec<Order>, Unsupported> {
    let mut orders: Vec<Order> = Vec::new();
    for (anchor, loads) in requests {
        if anchor.file() != source.path().as_str() {
            let (anchor, source_path) = (anchor.file().to_owned(), source.path().to_string());
            return Err(Unsupported::WrongFile { anchor, source_path });
        }
        let spot = locate::spot(syntax, anchor)?;
        let loads = loads.iter().map(|load| locate::load(syntax, load)).collect::<Result<Vec<_>, _>>()?;
        match orders.iter_mut().find(|order| is_same_place(syntax, &order.spot, &spot)) {
            Some(order) => {
                // The expression says more than the class around it.
                if matches!(order.spot, Spot::Class(_)) {
                    order.spot = spot;
                }
                order.loads.extend(loads);
            }
            None => orders.push(Order { spot, loads }),
        }
    }
    Ok(orders)
}

/// Whether two spots are one queryset: a class and the chain in it, a shortcut and what it is given.
fn is_same_place(syntax: &Syntax<'_>, one: &Spot, other: &Spot) -> bool {
    let base = |spot: &Spot| match spot {
        Spot::Class(qualname) => class::chain_base(syntax, qualname),
        spot => locate::target(syntax, spot).ok().map(|target| syntax.range(target.chain.base)),
    };
    one == other || base(one).is_some_and(|one| base(other) == Some(one))
}

/// The edits for all orders; none when everything is there.
fn draft(syntax: &Syntax<'_>, source: &Source, orders: &[Order]) -> Result<Vec<TextEdit>, Unsupported> {
    let mut draft = Draft::new(syntax, source.path());
    for order in orders {
        match &order.spot {
            Spot::Class(qualname) => class::load(&mut draft, qualname, &order.loads)?,
            spot => chain::load(&mut draft, &locate::target(syntax, spot)?, &order.loads)?,
        }
    }
    Ok(draft.finish())
}

fn unusable(problem: SyntaxProblem) -> Unsupported {
    match problem {
        SyntaxProblem::Invalid { line, message } => Unsupported::Syntax { line, message },
        SyntaxProblem::TooDeep => Unsupported::TooDeep,
    }
}
