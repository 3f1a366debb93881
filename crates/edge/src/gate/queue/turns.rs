//! The order in which clients take turns. Every operation takes time logarithmic in what waits.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use super::Ticket;
use super::depths::Depths;

/// Who waits: each client once, with its requests in the order of their arrival.
///
/// A client who joins, or whose request was just admitted, stands last. One that takes a request back keeps its place, so
/// that a page that is reloaded does not fall behind.
#[derive(Clone, Debug)]
pub(super) struct Turns<C> {
    turn_next: u64,
    lines: BTreeMap<u64, Line<C>>,
    /// The turn of each client.
    turn_of: HashMap<C, u64>,
    depths: Depths,
    len: usize,
}

#[derive(Clone, Debug)]
struct Line<C> {
    client: C,
    /// Never empty.
    tickets: BTreeSet<Ticket>,
}

impl<C: Eq + Hash + Clone> Turns<C> {
    /// For at most this many requests of one client.
    pub(super) fn new(per_client_max: usize) -> Self {
        Self {
            turn_next: 0,
            lines: BTreeMap::new(),
            turn_of: HashMap::new(),
            depths: Depths::new(per_client_max),
            len: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn len_of(&self, client: &C) -> usize {
        self.line(client).map_or(0, |line| line.tickets.len())
    }

    /// How many requests have their turn before one of this client that would come now. Of the others whose turn in its
    /// last round is before or after this client's, all count as before: it may be up to a round too many.
    pub(super) fn ahead(&self, client: &C) -> usize {
        self.depths.up_to(self.len_of(client) + 1)
    }

    pub(super) fn push(&mut self, client: &C, ticket: Ticket) {
        let known = self.turn_of.get(client).and_then(|turn| self.lines.get_mut(turn));
        let depth = if let Some(line) = known {
            line.tickets.insert(ticket);
            line.tickets.len()
        } else {
            self.stand_last(Line { client: client.clone(), tickets: BTreeSet::from([ticket]) });
            1
        };
        self.depths.raise(depth);
        self.len += 1;
    }

    /// The request whose turn it is.
    pub(super) fn pop(&mut self) -> Option<Ticket> {
        let (_, mut line) = self.lines.pop_first()?;
        self.depths.lower(line.tickets.len());
        let ticket = line.tickets.pop_first()?;
        self.len -= 1;
        if line.tickets.is_empty() {
            self.turn_of.remove(&line.client);
        } else {
            self.stand_last(line);
        }
        Some(ticket)
    }

    /// Takes out a request that waits.
    pub(super) fn remove(&mut self, client: &C, ticket: Ticket) {
        let Some(turn) = self.turn_of.get(client).copied() else { return };
        let Some(line) = self.lines.get_mut(&turn) else { return };
        let depth = line.tickets.len();
        if !line.tickets.remove(&ticket) {
            return;
        }
        self.depths.lower(depth);
        self.len -= 1;
        if line.tickets.is_empty() {
            self.lines.remove(&turn);
            self.turn_of.remove(client);
        }
    }

    fn line(&self, client: &C) -> Option<&Line<C>> {
        self.lines.get(self.turn_of.get(client)?)
    }

    fn stand_last(&mut self, line: Line<C>) {
        self.turn_of.insert(line.client.clone(), self.turn_next);
        self.lines.insert(self.turn_next, line);
        self.turn_next += 1;
    }
}

#[cfg(test)]
mod tests;
