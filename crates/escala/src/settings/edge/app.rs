//! `[edge.app]`, `[edge.queue]` and `[edge.retry]`: how long the app may take, and how much it is asked.

use std::time::Duration;

use edge::config::Health;
use edge::limits::{TARGET_BYTES_MAX, WAITING_MAX, WAITING_PER_CLIENT_MAX};

use super::{Draft, texts};
use crate::settings::SettingsError;
use crate::settings::document::Table;
use crate::settings::key::{Key, Section, Standard};
use crate::settings::kind::{Count, Reason, Span, Text};

/// Time between two looks at the app's health, unless it is told.
const HEALTH_INTERVAL: Duration = Duration::from_secs(5);

pub(super) static APP: Section = Section {
    name: "edge.app",
    keys: &[&TIMEOUT, &CONNECT, &KEEPALIVE, &HEALTH, &HEALTH_INTERVAL_KEY],
    sections: &[],
    is_list: false,
};

pub(super) static QUEUE: Section = Section {
    name: "edge.queue",
    keys: &[&DEADLINE, &WAITING, &WAITING_PER_CLIENT],
    sections: &[],
    is_list: false,
};

pub(super) static RETRY: Section =
    Section { name: "edge.retry", keys: &[&PERCENT], sections: &[], is_list: false };

static TIMEOUT: Key<Span> = Key {
    name: "timeout",
    kind: Span { min: Duration::from_millis(100), max: Duration::from_hours(24) },
    standard: Standard::Toml("\"60s\""),
    example: "\"2m\"",
    about: "How long the app may take to answer, and from one part of the answer to the next.",
};

static CONNECT: Key<Span> = Key {
    name: "connect",
    kind: Span { min: Duration::from_millis(10), max: Duration::from_mins(5) },
    standard: Standard::Toml("\"5s\""),
    example: "\"500ms\"",
    about: "How long the app may take to accept a connection.",
};

static KEEPALIVE: Key<Span> = Key {
    name: "keepalive",
    kind: Span { min: Duration::from_millis(10), max: Duration::from_hours(1) },
    standard: Standard::Toml("\"1500ms\""),
    example: "\"4s\"",
    about: "How long a connection to the app is kept for the next request. Less than the app's own limit (2 s for gunicorn, \
            5 s for uvicorn), or it is closed just when a request comes.",
};

static HEALTH: Key<Text<String>> = Key {
    name: "health",
    kind: Text { takes: "a path of the site, which may have a query", read: health },
    standard: Standard::Words("none: requests alone tell"),
    example: "\"/health/\"",
    about: "What is asked for to learn whether a server of the app is well: any answer below 500 says so.",
};

static HEALTH_INTERVAL_KEY: Key<Span> = Key {
    name: "health_interval",
    kind: Span { min: Duration::from_millis(100), max: Duration::from_hours(1) },
    standard: Standard::Words("`\"5s\"`"),
    example: "\"30s\"",
    about: "Time between two looks. Only with `health`.",
};

static DEADLINE: Key<Span> = Key {
    name: "deadline",
    kind: Span { min: Duration::from_millis(10), max: Duration::from_hours(1) },
    standard: Standard::Toml("\"10s\""),
    example: "\"3s\"",
    about: "How long a request may wait for its turn. When it is plain that this will not be enough, it is refused at once.",
};

static WAITING: Key<Count<usize>> = Key {
    name: "waiting",
    kind: Count { min: 0, max: WAITING_MAX },
    standard: Standard::Toml("2048"),
    example: "512",
    about: "Requests that wait.",
};

static WAITING_PER_CLIENT: Key<Count<usize>> = Key {
    name: "waiting_per_client",
    kind: Count { min: 0, max: WAITING_PER_CLIENT_MAX },
    standard: Standard::Toml("256"),
    example: "32",
    about: "Requests of one client that wait: at most `waiting`.",
};

static PERCENT: Key<Count<u32>> = Key {
    name: "percent",
    kind: Count { min: 0, max: 100 },
    standard: Standard::Toml("10"),
    example: "0",
    about: "How many of a hundred requests may be sent to the app once more, when the first try cannot have done anything. \
            A few are always allowed, so that a quiet site can try again at all.",
};

pub(super) fn read_app(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    let config = &mut draft.config;
    table.set(&TIMEOUT, &mut config.patience.answer)?;
    table.set(&CONNECT, &mut config.patience.connect)?;
    table.set(&KEEPALIVE, &mut config.upstream_idle)?;
    let interval = table.get(&HEALTH_INTERVAL_KEY)?;
    match (table.get(&HEALTH)?, interval) {
        (Some(path), interval) => {
            let interval = interval.map_or(HEALTH_INTERVAL, |found| found.value);
            config.health = Some(Health { path: path.value, interval });
        }
        (None, Some(interval)) => return Err(interval.place.lacks("edge.app.health")),
        (None, None) => {}
    }
    Ok(())
}

pub(super) fn read_queue(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    let gate = &mut draft.config.gate;
    table.set(&DEADLINE, &mut gate.deadline)?;
    table.set(&WAITING, &mut gate.waiting_max)?;
    match table.get(&WAITING_PER_CLIENT)? {
        Some(found) if found.value > gate.waiting_max => {
            return Err(found
                .refuse(format_args!("which is more than the {} of edge.queue.waiting", gate.waiting_max)));
        }
        Some(found) => gate.waiting_per_client_max = found.value,
        None => gate.waiting_per_client_max = gate.waiting_per_client_max.min(gate.waiting_max),
    }
    Ok(())
}

pub(super) fn read_retry(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    table.set(&PERCENT, &mut draft.config.gate.retry.percent)
}

fn health(text: &str) -> Result<String, Reason> {
    let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
    texts::url_path(path)?;
    if query.is_some_and(|query| !query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')) {
        return Err("whose query has a character that clients send percent-encoded".into());
    }
    if text.len() > TARGET_BYTES_MAX {
        return Err("which is longer than a path may be".into());
    }
    Ok(text.to_owned())
}
