//! Every bound of the supervisor, in one place.

use std::time::Duration;

/// Longest path of a Unix socket, in bytes: `sun_path` of macOS (104) and Linux (108), less the final NUL.
pub(crate) const SOCKET_PATH_BYTES_MAX: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// Bytes of the journal that are read; a process writes about forty.
pub(crate) const JOURNAL_BYTES_MAX: u64 = 1 << 20;

/// Bytes of a program that are searched for a `#!` line; kernels look no further than this.
pub(crate) const SHEBANG_BYTES_MAX: u64 = 256;

/// How long a command may run without an agent before the user is told.
pub(crate) const AGENT_PATIENCE: Duration = Duration::from_secs(10);

/// Longest time between two looks at the child. SIGCHLD wakes the supervisor at once; this is for the one that is
/// lost when signals pour in.
pub(crate) const WAIT_TICK: Duration = Duration::from_secs(1);

/// Directories that may be tried before a name in the temporary directory is free.
pub(crate) const RUN_DIRECTORY_TRIES_MAX: u32 = 16;

/// Bytes of a file in site-packages that may be one of ours; they have some hundred.
pub(crate) const STARTUP_FILE_BYTES_MAX: u64 = 1 << 16;
