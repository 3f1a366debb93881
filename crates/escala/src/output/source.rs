//! Findings together with the user's code, as it stands now.

use std::collections::BTreeMap;

use analysis::{Finding, Place, Remedy};
use observation::SiteKind;
use project::{RelativePath, Root, Source, Suppression};
use store::RecordedFile;

/// A finding and where it points.
#[derive(Debug)]
pub(crate) struct Located<'a> {
    pub(crate) finding: &'a Finding,
    /// Where the queryset was built.
    pub(crate) origin: Option<Spot>,
    /// Where the relation was touched, or the statement asked for.
    pub(crate) access: Option<Spot>,
    /// Where the same statement was asked for before.
    pub(crate) before: Option<Spot>,
}

impl Located<'_> {
    /// Whether `escala fix` can try it: something is known to help, and there is a file of the project to put it in.
    pub(crate) fn fixable(&self) -> bool {
        let in_project = |origin: &analysis::Origin| origin.chain.iter().any(Place::in_project);
        match self.finding.remedy {
            None | Some(Remedy::ByHand(_)) => false,
            Some(Remedy::FetchOnce) => self.finding.access.chain.first().is_some_and(Place::in_project),
            Some(_) => self.finding.origin.as_ref().is_some_and(in_project),
        }
    }
}

/// A place in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Relative to the project root when inside it.
    pub(crate) file: String,
    /// From 1; none when only the name is known.
    pub(crate) line: Option<u32>,
    /// Qualified name of the function or class; empty for a template.
    pub(crate) function: String,
    /// What the file is to us.
    pub(crate) state: State,
}

/// Whether the code of a [`Spot`] can be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// The line as it was when it ran.
    Current(String),
    /// The file is another one now, so that the line may be.
    Changed(String),
    /// The file is gone, or is not text.
    Unreadable,
    /// The file is not the project's own.
    Outside,
}

/// The project's files, and what is known of them from the time of the recording.
#[derive(Debug)]
pub(crate) struct Sources {
    root: Root,
    recorded: BTreeMap<String, Vec<RecordedFile>>,
}

impl Sources {
    /// The project in `root`, with the files that its processes were seen to run.
    pub(crate) fn open(root: &std::path::Path, files: Vec<RecordedFile>) -> anyhow::Result<Self> {
        let mut recorded: BTreeMap<String, Vec<RecordedFile>> = BTreeMap::new();
        for file in files {
            recorded.entry(file.path.clone()).or_default().push(file);
        }
        Ok(Self { root: Root::open(root)?, recorded })
    }

    /// Looks up where a finding points.
    pub(crate) fn locate<'a>(&self, finding: &'a Finding) -> Located<'a> {
        let origin = finding.origin.as_ref().and_then(|origin| origin.chain.first());
        Located {
            finding,
            origin: origin.map(|place| self.spot(place)),
            access: finding.access.chain.first().map(|place| self.spot(place)),
            before: finding.before.as_ref().map(|place| self.spot(place)),
        }
    }

    /// The files of the project that were seen to run.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.recorded.keys().map(String::as_str)
    }

    /// The comments of a file that keep findings quiet; none when it cannot be read.
    pub(crate) fn suppressions(&self, file: &str) -> Vec<Suppression> {
        self.read(file).map(|source| project::suppressions(&source)).unwrap_or_default()
    }

    fn spot(&self, place: &Place) -> Spot {
        let (line, state) = self.look_up(place);
        let function = match place.kind {
            SiteKind::Template => String::new(),
            _ if place.member.is_empty() => place.name.clone(),
            _ => format!("{}.{}", place.name, place.member),
        };
        Spot { file: place.file.clone(), line, function, state }
    }

    /// The line of a place, and what stands there.
    fn look_up(&self, place: &Place) -> (Option<u32>, State) {
        let known = (place.line > 0).then_some(place.line);
        if !place.in_project() {
            return (known, State::Outside);
        }
        let Some(source) = self.read(&place.file) else { return (known, State::Unreadable) };
        let line = known.or_else(|| match place.member.as_str() {
            "" => project::class_line(&source, &place.name),
            member => project::class_member_line(&source, &place.name, member),
        });
        let Some(code) = line.and_then(|line| project::line_text(&source, line)) else {
            return (line, State::Unreadable);
        };
        let code = code.to_owned();
        (line, if self.is_current(&source) { State::Current(code) } else { State::Changed(code) })
    }

    fn read(&self, file: &str) -> Option<Source> {
        self.root.read(&RelativePath::new(file).ok()?).ok()
    }

    /// Whether a file is what the processes ran. One that was never recorded has nothing that speaks against it.
    fn is_current(&self, source: &Source) -> bool {
        self.recorded.get(source.path().as_str()).is_none_or(|states| {
            states
                .iter()
                .any(|state| !state.changed_after_start && state.sha256.as_deref() == Some(source.hash()))
        })
    }
}

#[cfg(test)]
mod tests;
