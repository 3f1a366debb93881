//! The experiment: the files as they are against the files with a fix, on the project's own recorded requests, and on its
//! own tests.
//!
//! Receives findings from `analysis`, recorded traffic and file hashes from `store`, edits from `project`. Gives an
//! [`Outcome`]: for every finding a verdict with its measurements, and the proved fixes as one change.
//!
//! Invariants: no verdict without an interleaved baseline; nothing that a replay does stays in the database; the working
//! tree is never touched (candidates reach the interpreter as an overlay on import); no comparison is loosened to make a
//! proof possible; no wait is unbounded.
//!
//! Start reading at [`prove`], then at `experiment`; `worker` talks to `python/escala_agent/replay`. Where the tests are the
//! replay, go on at `suite`.

pub mod limits;

mod candidate;
mod patch;

mod traffic;

mod reply;
mod worker;

mod compare;
mod verdict;

mod experiment;
mod suite;

mod outcome;
mod prove;

#[cfg(test)]
mod testing;

pub use compare::Difference;
pub use outcome::{Change, EndpointChange, Fix, Measured, Outcome, Status, TestsMeasured, Together};
pub use patch::{Patch, PatchedFile};
pub use prove::{Inputs, Progress, prove};
pub use suite::{ProveWith, ProveWithError};
pub use traffic::{CodeName, Recorded, Traffic};
