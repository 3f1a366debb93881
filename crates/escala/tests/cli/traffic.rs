//! Transactions as the agent would have sent them, made by hand.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;

use observation::frame::Frame;
use observation::{
    Ask, ChainId, Details, EdgeFigures, EdgeOutcome, EdgeReport, EdgeRow, Load, Process, Query, Relation,
    RelationId, RelationKind, ResultSet, ResultSetId, Site, SiteId, SiteKind, Source, StringId, Transaction,
    TransactionKind,
};
use store::{Recorder, RecorderConfig};

use crate::support::{Project, send};

/// Records the transactions as a run of their own.
pub(crate) fn record(project: &Project, transactions: Vec<Transaction>) {
    record_behind_edge(project, transactions, &[]);
}

/// The same with an edge before the app: path, outcome and number of `GET` requests.
pub(crate) fn record_behind_edge(
    project: &Project,
    transactions: Vec<Transaction>,
    answered: &[(&str, EdgeOutcome, u64)],
) {
    let count = transactions.len() as u64;
    let recorder = Recorder::start(RecorderConfig {
        store_dir: project.store(),
        project_root: project.root(),
        command: "gunicorn bookstore.wsgi".into(),
        socket_path: project.root().with_file_name("agent.sock"),
    })
    .unwrap();
    send(recorder.socket_path(), process(&project.root()), transactions);
    if !answered.is_empty() {
        let report = Frame::Edge(Box::new(edge_report(answered)));
        UnixStream::connect(recorder.socket_path()).unwrap().write_all(&report.encode(Vec::new())).unwrap();
    }
    let summary = recorder.finish();
    assert_eq!((summary.transactions, summary.dropped), (count, 0), "{:?}", summary.diagnostics);
}

fn edge_report(answered: &[(&str, EdgeOutcome, u64)]) -> EdgeReport {
    let row = |(path, outcome, requests): &(&str, EdgeOutcome, u64)| {
        let figures = EdgeFigures {
            requests: *requests,
            bytes_sent: requests * 500,
            took_ns: requests * 250_000,
            took_max_ns: 400_000,
            ..EdgeFigures::default()
        };
        EdgeRow { method: "GET".into(), path: (*path).into(), outcome: *outcome, figures }
    };
    EdgeReport { from_us: 1_000_000, to_us: 2_000_000, rows: answered.iter().map(row).collect() }
}

pub(crate) fn process(root: &Path) -> Process {
    Process {
        pid: 1,
        python_version: "3.12.1".into(),
        django_version: "5.2.19".into(),
        settings_module: "bookstore.settings".into(),
        working_directory: root.display().to_string(),
        ..Process::default()
    }
}

/// One hundred books in a table, each row asking for its book's publisher: 101 queries.
pub(crate) fn book_list(serial: u64) -> Transaction {
    let mut texts = Texts::default();
    let view = Site {
        kind: SiteKind::Python,
        file: texts.id("shop/views.py"),
        line: 5,
        span: None,
        name: texts.id("book_list"),
        member: texts.id(""),
    };
    let template = Site {
        kind: SiteKind::Template,
        file: texts.id("shop/templates/books.html"),
        line: 3,
        span: None,
        name: texts.id("books.html"),
        member: texts.id(""),
    };
    let relation = Relation {
        model: texts.id("shop.Book"),
        field: texts.id("publisher"),
        kind: RelationKind::ForeignKey,
        target: texts.id("shop.Publisher"),
        target_module: texts.id("shop.models"),
    };
    let books = ResultSet {
        model: texts.id("shop.Book"),
        origin: ChainId(0),
        source: Source::QuerySet,
        evaluations: 1,
        instances: 100,
        single: false,
        evaluated: None,
    };
    let publishers = ResultSet {
        model: texts.id("shop.Publisher"),
        origin: ChainId(1),
        source: Source::Relation {
            parent: ResultSetId(0),
            relation: RelationId(0),
            via: observation::Via::Lazy,
        },
        evaluations: 100,
        instances: 100,
        single: false,
        evaluated: None,
    };
    let load = Load {
        result_set: Some(ResultSetId(0)),
        relation: RelationId(0),
        ask: Ask::Object,
        access: ChainId(1),
        sql: texts.id("SELECT … FROM shop_publisher WHERE id = %s"),
        queries: 100,
        duration_ns: 40_000_000,
    };
    let query = |sql, load, position| Query {
        sql,
        alias: StringId(0),
        offset_us: 0,
        duration_ns: 400_000,
        rows: None,
        position: ChainId(position),
        load,
        parameters: None,
    };
    let mut queries = vec![query(texts.id("SELECT … FROM shop_book"), None, 0)];
    queries.extend(std::iter::repeat_n(query(load.sql, Some(observation::LoadId(0)), 1), 100));
    Transaction {
        queries_total: 101,
        db_ns: 40_400_000,
        details: Details {
            strings: texts.0.into_iter().map(Into::into).collect(),
            sites: vec![view, template],
            chains: vec![vec![SiteId(0)], vec![SiteId(1)]],
            relations: vec![relation],
            queries,
            result_sets: vec![books, publishers],
            loads: vec![load],
            ..Details::default()
        },
        ..page("/books/", "shop.views.book_list", 60_000_000 + serial * 1_000_000, serial)
    }
}

/// A page without queries.
pub(crate) fn page(route: &str, view: &str, wall_ns: u64, serial: u64) -> Transaction {
    Transaction {
        serial,
        kind: TransactionKind::Http,
        method: "GET".into(),
        route: route.into(),
        view: view.into(),
        status: 200,
        wall_ns,
        ..Transaction::default()
    }
}

#[derive(Default)]
struct Texts(Vec<String>);

impl Texts {
    fn id(&mut self, text: &str) -> StringId {
        let index = self.0.iter().position(|known| known == text).unwrap_or_else(|| {
            self.0.push(text.to_owned());
            self.0.len() - 1
        });
        StringId(u32::try_from(index).unwrap())
    }
}
