//! A body that is on its way to many: written once, read by each at its own pace.
//!
//! While it is meant to be stored, all of it is kept, and the writer does not wait for anybody. When it turns out to be too
//! large for that, what everybody has read goes, and the writer waits for the slowest.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::limits::STREAM_WINDOW_BYTES;

/// The body.
#[derive(Debug)]
pub(crate) struct SharedBody {
    state: Mutex<State>,
    has_more: Notify,
    has_room: Notify,
}

#[derive(Debug)]
struct State {
    chunks: VecDeque<Bytes>,
    /// Chunks that are gone from the front.
    gone: usize,
    /// Bytes in `chunks`.
    bytes: usize,
    end: Option<Ending>,
    is_kept: bool,
    /// Bytes that may wait for the slowest reader when not all are kept.
    window_bytes: usize,
    /// The next chunk of each reader.
    readers: HashMap<u64, usize>,
    next_reader: u64,
}

/// How a body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All of it came.
    Complete,
    /// The app broke off.
    Broken,
}

impl Default for SharedBody {
    fn default() -> Self {
        let state = State {
            chunks: VecDeque::new(),
            gone: 0,
            bytes: 0,
            end: None,
            is_kept: true,
            window_bytes: STREAM_WINDOW_BYTES,
            readers: HashMap::new(),
            next_reader: 0,
        };
        Self { state: Mutex::new(state), has_more: Notify::new(), has_room: Notify::new() }
    }
}

impl SharedBody {
    /// A body for one reader, who may be slower than the app by so many bytes.
    pub(crate) fn ahead_of_one(window_bytes: usize) -> Self {
        let body = Self::default();
        {
            let mut state = body.lock();
            state.is_kept = false;
            state.window_bytes = window_bytes;
        }
        body
    }

    /// Adds a chunk; it is not empty.
    pub(crate) fn push(&self, chunk: Bytes) {
        let mut state = self.lock();
        state.bytes += chunk.len();
        state.chunks.push_back(chunk);
        drop(state);
        self.has_more.notify_waiters();
    }

    /// Says that no chunk follows.
    pub(crate) fn end(&self, ending: Ending) {
        self.lock().end = Some(ending);
        self.has_more.notify_waiters();
    }

    /// Keeps no more than is being read from now on.
    pub(crate) fn let_go(&self) {
        let mut state = self.lock();
        state.is_kept = false;
        state.drop_what_is_read();
    }

    /// Waits until there is room for a further chunk. Returns whether anybody still reads.
    pub(crate) async fn room(&self) -> bool {
        loop {
            let has_room = self.has_room.notified();
            {
                let state = self.lock();
                if state.is_kept {
                    return true;
                }
                if state.readers.is_empty() || state.bytes < state.window_bytes {
                    return !state.readers.is_empty();
                }
            }
            has_room.await;
        }
    }

    /// All of it in one piece, when all of it was kept.
    pub(crate) fn whole(&self) -> Option<Bytes> {
        let state = self.lock();
        if !state.is_kept || state.end != Some(Ending::Complete) {
            return None;
        }
        if state.chunks.len() == 1 {
            return state.chunks.front().cloned();
        }
        let mut whole = Vec::with_capacity(state.bytes);
        state.chunks.iter().for_each(|chunk| whole.extend_from_slice(chunk));
        Some(whole.into())
    }

    /// Someone who reads it from its beginning; `None` when that is gone.
    pub(crate) fn reader(self: &Arc<Self>) -> Option<Reader> {
        let mut state = self.lock();
        if state.gone > 0 {
            return None;
        }
        let id = state.next_reader;
        state.next_reader += 1;
        state.readers.insert(id, 0);
        Some(Reader { body: Arc::clone(self), id })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn drop_what_is_read(&mut self) {
        if self.is_kept {
            return;
        }
        let slowest = self.readers.values().min().copied().unwrap_or(self.gone + self.chunks.len());
        while self.gone < slowest {
            let Some(chunk) = self.chunks.pop_front() else { break };
            self.bytes -= chunk.len();
            self.gone += 1;
        }
    }
}

/// Someone who reads the body.
#[derive(Debug)]
pub(crate) struct Reader {
    body: Arc<SharedBody>,
    id: u64,
}

impl Reader {
    /// The next chunk; `None` at the end.
    ///
    /// # Errors
    /// When the app broke off.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Ending> {
        loop {
            let has_more = self.body.has_more.notified();
            if let Some(next) = self.take() {
                return next;
            }
            has_more.await;
        }
    }

    /// The next chunk if it is there, or the end.
    fn take(&self) -> Option<Result<Option<Bytes>, Ending>> {
        let mut state = self.body.lock();
        let next = state.readers.get(&self.id).copied().unwrap_or(0);
        let gone = state.gone;
        let Some(chunk) = state.chunks.get(next - gone).cloned() else {
            return state.end.map(|end| if end == Ending::Complete { Ok(None) } else { Err(end) });
        };
        state.readers.insert(self.id, next + 1);
        state.drop_what_is_read();
        drop(state);
        self.body.has_room.notify_waiters();
        Some(Ok(Some(chunk)))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.body.lock();
        state.readers.remove(&self.id);
        state.drop_what_is_read();
        drop(state);
        self.body.has_room.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
