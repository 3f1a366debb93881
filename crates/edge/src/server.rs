//! An edge at work: listeners that are bound, and threads that serve.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::access_log::AccessLog;
use crate::admin;
use crate::chores;
use crate::config::Config;
use crate::disk::{Disk, Settings};
use crate::edge::Edge;
use crate::worker;

/// Why an edge does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened at.
    #[error("cannot listen at {address}")]
    Bind {
        /// As it was configured.
        address: SocketAddr,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The access log cannot be written.
    #[error("cannot write the access log")]
    Log(#[source] io::Error),
    /// The socket for orders cannot be made.
    #[error("cannot take orders at {}", .path.display())]
    Admin {
        /// As it was configured.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A thread cannot be started.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
}

/// An edge whose listeners take connections that nobody serves yet.
#[derive(Debug)]
pub struct Bound {
    config: Config,
    listeners: Vec<TcpListener>,
    log: Option<AccessLog>,
    admin: Option<UnixListener>,
    metrics: Option<TcpListener>,
}

/// An edge at work.
#[derive(Debug)]
pub struct Serving {
    /// What all threads share.
    pub edge: Arc<Edge>,
    /// Where it listens.
    pub addresses: Vec<SocketAddr>,
    threads: Vec<JoinHandle<io::Result<()>>>,
}

impl Bound {
    /// Listens where the configuration says.
    ///
    /// # Errors
    /// When an address is taken, or is not this machine's.
    pub fn new(config: Config) -> Result<Self, StartError> {
        let listeners = config.listen.iter().map(|listen| bind(listen.address)).collect::<Result<_, _>>()?;
        let log = config.access_log.as_ref().map(AccessLog::open).transpose().map_err(StartError::Log)?;
        let metrics = config.metrics.map(bind).transpose()?;
        let admin = config.admin.as_ref().map(|orders| {
            let of_path = |source| StartError::Admin { path: orders.socket.clone(), source };
            admin::bind(&orders.socket).map_err(of_path)
        });
        let admin = admin.transpose()?;
        Ok(Self { config, listeners, log, admin, metrics })
    }

    /// Begins to serve.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn serve(self) -> Result<Serving, StartError> {
        let threads = self.config.threads;
        let token = self.config.admin.as_ref().and_then(|admin| admin.token.clone());
        let settings = Settings::of(&self.config);
        let mut edge = Edge::new(self.config, self.log);
        if let Some(settings) = settings {
            let disk = Disk::start(&settings, Arc::clone(&edge.store), edge.clock);
            edge.disk = Some(disk.map_err(StartError::Thread)?);
        }
        let edge = Arc::new(edge);
        if let Some(listener) = self.admin {
            admin::serve(Arc::clone(&edge), listener, token).map_err(StartError::Thread)?;
        }
        if let Some(listener) = self.metrics {
            admin::serve_metrics(Arc::clone(&edge), listener).map_err(StartError::Thread)?;
        }
        let addresses = self.listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
        let mut serving = Serving { edge, addresses, threads: Vec::new() };
        chores::start(Arc::clone(&serving.edge)).map_err(StartError::Thread)?;
        for number in 0..threads {
            // All threads take connections of the same sockets: none is lost when one of them ends.
            let listeners = self.listeners.iter().map(TcpListener::try_clone).collect::<Result<_, _>>();
            let listeners = listeners.map_err(StartError::Thread)?;
            let thread =
                worker::start(Arc::clone(&serving.edge), listeners, number).map_err(StartError::Thread)?;
            serving.threads.push(thread);
        }
        Ok(serving)
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).map_err(|source| StartError::Bind { address, source })
}

impl Serving {
    /// Takes no new connection, answers what was asked, and ends.
    pub fn drain(&self) {
        self.edge.drain();
    }

    /// Waits until all threads have ended, and what they stored is on disk.
    pub fn wait(self) {
        for thread in self.threads {
            let _ = thread.join();
        }
        if let Some(disk) = &self.edge.disk {
            disk.end();
        }
    }
}
