//! Asking the app: which server, over which connection, and once more when that does no harm.

use std::io;

use bytes::Bytes;

use super::client::Client;
use super::flight::Flight;
use crate::config::Config;
use crate::http::chunked;
use crate::http::{Method, ResponseHead};
use crate::upstream::exchange::Exchange;
use crate::upstream::{Failure, ResponseBody, UpstreamError};
use crate::worker::Worker;

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

/// Sends a request that is complete, once more over a new connection if the first one was stale.
///
/// # Errors
/// When there is no answer.
pub(crate) async fn fetch(
    worker: &Worker,
    config: &Config,
    method: &Method,
    head: &[u8],
    body: &[u8],
    mut ear: Ear<'_, '_>,
) -> Result<(ResponseHead, ResponseBody), UpstreamError> {
    // A request that must not be sent twice does not go where it may have to be.
    let mut is_fresh = !method.is_idempotent();
    loop {
        let (address, pool) = &worker.pools[0];
        let mut exchange = Exchange::begin(address, pool, method, is_fresh, config.patience).await?;
        let sent = exchange.send(head, body).await;
        let answered = match sent {
            Ok(()) => listen(&mut exchange, &mut ear).await,
            // The app may have answered before it had read all.
            Err(error) => listen(&mut exchange, &mut ear).await.map_err(|_| error),
        };
        match answered {
            Ok(head) => {
                let body = exchange.body(&head)?;
                return Ok((head, body));
            }
            Err(error)
                if exchange.is_reused && error.failure == Failure::Closed && error.may_retry(method) =>
            {
                is_fresh = true;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Sends a request whose body is still on its way. It is sent once.
///
/// # Errors
/// When there is no answer, or the client breaks off.
pub(crate) async fn fetch_streaming(
    worker: &Worker,
    config: &Config,
    method: &Method,
    head: &[u8],
    first: Vec<Bytes>,
    client: &mut Client<'_>,
    is_chunked: bool,
) -> Result<(ResponseHead, ResponseBody), UpstreamError> {
    let (address, pool) = &worker.pools[0];
    let mut exchange = Exchange::begin(address, pool, method, true, config.patience).await?;
    let mut out = head.to_vec();
    let mut first = first.into_iter();
    let mut is_whole = false;
    let sent = loop {
        let next = match first.next() {
            Some(data) => Some(data),
            None => client
                .data()
                .await
                .map_err(|error| UpstreamError::after_sending(Failure::Client, Some(error)))?,
        };
        match &next {
            Some(data) if is_chunked => {
                chunked::write_size(data.len(), &mut out);
                out.extend_from_slice(data);
                out.extend_from_slice(chunked::CHUNK_END);
            }
            Some(data) => out.extend_from_slice(data),
            None if is_chunked => out.extend_from_slice(chunked::BODY_END),
            None => {}
        }
        if let Err(error) = exchange.send(&out, &[]).await {
            break Err(error);
        }
        out.clear();
        if next.is_none() {
            is_whole = true;
            break Ok(());
        }
        // An app that has answered does not want the rest.
        let has_answered =
            std::future::poll_fn(|cx| std::task::Poll::Ready(exchange.poll_has_answered(cx))).await;
        if has_answered {
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
    let body = exchange.body(&head)?;
    Ok((head, body))
}

/// Waits for the answer, and passes on what comes before it.
async fn listen(exchange: &mut Exchange, ear: &mut Ear<'_, '_>) -> Result<ResponseHead, UpstreamError> {
    loop {
        let mut head = ResponseHead::default();
        exchange.head(&mut head).await?;
        if head.status >= 200 || head.status == 101 {
            return Ok(head);
        }
        ear.hear(head).await.map_err(|error| UpstreamError::after_sending(Failure::Client, Some(error)))?;
    }
}
