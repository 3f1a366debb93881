//! From a window to the report: the whole analysis on one page.

use crate::{Report, Window, endpoints, merge, rank};

/// Finds where the site is slow.
pub fn report(window: &Window) -> Report {
    let mut findings = merge::findings(&window.transactions);
    rank::rank(&mut findings);
    Report {
        transactions: window.transactions.len() as u64,
        dropped: window.dropped,
        endpoints: endpoints::endpoints(&window.transactions),
        findings,
    }
}

#[cfg(test)]
mod tests;
