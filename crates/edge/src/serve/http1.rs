//! A connection that speaks HTTP/1.1: requests one after the other.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::answer::{Answer, Body};
use super::client::Client;
use super::request::Asked;
use super::{hit, request, tunnel};
use crate::config::Config;
use crate::forwarded;
use crate::http::body::Body as RequestBody;
use crate::http::chunked::{self, BODY_END, CHUNK_END};
use crate::http::fields::write_line;
use crate::http::framing::{self, Framing};
use crate::http::head::{HeadEnd, Scheme, write_status_line};
use crate::http::{Malformed, Method, Name, RequestHead, Version, list};
use crate::limits::{COPIED_BYTES_MAX, DRAINED_BYTES_MAX};
use crate::stream::{Connection, Stream, buffers};
use crate::upstream::ResponseBody;
use crate::upstream::body::AtHand;
use crate::worker::Worker;

/// Serves a client until the connection ends.
/// Says in `is_busy` whether a request is being answered.
pub async fn serve(worker: Arc<Worker>, stream: Stream, peer: Option<IpAddr>, is_busy: Arc<AtomicBool>) {
    let mut session = Session {
        config: worker.edge.config(),
        generation: worker.edge.generation(),
        worker,
        connection: Connection::new(stream),
        peer,
        is_busy,
        head: RequestHead::default(),
        end: HeadEnd::default(),
        out: Vec::new(),
        key: Vec::new(),
        who: forwarded::Client::default(),
        scheme: Scheme::Http,
    };
    // A client that is gone, or does not listen, is nothing to tell anybody of.
    let _ = session.run().await;
}

struct Session {
    worker: Arc<Worker>,
    config: Arc<Config>,
    generation: u64,
    connection: Connection,
    peer: Option<IpAddr>,
    is_busy: Arc<AtomicBool>,
    head: RequestHead,
    end: HeadEnd,
    out: Vec<u8>,
    key: Vec<u8>,
    who: forwarded::Client,
    scheme: Scheme,
}

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Goes,
    Stays,
}

/// Why no request could be read.
enum NoRequest {
    /// The client has gone, or was silent for too long.
    Gone,
    /// What came is no request.
    Malformed(Malformed),
    /// It came too slowly.
    Slow,
}

impl Session {
    async fn run(&mut self) -> io::Result<()> {
        loop {
            match self.read_head().await {
                Ok(()) => {}
                Err(NoRequest::Gone) => return Ok(()),
                Err(NoRequest::Malformed(error)) => {
                    return self.refuse(status_of(error), &error.to_string()).await;
                }
                Err(NoRequest::Slow) => return self.refuse(408, "the request did not come in time").await,
            }
            if self.worker.edge.generation() != self.generation {
                self.generation = self.worker.edge.generation();
                self.config = self.worker.edge.config();
            }
            self.is_busy.store(true, Ordering::Relaxed);
            let after = self.exchange().await?;
            self.is_busy.store(false, Ordering::Relaxed);
            if after == After::Goes {
                self.connection.shutdown().await;
                return Ok(());
            }
        }
    }

    /// Reads the next head into its place.
    async fn read_head(&mut self) -> Result<(), NoRequest> {
        self.connection.release_memory();
        buffers::put(std::mem::take(&mut self.out));
        self.connection.set_deadline(self.config.client.idle);
        let mut is_begun = false;
        loop {
            let found = self.end.find(self.connection.input()).map_err(NoRequest::Malformed)?;
            if let Some(length) = found {
                self.head.read(&self.connection.input()[..length]).map_err(NoRequest::Malformed)?;
                self.connection.consume(length);
                self.out = buffers::take();
                return Ok(());
            }
            if !is_begun && !self.connection.input().is_empty() {
                is_begun = true;
                self.connection.set_deadline(self.config.client.head);
            }
            match self.connection.read().await {
                Ok(0) => return Err(NoRequest::Gone),
                Ok(_) => {}
                Err(error) if is_begun && error.kind() == io::ErrorKind::TimedOut => {
                    return Err(NoRequest::Slow);
                }
                Err(_) => return Err(NoRequest::Gone),
            }
        }
    }

