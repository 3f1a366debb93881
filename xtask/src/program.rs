//! Runs other programs. One that is missing ends in one clear line with its remedy.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Error, Result, anyhow, bail};

/// Runs a program to its end. What it prints is progress, so it goes to standard error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    command.stdout(io::stderr());
    show(command)
}

/// Runs a program to its end. What it prints is what the person asked for.
pub(crate) fn show(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().map_err(|error| cannot_start(command, error))?;
    if status.success() { Ok(()) } else { bail!("`{}` failed: {status}", line(command)) }
}

/// Runs a program to its end and gives what it printed to standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = output(command.stderr(Stdio::inherit()))?;
    if !output.status.success() {
        bail!("`{}` failed: {}", line(command), output.status);
    }
    String::from_utf8(output.stdout)
        .map_err(|_| anyhow!("`{}` printed something that is not UTF-8", line(command)))
}

/// Runs a program to its end and gives all that it printed, however it ended.
pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command.stdin(Stdio::null()).output().map_err(|error| cannot_start(command, error))
}

/// Starts a program and does not wait for it.
pub(crate) fn spawn(command: &mut Command) -> Result<Child> {
    command.spawn().map_err(|error| cannot_start(command, error))
}

/// The file that a name stands for, looked up as a shell does.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file())
}

/// The command as a person would type it, without the directories before the program's name.
fn line(command: &Command) -> String {
    let mut line = name(command);
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

fn name(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    program.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn cannot_start(command: &Command, error: io::Error) -> Error {
    let name = name(command);
    if error.kind() == ErrorKind::NotFound {
        anyhow!("`{name}` is not installed: {}", remedy(&name))
    } else {
        Error::new(error).context(format!("`{name}` cannot be started"))
    }
}

fn remedy(name: &str) -> &'static str {
    match name {
        "cargo" | "rustc" => "install Rust with rustup, https://rustup.rs",
        "npm" => "install Node.js 20 or newer, which brings npm",
        "git" => "install git with the system's package manager",
        "sh" | "id" => "this needs a Unix-like system",
        _ => "install it, or put its directory on PATH",
    }
}

#[cfg(test)]
mod tests;
