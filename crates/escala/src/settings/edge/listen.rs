//! `[edge]` itself, and `[edge.tls]`: where clients come, and where the app is.

use std::net::SocketAddr;
use std::time::Duration;

use edge::config::Tls;
use edge::limits::{CONCURRENCY_MAX, THREADS_MAX};
use edge::upstream::Address;

use super::Draft;
use super::files::{Need, What};
use super::texts::{self, PATH};
use crate::settings::SettingsError;
use crate::settings::document::Table;
use crate::settings::key::{AnyKey, Key, Section, Standard};
use crate::settings::kind::{Count, List, Size, Span, Text};

pub(super) static KEYS: &[&dyn AnyKey] =
    &[&LISTEN, &UPSTREAM, &THREADS, &WORKERS, &BODY, &DRAIN, &DRAIN_GRACE];

pub(super) static TLS: Section =
    Section { name: "edge.tls", keys: &[&TLS_LISTEN, &CERTIFICATE, &KEY], sections: &[], is_list: false };

const ADDRESSES: List<Text<SocketAddr>> =
    List { item: texts::ADDRESS, may_be_bare: true, may_be_empty: false };

static LISTEN: Key<List<Text<SocketAddr>>> = Key {
    name: "listen",
    kind: ADDRESSES,
    standard: Standard::Toml("\"127.0.0.1:8080\""),
    example: "[\"0.0.0.0:80\", \"[::1]:80\"]",
    about: "Where clients come, in the clear. Port 0 is a free one, which is said at the start. Nowhere, when only \
            `[edge.tls]` names an address.",
};

static UPSTREAM: Key<List<Text<Address>>> = Key {
    name: "upstream",
    kind: List {
        item: Text {
            takes: "an IP address and a port, or `unix:` and the path of a socket",
            read: texts::upstream,
        },
        may_be_bare: true,
        may_be_empty: false,
    },
    standard: Standard::Words("none; it is needed here or as `--upstream`"),
    example: "[\"127.0.0.1:8000\", \"unix:run/shop.sock\"]",
    about: "Where the app listens. Of several servers each gets its share of the requests.",
};

static THREADS: Key<Count<usize>> = Key {
    name: "threads",
    kind: Count { min: 1, max: THREADS_MAX },
    standard: Standard::Words("one for each processor"),
    example: "2",
    about: "Threads that serve.",
};

static WORKERS: Key<Count<usize>> = Key {
    name: "workers",
    kind: Count { min: 1, max: CONCURRENCY_MAX },
    standard: Standard::Toml("128"),
    example: "4",
    about: "Requests in the app at once: its workers, times the threads of each. The others wait (`[edge.queue]`).",
};

static BODY: Key<Size> = Key {
    name: "body",
    kind: Size { min_bytes: 1, max_bytes: 1 << 40 },
    standard: Standard::Toml("\"64 MiB\""),
    example: "\"1 GiB\"",
    about: "The largest body of a request; a larger one is answered with 413.",
};

static DRAIN: Key<Span> = Key {
    name: "drain",
    kind: Span { min: Duration::from_secs(1), max: Duration::from_hours(1) },
    standard: Standard::Toml("\"30s\""),
    example: "\"2m\"",
    about: "When the edge is told to end: how long requests that are being answered may take.",
};

static DRAIN_GRACE: Key<Span> = Key {
    name: "drain_grace",
    kind: Span { min: Duration::ZERO, max: Duration::from_mins(1) },
    standard: Standard::Toml("\"1s\""),
    example: "\"5s\"",
    about: "When the edge is told to end: how long idle connections stay open, for requests that are on their way.",
};

static TLS_LISTEN: Key<List<Text<SocketAddr>>> = Key {
    name: "listen",
    kind: ADDRESSES,
    standard: Standard::Words("none; needed"),
    example: "[\"0.0.0.0:8443\"]",
    about: "Where clients come with TLS.",
};

static CERTIFICATE: Key<Text<String>> = Key {
    name: "certificate",
    kind: PATH,
    standard: Standard::Words("none; needed"),
    example: "\"cert.pem\"",
    about: "The certificate with its chain, in PEM.",
};

static KEY: Key<Text<String>> = Key {
    name: "key",
    kind: PATH,
    standard: Standard::Words("none; needed"),
    example: "\"key.pem\"",
    about: "The certificate's key, in PEM.",
};

pub(super) fn read(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    draft.listen = table.get(&LISTEN)?.map(|found| found.value).unwrap_or_default();
    for upstream in table.get(&UPSTREAM)?.map(|found| found.value).unwrap_or_default() {
        draft.upstreams.push(upstream);
    }
    draft.threads = table.get(&THREADS)?.map(|found| found.value);
    table.set(&WORKERS, &mut draft.config.gate.concurrency)?;
    table.set(&BODY, &mut draft.config.body_bytes_max)?;
    table.set(&DRAIN, &mut draft.config.drain_patience)?;
    table.set(&DRAIN_GRACE, &mut draft.config.drain_grace)
}

pub(super) fn read_tls(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    draft.tls_listen = table.need(&TLS_LISTEN)?.value;
    let [certificate, key] = [table.need(&CERTIFICATE)?, table.need(&KEY)?].map(|written| {
        let path = draft.absolute(&written.value);
        draft.needs.push(Need { what: What::File, path: path.clone(), written });
        path
    });
    draft.tls = Some(Tls { certificate, key });
    Ok(())
}
