//! A configuration whose parts are good. Whether they fit together depends on the command line as well.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use edge::config::{Config, Listen, Tls};
use edge::limits::{CONCURRENCY_MAX, SOCKET_PATH_BYTES_MAX};
use edge::upstream::Address;

use super::Overrides;
use super::files::{Need, Secret};
use crate::settings::document::{Found, Place};
use crate::settings::{self, SettingsError};

/// Where clients come unless they are told.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// What the file says.
pub(in crate::settings) struct Draft<'a> {
    pub(super) root: &'a Path,
    pub(super) config: Config,
    pub(super) listen: Vec<Found<SocketAddr>>,
    pub(super) tls_listen: Vec<Found<SocketAddr>>,
    pub(super) tls: Option<Tls>,
    pub(super) has_proxy_protocol: bool,
    pub(super) upstreams: Vec<Found<Address>>,
    pub(super) threads: Option<usize>,
    pub(super) metrics: Option<Found<SocketAddr>>,
    pub(super) token: Option<Secret>,
    pub(super) needs: Vec<Need>,
}

/// What is to be done, if what it needs is there.
pub(super) struct Resolved {
    pub(super) config: Config,
    pub(super) needs: Vec<Need>,
    pub(super) token: Option<Secret>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self {
            root,
            config: Config::default(),
            listen: Vec::new(),
            tls_listen: Vec::new(),
            tls: None,
            has_proxy_protocol: false,
            upstreams: Vec::new(),
            threads: None,
            metrics: None,
            token: None,
            needs: Vec::new(),
        }
    }

    /// A path of the file, from the project root.
    pub(super) fn absolute(&self, path: &str) -> PathBuf {
        settings::absolute(Path::new(path), self.root)
    }

    /// Puts together what the file and the command line say.
    pub(super) fn resolve(
        mut self,
        overrides: &Overrides,
        processors: usize,
    ) -> Result<Resolved, SettingsError> {
        self.apply(overrides, processors);
        if self.upstreams.is_empty() {
            return Err(SettingsError::NoUpstream);
        }
        if self.listen.is_empty() && self.tls_listen.is_empty() {
            self.listen.push(Found { value: LISTEN, place: Place::Default("edge.listen") });
        }
        self.refuse_collisions()?;
        self.config.upstreams = self.resolved_upstreams()?;
        let proxy_protocol = self.has_proxy_protocol;
        let plain =
            self.listen.iter().map(|found| Listen { address: found.value, tls: None, proxy_protocol });
        let tls = self
            .tls_listen
            .iter()
            .map(|found| Listen { tls: self.tls.clone(), ..Listen::plain(found.value) });
        self.config.listen = plain.chain(tls).collect();
        self.config.metrics = self.metrics.map(|found| found.value);
        Ok(Resolved { config: self.config, needs: self.needs, token: self.token })
    }

    fn apply(&mut self, overrides: &Overrides, processors: usize) {
        if !overrides.listen.is_empty() {
            self.listen = overrides.listen.iter().map(|&value| told("--listen", value)).collect();
        }
        if !overrides.upstreams.is_empty() {
            self.upstreams =
                overrides.upstreams.iter().map(|value| told("--upstream", value.clone())).collect();
        }
        let is_told = self.config.gate.concurrency != Config::default().gate.concurrency;
        if let Some((address, at_once)) = &overrides.found {
            if self.upstreams.is_empty() {
                self.upstreams.push(told("the command", address.clone()));
            }
            if let Some(at_once) = at_once.filter(|_| !is_told) {
                self.config.gate.concurrency = at_once.clamp(1, CONCURRENCY_MAX);
            }
        }
        let config = &mut self.config;
        config.threads = overrides.threads.or(self.threads).unwrap_or(processors);
        config.cache.profile = overrides.profile.unwrap_or(config.cache.profile);
        config.cache.is_shadow |= overrides.is_shadow;
        config.gate.concurrency = overrides.workers.unwrap_or(config.gate.concurrency);
    }

    /// Two who want the same port, and an edge that would ask itself.
    fn refuse_collisions(&self) -> Result<(), SettingsError> {
        let mut before: Vec<&Found<SocketAddr>> = Vec::new();
        for found in self.listen.iter().chain(&self.tls_listen).chain(&self.metrics) {
            if let Some(other) = before.iter().find(|other| collide(other.value, found.value)) {
                let reason = format!("where `{}` of {} listens already", other.value, other.place.name());
                return Err(found.refuse(reason));
            }
            before.push(found);
        }
        for found in &self.upstreams {
            let Address::Tcp(address) = found.value else { continue };
            if before.iter().any(|listen| leads_to(address, listen.value)) {
                return Err(found.refuse("where the edge itself listens"));
            }
        }
        Ok(())
    }

    fn resolved_upstreams(&self) -> Result<Vec<Address>, SettingsError> {
        let mut upstreams = Vec::new();
        for found in &self.upstreams {
            let address = match &found.value {
                Address::Tcp(address) if address.port() == 0 => {
                    return Err(found.refuse("and nobody listens at port 0"));
                }
                Address::Tcp(address) => Address::Tcp(*address),
                Address::Unix(path) => {
                    let path = settings::absolute(path, self.root);
                    refuse_long_socket(&path, &found.place, &found.value.to_string())?;
                    Address::Unix(path)
                }
            };
            if upstreams.contains(&address) {
                return Err(found.refuse("which stands there already"));
            }
            upstreams.push(address);
        }
        Ok(upstreams)
    }
}

/// The operating system has room for no longer path of a socket.
pub(super) fn refuse_long_socket(path: &Path, place: &Place, written: &str) -> Result<(), SettingsError> {
    let bytes = path.as_os_str().len();
    if bytes <= SOCKET_PATH_BYTES_MAX {
        return Ok(());
    }
    let reason =
        format!("which makes a path of {bytes} bytes, and that of a socket may have {SOCKET_PATH_BYTES_MAX}");
    Err(place.refuse(written, reason))
}

fn told<T>(option: &'static str, value: T) -> Found<T> {
    Found { value, place: Place::Option(option) }
}

/// Whether not both can be listened at. Port 0 is a different one each time.
fn collide(one: SocketAddr, other: SocketAddr) -> bool {
    let (a, b) = (one.ip(), other.ip());
    let is_same_family = a.is_ipv4() == b.is_ipv4();
    one.port() != 0
        && one.port() == other.port()
        && is_same_family
        && (a == b || a.is_unspecified() || b.is_unspecified())
}

/// Whether who connects there meets who listens here.
fn leads_to(address: SocketAddr, listen: SocketAddr) -> bool {
    let is_here = address.ip() == listen.ip() || listen.ip().is_unspecified() && address.ip().is_loopback();
    listen.port() != 0 && address.port() == listen.port() && is_here
}
