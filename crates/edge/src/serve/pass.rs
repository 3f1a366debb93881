//! A request that the app answers for one client.

use std::sync::Arc;

use bytes::Bytes;

use super::answer::{Answer, Body};
use super::client::Client;
use super::compose;
use super::fetch::{Asking, Ear, fetch, fetch_streaming, of_client};
use super::invalidate;
use super::outgoing::{self, BodyKind};
use super::request::Asked;
use super::shared_body::{Ending, SharedBody};
use crate::cache::freshness::Exchange;
use crate::cache::status::{Forwarded, Outcome};
use crate::gate::queue::Class;
use crate::gate::{Shed, Turn};
use crate::http::framing::Framing;
use crate::http::{Method, Name, RequestHead, ResponseHead};
use crate::limits::{REQUEST_BODY_BUFFERED_MAX, RESPONSE_AHEAD_BYTES};
use crate::upstream::{Failure, ResponseBody, UpstreamError};

/// Asks the app, and passes on what it says.
pub(crate) async fn answer(
    asked: &Asked<'_>,
    head: &mut RequestHead,
    client: &mut Client<'_>,
    why: Forwarded,
) -> Answer {
    answer_with(asked, head, client, why, |_, _| ()).await
}

/// The same, and lets somebody see the answer before it is passed on.
pub(crate) async fn answer_with(
    asked: &Asked<'_>,
    head: &mut RequestHead,
    client: &mut Client<'_>,
    why: Forwarded,
    look: impl FnOnce(&ResponseHead, &mut ResponseBody),
) -> Answer {
    match ask(asked, head, client).await {
        Ok((response, mut body)) => {
            look(&response, &mut body);
            if !head.method.is_safe() {
                invalidate::after(asked, head, &response);
            }
            of_own(asked, head, response, body, outcome(why, None)).await
        }
        Err(error) => of_error(&error),
    }
}

/// An answer of the app, for the client that it was made for.
pub(crate) async fn of_own(
    asked: &Asked<'_>,
    request: &RequestHead,
    mut head: ResponseHead,
    mut body: ResponseBody,
    outcome: Outcome,
) -> Answer {
    if head.status == 101 {
        return Answer { head, body: Body::Tunnel(Box::new(body)), outcome: None, closes: true };
    }
    head.fields.remove_hop_by_hop();
    let is_composed =
        request.method == Method::Get && head.status == 200 && compose::is_asked_for(&head.fields);
    if !is_composed {
        return Answer { head, body: ahead(body), outcome: Some(outcome), closes: false };
    }
    let Some(whole) = compose::collect(&mut body, asked.config.cache.object_bytes_max).await else {
        return of_failure(Failure::Truncated);
    };
    let document = compose::read(&whole);
    let answer = Answer { head, body: Body::Full(whole), outcome: Some(outcome), closes: false };
    match document {
        Some(document) => compose::answer(asked, request, answer, &document),
        None => answer,
    }
}

/// A body that is read as fast as the app sends it: a client that reads slowly holds no place in the app.
fn ahead(mut body: ResponseBody) -> Body {
    if body.is_here() {
        return Body::Own(Box::new(body));
    }
    let length = body.length();
    let shared = Arc::new(SharedBody::ahead_of_one(RESPONSE_AHEAD_BYTES));
    let Some(reader) = shared.reader() else { return Body::Own(Box::new(body)) };
    tokio::spawn(async move {
        loop {
            match body.data().await {
                Ok(Some(data)) => shared.push(Bytes::copy_from_slice(data)),
                Ok(None) => return shared.end(Ending::Complete),
                Err(_) => return shared.end(Ending::Broken),
            }
            if !shared.room().await {
                return;
            }
        }
    });
    Body::Shared { reader, length }
}

/// How an answer of the app was come by.
pub(crate) fn outcome(why: Forwarded, detail: Option<&'static str>) -> Outcome {
    Outcome::Forwarded { why, status: None, is_stored: false, is_collapsed: false, detail }
}

