//! The wall between the agent and the app: nothing raised or panicked here reaches the app. The first internal
//! error switches the agent off for this process and says so in one line.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;

static DISARMED: AtomicBool = AtomicBool::new(false);

/// Whether the agent has switched itself off.
pub(crate) fn is_disarmed() -> bool {
    DISARMED.load(Ordering::Relaxed)
}

/// Runs a piece of the agent. Once disarmed, does nothing.
pub(crate) fn guard(action: impl FnOnce() -> PyResult<()>) {
    if is_disarmed() {
        return;
    }
    // A stand-in is called by the interpreter without pyo3 knowing. What is let go while pyo3 thinks that nobody is
    // attached would pile up until it knows better.
    let done = Python::try_attach(|_| catch_unwind(AssertUnwindSafe(action)));
    match done {
        // Nobody is, at the end of the interpreter.
        None | Some(Ok(Ok(()))) => {}
        Some(Ok(Err(error))) => disarm(&without_values(&error.to_string())),
        Some(Err(panic)) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            disarm(text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic"));
        }
    }
}

/// A reason like `finish: ValueError: no such customer: Ada` without the message, which may quote a value. Errors about
/// the shape of things quote only names.
pub(crate) fn without_values(reason: &str) -> String {
    const QUOTE_NAMES_ONLY: [&str; 4] = ["AttributeError", "ImportError", "ModuleNotFoundError", "TypeError"];
    let is_class = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_uppercase())
            && part.chars().all(|each| each.is_ascii_alphanumeric() || each == '_' || each == '.')
    };
    let mut kept = Vec::new();
    for part in reason.split(": ") {
        kept.push(part);
        if is_class(part) {
            return if QUOTE_NAMES_ONLY.contains(&part) { reason.to_owned() } else { kept.join(": ") };
        }
    }
    reason.to_owned()
}

/// Switches the agent off, with one line on stderr and in the journal.
pub(crate) fn disarm(reason: &str) {
    if DISARMED.swap(true, Ordering::Relaxed) {
        return;
    }
    crate::journal::write(&format!("disarmed {reason}"));
    crate::journal::say(&format!(
        "escala: the agent met an internal error and switched itself off; the app goes on without it ({reason})"
    ));
}

/// Replaces the default panic message, which would add a second line, while the agent's own code runs.
pub(crate) fn silence_panics() {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let ours = panic.location().is_some_and(|location| location.file().contains("crates/agent/"));
        if !ours {
            previous(panic);
        }
    }));
}

#[cfg(test)]
mod tests;
