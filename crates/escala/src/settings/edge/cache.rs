//! `[edge.cache]` and `[edge.cookies]`: what is stored, for how long, and for whom.

use std::collections::BTreeMap;

use edge::cache::store::Store;
use edge::config::{DiskConfig, Profile};
use edge::forwarded::is_spoofable;

use super::{Draft, texts};
use crate::settings::SettingsError;
use crate::settings::document::{Found, Table};
use crate::settings::key::{Key, Section, Standard};
use crate::settings::kind::{Flag, List, Reason, Seconds, Size, Text, Word};
use crate::settings::value::write_size;

/// Where responses are kept on disk, from the project root.
pub(super) const DISK_DIRECTORY: &str = ".escala/edge/cache";

/// Longest time that a response is kept for, in seconds.
pub(super) const LIFETIME_MAX_S: u64 = 365 * 86_400;

pub(super) static CACHE: Section = Section {
    name: "edge.cache",
    keys: &[
        &PROFILE,
        &SHADOW,
        &SHADOW_LIFETIME,
        &MEMORY,
        &OBJECT,
        &DISK,
        &SAVED_FOR,
        &STALE_IF_ERROR,
        &UNCACHEABLE,
        &COMPRESS,
        &IGNORE_QUERY,
        &KEYED_HEADERS,
    ],
    sections: &[],
    is_list: false,
};

pub(super) static COOKIES: Section =
    Section { name: "edge.cookies", keys: &[&IDENTITY, &KEYED, &IGNORED], sections: &[], is_list: false };

static PROFILE: Key<Word<Profile>> = Key {
    name: "profile",
    kind: Word { words: &[("django", Profile::Django), ("rfc", Profile::Rfc)] },
    standard: Standard::Toml("\"django\""),
    example: "\"rfc\"",
    about: "`django` never shares what was made for one. `rfc` is RFC 9111 and nothing else.",
};

static SHADOW: Key<Flag> = Key {
    name: "shadow",
    kind: Flag,
    standard: Standard::Toml("false"),
    example: "true",
    about: "The app answers everything, and it is only reported what the cache would have answered.",
};

static SHADOW_LIFETIME: Key<Seconds> = Key {
    name: "shadow_lifetime",
    kind: Seconds { min_s: 1, max_s: LIFETIME_MAX_S },
    standard: Standard::Toml("\"60s\""),
    example: "\"5m\"",
    about: "In the shadow: how long a response is taken to be fresh that says nothing of it.",
};

static MEMORY: Key<Size> = Key {
    name: "memory",
    kind: Size { min_bytes: 1 << 20, max_bytes: 1 << 40 },
    standard: Standard::Toml("\"256 MiB\""),
    example: "\"1 GiB\"",
    about: "Memory for responses.",
};

static OBJECT: Key<Size> = Key {
    name: "object",
    kind: Size { min_bytes: 1 << 10, max_bytes: 1 << 30 },
    standard: Standard::Toml("\"4 MiB\""),
    example: "\"1 MiB\"",
    about: "The largest response that is stored. The memory is divided into at most 16 parts of at least 16 MiB, and one \
            response may have half a part: 8 MiB of 256 MiB. Where `memory` has no room for 4 MiB, the default is what it has.",
};

static DISK: Key<Size> = Key {
    name: "disk",
    kind: Size { min_bytes: 1 << 20, max_bytes: 1 << 44 },
    standard: Standard::Words("none: memory only"),
    example: "\"1 GiB\"",
    about: "Room for more responses on disk, in `.escala/edge/cache`.",
};

static SAVED_FOR: Key<List<Text<String>>> = Key {
    name: "saved_for",
    kind: List {
        item: Text { takes: "the origin of a site", read: origin },
        may_be_bare: false,
        may_be_empty: true,
    },
    standard: Standard::Toml("[]"),
    example: "[\"https://shop.example\"]",
    about: "Sites whose saved pages are asked for when the edge starts: those of each `[[edge.route]]` with `saved` whose path is \
            one page. Others are saved as visitors come.",
};

