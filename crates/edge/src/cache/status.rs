//! `Cache-Status`: how a response was come by (RFC 9211).

use crate::http::list;

/// What the edge calls itself.
const CACHE: &[u8] = b"escala";

/// Why a request went to the app (RFC 9211 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarded {
    /// The cache is not for it.
    Bypass(&'static str),
    /// Its method is none that is cached.
    Method,
    /// Nothing is stored under its URL.
    UriMiss,
    /// What is stored was made for other fields.
    VaryMiss,
    /// What is stored is stale.
    Stale,
    /// The client wants it fresh.
    Request,
}

/// How a response was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was stored.
    Hit {
        /// Seconds that it is fresh for; negative when stale.
        ttl_s: i64,
        /// Why it was taken although stale.
        detail: Option<&'static str>,
    },
    /// The app was asked.
    Forwarded {
        /// Why.
        why: Forwarded,
        /// What it answered, when that is not the response's own status.
        status: Option<u16>,
        /// Whether its answer is stored.
        is_stored: bool,
        /// Whether it was asked by another client.
        is_collapsed: bool,
        /// Why its answer is not stored.
        detail: Option<&'static str>,
    },
}

/// Writes the value of the field.
pub fn write(outcome: &Outcome, out: &mut Vec<u8>) {
    out.extend_from_slice(CACHE);
    let detail = match *outcome {
        Outcome::Hit { ttl_s, detail } => {
            out.extend_from_slice(b"; hit; ttl=");
            if ttl_s < 0 {
                out.push(b'-');
            }
            list::write_number(ttl_s.unsigned_abs(), out);
            detail
        }
        Outcome::Forwarded { why, status, is_stored, is_collapsed, detail } => {
            let (reason, bypassed) = match why {
                Forwarded::Bypass(detail) => ("bypass", Some(detail)),
                Forwarded::Method => ("method", None),
                Forwarded::UriMiss => ("uri-miss", None),
                Forwarded::VaryMiss => ("vary-miss", None),
                Forwarded::Stale => ("stale", None),
                Forwarded::Request => ("request", None),
            };
            out.extend_from_slice(b"; fwd=");
            out.extend_from_slice(reason.as_bytes());
            if let Some(status) = status {
                out.extend_from_slice(b"; fwd-status=");
                list::write_number(status.into(), out);
            }
            for (is_set, word) in [(is_stored, &b"; stored"[..]), (is_collapsed, b"; collapsed")] {
                out.extend_from_slice(if is_set { word } else { b"" });
            }
            bypassed.or(detail)
        }
    };
    if let Some(detail) = detail {
        out.extend_from_slice(b"; detail=");
        out.extend_from_slice(detail.as_bytes());
    }
}

#[cfg(test)]
mod tests;
