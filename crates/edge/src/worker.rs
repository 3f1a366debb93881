//! A thread of the edge: its connections to the app, and the clients that it serves.

use std::collections::HashMap;
use std::io;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::runtime;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use crate::edge::Edge;
use crate::limits::{ACCEPT_RETRY_INTERVAL, DRAIN_LOOK_INTERVAL};
use crate::serve::serve_http1;
use crate::stream::Stream;
use crate::upstream::{Address, Pool};

/// What the requests of one thread share.
#[derive(Debug)]
pub struct Worker {
    /// What all threads share.
    pub edge: Arc<Edge>,
    /// Connections to each server of the app.
    pools: Mutex<HashMap<Address, Arc<Pool>>>,
    /// Connections of clients.
    sessions: Mutex<HashMap<u64, Session>>,
    next_session: AtomicU64,
}

/// A client's connection.
#[derive(Debug)]
struct Session {
    is_busy: Arc<AtomicBool>,
    task: AbortHandle,
}

impl Worker {
    fn new(edge: Arc<Edge>) -> Self {
        Self { edge, pools: Mutex::default(), sessions: Mutex::default(), next_session: AtomicU64::new(0) }
    }

    /// Connections to a server of the app that wait.
    pub fn pool(&self, address: &Address, age_max: Duration) -> Arc<Pool> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(address) {
            return Arc::clone(pool);
        }
        let pool = Arc::new(Pool::new(age_max));
        pools.insert(address.clone(), Arc::clone(&pool));
        pool
    }

    /// Serves a client in a task of its own, which says when it is at work.
    fn begin<S: Future<Output = ()> + Send + 'static>(
        self: &Arc<Self>,
        serve: impl FnOnce(Arc<AtomicBool>) -> S,
    ) {
        let number = self.next_session.fetch_add(1, Ordering::Relaxed);
        let is_busy = Arc::new(AtomicBool::new(false));
        let serving = serve(Arc::clone(&is_busy));
        let worker = Arc::clone(self);
        let task = tokio::spawn(async move {
            serving.await;
            worker.sessions().remove(&number);
        });
        // On this thread nothing else runs before this is done.
        self.sessions().insert(number, Session { is_busy, task: task.abort_handle() });
    }

    /// Closes the connections that nobody uses now. Returns how many are left.
    fn close_idle(&self) -> usize {
        let mut sessions = self.sessions();
        sessions.retain(|_, session| {
            let is_busy = session.is_busy.load(Ordering::Relaxed);
            if !is_busy {
                session.task.abort();
            }
            is_busy
        });
        sessions.len()
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<u64, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a thread that takes connections of listeners, until the edge is drained.
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
        let worker = Arc::new(Worker::new(edge));
        runtime.block_on(run(&worker, listeners))
    })
}

async fn run(worker: &Arc<Worker>, listeners: Vec<TcpListener>) -> io::Result<()> {
    let mut accepting = Vec::new();
    for listener in listeners {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        accepting.push(tokio::spawn(accept(Arc::clone(worker), listener)));
    }
    for task in accepting {
        let _ = task.await;
    }
    let config = worker.edge.config();
    // Clients that are about to use a connection again get their answer, and the word that it was the last.
    sleep(config.drain_grace).await;
    let until = Instant::now() + config.drain_patience;
    while worker.close_idle() > 0 && Instant::now() < until {
        sleep(DRAIN_LOOK_INTERVAL).await;
    }
    Ok(())
}

/// Takes connections until the edge is drained, and then those that are there already.
async fn accept(worker: Arc<Worker>, listener: tokio::net::TcpListener) {
    let serve = |stream: TcpStream, peer: std::net::SocketAddr| {
        let _ = stream.set_nodelay(true);
        worker
            .begin(|is_busy| serve_http1(Arc::clone(&worker), Stream::Tcp(stream), Some(peer.ip()), is_busy));
    };
    loop {
        let accepted = tokio::select! {
            biased;
            accepted = listener.accept() => accepted,
            () = worker.edge.drained() => break,
        };
        match accepted {
            Ok((stream, peer)) => serve(stream, peer),
            Err(_) => sleep(ACCEPT_RETRY_INTERVAL).await,
        }
    }
    let at_hand = |cx: &mut std::task::Context<'_>| std::task::Poll::Ready(listener.poll_accept(cx));
    while let std::task::Poll::Ready(Ok((stream, peer))) = std::future::poll_fn(at_hand).await {
        serve(stream, peer);
    }
}
