//! What the analysis says, as plain data.

use std::collections::BTreeMap;

use observation::{Ask, RelationKind, SiteKind, Span, Transaction, TransactionKind};
use sql::Verb;

/// The observations that a report is made from.
#[derive(Clone, Debug, Default)]
pub struct Window {
    /// Finished units of work, in the order they arrived.
    pub transactions: Vec<Transaction>,
    /// Units of work that were observed but lost on the way, as the agents and the recorder counted them.
    pub dropped: u64,
}

/// Everything that `escala report` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Transactions in the window; those that it omits too, once [`Report::with_totals`] knows of them.
    pub transactions: u64,
    /// How many of them, the newest, the findings come from.
    pub examined: u64,
    /// Queries in them beyond what is kept one by one in a transaction: they count in every sum.
    pub summed_up_queries: u64,
    /// See [`Window::dropped`].
    pub dropped: u64,
    /// Endpoints, the one with the largest total wall time first.
    pub endpoints: Vec<Endpoint>,
    /// Findings, the costliest first.
    pub findings: Vec<Finding>,
}

/// What identifies an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointKey {
    /// Kind of its transactions.
    pub kind: TransactionKind,
    /// Request method; empty unless it is HTTP.
    pub method: String,
    /// URL pattern, test id, command or task name.
    pub route: String,
}

impl std::fmt::Display for EndpointKey {
    /// On one line: `GET /books/`, `test shop.tests.BookTests.test_list`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = if self.kind == TransactionKind::Http { &self.method } else { self.kind.name() };
        let route = if self.route.is_empty() { "(no route)" } else { &self.route };
        write!(formatter, "{what} {route}")
    }
}

/// One endpoint over the window.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// Which.
    pub key: EndpointKey,
    /// Dotted path of the view.
    pub view: String,
    /// Transactions.
    pub requests: u64,
    /// Transactions by response status; those without one are not in it.
    pub status: BTreeMap<u16, u64>,
    /// Wall time, milliseconds.
    pub wall_ms: Quantiles,
    /// Time in the database, milliseconds.
    pub db_ms: Quantiles,
    /// Queries per transaction.
    pub queries: Quantiles,
    /// Sum of wall times, milliseconds: what the ranking is by.
    pub total_ms: f64,
}

/// A distribution, by nearest rank.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Quantiles {
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Largest.
    pub max: f64,
}

/// Which rule found it; see `rules/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// A to-one relation loaded once per instance.
    NPlusOne,
    /// A reverse or many-to-many relation loaded once per instance.
    NPlusOneMany,
    /// A relation queried anew per instance with `.filter()`, `.order_by()`, `.first()` and the like.
    NPlusOneFiltered,
    /// A column that the queryset left out, fetched once per instance.
    DeferredField,
    /// The same query again and again, from one place.
    QueryInLoop,
    /// One row after the other written.
    WriteInLoop,
    /// Rows written by a request that only asks to see something.
    WriteInGet,
    /// The same question asked again in one request, with nothing written to its tables between.
    DuplicateQuery,
    /// All rows fetched for their number, or for whether there are any, and none of them read.
    UnreadQueryset,
    /// A connection to the database opened for every request.
    ConnectionPerRequest,
    /// A transaction that stays open while nothing is asked of the database.
    IdleInTransaction,
    /// Rows counted, or asked for, right before they are all fetched.
    CountThenFetch,
    /// The number of all rows takes longer than the page of them.
    CountForPage,
    /// A page so far down a list that it takes long to reach.
    DeepOffset,
}

impl Rule {
    /// The name in reports, configuration and suppressions.
    pub fn name(self) -> &'static str {
        match self {
            Self::NPlusOne => "n-plus-one",
            Self::NPlusOneMany => "n-plus-one-many",
            Self::NPlusOneFiltered => "n-plus-one-filtered",
            Self::DeferredField => "deferred-field",
            Self::QueryInLoop => "query-in-loop",
            Self::WriteInLoop => "write-in-loop",
            Self::WriteInGet => "write-in-get",
            Self::DuplicateQuery => "duplicate-query",
            Self::UnreadQueryset => "unread-queryset",
            Self::ConnectionPerRequest => "connection-per-request",
            Self::IdleInTransaction => "idle-in-transaction",
            Self::CountThenFetch => "count-then-fetch",
            Self::CountForPage => "count-for-page",
            Self::DeepOffset => "deep-offset",
        }
    }
}

