//! One unit of work and everything seen inside it, as flat tables that refer to each other by index.

use std::sync::Arc;

use crate::CapturedRequest;

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in its table.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index! {
    /// Index into [`Details::strings`].
    StringId,
    /// Index into [`Details::sites`].
    SiteId,
    /// Index into [`Details::chains`].
    ChainId,
    /// Index into [`Details::relations`].
    RelationId,
    /// Index into [`Details::result_sets`].
    ResultSetId,
    /// Index into [`Details::loads`].
    LoadId,
}

/// What kind of unit of work a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum TransactionKind {
    /// A request answered by a WSGI or ASGI handler, or by Django's test client.
    #[default]
    Http,
    /// One test method.
    Test,
    /// A management command.
    Command,
    /// A background task.
    Task,
}

impl TransactionKind {
    /// The word for it in reports and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Test => "test",
            Self::Command => "command",
            Self::Task => "task",
        }
    }
}

/// One unit of work.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Transaction {
    /// Number of this transaction within its process, from 1.
    pub serial: u64,
    /// The transaction around this one: the test that made this request.
    pub parent_serial: Option<u64>,
    /// What kind of unit of work it is.
    pub kind: TransactionKind,
    /// Request method; empty unless `kind` is [`TransactionKind::Http`].
    pub method: String,
    /// URL pattern with a leading slash (`/books/<int:pk>/`), or the test's id, or the command's or task's name.
    /// Empty for a request that matched no pattern.
    pub route: String,
    /// Dotted path of the view, empty when none was reached.
    pub view: String,
    /// Response status, 0 when there was none.
    pub status: u16,
    /// Start, microseconds since the Unix epoch.
    pub started_at_us: u64,
    /// Wall time in nanoseconds.
    pub wall_ns: u64,
    /// CPU time of the thread in nanoseconds.
    pub cpu_ns: u64,
    /// Length of the response body in bytes, 0 for a streamed one.
    pub response_bytes: u64,
    /// All queries, those beyond [`crate::limits::QUERIES_PER_TRANSACTION_MAX`] included.
    pub queries_total: u32,
    /// Time spent in all of them, in nanoseconds.
    pub db_ns: u64,
    /// The request, when it was chosen for replay.
    pub request: Option<CapturedRequest>,
    /// The tables.
    pub details: Details,
}

/// The tables of a transaction. Every index in them points into the same value.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Details {
    /// Interned text.
    pub strings: Vec<Arc<str>>,
    /// Places in the user's code.
    pub sites: Vec<Site>,
    /// Call chains through the user's code, innermost place first; possibly empty.
    pub chains: Vec<Vec<SiteId>>,
    /// Relations between models.
    pub relations: Vec<Relation>,
    /// Queries in the order they ran.
    pub queries: Vec<Query>,
    /// Queries beyond the limit, summed up.
    pub overflow: Vec<Overflow>,
    /// Where model instances came from.
    pub result_sets: Vec<ResultSet>,
    /// Relations that were loaded one instance at a time, grouped.
    pub loads: Vec<Load>,
    /// Querysets that were evaluated to learn how many rows they have, or whether any.
    pub glances: Vec<Glance>,
    /// Connections to database servers that were opened again.
    pub connections: Vec<Connection>,
    /// Transactions in database servers that were open for a while without a query.
    pub blocks: Vec<AtomicBlock>,
    /// The project's source files that the sites lie in, as they were when the agent first met them.
    pub files: Vec<SourceFile>,
}

impl Details {
    /// The text behind an id. A decoded value has only valid ids; an invalid one reads as the empty string.
    pub fn text(&self, id: StringId) -> &str {
        self.strings.get(id.index()).map_or("", |text| text)
    }

    /// The places of a chain, innermost first.
    pub fn chain(&self, id: ChainId) -> impl DoubleEndedIterator<Item = &Site> + Clone {
        let sites = self.chains.get(id.index()).map_or(&[][..], Vec::as_slice);
        sites.iter().filter_map(|site| self.sites.get(site.index()))
    }
}

/// A place in the user's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Site {
    /// What the place is.
    pub kind: SiteKind,
    /// File, relative to the project root when inside it, absolute otherwise.
    pub file: StringId,
    /// Line, from 1; 0 when only the name is known (see [`SiteKind::Class`]).
    pub line: u32,
    /// Exact range of the expression, where the interpreter knows it (CPython ≥ 3.11).
    pub span: Option<Span>,
    /// Qualified name of the function or class; the template's name for a template.
    pub name: StringId,
    /// Attribute or serializer field within the class; empty elsewhere.
    pub member: StringId,
}

/// What a [`Site`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SiteKind {
    /// A line of Python.
    Python,
    /// A tag or variable in a template.
    Template,
    /// A class whose framework method did the work: a generic view with `model = X`, a `ModelAdmin`, a serializer
    /// field. The line is not known; the name is.
    Class,
}

/// Range of an expression, as `code.co_positions()` gives it; the start line is the site's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// First column, 0-based, in UTF-8 bytes.
    pub column: u32,
    /// Last line, from 1.
    pub end_line: u32,
    /// Column after the last, 0-based, in UTF-8 bytes.
    pub end_column: u32,
}

/// A relation, seen from the model whose attribute was touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Relation {
    /// The model with the attribute, as `app.Model`.
    pub model: StringId,
    /// The attribute, which is also its name in `select_related()` and `prefetch_related()`.
    pub field: StringId,
    /// Its kind.
    pub kind: RelationKind,
    /// The model on the other side, as `app.Model`; empty when it varies.
    pub target: StringId,
    /// Module that defines the other model, for an import.
    pub target_module: StringId,
}

