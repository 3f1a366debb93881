//! Pages that are put together: a frame that many share, and fragments that are each visitor's own.
//!
//! What stands before the first fragment is sent at once, and all fragments are asked for at the same time, each as a request
//! of the visitor's: any URL of the site can be one, and what the cache knows of it counts. Only a response that says
//! `Surrogate-Control: content="ESI/1.0"` is read for includes: what a visitor wrote into a page is no instruction.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::answer::{Answer, Body};
use super::client::Client;
use super::request::{self, Asked};
use crate::config::Config;
use crate::esi::{self, Document, OnError, Piece};
use crate::forwarded;
use crate::http::framing::Framing;
use crate::http::{Fields, Method, Name, RequestHead, list};
use crate::limits::{ESI_DEPTH_MAX, ESI_PARALLEL_MAX, FRAGMENT_BYTES_MAX};
use crate::upstream::ResponseBody;
use crate::worker::Worker;

/// What a response asks of the edge.
const CONTENT: &[u8] = b"content=\"ESI/1.0\"";

/// Whether a response is to be read for includes.
pub(crate) fn is_asked_for(response: &Fields) -> bool {
    let wants = |value: &[u8]| list::elements(value).any(|one| one.eq_ignore_ascii_case(CONTENT));
    response.all(Name::SurrogateControl).any(wants) && !response.has(Name::ContentEncoding)
}

/// Reads a response for includes; `None` when it has none, or is malformed: then it is sent as it is.
pub(crate) fn read(body: &[u8]) -> Option<Arc<Document>> {
    if !esi::contains_esi(body) {
        return None;
    }
    esi::parse(body).ok().map(Arc::new)
}

/// A page on its way: text that is there, and fragments that are asked for.
#[derive(Debug)]
pub(crate) struct Composition {
    body: Bytes,
    parts: VecDeque<Part>,
}

#[derive(Debug)]
enum Part {
    Text(std::ops::Range<usize>),
    Fragment(Fragment),
    Try { attempt: Vec<Part>, except: Vec<Part> },
}

/// A fragment that is asked for; given up when nobody waits for it any more.
#[derive(Debug)]
struct Fragment {
    task: JoinHandle<Option<Bytes>>,
    on_error: OnError,
}

impl Drop for Fragment {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Composition {
    /// The next part of the page; `None` at its end.
    pub(crate) async fn chunk(&mut self) -> Option<Bytes> {
        while let Some(part) = self.parts.pop_front() {
            let mut out = Vec::new();
            match part {
                Part::Text(range) => return Some(self.body.slice(range)),
                part => drop(write(&self.body, part, &mut out).await),
            }
            if !out.is_empty() {
                return Some(out.into());
            }
        }
        None
    }
}

/// Writes a part once it is there. Returns whether it could be had, or was not needed.
fn write<'a>(
    body: &'a Bytes,
    part: Part,
    out: &'a mut Vec<u8>,
) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
    Box::pin(async move {
        match part {
            Part::Text(range) => out.extend_from_slice(&body[range]),
            Part::Fragment(mut fragment) => match (&mut fragment.task).await {
                Ok(Some(bytes)) => out.extend_from_slice(&bytes),
                _ => return fragment.on_error == OnError::Continue,
            },
            Part::Try { attempt, except } => {
                let begin = out.len();
                let mut has_failed = false;
                for part in attempt {
                    has_failed |= !write(body, part, out).await;
                }
                if has_failed {
                    out.truncate(begin);
                    for part in except {
                        write(body, part, out).await;
                    }
                }
            }
        }
        true
    })
}

/// Begins to put a page together: asks for all its fragments.
pub(crate) fn begin(asked: &Asked<'_>, head: &RequestHead, body: Bytes, document: &Document) -> Composition {
    let visitor = Visitor {
        worker: Arc::clone(asked.worker),
        config: Arc::clone(asked.config),
        who: asked.who.clone(),
        head: fragment_head(head),
        depth: asked.depth + 1,
        at_once: Arc::new(Semaphore::new(ESI_PARALLEL_MAX)),
    };
    let visitor = Arc::new(visitor);
    let parts = document.pieces.iter().map(|piece| part(&visitor, piece)).collect();
    Composition { body, parts }
}