static STALE_IF_ERROR: Key<Seconds> = Key {
    name: "stale_if_error",
    kind: Seconds { min_s: 0, max_s: LIFETIME_MAX_S },
    standard: Standard::Toml("\"1h\""),
    example: "\"1d\"",
    about: "How long a stale response is kept for the time that the app cannot be asked; `0s` for not at all.",
};

static UNCACHEABLE: Key<Seconds> = Key {
    name: "uncacheable",
    kind: Seconds { min_s: 0, max_s: 86_400 },
    standard: Standard::Toml("\"2m\""),
    example: "\"10m\"",
    about: "How long a URL that could not be stored is known for that: requests for it do not wait for each other.",
};

static COMPRESS: Key<Flag> = Key {
    name: "compress",
    kind: Flag,
    standard: Standard::Words("`true`; `false` in the profile `rfc`"),
    example: "false",
    about: "Stored texts are compressed for clients that take them so.",
};

static IGNORE_QUERY: Key<List<Text<String>>> = Key {
    name: "ignore_query",
    kind: List {
        item: Text { takes: "a parameter's name, or its beginning and `*`", read: parameter },
        may_be_bare: false,
        may_be_empty: true,
    },
    standard: Standard::Toml(
        "[\"utm_*\", \"gclid\", \"gbraid\", \"wbraid\", \"dclid\", \"fbclid\", \"msclkid\", \"yclid\", \"mc_cid\", \
         \"mc_eid\", \"_ga\", \"_gl\"]",
    ),
    example: "[\"utm_*\", \"ref\"]",
    about: "Parameters of a query that mean nothing to the app: neither part of the key, nor passed on with a request that \
            is answered for many. The list replaces the default one.",
};

static KEYED_HEADERS: Key<List<Text<String>>> = Key {
    name: "keyed_headers",
    kind: List {
        item: Text { takes: "a header's name", read: header },
        may_be_bare: false,
        may_be_empty: true,
    },
    standard: Standard::Toml(
        "[\"accept\", \"hx-request\", \"hx-boosted\", \"hx-target\", \"x-requested-with\"]",
    ),
    example: "[\"accept\", \"x-theme\"]",
    about: "Headers that choose between versions of a page without being named in `Vary`: part of the key. The list replaces \
            the default one.",
};

const COOKIE: List<Text<String>> =
    List { item: Text { takes: "a cookie's name", read: cookie }, may_be_bare: false, may_be_empty: true };

static IDENTITY: Key<List<Text<String>>> = Key {
    name: "identity",
    kind: COOKIE,
    standard: Standard::Toml("[\"sessionid\", \"messages\"]"),
    example: "[\"shop_session\", \"messages\"]",
    about: "Cookies that say who somebody is: such requests are the app's.",
};

static KEYED: Key<List<Text<String>>> = Key {
    name: "keyed",
    kind: COOKIE,
    standard: Standard::Toml("[\"django_language\"]"),
    example: "[\"django_language\", \"currency\"]",
    about: "Cookies that choose between versions that many may see, as a language does: part of the key.",
};

static IGNORED: Key<List<Text<String>>> = Key {
    name: "ignored",
    kind: COOKIE,
    standard: Standard::Toml("[\"csrftoken\"]"),
    example: "[\"csrftoken\", \"banner_closed\"]",
    about: "Cookies that mean nothing to what a page shows, although the app sets them.",
};

pub(super) fn read(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    let cache = &mut draft.config.cache;
    table.set(&PROFILE, &mut cache.profile)?;
    table.set(&SHADOW, &mut cache.is_shadow)?;
    table.set(&SHADOW_LIFETIME, &mut cache.shadow_lifetime_s)?;
    table.set(&STALE_IF_ERROR, &mut cache.if_error_s)?;
    table.set(&UNCACHEABLE, &mut cache.uncacheable_s)?;
    table.set(&COMPRESS, &mut cache.compresses)?;
    if let Some(found) = table.get(&IGNORE_QUERY)? {
        cache.ignored_parameters.patterns = plain(found);
    }
    if let Some(found) = table.get(&KEYED_HEADERS)? {
        cache.keyed_fields = plain(found);
    }
    if let Some(found) = table.get(&SAVED_FOR)? {
        draft.config.generate_for = plain(found);
    }
    read_sizes(table, draft)
}

