//! Exit codes; `docs/reference/exit-codes.md` explains them to users, and a test compares the two.

/// All is well. `fix` with nothing to fix, or nothing proved, is well too.
pub(crate) const SUCCESS: u8 = 0;

/// Something that should have worked did not; nothing was changed. `check`: a new finding, or a broken budget.
pub(crate) const FAILURE: u8 = 1;

/// The command line, the command, or the store cannot be used as given; nothing was started.
pub(crate) const USAGE: u8 = 2;

/// `run`: the command succeeded, and Escala could see nothing of it.
pub(crate) const NOTHING_OBSERVED: u8 = 3;

/// `run`: the file is not executable, as a shell has it.
pub(crate) const NOT_EXECUTABLE: u8 = 126;

/// `run`: there is no such command, as a shell has it.
pub(crate) const NOT_FOUND: u8 = 127;

/// `run`: what a shell adds to the number of the signal that ended the command.
pub(crate) const SIGNAL_BASE: u8 = 128;

#[cfg(test)]
mod tests;
