//! Which recorded requests are replayed for a finding. Pure.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use analysis::{EndpointKey, Place};
use observation::{CapturedRequest, Process, Site, Transaction, TransactionKind};
use store::{RecordedProcess, RecordedRequest};

use crate::limits::{
    AFFECTED_REQUESTS_MAX, AFFECTED_REQUESTS_PER_ENDPOINT_MAX, CONTROL_REQUESTS_MAX,
    CONTROL_REQUESTS_PER_ENDPOINT_MAX,
};

/// Endpoints that a reason names.
const NAMES_MAX: usize = 4;

/// What was recorded of a project's traffic, as far as one interpreter can replay it.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// The process to start again.
    pub process: Process,
    /// The requests that it, or one like it, answered.
    pub requests: Vec<Recorded>,
    /// The project's functions and classes that built or touched something for each endpoint, as far as it was seen.
    pub code: BTreeMap<EndpointKey, BTreeSet<CodeName>>,
    /// Endpoints that were only seen inside tests: their requests are not recorded, since they ask a database that is
    /// gone. A test is such an endpoint itself.
    pub in_tests: BTreeSet<EndpointKey>,
}

/// A function or class of the project: its file and its qualified name.
pub type CodeName = (String, String);

/// One recorded request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The endpoint that answered it.
    pub endpoint: EndpointKey,
    /// Queries that it took.
    pub queries: u32,
    /// The request.
    pub request: CapturedRequest,
}

impl Traffic {
    /// Takes the requests of the processes that were started in the same way; of several ways, the one with the most
    /// requests. None when nothing was recorded.
    pub fn new(processes: &[RecordedProcess], requests: Vec<RecordedRequest>) -> Option<Self> {
        let way_of = |id| {
            let process = &processes.iter().find(|process| process.id == id)?.process;
            Some((
                &process.executable,
                &process.settings_module,
                &process.working_directory,
                &process.module_search_path,
            ))
        };
        let mut counts: BTreeMap<_, usize> = BTreeMap::new();
        for request in &requests {
            *counts.entry(way_of(request.process)).or_default() += 1;
        }
        let (way, _) = counts.into_iter().filter(|(way, _)| way.is_some()).max_by_key(|(_, count)| *count)?;
        let process = processes.iter().find(|process| way_of(process.id) == way)?.process.clone();
        let requests = requests
            .into_iter()
            .filter(|request| way_of(request.process) == way)
            .map(|request| Recorded {
                endpoint: EndpointKey { kind: request.kind, method: request.method, route: request.route },
                queries: request.queries_total,
                request: request.request,
            })
            .collect();
        Some(Self { process, requests, ..Self::default() })
    }

    /// Adds which code ran for which endpoint, so that an edit is tried on the endpoints that it can change; and which
    /// endpoints were only seen inside tests.
    #[must_use]
    pub fn with_code_of(mut self, transactions: &[Transaction]) -> Self {
        let has_tests = transactions.iter().any(|transaction| transaction.kind == TransactionKind::Test);
        let mut outside: BTreeSet<EndpointKey> = BTreeSet::new();
        for transaction in transactions {
            let Transaction { kind, method, route, details, parent_serial, .. } = transaction;
            let endpoint = EndpointKey { kind: *kind, method: method.clone(), route: route.clone() };
            let is_http = *kind == TransactionKind::Http;
            if *kind == TransactionKind::Test || is_http && has_tests && parent_serial.is_some() {
                self.in_tests.insert(endpoint.clone());
            } else {
                outside.insert(endpoint.clone());
            }
            let code = self.code.entry(endpoint).or_default();
            let name = |site: &Site| (details.text(site.file).to_owned(), details.text(site.name).to_owned());
            code.extend(details.sites.iter().map(name));
        }
        self.in_tests.retain(|endpoint| !outside.contains(endpoint));
        self
    }

    /// Drops requests that are recorded more than once, so that an index names a distinct one.
    pub(crate) fn distinct(&self) -> Vec<&Recorded> {
        let mut seen = HashSet::new();
        let key = |request: &CapturedRequest| {
            let CapturedRequest { method, path, query_string, secure, headers, body, user_pk, .. } =
                request.clone();
            (method, path, query_string, secure, headers, body, user_pk)
        };
        self.requests.iter().filter(|recorded| seen.insert(key(&recorded.request))).collect()
    }
}

/// The requests of one experiment, as indices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Requests that have the finding: they are timed, and must get better.
    pub(crate) affected: Vec<usize>,
    /// Requests of every other endpoint: they must not change.
    pub(crate) controls: Vec<usize>,
}

/// Why no request can show anything about a finding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoRequest {
    #[error("only seen outside HTTP requests, in {0}; Escala replays recorded requests only")]
    NotHttp(String),
    #[error("only seen inside tests ({0}); prove it with them: --prove-with COMMAND")]
    InTests(String),
    #[error(
        "only seen on unsafe requests ({0}); Escala replays GET, HEAD and OPTIONS only; tests that make such requests \
         can prove it: --prove-with COMMAND"
    )]
    Unsafe(String),
    #[error(
        "every recorded request to {0} has parts left out on purpose, because they are or sound like credentials, so none \
         can be replayed; if that is wrong, say so in escala.toml and record again: [capture] not_secret = [{names}]",
        names = quoted(.1)
    )]
    Redacted(String, BTreeSet<String>),
    #[error("no request to {0} was recorded; visit it once more under `escala run`")]
    NotRecorded(String),
}

