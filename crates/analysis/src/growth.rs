//! How the queries of a finding grow with rows, from the requests that have it.
//!
//! The rows are those of the queryset where an eager load would go, as long as the queries grow in step with them. Where a
//! relation to many lies between, they grow in step with the instances that were touched: one query per book, however
//! many a store has.

use std::collections::BTreeMap;

use observation::limits::{INSTANCES_PER_RESULT_SET_MAX, INSTANCES_PER_TRANSACTION_MAX};
use observation::{Details, ResultSetId};

use crate::{Growth, GrowthPoint, Quantiles};

/// How far a request may be from the line through all of them for "in step", as a share of its queries: relations that
/// are `NULL` in a few rows take no query.
const STEP_TOLERANCE: f64 = 0.1;

/// Fewer queries per row are no growth to speak of.
const PER_ROW_MIN: f64 = 0.1;

/// The sets of one transaction that a finding is about, with their instances.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sets {
    /// Those that an eager load would be added to.
    built: BTreeMap<ResultSetId, u32>,
    /// Those whose instances were touched.
    touched: BTreeMap<ResultSetId, u32>,
}

impl Sets {
    pub(crate) fn of(details: &Details, built: ResultSetId, touched: ResultSetId) -> Self {
        let with_instances = |id: ResultSetId| {
            details.result_sets.get(id.index()).map(|set| (id, set.instances)).into_iter().collect()
        };
        Self { built: with_instances(built), touched: with_instances(touched) }
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.built.extend(other.built);
        self.touched.extend(other.touched);
    }

    /// None when nothing is known of the sets.
    pub(crate) fn sample(&self, queries: u64) -> Option<Sample> {
        let rows = |sets: &BTreeMap<_, u32>| sets.values().map(|instances| u64::from(*instances)).sum();
        let known = !self.built.is_empty() && !self.touched.is_empty();
        known.then(|| Sample { built: rows(&self.built), touched: rows(&self.touched), queries })
    }
}

/// One request: rows, and queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    built: u64,
    touched: u64,
    queries: u64,
}

/// What the requests show, with the models of the rows; none when they show nothing: all have as many rows, and not one
/// query for each.
pub(crate) fn growth(samples: &[Sample], built: &str, touched: &str) -> Option<Growth> {
    let by_built = by_rows(samples, built, |sample| sample.built);
    let is_in_step = |growth: &Growth| growth.per_row.is_some();
    if by_built.as_ref().is_some_and(is_in_step) {
        return by_built;
    }
    by_rows(samples, touched, |sample| sample.touched).filter(is_in_step).or(by_built)
}

fn by_rows(samples: &[Sample], model: &str, rows: fn(&Sample) -> u64) -> Option<Growth> {
    let mut queries: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for sample in samples {
        queries.entry(rows(sample)).or_default().push(sample.queries);
    }
    let points: Vec<GrowthPoint> = queries
        .into_iter()
        .map(|(rows, queries)| GrowthPoint { rows, queries: Quantiles::of(queries).p50 })
        .collect();
    let (fewest, most) = (*points.first()?, *points.last()?);
    let one_each = samples.iter().all(|sample| sample.queries == rows(sample));
    let per_row = if one_each { Some(1.0) } else { slope(&points) };
    (one_each || fewest != most).then(|| Growth { model: model.to_owned(), per_row, fewest, most })
}

/// Queries per row, where all points lie on a line from nothing.
fn slope(points: &[GrowthPoint]) -> Option<f64> {
    let rows: u64 = points.iter().map(|point| point.rows).sum();
    let queries: f64 = points.iter().map(|point| point.queries).sum();
    let slope = queries / rows as f64;
    let in_step = points.iter().all(|point| {
        let expected = slope * point.rows as f64;
        (point.queries - expected).abs() <= expected * STEP_TOLERANCE
    });
    (in_step && slope >= PER_ROW_MIN).then_some(slope)
}

/// Whether the agent remembered every instance: the loads of one that it did not are counted elsewhere, and the queries
/// that are left say nothing about the rows.
pub(crate) fn remembers_all(details: &Details) -> bool {
    let instances = || details.result_sets.iter().map(|set| set.instances as usize);
    instances().all(|instances| instances <= INSTANCES_PER_RESULT_SET_MAX)
        && instances().sum::<usize>() <= INSTANCES_PER_TRANSACTION_MAX
}

#[cfg(test)]
mod tests;
