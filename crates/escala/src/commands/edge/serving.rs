//! An edge from its start to its end: what it says, and what signals do.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use edge::config::{Config, Listen, is_loopback};
use edge::edge::Edge;
use edge::server::{Bound, Serving, StartError};
use edge::upstream::Address as Upstream;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::context::Context;
use crate::output::say;
use crate::settings::edge::{Overrides, load};
use crate::{exit, failure};

/// Names of the app's cookies, as they were learned, relative to the project's directory of ours: a restart forgets none.
const COOKIES: &str = ".escala/edge/cookies";

/// Time between two looks at whether new ones were learned.
const COOKIES_INTERVAL: Duration = Duration::from_secs(5);

/// Time between two looks at whether the app takes connections.
const APP_INTERVAL: Duration = Duration::from_millis(50);

/// An edge that listens, and serves nobody yet.
pub(crate) struct Prepared {
    bound: Bound,
    schemes: Vec<&'static str>,
    metrics: Option<SocketAddr>,
    cookies: PathBuf,
    /// The first of the app's servers.
    upstream: Upstream,
}

/// An edge at work.
pub(crate) struct Running {
    serving: Serving,
    cookies: PathBuf,
}

/// Listens, or says why not.
pub(crate) fn prepare(config: Config, project_root: &Path) -> Result<Prepared, StartError> {
    let scheme = |listen: &Listen| if listen.tls.is_some() { "https" } else { "http" };
    Ok(Prepared {
        schemes: config.listen.iter().map(scheme).collect(),
        metrics: config.metrics,
        cookies: project_root.join(COOKIES),
        upstream: config.upstreams[0].clone(),
        bound: Bound::new(config)?,
    })
}

impl Prepared {
    /// Begins to serve, and says where.
    pub(crate) fn start(self) -> Result<Running, StartError> {
        let serving = self.bound.serve()?;
        for (scheme, address) in self.schemes.iter().zip(&serving.addresses) {
            let reach = if is_loopback(address.ip()) { "" } else { " (reachable from other machines)" };
            say(&format!("edge: {scheme}://{address}/{reach}"));
        }
        if let Some(address) = self.metrics {
            say(&format!("edge: metrics at http://{address}/metrics"));
        }
        let known = fs::read(&self.cookies).unwrap_or_default();
        serving.edge.cookies.load(known.split(|&byte| byte == b'\n').map(<[u8]>::to_vec));
        let running = Running { serving, cookies: self.cookies };
        running.keep_cookies();
        Ok(running)
    }

    /// Begins to serve as soon as the app takes connections: who comes before that waits. Ends with what is returned.
    pub(crate) fn start_with_the_app(self) -> Following {
        let is_over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            while !is_there(&self.upstream) {
                if told.load(Ordering::Relaxed) {
                    return None;
                }
                thread::sleep(APP_INTERVAL);
            }
            self.start().map_err(|error| say(&format!("error: no edge: {}", failure::chain(&error)))).ok()
        });
        Following { is_over, thread }
    }
}

/// An edge that lives as long as the app.
pub(crate) struct Following {
    is_over: Arc<AtomicBool>,
    thread: thread::JoinHandle<Option<Running>>,
}

impl Following {
    /// The app has ended: so does the edge.
    pub(crate) fn end(self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Ok(Some(running)) = self.thread.join() {
            running.edge().drain();
            running.wait();
        }
    }
}

fn is_there(upstream: &Upstream) -> bool {
    match upstream {
        Upstream::Tcp(address) => TcpStream::connect_timeout(address, APP_INTERVAL).is_ok(),
        Upstream::Unix(path) => UnixStream::connect(path).is_ok(),
    }
}

impl Running {
    /// What all its threads share.
    pub(crate) fn edge(&self) -> Arc<Edge> {
        Arc::clone(&self.serving.edge)
    }

    /// Waits until it has ended.
    pub(crate) fn wait(self) {
        let edge = self.edge();
        self.serving.wait();
        write_cookies(&edge, &self.cookies);
    }

    /// Writes down what is learned of cookies, in a thread that ends with the process.
    fn keep_cookies(&self) {
        let (edge, path) = (self.edge(), self.cookies.clone());
        thread::spawn(move || {
            let mut written = edge.cookies.list().len();
            loop {
                thread::sleep(COOKIES_INTERVAL);
                let known = edge.cookies.list().len();
                if known != written {
                    write_cookies(&edge, &path);
                    written = known;
                }
            }
        });
    }
}

/// Without the file, they are learned anew.
fn write_cookies(edge: &Edge, path: &Path) {
    let names = edge.cookies.list();
    if names.is_empty() {
        return;
    }
    if let Some(directory) = path.parent() {
        let _ = fs::create_dir_all(directory);
    }
    let _ = fs::write(path, names.join(&b'\n'));
}

/// Serves until a signal ends it.
pub(super) fn serve(config: Config, overrides: Overrides, context: &Context) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let running = prepare(config, &context.project_root)?.start()?;
    let edge = running.edge();
    let project_root = context.project_root.clone();
    thread::spawn(move || {
        for signal in signals.forever() {
            match signal {
                SIGHUP => reload(&edge, &project_root, &overrides),
                // Whoever asks twice does not want to wait.
                signal if edge.is_draining() => supervisor::end_by_signal(signal),
                _ => {
                    say("edge: answering what was asked, then ending (once more to end at once)");
                    edge.drain();
                }
            }
        }
    });
    running.wait();
    Ok(ExitCode::from(exit::SUCCESS))
}

/// Takes the configuration anew; one that cannot be used changes nothing.
fn reload(edge: &Edge, project_root: &Path, overrides: &Overrides) {
    match load(project_root, overrides) {
        Ok(config) => {
            let unchanged = edge.reconfigure(config);
            say("edge: configuration read anew");
            for what in unchanged {
                say(&format!("warning: {what} changes only when the edge is started anew"));
            }
        }
        Err(error) => {
            say(&format!("error: configuration not taken: {}", failure::chain(&error)));
        }
    }
}
