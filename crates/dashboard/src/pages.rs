//! One module per page: from a question to its answer.

mod edge;
pub(crate) mod endpoint;
pub(crate) mod endpoints;
pub(crate) mod finding;
pub(crate) mod findings;
pub(crate) mod health;
pub(crate) mod overview;
pub(crate) mod request;
pub(crate) mod source;

mod over_time;
mod proofs;
mod rows;
mod waterfall;

#[cfg(test)]
mod tests;
