//! A bench for journeys: real Django sites, real servers and the real binary, from the first request to the patch.
//!
//! Receives from `cargo xtask test`: the binary, the agent and Python environments, by environment variable. Gives
//! the tests in `tests/it` sites to run and ways to look at what came of it.
//!
//! Invariants: no journey reads or writes outside its own temporary directory; none waits without a limit; servers
//! die with the test that started them.
//!
//! Start reading at [`Site`].

mod browser;
mod environment;
mod files;
mod http;
mod postgres;
mod server;
mod site;

pub use browser::Browser;
pub use environment::Environment;
pub use files::files;
pub use http::{Client, Response};
pub use postgres::Postgres;
pub use server::Server;
pub use site::{Output, Site};

/// The value of a variable that `cargo xtask test` sets.
///
/// # Panics
/// When it is missing: the journeys need what that command prepares.
pub fn required(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: run the tests with `cargo xtask test`, which prepares it")
    })
}

/// The Python environments to journey through: the variable's name and the interpreter, for each that exists.
///
/// Django 6.1 needs Python 3.12; on a machine without, `cargo xtask test` says so and leaves the variable empty.
pub fn pythons() -> Vec<(&'static str, String)> {
    let both = [("Django 5.2", "ESCALA_TEST_PYTHON_52"), ("Django 6.1", "ESCALA_TEST_PYTHON_61")];
    both.into_iter()
        .map(|(name, variable)| (name, required(variable)))
        .filter(|(_, python)| !python.is_empty())
        .collect()
}
