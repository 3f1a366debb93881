//! The user's code around a place: only files that units of work of the run lie in, and only below the project's root.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use project::{RelativePath, Root, Source};
use store::{ReadError, RecordedFile, RunId, Store};

use crate::api::{Code, CodeLine, CodeState, Place};
use crate::limits::{CONTEXT_LINES_MAX, LINE_CHARACTERS_MAX};

/// The files of one run. Each is read once: a page shows many places of few files.
pub(crate) struct Files<'a> {
    root: &'a Root,
    recorded: BTreeMap<String, Vec<RecordedFile>>,
    read: RefCell<BTreeMap<String, Option<Rc<Source>>>>,
}

impl<'a> Files<'a> {
    pub(crate) fn of(root: &'a Root, store: &Store, run: RunId) -> Result<Self, ReadError> {
        let mut recorded: BTreeMap<String, Vec<RecordedFile>> = BTreeMap::new();
        for file in store.source_files(run)? {
            recorded.entry(file.path.clone()).or_default().push(file);
        }
        Ok(Self { root, recorded, read: RefCell::default() })
    }

    /// The file, when it may be shown and can be.
    pub(crate) fn read(&self, file: &str) -> Option<Rc<Source>> {
        if !self.recorded.contains_key(file) {
            return None;
        }
        let mut read = self.read.borrow_mut();
        let source = read.entry(file.to_owned()).or_insert_with(|| {
            // Links are followed only to where the project is.
            self.root.read(&RelativePath::new(file).ok()?).ok().map(Rc::new)
        });
        source.clone()
    }

    /// The code around a place.
    pub(crate) fn around(&self, place: &Place, context: u32) -> Code {
        let answer = |line, state, lines| Code { file: place.file.clone(), line, state, lines };
        if !self.recorded.contains_key(&place.file) {
            return answer(place.line, CodeState::Outside, Vec::new());
        }
        let Some(source) = self.read(&place.file) else {
            return answer(place.line, CodeState::Unreadable, Vec::new());
        };
        let Some(line) = line_of(&source, place) else {
            return answer(None, CodeState::Unreadable, Vec::new());
        };
        let state = if self.is_current(&source) { CodeState::Current } else { CodeState::Changed };
        answer(Some(line), state, lines(&source, line, context.min(CONTEXT_LINES_MAX)))
    }

    /// Whether a file is what the processes ran.
    fn is_current(&self, source: &Source) -> bool {
        let states = self.recorded.get(source.path().as_str()).map_or(&[][..], Vec::as_slice);
        let is_it = |state: &RecordedFile| {
            !state.changed_after_start && state.sha256.as_deref() == Some(source.hash())
        };
        states.iter().any(is_it)
    }
}

/// The line of a place, looked up where only a name is known.
pub(crate) fn line_of(source: &Source, place: &Place) -> Option<u32> {
    place.line.or_else(|| match place.member.as_str() {
        "" => project::class_line(source, &place.name),
        member => project::class_member_line(source, &place.name, member),
    })
}

fn lines(source: &Source, line: u32, context: u32) -> Vec<CodeLine> {
    let first = line.saturating_sub(context).max(1);
    let numbered = (first..=line.saturating_add(context)).map_while(|number| {
        let text = project::line_text(source, number)?;
        Some(CodeLine { number, text: cut(text) })
    });
    numbered.collect()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LINE_CHARACTERS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
