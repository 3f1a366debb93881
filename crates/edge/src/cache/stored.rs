//! A stored response.

pub mod compressed;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use bytes::Bytes;

use self::compressed::{Compressed, MADE, Representation};
use super::UnixMs;
use super::coding::Coding;
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
    /// What it weighs as the app sent it, in bytes, with an estimate of what keeping it costs.
    pub bytes: usize,
    /// What it is to those who take it compressed.
    pub compressed: Compressed,
    /// What the compressed forms weigh, in bytes.
    compressed_bytes: AtomicUsize,
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

/// One form of a stored response: as the app sent it, or compressed.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// What is sent with it.
    pub fields: &'a Fields,
    /// The status line and the fields, as HTTP/1.1 has them.
    pub head: &'a [u8],
    /// All of it.
    pub body: &'a Bytes,
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
            compressed: Compressed::none(status, &fields, body.len(), document.is_none()),
            compressed_bytes: AtomicUsize::new(0),
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

    /// What it weighs now, in bytes.
    pub fn weight(&self) -> usize {
        self.bytes + self.compressed_bytes.load(Ordering::Relaxed)
    }

    /// The form in a coding, or as the app sent it where there is none.
    pub fn form(&self, coding: Option<Coding>) -> Form<'_> {
        match coding.and_then(|coding| self.compressed.get(coding)) {
            Some(Representation { fields, head, body }) => Form { fields, head, body },
            None => Form { fields: &self.fields, head: &self.head, body: &self.body },
        }
    }

    /// Keeps a compressed body, or the knowledge that it is not smaller. Returns by how many bytes this is heavier now. Who
    /// has it in a [`super::store::Store`] calls that one's.
    pub(super) fn add_compressed(&self, coding: Coding, body: Option<Bytes>) -> usize {
        let body = body.filter(|body| body.len() < self.body.len());
        let lacks_vary = self.compressed.lacks_vary();
        let form = body.map(|body| {
            Representation::new(self.status, &self.reason, &self.fields, lacks_vary, coding, body)
        });
        let bytes = self.compressed.put(coding, form);
        self.compressed_bytes.fetch_add(bytes, Ordering::Relaxed);
        bytes
    }

    /// Takes over what is known of compressing the same body: before it goes into a store.
    pub fn inherit(&self, other: &Self) {
        let is_same = self.body.as_ptr() == other.body.as_ptr() && self.body.len() == other.body.len();
        if !is_same || !self.compressed.is_allowed() {
            return;
        }
        for coding in MADE {
            if let Some(form) = other.compressed.outcome(coding) {
                self.add_compressed(coding, form.map(|form| form.body.clone()));
            }
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
