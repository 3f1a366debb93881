//! Why nothing was recorded, told from the journal.

use std::collections::BTreeSet;

use crate::journal::{Entry, Event, Journal};

/// Why no unit of work arrived.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Diagnosis {
    /// No interpreter loaded the agent.
    #[error(
        "the command started no Python that loads Escala's agent: is it Python, is PYTHONPATH passed on, and is it \
         run without -I, -E and -S?"
    )]
    NoPython,
    /// The only interpreters or Djangos seen are outside the supported versions.
    #[error("{reason}")]
    Unsupported {
        /// The agent's words.
        reason: String,
    },
    /// Python ran, Django was never imported.
    #[error("Python {version} started, but it did not import Django")]
    NoDjango {
        /// Version of the first interpreter.
        version: String,
    },
    /// The agent met an internal error and switched itself off.
    #[error("Escala's agent switched itself off: {reason}")]
    Disarmed {
        /// The agent's words.
        reason: String,
    },
    /// All is in place; nobody asked anything of the site.
    #[error("Django {version} is running under Escala, but it answered no request and ran no test")]
    NoTraffic {
        /// Version of the first Django.
        version: String,
    },
}

impl Diagnosis {
    /// What to do about it, when that is not in the text.
    pub fn remedy(&self) -> Option<&'static str> {
        matches!(self, Self::NoPython).then_some(
            "where the environment is not passed on, put the agent into the server's Python with `escala agent \
             install`, or call `import escala_agent; escala_agent.start()` first thing in wsgi.py",
        )
    }

    /// Whether this command, run in this way, can never be observed.
    pub fn is_conclusive(&self) -> bool {
        matches!(self, Self::NoPython | Self::Unsupported { .. } | Self::NoDjango { .. })
    }
}

/// The best explanation for a run that recorded nothing, from the state that went furthest in any of its processes.
pub(crate) fn diagnose(journal: &Journal) -> Diagnosis {
    let disarmed: BTreeSet<u32> = journal
        .entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::Disarmed { .. }))
        .map(|entry| entry.pid)
        .collect();
    let first = |explain: &dyn Fn(&Entry) -> Option<Diagnosis>| journal.entries.iter().find_map(explain);
    first(&|entry| match &entry.event {
        Event::DjangoArmed { version } if !disarmed.contains(&entry.pid) => {
            Some(Diagnosis::NoTraffic { version: version.clone() })
        }
        _ => None,
    })
    .or_else(|| {
        first(&|entry| match &entry.event {
            Event::Disarmed { reason } => Some(Diagnosis::Disarmed { reason: reason.clone() }),
            _ => None,
        })
    })
    .or_else(|| {
        first(&|entry| match &entry.event {
            Event::Unsupported { reason } => Some(Diagnosis::Unsupported { reason: reason.clone() }),
            _ => None,
        })
    })
    .or_else(|| {
        first(&|entry| match &entry.event {
            Event::PythonStarted { version } => Some(Diagnosis::NoDjango { version: version.clone() }),
            _ => None,
        })
    })
    .unwrap_or(Diagnosis::NoPython)
}

#[cfg(test)]
mod tests;
