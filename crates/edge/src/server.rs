//! An edge at work: listeners that are bound, and threads that serve.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use crate::chores;
use crate::config::{Config, Listen};
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
    /// A thread cannot be started.
    #[error("cannot start a thread")]
    Thread(#[source] io::Error),
}

/// An edge whose listeners take connections that nobody serves yet.
#[derive(Debug)]
pub struct Bound {
    config: Config,
    listeners: Vec<TcpListener>,
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
        let listen = |listen: &Listen| {
            let address = listen.address;
            TcpListener::bind(address).map_err(|source| StartError::Bind { address, source })
        };
        let listeners = config.listen.iter().map(listen).collect::<Result<_, _>>()?;
        Ok(Self { config, listeners })
    }

    /// Begins to serve.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn serve(self) -> Result<Serving, StartError> {
        let threads = self.config.threads;
        let edge = Arc::new(Edge::new(self.config));
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

impl Serving {
    /// Takes no new connection, answers what was asked, and ends.
    pub fn drain(&self) {
        self.edge.drain();
    }

    /// Waits until all threads have ended.
    pub fn wait(self) {
        for thread in self.threads {
            let _ = thread.join();
        }
    }
}
