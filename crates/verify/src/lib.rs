//! The experiment: the files as they are against the files with a fix, on the project's own recorded requests.
//!
//! Receives findings from `analysis`, recorded traffic and file hashes from `store`, edits from `project`. Gives an
//! [`Outcome`]: for every finding a verdict with its measurements, and the proved fixes as one change.
//!
//! Invariants: no verdict without an interleaved baseline; nothing that a replay does stays in the database; the working
//! tree is never touched (candidates reach the interpreter as an overlay on import); no comparison is loosened to make a
//! proof possible; no wait is unbounded.
//!
//! Start reading at [`prove`], then at `experiment`; `worker` talks to `python/escala_agent/replay`.

pub mod limits;

mod candidate;
mod patch;

mod traffic;

mod reply;
mod worker;

mod compare;
mod verdict;

mod experiment;
mod outcome;
mod prove;

#[cfg(test)]
mod testing;

pub use compare::Difference;
pub use outcome::{Change, EndpointChange, Fix, Measured, Outcome, Status, Together};
pub use patch::{Patch, PatchedFile};
pub use prove::{Inputs, Progress, prove};
pub use traffic::{CodeName, Recorded, Traffic};