    /// Answers the request.
    async fn exchange(&mut self) -> io::Result<After> {
        let framing = match framing::of_request(&self.head) {
            Ok(framing) => framing,
            Err(error) => {
                self.refuse(status_of(error), &error.to_string()).await?;
                return Ok(After::Goes);
            }
        };
        let keeps_alive = self.head.keeps_alive() && !self.worker.edge.is_draining();
        self.connection.set_deadline(self.config.client.write);
        self.meet();
        if framing == Framing::Empty {
            let now = self.worker.edge.clock.now();
            if let Some(hit) = hit::find(&self.worker.edge, &self.config, &self.head, &mut self.key, now) {
                let clock = self.worker.edge.clock;
                hit::write_head(&hit, self.head.version, keeps_alive, clock, now, &mut self.out);
                let body = if self.head.method == Method::Head { &[][..] } else { hit.body() };
                self.write(body).await?;
                return Ok(if keeps_alive { After::Stays } else { After::Goes });
            }
        }
        // In a box: a connection that waits does not carry the memory of what it does not do.
        Box::pin(self.exchange_slowly(framing, keeps_alive)).await
    }

    /// Finds out who the client is and what it asked for, as far as proxies that are trusted say.
    fn meet(&mut self) {
        let fields = self.head.fields.iter().map(|field| (field.name, field.value));
        self.who = forwarded::resolve(self.peer, fields, &self.config.trust);
        self.head.scheme = self.who.scheme.unwrap_or(self.scheme);
        if let Some(host) = &self.who.host {
            self.head.host.clone_from(host);
        }
    }

    async fn exchange_slowly(&mut self, framing: Framing, keeps_alive: bool) -> io::Result<After> {
        let awaits_continue = self.head.fields.lists(Name::Expect, b"100-continue");
        let version = self.head.version;
        let who = std::mem::take(&mut self.who);
        let body = RequestBody::from(framing);
        let patience = self.config.client.body;
        let mut client = Client::new(&mut self.connection, version, body, awaits_continue, patience);
        let asked = Asked::new(&self.worker, &self.config, &who, framing);
        let answer = request::answer(&asked, &mut self.head, &mut client).await;
        let is_body_done = client.is_body_done();
        let is_body_held_back = client.holds_body_back();
        let is_drained = is_body_done || (!answer.closes && !is_body_held_back && drain(&mut client).await);
        let keeps_alive = keeps_alive && !answer.closes && is_drained;
        let method = std::mem::take(&mut self.head.method);
        self.connection.set_deadline(self.config.client.write);
        self.write_answer(answer, &method, version, keeps_alive).await
    }

    /// Writes what stands in `out`, and a body after it.
    async fn write(&mut self, body: &[u8]) -> io::Result<()> {
        if body.len() <= COPIED_BYTES_MAX {
            self.out.extend_from_slice(body);
            self.connection.write_all(&self.out).await
        } else {
            self.connection.write_both(&self.out, body).await
        }
    }

    async fn write_answer(
        &mut self,
        mut answer: Answer,
        method: &Method,
        version: Version,
        keeps_alive: bool,
    ) -> io::Result<After> {
        self.out.clear();
        write_status_line(answer.head.status, &answer.head.reason, &mut self.out);
        if let Body::Tunnel(body) = answer.body {
            answer.head.fields.write(&mut self.out);
            self.out.extend_from_slice(b"\r\n");
            return self.tunnel(*body).await;
        }
        let is_head = *method == Method::Head;
        let length = answer.body.length();
        let has_body = !is_head && answer.head.status >= 200 && !matches!(answer.head.status, 204 | 304);
        let is_chunked = has_body && length.is_none() && version == Version::Http11;
        let keeps_alive = keeps_alive && (!has_body || length.is_some() || is_chunked);
        if has_body {
            answer.head.fields.remove(Name::ContentLength);
        }
        answer.head.fields.write(&mut self.out);
        match length {
            Some(length) if has_body => {
                self.out.extend_from_slice(b"content-length: ");
                list::write_number(length, &mut self.out);
                self.out.extend_from_slice(b"\r\n");
            }
            None if is_chunked => write_line(b"transfer-encoding", b"chunked", &mut self.out),
            _ => {}
        }
        if let Some(outcome) = &answer.outcome {
            self.out.extend_from_slice(b"cache-status: ");
            crate::cache::status::write(outcome, &mut self.out);
            self.out.extend_from_slice(b"\r\n");
        }
        if !answer.head.fields.has(Name::Date) {
            self.out.extend_from_slice(b"date: ");
            let clock = self.worker.edge.clock;
            clock.write_date(clock.now(), &mut self.out);
            self.out.extend_from_slice(b"\r\n");
        }
        hit::write_connection(version, keeps_alive, &mut self.out);
        self.out.extend_from_slice(b"\r\n");
        if has_body {
            self.write_body(answer.body, is_chunked).await?;
        } else {
            self.connection.write_all(&self.out).await?;
        }
        Ok(if keeps_alive { After::Stays } else { After::Goes })
    }

