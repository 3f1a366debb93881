//! A request that the app answers for one client.

use bytes::Bytes;

use super::answer::{Answer, Body};
use super::client::Client;
use super::fetch::{Ear, fetch, fetch_streaming};
use super::invalidate;
use super::outgoing::{self, BodyKind};
use super::request::Asked;
use crate::cache::status::{Forwarded, Outcome};
use crate::http::framing::Framing;
use crate::http::{RequestHead, ResponseHead};
use crate::limits::REQUEST_BODY_BUFFERED_MAX;
use crate::upstream::{Failure, ResponseBody, UpstreamError};

/// Asks the app, and passes on what it says.
pub(crate) async fn answer(
    asked: &Asked<'_>,
    head: &mut RequestHead,
    client: &mut Client<'_>,
    why: Forwarded,
) -> Answer {
    match ask(asked, head, client).await {
        Ok((mut response, body)) => {
            if !head.method.is_safe() {
                invalidate::after(&asked.worker.edge, head, &response);
            }
            let outcome = outcome(why, None);
            if response.status == 101 {
                return Answer {
                    head: response,
                    body: Body::Tunnel(Box::new(body)),
                    outcome: None,
                    closes: true,
                };
            }
            response.fields.remove_hop_by_hop();
            Answer { head: response, body: Body::Own(Box::new(body)), outcome: Some(outcome), closes: false }
        }
        Err(error) => of_error(&error),
    }
}

/// How an answer of the app was come by.
pub(crate) fn outcome(why: Forwarded, detail: Option<&'static str>) -> Outcome {
    Outcome::Forwarded { why, status: None, is_stored: false, is_collapsed: false, detail }
}

/// What a client is answered when the app does not answer.
pub(crate) fn of_error(error: &UpstreamError) -> Answer {
    let answer = Answer::of_the_edge(error.status(), &error.failure.to_string());
    if error.failure == Failure::Client { answer.closing() } else { answer }
}

async fn ask(
    asked: &Asked<'_>,
    head: &mut RequestHead,
    client: &mut Client<'_>,
) -> Result<(ResponseHead, ResponseBody), UpstreamError> {
    let upgrade = outgoing::strip(asked.config, &mut head.fields);
    let length = match asked.framing {
        Framing::Empty => {
            let out =
                outgoing::write_head(asked.config, head, asked.who, upgrade.as_deref(), BodyKind::Empty);
            return fetch(asked.worker, asked.config, &head.method, &out, &[], Ear::Client(client)).await;
        }
        Framing::Length(length) => Some(length),
        Framing::Chunked | Framing::UntilClose => None,
    };
    let is_streamed = length.is_some_and(|length| length > REQUEST_BODY_BUFFERED_MAX as u64);
    let ahead = if is_streamed { Ahead::Part(Vec::new()) } else { read_ahead(client).await? };
    match ahead {
        Ahead::Whole(body) => {
            let kind = BodyKind::Length(body.len() as u64);
            let out = outgoing::write_head(asked.config, head, asked.who, None, kind);
            fetch(asked.worker, asked.config, &head.method, &out, &body, Ear::Client(client)).await
        }
        Ahead::Part(first) => {
            let kind = length.map_or(BodyKind::Chunked, BodyKind::Length);
            let out = outgoing::write_head(asked.config, head, asked.who, None, kind);
            let is_chunked = kind == BodyKind::Chunked;
            fetch_streaming(asked.worker, asked.config, &head.method, &out, first, client, is_chunked).await
        }
    }
}

/// What was read of a body before the app is asked.
enum Ahead {
    /// All of it.
    Whole(Vec<u8>),
    /// As much as is kept.
    Part(Vec<Bytes>),
}

/// Reads a body before it takes the app's time: a client that sends slowly holds no worker.
async fn read_ahead(client: &mut Client<'_>) -> Result<Ahead, UpstreamError> {
    let mut chunks: Vec<Bytes> = Vec::new();
    let mut bytes = 0;
    while bytes <= REQUEST_BODY_BUFFERED_MAX {
        let data = client
            .data()
            .await
            .map_err(|error| UpstreamError::after_sending(Failure::Client, Some(error)))?;
        let Some(data) = data else { return Ok(Ahead::Whole(chunks.concat())) };
        bytes += data.len();
        chunks.push(data);
    }
    Ok(Ahead::Part(chunks))
}
