//! What a finding costs, in words.

use analysis::{Finding, Subject};

use super::number::{milliseconds, percentage, queries};

/// Per request: `100 queries and 61.2 ms per request`; of a fault that is no query, what part of a request it takes.
pub(crate) fn in_words(finding: &Finding) -> String {
    let time = format!("{} ms per request", milliseconds(finding.cost.ms_per_request));
    match finding.subject {
        Subject::Database { .. } => format!("{time}, {} of it", percentage(finding.cost.share, 1.0)),
        Subject::Relation(_) | Subject::Statement(_) => {
            format!("{} and {time}", queries(finding.cost.queries_per_request))
        }
    }
}
