//! How the queries of a finding grow with the rows of the queryset behind it, from the requests that have it.

use std::collections::BTreeMap;

use observation::Details;
use observation::limits::{INSTANCES_PER_RESULT_SET_MAX, INSTANCES_PER_TRANSACTION_MAX};

use crate::{Growth, GrowthPoint, Quantiles};

/// How far a request may be from the line through all of them for "in step", as a share of its queries: relations that
/// are `NULL` in a few rows take no query.
const STEP_TOLERANCE: f64 = 0.1;

/// Fewer queries per row are no growth to speak of.
const PER_ROW_MIN: f64 = 0.1;

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) rows: u64,
    pub(crate) queries: u64,
}

/// What the requests show; none when they show nothing: all have as many rows, and not one query for each.
pub(crate) fn growth(samples: &[Sample]) -> Option<Growth> {
    let mut queries: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for sample in samples {
        queries.entry(sample.rows).or_default().push(sample.queries);
    }
    let points: Vec<GrowthPoint> = queries
        .into_iter()
        .map(|(rows, queries)| GrowthPoint { rows, queries: Quantiles::of(queries).p50 })
        .collect();
    let (fewest, most) = (*points.first()?, *points.last()?);
    let one_each = samples.iter().all(|sample| sample.queries == sample.rows);
    let per_row = if one_each { Some(1.0) } else { slope(&points) };
    (one_each || fewest != most).then_some(Growth { per_row, fewest, most })
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
