//! The stable JSON of `--format json`; docs/reference/ describes it. Keys are written in the order documented there,
//! and none is ever left out: what is not known is `null`.

pub(crate) mod check;
mod edge;
pub(crate) mod endpoint;
pub(crate) mod fix;
pub(crate) mod proof;
pub(crate) mod report;

use serde::Serialize;

/// Version of every document. It changes only when a key changes its meaning or goes.
const SCHEMA: u32 = 1;

fn render(document: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(document).map(|text| text + "\n")
}