/// What a client is answered when the app does not answer.
pub(crate) fn of_error(error: &UpstreamError) -> Answer {
    of_failure(error.failure)
}

/// The same, of what failed for many.
pub(crate) fn of_failure(failure: Failure) -> Answer {
    let status = UpstreamError::refused(failure).status();
    let mut answer = Answer::of_the_edge(status, &failure.to_string());
    if let Failure::Busy { retry_after } | Failure::Down { retry_after } = failure {
        let seconds = retry_after.as_millis().div_ceil(1_000).max(1);
        answer.head.fields.push_known(Name::RetryAfter, seconds.to_string().as_bytes());
    }
    if matches!(failure, Failure::Client | Failure::TooLarge) { answer.closing() } else { answer }
}

/// Waits for a turn in the app.
///
/// # Errors
/// When it does not come in time.
pub(crate) async fn turn(asked: &Asked<'_>, class: Class) -> Result<Turn, UpstreamError> {
    let busy = |shed: Shed| UpstreamError::refused(Failure::Busy { retry_after: shed.retry_after });
    let patience = asked.route().and_then(|route| route.deadline).unwrap_or(asked.config.gate.deadline);
    asked.worker.edge.turns.wait(asked.client_hash(), class, patience).await.map_err(busy)
}

async fn ask(
    asked: &Asked<'_>,
    head: &mut RequestHead,
    client: &mut Client<'_>,
) -> Result<(ResponseHead, ResponseBody), UpstreamError> {
    let upgrade = outgoing::strip(asked.config, &mut head.fields);
    let length = match asked.framing {
        Framing::Empty => Some(0),
        Framing::Length(length) => Some(length),
        Framing::Chunked | Framing::UntilClose => None,
    };
    let bytes_max = asked.config.body_bytes_max;
    if length.is_some_and(|length| length > bytes_max) {
        return Err(UpstreamError::refused(Failure::TooLarge));
    }
    let is_streamed = length.is_some_and(|length| length > REQUEST_BODY_BUFFERED_MAX as u64);
    let ahead = if is_streamed { Ahead::Part(Vec::new()) } else { read_ahead(client, bytes_max).await? };
    let turn = turn(asked, Class::Normal).await?;
    let kind = match &ahead {
        Ahead::Whole(_) if asked.framing == Framing::Empty => BodyKind::Empty,
        Ahead::Whole(body) => BodyKind::Length(body.len() as u64),
        Ahead::Part(_) => length.map_or(BodyKind::Chunked, BodyKind::Length),
    };
    let out = outgoing::write_head(asked.config, head, asked.who, upgrade.as_deref(), kind);
    let asking = Asking { worker: asked.worker, config: asked.config, method: &head.method, head: &out };
    let edge = &asked.worker.edge;
    let requested = edge.clock.now();
    let (response, body) = match ahead {
        Ahead::Whole(body) => fetch(&asking, &body, Ear::Client(client), turn).await?,
        Ahead::Part(first) => {
            fetch_streaming(&asking, first, client, kind == BodyKind::Chunked, turn).await?
        }
    };
    asked.learn(head, &response, Exchange { requested, responded: edge.clock.now() });
    Ok((response, body))
}

/// What was read of a body before the app is asked.
enum Ahead {
    /// All of it.
    Whole(Vec<u8>),
    /// As much as is kept.
    Part(Vec<Bytes>),
}

/// Reads a body before it takes the app's time: a client that sends slowly holds no worker.
async fn read_ahead(client: &mut Client<'_>, bytes_max: u64) -> Result<Ahead, UpstreamError> {
    let mut chunks: Vec<Bytes> = Vec::new();
    let mut bytes = 0;
    while bytes <= REQUEST_BODY_BUFFERED_MAX {
        let Some(data) = client.data().await.map_err(of_client)? else {
            return Ok(Ahead::Whole(chunks.concat()));
        };
        bytes += data.len();
        if bytes as u64 > bytes_max {
            return Err(UpstreamError::refused(Failure::TooLarge));
        }
        chunks.push(data);
    }
    Ok(Ahead::Part(chunks))
}
