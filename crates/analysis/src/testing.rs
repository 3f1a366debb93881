//! For tests: code as text, and what an agent would have observed when it ran.

use observation::{
    Ask, AtomicBlock, ChainId, Connection, Details, Glance, Load, LoadId, Query, RelationId, RelationKind,
    ResultSet, ResultSetId, Site, SiteId, SiteKind, Source, Span, StringId, Transaction, TransactionKind,
    Via,
};

use crate::{EndpointKey, Finding, Place, Relation, Report, Subject, Window, report};

/// What every query of these tests takes.
const QUERY_NS: u64 = 500_000;

/// A source file.
pub(crate) struct Code {
    file: &'static str,
    text: &'static str,
}

impl Code {
    pub(crate) fn new(file: &'static str, text: &'static str) -> Self {
        Self { file, text: text.trim_start_matches('\n') }
    }

    /// The place of an expression that the file holds once: in a template the tag, in Python with its exact range and
    /// the function around it.
    pub(crate) fn at(&self, expression: &str) -> Place {
        assert_eq!(self.text.matches(expression).count(), 1, "{expression} is to be in {} once", self.file);
        let start = self.text.find(expression).unwrap();
        let before = &self.text[..start];
        let line = before.matches('\n').count() as u32 + 1;
        let is_python = self.file.strip_suffix(".py").is_some();
        let column = (start - before.rfind('\n').map_or(0, |newline| newline + 1)) as u32;
        Place {
            kind: if is_python { SiteKind::Python } else { SiteKind::Template },
            file: self.file.to_owned(),
            line,
            span: is_python.then_some((column, line, column + expression.len() as u32)),
            name: if is_python { enclosing_function(before) } else { self.template_name() },
            member: String::new(),
        }
    }

    /// A class whose framework method did the work.
    pub(crate) fn class(&self, name: &str, member: &str) -> Place {
        assert!(self.text.contains(&format!("class {name}")), "{name} is to be in {}", self.file);
        Place {
            kind: SiteKind::Class,
            file: self.file.to_owned(),
            line: 0,
            span: None,
            name: name.to_owned(),
            member: member.to_owned(),
        }
    }

    fn template_name(&self) -> String {
        self.file.split_once("templates/").map_or(self.file, |(_, name)| name).to_owned()
    }
}

/// The name after the last `def`: these snippets nest nothing deeper than a method.
fn enclosing_function(before: &str) -> String {
    let name = |line: &str, keyword: &str| {
        let rest = line.trim_start().strip_prefix(keyword)?;
        rest.split(['(', ':']).next().map(str::to_owned)
    };
    let function = before.lines().rev().find_map(|line| Some((line, name(line, "def ")?)));
    match function {
        Some((line, method)) if line.starts_with(' ') => {
            let class = before.lines().rev().find_map(|line| name(line, "class ")).unwrap();
            format!("{class}.{method}")
        }
        Some((_, function)) => function,
        None => "<module>".to_owned(),
    }
}

pub(crate) fn foreign_key(attribute: &str, target: &str) -> Relation {
    relation(attribute, RelationKind::ForeignKey, target)
}

pub(crate) fn many_to_many(attribute: &str, target: &str) -> Relation {
    relation(attribute, RelationKind::ManyToMany, target)
}

pub(crate) fn reverse_foreign_key(attribute: &str, target: &str) -> Relation {
    relation(attribute, RelationKind::ReverseForeignKey, target)
}

/// `shop.Book.publisher` to `shop.Publisher`.
pub(crate) fn relation(attribute: &str, kind: RelationKind, target: &str) -> Relation {
    let (model, field) = attribute.rsplit_once('.').unwrap();
    let target_module = target.split_once('.').map_or(String::new(), |(app, _)| format!("{app}.models"));
    Relation {
        model: model.to_owned(),
        field: field.to_owned(),
        kind,
        target: target.to_owned(),
        target_module,
    }
}

/// A unit of work under observation.
#[derive(Clone)]
pub(crate) struct Observed(Transaction);

