//! A thread of the edge: its connections to the app, and the clients that it serves.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use tokio::runtime;

use crate::edge::Edge;
use crate::limits::ACCEPT_RETRY_INTERVAL;
use crate::serve::serve_http1;
use crate::stream::Stream;
use crate::upstream::{Address, Pool};

/// What the requests of one thread share.
#[derive(Debug)]
pub struct Worker {
    /// What all threads share.
    pub edge: Arc<Edge>,
    /// Connections to each server of the app.
    pub pools: Vec<(Address, Arc<Pool>)>,
}

impl Worker {
    fn new(edge: Arc<Edge>) -> Self {
        let config = edge.config();
        let pool = |address: &Address| (address.clone(), Arc::new(Pool::new(config.upstream_idle)));
        Self { pools: config.upstreams.iter().map(pool).collect(), edge }
    }
}

/// Starts a thread that takes connections of a listener.
///
/// # Errors
/// When the system gives no thread.
pub fn start(
    edge: Arc<Edge>,
    listeners: Vec<TcpListener>,
    number: usize,
) -> io::Result<JoinHandle<io::Result<()>>> {
    Builder::new().name(format!("edge-{number}")).spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        runtime.block_on(async {
            let worker = Arc::new(Worker::new(edge));
            let mut accepting = Vec::new();
            for listener in listeners {
                listener.set_nonblocking(true)?;
                let listener = tokio::net::TcpListener::from_std(listener)?;
                accepting.push(tokio::spawn(accept(Arc::clone(&worker), listener)));
            }
            for task in accepting {
                let _ = task.await;
            }
            Ok(())
        })
    })
}

async fn accept(worker: Arc<Worker>, listener: tokio::net::TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                tokio::spawn(serve_http1(Arc::clone(&worker), Stream::Tcp(stream), Some(peer.ip())));
            }
            Err(_) => tokio::time::sleep(ACCEPT_RETRY_INTERVAL).await,
        }
    }
}
