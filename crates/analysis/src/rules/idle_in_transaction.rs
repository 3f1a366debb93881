//! # idle-in-transaction
//!
//! ## What it does
//! Finds transactions that stay open while the code does something else: calls another service, renders a page, sends
//! mail.
//!
//! ## Why is this bad?
//! Whatever rows the transaction has locked stay locked, so that others wait for something that has nothing to do with
//! the database. Its connection is of use to nobody meanwhile, which a pool between site and database feels first; and
//! PostgreSQL cannot clean up behind it.
//!
//! ## Example
//! ```python
//! with transaction.atomic():
//!     order = Order.objects.select_for_update().get(pk=pk)
//!     receipt = payments.charge(order)            # 800 ms, somewhere else
//!     order.paid(receipt)
//! ```
//!
//! ## Use instead
//! ```python
//! receipt = payments.charge(Order.objects.get(pk=pk))
//! with transaction.atomic():
//!     Order.objects.select_for_update().get(pk=pk).paid(receipt)
//! ```
//! What only has to follow a commit belongs into `transaction.on_commit()`. With `ATOMIC_REQUESTS` the whole view is such a
//! block, from its first query on: `@transaction.non_atomic_requests` on the view leaves it to `atomic()` within.
//!
//! ## Guards
//! The time counts from the first query in the block, with which the database begins the transaction, and queries of the
//! same database are taken off. At least fifty milliseconds and half of the block must be idle, in every second request
//! and in more than one: a page that is rendered in less holds nobody up. Tests and commands do not count: a test is
//! wrapped in a transaction as a whole, and nobody waits for a command. SQLite does not count either: a
//! transaction there holds no connection of a server, and locks nothing before it writes.

use observation::{AtomicBlock, TransactionKind};

use super::{StatementCheck, database};
use crate::conversation::{Conversation, Fault};
use crate::{Place, Remedy, Rule, Subject, resolve};

/// A shorter pause holds nobody up.
const IDLE_NS_MIN: u64 = 50_000_000;

pub(super) const CHECK: StatementCheck = StatementCheck { rule: Rule::IdleInTransaction, find, remedy };

fn find(conversation: &Conversation<'_>) -> Vec<Fault> {
    let transaction = conversation.transaction;
    if !matches!(transaction.kind, TransactionKind::Http | TransactionKind::Task) {
        return Vec::new();
    }
    let details = &transaction.details;
    let is_long = |block: &&AtomicBlock| {
        block.idle_ns >= IDLE_NS_MIN && block.idle_ns.saturating_mul(2) >= block.open_ns
    };
    let fault = |block: &AtomicBlock| {
        let alias = details.text(block.alias).to_owned();
        let subject = Subject::Database { alias, of_requests: block.of_requests };
        let chain = resolve::chain(details, block.position);
        let chain = if chain.first().is_some_and(Place::in_project) { chain } else { Vec::new() };
        database(subject, chain, block.idle_ns)
    };
    details.blocks.iter().filter(is_long).map(fault).collect()
}

fn remedy(subject: &Subject) -> Remedy {
    Remedy::ByHand(match subject {
        Subject::Database { of_requests: true, .. } => {
            "@transaction.non_atomic_requests on the view, and atomic() around what belongs together"
        }
        _ => "a smaller atomic() block: first what takes long, or after it in on_commit()",
    })
}

#[cfg(test)]
mod tests;
