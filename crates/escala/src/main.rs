//! `escala`: where a Django site is slow, how we know, and what makes it better. Start reading at `cli`.

mod baseline;
mod cli;
mod commands;
mod context;
mod exit;
mod failure;
mod output;
mod settings;
mod suppressions;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