    /// Writes the head that stands in `out`, and the body as it comes. A body that breaks off ends the connection, so that
    /// nobody takes it for whole.
    async fn write_body(&mut self, body: Body, is_chunked: bool) -> io::Result<()> {
        match body {
            Body::Full(bytes) => return self.write(&bytes).await,
            Body::Own(mut body) => self.write_own(&mut body, is_chunked).await?,
            Body::Shared { mut reader, .. } => loop {
                let broken = |_| io::Error::from(io::ErrorKind::UnexpectedEof);
                match reader.chunk().await.map_err(broken)? {
                    Some(data) => {
                        self.connection.set_deadline(self.config.client.write);
                        write_part(&mut self.connection, &mut self.out, &data, is_chunked).await?;
                    }
                    None => break,
                }
            },
            Body::File(mut body) => {
                while let Some(data) = body.data().await? {
                    self.connection.set_deadline(self.config.client.write);
                    write_part(&mut self.connection, &mut self.out, data, is_chunked).await?;
                }
            }
            Body::Composed(mut composition) => {
                while let Some(data) = composition.chunk().await {
                    self.connection.set_deadline(self.config.client.write);
                    write_part(&mut self.connection, &mut self.out, &data, is_chunked).await?;
                }
            }
            Body::Empty | Body::Tunnel(_) => {}
        }
        if is_chunked {
            self.out.extend_from_slice(BODY_END);
        }
        self.flush().await
    }

    /// The head waits for the first part of the body only if that is there already.
    async fn write_own(&mut self, body: &mut ResponseBody, is_chunked: bool) -> io::Result<()> {
        let broken = |_| io::Error::from(io::ErrorKind::UnexpectedEof);
        loop {
            let data = match body.data_at_hand().await.map_err(broken)? {
                AtHand::Data(data) => Some(data),
                AtHand::End => None,
                AtHand::NotYet => {
                    self.connection.write_all(&self.out).await?;
                    self.out.clear();
                    body.data().await.map_err(broken)?
                }
            };
            let Some(data) = data else { return Ok(()) };
            self.connection.set_deadline(self.config.client.write);
            write_part(&mut self.connection, &mut self.out, data, is_chunked).await?;
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.connection.write_all(&self.out).await?;
        self.out.clear();
        Ok(())
    }

    /// Carries bytes in both directions until one side ends.
    async fn tunnel(&mut self, body: ResponseBody) -> io::Result<After> {
        self.flush().await?;
        let Some(app) = body.into_connection() else { return Ok(After::Goes) };
        tunnel::carry(&mut self.connection, app).await;
        Ok(After::Goes)
    }

    async fn refuse(&mut self, status: u16, text: &str) -> io::Result<()> {
        let answer = Answer::of_the_edge(status, text).closing();
        self.connection.set_deadline(self.config.client.write);
        self.write_answer(answer, &Method::Get, Version::Http11, false).await?;
        self.connection.shutdown().await;
        // What is still on its way is taken, or the system would answer it with a reset and the client might not read why.
        let mut left = DRAINED_BYTES_MAX;
        while left > 0 {
            let length = self.connection.read().await?;
            if length == 0 {
                break;
            }
            self.connection.consume(self.connection.input().len());
            left = left.saturating_sub(length);
        }
        Ok(())
    }
}

/// Writes a part of a body after what stands in `out`.
async fn write_part(
    connection: &mut Connection,
    out: &mut Vec<u8>,
    data: &[u8],
    is_chunked: bool,
) -> io::Result<()> {
    if is_chunked {
        chunked::write_size(data.len(), out);
    }
    if data.len() <= COPIED_BYTES_MAX {
        out.extend_from_slice(data);
        if is_chunked {
            out.extend_from_slice(CHUNK_END);
        }
        connection.write_all(out).await?;
        out.clear();
    } else {
        connection.write_both(out, data).await?;
        out.clear();
        if is_chunked {
            out.extend_from_slice(CHUNK_END);
        }
    }
    Ok(())
}

/// Reads what is left of a short body, so that the connection can be used again.
async fn drain(client: &mut Client<'_>) -> bool {
    let until = client.received + DRAINED_BYTES_MAX as u64;
    while client.received <= until {
        match client.data().await {
            Ok(Some(_)) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
    false
}

/// What a client is answered whose request cannot be read.
fn status_of(error: Malformed) -> u16 {
    match error {
        Malformed::HeadTooLong | Malformed::TooManyFields => 431,
        Malformed::Version => 505,
        Malformed::TransferCoding => 501,
        _ => 400,
    }
}
