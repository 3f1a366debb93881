//! `[edge.client]` and `[edge.forwarded]`: how long clients may take, how often they may ask, and who they are.

use std::time::Duration;

use edge::config::Rate;
use edge::forwarded::{ForwardedBy, InvalidNetwork, Network, Told};

use super::Draft;
use super::texts::RATE;
use crate::settings::SettingsError;
use crate::settings::document::Table;
use crate::settings::key::{Key, Section, Standard};
use crate::settings::kind::{Flag, List, Reason, Span, Text, Word};

pub(super) static CLIENT: Section = Section {
    name: "edge.client",
    keys: &[&IDLE, &HEAD, &BODY, &WRITE, &RATE_KEY],
    sections: &[],
    is_list: false,
};

pub(super) static FORWARDED: Section = Section {
    name: "edge.forwarded",
    keys: &[&TRUST, &UNIX_SOCKETS, &BY, &TELL, &PROXY_PROTOCOL],
    sections: &[],
    is_list: false,
};

const PATIENCE: Span = Span { min: Duration::from_millis(100), max: Duration::from_hours(1) };

static IDLE: Key<Span> = Key {
    name: "idle",
    kind: Span { min: Duration::from_millis(100), max: Duration::from_hours(24) },
    standard: Standard::Toml("\"75s\""),
    example: "\"2m\"",
    about: "Between two requests of a connection.",
};

static HEAD: Key<Span> = Key {
    name: "head",
    kind: PATIENCE,
    standard: Standard::Toml("\"10s\""),
    example: "\"5s\"",
    about: "From the first byte of a request's head to the last.",
};

static BODY: Key<Span> = Key {
    name: "body",
    kind: PATIENCE,
    standard: Standard::Toml("\"30s\""),
    example: "\"1m\"",
    about: "To send the next bytes of a body.",
};

static WRITE: Key<Span> = Key {
    name: "write",
    kind: PATIENCE,
    standard: Standard::Toml("\"30s\""),
    example: "\"1m\"",
    about: "To take bytes of an answer.",
};

static RATE_KEY: Key<Text<Rate>> = Key {
    name: "rate",
    kind: RATE,
    standard: Standard::Words("none: as often as it likes"),
    example: "\"100/1m burst 20\"",
    about: "Requests of one client in a window of time, and how many of them at once: all of them, unless a `burst` is told.",
};

static TRUST: Key<List<Text<Network>>> = Key {
    name: "trust",
    kind: List {
        item: Text { takes: "a network or an IP address", read: network },
        may_be_bare: false,
        may_be_empty: true,
    },
    standard: Standard::Toml("[]"),
    example: "[\"10.0.0.0/8\", \"2001:db8::/32\"]",
    about: "Where proxies are whose word on the client is taken. No client may be in there: it could claim to be anybody.",
};

static UNIX_SOCKETS: Key<Flag> = Key {
    name: "unix_sockets",
    kind: Flag,
    standard: Standard::Toml("false"),
    example: "true",
    about: "Whether a peer without an address is such a proxy.",
};

static BY: Key<Word<ForwardedBy>> = Key {
    name: "by",
    kind: Word { words: &[("x-forwarded", ForwardedBy::XForwarded), ("forwarded", ForwardedBy::Forwarded)] },
    standard: Standard::Toml("\"x-forwarded\""),
    example: "\"forwarded\"",
    about: "What these proxies write: `X-Forwarded-For`, `-Proto`, `-Host` and `-Port`, or `Forwarded` (RFC 7239). The other \
            kind is not read at all.",
};

static TELL: Key<Word<Told>> = Key {
    name: "tell",
    kind: Word { words: &[("x-forwarded", Told::XForwarded), ("both", Told::Both)] },
    standard: Standard::Toml("\"x-forwarded\""),
    example: "\"both\"",
    about: "What the app is told of the client in: `X-Forwarded-*` and `X-Real-IP`, or `Forwarded` as well.",
};

static PROXY_PROTOCOL: Key<Flag> = Key {
    name: "proxy_protocol",
    kind: Flag,
    standard: Standard::Toml("false"),
    example: "true",
    about: "Whether each connection to an address of `listen` in `[edge]` begins with a header of the PROXY protocol, as a load \
            balancer sends it. Then one without it is refused. Connections with TLS never have one.",
};

pub(super) fn read_client(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    let client = &mut draft.config.client;
    table.set(&IDLE, &mut client.idle)?;
    table.set(&HEAD, &mut client.head)?;
    table.set(&BODY, &mut client.body)?;
    table.set(&WRITE, &mut client.write)?;
    table.set(&RATE_KEY, &mut draft.config.gate.rate)
}

pub(super) fn read_forwarded(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    let trust = &mut draft.config.trust;
    if let Some(found) = table.get(&TRUST)? {
        trust.networks = found.value.into_iter().map(|network| network.value).collect();
    }
    table.set(&UNIX_SOCKETS, &mut trust.unix_sockets)?;
    table.set(&BY, &mut trust.by)?;
    table.set(&TELL, &mut draft.config.told)?;
    table.set(&PROXY_PROTOCOL, &mut draft.has_proxy_protocol)
}

fn network(text: &str) -> Result<Network, Reason> {
    text.parse().map_err(|error| match error {
        InvalidNetwork::Address { .. } => "which is no network, as `10.0.0.0/8` or `2001:db8::/32` is".into(),
        InvalidNetwork::Prefix { bits_max, .. } => {
            format!("whose prefix is not a number from 0 to {bits_max}").into()
        }
        InvalidNetwork::HostBits { network, .. } => {
            format!("which is an address inside of a network: write `{network}` for the whole network").into()
        }
    })
}
