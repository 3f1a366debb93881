//! The profile for Django: *key-closed fill*. What is asked for many carries nothing but what is in the key, so what comes
//! back was made for nobody, whatever the app forgets to say of it.

use super::{Closed, Fills, Terms, Way};
use crate::cache::control::ResponseControl;
use crate::cache::key;
use crate::cache::status::Forwarded;
use crate::config::{Audience, Config, Route};
use crate::http::{Fields, Name, RequestHead, list};
use crate::serve::cookies::{Learned, Meaning, meaning, pairs};

/// What the app sees of a browser: code that reads the field finds one.
const USER_AGENT: &[u8] = b"Mozilla/5.0 (compatible; Escala)";

/// Decides, and writes the key.
pub(super) fn decide(
    config: &Config,
    learned: &Learned,
    head: &RequestHead,
    route: Option<&Route>,
    key: &mut Vec<u8>,
) -> Way {
    if head.fields.has(Name::Authorization) {
        return Way::Pass(Forwarded::Bypass("authorization"));
    }
    super::url_key(config, head, &head.target, key);
    let mut is_somebody = false;
    if head.fields.has(Name::Cookie) {
        let mut keyed: Vec<(&[u8], &[u8])> = Vec::new();
        for (name, value) in pairs(&head.fields) {
            match meaning(name, &config.cache.cookies, learned) {
                Meaning::Identity => is_somebody = true,
                Meaning::Keyed => keyed.push((name, value)),
                Meaning::Nothing => is_somebody |= name.is_empty(),
            }
        }
        keyed.sort_unstable();
        for (name, value) in keyed {
            key::add(b"cookie", &[name, b"=", value].concat(), key);
        }
    }
    for name in &config.cache.keyed_fields {
        if let Some(value) = keyed_value(&head.fields, name.as_bytes()) {
            key::add(name.as_bytes(), &value, key);
        }
    }
    let is_for_everyone = route.is_some_and(|route| route.audience == Audience::Everyone);
    let is_ruled = route.is_some_and(|route| route.lifetime_s.is_some() || route.is_saved);
    let fills = match (is_somebody && !is_for_everyone, is_ruled) {
        (true, _) => Fills::Never,
        (false, true) => Fills::Always,
        (false, false) => Fills::Promised,
    };
    let audience = if is_somebody { Audience::Everyone } else { Audience::Anonymous };
    Way::Cache(Terms { audience, fills })
}

/// A field that is part of the key when a client sends it. Browsers ask for pages in many words that mean the same.
fn keyed_value(request: &Fields, name: &[u8]) -> Option<Vec<u8>> {
    let mut lines = request.all_named(name);
    let first = lines.next()?;
    if name == b"accept" {
        let mut types =
            request.elements(Name::Accept).map(|one| list::split(one, b';').next().unwrap_or_default());
        if types.clone().any(|one| one.eq_ignore_ascii_case(b"text/html")) {
            return Some(b"text/html".to_vec());
        }
        if types.all(|one| one == b"*/*") {
            return None;
        }
    }
    let mut value = first.to_vec();
    for line in lines {
        value.extend_from_slice(b", ");
        value.extend_from_slice(line);
    }
    Some(value)
}

/// Whether the value of a field is in the key already, or is never sent with a fill. (Compression is the edge's own.)
pub(super) fn is_in_key(config: &Config, name: &[u8]) -> bool {
    let is_settled =
        matches!(Name::find(name), Some(Name::Cookie | Name::AcceptEncoding | Name::Authorization));
    is_settled || config.cache.keyed_fields.iter().any(|keyed| keyed.as_bytes().eq_ignore_ascii_case(name))
}

/// What is sent with a fill.
pub(super) fn closed(config: &Config, head: &RequestHead, vary_names: &[Box<[u8]>]) -> Closed {
    let mut fields = Fields::default();
    fields.push_known(Name::UserAgent, USER_AGENT);
    let mut cookies: Vec<(&[u8], &[u8])> = pairs(&head.fields)
        .filter(|(name, _)| config.cache.cookies.keyed.iter().any(|keyed| keyed.as_bytes() == *name))
        .collect();
    cookies.sort_unstable();
    if !cookies.is_empty() {
        let texts: Vec<Vec<u8>> = cookies.iter().map(|(name, value)| [*name, b"=", value].concat()).collect();
        fields.push_known(Name::Cookie, &texts.join(&b"; "[..]));
    }
    for name in &config.cache.keyed_fields {
        if let Some(value) = keyed_value(&head.fields, name.as_bytes()) {
            fields.push(name.as_bytes(), &value);
        }
    }
    // What the app has said that it depends upon is compared for each request, and may be sent.
    for name in vary_names.iter().filter(|name| !is_in_key(config, name)) {
        if Name::find(name) == Some(Name::UserAgent) {
            fields.remove(Name::UserAgent);
        }
        for value in head.fields.all_named(name) {
            fields.push(name, value);
        }
    }
    let mut target = Vec::new();
    config.cache.ignored_parameters.strip(&head.target, &mut target);
    Closed { target, fields }
}

/// Everybody may see what the app calls public and makes without a look at cookies, and what a rule says is for all.
pub(super) fn audience(route: Option<&Route>, response: &Fields) -> Audience {
    let is_declared = ResponseControl::read(response).public && !response.lists(Name::Vary, b"cookie");
    let is_ruled = route.is_some_and(|route| route.audience == Audience::Everyone);
    if is_declared || is_ruled { Audience::Everyone } else { Audience::Anonymous }
}
