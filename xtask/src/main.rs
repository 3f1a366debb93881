//! The repository's chores: `cargo xtask demo`, `cargo xtask test`, `cargo xtask build`, `cargo xtask dist`,
//! `cargo xtask bench`, `cargo xtask ui`, `cargo xtask tidy`.
//!
//! One module per command. What several of them need stands beside them: where things are (`workspace`), running
//! other programs (`program`), Python interpreters and environments (`python`), Debian packages (`debian`).

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a task runner talks to the person who called it"
)]

mod bench;
mod build;
mod debian;
mod demo;
mod dist;
mod program;
mod python;
mod test;
#[cfg(test)]
mod testing;
mod tidy;
mod ui;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask <command>

  demo                run the sample site under Escala, fix it, and show what changed
  test [--quick]      everything that must hold before a change goes in; --quick leaves the journeys out
  build [--release]   the binary, and beside it the agent that it loads into the app
  dist                a wheel to install with pip: the binary and the agent, in target/dist/
  bench NAME …        a campaign of benchsuite/ that is too long for the tests, with its own arguments
  ui                  the dashboard's page, from its sources to the files that the binary holds; wants Node.js
  tidy                the repository's own rules: dependencies, docs, sizes, licences
";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let done = match words.as_slice() {
        ["demo"] => demo::run(),
        ["test"] => test::run(test::Extent::Full),
        ["test", "--quick"] => test::run(test::Extent::Quick),
        ["build"] => build::run(build::Profile::Dev),
        ["build", "--release"] => build::run(build::Profile::Release),
        ["dist"] => dist::run(),
        ["bench", name, ..] => bench::run(name, &arguments[2..]),
        ["ui"] => ui::run(),
        ["tidy"] => tidy::run(),
        [demo::JANITOR, ..] => demo::clean_up_when_told(&arguments[1..]),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
