//! `[edge]`: what stands before the app, from the file and the command line to [`Config`].
//!
//! Everything that does not depend on the disk is decided first, and by values alone; then it is looked whether the files
//! are there. So [`load`] can be called again at any time, and what it gives can be used as a whole.

mod admin;
mod app;
mod cache;
mod client;
mod draft;
mod files;
mod listen;
mod route;
mod texts;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread::available_parallelism;

use edge::config::{Config, Profile};
use edge::limits::THREADS_MAX;
use edge::upstream::Address;

use self::draft::Draft;
use super::SettingsError;
use super::document::{Document, Table};
use super::key::Section;

pub(super) static EDGE: Section = Section {
    name: "edge",
    keys: listen::KEYS,
    sections: &[
        &listen::TLS,
        &cache::CACHE,
        &cache::COOKIES,
        &app::APP,
        &app::QUEUE,
        &app::RETRY,
        &client::CLIENT,
        &client::FORWARDED,
        &admin::LOG,
        &admin::ADMIN,
        &route::ROUTE,
        &route::STATIC,
    ],
    is_list: false,
};

/// What the command line says instead of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    /// In the place of `listen` in `[edge]`.
    pub(crate) listen: Vec<SocketAddr>,
    /// In the place of `upstream`.
    pub(crate) upstreams: Vec<Address>,
    /// In the place of `profile` in `[edge.cache]`.
    pub(crate) profile: Option<Profile>,
    /// In the place of `threads`.
    pub(crate) threads: Option<usize>,
    /// In the place of `workers`.
    pub(crate) workers: Option<usize>,
    /// `shadow = true` in `[edge.cache]`.
    pub(crate) is_shadow: bool,
    /// What the app's own command line says: where it listens, and how many requests it takes at once. Counts where
    /// nothing else is said.
    pub(crate) found: Option<(Address, Option<usize>)>,
}

impl Overrides {
    /// An app that is never asked: only what the file says of the rest is wanted.
    pub(crate) fn nowhere() -> Self {
        let nobody = Address::Tcp((Ipv4Addr::LOCALHOST, 1).into());
        Self { upstreams: vec![nobody], ..Self::default() }
    }
}

/// Reads the configuration as it is now: the file in the project root, what it names on disk, and the command line.
///
/// # Errors
/// One line with file, line and key, or with the option. What was in force before can go on.
pub(crate) fn load(project_root: &Path, overrides: &Overrides) -> Result<Config, SettingsError> {
    let text = super::read_text(project_root)?;
    let document = Document::parse(&text, &super::FILE_SECTION)?;
    let processors = available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    let resolved = read(&document.root(), project_root)?.resolve(overrides, processors)?;
    for need in &resolved.needs {
        need.meet()?;
    }
    let mut config = resolved.config;
    if let (Some(admin), Some(token)) = (&mut config.admin, &resolved.token) {
        admin.token = Some(token.read()?);
    }
    Ok(config)
}

/// Reads a table into a draft.
type Read = fn(&Table<'_>, &mut Draft<'_>) -> Result<(), SettingsError>;

/// Reads the section, as far as the file alone tells whether it can be used.
pub(super) fn read<'a>(root: &Table<'_>, project_root: &'a Path) -> Result<Draft<'a>, SettingsError> {
    let mut draft = Draft::new(project_root);
    let Some(edge) = root.open(&EDGE)? else { return Ok(draft) };
    listen::read(&edge, &mut draft)?;
    // In the order in which they rest on each other.
    let parts: [(&Section, Read); 10] = [
        (&listen::TLS, listen::read_tls),
        (&cache::CACHE, cache::read),
        (&cache::COOKIES, cache::read_cookies),
        (&app::APP, app::read_app),
        (&app::QUEUE, app::read_queue),
        (&app::RETRY, app::read_retry),
        (&client::CLIENT, client::read_client),
        (&client::FORWARDED, client::read_forwarded),
        (&admin::LOG, admin::read_log),
        (&admin::ADMIN, admin::read_admin),
    ];
    for (section, read) in parts {
        if let Some(table) = edge.open(section)? {
            read(&table, &mut draft)?;
        }
    }
    for table in edge.open_all(&route::ROUTE)? {
        route::read_route(&table, &mut draft)?;
    }
    for table in edge.open_all(&route::STATIC)? {
        route::read_static(&table, &mut draft)?;
    }
    Ok(draft)
}

#[cfg(test)]
mod tests;