impl Observed {
    pub(crate) fn get(route: &str) -> Self {
        Self(Transaction {
            method: "GET".to_owned(),
            route: route.to_owned(),
            status: 200,
            ..Transaction::default()
        })
    }

    pub(crate) fn post(route: &str) -> Self {
        let Self(transaction) = Self::get(route);
        Self(Transaction { method: "POST".to_owned(), ..transaction })
    }

    pub(crate) fn test(id: &str) -> Self {
        Self::unit(TransactionKind::Test, id)
    }

    pub(crate) fn command(name: &str) -> Self {
        Self::unit(TransactionKind::Command, name)
    }

    pub(crate) fn task(name: &str) -> Self {
        Self::unit(TransactionKind::Task, name)
    }

    fn unit(kind: TransactionKind, name: &str) -> Self {
        Self(Transaction { kind, route: name.to_owned(), ..Transaction::default() })
    }

    /// It began that many seconds after the epoch.
    pub(crate) fn at(mut self, second: u64) -> Self {
        self.0.started_at_us = second * 1_000_000;
        self
    }

    /// A test made this request.
    pub(crate) fn inside_test(mut self) -> Self {
        self.0.parent_serial = Some(1);
        self
    }

    /// It took so long in all.
    pub(crate) fn lasting(mut self, wall_ns: u64) -> Self {
        self.0.wall_ns = wall_ns;
        self
    }

    /// A connection was opened again.
    pub(crate) fn connects(&mut self, alias: &str, duration_ns: u64) {
        let alias = self.string(alias);
        self.0.details.connections.push(Connection { alias, duration_ns });
    }

    /// A transaction was open, and so much of that time idle.
    pub(crate) fn stays_open(&mut self, open_ns: u64, idle_ns: u64, of_requests: bool, begun: &[&Place]) {
        let (alias, position) = (self.string("default"), self.chain(begun));
        self.0.details.blocks.push(AtomicBlock { alias, position, of_requests, open_ns, idle_ns });
    }

    /// A queryset of its own was evaluated.
    pub(crate) fn queryset(&mut self, model: &str, instances: u32, built: &[&Place]) -> ResultSetId {
        self.query(1);
        self.set(model, Source::QuerySet, 1, instances, built)
    }

    /// `.get()` or `.first()` gave one instance.
    pub(crate) fn object(&mut self, model: &str, built: &[&Place]) -> ResultSetId {
        let set = self.queryset(model, 1, built);
        self.0.details.result_sets[set.index()].single = true;
        set
    }

    /// The same expression was evaluated anew.
    pub(crate) fn again(&mut self, set: ResultSetId, evaluations: u32, instances: u32) {
        self.query(evaluations);
        let set = &mut self.0.details.result_sets[set.index()];
        set.evaluations += evaluations;
        set.instances += instances;
    }

    /// `select_related()` brought the relation along.
    pub(crate) fn joined(&mut self, parent: ResultSetId, relation: &Relation, instances: u32) -> ResultSetId {
        let source = self.through(parent, relation, Via::Join);
        self.set(&relation.target, source, 1, instances, &[])
    }

    /// `prefetch_related()` brought the relation along; `built` is where the user made a `Prefetch()` with a queryset.
    pub(crate) fn prefetched(
        &mut self,
        parent: ResultSetId,
        relation: &Relation,
        instances: u32,
        built: &[&Place],
    ) -> ResultSetId {
        self.query(1);
        let source = self.through(parent, relation, Via::Prefetch);
        self.set(&relation.target, source, 1, instances, built)
    }

    /// The relation was loaded from one instance after the other; nothing was done with what came.
    pub(crate) fn loads(
        &mut self,
        parent: impl Into<Option<ResultSetId>>,
        relation: &Relation,
        ask: Ask,
        queries: u32,
        touched: &[&Place],
    ) {
        self.query(queries);
        let load = Load {
            result_set: parent.into(),
            relation: self.relation(relation),
            ask,
            access: self.chain(touched),
            sql: self.string(&format!("SELECT … FROM {}", relation.target)),
            queries,
            duration_ns: u64::from(queries) * QUERY_NS,
        };
        self.0.details.loads.push(load);
    }

