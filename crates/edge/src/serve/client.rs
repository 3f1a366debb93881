//! The client's side of a request that is not answered at once: its body, and heads before the answer.

use std::io;
use std::time::Duration;

use bytes::Bytes;

use crate::http::body::Body;
use crate::http::chunked::Piece;
use crate::http::fields::write_line;
use crate::http::head::write_status_line;
use crate::http::{Name, ResponseHead, Version};
use crate::stream::Connection;

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The client of one request.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    connection: Option<&'a mut Connection>,
    version: Version,
    body: Body,
    awaits_continue: bool,
    patience: Duration,
    /// Bytes of the body so far.
    pub(crate) received: u64,
}

impl<'a> Client<'a> {
    /// A client whose request has a body of that kind.
    pub(crate) fn new(
        connection: &'a mut Connection,
        version: Version,
        body: Body,
        awaits_continue: bool,
        patience: Duration,
    ) -> Self {
        Self { connection: Some(connection), version, body, awaits_continue, patience, received: 0 }
    }

    /// The edge itself, which wants a fragment.
    pub(crate) fn nobody() -> Self {
        let patience = Duration::ZERO;
        Self {
            connection: None,
            version: Version::Http10,
            body: Body::Done,
            awaits_continue: false,
            patience,
            received: 0,
        }
    }

    /// Whether all of the body was read.
    pub(crate) fn is_body_done(&self) -> bool {
        self.body.is_done()
    }

    /// Whether the client waits for a word before it sends its body, and has had none: then no body follows a final
    /// answer.
    pub(crate) fn holds_body_back(&self) -> bool {
        self.awaits_continue && !self.body.is_done()
    }

    /// The next bytes of the body; `None` at the end.
    ///
    /// # Errors
    /// When the client breaks off, sends nothing for too long, or what it sends is malformed.
    pub(crate) async fn data(&mut self) -> io::Result<Option<Bytes>> {
        let Some(connection) = &mut self.connection else { return Ok(None) };
        if std::mem::take(&mut self.awaits_continue) && !self.body.is_done() {
            connection.write_all(CONTINUE).await?;
        }
        connection.set_deadline(self.patience);
        loop {
            if self.body.is_done() {
                return Ok(None);
            }
            if !connection.input().is_empty() {
                let malformed = |error| io::Error::new(io::ErrorKind::InvalidData, error);
                match self.body.decode(connection.input()).map_err(malformed)? {
                    Piece::End { skipped } => {
                        connection.consume(skipped);
                        return Ok(None);
                    }
                    Piece::Data { skipped, length: 0 } => connection.consume(skipped),
                    Piece::Data { skipped, length } => {
                        let data = &connection.input()[skipped..skipped + length];
                        let data = Bytes::copy_from_slice(data);
                        connection.consume(skipped + length);
                        self.received += length as u64;
                        return Ok(Some(data));
                    }
                }
            }
            if connection.read().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Passes on a head that the app sent before its answer; an old client would take it for the answer.
    ///
    /// # Errors
    /// When the client is gone.
    pub(crate) async fn send_interim(&mut self, head: &ResponseHead) -> io::Result<()> {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        if self.version != Version::Http11 || head.status == 100 {
            return Ok(());
        }
        let mut out = Vec::new();
        write_status_line(head.status, &head.reason, &mut out);
        for field in head.fields.iter().filter(|field| !field.known.is_some_and(Name::is_hop_by_hop)) {
            write_line(field.name, field.value, &mut out);
        }
        out.extend_from_slice(b"\r\n");
        connection.write_all(&out).await
    }
}
