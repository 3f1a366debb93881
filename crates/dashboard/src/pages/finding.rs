//! `/api/finding`.

use analysis::{Finding, Place, Subject};
use observation::{Details, RelationKind, Transaction};
use store::{Run, Store, TransactionOrder};

use super::findings::Proved;
use super::proofs;
use crate::api::params::FindingParams;
use crate::api::{
    Code, Confidence, FindingDetail, FindingRow, Growth, GrowthPoint, Hop, ProofState, RequestRow,
    StatementText,
};
use crate::app::{App, Failure};
use crate::code::Files;
use crate::convert::{endpoint_id, place, request_row, rounded};
use crate::limits::{CONTEXT_LINES, EXAMPLES_MAX, QUERIES_FROM_BYTES_MAX};

/// The newest requests in which a statement is looked for.
const STATEMENT_FROM_REQUESTS: u64 = 10;

pub(crate) fn finding(app: &App, params: &FindingParams) -> Result<FindingDetail, Failure> {
    app.readers.read(|store| {
        let run = App::run(store, params.run)?;
        let known = app.findings.get(run.id, store.latest_ordinal(run.id)?);
        let known = known.ok_or(Failure::NotFound("the findings of this run are not known yet"))?;
        let found = known.findings.iter().find(|finding| finding.id == params.id);
        let found = found.ok_or(Failure::NotFound("this run has no such finding, or no longer"))?;
        detail(app, store, &run, found, known.examined)
    })
}

fn detail(
    app: &App,
    store: &Store,
    run: &Run,
    finding: &Finding,
    examined: u64,
) -> Result<FindingDetail, Failure> {
    let files = Files::of(&app.root, store, run.id)?;
    let code = |chain: &[Place]| -> Option<Code> {
        chain.first().map(|first| files.around(&place(first), CONTEXT_LINES))
    };
    let origin = finding.origin.as_ref().map_or(&[][..], |origin| origin.chain.as_slice());
    let row = Proved::of(app).row(finding);
    let proof = proofs::read(app, &finding.id);
    let is_proved = row.proof_state == ProofState::Proved;
    Ok(FindingDetail {
        run: run.id.number(),
        why: why(finding, &row, examined),
        origin_chain: origin.iter().map(place).collect(),
        access_chain: finding.access.chain.iter().map(place).collect(),
        origin_code: code(origin),
        access_code: code(&finding.access.chain),
        before: finding.before.as_ref().map(place),
        before_code: finding.before.as_ref().map(|before| files.around(&place(before), CONTEXT_LINES)),
        path: finding
            .path
            .iter()
            .map(|hop| Hop { field: hop.field.clone(), kind: relation(hop.kind) })
            .collect(),
        growth: growth(finding),
        statement: statement(store, run, finding)?,
        examples: examples(store, run, finding)?,
        prove_command: format!("escala fix {}{}", finding.id, app.config.store_option),
        apply_command: proof.as_ref().filter(|_| is_proved).map(|proof| proof.apply_command.clone()),
        proof,
        row,
    })
}

/// The costliest requests of its endpoints.
fn examples(store: &Store, run: &Run, finding: &Finding) -> Result<Vec<RequestRow>, Failure> {
    let mut found = Vec::new();
    for key in finding.endpoints.iter().take(3) {
        let id = endpoint_id(key);
        let always = (0, u64::MAX);
        found.extend(store.transactions_of(run.id, &id, always, TransactionOrder::Slowest, EXAMPLES_MAX)?);
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.transaction.wall_ns));
    found.truncate(usize::try_from(EXAMPLES_MAX).unwrap_or(usize::MAX));
    Ok(found.iter().map(request_row).collect())
}

/// Why it costs what it costs.
fn why(finding: &Finding, row: &FindingRow, examined: u64) -> Vec<String> {
    let mut sentences = vec![row.summary.clone()];
    let per_request = match finding.subject {
        Subject::Database { .. } => {
            format!(
                "A request that has it loses {} ms, {} % of its time",
                row.ms_per_request,
                percent(row.share)
            )
        }
        Subject::Relation(_) | Subject::Statement(_) => {
            let queries = queries(row.queries_per_request);
            format!("A request that has it runs {queries} for it, in {} ms", row.ms_per_request)
        }
    };
    sentences.push(format!(
        "{per_request} (medians). {} of the {examined} units of work that were examined have it: {} ms in all.",
        row.requests, row.total_ms
    ));
    sentences.extend(finding.growth.as_ref().map(how_it_grows));
    match row.confidence {
        Confidence::Certain => {}
        Confidence::Likely => {
            sentences.push("It was traced back to its origin, but in part only.".to_owned());
        }
        Confidence::Possible => {
            sentences.push("Where the queryset behind it is built is not known.".to_owned());
        }
    }
    sentences
}

