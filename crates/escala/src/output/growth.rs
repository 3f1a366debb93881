//! How a finding grows, in words.

use analysis::{Finding, GrowthPoint};

use super::number::{counted, queries};

/// `one query per Book: 20 rows 20 queries, 100 rows 100 queries`. None when nothing is known.
pub(crate) fn in_words(finding: &Finding) -> Option<String> {
    let growth = finding.growth.as_ref()?;
    let row = growth.model.rsplit('.').next().unwrap_or_default();
    let is_exact = |rate: f64| [growth.fewest, growth.most].iter().all(|point| is_on(*point, rate));
    let rate = growth
        .per_row
        .map(|rate| format!("{}{}", if is_exact(rate) { "" } else { "about " }, per_row(rate, row)));
    let seen =
        (growth.fewest != growth.most).then(|| format!("{}, {}", point(growth.fewest), point(growth.most)));
    let parts: Vec<_> = [rate, seen].into_iter().flatten().collect();
    Some(parts.join(": "))
}

fn is_on(point: GrowthPoint, rate: f64) -> bool {
    (rate * point.rows as f64 - point.queries).abs() < 1e-6
}

fn per_row(rate: f64, row: &str) -> String {
    match queries((rate * 10.0).round() / 10.0).as_str() {
        "1 query" => format!("one query per {row}"),
        many => format!("{many} per {row}"),
    }
}

fn point(point: GrowthPoint) -> String {
    format!("{} {}", counted(point.rows, "row"), queries(point.queries))
}

#[cfg(test)]
mod tests;
