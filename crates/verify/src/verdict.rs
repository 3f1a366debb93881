//! What the measurements say. Pure.
//!
//! *Proved* means: every response is identical, the affected requests together take fewer queries, no other request
//! takes more, and the affected requests together take no longer. Time is the sum over the affected requests of each
//! one's fastest round, since noise only ever adds; the candidate may exceed the baseline by [`TIME_RATIO_MAX`] and
//! [`TIME_SLACK_NS`], which two runs of the same code differ by on a busy machine.

use crate::compare::Difference;

/// The candidate's time over the baseline's that still counts as not slower.
pub(crate) const TIME_RATIO_MAX: f64 = 1.05;

/// Nanoseconds on top: on a page of a millisecond the ratio alone is less than the clock's own jitter.
pub(crate) const TIME_SLACK_NS: f64 = 500_000.0;

/// The candidate's time over the baseline's from which one round is enough. A candidate that is slower than
/// [`TIME_RATIO_MAX`] allows would need a round with an error of 8 % to seem so.
pub(crate) const CLEARLY_FASTER_RATIO: f64 = 0.97;

/// The part of a statement that is shown.
const SQL_CHARACTERS_MAX: usize = 200;

/// Of two candidates with as many queries, how much faster the later one must be to win.
pub(crate) const TIE_RATIO: f64 = 0.9;

/// One version's figures for one request, over all rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Fewest queries of a round.
    pub(crate) queries_min: u32,
    /// Most.
    pub(crate) queries_max: u32,
    /// Fastest round. What the thread waited for a processor is not in it.
    pub(crate) wall_ns: u64,
}

impl Figures {
    /// The figures of one reply.
    pub(crate) fn one(queries: u32, wall_ns: u64) -> Self {
        Self { queries_min: queries, queries_max: queries, wall_ns }
    }

    /// With another round taken in.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            queries_min: self.queries_min.min(other.queries_min),
            queries_max: self.queries_max.max(other.queries_max),
            wall_ns: self.wall_ns.min(other.wall_ns),
        }
    }
}

/// Both versions' figures for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// Which request.
    pub(crate) request: usize,
    /// As the files are on disk.
    pub(crate) baseline: Figures,
    /// With the edit.
    pub(crate) candidate: Figures,
}

/// Why a candidate is not proved. What it names is already put into words, since a person is who reads it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error("{request}: the response changes; {difference}")]
    Different { request: String, difference: Difference },
    #[error(
        "cannot prove: {request} is not deterministic, two replays without the edit differ; {difference}"
    )]
    Unstable { request: String, difference: Difference },
    #[error("cannot prove: {request} fails in the replay without the edit: {reason}")]
    BaselineFails { request: String, reason: String },
    #[error("{request} fails with the edit: {reason}")]
    CandidateFails { request: String, reason: String },
    #[error("the project does not load with the edit: {0}")]
    NotLoadable(String),
    #[error("{file} is not imported when the requests are answered, so the edit changes nothing")]
    NotImported { file: String },
    #[error("no fewer queries: {before} before, {after} after{}", repeated(.most_repeated.as_ref()))]
    NotFewer { before: u64, after: u64, most_repeated: Option<(String, u32)> },
    #[error("{request} takes more queries: {before} before, {after} after")]
    MoreQueries { request: String, before: u32, after: u32 },
    #[error("test {test} ended in {before:?} before, and in {after:?} with the edit{}", after_colon(.reason.as_ref()))]
    TestEnds { test: String, before: String, after: String, reason: Option<String> },
    #[error(
        "test {test} counts the queries and does not expect fewer: {reason}; if fewer are meant, change its number \
         with the edit"
    )]
    TestCounts { test: String, reason: String },
    #[error("test {test} got {before} responses before, and {after} with the edit")]
    ResponseCount { test: String, before: usize, after: usize },
    #[error(
        "cannot prove: test {test} is not deterministic, two runs without the edit differ: {before}, then {after}"
    )]
    TestUnstable { test: String, before: String, after: String },
    #[error("cannot prove: the tests do not always pass without the edit: {0}")]
    BaselineTests(String),
    #[error("the tests do not pass with the edit: {0}")]
    CandidateTests(String),
    #[error("cannot prove: {0}")]
    TestsNotRun(String),
    #[error("not faster: {before_ms:.1} ms before, {after_ms:.1} ms after")]
    Slower { before_ms: f64, after_ms: f64 },
    #[error("another candidate is proved and does better")]
    Outdone,
    #[error("no verdict within {0} s")]
    OutOfTime(u64),
}

