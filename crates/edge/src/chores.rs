//! What is done beside serving, in a thread of its own: looks at the app's health, numbers for Prometheus, orders.

use std::io;
use std::sync::Arc;
use std::thread::Builder;

use tokio::runtime;
use tokio::time::{Instant, interval_at};

use crate::config::Health;
use crate::edge::Edge;
use crate::limits::HEALTH_PATIENCE;
use crate::upstream::health;

/// Starts the thread; it ends with the edge.
///
/// # Errors
/// When the system gives no thread.
pub fn start(edge: Arc<Edge>) -> io::Result<()> {
    Builder::new().name("edge-chores".to_owned()).spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        runtime.block_on(async {
            tokio::select! {
                () = edge.drained() => {}
                () = look_at_health(&edge) => {}
            }
        });
        io::Result::Ok(())
    })?;
    Ok(())
}

/// Looks at each server, again and again; without a path to ask for, all are taken to be well.
async fn look_at_health(edge: &Edge) {
    loop {
        let config = edge.config();
        let Some(Health { path, interval }) = &config.health else {
            // It may be configured later.
            tokio::time::sleep(HEALTH_PATIENCE).await;
            continue;
        };
        let mut ticks = interval_at(Instant::now(), *interval);
        let generation = edge.generation();
        while edge.generation() == generation {
            ticks.tick().await;
            for server in edge.servers().iter() {
                server.set_well(health::look(server, path, HEALTH_PATIENCE.min(*interval * 4)).await);
            }
        }
    }
}
