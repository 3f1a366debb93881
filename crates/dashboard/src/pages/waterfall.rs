//! The queries of one unit of work on its time axis, what repeats folded into one row. Pure.

use std::collections::HashMap;

use observation::{ChainId, Details, Load, LoadId, Query, StringId, Transaction};

use crate::api::{Gap, Row, RowKind, SqlText};
use crate::convert::{ms, rounded};
use crate::limits::{GAP_NS_MIN, GAPS_MAX, ROWS_MAX, SPANS_PER_ROW_MAX};

/// Fewer queries of a relation, and of the same text from the same place, stay rows of their own.
const LOADS_FOLDED_MIN: usize = 2;
const REPEATS_FOLDED_MIN: usize = 3;

/// The rows, with the tables that they name things by.
pub(crate) struct Waterfall {
    pub(crate) rows: Vec<Row>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) sql: Vec<SqlText>,
    pub(crate) chains: Vec<ChainId>,
    pub(crate) loads: Vec<Load>,
    pub(crate) rows_omitted_queries: u64,
}

/// What makes queries the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Group {
    Load(LoadId),
    Repeat(StringId, ChainId),
}

/// A begin and an end in nanoseconds after the transaction's begin.
type Interval = (u64, u64);

pub(crate) fn of(transaction: &Transaction) -> Waterfall {
    let details = &transaction.details;
    let mut tables = Tables::default();
    let mut folded = fold(details);
    folded.sort_by_key(|queries| std::cmp::Reverse(duration_ns(queries)));
    let omitted = folded.split_off(folded.len().min(ROWS_MAX));
    folded.sort_by_key(|queries| queries[0].offset_us);
    let mut rows: Vec<Row> = folded.iter().map(|queries| row(details, queries, &mut tables)).collect();
    let room = ROWS_MAX - rows.len();
    rows.extend(details.overflow.iter().take(room).map(|rest| Row {
        kind: RowKind::SummedUp,
        queries: rest.queries,
        offset_ms: 0.0,
        end_ms: 0.0,
        duration_ms: ms(rest.duration_ns),
        spans_ms: Vec::new(),
        sql: tables.sql(details, rest.sql),
        chain: tables.chain(rest.position),
        load: None,
        rows: None,
        database: String::new(),
    }));
    let shown: u64 = rows.iter().map(|row| u64::from(row.queries)).sum();
    // What the agent counted without a text or a place belongs to no row either.
    let all =
        u64::from(transaction.queries_total).max(shown + omitted.iter().map(Vec::len).sum::<usize>() as u64);
    Waterfall {
        rows,
        gaps: gaps(details, transaction.wall_ns),
        sql: tables.sql,
        chains: tables.chains,
        loads: tables.loads,
        rows_omitted_queries: all - shown,
    }
}

/// The queries of each row, in the order in which they ran.
fn fold(details: &Details) -> Vec<Vec<&Query>> {
    let group = |query: &Query| query.load.map_or(Group::Repeat(query.sql, query.position), Group::Load);
    let mut groups: HashMap<Group, Vec<&Query>> = HashMap::new();
    for query in &details.queries {
        groups.entry(group(query)).or_default().push(query);
    }
    let mut folded = Vec::new();
    for (group, queries) in groups {
        let least = match group {
            Group::Load(_) => LOADS_FOLDED_MIN,
            Group::Repeat(..) => REPEATS_FOLDED_MIN,
        };
        if queries.len() >= least {
            folded.push(queries);
        } else {
            folded.extend(queries.into_iter().map(|query| vec![query]));
        }
    }
    // The order of a map is nobody's.
    folded.sort_by_key(|queries| (queries[0].offset_us, queries[0].sql, queries[0].position));
    folded
}

