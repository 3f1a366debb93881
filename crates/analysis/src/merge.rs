//! The same fault in many requests and on many endpoints, as one finding.
//!
//! Within an endpoint one eager load is one finding, however many places touch the relation: the place with the most
//! queries is shown. Between endpoints the place that touches it has to be the same one, too: two pages that share a
//! queryset but not a template are two stories to tell, even where one edit ends both.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use observation::Transaction;

use crate::growth::{Sample, growth};
use crate::occurrence::{Anchor, Cause, Evidence, Spot, occurrences};
use crate::quantiles::ms;
use crate::rules::{unread_queryset, write_in_get::is_safe};
use crate::tally::Tally;
use crate::{Access, Cost, EndpointKey, Finding, Origin, Quantiles, Rule, Subject, rules};

/// A single later request without a cause may be the one that had nothing to write.
const LATER_MIN: usize = 2;

/// A single request may be the one that found something missing.
const HABIT_MIN: usize = 2;

/// Every finding, in no order that matters and without an id.
pub(crate) fn findings(transactions: &[Transaction]) -> Vec<Finding> {
    let mut by_endpoint: BTreeMap<(EndpointKey, Cause), Case> = BTreeMap::new();
    let mut starts_us: BTreeMap<EndpointKey, Vec<u64>> = BTreeMap::new();
    let mut read = BTreeSet::new();
    for transaction in transactions {
        let endpoint = EndpointKey::of(transaction);
        for (cause, evidence) in occurrences(transaction) {
            let case = Case::of_request(endpoint.clone(), transaction, evidence);
            put(&mut by_endpoint, (endpoint.clone(), cause), case);
        }
        starts_us.entry(endpoint).or_default().push(transaction.started_at_us);
        read.extend(unread_queryset::read(transaction).map(|(place, subject)| (Anchor::at(place), subject)));
    }
    by_endpoint.retain(|(endpoint, cause), case| {
        let starts_us = starts_us.get(endpoint).map_or(&[][..], Vec::as_slice);
        match cause.rule {
            Rule::WriteInLoop => !(is_safe(&endpoint.method) && case.has_ceased(starts_us)),
            Rule::WriteInGet => case.is_habit(starts_us) && !case.has_ceased(starts_us),
            Rule::ConnectionPerRequest | Rule::IdleInTransaction => case.is_habit(starts_us),
            Rule::UnreadQueryset => !read.contains(&(cause.anchor.clone(), cause.subject.clone())),
            _ => true,
        }
    });
    let mut merged: BTreeMap<(Cause, Option<Spot>), Case> = BTreeMap::new();
    for ((_, cause), mut case) in by_endpoint {
        let spot = case.keep_leading_spot();
        put(&mut merged, (cause, spot), case);
    }
    merged.into_iter().map(|((cause, _), case)| case.into_finding(cause)).collect()
}

fn put<K: Ord>(cases: &mut BTreeMap<K, Case>, key: K, case: Case) {
    match cases.entry(key) {
        Entry::Occupied(mut known) => known.get_mut().absorb(case),
        Entry::Vacant(vacant) => {
            vacant.insert(case);
        }
    }
}

/// A cause over several requests.
struct Case {
    endpoints: BTreeSet<EndpointKey>,
    /// When the last request that has it began, in microseconds since the Unix epoch.
    last_us: u64,
    /// Time of all requests that have it.
    wall_ns: u64,
    /// Of each request that has it.
    queries: Vec<u64>,
    durations_ns: Vec<u64>,
    /// Of those whose rows are known.
    samples: Vec<Sample>,
    /// Of all requests together.
    evidence: Evidence,
}

impl Case {
    fn of_request(endpoint: EndpointKey, transaction: &Transaction, evidence: Evidence) -> Self {
        Self {
            last_us: transaction.started_at_us,
            wall_ns: transaction.wall_ns,
            endpoints: BTreeSet::from([endpoint]),
            queries: vec![evidence.queries],
            durations_ns: vec![evidence.duration_ns],
            samples: evidence.sets.sample(evidence.queries).into_iter().collect(),
            evidence,
        }
    }

    fn absorb(&mut self, other: Self) {
        self.endpoints.extend(other.endpoints);
        self.last_us = self.last_us.max(other.last_us);
        self.wall_ns = self.wall_ns.saturating_add(other.wall_ns);
        self.queries.extend(other.queries);
        self.durations_ns.extend(other.durations_ns);
        self.samples.extend(other.samples);
        self.evidence.absorb(other.evidence);
    }

    /// Whether the later requests of an endpoint are all without it, and are no fewer than those before.
    fn has_ceased(&self, starts_us: &[u64]) -> bool {
        let later = starts_us.iter().filter(|start_us| **start_us > self.last_us).count();
        later >= LATER_MIN && later * 2 >= starts_us.len()
    }

    /// Whether every second request of an endpoint has it, and more than one: the rest had nothing left to do.
    fn is_habit(&self, starts_us: &[u64]) -> bool {
        self.queries.len() >= HABIT_MIN && self.queries.len() * 2 >= starts_us.len()
    }

    /// Forgets every access but those at the place with the most queries. What they cost stays: one eager load
    /// answers them all.
    fn keep_leading_spot(&mut self) -> Option<Spot> {
        let mut spots: Tally<Option<Spot>> = Tally::default();
        for (access, queries) in self.evidence.accesses.iter() {
            spots.add(spot(access), queries);
        }
        let leader = spots.into_leader().flatten();
        self.evidence.accesses.retain(|access| spot(access) == leader);
        leader
    }

    fn into_finding(self, cause: Cause) -> Finding {
        let Evidence { duration_ns, origins, accesses, before, confidence, answerable, .. } = self.evidence;
        let cost = Cost {
            requests: self.queries.len() as u64,
            queries_per_request: Quantiles::of(self.queries).p50,
            ms_per_request: Quantiles::of_ns(self.durations_ns).p50,
            share: (duration_ns as f64 / self.wall_ns.max(1) as f64).min(1.0),
            total_ms: ms(duration_ns),
        };
        let origin = leading_origin(origins);
        let growth = match (&origin, &cause.subject) {
            (Some(origin), Subject::Relation(relation)) => {
                growth(&self.samples, &origin.model, &relation.model)
            }
            _ => None,
        };
        let is_relation = matches!(cause.subject, Subject::Relation(_));
        let remedy = rules::remedy(cause.rule, &cause.subject, &cause.path)
            .filter(|_| !is_relation || origin.is_some() && answerable);
        Finding {
            id: String::new(),
            rule: cause.rule,
            endpoints: self.endpoints.into_iter().collect(),
            subject: cause.subject,
            origin,
            path: cause.path,
            access: accesses.into_leader().expect("every piece of evidence comes with its access"),
            before: before.into_leader(),
            cost,
            growth,
            confidence,
            remedy,
        }
    }
}

fn spot(access: &Access) -> Option<Spot> {
    access.chain.first().map(Spot::of)
}

/// The chain behind most of the queries. The same line may be reached by `.get()` here and by `.filter()` there: the
/// queryset is a single one only where it always is.
fn leading_origin(origins: Tally<Origin>) -> Option<Origin> {
    let single = origins.iter().all(|(origin, _)| origin.single);
    Some(Origin { single, ..origins.into_leader()? })
}

#[cfg(test)]
mod tests;
