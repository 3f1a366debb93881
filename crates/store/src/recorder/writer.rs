//! From the queue into the database: one thread, one commit for everything that arrived in a while.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use observation::Process;
use rusqlite::{Connection, Error, TransactionBehavior};

use super::edge::{EdgeRows, EdgeTally};
use super::intake::{Arrival, Event};
use super::retention::{remove_empty_runs, remove_oldest};
use super::rows::Rows;
use super::source_file::{self, ExaminedFile, SeenFile};
use super::status::{Problem, Status};
use super::tally::{Endpoints, Tally};
use crate::database::{fold, release_free_pages};
use crate::encoding::integer;
use crate::limits::{
    BYTES_PER_COMMIT_MAX, COMMIT_INTERVAL, FILES_REMEMBERED_MAX, FRAMES_PER_COMMIT_MAX, Limits,
    REMOVAL_STEPS_PER_COMMIT,
};
use crate::records::{ProcessId, RunId};

/// What tells processes apart: an operating system reuses process ids.
type ProcessKey = (u32, u64);

/// The only thread that writes to the database.
pub(super) struct Writer {
    connection: Connection,
    run: RunId,
    project_root: PathBuf,
    limits: Limits,
    status: Arc<Status>,
    /// As committed.
    counts: Counts,
    /// Transactions in the store, those of other runs included.
    stored: u64,
    /// Transactions of this run that were lost, written or not.
    dropped: u64,
    dropped_written: u64,
    /// What the database is known to hold. Only saves work: it is forgotten whenever that is in doubt.
    processes: HashMap<ProcessKey, ProcessId>,
    files: HashSet<(ProcessKey, SeenFile)>,
    tally: Tally,
    edge: EdgeTally,
}

/// Rows of this run.
#[derive(Clone, Copy, Default)]
struct Counts {
    transactions: u64,
    processes: u64,
    requests: u64,
    endpoints: Endpoints,
    edge: EdgeRows,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        run: RunId,
        project_root: PathBuf,
        limits: Limits,
        stored: u64,
        status: Arc<Status>,
    ) -> Self {
        Self {
            connection,
            run,
            project_root,
            limits,
            status,
            counts: Counts::default(),
            stored,
            dropped: 0,
            dropped_written: 0,
            processes: HashMap::new(),
            files: HashSet::new(),
            tally: Tally::default(),
            edge: EdgeTally::default(),
        }
    }

    /// Writes what comes over the queue until [`Event::Finish`], then closes the run.
    pub(super) fn run(mut self, queue: &Receiver<Event>) {
        loop {
            let (batch, more) = collect(queue);
            self.write(&batch);
            self.make_room();
            if !more {
                break;
            }
        }
        self.close();
    }

    /// Commits a batch. What cannot be written is dropped and counted: holding it back would only fill memory.
    fn write(&mut self, batch: &[Event]) {
        self.lose(batch.iter().map(lost_before).sum());
        let files = self.examine_files(batch);
        match self.commit(batch, &files) {
            Ok(counts) => {
                self.stored += counts.transactions - self.counts.transactions;
                self.counts = counts;
                self.status.transactions.store(counts.transactions, Ordering::Relaxed);
                self.status.processes.store(counts.processes, Ordering::Relaxed);
            }
            Err(error) => {
                self.processes.clear();
                self.files.clear();
                self.tally.forget();
                self.edge.forget();
                self.lose(batch.iter().filter(|event| matches!(event, Event::Transaction(_))).count() as u64);
                self.status.report(Problem::Write { reason: error.to_string() });
            }
        }
    }

    fn lose(&mut self, transactions: u64) {
        self.dropped += transactions;
        self.status.dropped.fetch_add(transactions, Ordering::Relaxed);
    }

    /// Looks at the files that a process names for the first time; before the commit, so that none is held up by a disk.
    fn examine_files(&mut self, batch: &[Event]) -> Vec<(SeenFile, ExaminedFile)> {
        let mut examined = Vec::new();
        for event in batch {
            let Event::Transaction(arrival) = event else { continue };
            for file in arrival.files.iter().filter(|file| source_file::is_inside(&file.path)) {
                if self.files.len() >= FILES_REMEMBERED_MAX {
                    self.files.clear();
                }
                if self.files.insert((key(&arrival.process), file.clone())) {
                    let found = source_file::examine(&self.project_root, file, arrival.process.started_at_us);
                    examined.push((file.clone(), found));
                }
            }
        }
        examined
    }

    fn commit(&mut self, batch: &[Event], files: &[(SeenFile, ExaminedFile)]) -> Result<Counts, Error> {
        if batch.is_empty() && self.dropped == self.dropped_written {
            return Ok(self.counts);
        }
        let now_us = super::now_us();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut rows = Rows::prepare(&transaction, self.run)?;
        let mut entry = Entry {
            rows: &mut rows,
            processes: &mut self.processes,
            tally: &mut self.tally,
            edge: &mut self.edge,
            counts: self.counts,
            limits: &self.limits,
            now_us,
            refused: 0,
        };
        for event in batch {
            match event {
                Event::Process(process) => drop(entry.process(process)?),
                Event::Transaction(arrival) => entry.transaction(arrival)?,
                Event::Edge(report) => entry.edge.add(report, now_us),
                Event::Lost(_) | Event::Finish => {}
            }
        }
        let Entry { mut counts, refused, .. } = entry;
        for (seen, found) in files {
            rows.record_file(seen, found, self.limits.source_files)?;
        }
        self.tally.write(&mut rows, now_us)?;
        self.edge.write(&transaction, self.run, &mut counts.edge, &self.limits, now_us)?;
        rows.update_dropped(self.dropped + refused)?;
        drop(rows);
        transaction.commit()?;
        if refused > 0 {
            self.status.report(Problem::TooManyProcesses { limit: self.limits.processes });
            self.lose(refused);
        }
        self.dropped_written = self.dropped;
        Ok(counts)
    }

    fn make_room(&mut self) {
        let removed = remove_oldest(&self.connection, &self.limits, self.stored, REMOVAL_STEPS_PER_COMMIT);
        let done = removed.and_then(|removed| {
            self.stored -= removed;
            if removed > 0 { remove_empty_runs(&self.connection, Some(self.run)) } else { Ok(()) }
        });
        if let Err(error) = done {
            self.status.report(Problem::Tidy { reason: error.to_string() });
        }
    }

    fn close(self) {
        let ended = self.connection.execute(
            "UPDATE runs SET ended_at_us = ?2, dropped = ?3 WHERE id = ?1",
            [self.run.0, integer(super::now_us()), integer(self.dropped)],
        );
        let closed = ended
            .and_then(|_| release_free_pages(&self.connection))
            .and_then(|()| fold(&self.connection))
            .and_then(|()| self.connection.close().map_err(|(_, error)| error));
        if let Err(error) = closed {
            self.status.report(Problem::Tidy { reason: error.to_string() });
        }
    }
}

