//! `escala fix --format json`: docs/reference/fix-json.md.

use serde::Serialize;
use verify::{Change, EndpointChange, Fix, Outcome, Patch, TestsMeasured, Together};

use crate::output::number::Rounded;

/// The whole document; `written` tells whether the change is in the working tree now.
pub(crate) fn render(outcome: &Outcome, written: bool) -> serde_json::Result<String> {
    super::render(&Document {
        schema: super::SCHEMA,
        fixes: outcome.fixes.iter().map(FixRow::new).collect(),
        together: outcome.together.as_ref().map(TogetherRow::new),
        written,
    })
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    fixes: Vec<FixRow<'a>>,
    together: Option<TogetherRow<'a>>,
    written: bool,
}

#[derive(Serialize)]
struct FixRow<'a> {
    finding: &'a str,
    status: &'static str,
    reason: Option<&'a str>,
    edits: Vec<Edit<'a>>,
    diff: String,
    replayed: usize,
    identical: usize,
    tests: Option<TestsRow>,
    queries: Option<BeforeAfter<u32>>,
    ms: Option<BeforeAfter<Rounded>>,
}

impl<'a> FixRow<'a> {
    fn new(fix: &'a Fix) -> Self {
        let best = fix.measured.best();
        Self {
            finding: &fix.finding,
            status: fix.status.name(),
            reason: fix.reason.as_deref(),
            edits: edits(&fix.patch),
            diff: fix.patch.diff(),
            replayed: fix.measured.replayed,
            identical: fix.measured.identical,
            tests: fix.measured.tests.map(TestsRow::from),
            queries: best.map(|change| change.queries.into()),
            ms: best.map(|change| milliseconds(change.ms)),
        }
    }
}

#[derive(Serialize)]
struct TogetherRow<'a> {
    findings: &'a [String],
    edits: Vec<Edit<'a>>,
    diff: String,
    replayed: usize,
    identical: usize,
    tests: Option<TestsRow>,
    endpoints: Vec<EndpointRow<'a>>,
}

impl<'a> TogetherRow<'a> {
    fn new(together: &'a Together) -> Self {
        Self {
            findings: &together.findings,
            edits: edits(&together.patch),
            diff: together.patch.diff(),
            replayed: together.measured.replayed,
            identical: together.measured.identical,
            tests: together.measured.tests.map(TestsRow::from),
            endpoints: together.measured.endpoints.iter().map(EndpointRow::new).collect(),
        }
    }
}

#[derive(Serialize)]
struct TestsRow {
    tests: usize,
    responses: usize,
    identical: usize,
    runs: usize,
}

impl From<TestsMeasured> for TestsRow {
    fn from(TestsMeasured { tests, responses, identical, runs }: TestsMeasured) -> Self {
        Self { tests, responses, identical, runs }
    }
}

#[derive(Serialize)]
struct EndpointRow<'a> {
    endpoint: String,
    request: &'a str,
    requests: usize,
    queries: BeforeAfter<u32>,
    ms: BeforeAfter<Rounded>,
}

impl<'a> EndpointRow<'a> {
    fn new(change: &'a EndpointChange) -> Self {
        Self {
            endpoint: change.endpoint.to_string(),
            request: &change.request,
            requests: change.requests,
            queries: change.queries.into(),
            ms: milliseconds(change.ms),
        }
    }
}

#[derive(Serialize)]
struct Edit<'a> {
    file: &'a str,
    line: u32,
}

fn edits(patch: &Patch) -> Vec<Edit<'_>> {
    let files = patch.files.iter();
    files.flat_map(|file| file.lines.iter().map(|&line| Edit { file: &file.path, line })).collect()
}

#[derive(Serialize)]
struct BeforeAfter<T> {
    before: T,
    after: T,
}

impl<T> From<Change<T>> for BeforeAfter<T> {
    fn from(Change { before, after }: Change<T>) -> Self {
        Self { before, after }
    }
}

fn milliseconds(change: Change<f64>) -> BeforeAfter<Rounded> {
    BeforeAfter { before: Rounded::milliseconds(change.before), after: Rounded::milliseconds(change.after) }
}

#[cfg(test)]
mod tests;
