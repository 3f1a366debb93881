//! `escala.toml` in the project root: what cannot be seen from outside. `docs/reference/escala-toml.md` is its page.
//!
//! A file is read in three steps: `document` gives tables whose values know their line, and refuses names that are in no
//! `key`; `kind` reads single values, within their ranges; `project` and `edge` put them together. Each error is one line
//! with the file, the line and the key.

mod document;
mod error;
mod key;
mod kind;
mod project;
mod value;

#[cfg(test)]
mod page;

pub(crate) mod edge;

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use analysis::Budget;

use self::document::Document;
use self::key::Section;

pub(crate) use self::error::SettingsError;
pub(crate) use self::value::{write_duration, write_rate, write_size};

/// Name of the file.
const FILE: &str = "escala.toml";

/// All that may be in it.
static FILE_SECTION: Section = Section {
    name: "",
    keys: &[],
    sections: &[&project::PROJECT, &project::CAPTURE, &project::CHECK, &edge::EDGE],
    is_list: false,
};

/// The settings of a project, resolved: all paths are absolute. What stands in `[edge]` is for [`edge::load`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Directories and files with the user's code.
    pub(crate) source: Vec<PathBuf>,
    /// Those inside them whose code is somebody else's: never blamed, never edited.
    pub(crate) exclude: Vec<PathBuf>,
    /// Names of parameters that hold no secret, although they sound like it.
    pub(crate) not_secret: Vec<String>,
    /// The file with the findings that `escala check` accepts.
    pub(crate) baseline: PathBuf,
    /// The most queries that endpoints may make.
    pub(crate) budgets: Vec<Budget>,
}

impl Settings {
    /// Reads the file in the project root; without one, everything has its default. The root has no links in it.
    pub(crate) fn load(project_root: &Path) -> Result<Self, SettingsError> {
        let text = read_text(project_root)?;
        let document = Document::parse(&text, &FILE_SECTION)?;
        let settings = project::read(&document.root(), project_root)?;
        // A file is good or it is not, whoever reads it.
        edge::read(&document.root(), project_root)?;
        Ok(settings)
    }
}

/// The file's text; no file is an empty one.
fn read_text(project_root: &Path) -> Result<String, SettingsError> {
    match fs::read_to_string(project_root.join(FILE)) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(SettingsError::Read(error)),
    }
}

/// The path without `.` and `..`, from the project root.
fn absolute(path: &Path, project_root: &Path) -> PathBuf {
    let mut absolute = PathBuf::new();
    for component in project_root.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                absolute.pop();
            }
            other => absolute.push(other),
        }
    }
    absolute
}

#[cfg(test)]
mod tests;
