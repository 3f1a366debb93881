//! `cargo xtask tidy`: rules about this repository that a compiler does not know. Also a test of this crate.
//!
//! Each module decides on values; only this one reads files.

mod architecture;
mod members;
mod text;
mod ui;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;

/// Directories that hold nothing of ours.
const NOT_OURS: [&str; 3] = ["target", "__pycache__", "node_modules"];

/// Directories of ours although their names begin with a dot.
const OURS_THOUGH_HIDDEN: [&str; 4] = [".cargo", ".ci", ".config", ".github"];

/// Licences that every member names and whose texts lie at the root.
const LICENCES: [&str; 2] = ["LICENSE-MIT", "LICENSE-APACHE"];

/// Something to mend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    /// Relative to the root.
    path: String,
    /// From 1; 0 for the file as a whole.
    line: usize,
    what: String,
}

impl Problem {
    fn of_file(path: &str, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: 0, what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(formatter, "{}: {}", self.path, self.what),
            line => write!(formatter, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// A text file of the repository.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

pub(crate) fn run() -> Result<()> {
    check(&Workspace::find()?)
}

/// Fails with every problem there is, one a line.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let problems = problems(workspace)?;
    for problem in &problems {
        eprintln!("{problem}");
    }
    match problems.len() {
        0 => Ok(()),
        1 => bail!("1 thing to tidy up"),
        count => bail!("{count} things to tidy up"),
    }
}

fn problems(workspace: &Workspace) -> Result<Vec<Problem>> {
    let files = read_tree(&workspace.root)?;
    let members = members::from_metadata(&workspace.metadata);
    let mut problems = text::problems(&files);
    problems.extend(members::problems(&members));
    problems.extend(architecture::problems(&files, &members));
    problems.extend(missing_licences(&files));
    problems.extend(ui::problems(&files));
    problems.sort();
    Ok(problems)
}

fn missing_licences(files: &[TextFile]) -> impl Iterator<Item = Problem> {
    LICENCES
        .into_iter()
        .filter(|licence| !files.iter().any(|file| file.path == *licence && file.text.contains("Copyright")))
        .map(|licence| Problem::of_file(licence, "the text of this licence is missing"))
}

/// Every text file of the repository, in the order of their paths. Git is not asked: a source archive has none.
pub(crate) fn read_tree(root: &Path) -> Result<Vec<TextFile>> {
    let mut files = Vec::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(relative) = waiting.pop() {
        let absolute = root.join(&relative);
        let entries =
            fs::read_dir(&absolute).with_context(|| format!("cannot list {}", absolute.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", absolute.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = relative.join(&name);
            let kind = entry.file_type().with_context(|| format!("cannot look at {}", path.display()))?;
            if kind.is_dir() {
                if is_ours(&name) {
                    waiting.push(path);
                }
            } else if kind.is_file()
                // A file in a worktree: it says where the repository lies.
                && name != ".git"
                && let Ok(text) = fs::read_to_string(entry.path())
            {
                files.push(TextFile { path: path.to_string_lossy().into_owned(), text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn is_ours(directory: &str) -> bool {
    !NOT_OURS.contains(&directory) && (!directory.starts_with('.') || OURS_THOUGH_HIDDEN.contains(&directory))
}

#[cfg(test)]
mod tests;
