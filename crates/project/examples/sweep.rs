//! The sweep of `tests/it` over whole trees, for `cargo xtask bench edits`: one JSON object with what it met.
//!
//! Usage: `sweep PYTHON DIRECTORY [CALLS_MAX]`.

#[path = "../tests/it/sweep.rs"]
mod sweep;

use std::path::Path;

use self::sweep::{Extent, Oracle};

#[expect(clippy::print_stdout, reason = "the result goes to whoever runs the campaign")]
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, python, directory, rest @ ..] = &arguments[..] else {
        panic!("usage: sweep PYTHON DIRECTORY [CALLS_MAX]")
    };
    let calls_max = rest.first().map_or(usize::MAX, |number| number.parse().expect("a number"));
    let extent = Extent { files_max: usize::MAX, calls_max };
    let swept = sweep::sweep(Path::new(directory), extent, &mut Oracle::start(Path::new(python)));
    println!("{}", swept.to_json());
}