    /// The relation was loaded from one instance after the other and gave `instances` in all.
    pub(crate) fn loads_into(
        &mut self,
        parent: ResultSetId,
        relation: &Relation,
        ask: Ask,
        (queries, instances): (u32, u32),
        touched: &[&Place],
    ) -> ResultSetId {
        self.loads(parent, relation, ask, queries, touched);
        let source = self.through(parent, relation, Via::Lazy);
        self.set(&relation.target, source, queries, instances, touched)
    }

    /// The code asked for this itself, so many times in all.
    pub(crate) fn asks(&mut self, sql: &str, queries: u32, asked: &[&Place]) {
        self.asks_slowly(sql, queries, QUERY_NS, asked);
    }

    /// The same, with the time that each query takes.
    pub(crate) fn asks_slowly(&mut self, sql: &str, queries: u32, query_ns: u64, asked: &[&Place]) {
        self.query(queries);
        let longer_ns = u64::from(queries) * query_ns - u64::from(queries) * QUERY_NS;
        self.0.db_ns += longer_ns;
        self.0.wall_ns += longer_ns;
        let query = Query {
            sql: self.string(sql),
            alias: self.string("default"),
            offset_us: 0,
            duration_ns: query_ns,
            rows: None,
            position: self.chain(asked),
            load: None,
            parameters: None,
        };
        self.0.details.queries.extend(std::iter::repeat_n(query, queries as usize));
    }

    /// The code asked for the same, with the same parameters, so many times in all.
    pub(crate) fn asks_alike(&mut self, queries: u32, sql: &str, query_ns: u64, asked: &[&Place]) {
        self.asks_alike_as(0, sql, queries, query_ns, asked);
    }

    /// The same, with parameters of this number.
    pub(crate) fn asks_alike_as(
        &mut self,
        parameters: u32,
        sql: &str,
        queries: u32,
        query_ns: u64,
        asked: &[&Place],
    ) {
        let before = self.0.details.queries.len();
        self.asks_slowly(sql, queries, query_ns, asked);
        for query in &mut self.0.details.queries[before..] {
            query.parameters = Some(parameters);
        }
    }

    /// The query above was run by `len()` or as a condition.
    pub(crate) fn glances(&mut self, ask: Ask, rows: u32, read: bool) {
        let query = self.0.details.queries.len() as u32 - 1;
        self.0.details.glances.push(Glance { query, ask, rows, read });
    }

    /// The queries of the loads above were so many, all alike.
    pub(crate) fn loads_alike(&mut self, queries: u32) {
        let load = self.0.details.loads.len() as u32 - 1;
        let Load { sql, access, .. } = self.0.details.loads[load as usize];
        let query = Query {
            sql,
            alias: self.string("default"),
            offset_us: 0,
            duration_ns: QUERY_NS,
            rows: None,
            position: access,
            load: Some(LoadId(load)),
            parameters: Some(1_000),
        };
        self.0.details.queries.extend(std::iter::repeat_n(query, queries as usize));
    }

    /// The code wrote once, and the database says how many rows it changed.
    pub(crate) fn changes(&mut self, sql: &str, rows: u32, asked: &[&Place]) {
        self.asks(sql, 1, asked);
        if let Some(query) = self.0.details.queries.last_mut() {
            query.rows = Some(rows);
        }
    }

    pub(crate) fn details(&self) -> &Details {
        &self.0.details
    }

    pub(crate) fn transaction(self) -> Transaction {
        self.0
    }

    fn query(&mut self, queries: u32) {
        let duration_ns = u64::from(queries) * QUERY_NS;
        self.0.queries_total += queries;
        self.0.db_ns += duration_ns;
        self.0.wall_ns += 2 * duration_ns;
    }

    fn through(&mut self, parent: ResultSetId, relation: &Relation, via: Via) -> Source {
        Source::Relation { parent, relation: self.relation(relation), via }
    }

