//! One module per verb: its arguments, and what it does with them.

pub(crate) mod agent;
pub(crate) mod check;
pub(crate) mod dashboard;
pub(crate) mod edge;
pub(crate) mod fix;
pub(crate) mod report;
pub(crate) mod run;

use std::path::PathBuf;

use analysis::{Endpoint, EndpointKey, Quantiles};
use store::{EndpointTotals, Run, Store};

use crate::context::Context;

const NS_PER_MS: f64 = 1e6;

/// Names the store; the same on every verb.
#[derive(Debug, clap::Args)]
pub(crate) struct StoreArgs {
    /// Directory of the recorded traffic
    #[arg(long = "store", value_name = "DIR", default_value = ".escala")]
    pub(crate) dir: PathBuf,
}

impl StoreArgs {
    /// What to add to a command line that we suggest, so that it means the same store.
    fn as_option(&self) -> String {
        let is_default = self.dir.as_os_str() == ".escala";
        if is_default { String::new() } else { format!(" --store {}", self.dir.display()) }
    }

    /// The store, and the latest run with something in it.
    fn open(&self, context: &Context) -> anyhow::Result<(Store, Run)> {
        let dir = context.store_dir(&self.dir);
        let store = Store::open(&dir)?;
        let run = store.latest_run()?.ok_or(store::OpenError::NotFound { dir })?;
        Ok((store, run))
    }
}

/// The observations of a run, in the analysis' own terms.
fn window(store: &Store, run: &Run) -> anyhow::Result<analysis::Window> {
    let window = store.window(run.id)?;
    Ok(analysis::Window { transactions: window.transactions, dropped: window.dropped })
}

/// All that was ever recorded in a run, endpoint by endpoint.
fn totals(store: &Store, run: &Run) -> anyhow::Result<Vec<Endpoint>> {
    let ms = |distribution: store::Distribution| scaled(distribution, NS_PER_MS);
    let endpoint = |totals: EndpointTotals| Endpoint {
        key: EndpointKey { kind: totals.kind, method: totals.method, route: totals.route },
        view: totals.view,
        requests: totals.transactions,
        status: totals.statuses,
        wall_ms: ms(totals.wall_ns),
        db_ms: ms(totals.db_ns),
        queries: scaled(totals.queries, 1.0),
        total_ms: totals.wall_total_ns as f64 / NS_PER_MS,
    };
    Ok(store.totals(run.id)?.into_iter().map(endpoint).collect())
}

fn scaled(distribution: store::Distribution, unit: f64) -> Quantiles {
    let [p50, p95, p99, max] = [distribution.p50, distribution.p95, distribution.p99, distribution.max]
        .map(|value| value as f64 / unit);
    Quantiles { p50, p95, p99, max }
}
