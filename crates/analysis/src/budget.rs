//! Most queries that an endpoint may make, and which ones make more.

use crate::Endpoint;

/// The most queries that the endpoints of a name may make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// `GET /books/`, `command import_books`; ends in `*` when it is about all that begin so.
    pub pattern: String,
    /// Queries.
    pub queries_max: u64,
}

/// An endpoint with more queries than its budget.
#[derive(Clone, Debug, PartialEq)]
pub struct Overrun<'a> {
    /// Which.
    pub endpoint: &'a Endpoint,
    /// The budget that it has.
    pub budget: &'a Budget,
}

/// What became of the budgets.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Audit<'a> {
    /// Endpoints over their budget, the one that is the most queries over first.
    pub overruns: Vec<Overrun<'a>>,
    /// Budgets that no endpoint has.
    pub unused: Vec<&'a Budget>,
}

impl Budget {
    fn is_for(&self, name: &str) -> bool {
        match self.pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == self.pattern,
        }
    }
}

/// Compares the endpoints with their budgets. Of several that are about an endpoint, the longest counts, and the exact
/// one before all patterns.
pub fn audit<'a>(endpoints: &'a [Endpoint], budgets: &'a [Budget]) -> Audit<'a> {
    let mut unused: Vec<&Budget> = budgets.iter().collect();
    let mut overruns = Vec::new();
    for endpoint in endpoints {
        let name = endpoint.key.to_string();
        let rank = |budget: &&Budget| (!budget.pattern.ends_with('*'), budget.pattern.len());
        let Some(budget) = budgets.iter().filter(|budget| budget.is_for(&name)).max_by_key(rank) else {
            continue;
        };
        unused.retain(|unused| *unused != budget);
        if endpoint.queries.max > budget.queries_max as f64 {
            overruns.push(Overrun { endpoint, budget });
        }
    }
    let over = |overrun: &Overrun<'_>| overrun.endpoint.queries.max - overrun.budget.queries_max as f64;
    overruns.sort_by(|one, other| over(other).total_cmp(&over(one)));
    Audit { overruns, unused }
}

#[cfg(test)]
mod tests;
