//! Transactions of one route, as distributions.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use observation::Transaction;

use crate::quantiles::ms;
use crate::tally::Tally;
use crate::{Endpoint, EndpointKey, Quantiles};

impl EndpointKey {
    pub(crate) fn of(transaction: &Transaction) -> Self {
        Self { kind: transaction.kind, method: transaction.method.clone(), route: transaction.route.clone() }
    }
}

/// All endpoints, the one with the largest total wall time first.
pub(crate) fn endpoints(transactions: &[Transaction]) -> Vec<Endpoint> {
    let mut samples: BTreeMap<EndpointKey, Samples> = BTreeMap::new();
    for transaction in transactions {
        samples.entry(EndpointKey::of(transaction)).or_default().add(transaction);
    }
    let mut endpoints: Vec<Endpoint> =
        samples.into_iter().map(|(key, samples)| samples.into_endpoint(key)).collect();
    endpoints.sort_by(by_cost);
    endpoints
}

/// The costliest first; those of equal cost in the order of their keys.
pub(crate) fn by_cost(one: &Endpoint, other: &Endpoint) -> Ordering {
    other.total_ms.total_cmp(&one.total_ms).then_with(|| one.key.cmp(&other.key))
}

#[derive(Default)]
struct Samples {
    views: Tally<String>,
    status: BTreeMap<u16, u64>,
    wall_ns: Vec<u64>,
    db_ns: Vec<u64>,
    queries: Vec<u64>,
    total_ns: u64,
}

impl Samples {
    fn add(&mut self, transaction: &Transaction) {
        // A request that a middleware answers reaches no view.
        if !transaction.view.is_empty() {
            self.views.add(transaction.view.clone(), 1);
        }
        if transaction.status != 0 {
            *self.status.entry(transaction.status).or_default() += 1;
        }
        self.wall_ns.push(transaction.wall_ns);
        self.db_ns.push(transaction.db_ns);
        self.queries.push(u64::from(transaction.queries_total));
        self.total_ns = self.total_ns.saturating_add(transaction.wall_ns);
    }

    fn into_endpoint(self, key: EndpointKey) -> Endpoint {
        Endpoint {
            key,
            view: self.views.into_leader().unwrap_or_default(),
            requests: self.wall_ns.len() as u64,
            status: self.status,
            wall_ms: Quantiles::of_ns(self.wall_ns),
            db_ms: Quantiles::of_ns(self.db_ns),
            queries: Quantiles::of(self.queries),
            total_ms: ms(self.total_ns),
        }
    }
}

#[cfg(test)]
mod tests;
