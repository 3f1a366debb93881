//! Stored texts, compressed once for all clients that take them so.
//!
//! A hit is never kept waiting: until a form is made, the client gets the best of those that are, or the original. What
//! nobody asks for a second time is never compressed.
//!
//! Invariants: of all who miss a form, one makes it; at most [`COMPRESSIONS_AT_ONCE_MAX`] are made at once, beside the
//! threads that serve; the app's own bytes stay as they are.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::cache::coding::{Coding, Taken};
use crate::cache::stored::Stored;
use crate::cache::stored::compressed::MADE;
use crate::edge::Edge;
use crate::http::{Fields, Name};
use crate::limits::COMPRESSIONS_AT_ONCE_MAX;

/// Brotli's quality, of 11. From 5 on it models contexts, which makes pages some 15 % smaller than gzip does, in about the
/// time that gzip takes; above it each step costs twice the time for one or two per cent.
const BROTLI_QUALITY: i32 = 5;

/// gzip's level, of 9, which is also its usual one: above it pages stay as large.
const GZIP_LEVEL: u32 = 6;

/// Brotli's window is as large as the body, between these powers of two: a larger one costs memory and finds nothing.
const BROTLI_WINDOW_BITS: std::ops::RangeInclusive<u32> = 16..=22;

/// Makes compressed forms, a few at once.
#[derive(Debug)]
pub struct Compressor {
    slots: Arc<Semaphore>,
    done: AtomicU64,
}

impl Default for Compressor {
    fn default() -> Self {
        Self { slots: Arc::new(Semaphore::new(COMPRESSIONS_AT_ONCE_MAX)), done: AtomicU64::new(0) }
    }
}

impl Compressor {
    /// Bodies that were compressed so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }
}

/// What a client is given of a stored response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Choice {
    /// The coding; `None` for the original.
    pub(crate) coding: Option<Coding>,
    /// Whether the original is one of several forms, and the app does not say so.
    pub(crate) adds_vary: bool,
    /// A form that would be better and is not made yet.
    pub(crate) misses: Option<Coding>,
}

/// Chooses for a client. Parts are taken from the original, whatever the client takes.
pub(crate) fn choose(stored: &Stored, request: &Fields) -> Choice {
    if !stored.compressed.is_allowed() {
        return Choice::default();
    }
    let mut choice = Choice::default();
    if !request.has(Name::Range) {
        for coding in Taken::of(request).preferred().filter(|coding| MADE.contains(coding)) {
            match stored.compressed.outcome(coding) {
                Some(Some(_)) => {
                    choice.coding = Some(coding);
                    break;
                }
                Some(None) => {}
                None => choice.misses = choice.misses.or(Some(coding)),
            }
        }
    }
    choice.adds_vary = choice.coding.is_none() && stored.compressed.lacks_vary();
    choice
}

/// Makes a form that somebody missed, unless another one does or too many are being made: then a later hit tries again.
/// To be called on a thread of the edge.
pub(crate) fn make(edge: &Arc<Edge>, hash: u64, stored: &Arc<Stored>, coding: Coding) {
    if !stored.compressed.begin(coding) {
        return;
    }
    let Ok(slot) = Arc::clone(&edge.compressor.slots).try_acquire_owned() else {
        return stored.compressed.give_up(coding);
    };
    let (edge, stored) = (Arc::clone(edge), Arc::clone(stored));
    spawn_blocking(move || {
        let body = compressed(coding, &stored.body).map(Bytes::from);
        edge.compressor.done.fetch_add(1, Ordering::Relaxed);
        edge.store.add_compressed(hash, &stored, coding, body);
        drop(slot);
    });
}

/// The bytes in a coding; `None` in one that is not made.
fn compressed(coding: Coding, bytes: &[u8]) -> Option<Vec<u8>> {
    let into = Vec::with_capacity(bytes.len() / 4);
    let done = match coding {
        Coding::Brotli => brotli(bytes, into),
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(into, Compression::new(GZIP_LEVEL));
            encoder.write_all(bytes).and_then(|()| encoder.finish())
        }
        Coding::Zstd => return None,
    };
    // Writing into memory does not fail; if it did, the original is as good.
    done.ok().map(|mut done| {
        done.shrink_to_fit();
        done
    })
}

fn brotli(bytes: &[u8], mut into: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let bits = (usize::BITS - bytes.len().leading_zeros())
        .clamp(*BROTLI_WINDOW_BITS.start(), *BROTLI_WINDOW_BITS.end());
    let parameters = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: bits.cast_signed(),
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut into, &parameters)?;
    Ok(into)
}

#[cfg(test)]
mod tests;
