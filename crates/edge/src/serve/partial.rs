//! `?fields=a,b(c)`: a part of the JSON that the app answers with. The whole is what is asked for and what is stored.

use super::answer::{Answer, Body};
use crate::http::target::{decoded, split};
use crate::http::{Name, RequestHead, list};
use crate::limits::PARTIAL_BYTES_MAX;
use crate::partial::{Mask, filter};

/// The parameter that says which part.
const PARAMETER: &[u8] = b"fields";

/// Takes the wish for a part out of a request.
///
/// # Errors
/// What the client is answered when it is malformed, or there twice.
pub(crate) fn take(head: &mut RequestHead) -> Result<Option<Mask>, Box<Answer>> {
    let (path, Some(query)) = split(&head.target) else { return Ok(None) };
    let is_wish = |parameter: &&[u8]| parameter.split(|&byte| byte == b'=').next() == Some(PARAMETER);
    let wishes: Vec<&[u8]> = query.split(|&byte| byte == b'&').filter(is_wish).collect();
    let wish = match wishes.as_slice() {
        [] => return Ok(None),
        [one] => one,
        _ => return Err(refusal("`fields` is there twice")),
    };
    let text = unescaped(wish.get(PARAMETER.len() + 1..).unwrap_or_default());
    let mask = Mask::parse(&text).map_err(|error| refusal(&format!("fields: {error}")))?;
    let rest: Vec<&[u8]> =
        query.split(|&byte| byte == b'&').filter(|parameter| !is_wish(parameter)).collect();
    let mut target = path.to_vec();
    if !rest.is_empty() {
        target.push(b'?');
        target.extend_from_slice(&rest.join(&b'&'));
    }
    head.target = target;
    // A part is no part of what a client may have of the whole.
    for name in [Name::Range, Name::IfRange, Name::IfNoneMatch, Name::IfModifiedSince, Name::AcceptEncoding] {
        head.fields.remove(name);
    }
    Ok(Some(mask))
}

fn refusal(text: &str) -> Box<Answer> {
    Box::new(Answer::of_the_edge(400, text))
}

/// As forms escape it.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        match (text[at], decoded(text, at)) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    out
}

/// Leaves of an answer what was wished for. What is no JSON, or too long, is sent as it is.
pub(crate) async fn apply(mut answer: Answer, mask: &Mask) -> Answer {
    let is_json = answer.head.fields.get(Name::ContentType).is_some_and(|value| {
        let kind = list::split(value, b';').next().unwrap_or_default().to_ascii_lowercase();
        kind == b"application/json" || kind.ends_with(b"+json")
    });
    let is_plain = !answer.head.fields.has(Name::ContentEncoding);
    let is_short = answer.body.length().is_none_or(|length| length <= PARTIAL_BYTES_MAX as u64);
    if answer.head.status != 200 || !is_json || !is_plain || !is_short {
        return answer;
    }
    let Some(whole) = answer.body.collect(PARTIAL_BYTES_MAX).await else {
        return Answer::of_the_edge(502, "the app's answer broke off, or is too long to take a part of");
    };
    let mut part = Vec::new();
    let body = if filter(&whole, mask, &mut part).is_ok() { part.into() } else { whole };
    answer.head.fields.remove(Name::ContentLength);
    for name in [Name::Etag, Name::LastModified, Name::AcceptRanges] {
        answer.head.fields.remove(name);
    }
    answer.body = Body::Full(body);
    answer
}
