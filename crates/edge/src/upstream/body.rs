//! The body of a response, as it comes from the app.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::error::{Failure, UpstreamError};
use super::pool::Pool;
use super::servers::Call;
use crate::gate::Turn;
use crate::http::body::Body;
use crate::http::chunked::Piece;
use crate::stream::Connection;

/// A body with the connection that it comes over. At its end the connection goes back to where it came from.
#[derive(Debug)]
pub struct ResponseBody {
    connection: Option<Connection>,
    body: Body,
    /// Data at the start of the input that the caller has and may still be looking at.
    given: usize,
    pool: Arc<Pool>,
    may_be_used_again: bool,
    patience: Duration,
    length: Option<u64>,
    /// What goes back when all of it has come.
    held: Option<Held>,
    tap: Option<Box<dyn Tap>>,
}

/// Someone who looks on while a body is passed on.
pub trait Tap: std::fmt::Debug + Send {
    /// The next bytes.
    fn data(&mut self, data: &[u8]);
    /// All of it has come. A body that breaks off has no end.
    fn end(&mut self);
}

/// What a request holds until the app is done with it.
#[derive(Debug)]
pub struct Held {
    /// Its turn.
    pub turn: Turn,
    /// The server that is asked.
    pub call: Call,
}

/// What is there of a body without waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtHand<'a> {
    /// Nothing yet.
    NotYet,
    /// These bytes.
    Data(&'a [u8]),
    /// The end.
    End,
}

impl ResponseBody {
    pub(super) fn new(
        connection: Connection,
        body: Body,
        pool: Arc<Pool>,
        may_be_used_again: bool,
        patience: Duration,
        held: Held,
    ) -> Self {
        let length = match &body {
            Body::Done => Some(0),
            Body::Length(length) => Some(*length),
            Body::Chunked(_) | Body::UntilClose => None,
        };
        let may_be_used_again = may_be_used_again && !matches!(body, Body::UntilClose);
        let mut this = Self {
            connection: Some(connection),
            body,
            given: 0,
            pool,
            may_be_used_again,
            patience,
            length,
            held: Some(held),
            tap: None,
        };
        this.give_back_when_done();
        this
    }

    /// Lets somebody look on.
    pub fn tap(&mut self, tap: Box<dyn Tap>) {
        self.tap = Some(tap);
    }

    /// Its length, when that was said.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Whether all of it lies in memory, so that the app is done with it.
    pub fn is_here(&self) -> bool {
        let Some(connection) = &self.connection else { return true };
        let input = connection.input();
        match &self.body {
            Body::Done => true,
            Body::Length(left) => *left <= input.len() as u64,
            Body::Chunked(decoder) => decoder.clone().is_whole(input),
            Body::UntilClose => false,
        }
    }

    /// Whether all of it has come and was given out.
    pub fn is_done(&self) -> bool {
        self.connection.is_none()
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// When the app breaks off, or sends nothing for too long.
    pub async fn data(&mut self) -> Result<Option<&[u8]>, UpstreamError> {
        let range = poll_fn(|cx| self.poll_range(cx)).await?;
        Ok(range.map(|(begin, end)| self.slice(begin, end)))
    }

    /// The next bytes if they are there, or the end if it is.
    ///
    /// # Errors
    /// As [`Self::data`].
    pub async fn data_at_hand(&mut self) -> Result<AtHand<'_>, UpstreamError> {
        match poll_fn(|cx| Poll::Ready(self.poll_range(cx))).await {
            Poll::Pending => Ok(AtHand::NotYet),
            Poll::Ready(range) => Ok(match range? {
                Some((begin, end)) => AtHand::Data(self.slice(begin, end)),
                None => AtHand::End,
            }),
        }
    }

    fn slice(&self, begin: usize, end: usize) -> &[u8] {
        self.connection.as_ref().map_or(&[], |connection| &connection.input()[begin..end])
    }

    /// Where the next data lie in the connection's input.
    fn poll_range(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<(usize, usize)>, UpstreamError>> {
        let Some(connection) = &mut self.connection else { return Poll::Ready(Ok(None)) };
        connection.consume(std::mem::take(&mut self.given));
        loop {
            let Some(connection) = &mut self.connection else { return Poll::Ready(Ok(None)) };
            if self.body.is_done() {
                self.give_back_when_done();
                return Poll::Ready(Ok(None));
            }
            if !connection.input().is_empty() {
                match self.body.decode(connection.input()).map_err(malformed)? {
                    Piece::End { skipped } => {
                        connection.consume(skipped);
                        continue;
                    }
                    Piece::Data { skipped, length: 0 } => connection.consume(skipped),
                    Piece::Data { skipped, length } => {
                        connection.consume(skipped);
                        self.given = length;
                        if self.body.is_done() {
                            // The app is free again, however long the client takes to read.
                            self.held = None;
                        }
                        if let Some(tap) = &mut self.tap {
                            tap.data(&connection.input()[..length]);
                        }
                        return Poll::Ready(Ok(Some((0, length))));
                    }
                }
            }
            let Poll::Ready(read) = connection.poll_read(cx) else { return Poll::Pending };
            match read {
                Ok(0) if self.body.end() => {}
                Ok(0) => return Poll::Ready(Err(UpstreamError::after_sending(Failure::Truncated, None))),
                Ok(_) => connection.set_deadline(self.patience),
                Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                    return Poll::Ready(Err(UpstreamError::after_sending(Failure::Timeout, Some(error))));
                }
                Err(error) => {
                    return Poll::Ready(Err(UpstreamError::after_sending(Failure::Truncated, Some(error))));
                }
            }
        }
    }

    /// A connection with bytes after the response is not what it seems, and goes.
    fn give_back_when_done(&mut self) {
        if !self.body.is_done() || self.given > 0 {
            return;
        }
        if let Some(mut tap) = self.tap.take() {
            tap.end();
        }
        self.held = None;
        if let Some(connection) = self.connection.take()
            && self.may_be_used_again
            && connection.input().is_empty()
        {
            self.pool.put(connection);
        }
    }

    /// The connection as it is, for a protocol that both sides have switched to.
    pub(crate) fn into_connection(self) -> Option<Connection> {
        self.connection
    }
}

fn malformed(error: crate::http::Malformed) -> UpstreamError {
    UpstreamError::after_sending(Failure::Malformed(error), None)
}