fn after_colon(reason: Option<&String>) -> String {
    reason.map_or_else(String::new, |reason| format!(": {reason}"))
}

fn repeated(statement: Option<&(String, u32)>) -> String {
    statement
        .filter(|(_, count)| *count > 1)
        .map_or_else(String::new, |(sql, count)| format!("; still {count} times: {}", shortened(sql)))
}

/// A statement without the columns that it selects, and not more than [`SQL_CHARACTERS_MAX`] of it.
fn shortened(sql: &str) -> String {
    let text = match sql.split_once(" FROM ") {
        Some((columns, rest)) if columns.starts_with("SELECT ") && columns.contains(',') => {
            format!("SELECT … FROM {rest}")
        }
        _ => sql.to_owned(),
    };
    match text.char_indices().nth(SQL_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Queries of all pairs, the most that the baseline is sure to save against the least that the candidate does.
pub(crate) fn queries(pairs: &[Pair]) -> (u64, u64) {
    let before = pairs.iter().map(|pair| u64::from(pair.baseline.queries_min)).sum();
    let after = pairs.iter().map(|pair| u64::from(pair.candidate.queries_max)).sum();
    (before, after)
}

/// Time of all pairs, in nanoseconds.
pub(crate) fn time_ns(pairs: &[Pair]) -> (u64, u64) {
    let before = pairs.iter().map(|pair| pair.baseline.wall_ns).sum();
    let after = pairs.iter().map(|pair| pair.candidate.wall_ns).sum();
    (before, after)
}

/// Judges the affected requests by their queries.
pub(crate) fn judge_queries(
    affected: &[Pair],
    most_repeated: Option<(String, u32)>,
) -> Result<(), Rejection> {
    let (before, after) = queries(affected);
    if after < before { Ok(()) } else { Err(Rejection::NotFewer { before, after, most_repeated }) }
}

/// Judges the affected requests by their time.
pub(crate) fn judge_time(affected: &[Pair]) -> Result<(), Rejection> {
    let (before, after) = time_ns(affected);
    if after as f64 <= before as f64 * TIME_RATIO_MAX + TIME_SLACK_NS {
        Ok(())
    } else {
        Err(Rejection::Slower { before_ms: before as f64 / 1e6, after_ms: after as f64 / 1e6 })
    }
}

/// Whether the candidate is not slower at all: then no further round could turn "proved" into "slower", since that
/// takes more than the tolerance of [`judge_time`].
pub(crate) fn is_no_slower(affected: &[Pair]) -> bool {
    let (before, after) = time_ns(affected);
    after <= before
}

/// Whether one round is enough to say that the candidate is not slower.
pub(crate) fn is_clearly_faster(affected: &[Pair]) -> bool {
    let (before, after) = time_ns(affected);
    after as f64 <= before as f64 * CLEARLY_FASTER_RATIO
}

/// Judges a request that the finding is not about.
pub(crate) fn judge_control(pair: Pair, name: &str) -> Result<(), Rejection> {
    let (before, after) = (pair.baseline.queries_max, pair.candidate.queries_max);
    if after <= before {
        Ok(())
    } else {
        Err(Rejection::MoreQueries { request: name.to_owned(), before, after })
    }
}

/// Of proved candidates with as few queries as each other, by their time in order of preference: the first that is not
/// clearly slower than the fastest.
pub(crate) fn fastest(times_ns: &[u64]) -> Option<usize> {
    let best = times_ns.iter().copied().min()? as f64;
    times_ns.iter().position(|time| *time as f64 * TIE_RATIO <= best)
}

#[cfg(test)]
mod tests;
