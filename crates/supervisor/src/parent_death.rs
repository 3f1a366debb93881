//! Tying the command's life to ours, so that even SIGKILL leaves no server behind.
#![cfg_attr(
    target_os = "linux",
    expect(unsafe_code, reason = "pre_exec is the only way in between fork and exec")
)]

use std::process::Command;

/// Asks the kernel to send the command SIGTERM when the calling thread ends, however it ends.
///
/// SIGTERM rather than SIGKILL: servers take their workers along when they are told to end, and orphan them when they
/// are killed. Linux only; elsewhere a SIGKILL of ours leaves the command running.
pub(crate) fn tie(command: &mut Command) {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::process::CommandExt;

        use rustix::io::Errno;
        use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};

        let parent = getpid();
        let prepare = move || {
            set_parent_process_death_signal(Some(Signal::TERM))?;
            // Had the parent died before that call, no signal would ever come.
            if getppid() == Some(parent) { Ok(()) } else { Err(Errno::SRCH.into()) }
        };
        // SAFETY: between fork and exec only async-signal-safe calls are allowed; `prepare` makes two bare system calls
        // and neither allocates nor locks.
        unsafe { command.pre_exec(prepare) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = command;
}