impl Rule {
    /// What it finds, in one sentence.
    pub fn summary(self) -> &'static str {
        match self {
            Self::NPlusOne => "A to-one relation is loaded once per instance.",
            Self::NPlusOneMany => "A reverse or many-to-many relation is loaded once per instance.",
            Self::NPlusOneFiltered => "A relation is queried anew per instance, past any prefetch.",
            Self::DeferredField => "A column that the queryset left out is fetched once per instance.",
            Self::QueryInLoop => "The same query runs again and again, from one place.",
            Self::WriteInLoop => "Rows are written one after the other.",
            Self::WriteInGet => "Rows are written by a request that only asks to see something.",
            Self::UnreadQueryset => {
                "Rows are fetched for their number, or whether there are any, and never read."
            }
            Self::ConnectionPerRequest => "A connection to the database is opened for every request.",
            Self::IdleInTransaction => "A transaction stays open while nothing is asked of the database.",
            Self::DuplicateQuery => "What was asked once is asked again, with the same parameters.",
            Self::CountThenFetch => "Rows are counted, or asked for, and then all fetched.",
            Self::CountForPage => "The number of all rows takes longer than a page of them.",
            Self::DeepOffset => "A page lies so far down a list that it takes long to reach.",
        }
    }
}

/// How sure the analysis is that the finding is what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// Every load was traced back, instance by instance, to one queryset.
    Certain,
    /// Traced back, but to a queryset that was itself evaluated several times, or in part only.
    Likely,
    /// The origin is unknown.
    Possible,
}

/// A place in the user's code, with its text resolved.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// What the place is.
    pub kind: SiteKind,
    /// File, relative to the project root when inside it, absolute otherwise.
    pub file: String,
    /// Line, from 1; 0 when only the name is known: `project` can look it up.
    pub line: u32,
    /// Exact range of the expression, where known: column, last line, column after the last.
    pub span: Option<(u32, u32, u32)>,
    /// Qualified name of the function or class; a template's name.
    pub name: String,
    /// Attribute or serializer field within the class.
    pub member: String,
}

impl Place {
    /// The range in the observation's own type.
    pub fn span(&self) -> Option<Span> {
        self.span.map(|(column, end_line, end_column)| Span { column, end_line, end_column })
    }

    /// Whether the file belongs to the project, and so may be edited.
    pub fn in_project(&self) -> bool {
        is_in_project(&self.file)
    }
}

/// A recorded path is relative when the file lies inside the project.
pub(crate) fn is_in_project(file: &str) -> bool {
    !file.is_empty() && !file.starts_with('/')
}

/// A relation, with its text resolved.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Relation {
    /// The model with the attribute, as `app.Model`.
    pub model: String,
    /// The attribute.
    pub field: String,
    /// Its kind.
    pub kind: RelationKind,
    /// The model on the other side, as `app.Model`.
    pub target: String,
    /// Module that defines the other model.
    pub target_module: String,
}

impl std::fmt::Display for Relation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.model, self.field)
    }
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// A relation that is loaded again and again.
    Relation(Relation),
    /// A statement that the code itself asks for.
    Statement(Statement),
    /// A database, and how it is used.
    Database {
        /// Its alias in Django's `DATABASES`.
        alias: String,
        /// Whether it is because of `ATOMIC_REQUESTS` in its settings.
        of_requests: bool,
    },
}

/// Statements of one kind to the same tables.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Statement {
    /// What they do.
    pub verb: Verb,
    /// The tables, what is written first.
    pub tables: Vec<String>,
}

impl Subject {
    /// What the statements do.
    pub(crate) fn verb(&self) -> Option<Verb> {
        match self {
            Self::Relation(_) | Self::Database { .. } => None,
            Self::Statement(statement) => Some(statement.verb),
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Relation(relation) => relation.fmt(formatter),
            Self::Statement(statement) => statement.fmt(formatter),
            Self::Database { alias, of_requests: false } => write!(formatter, "database {alias}"),
            Self::Database { alias, of_requests: true } => {
                write!(formatter, "database {alias}, ATOMIC_REQUESTS")
            }
        }
    }
}

impl std::fmt::Display for Statement {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = match self.verb {
            Verb::Insert => "INSERT INTO",
            Verb::Update => "UPDATE",
            Verb::Delete => "DELETE FROM",
            _ => "SELECT FROM",
        };
        write!(formatter, "{verb} {}", self.tables.join(", "))
    }
}

/// Where a queryset was constructed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// The chain of calls through user code, innermost first; the first place is the one to show.
    pub chain: Vec<Place>,
    /// Where the queryset was put to use, when that is no place of the chain: it came from a cached property, say.
    pub used: Option<Place>,
    /// To-one relations that are prefetched on the way to others, `product` of `product__images`: a join would bring them
    /// along with the rows.
    pub passed: Vec<String>,
    /// Model of the instances, as `app.Model`.
    pub model: String,
    /// Whether it could only give one instance.
    pub single: bool,
}

/// Where a relation was touched, or a statement was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Access {
    /// The chain of calls through user code, innermost first; the first place is the one to show.
    pub chain: Vec<Place>,
    /// What was asked of the relation; none for a statement.
    pub ask: Option<Ask>,
}

