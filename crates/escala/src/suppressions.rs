//! Comments in the project that keep findings quiet, applied to a report.

use std::collections::{BTreeMap, BTreeSet};

use analysis::Report;
use project::Suppression;

use crate::output::source::{Located, Sources, Spot};

/// What the comments did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Findings that were taken out of the report.
    pub(crate) suppressed: usize,
    /// Comments that did nothing, one line each.
    pub(crate) warnings: Vec<String>,
}

/// Takes the findings out of the report that a comment accepts: at the line where the queryset is built, where it is
/// touched or asked for, or where the same was asked for before.
pub(crate) fn apply(report: &mut Report, sources: &Sources) -> Applied {
    let mut comments = Comments { sources, files: BTreeMap::new(), used: BTreeSet::new() };
    for file in sources.files() {
        comments.read(file);
    }
    let before = report.findings.len();
    report.findings.retain(|finding| !comments.accept(&sources.locate(finding)));
    Applied { suppressed: before - report.findings.len(), warnings: comments.warnings() }
}

struct Comments<'a> {
    sources: &'a Sources,
    files: BTreeMap<String, Vec<Suppression>>,
    /// Those that were of use, by file and line.
    used: BTreeSet<(String, u32)>,
}

impl Comments<'_> {
    fn read(&mut self, file: &str) -> &[Suppression] {
        if !self.files.contains_key(file) {
            self.files.insert(file.to_owned(), self.sources.suppressions(file));
        }
        &self.files[file]
    }

    /// Whether any comment accepts the finding.
    fn accept(&mut self, located: &Located<'_>) -> bool {
        let rule = located.finding.rule.name();
        let mut accepted = false;
        for Spot { file, line, .. } in
            [&located.origin, &located.access, &located.before].into_iter().flatten()
        {
            let Some(line) = line else { continue };
            let covering = self.read(file).iter().filter(|comment| comment.covers(rule, *line));
            let lines: Vec<u32> = covering.map(|comment| comment.line).collect();
            accepted |= !lines.is_empty();
            self.used.extend(lines.into_iter().map(|line| (file.clone(), line)));
        }
        accepted
    }

    fn warnings(&self) -> Vec<String> {
        let comments =
            self.files.iter().flat_map(|(file, comments)| comments.iter().map(move |one| (file, one)));
        let warning = |(file, comment): (&String, &Suppression)| {
            let line = comment.line;
            match &comment.said {
                Err(reason) => Some(format!("{file}:{line}: this comment is ignored: {reason}")),
                Ok(_) if self.used.contains(&(file.clone(), line)) => None,
                Ok(_) => {
                    Some(format!("{file}:{line}: this comment ignores nothing that was seen in this run"))
                }
            }
        };
        comments.filter_map(warning).collect()
    }
}

#[cfg(test)]
mod tests;
