//! `/api/request` and `/api/requests`.

use analysis::Finding;
use observation::{Ask, ChainId, Details, Load, ResultSetId, Source, Transaction};
use store::{EndpointId, TransactionOrder};

use super::finding::is_at;
use super::waterfall::{self, Waterfall};
use crate::api::params::{Order, RequestParams, RequestsParams};
use crate::api::{Code, LoadRow, Place, RequestHead, RequestList, RequestPage};
use crate::app::{App, Failure};
use crate::code::Files;
use crate::convert::{self, is_same, ms, recorded_kind, request_row};
use crate::findings::RunFindings;
use crate::limits::{CHILDREN_MAX, CODES_MAX, CONTEXT_LINES, REQUESTS_MAX};

const LIMIT_DEFAULT: u64 = 20;

pub(crate) fn list(app: &App, params: &RequestsParams) -> Result<RequestList, Failure> {
    app.readers.read(|store| {
        let run = App::run(store, params.run)?;
        let id = EndpointId {
            kind: recorded_kind(params.kind),
            method: params.method.clone(),
            route: params.route.clone(),
        };
        let order = match params.order.unwrap_or(Order::Newest) {
            Order::Newest => TransactionOrder::Newest,
            Order::Slowest => TransactionOrder::Slowest,
        };
        let within = (params.from_us.unwrap_or(0), params.to_us.unwrap_or(u64::MAX));
        let limit = params.limit.map_or(LIMIT_DEFAULT, u64::from).min(REQUESTS_MAX);
        let found = store.transactions_of(run.id, &id, within, order, limit)?;
        Ok(RequestList { run: run.id.number(), requests: found.iter().map(request_row).collect() })
    })
}

pub(crate) fn request(app: &App, params: &RequestParams) -> Result<RequestPage, Failure> {
    app.readers.read(|store| {
        let run = App::run(store, params.run)?;
        let found = store.transaction(run.id, params.ordinal)?;
        let found =
            found.ok_or(Failure::NotFound("there is no such request, or it has gone to make room"))?;
        let (parent, mut children) = store.relatives(run.id, params.ordinal)?;
        children.truncate(CHILDREN_MAX);
        let files = Files::of(&app.root, store, run.id)?;
        let known = app.findings.get(run.id, store.latest_ordinal(run.id)?);
        let details = &found.transaction.details;
        let Waterfall { rows, gaps, sql, chains, loads, rows_omitted_queries } =
            waterfall::of(&found.transaction);
        let chains: Vec<_> = chains.into_iter().map(|chain| places(details, chain)).collect();
        let loads = loads.into_iter().map(|load| load_row(&found.transaction, load, known.as_deref()));
        Ok(RequestPage {
            run: run.id.number(),
            head: RequestHead {
                row: request_row(&found),
                view: found.transaction.view.clone(),
                path: store.request_path(run.id, &found)?,
                cpu_ms: ms(found.transaction.cpu_ns),
                response_bytes: found.transaction.response_bytes,
                parent: parent.as_ref().map(request_row),
                children: children.iter().map(request_row).collect(),
            },
            rows,
            gaps,
            sql,
            loads: loads.collect(),
            rows_omitted_queries,
            code: chains.iter().take(CODES_MAX).map(|chain| code(&files, chain)).collect(),
            chains,
        })
    })
}

fn code(files: &Files<'_>, chain: &[Place]) -> Option<Code> {
    chain.first().map(|place| files.around(place, CONTEXT_LINES))
}

fn places(details: &Details, chain: ChainId) -> Vec<Place> {
    details.chain(chain).map(|site| convert::site(details, site)).collect()
}

fn load_row(transaction: &Transaction, load: Load, known: Option<&RunFindings>) -> LoadRow {
    let details = &transaction.details;
    let relation = details.relations.get(load.relation.index());
    let finding = known.and_then(|known| finding(transaction, load, known));
    let origin = finding.and_then(|finding| finding.origin.as_ref());
    LoadRow {
        relation: relation.map_or_else(String::new, |relation| {
            format!("{}.{}", details.text(relation.model), details.text(relation.field))
        }),
        ask: match load.ask {
            Ask::Object => "object",
            Ask::All => "all",
            Ask::Count => "count",
            Ask::Exists => "exists",
            Ask::Narrowed => "narrowed",
        }
        .to_owned(),
        queries: load.queries,
        duration_ms: ms(load.duration_ns),
        origin: match origin {
            Some(origin) => origin.chain.iter().map(convert::place).collect(),
            None => load.result_set.map_or_else(Vec::new, |set| places(details, root_of(details, set))),
        },
        finding: finding.map(|finding| finding.id.clone()),
    }
}

/// The finding that a load is a case of: of this endpoint, about this relation, and touched at this place.
fn finding<'a>(transaction: &Transaction, load: Load, known: &'a RunFindings) -> Option<&'a Finding> {
    let details = &transaction.details;
    let relation = details.relations.get(load.relation.index())?;
    let endpoint = EndpointId {
        kind: transaction.kind,
        method: transaction.method.clone(),
        route: transaction.route.clone(),
    };
    let is_about = |finding: &&Finding| {
        finding.relation().is_some_and(|about| {
            about.model == details.text(relation.model) && about.field == details.text(relation.field)
        }) && finding.endpoints.iter().any(|key| is_same(&endpoint, key))
    };
    let touched = details.chain(load.access).next();
    let is_touched_here = |finding: &&Finding| {
        let access = finding.access.chain.first();
        touched.zip(access).is_some_and(|(site, place)| is_at(details, site, place))
    };
    let about = known.findings.iter().filter(is_about);
    // A finding shows one of the places that touch it: without one that fits, it is the only one about the relation.
    about.clone().find(is_touched_here).or_else(|| {
        let mut about = about;
        about.next().filter(|_| about.next().is_none())
    })
}

/// Where the queryset was built that the instances of a set came from in the end.
fn root_of(details: &Details, set: ResultSetId) -> ChainId {
    let mut origin = ChainId::default();
    let mut at = Some(set);
    // Foreign bytes may tell of a circle.
    for _ in 0..details.result_sets.len() {
        let Some(found) = at.and_then(|at| details.result_sets.get(at.index())) else { break };
        origin = found.origin;
        at = match found.source {
            Source::QuerySet => None,
            Source::Relation { parent, .. } => Some(parent),
        };
    }
    origin
}