/// Kind of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RelationKind {
    /// `ForeignKey`, from the side that has the column.
    ForeignKey,
    /// `OneToOneField`, from the side that has the column.
    OneToOne,
    /// `OneToOneField`, from the other side.
    ReverseOneToOne,
    /// `ForeignKey`, from the other side: a manager.
    ReverseForeignKey,
    /// `ManyToManyField`, from either side: a manager.
    ManyToMany,
    /// `GenericForeignKey`.
    GenericForeignKey,
    /// `GenericRelation`: a manager.
    GenericRelation,
    /// A column left out by `defer()` or `only()`.
    Deferred,
}

impl RelationKind {
    /// Whether there is at most one object on the other side, so that a join can bring it along.
    pub fn is_single(self) -> bool {
        matches!(self, Self::ForeignKey | Self::OneToOne | Self::ReverseOneToOne)
    }
}

/// Instances of one model that came from one place in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResultSet {
    /// Their model, as `app.Model`.
    pub model: StringId,
    /// Where the queryset was constructed. For a related manager, where the manager was asked.
    pub origin: ChainId,
    /// How they came.
    pub source: Source,
    /// Querysets evaluated into this set: 1 for a root, one per parent for a relation loaded lazily.
    pub evaluations: u32,
    /// Instances over all evaluations.
    pub instances: u32,
    /// True when the queryset could not have given more than one: `.get()`, `.first()`, `LIMIT 1`.
    pub single: bool,
    /// Where the first of its queries ran: `for book in self.books.filter(…)`, of a queryset that was built elsewhere.
    /// None when that is not known.
    pub evaluated: Option<ChainId>,
}

/// How the instances of a [`ResultSet`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// From a queryset of their own.
    QuerySet,
    /// Through a relation of instances of another set.
    Relation {
        /// The set of the parents.
        parent: ResultSetId,
        /// The relation, as seen from the parents.
        relation: RelationId,
        /// How the relation was followed.
        via: Via,
    },
}

/// How a relation was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Via {
    /// One query per parent.
    Lazy,
    /// `prefetch_related()`: one query for all parents.
    Prefetch,
    /// `select_related()`: in the parents' own query.
    Join,
}

/// Loads of one relation, from one set, at one place, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Load {
    /// The set whose instances were touched; none when the agent could not tell.
    pub result_set: Option<ResultSetId>,
    /// What was loaded.
    pub relation: RelationId,
    /// What was asked of it.
    pub ask: Ask,
    /// Where it was touched.
    pub access: ChainId,
    /// The SQL template of the first such query.
    pub sql: StringId,
    /// Queries.
    pub queries: u32,
    /// Their time in nanoseconds.
    pub duration_ns: u64,
}

/// What was asked of a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ask {
    /// The one object of a to-one relation.
    Object,
    /// All objects, as `.all()` gives them.
    All,
    /// `.count()`.
    Count,
    /// `.exists()`.
    Exists,
    /// Something that a plain prefetch does not answer: `.filter()`, `.order_by()`, `.first()`, a slice, `.values()`.
    Narrowed,
}

/// One query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// The SQL template: placeholders, never values.
    pub sql: StringId,
    /// Database alias in Django's `DATABASES`.
    pub alias: StringId,
    /// Start, microseconds after the transaction's.
    pub offset_us: u32,
    /// Time until the database answered, in nanoseconds.
    pub duration_ns: u64,
    /// Rows affected or returned, where the driver knows it.
    pub rows: Option<u32>,
    /// Where the user's code was.
    pub position: ChainId,
    /// The group of lazy loads it belongs to.
    pub load: Option<LoadId>,
    /// Queries of a transaction with the same number are the same statement with the same parameters, to the same
    /// database. Only such as have a companion are numbered, and only where the agent could compare the parameters.
    pub parameters: Option<u32>,
}

/// A queryset of some size that was evaluated by `len()` or as a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Its query, an index into [`Details::queries`].
    pub query: u32,
    /// [`Ask::Count`] or [`Ask::Exists`]: what would have answered.
    pub ask: Ask,
    /// Rows that it fetched.
    pub rows: u32,
    /// Whether any of them was read afterwards, in the same unit of work.
    pub read: bool,
}

/// A connection to a database server that had been open before in its thread, and was opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Database alias in Django's `DATABASES`.
    pub alias: StringId,
    /// Time until it was there, in nanoseconds.
    pub duration_ns: u64,
}

/// A transaction in a database server: an outermost `atomic()` block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtomicBlock {
    /// Database alias in Django's `DATABASES`.
    pub alias: StringId,
    /// Where the block begins; when that is not in the user's code, its first query there.
    pub position: ChainId,
    /// Whether the settings make one of every request (`ATOMIC_REQUESTS`).
    pub of_requests: bool,
    /// Time from its first query to its end, in nanoseconds.
    pub open_ns: u64,
    /// The part of it in which no query of this database ran, in nanoseconds.
    pub idle_ns: u64,
}

/// Queries beyond the limit, summed up by SQL and position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow {
    /// The SQL template.
    pub sql: StringId,
    /// Where the user's code was.
    pub position: ChainId,
    /// Queries.
    pub queries: u32,
    /// Their time in nanoseconds.
    pub duration_ns: u64,
}

/// A source file of the project, as the agent found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SourceFile {
    /// Path, relative to the project root.
    pub path: StringId,
    /// Modification time, microseconds since the Unix epoch.
    pub modified_at_us: u64,
    /// Size in bytes.
    pub size_bytes: u64,
}
