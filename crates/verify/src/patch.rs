//! Candidates as text: what `project` makes of them, file by file.

use std::collections::BTreeMap;

use project::{Anchor, EagerLoad, RelativePath, Root, Source, Unsupported};
use store::RecordedFile;

use crate::experiment::{Overlay, describe};

/// A change to the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// The files that change, by path.
    pub files: Vec<PatchedFile>,
}

/// One file that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchedFile {
    /// Path, relative to the project root.
    pub path: String,
    /// SHA-256 of the file that the change was made for, in lower-case hexadecimal.
    pub expected_hash: String,
    /// The text that it had.
    pub before: String,
    /// The text that it gets.
    pub after: String,
    /// Lines of the old text that change, or before which something is added; from 1, in order.
    pub lines: Vec<u32>,
}

impl Patch {
    /// The change as a unified diff.
    pub fn diff(&self) -> String {
        self.files.iter().map(|file| project::unified_diff(&file.path, &file.before, &file.after)).collect()
    }

    /// The new texts where the project's imports look for them.
    pub(crate) fn overlay(&self, root: &Root) -> Overlay {
        self.files.iter().map(|file| (root.path().join(&file.path), file.after.clone())).collect()
    }
}

/// Why there is no patch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoPatch {
    /// What the edit would add is there.
    #[error("{0} already has it; run the traffic again")]
    AlreadyThere(String),
    /// The source cannot be edited there.
    #[error("{0}")]
    Unsupported(String),
}

/// The project's source as it is now, beside what is known of it at the time of the trace.
pub(crate) struct Sources<'a> {
    root: &'a Root,
    recorded: &'a [RecordedFile],
    read: BTreeMap<String, Result<Source, String>>,
}

impl<'a> Sources<'a> {
    /// Nothing is read yet.
    pub(crate) fn new(root: &'a Root, recorded: &'a [RecordedFile]) -> Self {
        Self { root, recorded, read: BTreeMap::new() }
    }

    /// What the candidates make of the files. Every file is the one that was traced, or there is no patch.
    pub(crate) fn patch(&mut self, changes: &[(Anchor, Vec<EagerLoad>)]) -> Result<Patch, NoPatch> {
        let mut by_file: BTreeMap<&str, Vec<(Anchor, Vec<EagerLoad>)>> = BTreeMap::new();
        for (anchor, loads) in changes {
            by_file.entry(anchor.file()).or_default().push((anchor.clone(), loads.clone()));
        }
        let mut files = Vec::new();
        for (path, changes) in by_file {
            let source = self.source(path)?;
            files.push(patched(source, &changes)?);
        }
        Ok(Patch { files })
    }

    /// A file, read once; refused when it is not what the traced processes ran.
    fn source(&mut self, path: &str) -> Result<&Source, NoPatch> {
        if !self.read.contains_key(path) {
            let source = self.read_as_traced(path);
            self.read.insert(path.to_owned(), source);
        }
        self.read[path].as_ref().map_err(|reason| NoPatch::Unsupported(reason.clone()))
    }

    fn read_as_traced(&self, path: &str) -> Result<Source, String> {
        let path = RelativePath::new(path).map_err(|error| describe(&error))?;
        let source = self.root.read(&path).map_err(|error| describe(&error))?;
        let recorded = self.recorded.iter().filter(|file| file.path == path.as_str());
        // Several processes may have met the file at several times; all of them must have met this text.
        let mut seen = false;
        for file in recorded {
            seen = true;
            if file.changed_after_start || file.sha256.as_deref() != Some(source.hash()) {
                return Err(format!("{path} changed since the trace; run the traffic again"));
            }
        }
        if seen {
            Ok(source)
        } else {
            Err(format!("{path} was not seen in the trace; run the traffic again"))
        }
    }
}

fn patched(source: &Source, changes: &[(Anchor, Vec<EagerLoad>)]) -> Result<PatchedFile, NoPatch> {
    let path = source.path();
    let edits = project::plan_file(source, changes).map_err(|reason| match reason {
        Unsupported::AlreadyThere => NoPatch::AlreadyThere(path.to_string()),
        reason => NoPatch::Unsupported(format!("{path}: {reason}")),
    })?;
    let before = source.text();
    let after = project::apply(before, &edits).map_err(|error| NoPatch::Unsupported(describe(&error)))?;
    let mut lines: Vec<u32> = edits.iter().map(|edit| line_of(before, edit.range.start)).collect();
    lines.sort_unstable();
    lines.dedup();
    Ok(PatchedFile {
        path: path.to_string(),
        expected_hash: source.hash().to_owned(),
        before: before.to_owned(),
        after,
        lines,
    })
}

fn line_of(text: &str, offset: usize) -> u32 {
    let newlines = text[..offset].matches('\n').count();
    u32::try_from(newlines + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
