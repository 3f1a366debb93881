//! The app: connections to its servers, and one exchange with it.
//!
//! Receives a head and a body that are ready to be sent. Gives the head that came back, and the body as it comes.
//!
//! Invariants: a connection is used again only if the response before it ended where it said it would, and nothing came
//! after it; nothing is sent again here: whether that may be done is decided by who knows what was asked.

pub mod address;
pub mod body;
pub mod error;
pub mod exchange;
pub mod health;
mod pool;
pub mod servers;

pub use address::Address;
pub use body::{Held, ResponseBody, Tap};
pub use error::{Failure, UpstreamError};
pub use pool::Pool;
pub use servers::{Call, Server, Servers};
