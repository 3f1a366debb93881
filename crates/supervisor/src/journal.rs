//! What the agents said about themselves: one line per event, appended by their bootstrap.
//!
//! The socket only opens with the first unit of work, so it cannot tell a command without Python from a Django
//! without traffic; these lines can.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::limits::JOURNAL_BYTES_MAX;

/// The lines that could be read; others are skipped, so that a newer agent may say more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Journal {
    pub(crate) entries: Vec<Entry>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) pid: u32,
    pub(crate) event: Event,
}

/// What happened in a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// An interpreter loaded the agent's bootstrap.
    PythonStarted { version: String },
    /// Django was imported and its hooks are in place.
    DjangoArmed { version: String },
    /// An internal error switched the agent off.
    Disarmed { reason: String },
    /// The interpreter or Django is outside the supported versions.
    Unsupported { reason: String },
}

impl Journal {
    /// Reads the file; one that does not exist reads as empty, because nobody has written yet.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            other => other?,
        };
        let mut bytes = Vec::new();
        file.take(JOURNAL_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(Self::parse(&String::from_utf8_lossy(&bytes)))
    }

    /// Reads the lines; the last one may still be in the middle of being written.
    pub(crate) fn parse(text: &str) -> Self {
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        Self { entries: whole.lines().filter_map(parse_line).collect() }
    }
}

fn parse_line(line: &str) -> Option<Entry> {
    let (pid, rest) = line.split_once(' ')?;
    let (subject, rest) = rest.split_once(' ')?;
    let event = match subject {
        "python" => Event::PythonStarted { version: rest.strip_suffix(" started")?.to_owned() },
        "django" => Event::DjangoArmed { version: rest.strip_suffix(" armed")?.to_owned() },
        "disarmed" => Event::Disarmed { reason: rest.to_owned() },
        "unsupported" => Event::Unsupported { reason: rest.to_owned() },
        _ => return None,
    };
    Some(Entry { pid: pid.parse().ok()?, event })
}

#[cfg(test)]
mod tests;
