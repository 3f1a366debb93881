//! # connection-per-request
//!
//! ## What it does
//! Finds endpoints whose requests open a connection to the database each, in threads that had one before.
//!
//! ## Why is this bad?
//! The database starts a process or thread, checks a password and negotiates encryption before the first query can be sent.
//! That takes milliseconds on one machine and tens of them over a network, for each request. It is what Django does
//! unless it is told otherwise: `CONN_MAX_AGE` is 0.
//!
//! ## Example
//! ```python
//! DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}}
//! ```
//!
//! ## Use instead
//! ```python
//! DATABASES = {
//!     "default": {
//!         "ENGINE": "django.db.backends.postgresql",
//!         "NAME": "shop",
//!         "CONN_MAX_AGE": 60,
//!         "CONN_HEALTH_CHECKS": True,
//!     }
//! }
//! ```
//! Each thread of each worker then holds a connection: the database has to allow for as many. A pool needs fewer: that of
//! psycopg (`"OPTIONS": {"pool": True}`, from Django 5.1 on), which also fits servers that make a thread for each request.
//!
//! ## Guards
//! The first connection of a thread has to be opened: it does not count, and neither does any with `runserver`, which makes
//! a thread for each request. SQLite has no server. Every second request must have it, and more than one; and it must
//! take a twentieth of them, which a connection out of a pool does not.

use observation::{StringId, TransactionKind};

use super::{StatementCheck, database};
use crate::conversation::{Conversation, Fault};
use crate::{Remedy, Rule, Subject};

/// Opening takes one part in so many of a request.
const SHARE_MIN: u64 = 20;

pub(super) const CHECK: StatementCheck = StatementCheck { rule: Rule::ConnectionPerRequest, find, remedy };

fn find(conversation: &Conversation<'_>) -> Vec<Fault> {
    let transaction = conversation.transaction;
    if transaction.kind != TransactionKind::Http {
        return Vec::new();
    }
    let connections = &transaction.details.connections;
    let mut aliases: Vec<StringId> = connections.iter().map(|connection| connection.alias).collect();
    aliases.sort_unstable();
    aliases.dedup();
    let fault = |alias| {
        let own = connections.iter().filter(|connection| connection.alias == alias);
        let duration_ns = own.fold(0_u64, |sum, one| sum.saturating_add(one.duration_ns));
        let subject =
            Subject::Database { alias: transaction.details.text(alias).to_owned(), of_requests: false };
        (duration_ns.saturating_mul(SHARE_MIN) >= transaction.wall_ns)
            .then(|| database(subject, Vec::new(), duration_ns))
    };
    aliases.into_iter().filter_map(fault).collect()
}

fn remedy(_: &Subject) -> Remedy {
    Remedy::ByHand(
        "CONN_MAX_AGE in DATABASES, with CONN_HEALTH_CHECKS, or psycopg's pool: OPTIONS = {\"pool\": True}",
    )
}

#[cfg(test)]
mod tests;
