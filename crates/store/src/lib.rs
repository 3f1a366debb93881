//! The recorder and what it recorded: frames of the agents in, typed reads out.
//!
//! Receives: frames over a Unix socket, from every process of one `escala run`. Gives: plain values, while recording
//! and long after.
//!
//! Invariants: no other crate knows SQLite, and no type of it leaves this one; nothing that an agent sends makes the
//! recorder panic, block for ever or grow without a bound (see [`limits`]); nothing is lost without being counted or reported;
//! killing the recorder at any moment leaves no store that cannot be read.
//!
//! Start reading at [`Recorder`], which fills a store, and [`Store`], which reads it.

mod database;
mod encoding;
mod histogram;
pub mod limits;
mod proofs;
mod recorder;
mod records;
mod rollup;
mod store;
mod totals;

#[cfg(test)]
mod testing;

pub use database::{DatabaseError, OpenError};
pub use histogram::Histogram;
pub use proofs::Proofs;
pub use recorder::{Diagnostic, Problem, Progress, RecordError, Recorder, RecorderConfig, Summary};
pub use records::{
    Distribution, EndpointActivity, EndpointId, EndpointTotals, ProcessId, RecordedFile, RecordedProcess,
    RecordedRequest, RecordedTransaction, Run, RunId, Span, TransactionOrder, Window,
};
pub use rollup::Rollup;
pub use store::{ReadError, Store};
