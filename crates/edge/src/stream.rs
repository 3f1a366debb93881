//! Connections, whatever they are made of, with the bytes that were read ahead and the time that is left.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Instant, Sleep};

use crate::limits::READ_BYTES;

/// For how long a connection waits of which nobody has said more.
const PATIENCE_DEFAULT: Duration = Duration::from_mins(1);

/// A connection to a client or to the app.
#[derive(Debug)]
pub enum Stream {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over a socket in the file system.
    Unix(UnixStream),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, into),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Unix(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Self::Unix(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl Stream {
    /// Waits until there is something to read, without memory to read it into; returns at once where that cannot be
    /// known.
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => stream.poll_read_ready(cx),
            Self::Unix(stream) => stream.poll_read_ready(cx),
        }
    }
}

/// A connection with what was read from it and not yet used.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    input: Vec<u8>,
    begin: usize,
    watch: Watch,
}

impl Connection {
    /// Takes a connection over from whoever made it.
    pub fn new(stream: Stream) -> Self {
        Self { stream, input: Vec::new(), begin: 0, watch: Watch::default() }
    }

    /// Bytes that were read and not used.
    pub fn input(&self) -> &[u8] {
        &self.input[self.begin..]
    }

    /// Uses so many bytes of the input.
    pub fn consume(&mut self, length: usize) {
        self.begin += length;
        debug_assert!(self.begin <= self.input.len(), "no more is used than was read");
        if self.begin == self.input.len() {
            self.begin = 0;
            self.input.clear();
        }
    }

    /// Gives the memory back that an idle connection does not need.
    pub fn release_memory(&mut self) {
        if self.input.is_empty() {
            buffers::put(std::mem::take(&mut self.input));
        }
    }

    /// Says for how long a read or write may wait.
    pub fn set_deadline(&mut self, after: Duration) {
        self.watch.set(after);
    }

    /// Reads what there is. 0 is the end of the stream.
    ///
    /// # Errors
    /// As the operating system says; `TimedOut` at the deadline.
    pub async fn read(&mut self) -> io::Result<usize> {
        poll_fn(|cx| self.poll_read(cx)).await
    }

    /// Reads what there is. 0 is the end of the stream.
    pub fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.input.is_empty() && self.input.capacity() == 0 {
            // An idle connection holds no memory while it waits.
            if self.stream.poll_readable(cx)?.is_pending() {
                return self.watch.poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()));
            }
            self.input = buffers::take();
        }
        self.make_room();
        let mut buffer = ReadBuf::uninit(self.input.spare_capacity_mut());
        match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
            Poll::Ready(Ok(())) => {
                let length = buffer.filled().len();
                let new_length = self.input.len() + length;
                // SAFETY: `ReadBuf` counts as filled only what was initialised, from the start of the spare capacity.
                #[expect(unsafe_code, reason = "reading into memory that was not zeroed first")]
                unsafe {
                    self.input.set_len(new_length);
                }
                Poll::Ready(Ok(length))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.watch.poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }

    /// What is at the end of the buffer comes to its beginning when there is no room after it.
    fn make_room(&mut self) {
        if self.input.capacity() - self.input.len() < READ_BYTES / 4 {
            if self.begin > 0 {
                self.input.drain(..self.begin);
                self.begin = 0;
            }
            self.input.reserve(READ_BYTES);
        }
    }

    /// Whether the other side has closed, or has sent what nobody asked for, while the connection was idle.
    pub fn poll_is_spoilt(&mut self, cx: &mut Context<'_>) -> bool {
        if !self.input().is_empty() {
            return true;
        }
        match self.stream.poll_readable(cx) {
            Poll::Pending => false,
            Poll::Ready(Err(_)) => true,
            // Readiness may be left over from before: a read tells.
            Poll::Ready(Ok(())) => self.poll_read(cx).is_ready(),
        }
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// As the operating system says; `TimedOut` at the deadline.
    pub async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = poll_fn(|cx| self.poll_write(cx, &[io::IoSlice::new(bytes)])).await?;
            bytes = &bytes[written..];
        }
        Ok(())
    }

    /// Writes both, in one call if the system takes them.
    ///
    /// # Errors
    /// As [`Self::write_all`].
    pub async fn write_both(&mut self, mut first: &[u8], second: &[u8]) -> io::Result<()> {
        while !first.is_empty() {
            let slices = [io::IoSlice::new(first), io::IoSlice::new(second)];
            let written = poll_fn(|cx| self.poll_write(cx, &slices)).await?;
            if written > first.len() {
                return self.write_all(&second[written - first.len()..]).await;
            }
            first = &first[written..];
        }
        self.write_all(second).await
    }

    /// Writes as much as the system takes.
    pub fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(cx, slices) {
            Poll::Ready(Ok(0)) => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => self.watch.poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into())),
        }
    }

    /// Says that nothing more will be written.
    pub async fn shutdown(&mut self) {
        let _ = poll_fn(|cx| Pin::new(&mut self.stream).poll_shutdown(cx)).await;
    }

    /// The connection, and what was read from it and not used.
    pub fn into_parts(mut self) -> (Stream, Vec<u8>) {
        let rest = self.input.split_off(self.begin);
        (self.stream, rest)
    }
}

/// A deadline that is moved at every request and reached hardly ever: the time is read when something has to be waited
/// for, and the timer is set anew only when it fires.
#[derive(Debug)]
struct Watch {
    patience: Duration,
    until: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Default for Watch {
    fn default() -> Self {
        Self { patience: PATIENCE_DEFAULT, until: None, sleep: None }
    }
}

impl Watch {
    fn set(&mut self, patience: Duration) {
        self.patience = patience;
        self.until = None;
    }

    /// Ready once the deadline is over, which is counted from the first time that this is asked.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let until = *self.until.get_or_insert_with(|| Instant::now() + self.patience);
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if sleep.deadline() > until {
            sleep.as_mut().reset(until);
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            if Instant::now() >= until {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(until);
        }
    }
}

/// Memory for reading and writing, used again by the connections of a thread.
pub mod buffers {
    use std::cell::RefCell;

    use crate::limits::{BUFFERS_KEPT_MAX, READ_BYTES};

    thread_local! {
        static FREE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    }

    /// An empty buffer of at least the size of a read.
    pub fn take() -> Vec<u8> {
        FREE.with_borrow_mut(Vec::pop).unwrap_or_else(|| Vec::with_capacity(READ_BYTES))
    }

    /// Takes a buffer back, unless it has grown large.
    pub fn put(mut buffer: Vec<u8>) {
        if (READ_BYTES..=2 * READ_BYTES).contains(&buffer.capacity()) {
            buffer.clear();
            FREE.with_borrow_mut(|free| {
                if free.len() < BUFFERS_KEPT_MAX {
                    free.push(buffer);
                }
            });
        }
    }
}
