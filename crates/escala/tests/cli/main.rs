//! The real binary, from the outside: what it prints, how it ends, what it leaves behind. Needs neither Python nor
//! Django: a shell stands for the site, and the tests speak the agent's part.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod agent;
mod check;
mod dashboard;
mod edge;
mod fix;
mod report;
mod run;
mod signals;
mod store;
mod support;
mod traffic;