/// Chooses the requests for the endpoints of a finding.
pub(crate) fn select(
    requests: &[&Recorded],
    endpoints: &[EndpointKey],
    in_tests: &BTreeSet<EndpointKey>,
) -> Result<Selection, NoRequest> {
    let selection = all(requests, endpoints);
    if selection.affected.is_empty() {
        return Err(explain(requests, endpoints, in_tests));
    }
    Ok(selection)
}

/// Requests of all other endpoints, for a finding of which no request can be replayed.
pub(crate) fn controls(requests: &[&Recorded], endpoints: &[EndpointKey]) -> Vec<usize> {
    all(requests, endpoints).controls
}

fn all(requests: &[&Recorded], endpoints: &[EndpointKey]) -> Selection {
    let mut affected = BTreeMap::new();
    let mut others = BTreeMap::new();
    for (index, recorded) in requests.iter().enumerate() {
        if is_replayable(recorded) {
            let side = if endpoints.contains(&recorded.endpoint) { &mut affected } else { &mut others };
            side.entry(&recorded.endpoint).or_insert_with(Vec::new).push(index);
        }
    }
    let take = |groups: BTreeMap<&EndpointKey, Vec<usize>>, each: usize, all: usize| {
        let mut taken: Vec<_> = groups
            .into_values()
            .flat_map(|group| spread(group, each, |index| requests[index].queries))
            .collect();
        taken.truncate(all);
        taken
    };
    Selection {
        affected: take(affected, AFFECTED_REQUESTS_PER_ENDPOINT_MAX, AFFECTED_REQUESTS_MAX),
        controls: take(others, CONTROL_REQUESTS_PER_ENDPOINT_MAX, CONTROL_REQUESTS_MAX),
    }
}

impl Selection {
    /// Leaves out the controls whose endpoint never ran the code at these places: an edit there cannot change them.
    /// An endpoint of which nothing is known stays.
    pub(crate) fn only_running(&self, places: &[Place], requests: &[&Recorded], traffic: &Traffic) -> Self {
        let runs = |index: &usize| {
            traffic.code.get(&requests[*index].endpoint).is_none_or(|code| {
                let within = |name: &str, place: &Place| {
                    name.strip_prefix(&place.name)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                code.iter()
                    .any(|(file, name)| places.iter().any(|place| place.file == *file && within(name, place)))
            })
        };
        Self {
            affected: self.affected.clone(),
            controls: self.controls.iter().copied().filter(runs).collect(),
        }
    }
}

/// Up to `count` of the group, evenly from the one with the most queries to the one with the fewest.
fn spread(mut group: Vec<usize>, count: usize, queries: impl Fn(usize) -> u32) -> Vec<usize> {
    group.sort_by_key(|index| std::cmp::Reverse(queries(*index)));
    if group.len() <= count {
        return group;
    }
    let last = group.len() - 1;
    (0..count).map(|step| group[step * last / (count - 1).max(1)]).collect()
}

fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

fn is_replayable(recorded: &Recorded) -> bool {
    recorded.endpoint.kind == TransactionKind::Http
        && is_safe(&recorded.request.method)
        && !recorded.request.redacted
}

/// The endpoints in words; a finding may be in hundreds of tests.
pub(crate) fn names<'a>(endpoints: impl IntoIterator<Item = &'a EndpointKey>) -> String {
    let mut names: Vec<_> = endpoints.into_iter().map(ToString::to_string).collect();
    let more = names.len().saturating_sub(NAMES_MAX);
    names.truncate(NAMES_MAX);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

fn explain(requests: &[&Recorded], endpoints: &[EndpointKey], in_tests: &BTreeSet<EndpointKey>) -> NoRequest {
    let tested: Vec<_> = endpoints.iter().filter(|endpoint| in_tests.contains(endpoint)).collect();
    if !tested.is_empty() {
        return NoRequest::InTests(names(tested));
    }
    let http: Vec<_> = endpoints.iter().filter(|endpoint| endpoint.kind == TransactionKind::Http).collect();
    if http.is_empty() {
        return NoRequest::NotHttp(names(endpoints));
    }
    let safe: Vec<_> = http.iter().copied().filter(|endpoint| is_safe(&endpoint.method)).collect();
    if safe.is_empty() {
        return NoRequest::Unsafe(names(http));
    }
    let recorded = requests.iter().any(|recorded| safe.contains(&&recorded.endpoint));
    if recorded {
        let parameters = safe.iter().flat_map(|endpoint| parameters(&endpoint.route)).collect();
        NoRequest::Redacted(names(safe), parameters)
    } else {
        NoRequest::NotRecorded(names(safe))
    }
}

/// Names of the parameters in a pattern: `code` of `/projects/<uuid:code>/`.
fn parameters(route: &str) -> BTreeSet<String> {
    let parameters = route.split('<').skip(1).filter_map(|rest| rest.split_once('>'));
    parameters.map(|(parameter, _)| parameter.rsplit(':').next().unwrap_or(parameter).to_owned()).collect()
}

/// As they stand in a list of TOML; any name for a parameter behind `?`, which no pattern tells.
fn quoted(names: &BTreeSet<String>) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    if quoted.is_empty() { "\"NAME\"".to_owned() } else { quoted.join(", ") }
}

impl fmt::Display for Recorded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CapturedRequest { method, path, query_string, .. } = &self.request;
        let mark = if query_string.is_empty() { "" } else { "?" };
        write!(formatter, "{method} {path}{mark}{query_string}")
    }
}

#[cfg(test)]
mod tests;
