//! The faults of one transaction: its loads, grouped by what would answer them, without those that are no N+1, and what
//! the rules about statements find.

use std::collections::{BTreeMap, BTreeSet};

use observation::{Details, Load, LoadId, RelationId, ResultSetId, Source, Transaction, Via};

use crate::conversation::{Conversation, Fault};
use crate::growth::{Sets, remembers_all};
use crate::lineage::{Lineage, Trace};
use crate::rules::StatementCheck;
use crate::tally::Tally;
use crate::{Access, Confidence, Hop, Origin, Place, Rule, Subject, resolve, rules};

/// Fewer queries are no N+1, nor are queries for fewer instances: a single object on a detail page may well load each
/// of its relations once.
const QUERIES_MIN: u64 = 2;
const INSTANCES_MIN: u32 = 2;

/// What makes two faults the same one: one eager load, or one rewritten loop, would answer both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cause {
    pub(crate) rule: Rule,
    pub(crate) subject: Subject,
    pub(crate) path: Vec<Hop>,
    pub(crate) anchor: Anchor,
}

/// Where an eager load would go.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Anchor {
    /// Onto the queryset of this model that is built here.
    Queryset { model: String, built: Spot },
    /// Unknown, or none; the place that touched the relation or asked is all there is to tell one from another.
    Unknown { touched: Option<Spot> },
}

impl Anchor {
    /// Of a statement that is asked for here.
    pub(crate) fn at(place: Spot) -> Self {
        Self::Unknown { touched: Some(place) }
    }
}

/// A place without what may differ between two visits to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    file: String,
    line: u32,
    name: String,
    member: String,
}

impl Spot {
    pub(crate) fn of(place: &Place) -> Self {
        Self {
            file: place.file.clone(),
            line: place.line,
            name: place.name.clone(),
            member: place.member.clone(),
        }
    }
}

/// The evidence for one cause.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    pub(crate) queries: u64,
    pub(crate) duration_ns: u64,
    /// Where the anchor was built, by the queries that came of it; empty when unknown.
    pub(crate) origins: Tally<Origin>,
    /// Where the relation was touched, by queries.
    pub(crate) accesses: Tally<Access>,
    /// Where the same was asked for before, by queries, when those are other places.
    pub(crate) before: Tally<Place>,
    pub(crate) confidence: Confidence,
    /// See [`Trace::answerable`].
    pub(crate) answerable: bool,
    /// Empty when they are not known, or not all of their instances. They are of one transaction, and mean nothing in
    /// what was absorbed from several.
    pub(crate) sets: Sets,
    /// Whether the instances that were touched are several, as far as is known.
    several: bool,
}

/// All that pass the guards.
pub(crate) fn occurrences(transaction: &Transaction) -> BTreeMap<Cause, Evidence> {
    let details = &transaction.details;
    let lineage = Lineage::of(details);
    let mut found: BTreeMap<Cause, Evidence> = BTreeMap::new();
    let mut loads = Vec::new();
    for (id, load) in (0..).map(LoadId).zip(&details.loads) {
        let Some((cause, evidence)) = examine(details, &lineage, load) else { continue };
        loads.push((id, cause.clone()));
        put(&mut found, cause, evidence);
    }
    found.retain(|_, evidence| evidence.most_at_one_place() >= QUERIES_MIN && evidence.several);
    if !remembers_all(details) {
        for evidence in found.values_mut() {
            evidence.sets = Sets::default();
        }
    }

    let n_plus_ones = loads.into_iter().filter(|(_, cause)| found.contains_key(cause)).map(|(load, _)| load);
    let conversation = Conversation::of(transaction, n_plus_ones.collect());
    for check in rules::STATEMENT_CHECKS {
        for fault in (check.find)(&conversation) {
            let (cause, evidence) = asked(check, fault);
            put(&mut found, cause, evidence);
        }
    }
    found
}

fn put(found: &mut BTreeMap<Cause, Evidence>, cause: Cause, evidence: Evidence) {
    match found.get_mut(&cause) {
        Some(known) => known.absorb(evidence),
        None => {
            found.insert(cause, evidence);
        }
    }
}

fn asked(check: &StatementCheck, fault: Fault) -> (Cause, Evidence) {
    let Fault { subject, chain, before, queries, duration_ns } = fault;
    let cause = Cause {
        rule: check.rule,
        subject,
        path: Vec::new(),
        anchor: Anchor::Unknown { touched: chain.first().map(Spot::of) },
    };
    let mut evidence = Evidence {
        queries,
        duration_ns,
        origins: Tally::default(),
        accesses: Tally::default(),
        before: Tally::default(),
        confidence: Confidence::Certain,
        answerable: true,
        sets: Sets::default(),
        several: true,
    };
    evidence.accesses.add(Access { chain, ask: None }, queries);
    if let Some(before) = before {
        evidence.before.add(before, queries);
    }
    (cause, evidence)
}

