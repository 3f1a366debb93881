//! What the analysis' values are called, in every format.

use analysis::{Confidence, EndpointKey};
use observation::TransactionKind;

/// A kind of transaction.
pub(crate) fn kind(kind: TransactionKind) -> &'static str {
    match kind {
        TransactionKind::Http => "http",
        TransactionKind::Test => "test",
        TransactionKind::Command => "command",
        TransactionKind::Task => "task",
    }
}

/// An endpoint on one line: `GET /books/`, `test shop.tests.BookTests.test_list`.
pub(crate) fn endpoint(key: &EndpointKey) -> String {
    let route = if key.route.is_empty() { "(no route)" } else { &key.route };
    match key.kind {
        TransactionKind::Http => format!("{} {route}", key.method),
        other => format!("{} {route}", kind(other)),
    }
}

/// How sure the analysis is.
pub(crate) fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    }
}
