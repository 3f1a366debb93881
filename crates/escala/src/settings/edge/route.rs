//! `[[edge.route]]` and `[[edge.static]]`: paths with rules of their own.

use std::time::Duration;

use edge::config::{Audience, PathPattern, Rate, Route, StaticFiles};

use super::Draft;
use super::cache::{DISK_DIRECTORY, LIFETIME_MAX_S};
use super::files::{Need, What};
use super::texts::{self, PATH, RATE};
use crate::settings::SettingsError;
use crate::settings::document::{Found, Place, Table};
use crate::settings::key::{Key, Section, Standard};
use crate::settings::kind::{Flag, Reason, Seconds, Span, Text, Word};

/// How long a client may use a static file whose name does not change with its content, unless it is told, in seconds.
const STATIC_LIFETIME_S: u64 = 3_600;

pub(super) static ROUTE: Section = Section {
    name: "edge.route",
    keys: &[
        &ROUTE_PATH,
        &PASS,
        &LIFETIME,
        &WHILE_REVALIDATE,
        &IF_ERROR,
        &AUDIENCE,
        &ROUTE_RATE,
        &DEADLINE,
        &FIELDS,
        &SAVED,
    ],
    sections: &[],
    is_list: true,
};

pub(super) static STATIC: Section = Section {
    name: "edge.static",
    keys: &[&URL, &DIRECTORY, &STATIC_LIFETIME],
    sections: &[],
    is_list: true,
};

static ROUTE_PATH: Key<Text<PathPattern>> = Key {
    name: "path",
    kind: Text { takes: "a pattern of paths", read: pattern },
    standard: Standard::Words("none; needed"),
    example: "\"/books/*/\"",
    about: "Which paths: `/about/` is that one, `/books/*/` has one segment of any kind, `/shop/**` is `/shop` and everything \
            below. The first table that matches a path counts; one that comes behind another which matches all of its paths is an error.",
};

static PASS: Key<Flag> = Key {
    name: "pass",
    kind: Flag,
    standard: Standard::Toml("false"),
    example: "true",
    about: "The cache keeps off these paths. Then there is nothing to say of `lifetime`, `while_revalidate`, `if_error`, \
            `audience` and `saved`.",
};

static LIFETIME: Key<Seconds> = Key {
    name: "lifetime",
    kind: Seconds { min_s: 1, max_s: LIFETIME_MAX_S },
    standard: Standard::Words("none: what the response says"),
    example: "\"60s\"",
    about: "How long a response is fresh that says nothing of it.",
};

static WHILE_REVALIDATE: Key<Seconds> = Key {
    name: "while_revalidate",
    kind: Seconds { min_s: 0, max_s: LIFETIME_MAX_S },
    standard: Standard::Words("none: what the response says"),
    example: "\"30s\"",
    about: "How long after that it may be served while a fresh one is fetched.",
};

static IF_ERROR: Key<Seconds> = Key {
    name: "if_error",
    kind: Seconds { min_s: 0, max_s: LIFETIME_MAX_S },
    standard: Standard::Words("`stale_if_error` of `[edge.cache]`"),
    example: "\"1h\"",
    about: "How long after that it may be served when no fresh one can be had.",
};

static AUDIENCE: Key<Word<Audience>> = Key {
    name: "audience",
    kind: Word { words: &[("anonymous", Audience::Anonymous), ("everyone", Audience::Everyone)] },
    standard: Standard::Toml("\"anonymous\""),
    example: "\"everyone\"",
    about: "Who may see what is stored: those who are nobody to the app, or everybody, also with a session, because the page is \
            the same for all.",
};

static ROUTE_RATE: Key<Text<Rate>> = Key {
    name: "rate",
    kind: RATE,
    standard: Standard::Words("none: `rate` of `[edge.client]` alone"),
    example: "\"10/1s\"",
    about: "Requests of one client for these paths.",
};

static DEADLINE: Key<Span> = Key {
    name: "deadline",
    kind: Span { min: Duration::from_millis(10), max: Duration::from_hours(1) },
    standard: Standard::Words("`deadline` of `[edge.queue]`"),
    example: "\"2s\"",
    about: "How long a request may wait for its turn.",
};

static FIELDS: Key<Flag> = Key {
    name: "fields",
    kind: Flag,
    standard: Standard::Toml("false"),
    example: "true",
    about: "`?fields=id,author(name)` takes parts out of the app's JSON.",
};

