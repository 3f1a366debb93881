//! How a finding grows, in words.

use analysis::{Finding, GrowthPoint};

use super::number::{counted, queries};

/// `one query per Book: 20 rows 20 queries, 100 rows 100 queries`. None when nothing is known.
pub(crate) fn in_words(finding: &Finding) -> Option<String> {
    let (origin, growth) = (finding.origin.as_ref()?, finding.growth?);
    let row = origin.model.rsplit('.').next().unwrap_or_default();
    let rate = growth.per_row.map(|rate| per_row(rate, row));
    let seen =
        (growth.fewest != growth.most).then(|| format!("{}, {}", point(growth.fewest), point(growth.most)));
    let parts: Vec<_> = [rate, seen].into_iter().flatten().collect();
    Some(parts.join(": "))
}

#[expect(clippy::float_cmp, reason = "exactly one is what the analysis gives when every row has its query")]
fn per_row(rate: f64, row: &str) -> String {
    let rounded = (rate * 10.0).round() / 10.0;
    match (rate == 1.0, rounded == 1.0) {
        (true, _) => format!("one query per {row}"),
        (false, true) => format!("about one query per {row}"),
        (false, false) => format!("about {} per {row}", queries(rounded)),
    }
}

fn point(point: GrowthPoint) -> String {
    format!("{} {}", counted(point.rows, "row"), queries(point.queries))
}

#[cfg(test)]
mod tests;
