//! The life of a request: from a connection of a client to its answer.
//!
//! In the order of their turn: `http1` reads a head and writes the answer; `hit` answers at once from the cache; `request`
//! decides between the cache and the app; `pass` asks the app for one client, `fill` for many, who meet in `flight`.
//!
//! Invariants: nothing waits without a deadline; a client that is slow holds no place in the app; a fill goes on when the
//! client that began it has left.

mod answer;
mod client;
mod compose;
mod cookies;
mod decide;
mod fetch;
mod fill;
mod flight;
mod generate;
mod hit;
mod http1;
mod invalidate;
mod memo;
mod outgoing;
mod partial;
mod pass;
mod rates;
mod request;
mod shadowed;
mod shared_body;
mod tunnel;

pub(crate) use answer::{Answer, Body, Share, excerpt};
pub use cookies::Learned;
pub(crate) use flight::Flights;
pub(crate) use generate::run as generate;
pub use http1::serve as serve_http1;
pub use memo::Memo;
pub use rates::Rates;
