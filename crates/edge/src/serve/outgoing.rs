//! A request as the app gets it.

use crate::config::{Config, Profile};
use crate::forwarded::{self, Arrival, is_spoofable};
use crate::http::fields::write_line;
use crate::http::list;
use crate::http::{Fields, Name, RequestHead};

/// What follows the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// Nothing.
    Empty,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked,
}

/// Takes what concerns the client's connection out of a request. Returns the protocol that the client would switch to.
pub(crate) fn strip(config: &Config, fields: &mut Fields) -> Option<Vec<u8>> {
    let upgrade =
        fields.lists(Name::Connection, b"upgrade").then(|| fields.get(Name::Upgrade).map(<[u8]>::to_vec));
    fields.remove_hop_by_hop();
    // WSGI makes `HTTP_A_B` of both `A-B` and `A_B`: only one of them is taken.
    let drops_underscores = config.cache.profile == Profile::Django;
    fields.retain(|field| {
        let is_ours =
            matches!(field.known, Some(Name::Expect | Name::ContentLength | Name::ProxyAuthorization));
        let is_twin = drops_underscores && field.name.contains(&b'_');
        !(is_ours || is_twin || is_spoofable(field.name))
    });
    upgrade.flatten()
}

/// Writes a head for one client: as it came, with who the client is.
pub(crate) fn write_head(
    config: &Config,
    head: &RequestHead,
    who: &forwarded::Client,
    upgrade: Option<&[u8]>,
    body: BodyKind,
) -> Vec<u8> {
    let mut out = begin(head);
    let arrival = Arrival { scheme: head.scheme, host: &head.host };
    let mut value = Vec::new();
    forwarded::tell(who, &arrival, config.told, &mut value, |name, value| {
        write_line(name.as_bytes(), value, &mut out);
    });
    if let Some(protocol) = upgrade {
        write_line(b"connection", b"upgrade", &mut out);
        write_line(b"upgrade", protocol, &mut out);
    }
    match body {
        BodyKind::Empty => {}
        BodyKind::Length(length) => {
            out.extend_from_slice(b"content-length: ");
            list::write_number(length, &mut out);
            out.extend_from_slice(b"\r\n");
        }
        BodyKind::Chunked => write_line(b"transfer-encoding", b"chunked", &mut out),
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// What every request has.
fn begin(head: &RequestHead) -> Vec<u8> {
    let mut out = Vec::with_capacity(512 + head.fields.bytes());
    out.extend_from_slice(head.method.as_bytes());
    out.push(b' ');
    out.extend_from_slice(&head.target);
    out.extend_from_slice(b" HTTP/1.1\r\n");
    write_line(b"host", &head.host, &mut out);
    write_line(b"via", b"1.1 escala", &mut out);
    write_line(b"surrogate-capability", b"escala=\"ESI/1.0\"", &mut out);
    head.fields.write(&mut out);
    out
}
