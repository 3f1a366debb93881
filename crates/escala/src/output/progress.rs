//! One line on standard error that says what takes so long, gone when it is over.

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Work that is over before this needs no progress.
const DELAY: Duration = Duration::from_secs(2);

/// Between two drawings of the line.
const TICK: Duration = Duration::from_millis(500);

/// Shows the latest message with the time that has passed, until dropped.
pub(crate) struct Progress {
    messages: Option<Sender<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Begins; shows nothing, ever, unless standard error is a terminal.
    pub(crate) fn start(is_terminal: bool) -> Self {
        if !is_terminal {
            return Self { messages: None, thread: None };
        }
        let (messages, receiver) = channel::<String>();
        let start = Instant::now();
        let draw = move || {
            let mut message = String::new();
            let mut drawn = false;
            loop {
                match receiver.recv_timeout(TICK) {
                    Ok(next) => message = next,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break,
                }
                if start.elapsed() >= DELAY && !message.is_empty() {
                    drawn = true;
                    write(&format!("\r\x1b[K{message} ({} s)", start.elapsed().as_secs()));
                }
            }
            if drawn {
                write("\r\x1b[K");
            }
        };
        // Without the thread there is no progress to see, which is all that is lost.
        let thread = std::thread::Builder::new().name("progress".into()).spawn(draw).ok();
        Self { messages: Some(messages), thread }
    }

    /// Says what is being done from now on.
    pub(crate) fn show(&self, message: String) {
        if let Some(messages) = &self.messages {
            let _ = messages.send(message);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.messages = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn write(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
