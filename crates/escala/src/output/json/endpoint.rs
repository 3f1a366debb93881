//! `escala report GET /books/ --format json`: docs/reference/report-json.md.

use analysis::{Endpoint, QueryShape};
use observation::EdgeAnswers;
use serde::Serialize;

use super::edge::Answers;
use super::report::{EndpointRow, FindingRow};
use crate::output::number::Rounded;
use crate::output::source::Located;

/// The whole document.
pub(crate) fn render(
    endpoint: &Endpoint,
    findings: &[Located<'_>],
    queries: &[QueryShape],
    edge: Option<&EdgeAnswers>,
) -> serde_json::Result<String> {
    super::render(&Document {
        schema: super::SCHEMA,
        endpoint: EndpointRow::new(endpoint),
        findings: findings.iter().map(FindingRow::new).collect(),
        queries: queries.iter().map(QueryRow::new).collect(),
        edge: edge.map(Answers::new),
    })
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    endpoint: EndpointRow<'a>,
    findings: Vec<FindingRow<'a>>,
    queries: Vec<QueryRow<'a>>,
    edge: Option<Answers>,
}

#[derive(Serialize)]
struct QueryRow<'a> {
    sql: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    requests: u64,
    count: Rounded,
    ms: Rounded,
}

impl<'a> QueryRow<'a> {
    fn new(shape: &'a QueryShape) -> Self {
        let place = shape.place.as_ref();
        Self {
            sql: &shape.sql,
            file: place.map(|place| place.file.as_str()),
            line: place.map(|place| place.line).filter(|line| *line > 0),
            requests: shape.requests,
            count: Rounded::count(shape.count.p50),
            ms: Rounded::milliseconds(shape.ms.p50),
        }
    }
}

#[cfg(test)]
mod tests;