fn examine(details: &Details, lineage: &Lineage<'_>, load: &Load) -> Option<(Cause, Evidence)> {
    let relation = resolve::relation(details, load.relation)?;
    let check = rules::check_for(relation.kind, load.ask)?;
    let access = Access { chain: resolve::chain(details, load.access), ask: Some(load.ask) };
    let trace = load.result_set.and_then(|touched| lineage.trace(touched, load.relation));
    let path = match &trace {
        Some(trace) => resolve::path(details, &trace.path)?,
        None => vec![Hop { field: relation.field.clone(), kind: relation.kind }],
    };
    let origin = trace.as_ref().and_then(|trace| origin(details, trace));

    let touched = access.chain.first();
    let first_built = origin.as_ref().and_then(|origin| origin.chain.first());
    // A test builds querysets to look at what it tested; nobody waits for them. Code that a test merely reaches counts.
    if first_built.or(touched).is_some_and(is_test_code) {
        return None;
    }
    let anchor = match (&origin, first_built) {
        (Some(origin), Some(built)) => {
            Anchor::Queryset { model: origin.model.clone(), built: Spot::of(built) }
        }
        _ => Anchor::Unknown { touched: touched.map(Spot::of) },
    };

    let queries = u64::from(load.queries);
    let mut evidence = Evidence {
        queries,
        duration_ns: load.duration_ns,
        origins: Tally::default(),
        accesses: Tally::default(),
        before: Tally::default(),
        confidence: confidence(details, trace.as_ref(), origin.is_some()),
        answerable: trace.as_ref().is_some_and(|trace| trace.answerable),
        sets: Sets::default(),
        several: are_several(details, load),
    };
    if let Some(origin) = origin {
        evidence.origins.add(origin, queries);
        if let (Some(trace), Some(touched)) = (trace, load.result_set) {
            evidence.sets = Sets::of(details, trace.anchor, touched);
        }
    }
    evidence.accesses.add(access, queries);
    Some((Cause { rule: check.rule, subject: Subject::Relation(relation), path, anchor }, evidence))
}

impl Evidence {
    /// The queries of the place that asked most. A loop asks at one place again and again; code that compares two
    /// objects, such as an old version and a new one, asks once at each of two places.
    fn most_at_one_place(&self) -> u64 {
        let mut places = BTreeMap::new();
        for (access, queries) in self.accesses.iter() {
            *places.entry(access.chain.first().map(Spot::of)).or_insert(0_u64) += queries;
        }
        places.into_values().max().unwrap_or(0)
    }

    /// Adds what else was seen of the same cause. The order in which evidence comes in changes nothing.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.queries = self.queries.saturating_add(other.queries);
        self.duration_ns = self.duration_ns.saturating_add(other.duration_ns);
        self.origins.extend(other.origins);
        self.accesses.extend(other.accesses);
        self.before.extend(other.before);
        self.sets.extend(other.sets);
        self.confidence = self.confidence.max(other.confidence);
        self.answerable |= other.answerable;
        self.several |= other.several;
    }
}

fn origin(details: &Details, trace: &Trace) -> Option<Origin> {
    let set = details.result_sets.get(trace.anchor.index())?;
    let mut chain = resolve::chain(details, set.origin);
    let inside = chain.iter().take_while(|place| is_queryset_constructor(place)).count();
    if inside < chain.len() {
        chain.drain(..inside);
    }
    let used = set.evaluated.and_then(|used| resolve::chain(details, used).into_iter().next());
    let used = used.filter(|used| !chain.iter().any(|place| Spot::of(place) == Spot::of(used)));
    (!chain.is_empty()).then(|| Origin {
        chain,
        used,
        passed: passed(details, trace.anchor),
        model: details.text(set.model).to_owned(),
        single: set.single,
    })
}

/// To-one relations of these instances that were prefetched, and from which was prefetched further.
fn passed(details: &Details, anchor: ResultSetId) -> Vec<String> {
    let prefetched = |parent: ResultSetId| {
        (0..).map(ResultSetId).zip(&details.result_sets).filter_map(move |(id, set)| match set.source {
            Source::Relation { parent: of, relation, via: Via::Prefetch } if of == parent => {
                Some((id, relation))
            }
            _ => None,
        })
    };
    let single = |relation: RelationId| {
        details.relations.get(relation.index()).filter(|relation| relation.kind.is_single())
    };
    prefetched(anchor)
        .filter(|(id, _)| prefetched(*id).next().is_some())
        .filter_map(|(_, relation)| Some(details.text(single(relation)?.field).to_owned()))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// Whether the place is where a class of querysets hands on what it is made of: each of them passes there.
fn is_queryset_constructor(place: &Place) -> bool {
    place.name.strip_suffix(".__init__").is_some_and(|class| class.contains("QuerySet"))
}

fn confidence(details: &Details, trace: Option<&Trace>, origin_known: bool) -> Confidence {
    let anchor = |trace: &Trace| details.result_sets.get(trace.anchor.index()).copied();
    match trace.and_then(|trace| Some((trace, anchor(trace)?))) {
        Some((trace, anchor)) if origin_known => {
            if trace.complete && anchor.evaluations <= 1 {
                Confidence::Certain
            } else {
                Confidence::Likely
            }
        }
        _ => Confidence::Possible,
    }
}

/// Of untraced instances nothing is known but how often one place asked for their relation, and more than once is
/// what a loop looks like: they are taken for several.
fn are_several(details: &Details, load: &Load) -> bool {
    load.result_set
        .and_then(|touched| details.result_sets.get(touched.index()))
        .is_none_or(|set| set.instances >= INSTANCES_MIN || set.evaluations >= INSTANCES_MIN)
}

/// By the file names that Django's and pytest's runners look for. Outside the project a directory named `tests` says
/// nothing: a whole environment may lie below one.
pub(crate) fn is_test_code(place: &Place) -> bool {
    let mut segments = place.file.split('/');
    let file = segments.next_back().unwrap_or_default();
    let is_test_module =
        file.strip_suffix(".py").is_some_and(|module| module == "tests" || module.starts_with("test_"));
    place.in_project() && (is_test_module || segments.any(|directory| directory == "tests"))
}

#[cfg(test)]
mod tests;
