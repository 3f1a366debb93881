//! The gate: which requests the app is given, when, and what the others are told.
//!
//! Receives arrivals, departures and outcomes, each with its time. Gives decisions: admitted, to wait, or refused with the
//! reason and, where it is known, when to come back. Whoever calls does what was decided.
//!
//! Invariants: nothing here reads a clock, waits, or does IO, save [`turn`], which waits for the others; a time is a [`Duration`](std::time::Duration) since an epoch
//! of the caller's, and one that runs backwards does no harm; every table and queue has a bound in
//! [`limits`](crate::limits); an idle app is never refused to anybody by an estimate.
//!
//! A request passes in this order: [`throttle`] (did this client ask too often?), [`breaker`] (is the app there at all?),
//! [`queue`] (is a worker free, and if not, will one be in time?). When it failed before it could have done anything,
//! [`retry`] says whether it may be sent once more.
//!
//! Start reading at [`queue`].

pub mod breaker;
pub mod queue;
pub mod retry;
pub mod throttle;
pub mod turn;
mod window;

pub use breaker::Breaker;
pub use queue::Queue;
pub use retry::RetryBudget;
pub use throttle::Throttle;
pub use turn::{Shed, Turn, Turns};