fn how_it_grows(growth: &analysis::Growth) -> String {
    let (fewest, most, model) = (growth.fewest, growth.most, &growth.model);
    let point = |point: analysis::GrowthPoint| format!("{} rows took {}", point.rows, queries(point.queries));
    let seen =
        if fewest.rows == most.rows { point(most) } else { format!("{}, {}", point(fewest), point(most)) };
    match growth.per_row {
        Some(per_row) => {
            format!("It grows with the data, {} for each row of {model}: {seen}.", queries(per_row))
        }
        None if fewest.rows == most.rows => {
            format!("All requests saw as many rows of {model}, so how it grows is not known: {seen}.")
        }
        None => format!("It does not grow in step with the rows of {model}: {seen}."),
    }
}

fn percent(share: f64) -> f64 {
    (share * 1e3).round() / 10.0
}

fn queries(count: f64) -> String {
    let count = rounded(count).to_string();
    if count == "1" { "1 query".to_owned() } else { format!("{count} queries") }
}

fn growth(finding: &Finding) -> Option<Growth> {
    let growth = finding.growth.as_ref()?;
    let point =
        |point: analysis::GrowthPoint| GrowthPoint { rows: point.rows, queries: rounded(point.queries) };
    Some(Growth {
        model: growth.model.clone(),
        queries_per_row: growth.per_row.map(rounded),
        fewest: point(growth.fewest),
        most: point(growth.most),
    })
}

/// An example of the statement, from one of the newest requests that has it.
fn statement(store: &Store, run: &Run, finding: &Finding) -> Result<Option<StatementText>, Failure> {
    let Some(key) = finding.endpoints.first() else { return Ok(None) };
    let newest =
        store.newest_of(run.id, &endpoint_id(key), STATEMENT_FROM_REQUESTS, QUERIES_FROM_BYTES_MAX)?;
    let text = newest.iter().find_map(|transaction| statement_in(transaction, finding));
    Ok(text.map(|text| StatementText { formatted: sql::layout(&text), text }))
}

fn statement_in(transaction: &Transaction, finding: &Finding) -> Option<String> {
    let details = &transaction.details;
    if let Some(relation) = finding.relation() {
        let is_it = |load: &&observation::Load| {
            details.relations.get(load.relation.index()).is_some_and(|found| {
                details.text(found.model) == relation.model && details.text(found.field) == relation.field
            })
        };
        return details.loads.iter().find(is_it).map(|load| details.text(load.sql).to_owned());
    }
    let access = finding.access.chain.first()?;
    let is_there = |query: &&observation::Query| {
        details.chain(query.position).next().is_some_and(|site| is_at(details, site, access))
    };
    let statement = finding.statement()?;
    let says_so =
        |query: &&observation::Query| sql::Statement::read(details.text(query.sql)).verb == statement.verb;
    let query = details.queries.iter().filter(is_there).find(says_so)?;
    Some(details.text(query.sql).to_owned())
}

/// Whether a place as the agent noted it is the one that the analysis resolved.
pub(crate) fn is_at(details: &Details, site: &observation::Site, place: &Place) -> bool {
    details.text(site.file) == place.file && site.line == place.line && details.text(site.name) == place.name
}

fn relation(kind: RelationKind) -> String {
    match kind {
        RelationKind::ForeignKey => "foreign key",
        RelationKind::OneToOne => "one to one",
        RelationKind::ReverseOneToOne => "reverse one to one",
        RelationKind::ReverseForeignKey => "reverse foreign key",
        RelationKind::ManyToMany => "many to many",
        RelationKind::GenericForeignKey => "generic foreign key",
        RelationKind::GenericRelation => "generic relation",
        RelationKind::Deferred => "deferred column",
    }
    .to_owned()
}
