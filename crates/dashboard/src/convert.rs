//! From what is recorded to what is answered.

use observation::{Details, Site, SiteKind, Transaction, TransactionKind};
use store::{EndpointId, Histogram, RecordedTransaction, Span};

use crate::api::{EndpointKey, Kind, Place, PlaceKind, Quantiles, Range, RequestRow};

const NS_PER_MS: f64 = 1e6;
const US_PER_S: u64 = 1_000_000;

/// To the microsecond: further digits say nothing and cost bytes.
pub(crate) fn ms(duration_ns: u64) -> f64 {
    rounded(duration_ns as f64 / NS_PER_MS)
}

/// To three digits after the point.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// A part of a whole, from 0 to 1; 0 of nothing.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64 * 1e4).round() / 1e4 }
}

/// A mean; none of nothing.
pub(crate) fn mean(sum: u64, count: u64) -> Option<f64> {
    (count > 0).then(|| rounded(sum as f64 / count as f64))
}

pub(crate) fn quantiles_ms(spread_ns: &Histogram) -> Quantiles {
    quantiles(spread_ns, ms)
}

pub(crate) fn quantiles_of(spread: &Histogram) -> Quantiles {
    quantiles(spread, |value| value as f64)
}

fn quantiles(spread: &Histogram, scale: fn(u64) -> f64) -> Quantiles {
    let [p50, p95, p99] = [50, 95, 99].map(|percent| scale(spread.quantile(percent)));
    Quantiles { p50, p95, p99, max: scale(spread.max()) }
}

pub(crate) fn quantiles_measured(quantiles: analysis::Quantiles) -> Quantiles {
    let analysis::Quantiles { p50, p95, p99, max } = quantiles;
    Quantiles { p50: rounded(p50), p95: rounded(p95), p99: rounded(p99), max: rounded(max) }
}

pub(crate) fn range(span: Span) -> Range {
    Range { from_us: span.from_s * US_PER_S, to_us: span.to_s * US_PER_S, bucket_s: span.width_s }
}

pub(crate) fn kind(kind: TransactionKind) -> Kind {
    match kind {
        TransactionKind::Http => Kind::Http,
        TransactionKind::Test => Kind::Test,
        TransactionKind::Command => Kind::Command,
        TransactionKind::Task => Kind::Task,
    }
}

pub(crate) fn recorded_kind(kind: Kind) -> TransactionKind {
    match kind {
        Kind::Http => TransactionKind::Http,
        Kind::Test => TransactionKind::Test,
        Kind::Command => TransactionKind::Command,
        Kind::Task => TransactionKind::Task,
    }
}

pub(crate) fn endpoint_key(id: &EndpointId) -> EndpointKey {
    EndpointKey { kind: kind(id.kind), method: id.method.clone(), route: id.route.clone() }
}

pub(crate) fn analysed_key(key: &analysis::EndpointKey) -> EndpointKey {
    EndpointKey { kind: kind(key.kind), method: key.method.clone(), route: key.route.clone() }
}

pub(crate) fn endpoint_id(key: &analysis::EndpointKey) -> EndpointId {
    EndpointId { kind: key.kind, method: key.method.clone(), route: key.route.clone() }
}

pub(crate) fn is_same(id: &EndpointId, key: &analysis::EndpointKey) -> bool {
    id.kind == key.kind && id.method == key.method && id.route == key.route
}

pub(crate) fn request_row(recorded: &RecordedTransaction) -> RequestRow {
    let Transaction { kind: its_kind, method, route, status, started_at_us, .. } = &recorded.transaction;
    RequestRow {
        ordinal: recorded.ordinal,
        endpoint: EndpointKey { kind: kind(*its_kind), method: method.clone(), route: route.clone() },
        status: (*status != 0).then_some(*status),
        started_at_us: *started_at_us,
        wall_ms: ms(recorded.transaction.wall_ns),
        db_ms: ms(recorded.transaction.db_ns),
        queries: recorded.transaction.queries_total,
    }
}

fn place_kind(kind: SiteKind) -> PlaceKind {
    match kind {
        SiteKind::Python => PlaceKind::Python,
        SiteKind::Template => PlaceKind::Template,
        SiteKind::Class => PlaceKind::Class,
    }
}

/// A place that the analysis resolved.
pub(crate) fn place(place: &analysis::Place) -> Place {
    Place {
        kind: place_kind(place.kind),
        file: place.file.clone(),
        line: (place.line > 0).then_some(place.line),
        name: place.name.clone(),
        member: place.member.clone(),
        in_project: place.in_project(),
    }
}

/// A place as the agent noted it.
pub(crate) fn site(details: &Details, site: &Site) -> Place {
    let file = details.text(site.file);
    Place {
        kind: place_kind(site.kind),
        file: file.to_owned(),
        line: (site.line > 0).then_some(site.line),
        name: details.text(site.name).to_owned(),
        member: details.text(site.member).to_owned(),
        in_project: !file.is_empty() && !file.starts_with('/'),
    }
}