fn row(details: &Details, queries: &[&Query], tables: &mut Tables) -> Row {
    let first = queries[0];
    let intervals: Vec<Interval> = queries.iter().map(|query| interval(query)).collect();
    let end_ns = intervals.iter().map(|interval| interval.1).max().unwrap_or(0);
    let known: Vec<u64> = queries.iter().filter_map(|query| query.rows).map(u64::from).collect();
    Row {
        kind: if queries.len() > 1 { RowKind::Run } else { RowKind::Query },
        queries: u32::try_from(queries.len()).unwrap_or(u32::MAX),
        offset_ms: ms(intervals[0].0),
        end_ms: ms(end_ns),
        duration_ms: ms(duration_ns(queries)),
        spans_ms: spans(&intervals),
        sql: tables.sql(details, first.sql),
        chain: tables.chain(first.position),
        load: first.load.and_then(|load| tables.load(details, load)),
        rows: (!known.is_empty()).then(|| known.iter().sum()),
        database: details.text(first.alias).to_owned(),
    }
}

fn duration_ns(queries: &[&Query]) -> u64 {
    queries.iter().fold(0, |sum, query| sum.saturating_add(query.duration_ns))
}

fn interval(query: &Query) -> Interval {
    let begin_ns = u64::from(query.offset_us) * 1_000;
    (begin_ns, begin_ns.saturating_add(query.duration_ns))
}

/// One span for each query; of many, one for each few that follow one another.
fn spans(intervals: &[Interval]) -> Vec<[f64; 2]> {
    let together = intervals.len().div_ceil(SPANS_PER_ROW_MAX).max(1);
    let span = |some: &[Interval]| {
        let begin_ns = some.first().map_or(0, |first| first.0);
        let end_ns = some.iter().map(|one| one.1).max().unwrap_or(begin_ns);
        [ms(begin_ns), ms(end_ns.saturating_sub(begin_ns))]
    };
    intervals.chunks(together).map(span).collect()
}

/// The longest times in which no query ran.
fn gaps(details: &Details, wall_ns: u64) -> Vec<Gap> {
    let mut intervals: Vec<Interval> = details.queries.iter().map(interval).collect();
    intervals.sort_unstable();
    let mut gaps: Vec<Interval> = Vec::new();
    let mut covered_to_ns = 0;
    for (begin_ns, end_ns) in intervals.into_iter().chain([(wall_ns, wall_ns)]) {
        if begin_ns.saturating_sub(covered_to_ns) >= GAP_NS_MIN {
            gaps.push((covered_to_ns, begin_ns));
        }
        covered_to_ns = covered_to_ns.max(end_ns);
    }
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.1 - gap.0));
    gaps.truncate(GAPS_MAX);
    gaps.sort_unstable();
    let gap =
        |(begin_ns, end_ns)| Gap { offset_ms: ms(begin_ns), duration_ms: rounded(ms(end_ns - begin_ns)) };
    gaps.into_iter().map(gap).collect()
}

/// What rows name by its position, each thing once.
#[derive(Default)]
struct Tables {
    sql: Vec<SqlText>,
    sql_ids: HashMap<StringId, u32>,
    chains: Vec<ChainId>,
    chain_ids: HashMap<ChainId, u32>,
    loads: Vec<Load>,
    load_ids: HashMap<LoadId, u32>,
}

impl Tables {
    fn sql(&mut self, details: &Details, id: StringId) -> u32 {
        *self.sql_ids.entry(id).or_insert_with(|| {
            let text = details.text(id).to_owned();
            push(&mut self.sql, SqlText { formatted: sql::layout(&text), text })
        })
    }

    fn chain(&mut self, id: ChainId) -> u32 {
        *self.chain_ids.entry(id).or_insert_with(|| push(&mut self.chains, id))
    }

    fn load(&mut self, details: &Details, id: LoadId) -> Option<u32> {
        let load = *details.loads.get(id.index())?;
        Some(*self.load_ids.entry(id).or_insert_with(|| push(&mut self.loads, load)))
    }
}

fn push<T>(table: &mut Vec<T>, value: T) -> u32 {
    table.push(value);
    u32::try_from(table.len() - 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
