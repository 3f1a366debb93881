//! An answer, before it is written in the client's protocol.

use std::sync::Arc;

use bytes::Bytes;

use super::compose::{self, Composition};
use super::shared_body::Reader;
use crate::cache::conditional::{self, Precondition};
use crate::cache::range::{self, Part};
use crate::cache::status::Outcome;
use crate::cache::stored::Stored;
use crate::http::{Fields, Method, Name, ResponseHead, list};
use crate::upstream::ResponseBody;

/// What a client is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Status and fields, without those that concern one connection.
    pub(crate) head: ResponseHead,
    /// What follows.
    pub(crate) body: Body,
    /// How it was come by; `None` for what is the edge's own.
    pub(crate) outcome: Option<Outcome>,
    /// Whether the connection ends with it.
    pub(crate) closes: bool,
}

/// What follows a head.
#[derive(Debug)]
pub(crate) enum Body {
    /// Nothing.
    Empty,
    /// This.
    Full(Bytes),
    /// What the app sends to this client alone.
    Own(Box<ResponseBody>),
    /// What the app sends to many.
    Shared {
        /// Where it is read.
        reader: Reader,
        /// Its length, when the app said it.
        length: Option<u64>,
    },
    /// What is put together of several answers.
    Composed(Box<Composition>),
    /// Another protocol, in both directions.
    Tunnel(Box<ResponseBody>),
}

impl Body {
    /// Its length, when that is known before it has come.
    pub(crate) fn length(&self) -> Option<u64> {
        match self {
            Self::Empty => Some(0),
            Self::Full(body) => Some(body.len() as u64),
            Self::Own(body) => body.length(),
            Self::Shared { length, .. } => *length,
            Self::Composed(_) | Self::Tunnel(_) => None,
        }
    }

    /// All of it in memory; `None` when it is longer, or breaks off.
    pub(crate) async fn collect(self, bytes_max: usize) -> Option<Bytes> {
        let mut whole = Vec::new();
        match self {
            Self::Empty => {}
            Self::Full(bytes) => return (bytes.len() <= bytes_max).then_some(bytes),
            Self::Own(mut body) => return compose::collect(&mut body, bytes_max).await,
            Self::Shared { mut reader, .. } => {
                while let Some(chunk) = reader.chunk().await.ok()? {
                    whole.extend_from_slice(&chunk);
                    if whole.len() > bytes_max {
                        return None;
                    }
                }
            }
            Self::Composed(mut composition) => {
                while let Some(chunk) = composition.chunk().await {
                    whole.extend_from_slice(&chunk);
                    if whole.len() > bytes_max {
                        return None;
                    }
                }
            }
            Self::Tunnel(_) => return None,
        }
        Some(whole.into())
    }
}

impl Answer {
    /// A short text of the edge itself.
    pub(crate) fn of_the_edge(status: u16, text: &str) -> Self {
        let mut head = ResponseHead { status, ..ResponseHead::default() };
        head.fields.push_known(Name::ContentType, b"text/plain; charset=utf-8");
        head.fields.push_known(Name::CacheControl, b"no-store");
        let body = Body::Full(Bytes::from(format!("{text}\n")));
        Self { head, body, outcome: None, closes: false }
    }

    /// The same, and the connection ends.
    pub(crate) fn closing(self) -> Self {
        Self { closes: true, ..self }
    }

    /// Something stored, as the request wants it: whole, in part, or only the news that nothing changed.
    pub(crate) fn from_stored(
        stored: &Arc<Stored>,
        method: &Method,
        request: &Fields,
        age_s: u64,
        outcome: Outcome,
    ) -> Self {
        let mut head =
            ResponseHead { status: stored.status, reason: stored.reason.to_vec(), ..ResponseHead::default() };
        let is_whole = stored.status == 200;
        let mut body = Body::Full(stored.body.clone());
        if is_whole && conditional::evaluate(request, &stored.fields) == Precondition::NotModified {
            (head.status, head.reason) = (304, Vec::new());
            copy(&stored.fields, &mut head.fields, conditional::belongs_into_304);
            body = Body::Empty;
        } else {
            let length = stored.body.len() as u64;
            let is_ranged = is_whole && *method == Method::Get;
            match if is_ranged { range::wanted(request, &stored.fields, length) } else { Part::Whole } {
                Part::Whole => copy(&stored.fields, &mut head.fields, |_| true),
                Part::Bytes { first, last } => {
                    (head.status, head.reason) = (206, Vec::new());
                    copy(&stored.fields, &mut head.fields, |known| known != Some(Name::ContentLength));
                    head.fields.push_known(Name::ContentRange, &content_range(Some((first, last)), length));
                    // Both lie inside of a body that is in memory.
                    body = Body::Full(stored.body.slice(first as usize..=last as usize));
                }
                Part::Unsatisfiable => {
                    (head.status, head.reason) = (416, Vec::new());
                    head.fields.push_known(Name::ContentRange, &content_range(None, length));
                    body = Body::Empty;
                }
            }
        }
        let mut age = Vec::new();
        list::write_number(age_s, &mut age);
        head.fields.push_known(Name::Age, &age);
        Self { head, body, outcome: Some(outcome), closes: false }
    }
}

fn copy(from: &Fields, to: &mut Fields, is_wanted: impl Fn(Option<Name>) -> bool) {
    for field in from.iter().filter(|field| is_wanted(field.known)) {
        to.push(field.name, field.value);
    }
}

/// RFC 9110 §14.4.
fn content_range(part: Option<(u64, u64)>, length: u64) -> Vec<u8> {
    let mut value = b"bytes ".to_vec();
    match part {
        Some((first, last)) => {
            list::write_number(first, &mut value);
            value.push(b'-');
            list::write_number(last, &mut value);
        }
        None => value.push(b'*'),
    }
    value.push(b'/');
    list::write_number(length, &mut value);
    value
}
