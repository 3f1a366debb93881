//! What reaches standard output: pages for people, JSON for programs.

mod cost;
mod growth;
mod names;
mod screen;

pub(crate) mod check;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod number;
pub(crate) mod progress;
pub(crate) mod sarif;
pub(crate) mod source;
pub(crate) mod text;

#[cfg(test)]
pub(crate) mod samples;

use std::io::{self, Write};

pub(crate) use screen::Screen;

/// Writes a whole result. A reader that has seen enough (`escala report | head`) is not an error.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes one line of Escala's own to standard error. When that is gone there is nobody left to tell.
pub(crate) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "escala: {line}");
}
