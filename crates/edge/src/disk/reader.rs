//! Threads that read files: a disk that is slow keeps none of those waiting who serve.

use std::collections::HashMap;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;

use bytes::Bytes;
use tokio::sync::watch;

use super::Shared;
use super::file::{self, Head};
use super::index::Answer;
use super::name::Name;
use crate::cache::store::Fill;
use crate::cache::stored::{Parts, Stored};
use crate::cache::storing::Refusal;
use crate::cache::tags;
use crate::esi;
use crate::limits::{DISK_READERS, DISK_READS_WAITING_MAX};

/// What a file was found to hold; `None` as long as that is not known, and when it is of no use.
pub(super) type Found = Option<Arc<Stored>>;

/// A file that is to be read.
#[derive(Debug)]
struct Read {
    answer: Answer,
    /// Begun before the file was looked for: what is purged since then is not served.
    fill: Fill,
    done: watch::Sender<Found>,
}

/// Files that are being read: who wants one of them waits for that, and does not read it again.
#[derive(Debug)]
pub(super) struct Reading {
    queue: SyncSender<Read>,
    under_way: Arc<UnderWay>,
}

type UnderWay = Mutex<HashMap<Name, watch::Receiver<Found>>>;

impl Reading {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives none.
    pub(super) fn start(shared: &Arc<Shared>) -> io::Result<Self> {
        let (queue, reads) = sync_channel(DISK_READS_WAITING_MAX);
        let (reads, under_way) = (Arc::new(Mutex::new(reads)), Arc::default());
        for number in 0..DISK_READERS {
            let (shared, reads) = (Arc::clone(shared), Arc::clone(&reads));
            let under_way = Arc::clone(&under_way);
            let name = format!("edge-disk-read-{number}");
            Builder::new().name(name).spawn(move || run(&shared, &reads, &under_way))?;
        }
        Ok(Self { queue, under_way })
    }

    /// Begins to read a file, or joins those who wait for it; `None` when too many are being read.
    pub(super) fn join(&self, answer: Answer, fill: Fill) -> Option<watch::Receiver<Found>> {
        let mut under_way = lock(&self.under_way);
        if let Some(found) = under_way.get(&answer.name) {
            return Some(found.clone());
        }
        let (done, found) = watch::channel(None);
        self.queue.try_send(Read { answer, fill, done }).ok()?;
        under_way.insert(answer.name, found.clone());
        Some(found)
    }
}

fn run(shared: &Shared, reads: &Mutex<Receiver<Read>>, under_way: &UnderWay) {
    loop {
        // One waits for the next file, the others for their turn to do so.
        let Ok(next) = lock(reads).recv() else { return };
        let found = read(shared, &next);
        lock(under_way).remove(&next.answer.name);
        next.done.send_replace(found);
    }
}

fn read(shared: &Shared, read: &Read) -> Found {
    let name = read.answer.name;
    let bytes = match shared.directory.read(name) {
        Ok(bytes) => Bytes::from(bytes),
        Err(error) => {
            if error.kind() == io::ErrorKind::NotFound {
                shared.discard(read.answer);
            } else {
                shared.counts.failed.add();
            }
            return None;
        }
    };
    let opened = file::decode(name, &bytes).ok().and_then(|(head, body)| open(shared, head, body));
    let Some((key, stored)) = opened else {
        shared.counts.corrupt.add();
        shared.discard(read.answer);
        return None;
    };
    // What the clock has not reached yet says nothing of its age.
    if read.answer.is_stale || stored.timing.responded > shared.clock.now() {
        stored.purge_softly();
    }
    match shared.store.restore(read.fill, shared.store.hash(&key), &key, &stored) {
        Err(Refusal::Purged) => None,
        // What the memory has no room for answers those who wait.
        Ok(()) | Err(_) => Some(stored),
    }
}

/// A response as it was before it was written; `None` when it can no longer be put together.
fn open(shared: &Shared, head: Head, body: Bytes) -> Option<(Vec<u8>, Arc<Stored>)> {
    let document = if head.is_composed { Some(Arc::new(esi::parse(&body).ok()?)) } else { None };
    let fields = head.response.fields;
    let tags = tags::hashes(&head.key, &fields, &head.labels, |text| shared.store.hash(text));
    let parts = Parts {
        status: head.response.status,
        reason: head.response.reason,
        fields,
        body,
        timing: head.timing,
        variant: head.variant,
        labels: head.labels,
        tags,
        is_for_everyone: head.is_for_everyone,
        document,
    };
    let stored = Stored::new(parts, head.key.len());
    if head.is_stale {
        stored.purge_softly();
    }
    Some((head.key, Arc::new(stored)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
