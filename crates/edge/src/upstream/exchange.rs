//! One request to the app, and the head of its response.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::Address;
use super::body::{Held, ResponseBody};
use super::error::{Failure, UpstreamError};
use super::pool::Pool;
use crate::http::body::Body;
use crate::http::head::HeadEnd;
use crate::http::{Method, ResponseHead, framing};
use crate::stream::Connection;

/// How long the app may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// To take a connection.
    pub connect: Duration,
    /// To answer, and from one part of the body to the next.
    pub answer: Duration,
}

/// A request that is on its way.
#[derive(Debug)]
pub struct Exchange {
    connection: Connection,
    /// Whether the connection was used before: the app may have closed it just when the request came.
    pub is_reused: bool,
    pool: Arc<Pool>,
    method: Method,
    patience: Duration,
    end: HeadEnd,
    ends: bool,
}

impl Exchange {
    /// Gets a connection: one that waits, unless only a new one will do.
    ///
    /// # Errors
    /// When the app takes none.
    pub async fn begin(
        address: &Address,
        pool: &Arc<Pool>,
        method: &Method,
        is_fresh: bool,
        patience: Patience,
    ) -> Result<Self, UpstreamError> {
        let idle = if is_fresh { None } else { pool.take().await };
        let is_reused = idle.is_some();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(address, patience.connect).await?,
        };
        Ok(Self {
            connection,
            is_reused,
            pool: Arc::clone(pool),
            method: method.clone(),
            patience: patience.answer,
            end: HeadEnd::default(),
            ends: false,
        })
    }

    /// Sends bytes of the request: its head, or of its body as HTTP/1.1 has them.
    ///
    /// # Errors
    /// When the app takes no more. What it has said by then can still be read.
    pub async fn send(&mut self, head: &[u8], body: &[u8]) -> Result<(), UpstreamError> {
        self.connection.set_deadline(self.patience);
        self.connection.write_both(head, body).await.map_err(broken)
    }

    /// Whether the app has said something already, or has gone.
    pub fn poll_has_answered(&mut self, cx: &mut std::task::Context<'_>) -> bool {
        self.connection.poll_is_spoilt(cx)
    }

    /// The next head: an interim one, or the last.
    ///
    /// # Errors
    /// When none comes, or what comes is none.
    pub async fn head(&mut self, head: &mut ResponseHead) -> Result<(), UpstreamError> {
        self.connection.set_deadline(self.patience);
        loop {
            let found = self.end.find(self.connection.input()).map_err(malformed)?;
            if let Some(length) = found {
                head.read(&self.connection.input()[..length]).map_err(malformed)?;
                self.connection.consume(length);
                return Ok(());
            }
            match self.connection.read().await {
                Ok(0) => return Err(UpstreamError::after_sending(Failure::Closed, None)),
                Ok(_) => {}
                Err(error) => return Err(broken(error)),
            }
        }
    }

    /// Lets the connection end with this exchange: its request was not sent as a whole.
    pub fn end_with_this(&mut self) {
        self.ends = true;
    }

    /// The body that follows the last head.
    ///
    /// # Errors
    /// When its end is ambiguous.
    pub fn body(self, head: &ResponseHead, holds: Held) -> Result<ResponseBody, UpstreamError> {
        let framing = framing::of_response(head, &self.method).map_err(malformed)?;
        let may_be_used_again = head.keeps_alive() && head.status != 101 && !self.ends;
        let body = if head.status == 101 { Body::UntilClose } else { Body::from(framing) };
        Ok(ResponseBody::new(self.connection, body, self.pool, may_be_used_again, self.patience, holds))
    }
}

fn broken(error: io::Error) -> UpstreamError {
    let failure = if error.kind() == io::ErrorKind::TimedOut { Failure::Timeout } else { Failure::Closed };
    UpstreamError::after_sending(failure, Some(error))
}

async fn connect(address: &Address, patience: Duration) -> Result<Connection, UpstreamError> {
    match tokio::time::timeout(patience, address.connect()).await {
        Ok(Ok(stream)) => Ok(Connection::new(stream)),
        Ok(Err(error)) => Err(UpstreamError::connect(error)),
        Err(elapsed) => Err(UpstreamError::connect(io::Error::new(io::ErrorKind::TimedOut, elapsed))),
    }
}

fn malformed(error: crate::http::Malformed) -> UpstreamError {
    UpstreamError::after_sending(Failure::Malformed(error), None)
}
