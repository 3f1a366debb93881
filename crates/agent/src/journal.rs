//! Signs of life for `escala run`: one line per event in a file that it named, each appended in one write.

use std::io::Write;
use std::path::PathBuf;

/// Environment variable with the journal's path; set by `escala run`.
const JOURNAL_VARIABLE: &str = "ESCALA_JOURNAL";

/// The file, when there is a run to tell.
pub(crate) fn path() -> Option<PathBuf> {
    std::env::var_os(JOURNAL_VARIABLE).map(PathBuf::from)
}

/// Appends `<pid> <event>`. A journal that cannot be written is nobody's problem here.
pub(crate) fn write(event: &str) {
    let Some(path) = path() else { return };
    let line = format!("{} {}\n", std::process::id(), event.replace('\n', " "));
    if let Ok(mut file) = std::fs::OpenOptions::new().append(true).open(path) {
        let _ = file.write_all(line.as_bytes());
    }
}

/// One line on stderr.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", line.replace('\n', " "));
}
