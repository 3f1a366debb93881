//! Observations in, ranked findings out.
//!
//! Receives a [`Window`] of transactions as plain values. Gives a [`Report`]: endpoints with their distributions, and
//! findings that name where a queryset was built, where it hurts, what it cost and what would help.
//!
//! Invariants: pure, with no clock, no store and no filesystem; a rule lives in one file under `rules/`; nothing is
//! ranked by count, only by what it costs the site; the order in which transactions arrived changes nothing.
//!
//! Start reading at [`Report`] and [`Finding`], then at `rules.rs`. From loads to findings the way is `lineage` (which
//! queryset is behind a load), `occurrence` (the N+1s of one transaction), `merge` (the same one in many, with their
//! `growth`), `rank`.
//! `conversation` is what one transaction asked of its database by itself, for the rules about statements.

mod finding;
mod report;
mod rules;

mod conversation;
mod lineage;
mod occurrence;

mod growth;
mod merge;
mod rank;

mod budget;
mod edge;
mod endpoints;
mod quantiles;
mod queries;
mod resolve;
mod tally;

#[cfg(test)]
mod testing;

pub use budget::{Audit, Budget, Overrun, audit};
pub use edge::{EDGE_PATHS_MAX, Edge, EdgeEndpoint, edge};
pub use finding::{
    Access, Confidence, Cost, Endpoint, EndpointKey, Finding, Growth, GrowthPoint, Hop, Origin, Place,
    Quantiles, Relation, Remedy, Report, Rule, Statement, Subject, Window,
};
pub use queries::{QueryShape, queries};
pub use report::report;
pub use sql::Verb;
