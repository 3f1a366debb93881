//! What one endpoint asks of its database: its queries, those that differ only in values as one.

use std::collections::{BTreeMap, HashMap};

use observation::{ChainId, StringId, Transaction};

use crate::occurrence::Spot;
use crate::quantiles::ms;
use crate::{EndpointKey, Place, Quantiles, Window, resolve};

/// The same query from the same place, over all requests of an endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryShape {
    /// Without values: see [`sql::normalize`].
    pub sql: String,
    /// Where the user's code was; none when there was none.
    pub place: Option<Place>,
    /// Requests that make it.
    pub requests: u64,
    /// How often, per request that makes it.
    pub count: Quantiles,
    /// Its time per request that makes it, milliseconds.
    pub ms: Quantiles,
    /// Its time over the window, milliseconds: what the order is by.
    pub total_ms: f64,
}

/// The queries of an endpoint, the costliest first.
pub fn queries(window: &Window, endpoint: &EndpointKey) -> Vec<QueryShape> {
    let mut shapes: BTreeMap<(String, Option<Spot>), Samples> = BTreeMap::new();
    for transaction in window.transactions.iter().filter(|one| EndpointKey::of(one) == *endpoint) {
        for (key, sample) in of_one(transaction) {
            let samples = shapes.entry(key).or_default();
            samples.place = samples.place.take().or(sample.place);
            samples.counts.push(sample.count);
            samples.durations_ns.push(sample.duration_ns);
        }
    }
    let mut shapes: Vec<_> = shapes.into_iter().map(|((sql, _), samples)| samples.into_shape(sql)).collect();
    // Stable: equals stay in the order of their text.
    shapes.sort_by(|one, other| other.total_ms.total_cmp(&one.total_ms));
    shapes
}

/// One shape in one request.
#[derive(Default)]
struct Sample {
    place: Option<Place>,
    count: u64,
    duration_ns: u64,
}

#[derive(Default)]
struct Samples {
    place: Option<Place>,
    counts: Vec<u64>,
    durations_ns: Vec<u64>,
}

impl Samples {
    fn into_shape(self, sql: String) -> QueryShape {
        let total_ns = self.durations_ns.iter().fold(0_u64, |sum, one| sum.saturating_add(*one));
        QueryShape {
            sql,
            place: self.place,
            requests: self.counts.len() as u64,
            count: Quantiles::of(self.counts),
            ms: Quantiles::of_ns(self.durations_ns),
            total_ms: ms(total_ns),
        }
    }
}

fn of_one(transaction: &Transaction) -> BTreeMap<(String, Option<Spot>), Sample> {
    let details = &transaction.details;
    // The same text and place may come a thousand times: they are read once.
    let mut sums: HashMap<(StringId, ChainId), (u64, u64)> = HashMap::new();
    let one_by_one = details.queries.iter().map(|query| (query.sql, query.position, 1, query.duration_ns));
    let summed_up = details
        .overflow
        .iter()
        .map(|rest| (rest.sql, rest.position, u64::from(rest.queries), rest.duration_ns));
    for (sql, position, count, duration_ns) in one_by_one.chain(summed_up) {
        let sum = sums.entry((sql, position)).or_default();
        *sum = (sum.0 + count, sum.1.saturating_add(duration_ns));
    }
    let mut samples: BTreeMap<_, Sample> = BTreeMap::new();
    for ((sql, position), (count, duration_ns)) in sums {
        let place = resolve::chain(details, position).into_iter().next();
        let key = (sql::normalize(details.text(sql)), place.as_ref().map(Spot::of));
        let sample = samples.entry(key).or_default();
        sample.place = sample.place.take().max(place);
        sample.count += count;
        sample.duration_ns = sample.duration_ns.saturating_add(duration_ns);
    }
    samples
}

#[cfg(test)]
mod tests;
