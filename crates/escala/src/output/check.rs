//! The outcome of `escala check`, for every format.

use analysis::{Audit, Overrun};

use super::number::{count, counted, grouped};
use super::source::Located;

/// What was found, compared with what is accepted and allowed.
#[derive(Debug)]
pub(crate) struct Checked<'a> {
    /// What was run.
    pub(crate) command: &'a str,
    /// Units of work.
    pub(crate) transactions: u64,
    /// Findings that nobody accepted.
    pub(crate) new: Vec<Located<'a>>,
    /// Endpoints and their budgets.
    pub(crate) audit: Audit<'a>,
    /// Findings that the baseline accepts.
    pub(crate) accepted: usize,
    /// Ids in the baseline that were not found.
    pub(crate) gone: Vec<&'a str>,
    /// Findings that comments accept.
    pub(crate) suppressed: usize,
}

impl Checked<'_> {
    pub(crate) fn passes(&self) -> bool {
        self.new.is_empty() && self.audit.overruns.is_empty()
    }

    /// The outcome in a few words.
    pub(crate) fn outcome(&self) -> String {
        let overruns = self.audit.overruns.len() as u64;
        let mut parts = Vec::new();
        if !self.new.is_empty() {
            parts.push(counted(self.new.len() as u64, "new finding"));
        }
        if overruns > 0 {
            parts.push(format!("{} over budget", counted(overruns, "endpoint")));
        }
        if parts.is_empty() {
            parts.push("No new finding".to_owned());
        }
        parts.join(" and ")
    }

    /// What was left out of the outcome; empty when nothing was.
    pub(crate) fn known(&self) -> String {
        let known = [(self.accepted, "accepted"), (self.suppressed, "ignored by comments")];
        let clauses: Vec<_> = known
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{} {what}", grouped(number as u64)))
            .collect();
        clauses.join(", ")
    }

    /// How a baseline that says too much is mended; none when it does not.
    pub(crate) fn thanks(&self) -> Option<String> {
        let gone = match self.gone.len() as u64 {
            0 => return None,
            1 => "1 accepted finding is gone".to_owned(),
            many => format!("{} accepted findings are gone", grouped(many)),
        };
        Some(format!("{gone}; --update-baseline takes what is gone out of the file"))
    }
}

/// An endpoint over its budget, in words.
pub(crate) fn overrun(overrun: &Overrun<'_>) -> String {
    let name = overrun.endpoint.key.to_string();
    let by = if overrun.budget.pattern == name {
        String::new()
    } else {
        format!(" (`{}`)", overrun.budget.pattern)
    };
    format!(
        "{name} makes {} queries; its budget is {}{by}",
        count(overrun.endpoint.queries.max),
        grouped(overrun.budget.queries_max)
    )
}
