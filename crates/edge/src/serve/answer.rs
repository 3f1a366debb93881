//! An answer, before it is written in the client's protocol.

use bytes::Bytes;

use super::compose::{self, Composition};
use super::shared_body::Reader;
use crate::cache::conditional::{self, Precondition};
use crate::cache::range::{self, Part};
use crate::cache::status::Outcome;
use crate::cache::stored::Stored;
use crate::cache::stored::compressed::VARY;
use crate::compress::Choice;
use crate::files::FileBody;
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
    /// A file, or a part of one, as it is read.
    File(Box<FileBody>),
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
            Self::File(body) => Some(body.length()),
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
            Self::File(mut body) => {
                while let Some(data) = body.data().await.ok()? {
                    whole.extend_from_slice(data);
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

    /// Something stored, in the form that was chosen, as the request wants it: whole, in part, or only the news that
    /// nothing changed.
    pub(crate) fn from_stored(
        stored: &Stored,
        choice: Choice,
        method: &Method,
        request: &Fields,
        age_s: u64,
        outcome: Outcome,
    ) -> Self {
        let form = stored.form(choice.coding);
        let length = form.body.len() as u64;
        let (mut head, share) = if stored.status == 200 {
            excerpt(form.fields, length, method, request)
        } else {
            let mut head = ResponseHead { status: stored.status, ..ResponseHead::default() };
            copy(form.fields, &mut head.fields, |_| true);
            (head, Share::Whole)
        };
        if head.status == stored.status {
            head.reason = stored.reason.to_vec();
        }
        if choice.adds_vary {
            head.fields.push_known(Name::Vary, VARY);
        }
        let body = match share {
            Share::Nothing => Body::Empty,
            Share::Whole => Body::Full(form.body.clone()),
            // Both lie inside of a body that is in memory.
            Share::Bytes { first, last } => Body::Full(form.body.slice(first as usize..=last as usize)),
        };
        let mut age = Vec::new();
        list::write_number(age_s, &mut age);
        head.fields.push_known(Name::Age, &age);
        Self { head, body, outcome: Some(outcome), closes: false }
    }
}

/// What is sent of a representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// Only a head.
    Nothing,
    /// All of it.
    Whole,
    /// The bytes from the first up to and with the last, which lie inside.
    Bytes {
        /// From 0.
        first: u64,
        /// Not before the first.
        last: u64,
    },
}

/// The head of a 200, 206, 304 or 416 that is made from a representation and its length, and what follows it (RFC 9110
/// §13.2.2).
pub(crate) fn excerpt(
    representation: &Fields,
    length: u64,
    method: &Method,
    request: &Fields,
) -> (ResponseHead, Share) {
    let mut head = ResponseHead { status: 200, ..ResponseHead::default() };
    if conditional::evaluate(request, representation) == Precondition::NotModified {
        head.status = 304;
        copy(representation, &mut head.fields, conditional::belongs_into_304);
        return (head, Share::Nothing);
    }
    let is_ranged = *method == Method::Get;
    match if is_ranged { range::wanted(request, representation, length) } else { Part::Whole } {
        Part::Whole => {
            copy(representation, &mut head.fields, |_| true);
            (head, Share::Whole)
        }
        Part::Bytes { first, last } => {
            head.status = 206;
            copy(representation, &mut head.fields, |known| known != Some(Name::ContentLength));
            head.fields.push_known(Name::ContentRange, &content_range(Some((first, last)), length));
            (head, Share::Bytes { first, last })
        }
        Part::Unsatisfiable => {
            head.status = 416;
            head.fields.push_known(Name::ContentRange, &content_range(None, length));
            (head, Share::Nothing)
        }
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