/// Rows on their way into the transaction of one batch.
struct Entry<'batch, 'connection> {
    rows: &'batch mut Rows<'connection>,
    processes: &'batch mut HashMap<ProcessKey, ProcessId>,
    tally: &'batch mut Tally,
    edge: &'batch mut EdgeTally,
    counts: Counts,
    limits: &'batch Limits,
    now_us: u64,
    refused: u64,
}

impl Entry<'_, '_> {
    /// The process's row; none when there are too many.
    fn process(&mut self, process: &Process) -> Result<Option<ProcessId>, Error> {
        if let Some(id) = self.processes.get(&key(process)) {
            return Ok(Some(*id));
        }
        let id = match self.rows.find_process(process)? {
            Some(id) => id,
            None if self.counts.processes >= self.limits.processes => return Ok(None),
            None => {
                self.counts.processes += 1;
                self.rows.insert_process(process)?
            }
        };
        self.processes.insert(key(process), id);
        Ok(Some(id))
    }

    fn transaction(&mut self, arrival: &Arrival) -> Result<(), Error> {
        let Some(process) = self.process(&arrival.process)? else {
            self.refused += 1;
            return Ok(());
        };
        self.counts.transactions += 1;
        let ordinal = self.counts.transactions;
        self.rows.insert_transaction(process, ordinal, &arrival.transaction, &arrival.details)?;
        self.edge.meet(&arrival.transaction);
        let endpoints = &mut self.counts.endpoints;
        self.tally.add(&arrival.transaction, self.rows, endpoints, self.limits, self.now_us)?;
        if let Some(request) = &arrival.transaction.request
            && self.counts.requests < self.limits.requests_per_run
        {
            let limit = self.limits.requests_per_endpoint;
            let kept = self.rows.insert_request(process, ordinal, &arrival.transaction, request, limit)?;
            self.counts.requests += u64::from(kept);
        }
        Ok(())
    }
}

/// Waits for something to write, then takes what arrives until it is time to commit. The flag says whether more can come.
fn collect(queue: &Receiver<Event>) -> (Vec<Event>, bool) {
    let mut batch = Vec::new();
    let Ok(first) = queue.recv() else { return (batch, false) };
    let deadline = Instant::now() + COMMIT_INTERVAL;
    let mut bytes = 0;
    let mut next = first;
    loop {
        if matches!(next, Event::Finish) {
            return (batch, false);
        }
        bytes += match &next {
            Event::Transaction(arrival) => arrival.details.len(),
            Event::Edge(report) => report.rows.iter().map(|row| size_of_val(row) + row.path.len()).sum(),
            Event::Process(_) | Event::Lost(_) | Event::Finish => 0,
        };
        batch.push(next);
        if batch.len() >= FRAMES_PER_COMMIT_MAX || bytes >= BYTES_PER_COMMIT_MAX {
            return (batch, true);
        }
        // Also when the queue is closed: the next call finds that out.
        let Ok(event) = queue.recv_timeout(deadline.saturating_duration_since(Instant::now())) else {
            return (batch, true);
        };
        next = event;
    }
}

fn key(process: &Process) -> ProcessKey {
    (process.pid, process.started_at_us)
}

fn lost_before(event: &Event) -> u64 {
    match event {
        Event::Transaction(arrival) => u64::from(arrival.dropped_before),
        Event::Lost(dropped) => u64::from(*dropped),
        Event::Process(_) | Event::Edge(_) | Event::Finish => 0,
    }
}

#[cfg(test)]
mod tests;
