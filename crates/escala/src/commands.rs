//! One module per verb: its arguments, and what it does with them.

pub(crate) mod fix;
pub(crate) mod report;
pub(crate) mod run;

use std::path::PathBuf;

use store::{Run, Store};

use crate::context::Context;

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

/// The observations of a run, in the analysis' own terms; with them, how many older ones were left out.
fn window(store: &Store, run: &Run) -> anyhow::Result<(analysis::Window, u64)> {
    let window = store.window(run.id)?;
    Ok((analysis::Window { transactions: window.transactions, dropped: window.dropped }, window.omitted))
}
