//! `/api/health` and `/api/runs`.

use store::{Run, Store};

use crate::api::{Health, Problem, RunList, RunRow};
use crate::app::{App, Failure, now_us};
use crate::limits::RUNS_MAX;

pub(crate) fn health(app: &App) -> Result<Health, Failure> {
    app.readers.read(|store| {
        let run = store.latest_run()?;
        let row = run.as_ref().map(|run| row(app, store, run)).transpose()?;
        let lost = run.as_ref().map_or(0, |run| run.dropped);
        let problem = |message| Problem { message };
        Ok(Health {
            escala_version: env!("CARGO_PKG_VERSION").to_owned(),
            project: app.root.path().file_name().unwrap_or_default().to_string_lossy().into_owned(),
            store_option: app.config.store_option.clone(),
            run: row,
            recording: Store::is_being_recorded(app.readers.dir()),
            now_us: now_us(),
            problems: (lost > 0)
                .then(|| {
                    problem(format!(
                        "{lost} units of work were observed and lost on the way to the recorder."
                    ))
                })
                .into_iter()
                .collect(),
        })
    })
}

pub(crate) fn runs(app: &App) -> Result<RunList, Failure> {
    app.readers.read(|store| {
        let runs = store.runs()?;
        let with_something = runs.iter().filter(|run| run.transactions > 0).take(RUNS_MAX);
        Ok(RunList { runs: with_something.map(|run| row(app, store, run)).collect::<Result<_, _>>()? })
    })
}

fn row(app: &App, store: &Store, run: &Run) -> Result<RunRow, Failure> {
    Ok(RunRow {
        run: run.id.number(),
        command: run.command.clone(),
        started_at_us: run.started_at_us,
        ended_at_us: run.ended_at_us,
        recording: app.is_recording(store, run)?,
        transactions: run.transactions,
        dropped: run.dropped,
    })
}
