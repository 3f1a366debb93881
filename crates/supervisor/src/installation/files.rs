//! What the files say.

use std::path::Path;

use super::InstallationError;
use crate::agent_home::AgentHome;

/// First line of each file, by which we know it again.
pub(super) const MARK: &str = "# Written by `escala agent install`; `escala agent uninstall` removes it.\n";

/// The module that the others call.
pub(super) const MODULE: &str = "_escala_start.py";

const PTH: &str = "escala.pth";
const START: &str = "escala.start";

/// In the order in which they can be removed: what is called stands last.
pub(super) const FILES: [&str; 3] = [PTH, START, MODULE];

/// One look at the environment and one for a file, then it is done: this runs in every Python of the environment.
const PROGRAM: &str = r#"
import os

HOME = {home}
STORE = {store}


def start():
    if not os.environ.get("ESCALA_SOCKET") and not os.path.exists(os.path.join(STORE, "live")):
        return
    if not os.path.isdir(os.path.join(HOME, "escala_agent")):
        return
    import sys

    # The home does not stay on the search path: other packages may lie there.
    sys.path.insert(0, HOME)
    try:
        from escala_agent import launch
    except Exception as error:
        if sys.stderr is not None:
            sys.stderr.write("escala: the agent could not start; the app goes on without it (%s)\n" % error)
    else:
        launch.start(STORE)
    finally:
        sys.path.remove(HOME)
"#;

/// Names and texts, in the order in which they can be written: nothing calls what is not there yet.
pub(super) fn contents(
    home: &AgentHome,
    store_dir: &Path,
) -> Result<[(&'static str, String); 3], InstallationError> {
    let program =
        PROGRAM.replace("{home}", &literal(home.directory())?).replace("{store}", &literal(store_dir)?);
    Ok([
        (MODULE, format!("{MARK}{program}")),
        (START, format!("{MARK}_escala_start:start\n")),
        (PTH, format!("{MARK}import _escala_start; _escala_start.start()\n")),
    ])
}

/// A path as a Python string.
fn literal(path: &Path) -> Result<String, InstallationError> {
    let text = path.to_str().ok_or_else(|| InstallationError::NotText(path.to_owned()))?;
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            control if control.is_control() => {
                literal.extend(format!("\\U{:08x}", u32::from(control)).chars());
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    Ok(literal)
}

#[cfg(test)]
mod tests;