static SAVED: Key<Flag> = Key {
    name: "saved",
    kind: Flag,
    standard: Standard::Toml("false"),
    example: "true",
    about: "What is stored is kept on disk as well, and served from there when the app is down, however old: in `disk` of \
            `[edge.cache]`, or else in 1 GiB at the same place. `saved_for` there asks for such pages at start.",
};

static URL: Key<Text<String>> = Key {
    name: "url",
    kind: Text { takes: "a path of the site that begins and ends with `/`", read: prefix },
    standard: Standard::Words("none; needed"),
    example: "\"/static/\"",
    about: "What the URLs of the files begin with: Django's `STATIC_URL`.",
};

static DIRECTORY: Key<Text<String>> = Key {
    name: "directory",
    kind: PATH,
    standard: Standard::Words("none; needed"),
    example: "\"staticfiles\"",
    about: "Where the files are: Django's `STATIC_ROOT`, or `MEDIA_ROOT`. Not the project itself, whose settings hold secrets.",
};

static STATIC_LIFETIME: Key<Seconds> = Key {
    name: "lifetime",
    kind: Seconds { min_s: 0, max_s: LIFETIME_MAX_S },
    standard: Standard::Toml("\"1h\""),
    example: "\"1d\"",
    about: "How long a client may use a file whose name does not change with its content without asking again.",
};

pub(super) fn read_route(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    let path = table.need(&ROUTE_PATH)?;
    if let Some(earlier) = draft.config.routes.iter().find(|earlier| earlier.path.covers(&path.value)) {
        let reason = format!("which never counts: `{}` before it matches all of these paths", earlier.path);
        return Err(path.refuse(reason));
    }
    let mut route = Route { path: path.value, ..Route::default() };
    table.set(&PASS, &mut route.is_passed)?;
    let saved = table.get(&SAVED)?;
    let stored = [
        note(table.get(&LIFETIME)?, &mut route.lifetime_s),
        note(table.get(&WHILE_REVALIDATE)?, &mut route.while_revalidate_s),
        note(table.get(&IF_ERROR)?, &mut route.if_error_s),
        note(table.get(&AUDIENCE)?, &mut route.audience),
        note(saved, &mut route.is_saved),
    ];
    if let (true, Some(place)) = (route.is_passed, stored.into_iter().flatten().next()) {
        return Err(place.is_idle("edge.route.pass keeps the cache off these paths"));
    }
    table.set(&ROUTE_RATE, &mut route.rate)?;
    table.set(&DEADLINE, &mut route.deadline)?;
    table.set(&FIELDS, &mut route.has_partial_responses)?;
    if route.is_saved {
        draft.config.saved_directory = Some(draft.absolute(DISK_DIRECTORY));
    }
    draft.config.routes.push(route);
    Ok(())
}

pub(super) fn read_static(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    let url = table.need(&URL)?;
    if draft.config.statics.iter().any(|earlier| earlier.prefix == url.value) {
        return Err(url.refuse("which another [[edge.static]] has already"));
    }
    let written = table.need(&DIRECTORY)?;
    let directory = draft.absolute(&written.value);
    if draft.root.starts_with(&directory) {
        return Err(
            written.refuse("which holds the project itself: its code and its secrets would be served")
        );
    }
    let mut lifetime_s = STATIC_LIFETIME_S;
    table.set(&STATIC_LIFETIME, &mut lifetime_s)?;
    draft.needs.push(Need { what: What::Directory, path: directory.clone(), written });
    draft.config.statics.push(StaticFiles { prefix: url.value, directory, lifetime_s });
    Ok(())
}

/// Puts what was found where it belongs; gives its place.
fn note<V: Into<T>, T>(found: Option<Found<V>>, target: &mut T) -> Option<Place> {
    let found = found?;
    *target = found.value.into();
    Some(found.place)
}

fn pattern(text: &str) -> Result<PathPattern, Reason> {
    let pattern = PathPattern::parse(text).map_err(|reason| format!("which is no pattern: {reason}"))?;
    texts::url_path(text)?;
    Ok(pattern)
}

fn prefix(text: &str) -> Result<String, Reason> {
    texts::url_path(text)?;
    match text {
        "/" => Err("which would leave nothing to the app".into()),
        _ if !text.ends_with('/') => Err("which does not end with `/`".into()),
        _ if text.contains('*') => Err("and `*` stands for nothing here".into()),
        _ => Ok(text.to_owned()),
    }
}