    fn set(
        &mut self,
        model: &str,
        source: Source,
        evaluations: u32,
        instances: u32,
        built: &[&Place],
    ) -> ResultSetId {
        let (model, origin) = (self.string(model), self.chain(built));
        let set = ResultSet { model, origin, source, evaluations, instances, single: false, evaluated: None };
        ResultSetId(push(&mut self.0.details.result_sets, set))
    }

    fn relation(&mut self, relation: &Relation) -> RelationId {
        let row = observation::Relation {
            model: self.string(&relation.model),
            field: self.string(&relation.field),
            kind: relation.kind,
            target: self.string(&relation.target),
            target_module: self.string(&relation.target_module),
        };
        RelationId(intern(&mut self.0.details.relations, row))
    }

    fn chain(&mut self, places: &[&Place]) -> ChainId {
        let sites = places.iter().map(|place| self.site(place)).collect();
        ChainId(intern(&mut self.0.details.chains, sites))
    }

    fn site(&mut self, place: &Place) -> SiteId {
        let site = Site {
            kind: place.kind,
            file: self.string(&place.file),
            line: place.line,
            span: place.span.map(|(column, end_line, end_column)| Span { column, end_line, end_column }),
            name: self.string(&place.name),
            member: self.string(&place.member),
        };
        SiteId(intern(&mut self.0.details.sites, site))
    }

    fn string(&mut self, text: &str) -> StringId {
        StringId(intern(&mut self.0.details.strings, text.into()))
    }
}

fn push<T>(table: &mut Vec<T>, row: T) -> u32 {
    table.push(row);
    table.len() as u32 - 1
}

fn intern<T: PartialEq>(table: &mut Vec<T>, row: T) -> u32 {
    match table.iter().position(|known| *known == row) {
        Some(position) => position as u32,
        None => push(table, row),
    }
}

/// The report on what was observed.
pub(crate) fn report_on(observed: impl IntoIterator<Item = Observed>) -> Report {
    report(&Window { transactions: observed.into_iter().map(Observed::transaction).collect(), dropped: 0 })
}

/// The findings in words, without what no reader could check by eye: the ids.
pub(crate) fn findings(observed: impl IntoIterator<Item = Observed>) -> String {
    let told: Vec<String> = report_on(observed).findings.iter().map(tell).collect();
    told.join("\n")
}

fn tell(finding: &Finding) -> String {
    let place = |chain: &[Place]| match chain.first() {
        Some(Place { file, line: 0, name, member, .. }) if member.is_empty() => format!("{file} {name}"),
        Some(Place { file, line: 0, name, member, .. }) => format!("{file} {name}.{member}"),
        Some(Place { file, line, .. }) => format!("{file}:{line}"),
        None => "unknown".to_owned(),
    };
    let endpoints: Vec<String> = finding.endpoints.iter().map(endpoint).collect();
    let places = match &finding.subject {
        Subject::Relation(_) => format!(
            "  built   {}\n  touched {}\n",
            place(finding.origin.as_ref().map_or(&[], |origin| &origin.chain)),
            place(&finding.access.chain)
        ),
        Subject::Database { .. } if finding.access.chain.is_empty() => String::new(),
        Subject::Database { .. } => format!("  begun   {}\n", place(&finding.access.chain)),
        Subject::Statement(_) => match &finding.before {
            None => format!("  asked   {}\n", place(&finding.access.chain)),
            Some(before) => {
                let before = place(std::slice::from_ref(before));
                format!("  asked   {}\n  before  {before}\n", place(&finding.access.chain))
            }
        },
    };
    [
        format!("{} {} ({:?})\n", finding.rule.name(), finding.subject, finding.confidence),
        places,
        match finding.subject {
            Subject::Database { .. } => format!("  costs   {:.0}%", finding.cost.share * 100.0),
            _ => format!("  costs   {} queries", finding.cost.queries_per_request),
        },
        format!(", {} ms on {}\n", finding.cost.ms_per_request, endpoints.join(", ")),
        format!("  try     {}\n", finding.suggestion().as_deref().unwrap_or("nothing")),
    ]
    .concat()
}

fn endpoint(key: &EndpointKey) -> String {
    format!("{} {}", if key.method.is_empty() { "test" } else { &key.method }, key.route)
}
