//! What is to be purged, one order a line.

use crate::cache::key::{self, IgnoredParameters};
use crate::cache::store::Purge;
use crate::config::Profile;
use crate::edge::Edge;
use crate::http::Method;
use crate::http::head::Scheme;
use crate::http::target::{self, Target};
use crate::limits::ORDERS_MAX;

/// What is to be purged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What.
    pub what: What,
    /// Whether it is made stale instead of being dropped: it is still there when the app is not.
    pub is_soft: bool,
}

/// What is to be purged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// All versions of a URL.
    Url {
        /// Its scheme.
        scheme: Scheme,
        /// In lower case, with its port if it has one.
        host: String,
        /// Path and query.
        target: String,
    },
    /// All versions of a path and all its queries, whatever the host.
    Path(String),
    /// What the app has given a tag (`Surrogate-Key`, `Cache-Tag`).
    Tag(String),
    /// Everything.
    All,
}

/// Why orders are not carried out; none of them is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// Not one of the words.
    #[error(
        "line {line}: an order is `url URL`, `path /PATH`, `tag TAG` or `all`, each with `soft ` before it or without"
    )]
    Word {
        /// From 1.
        line: usize,
    },
    /// No URL of a page.
    #[error("line {line}: a URL begins with http:// or https:// and a host")]
    Url {
        /// From 1.
        line: usize,
    },
    /// No path.
    #[error("line {line}: a path begins with `/`, and has no query")]
    Path {
        /// From 1.
        line: usize,
    },
    /// Nothing to do.
    #[error("there is no order: `url URL`, `path /PATH`, `tag TAG` or `all`")]
    None,
    /// Too much to do.
    #[error("there are more than {ORDERS_MAX} orders: send them in parts")]
    TooMany,
}

/// Reads orders, one a line.
///
/// # Errors
/// When one of them is none.
pub fn parse_orders(text: &str) -> Result<Vec<Order>, OrderError> {
    let lines =
        text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())).filter(|(_, line)| !line.is_empty());
    let orders: Vec<Order> = lines.map(|(line, text)| order(line, text)).collect::<Result<_, _>>()?;
    match orders.len() {
        0 => Err(OrderError::None),
        count if count > ORDERS_MAX => Err(OrderError::TooMany),
        _ => Ok(orders),
    }
}

fn order(line: usize, text: &str) -> Result<Order, OrderError> {
    let (is_soft, text) = text.strip_prefix("soft ").map_or((false, text), |rest| (true, rest.trim_start()));
    let what = match text.split_once(' ') {
        None if text == "all" => What::All,
        Some(("tag", tag)) if !tag.trim().is_empty() => What::Tag(tag.trim().to_owned()),
        Some(("path", path)) => {
            let path = path.trim();
            if !path.starts_with('/') || path.contains(['?', '#', ' ']) {
                return Err(OrderError::Path { line });
            }
            What::Path(path.to_owned())
        }
        Some(("url", url)) => read_url(url.trim()).ok_or(OrderError::Url { line })?,
        _ => return Err(OrderError::Word { line }),
    };
    Ok(Order { what, is_soft })
}

fn read_url(url: &str) -> Option<What> {
    let Ok(Target::Absolute { host, path }) = target::parse(&Method::Get, url.as_bytes()) else {
        return None;
    };
    let is_secure = url.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("https:"));
    let path = if path.is_empty() { b"/" } else { path };
    Some(What::Url {
        scheme: if is_secure { Scheme::Https } else { Scheme::Http },
        host: String::from_utf8_lossy(host).to_ascii_lowercase(),
        target: String::from_utf8_lossy(path).into_owned(),
    })
}

/// Purges what an order says. Returns how many responses that were.
pub(super) fn carry_out(edge: &Edge, order: &Order) -> usize {
    match &order.what {
        What::All => edge.store.purge(Purge::All, order.is_soft),
        What::Tag(tag) => edge.store.purge(Purge::Tag(edge.store.hash(tag.as_bytes())), order.is_soft),
        What::Path(path) => {
            let is_meant = |key: &[u8]| target::split(key::target(key)).0 == path.as_bytes();
            edge.store.purge_keys(is_meant, order.is_soft)
        }
        What::Url { scheme, host, target } => {
            let config = edge.config();
            let none = IgnoredParameters::default();
            let ignored = match config.cache.profile {
                Profile::Django => &config.cache.ignored_parameters,
                Profile::Rfc => &none,
            };
            let (mut stripped, mut name) = (Vec::new(), Vec::new());
            ignored.strip(target.as_bytes(), &mut stripped);
            key::begin(*scheme, host.as_bytes(), &stripped, &mut name);
            edge.store.purge(Purge::Tag(edge.store.hash(&name)), order.is_soft)
        }
    }
}

#[cfg(test)]
mod tests;
