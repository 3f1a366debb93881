//! The Python files that are on every machine: long, old, odd, and written by nobody who thought of Escala.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sweep::{Extent, Oracle, sweep};

/// A part that takes seconds; `cargo xtask bench edits` looks at all of it.
const EXTENT: Extent = Extent { files_max: 30, calls_max: 15 };

#[test]
fn an_edit_changes_nothing_else_and_is_done_once() {
    let python = std::env::var("ESCALA_TEST_PYTHON_52")
        .expect("ESCALA_TEST_PYTHON_52 is not set: run these tests through `cargo xtask test`");
    let python = Path::new(&python);
    let swept = sweep(&standard_library(python), EXTENT, &mut Oracle::start(python));
    assert!(swept.broken.is_empty(), "{:#}", swept.to_json());
    // A sweep that refuses everything would hold all promises.
    assert!(swept.files > EXTENT.files_max / 2 && swept.edits > 150, "{:#}", swept.to_json());
}

fn standard_library(python: &Path) -> PathBuf {
    let program = "import sysconfig; print(sysconfig.get_path('stdlib'), end='')";
    let output = Command::new(python).args(["-c", program]).output().expect("the interpreter starts");
    PathBuf::from(String::from_utf8(output.stdout).expect("a path"))
}
