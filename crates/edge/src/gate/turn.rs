//! A request's turn in the app: waited for, and given back whatever becomes of the request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Queue;
use super::queue::{Arrival, Class, Permit, QueueConfig, Reason, Ticket, Wake};
use crate::config::GateConfig;
use crate::limits::WAITING_BACKGROUND_MAX;

/// Where requests wait for their turn.
#[derive(Debug)]
pub struct Turns {
    queue: Mutex<Queue<u64, oneshot::Sender<Turn>>>,
    started: Instant,
}

/// Leave to ask the app. It goes back when this is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Arc<Turns>,
    permit: Option<Permit>,
    began: Instant,
    /// How long it was waited for.
    pub waited: Duration,
}

/// A request that is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shed {
    /// How long it waited in vain.
    pub waited: Duration,
    /// When it is worth to ask again.
    pub retry_after: Duration,
}

/// A request that waits. If it is given up, so is its place.
struct Waiting<'a> {
    turns: &'a Arc<Turns>,
    ticket: Ticket,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        // Whoever was admitted just now gives the turn back by dropping it.
        drop(self.turns.lock().cancel(self.ticket));
    }
}

impl Turns {
    /// A queue for an app that takes so many at once.
    pub fn new(config: &GateConfig) -> Self {
        let config = QueueConfig {
            concurrency: config.concurrency,
            waiting_max: config.waiting_max,
            waiting_per_client_max: config.waiting_per_client_max,
            waiting_background_max: WAITING_BACKGROUND_MAX,
        };
        Self { queue: Mutex::new(Queue::new(config)), started: Instant::now() }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// When it does not come in time, or would not.
    pub async fn wait(self: &Arc<Self>, client: u64, class: Class, patience: Duration) -> Result<Turn, Shed> {
        let arrived = Instant::now();
        let now = arrived - self.started;
        let (sender, mut receiver) = oneshot::channel();
        let arrival = self.lock().arrive(client, class, now, now + patience, sender);
        let ticket = match arrival {
            Arrival::Admitted(permit) => return Ok(self.turn(permit, Duration::ZERO)),
            Arrival::Shed(reason) => {
                return Err(Shed { waited: Duration::ZERO, retry_after: retry_after(reason, patience) });
            }
            Arrival::Waiting(ticket) => ticket,
        };
        let waiting = Waiting { turns: self, ticket };
        let turn = tokio::time::timeout_at(arrived + patience, &mut receiver).await;
        drop(waiting);
        match turn {
            Ok(Ok(turn)) => Ok(turn),
            // It came in the moment in which nobody waited for it any more, or it never came.
            _ => receiver.try_recv().map_err(|_| Shed { waited: arrived.elapsed(), retry_after: patience }),
        }
    }

    /// Requests that are in the app, and that wait.
    pub fn counts(&self) -> (usize, usize) {
        let counts = self.lock().counts();
        (counts.in_app, counts.waiting + counts.waiting_background)
    }

    /// Takes another number of requests at once.
    pub fn resize(self: &Arc<Self>, concurrency: usize) {
        let wake = self.lock().resize(concurrency, self.started.elapsed());
        self.wake(wake);
    }

    fn turn(self: &Arc<Self>, permit: Permit, waited: Duration) -> Turn {
        Turn { turns: Arc::clone(self), permit: Some(permit), began: Instant::now(), waited }
    }

    /// Hands turns to those who waited. One who has gone gives it back, and the next one gets it.
    fn wake(self: &Arc<Self>, wake: Wake<oneshot::Sender<Turn>>) {
        let mut wakes = vec![wake];
        while let Some(Wake { admitted, expired }) = wakes.pop() {
            // Dropped, they tell whoever waits that there is no turn.
            drop(expired);
            for admission in admitted {
                let turn = self.turn(admission.permit, admission.waited);
                if let Err(mut turn) = admission.token.send(turn)
                    && let Some(permit) = turn.permit.take()
                {
                    wakes.push(self.lock().leave(permit, self.started.elapsed(), None));
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue<u64, oneshot::Sender<Turn>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            let wake =
                self.turns.lock().leave(permit, self.turns.started.elapsed(), Some(self.began.elapsed()));
            self.turns.wake(wake);
        }
    }
}

/// When a client may ask again, in whole seconds from 1.
fn retry_after(reason: Reason, patience: Duration) -> Duration {
    match reason {
        Reason::TooLate { expected_wait } if !expected_wait.is_zero() => expected_wait,
        Reason::TooLate { .. } | Reason::Full | Reason::FullForClient => patience,
    }
}

#[cfg(test)]
mod tests;
