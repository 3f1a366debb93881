//! The thread that owns the directory: it alone writes and deletes files, one after the other.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use super::directory::Taken;
use super::file::{self, About, FileError, Head};
use super::index::{Entry, Errand};
use super::name::Name;
use super::{Keep, Mark, Shared, Worth};
use crate::cache::UnixMs;
use crate::cache::purges::Fate;
use crate::cache::tags;
use crate::http::Name as FieldName;
use crate::limits::{DISK_LIFETIME_S_MIN, DISK_RETRY_INTERVAL};

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Job {
    /// Write a response, unless it is purged since then.
    Write(Keep, Mark),
    /// There are errands.
    Look,
    /// End, after all that was told before.
    End,
}

/// Whether the thread goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Goes,
    Ends,
}

#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) shared: Arc<Shared>,
    pub(super) jobs: Receiver<Job>,
}

impl Keeper {
    /// Does what it is told until the end.
    pub(super) fn run(&self) {
        let Some(_taken) = self.take() else { return };
        let mut next = self.scan();
        while next == Next::Goes {
            self.run_errands();
            next = self.jobs.recv().map_or(Next::Ends, |job| self.carry_out(job));
        }
        self.run_errands();
    }

    /// Takes the directory, as soon as it can be had; until then nothing is kept. `None` at the end.
    fn take(&self) -> Option<Taken> {
        loop {
            match self.shared.directory.take() {
                Ok(taken) => return Some(taken),
                // Another process has it: the one that this one takes the place of.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => self.shared.counts.failed.add(),
            }
            let again = Instant::now() + DISK_RETRY_INTERVAL;
            loop {
                match self.jobs.recv_timeout(again.saturating_duration_since(Instant::now())) {
                    Ok(Job::Write(keep, _)) => self.shared.drop_write(&keep),
                    Ok(Job::Look) => {}
                    Ok(Job::End) | Err(RecvTimeoutError::Disconnected) => return None,
                    Err(RecvTimeoutError::Timeout) => break,
                }
            }
        }
    }

    /// Takes note of the files that are there. Between them, it does what it is told.
    fn scan(&self) -> Next {
        let mut next = Next::Goes;
        for leaf in 0..=u8::MAX {
            for name in self.shared.directory.list(leaf) {
                // At the end it is needed only to find what was purged.
                let is_needed =
                    !self.shared.is_ending.load(Ordering::Relaxed) || self.shared.index().purges() > 0;
                if is_needed {
                    self.adopt(name);
                }
            }
            self.run_errands();
            while let Ok(job) = self.jobs.try_recv() {
                if self.carry_out(job) == Next::Ends {
                    // The last job: what follows are the files that are left.
                    next = Next::Ends;
                }
            }
        }
        self.shared.is_scanned.send_replace(true);
        next
    }

    /// Takes note of a file that an earlier process has written, as if that had begun with this one: what was purged
    /// since is not served.
    fn adopt(&self, name: Name) {
        if self.shared.index().has(name) {
            return;
        }
        let Ok(beginning) = self.shared.directory.read_beginning(name) else {
            return self.shared.counts.failed.add();
        };
        let head = match file::decode_head(name, &beginning.bytes, beginning.file_bytes) {
            Ok(head) => head,
            Err(error) => return self.throw_away(name, Some(error)),
        };
        let now = self.shared.clock.now();
        if is_spent(&head, now) {
            return self.throw_away(name, None);
        }
        let hash = |text: &[u8]| self.shared.store.hash(text);
        let entry = Entry {
            rules: head.rules,
            path: self.shared.store.path_hash(&head.key),
            tags: tags::hashes(&head.key, &head.response.fields, &head.labels, hash).into(),
            key: head.key.into(),
            variant: head.variant,
            is_for_everyone: head.is_for_everyone,
            is_saved: head.is_saved,
            is_stale: head.is_stale,
            file_bytes: beginning.file_bytes,
            written: beginning.written,
            used: beginning.written,
            edition: 0,
        };
        let mut index = self.shared.index();
        if index.make_room(&entry) {
            index.insert(name, entry, 0);
        } else {
            index.put_back(name);
        }
    }

    /// Deletes a file that is of no use.
    fn throw_away(&self, name: Name, error: Option<FileError>) {
        if error.is_some() {
            self.shared.counts.corrupt.add();
        }
        self.shared.index().put_back(name);
    }

    /// Does what it is told.
    pub(super) fn carry_out(&self, job: Job) -> Next {
        match job {
            Job::Write(keep, mark) => {
                let written = self.write(&keep, mark);
                self.shared.end_write(&keep);
                if written.is_err() {
                    self.shared.counts.failed.add();
                }
                Next::Goes
            }
            Job::Look => Next::Goes,
            Job::End => Next::Ends,
        }
    }

    fn write(&self, keep: &Keep, mark: Mark) -> io::Result<()> {
        let Keep { stored, key, rules, worth } = keep;
        let name = Name::of(*rules, key, &stored.variant);
        let Worth { is_saved, is_brief } = *worth;
        let is_stale = stored.is_purged();
        let about = About { key, rules: *rules, is_saved, is_stale };
        let Some(head) = file::encode(stored, &about) else { return Ok(()) };
        let now = self.shared.clock.now();
        let entry = Entry {
            rules: *rules,
            path: self.shared.store.path_hash(key),
            tags: stored.tags.clone(),
            key: key.as_slice().into(),
            variant: stored.variant.clone(),
            is_for_everyone: stored.is_for_everyone,
            is_saved,
            is_stale,
            file_bytes: (head.len() + stored.body.len()) as u64,
            written: now,
            used: now,
            edition: 0,
        };
        {
            let mut index = self.shared.index();
            let is_gone = index.fate_since(mark.0, &entry.tags, entry.path) == Fate::Gone;
            let since = now.saturating_sub(DISK_LIFETIME_S_MIN * 1_000);
            let is_again = is_brief && index.has_since(name, since);
            if is_gone || is_again || !index.make_room(&entry) {
                return Ok(());
            }
        }
        // What was evicted goes before there is something in its place.
        self.run_errands();
        self.shared.directory.write(name, [&head, &stored.body])?;
        if self.shared.index().insert(name, entry, mark.0) != Fate::Gone {
            self.shared.counts.written.add();
        }
        Ok(())
    }

    /// Deletes and marks files.
    pub(super) fn run_errands(&self) {
        let errands = self.shared.index().take_errands();
        for (name, errand) in errands {
            let done = match errand {
                Errand::Delete => self.shared.directory.remove(name),
                Errand::MarkStale => self.shared.directory.mark_stale(name),
            };
            if done.is_err() {
                self.shared.counts.failed.add();
                self.shared.index().put_back(name);
            }
        }
    }
}

/// Whether a response is too old for anything, and nobody can be asked whether it still holds.
fn is_spent(head: &Head, now: UnixMs) -> bool {
    let fields = &head.response.fields;
    let has_validator = fields.has(FieldName::Etag) || fields.has(FieldName::LastModified);
    head.timing.is_useless(now) && !has_validator
}

#[cfg(test)]
mod tests;
