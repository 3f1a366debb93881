//! What happened inside a Django process, and the frames that carry it to the recorder.
//!
//! Receives: nothing; the agent and the edge fill these types in. Gives: plain data to `store` and `analysis`, bytes to the
//! socket between them.
//!
//! Invariants: no IO and no clock in this crate; no other type's bytes cross our process boundary; every frame
//! carries [`frame::VERSION`]; a decoder never trusts a length, an index or a count that it reads.
//!
//! Start reading at [`Transaction`], then [`ResultSet`] and [`Load`], which together are what an N+1 is made of. What is
//! blanked before it leaves a process says [`redact`].

pub mod codec;
mod edge;
pub mod frame;
pub mod limits;
mod process;
pub mod redact;
mod request;
pub mod route;
mod transaction;

pub use edge::{EdgeAnswers, EdgeFigures, EdgeOutcome, EdgeReport, EdgeRow, EdgeTarget, EdgeTotal};
pub use process::Process;
pub use request::CapturedRequest;
pub use transaction::{
    Ask, AtomicBlock, ChainId, Connection, Details, Glance, Load, LoadId, Overflow, Query, Relation,
    RelationId, RelationKind, ResultSet, ResultSetId, Site, SiteId, SiteKind, Source, SourceFile, Span,
    StringId, Transaction, TransactionKind, Via,
};
