//! An app that follows a script, an edge before it, and clients of it.

mod client;
mod origin;

use std::time::{Duration, Instant};

use edge::config::{Config, Listen, Profile};
use edge::server::{Bound, Serving};

pub(crate) use client::{Client, Response};
pub(crate) use origin::{Gate, Origin, Reply, Request, Step};

/// An edge before an app.
pub(crate) struct Site {
    pub(crate) origin: Origin,
    pub(crate) serving: Serving,
}

impl Site {
    /// With the profile that follows the RFC.
    pub(crate) fn rfc(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(|config| config.cache.profile = Profile::Rfc, script)
    }

    pub(crate) fn with(
        change: impl FnOnce(&mut Config),
        script: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let origin = Origin::start(script);
        let mut config = Config {
            listen: vec![Listen::plain("127.0.0.1:0".parse().unwrap())],
            upstreams: vec![origin.address.to_string().parse().unwrap()],
            ..Config::default()
        };
        change(&mut config);
        let serving = Bound::new(config).unwrap().serve().unwrap();
        Self { origin, serving }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.serving.addresses[0])
    }

    /// One request over a connection of its own.
    pub(crate) fn get(&self, path: &str) -> Response {
        self.client().get(path)
    }

    pub(crate) fn get_with(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.client().ask("GET", path, fields, b"")
    }
}

/// Waits until something is so.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