/// An object that fits nowhere would be a page that is never stored, and nobody knows why.
fn read_sizes(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    if let Some(found) = table.get(&MEMORY)? {
        draft.config.cache.bytes_max = usize::try_from(found.value).unwrap_or(usize::MAX);
    }
    let disk = table.get(&DISK)?;
    let directory = draft.absolute(DISK_DIRECTORY);
    let cache = &mut draft.config.cache;
    let largest = Store::object_bytes_max(cache.bytes_max);
    match table.get(&OBJECT)? {
        Some(found) if found.value > largest as u64 => {
            let reason = format!(
                "which is larger than {}, the most that {} of edge.cache.memory have room for",
                write_size(largest as u64),
                write_size(cache.bytes_max as u64)
            );
            return Err(found.map(write_size).refuse(reason));
        }
        Some(found) => cache.object_bytes_max = usize::try_from(found.value).unwrap_or(largest),
        None => cache.object_bytes_max = cache.object_bytes_max.min(largest),
    }
    if let Some(found) = disk {
        if found.value / 2 < cache.object_bytes_max as u64 {
            let object = write_size(cache.object_bytes_max as u64);
            let reason = format!("which is less than two responses of {object} (edge.cache.object)");
            return Err(found.map(write_size).refuse(reason));
        }
        cache.disk = Some(DiskConfig { directory, bytes_max: found.value });
    }
    Ok(())
}

pub(super) fn read_cookies(table: &Table<'_>, draft: &mut Draft<'_>) -> Result<(), SettingsError> {
    let cookies = &mut draft.config.cache.cookies;
    let (mut written, mut meanings) = (Vec::new(), BTreeMap::new());
    for (key, names) in
        [(&IDENTITY, &mut cookies.identity), (&KEYED, &mut cookies.keyed), (&IGNORED, &mut cookies.ignored)]
    {
        if let Some(found) = table.get(key)? {
            written.extend(found.value.iter().cloned());
            *names = plain(found);
        } else {
            let meaning = format!("{}.{} by default", COOKIES.name, key.name);
            meanings.extend(names.iter().map(|name| (name.clone(), meaning.clone())));
        }
    }
    for cookie in written {
        let meaning = format!("{} already", cookie.place.name());
        if let Some(other) = meanings.insert(cookie.value.clone(), meaning) {
            return Err(cookie.refuse(format_args!("which stands in {other}")));
        }
    }
    Ok(())
}

fn plain(list: Found<Vec<Found<String>>>) -> Vec<String> {
    list.value.into_iter().map(|item| item.value).collect()
}

fn parameter(text: &str) -> Result<String, Reason> {
    let name = text.strip_suffix('*').unwrap_or(text);
    if text.is_empty() || name.contains('*') {
        return Err("which is no parameter's name, nor its beginning and `*`".into());
    }
    if !name.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'&' | b'=' | b'#' | b'?')) {
        return Err("which is no parameter's name as clients send it, percent-encoded".into());
    }
    Ok(text.to_owned())
}

fn origin(text: &str) -> Result<String, Reason> {
    match edge::config::origin(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("which is not like `https://shop.example`".into()),
    }
}

fn header(text: &str) -> Result<String, Reason> {
    let name = texts::token(text, "header")?.to_ascii_lowercase();
    match name.as_str() {
        "cookie" => Err("and cookies are named in edge.cookies.keyed".into()),
        "authorization" | "proxy-authorization" => Err("and what is made for one is not stored".into()),
        "host" => Err("which is part of the key already".into()),
        name if is_spoofable(name.as_bytes()) => Err("which is never passed on as a client sent it".into()),
        _ => Ok(name),
    }
}

fn cookie(text: &str) -> Result<String, Reason> {
    texts::token(text, "cookie")
}
