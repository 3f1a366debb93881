//! Asking the app: which server, over which connection, and once more when that does no harm.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;

use super::client::Client;
use super::flight::Flight;
use crate::config::Config;
use crate::gate::Turn;
use crate::gate::breaker::Outcome;
use crate::http::chunked;
use crate::http::{Method, ResponseHead};
use crate::upstream::exchange::Exchange;
use crate::upstream::{Call, Failure, Held, ResponseBody, UpstreamError};
use crate::worker::Worker;

/// What is sent to the app.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking<'a> {
    pub(crate) worker: &'a Worker,
    pub(crate) config: &'a Config,
    pub(crate) method: &'a Method,
    /// As HTTP/1.1 has it.
    pub(crate) head: &'a [u8],
}

/// Who hears of heads before the answer.
pub(crate) enum Ear<'a, 'b> {
    /// The client that waits.
    Client(&'a mut Client<'b>),
    /// All who wait.
    Flight(&'a Flight),
}

impl Ear<'_, '_> {
    async fn hear(&mut self, head: ResponseHead) -> io::Result<()> {
        match self {
            Self::Client(client) => client.send_interim(&head).await,
            Self::Flight(flight) => {
                flight.tell_interim(head);
                Ok(())
            }
        }
    }
}

/// Sends a request that is complete; once more to another server, or over a new connection, if the first one was not
/// there.
///
/// # Errors
/// When there is no answer.
pub(crate) async fn fetch(
    asking: &Asking<'_>,
    body: &[u8],
    mut ear: Ear<'_, '_>,
    turn: Turn,
) -> Result<(ResponseHead, ResponseBody), UpstreamError> {
    asking.worker.edge.note_request();
    // A request that must not be sent twice does not go where it may have to be.
    let mut is_fresh = !asking.method.is_idempotent();
    let mut tried = None;
    let mut is_last = false;
    loop {
        let mut call = call(asking, tried.as_ref())?;
        let mut is_reused = false;
        let answered = attempt(asking, &call, body, &mut ear, is_fresh, &mut is_reused).await;
        report(asking, &mut call, &answered);
        let error = match answered {
            Ok((head, exchange)) => {
                let body = exchange.body(&head, Held { turn, call })?;
                return Ok((head, body));
            }
            Err(error) => error,
        };
        let is_stale_connection =
            is_reused && error.failure == Failure::Closed && error.may_retry(asking.method);
        if is_last
            || !(is_stale_connection || error.failure == Failure::Connect)
            || !asking.worker.edge.may_retry()
        {
            return Err(error);
        }
        is_last = true;
        is_fresh = true;
        tried = (error.failure == Failure::Connect).then(|| call.server.address.clone());
    }
}

async fn attempt(
    asking: &Asking<'_>,
    call: &Call,
    body: &[u8],
    ear: &mut Ear<'_, '_>,
    is_fresh: bool,
    is_reused: &mut bool,
) -> Result<(ResponseHead, Exchange), UpstreamError> {
    let mut exchange = begin(asking, call, is_fresh).await?;
    *is_reused = exchange.is_reused;
    let sent = exchange.send(asking.head, body).await;
    let head = match sent {
        Ok(()) => listen(&mut exchange, ear).await?,
        // The app may have answered before it had read all.
        Err(error) => listen(&mut exchange, ear).await.map_err(|_| error)?,
    };
    Ok((head, exchange))
}

/// Sends a request whose body is still on its way. It is sent once.
///
/// # Errors
/// When there is no answer, or the client breaks off.
pub(crate) async fn fetch_streaming(
    asking: &Asking<'_>,
    first: Vec<Bytes>,
    client: &mut Client<'_>,
    is_chunked: bool,
    turn: Turn,
) -> Result<(ResponseHead, ResponseBody), UpstreamError> {
    asking.worker.edge.note_request();
    let mut call = call(asking, None)?;
    let answered = attempt_streaming(asking, &call, first, client, is_chunked).await;
    report(asking, &mut call, &answered);
    let (head, exchange) = answered?;
    let body = exchange.body(&head, Held { turn, call })?;
    Ok((head, body))
}

async fn attempt_streaming(
    asking: &Asking<'_>,
    call: &Call,
    first: Vec<Bytes>,
    client: &mut Client<'_>,
    is_chunked: bool,
) -> Result<(ResponseHead, Exchange), UpstreamError> {
    let mut exchange = begin(asking, call, true).await?;
    let mut out = asking.head.to_vec();
    let mut first = first.into_iter();
    let mut is_whole = false;
    let sent = loop {
        let next = match first.next() {
            Some(data) => Some(data),
            None => client.data().await.map_err(of_client)?,
        };
        if client.received > asking.config.body_bytes_max {
            return Err(UpstreamError::after_sending(Failure::TooLarge, None));
        }
        write_part(next.as_deref(), is_chunked, &mut out);
        if let Err(error) = exchange.send(&out, &[]).await {
            break Err(error);
        }
        out.clear();
        if next.is_none() {
            is_whole = true;
            break Ok(());
        }
        // An app that has answered does not want the rest.
        if poll_fn(|cx| Poll::Ready(exchange.poll_has_answered(cx))).await {
            break Ok(());
        }
    };
    let mut ear = Ear::Client(client);
    let head = match sent {
        Ok(()) => listen(&mut exchange, &mut ear).await?,
        Err(error) => listen(&mut exchange, &mut ear).await.map_err(|_| error)?,
    };
    if !is_whole {
        exchange.end_with_this();
    }
    Ok((head, exchange))
}

/// Writes a part of a body, or its end.
fn write_part(data: Option<&[u8]>, is_chunked: bool, out: &mut Vec<u8>) {
    match data {
        Some(data) if is_chunked => {
            chunked::write_size(data.len(), out);
            out.extend_from_slice(data);
            out.extend_from_slice(chunked::CHUNK_END);
        }
        Some(data) => out.extend_from_slice(data),
        None if is_chunked => out.extend_from_slice(chunked::BODY_END),
        None => {}
    }
}

fn call(asking: &Asking<'_>, tried: Option<&crate::upstream::Address>) -> Result<Call, UpstreamError> {
    let edge = &asking.worker.edge;
    let refused = |retry_after| UpstreamError::refused(Failure::Down { retry_after });
    edge.servers().call(edge.elapsed(), tried).map_err(refused)
}

async fn begin(asking: &Asking<'_>, call: &Call, is_fresh: bool) -> Result<Exchange, UpstreamError> {
    let address = &call.server.address;
    let pool: Arc<_> = asking.worker.pool(address, asking.config.upstream_idle);
    Exchange::begin(address, &pool, asking.method, is_fresh, asking.config.patience).await
}

/// Tells how a server did: an answer that says that it cannot is no better than none.
fn report(asking: &Asking<'_>, call: &mut Call, answered: &Result<(ResponseHead, Exchange), UpstreamError>) {
    let outcome = match answered {
        Ok((head, _)) if matches!(head.status, 502..=504) => Outcome::Failure,
        Ok(_) => Outcome::Success,
        Err(error) if matches!(error.failure, Failure::Client | Failure::TooLarge) => Outcome::Abandoned,
        Err(_) => Outcome::Failure,
    };
    call.report(outcome, asking.worker.edge.elapsed());
}

/// Waits for the answer, and passes on what comes before it.
async fn listen(exchange: &mut Exchange, ear: &mut Ear<'_, '_>) -> Result<ResponseHead, UpstreamError> {
    loop {
        let mut head = ResponseHead::default();
        exchange.head(&mut head).await?;
        if head.status >= 200 || head.status == 101 {
            return Ok(head);
        }
        ear.hear(head).await.map_err(of_client)?;
    }
}

/// The client has gone, or breaks the rules.
pub(crate) fn of_client(error: io::Error) -> UpstreamError {
    UpstreamError::after_sending(Failure::Client, Some(error))
}
