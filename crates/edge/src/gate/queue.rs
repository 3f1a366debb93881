//! The queue before the app: at most as many requests in it as it has workers, the others wait here, in a fair order and
//! only when their turn will come in time.
//!
//! An app that is given more than it can do at once does all of it too late. Here a client waits its turn, or is told at
//! once that it would not come. Clients take turns, one request each, so that whoever sends a thousand delays the others
//! by one. Refreshes of stored responses have no client who waits; they get what is left over.
//!
//! Invariants: a permit is given for every admission and comes back by [`Queue::leave`], so there are never more than
//! [`QueueConfig::concurrency`], save after a [`Queue::resize`] to less; a client's request waits only while all of them
//! are out, so an idle app admits whatever was estimated before; a token that waits is given back exactly once, by
//! `leave`, `resize`, `expire` or `cancel`; nobody is admitted at or after their deadline.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Duration;

use crate::limits::{CONCURRENCY_MAX, WAITING_BACKGROUND_MAX, WAITING_MAX, WAITING_PER_CLIENT_MAX};

mod depths;
mod pace;
mod turns;

use pace::Pace;
use turns::Turns;

/// How many may be in the app, and how many may wait for it. Values out of range are brought into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueConfig {
    /// Requests in the app at once: its workers, times their threads. 1 to [`CONCURRENCY_MAX`].
    pub concurrency: usize,
    /// Requests of clients that wait. 0 to [`WAITING_MAX`].
    pub waiting_max: usize,
    /// Requests of one client that wait. 0 to [`WAITING_PER_CLIENT_MAX`]. Whatever it says, a client may not have more
    /// waiting than there is room left, so that one alone takes half the room, and two take a third each.
    pub waiting_per_client_max: usize,
    /// Refreshes that wait. 0 to [`WAITING_BACKGROUND_MAX`].
    pub waiting_background_max: usize,
}

impl QueueConfig {
    /// What fits an app with so many workers.
    pub fn for_workers(workers: usize) -> Self {
        Self {
            concurrency: workers,
            waiting_max: 1_024,
            waiting_per_client_max: 128,
            waiting_background_max: 64,
        }
    }
}

/// Who waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A client.
    Normal,
    /// Nobody: a stored response is refreshed. Admitted only when no client's request waits, and into a quarter of the
    /// permits at most, but at least one. When a client comes to wait for it after all, cancel it and let it arrive anew.
    Background,
}

/// Leave to be in the app. It goes back by [`Queue::leave`], whatever became of the request.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a permit that does not go back takes a worker away for good"]
pub struct Permit {
    class: Class,
}

/// The name of a request that waits. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(u64);

/// What becomes of a request that arrives.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "it may hold a permit"]
pub enum Arrival {
    /// It may go into the app. Its token is dropped.
    Admitted(Permit),
    /// It waits; its token comes back when that ends.
    Waiting(Ticket),
    /// It is refused. Its token is dropped.
    Shed(Reason),
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No more may wait.
    Full,
    /// No more of this client may wait.
    FullForClient,
    /// Its turn would not come in time.
    TooLate {
        /// When it would come; zero when nothing is known and the request cannot wait at all.
        expected_wait: Duration,
    },
}

/// A request that waited and is admitted.
#[derive(Debug, PartialEq, Eq)]
pub struct Admission<T> {
    /// What it arrived with.
    pub token: T,
    /// Its permit. If the client is gone by now, it goes straight back.
    pub permit: Permit,
    /// How long it waited.
    pub waited: Duration,
}

/// Whose wait is over.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "it holds permits and tokens"]
pub struct Wake<T> {
    /// In the order in which they are admitted.
    pub admitted: Vec<Admission<T>>,
    /// Those whose deadline has come.
    pub expired: Vec<T>,
}

/// How full it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests in the app, of both classes.
    pub in_app: usize,
    /// Refreshes among them.
    pub in_app_background: usize,
    /// Requests of clients that wait.
    pub waiting: usize,
    /// Refreshes that wait.
    pub waiting_background: usize,
}

#[derive(Debug)]
struct Waiter<C, T> {
    client: C,
    class: Class,
    arrived: Duration,
    deadline: Duration,
    token: T,
}

/// The queue. `C` names a client, `T` wakes a request that waits.
#[derive(Debug)]
pub struct Queue<C, T> {
    config: QueueConfig,
    in_app: usize,
    in_app_background: usize,
    ticket_next: u64,
    waiters: HashMap<Ticket, Waiter<C, T>>,
    /// Of all that wait.
    deadlines: BTreeSet<(Duration, Ticket)>,
    /// Of clients.
    turns: Turns<C>,
    /// Refreshes that wait, in the order of their arrival.
    background: BTreeSet<Ticket>,
    pace: Pace,
}

impl<C: Eq + Hash + Clone, T> Queue<C, T> {
    /// An empty one.
    pub fn new(config: QueueConfig) -> Self {
        let config = QueueConfig {
            concurrency: config.concurrency.clamp(1, CONCURRENCY_MAX),
            waiting_max: config.waiting_max.min(WAITING_MAX),
            waiting_per_client_max: config.waiting_per_client_max.min(WAITING_PER_CLIENT_MAX),
            waiting_background_max: config.waiting_background_max.min(WAITING_BACKGROUND_MAX),
        };
        Self {
            config,
            in_app: 0,
            in_app_background: 0,
            ticket_next: 0,
            waiters: HashMap::new(),
            deadlines: BTreeSet::new(),
            turns: Turns::new(config.waiting_per_client_max),
            background: BTreeSet::new(),
            pace: Pace::default(),
        }
    }