/// An answer whose body is put together: what it says of a body that is stored does not hold.
pub(crate) fn answer(
    asked: &Asked<'_>,
    head: &RequestHead,
    mut answer: Answer,
    document: &Document,
) -> Answer {
    for name in [
        Name::ContentLength,
        Name::Etag,
        Name::LastModified,
        Name::Expires,
        Name::Age,
        Name::AcceptRanges,
        Name::SurrogateControl,
    ] {
        answer.head.fields.remove(name);
    }
    // Its fragments are somebody's: no cache between here and the visitor keeps it.
    answer.head.fields.set(Name::CacheControl, b"private, no-cache");
    if let Body::Full(body) = &answer.body {
        let composition = begin(asked, head, body.clone(), document);
        answer.body = Body::Composed(Box::new(composition));
    }
    answer
}

/// Reads a body that is to be put together, which is as a whole, or not at all.
pub(crate) async fn collect(body: &mut ResponseBody, bytes_max: usize) -> Option<Bytes> {
    let mut whole = Vec::new();
    loop {
        match body.data().await {
            Ok(Some(data)) if whole.len() + data.len() <= bytes_max => whole.extend_from_slice(data),
            Ok(None) => return Some(whole.into()),
            Ok(Some(_)) | Err(_) => return None,
        }
    }
}

/// Whose fragments are asked for.
#[derive(Debug)]
struct Visitor {
    worker: Arc<Worker>,
    config: Arc<Config>,
    who: forwarded::Client,
    head: RequestHead,
    depth: usize,
    at_once: Arc<Semaphore>,
}

/// The visitor's request, for a part of the page.
fn fragment_head(head: &RequestHead) -> RequestHead {
    let mut head = head.clone();
    head.method = Method::Get;
    head.fields.retain(|field| {
        !matches!(
            field.known,
            Some(
                Name::Range
                    | Name::IfRange
                    | Name::IfNoneMatch
                    | Name::IfModifiedSince
                    | Name::IfMatch
                    | Name::IfUnmodifiedSince
                    | Name::AcceptEncoding
                    | Name::ContentLength
                    | Name::ContentType
                    | Name::Upgrade
            )
        )
    });
    head
}

fn part(visitor: &Arc<Visitor>, piece: &Piece) -> Part {
    match piece {
        Piece::Text(range) => Part::Text(range.clone()),
        Piece::Include { src, alt, on_error } => Part::Fragment(Fragment {
            task: tokio::spawn(fragment(Arc::clone(visitor), src.clone(), alt.clone())),
            on_error: *on_error,
        }),
        Piece::Try { attempt, except } => Part::Try {
            attempt: attempt.iter().map(|piece| part(visitor, piece)).collect(),
            except: except.iter().map(|piece| part(visitor, piece)).collect(),
        },
    }
}

/// A fragment, or the one that stands in for it. In a box: a fragment may have fragments.
fn fragment(
    visitor: Arc<Visitor>,
    src: Vec<u8>,
    alt: Option<Vec<u8>>,
) -> Pin<Box<dyn Future<Output = Option<Bytes>> + Send>> {
    Box::pin(async move {
        let found = one(&visitor, &src).await;
        match (found, alt) {
            (None, Some(alt)) => one(&visitor, &alt).await,
            (found, _) => found,
        }
    })
}

async fn one(visitor: &Visitor, src: &[u8]) -> Option<Bytes> {
    if visitor.depth > ESI_DEPTH_MAX {
        return None;
    }
    let mut head = visitor.head.clone();
    head.target = esi::resolve(src, visitor.head.path(), &visitor.head.host).ok()?;
    let _at_once = visitor.at_once.acquire().await.ok()?;
    let fragment = Asked {
        depth: visitor.depth,
        ..Asked::new(&visitor.worker, &visitor.config, &visitor.who, Framing::Empty)
    };
    let answer = request::answer(&fragment, &mut head, &mut Client::nobody()).await;
    if answer.head.status != 200 {
        return None;
    }
    answer.body.collect(FRAGMENT_BYTES_MAX).await
}