/// One step from the origin's instances towards the relation that was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hop {
    /// The attribute.
    pub field: String,
    /// The relation's kind.
    pub kind: RelationKind,
}

/// What would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// `select_related(path)`: every hop is to-one.
    SelectRelated {
        /// Hops joined by `__`.
        path: String,
    },
    /// `prefetch_related(path)`.
    PrefetchRelated {
        /// Hops joined by `__`.
        path: String,
    },
    /// `Prefetch(path, queryset=…)`, and the access changed to use it.
    FilteredPrefetch {
        /// Hops joined by `__`; the last one is the relation that is queried anew.
        path: String,
    },
    /// The column named in `only()`, or no longer in `defer()`.
    Column {
        /// Hops joined by `__`; the last one is the field.
        path: String,
    },
    /// `len()` in the place of `.count()`, or a truth test in that of `.exists()`, where the access is: both keep the rows.
    FetchOnce,
    /// To be written by hand: this, in place of what is there.
    ByHand(&'static str),
}

impl std::fmt::Display for Remedy {
    /// As it would stand in the code; the ellipsis is the queryset that the access asks for today.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SelectRelated { path } => write!(formatter, "select_related(\"{path}\")"),
            Self::PrefetchRelated { path } => write!(formatter, "prefetch_related(\"{path}\")"),
            Self::FilteredPrefetch { path } => {
                write!(formatter, "prefetch_related(Prefetch(\"{path}\", queryset=…))")
            }
            Self::Column { path } => write!(formatter, "only(…, \"{path}\"), or defer() without it"),
            Self::FetchOnce => {
                formatter.write_str("len(books) for .count(), `if books:` for .exists(): both keep the rows")
            }
            Self::ByHand(advice) => formatter.write_str(advice),
        }
    }
}

/// What a finding costs, in the requests that have it.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Cost {
    /// Queries per request, median.
    pub queries_per_request: f64,
    /// Time of these queries per request, milliseconds, median.
    pub ms_per_request: f64,
    /// The same time as a share of the requests that have it, from 0 to 1.
    pub share: f64,
    /// Time of these queries over the window, milliseconds: what the ranking is by.
    pub total_ms: f64,
    /// Requests that have it.
    pub requests: u64,
}

/// How the queries of a finding grow with rows, as far as the requests seen show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// Model of the rows, as `app.Model`: that of the queryset behind the finding, or, where a relation to many lies
    /// between, that of the instances whose relation was touched.
    pub model: String,
    /// Queries per row, where they grow in step with the rows.
    pub per_row: Option<f64>,
    /// The request with the fewest rows.
    pub fewest: GrowthPoint,
    /// The one with the most; the same when all had as many.
    pub most: GrowthPoint,
}

/// What requests with so many rows take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrowthPoint {
    /// Rows, in a request.
    pub rows: u64,
    /// Queries of the finding, median over the requests with so many rows.
    pub queries: f64,
}

/// Something that makes the site slow, and what to do about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Stable across runs and across edits elsewhere in the file: made of names, not of line numbers.
    pub id: String,
    /// The rule.
    pub rule: Rule,
    /// Endpoints that have it, sorted.
    pub endpoints: Vec<EndpointKey>,
    /// What it is about.
    pub subject: Subject,
    /// Where the queryset behind it was built; none when unknown, so that a chain here is never empty.
    pub origin: Option<Origin>,
    /// Steps from the origin's instances to the relation, which is the last.
    pub path: Vec<Hop>,
    /// Where it was touched or asked for.
    pub access: Access,
    /// Where the same statement was asked for before; none when that is where [`Self::access`] points, or no matter.
    pub before: Option<Place>,
    /// What it costs.
    pub cost: Cost,
    /// How it grows; none when unknown.
    pub growth: Option<Growth>,
    /// How sure.
    pub confidence: Confidence,
    /// What would help; none when the origin is unknown or no eager load there can.
    pub remedy: Option<Remedy>,
}

impl Finding {
    /// The relation that is loaded again and again, when it is about one.
    pub fn relation(&self) -> Option<&Relation> {
        match &self.subject {
            Subject::Relation(relation) => Some(relation),
            Subject::Statement(_) | Subject::Database { .. } => None,
        }
    }

    /// The statements that the code asks for, when it is about them.
    pub fn statement(&self) -> Option<&Statement> {
        match &self.subject {
            Subject::Relation(_) | Subject::Database { .. } => None,
            Subject::Statement(statement) => Some(statement),
        }
    }

    /// The alias of the database, when it is about how that is used.
    pub fn database(&self) -> Option<&str> {
        match &self.subject {
            Subject::Relation(_) | Subject::Statement(_) => None,
            Subject::Database { alias, .. } => Some(alias),
        }
    }

    /// What would help, as it would stand in the code: `select_related("publisher")`.
    pub fn suggestion(&self) -> Option<String> {
        self.remedy.as_ref().map(ToString::to_string)
    }
}