    /// A request arrives, and must be in the app before `deadline`.
    pub fn arrive(
        &mut self,
        client: C,
        class: Class,
        now: Duration,
        deadline: Duration,
        token: T,
    ) -> Arrival {
        if self.has_room(class) {
            return Arrival::Admitted(self.admit(class, now));
        }
        if let Some(reason) = self.reason_to_shed(&client, class, now, deadline) {
            return Arrival::Shed(reason);
        }
        let ticket = Ticket(self.ticket_next);
        self.ticket_next += 1;
        self.deadlines.insert((deadline, ticket));
        match class {
            Class::Normal => self.turns.push(&client, ticket),
            Class::Background => {
                self.background.insert(ticket);
            }
        }
        self.waiters.insert(ticket, Waiter { client, class, arrived: now, deadline, token });
        Arrival::Waiting(ticket)
    }

    /// A request has left the app, with its answer or without. `served_for` is the time that it kept a worker busy, or
    /// `None` when that says nothing about others: no connection, an upgraded one, a client who was slow to read.
    #[expect(clippy::needless_pass_by_value, reason = "a permit goes back once")]
    pub fn leave(&mut self, permit: Permit, now: Duration, served_for: Option<Duration>) -> Wake<T> {
        self.in_app = self.in_app.saturating_sub(1);
        if permit.class == Class::Background {
            self.in_app_background = self.in_app_background.saturating_sub(1);
        }
        self.pace.moved(now);
        if let Some(served_for) = served_for {
            self.pace.learn(served_for);
        }
        self.wake(now)
    }

    /// The client of a request that waits went away. `None` when it waits no more: it was admitted and has a permit to give
    /// back, or it expired.
    pub fn cancel(&mut self, ticket: Ticket) -> Option<T> {
        let waiter = self.forget(ticket)?;
        match waiter.class {
            Class::Normal => self.turns.remove(&waiter.client, ticket),
            Class::Background => {
                self.background.remove(&ticket);
            }
        }
        Some(waiter.token)
    }

    /// Those whose deadline has come, the earliest first. To be called at [`Queue::next_deadline`].
    pub fn expire(&mut self, now: Duration) -> Vec<T> {
        let mut expired = Vec::new();
        while let Some((deadline, ticket)) = self.deadlines.first().copied()
            && deadline <= now
        {
            self.deadlines.pop_first();
            expired.extend(self.cancel(ticket));
        }
        expired
    }

    /// The earliest deadline of those who wait.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// The app has more workers now, or fewer. Nobody is taken out of it.
    pub fn resize(&mut self, concurrency: usize, now: Duration) -> Wake<T> {
        self.config.concurrency = concurrency.clamp(1, CONCURRENCY_MAX);
        self.wake(now)
    }

    /// How full it is.
    pub fn counts(&self) -> Counts {
        Counts {
            in_app: self.in_app,
            in_app_background: self.in_app_background,
            waiting: self.turns.len(),
            waiting_background: self.background.len(),
        }
    }

    /// How long a request keeps a worker busy at present, on average; `None` before the first one.
    pub fn service_time(&self) -> Option<Duration> {
        self.pace.service_time()
    }

    /// Whether one of this class may go in. While a client's request waits no permit is free, so nobody passes it by.
    fn has_room(&self, class: Class) -> bool {
        let background_max = (self.config.concurrency / 4).max(1);
        self.in_app < self.config.concurrency
            && (class == Class::Normal || self.in_app_background < background_max)
    }

    fn admit(&mut self, class: Class, now: Duration) -> Permit {
        self.in_app += 1;
        self.in_app_background += usize::from(class == Class::Background);
        self.pace.moved(now);
        Permit { class }
    }

    fn reason_to_shed(&self, client: &C, class: Class, now: Duration, deadline: Duration) -> Option<Reason> {
        // What is left over for refreshes cannot be foretold.
        let expected_wait = match class {
            Class::Normal => self.pace.expected_wait(self.turns.ahead(client), self.config.concurrency, now),
            Class::Background => None,
        };
        let patience = deadline.saturating_sub(now);
        if patience.is_zero() || expected_wait.is_some_and(|wait| wait >= patience) {
            return Some(Reason::TooLate { expected_wait: expected_wait.unwrap_or_default() });
        }
        let of_client = self.turns.len_of(client);
        let room = self.config.waiting_max.saturating_sub(self.turns.len());
        match class {
            Class::Normal if room == 0 => Some(Reason::Full),
            Class::Normal if of_client >= self.config.waiting_per_client_max.min(room) => {
                Some(Reason::FullForClient)
            }
            Class::Background if self.background.len() >= self.config.waiting_background_max => {
                Some(Reason::Full)
            }
            _ => None,
        }
    }

    /// Gives the free permits to those who wait.
    fn wake(&mut self, now: Duration) -> Wake<T> {
        let expired = self.expire(now);
        let mut admitted = Vec::new();
        while let Some(ticket) = self.next_turn()
            && let Some(waiter) = self.forget(ticket)
        {
            let permit = self.admit(waiter.class, now);
            let waited = now.saturating_sub(waiter.arrived);
            admitted.push(Admission { token: waiter.token, permit, waited });
        }
        Wake { admitted, expired }
    }

    /// Whose turn it is, if there is a permit.
    fn next_turn(&mut self) -> Option<Ticket> {
        if self.turns.len() > 0 {
            return self.has_room(Class::Normal).then(|| self.turns.pop()).flatten();
        }
        self.has_room(Class::Background).then(|| self.background.pop_first()).flatten()
    }

    fn forget(&mut self, ticket: Ticket) -> Option<Waiter<C, T>> {
        let waiter = self.waiters.remove(&ticket)?;
        self.deadlines.remove(&(waiter.deadline, ticket));
        Some(waiter)
    }
}

#[cfg(test)]
mod tests;
