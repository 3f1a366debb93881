//! Why there is no response of the app, and what may be done about it.

use std::io;
use std::time::Duration;

use crate::http::{Malformed, Method};

/// An exchange that failed.
#[derive(Debug, thiserror::Error)]
#[error("{failure}")]
pub struct UpstreamError {
    /// What failed.
    pub failure: Failure,
    /// Whether the app may have seen the request.
    pub may_have_acted: bool,
    /// What the operating system said.
    #[source]
    pub source: Option<io::Error>,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nobody listens, or not in time.
    #[error("the app does not take the connection")]
    Connect,
    /// The connection broke before the head of a response had come.
    #[error("the app closed the connection without an answer")]
    Closed,
    /// The app did not answer in time.
    #[error("the app did not answer in time")]
    Timeout,
    /// What came is no response.
    #[error("the app's answer is malformed: {0}")]
    Malformed(Malformed),
    /// The body ended before its end.
    #[error("the app's answer broke off")]
    Truncated,
    /// The app has as much to do as it can take.
    #[error("the site has more to do than it can: try again in a moment")]
    Busy {
        /// When to ask again.
        retry_after: Duration,
    },
    /// The app failed too often, and is left alone for a while.
    #[error("the app is not well: try again in a moment")]
    Down {
        /// When to ask again.
        retry_after: Duration,
    },
    /// The client's body is longer than is taken.
    #[error("the request's body is too long")]
    TooLarge,
    /// The client's body could not be read.
    #[error("the client's request broke off")]
    Client,
}

impl UpstreamError {
    /// A failure before anything was sent.
    pub fn connect(source: io::Error) -> Self {
        Self { failure: Failure::Connect, may_have_acted: false, source: Some(source) }
    }

    /// A failure after something was sent.
    pub fn after_sending(failure: Failure, source: Option<io::Error>) -> Self {
        Self { failure, may_have_acted: true, source }
    }

    /// The status that a client is answered with.
    pub fn status(&self) -> u16 {
        match self.failure {
            Failure::Timeout => 504,
            Failure::Client => 400,
            Failure::TooLarge => 413,
            Failure::Busy { .. } | Failure::Down { .. } => 503,
            _ => 502,
        }
    }

    /// Whether the request may be sent again: it was not seen, or seeing it twice does no harm. A request that timed out
    /// is at work in the app, and a second one would be at work beside it.
    pub fn may_retry(&self, method: &Method) -> bool {
        match self.failure {
            Failure::Connect => true,
            Failure::Closed => !self.may_have_acted || method.is_idempotent(),
            _ => false,
        }
    }

    /// A request that is not sent at all.
    pub fn refused(failure: Failure) -> Self {
        Self { failure, may_have_acted: false, source: None }
    }
}
