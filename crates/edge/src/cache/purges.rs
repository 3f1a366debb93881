//! What was purged lately: a response that was on its way then is not kept.

use std::collections::VecDeque;

use crate::limits::PURGES_REMEMBERED_MAX;

/// What is to be purged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purge {
    /// What has a tag, by its hash; the URL is a tag of everything that is stored under it.
    Tag(u64),
    /// What has a path, by its hash, whatever its host and its query.
    Path(u64),
    /// All there is.
    All,
}

impl Purge {
    /// Whether a response with such tags and such a path is meant.
    pub(crate) fn concerns(self, tags: &[u64], path: u64) -> bool {
        match self {
            Self::Tag(tag) => tags.contains(&tag),
            Self::Path(purged) => purged == path,
            Self::All => true,
        }
    }
}

/// What becomes of a response that was on its way while something was purged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// No purge concerns it.
    Kept,
    /// It is stale.
    Stale,
    /// It is gone.
    Gone,
}

/// The last purges, in their order.
#[derive(Debug, Default)]
pub(crate) struct Purges {
    next: u64,
    recent: VecDeque<(Purge, bool)>,
}

impl Purges {
    /// How many there were: what begins now is checked against those that follow.
    pub(crate) fn count(&self) -> u64 {
        self.next
    }

    /// Adds one.
    pub(crate) fn remember(&mut self, purge: Purge, is_soft: bool) {
        self.next += 1;
        self.recent.push_back((purge, is_soft));
        if self.recent.len() > PURGES_REMEMBERED_MAX {
            self.recent.pop_front();
        }
    }

    /// What the purges since then mean for such a response. One that is no longer remembered may have meant it.
    pub(crate) fn fate_since(&self, began: u64, tags: &[u64], path: u64) -> Fate {
        let since = usize::try_from(self.next - began).unwrap_or(usize::MAX);
        if since > self.recent.len() {
            return Fate::Gone;
        }
        let concerning = self.recent.iter().rev().take(since).filter(|(purge, _)| purge.concerns(tags, path));
        let fate = |(_, is_soft): &(Purge, bool)| if *is_soft { Fate::Stale } else { Fate::Gone };
        concerning.map(fate).max().unwrap_or(Fate::Kept)
    }
}

#[cfg(test)]
mod tests;
