//! A stored response.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use bytes::Bytes;

use super::UnixMs;
use super::freshness::Timing;
use super::tags::Labels;
use super::vary::Variant;
use crate::esi::Document;
use crate::http::head::write_status_line;
use crate::http::{Fields, Name, list};

/// Uses after which one more makes no difference to what is evicted.
const USES_MAX: u8 = 3;

/// A complete response that many may see.
#[derive(Debug)]
pub struct Stored {
    /// Its status.
    pub status: u16,
    /// The words after it.
    pub reason: Box<[u8]>,
    /// What is sent with it, but for what each answer says anew: `Age`, `Cache-Status`, `Connection`.
    pub fields: Fields,
    /// The status line and the fields, as HTTP/1.1 has them.
    pub head: Box<[u8]>,
    /// All of it, as the app sent it.
    pub body: Bytes,
    /// How it ages.
    pub timing: Timing,
    /// What it depends upon besides its key.
    pub variant: Variant,
    /// The app's tags.
    pub labels: Labels,
    /// Hashes of all names that it can be purged by.
    pub tags: Box<[u64]>,
    /// Whether those may see it, too, who are somebody to the app.
    pub is_for_everyone: bool,
    /// Where fragments are put into it, if it is a page that is put together.
    pub document: Option<Arc<Document>>,
    /// What it weighs, in bytes, with an estimate of what keeping it costs.
    pub bytes: usize,
    uses: AtomicU8,
    is_purged: AtomicBool,
    is_refreshing: AtomicBool,
}

/// What a stored response is made from.
#[derive(Debug)]
pub struct Parts {
    /// Its status.
    pub status: u16,
    /// The words after it.
    pub reason: Vec<u8>,
    /// All its fields, as the app sent them.
    pub fields: Fields,
    /// All of its body.
    pub body: Bytes,
    /// How it ages.
    pub timing: Timing,
    /// What it depends upon besides its key.
    pub variant: Variant,
    /// The app's tags.
    pub labels: Labels,
    /// Hashes of all names that it can be purged by.
    pub tags: Vec<u64>,
    /// Whether those may see it, too, who are somebody to the app.
    pub is_for_everyone: bool,
    /// Where fragments are put into it, if it is a page that is put together.
    pub document: Option<Arc<Document>>,
}

/// What an entry costs beside its texts: two tables, a queue, allocations.
const OVERHEAD_BYTES: usize = 512;

impl Stored {
    /// Makes an entry for a key of so many bytes.
    pub fn new(parts: Parts, key_bytes: usize) -> Self {
        let Parts {
            status,
            reason,
            mut fields,
            body,
            timing,
            variant,
            labels,
            tags,
            is_for_everyone,
            document,
        } = parts;
        fields.remove_hop_by_hop();
        for name in [Name::Age, Name::CacheStatus] {
            fields.remove(name);
        }
        if status != 204 {
            let mut length = Vec::new();
            list::write_number(body.len() as u64, &mut length);
            fields.set(Name::ContentLength, &length);
        }
        let mut head = Vec::with_capacity(fields.bytes() + fields.len() * 4 + 64);
        write_status_line(status, &reason, &mut head);
        fields.write(&mut head);
        let texts = key_bytes + 2 * head.len() + body.len() + labels.as_bytes().len();
        let bytes = OVERHEAD_BYTES + texts + variant.bytes() + tags.len() * 8;
        Self {
            status,
            reason: reason.into(),
            fields,
            head: head.into(),
            body,
            timing,
            variant,
            labels,
            tags: tags.into(),
            is_for_everyone,
            document,
            bytes,
            uses: AtomicU8::new(0),
            is_purged: AtomicBool::new(false),
            is_refreshing: AtomicBool::new(false),
        }
    }

    /// Whether it may be served without asking anybody.
    pub fn is_fresh(&self, now: UnixMs) -> bool {
        self.timing.is_fresh(now) && !self.is_purged()
    }

    /// Whether it was purged softly: it is as stale as something can be.
    pub fn is_purged(&self) -> bool {
        self.is_purged.load(Ordering::Relaxed)
    }

    /// Makes it stale, so that it is still there when the app is not.
    pub fn purge_softly(&self) {
        self.is_purged.store(true, Ordering::Relaxed);
    }

    /// Notes that it was used, for what is evicted next.
    pub fn note_use(&self) {
        let uses = self.uses.load(Ordering::Relaxed);
        if uses < USES_MAX {
            self.uses.store(uses + 1, Ordering::Relaxed);
        }
    }

    /// Uses since it was last asked for them.
    pub(super) fn take_use(&self) -> bool {
        let uses = self.uses.load(Ordering::Relaxed);
        self.uses.store(uses.saturating_sub(1), Ordering::Relaxed);
        uses > 0
    }

    /// Whether the caller is the one to refresh it: of all who see that it is stale, one.
    pub fn begin_refresh(&self) -> bool {
        !self.is_refreshing.swap(true, Ordering::AcqRel)
    }

    /// Lets another one try.
    pub fn end_refresh(&self) {
        self.is_refreshing.store(false, Ordering::Release);
    }
}
