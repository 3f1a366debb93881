//! From a window to the report: the whole analysis on one page.

use observation::Transaction;

use crate::{Endpoint, Report, Window, endpoints, merge, rank};

/// Finds where the site is slow.
pub fn report(window: &Window) -> Report {
    let mut findings = merge::findings(&window.transactions);
    rank::rank(&mut findings);
    Report {
        transactions: window.transactions.len() as u64,
        examined: window.transactions.len() as u64,
        summed_up_queries: window.transactions.iter().map(summed_up_queries).sum(),
        dropped: window.dropped,
        endpoints: endpoints::endpoints(&window.transactions),
        findings,
    }
}

impl Report {
    /// Counts what the window omits: `totals` are the endpoints over everything that was recorded. An endpoint of which
    /// the window has every transaction keeps its own figures, which are exact.
    #[must_use]
    pub fn with_totals(mut self, totals: Vec<Endpoint>) -> Self {
        for total in totals {
            match self.endpoints.iter_mut().find(|endpoint| endpoint.key == total.key) {
                None => self.endpoints.push(total),
                Some(endpoint) if endpoint.requests < total.requests => {
                    let view = std::mem::take(&mut endpoint.view);
                    *endpoint = Endpoint { view: if view.is_empty() { total.view } else { view }, ..total };
                }
                Some(_) => {}
            }
        }
        self.endpoints.sort_by(endpoints::by_cost);
        self.transactions = self.endpoints.iter().map(|endpoint| endpoint.requests).sum();
        self
    }
}

fn summed_up_queries(transaction: &Transaction) -> u64 {
    u64::from(transaction.queries_total).saturating_sub(transaction.details.queries.len() as u64)
}

#[cfg(test)]
mod tests;
