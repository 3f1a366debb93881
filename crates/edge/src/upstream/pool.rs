//! Connections to one server of the app that wait for the next request.

use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use crate::limits::IDLE_UPSTREAM_CONNECTIONS_MAX;
use crate::stream::Connection;

/// Idle connections of one thread to one server.
#[derive(Debug)]
pub struct Pool {
    idle: Mutex<Vec<(Connection, Instant)>>,
    age_max: Duration,
}

impl Pool {
    /// An empty pool, whose connections are used again for that long.
    pub fn new(age_max: Duration) -> Self {
        Self { idle: Mutex::new(Vec::new()), age_max }
    }

    /// The connection that was used last, if it is still good.
    pub(super) async fn take(&self) -> Option<Connection> {
        loop {
            let (mut connection, since) = self.lock().pop()?;
            if since.elapsed() > self.age_max {
                // Those below it are older still.
                self.lock().clear();
                return None;
            }
            let is_spoilt = poll_fn(|cx| Poll::Ready(connection.poll_is_spoilt(cx))).await;
            if !is_spoilt {
                return Some(connection);
            }
        }
    }

    /// Takes a connection back whose last response is complete.
    pub(super) fn put(&self, mut connection: Connection) {
        connection.release_memory();
        let mut idle = self.lock();
        if idle.len() == IDLE_UPSTREAM_CONNECTIONS_MAX {
            idle.remove(0);
        }
        idle.push((connection, Instant::now()));
    }

    /// How many there are.
    pub fn idle(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Connection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
