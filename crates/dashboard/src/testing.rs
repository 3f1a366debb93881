//! What the tests of this crate share: a project with a store that a recorder filled, and a client that says what it is
//! told to, byte for byte.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use observation::frame::Frame;
use observation::{
    Ask, CapturedRequest, ChainId, Details, EdgeFigures, EdgeOutcome, EdgeReport, EdgeRow, Load, LoadId,
    Process, Query, Relation, RelationId, RelationKind, ResultSet, ResultSetId, Site, SiteId, SiteKind,
    Source, SourceFile, StringId, Transaction, TransactionKind,
};
use serde_json::Value;
use store::{Recorder, RecorderConfig, Store};
use tempfile::TempDir;

use crate::app::{App, now_us};
use crate::{Bound, Config, Serving, serve};

/// How long anything may take that a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const VIEWS: &str = "from shop.models import Book\n\n\ndef book_list(request):\n    \
     books = Book.objects.all()\n    return render(request, \"books.html\", {\"books\": books})\n";

/// A project and its store.
pub(crate) struct Project {
    dir: TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("shop")).unwrap();
        fs::write(dir.path().join("shop/views.py"), VIEWS).unwrap();
        fs::write(dir.path().join("shop/secrets.py"), "PASSWORD = \"hunter2\"\n").unwrap();
        Self { dir }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.root().join(".escala")
    }

    pub(crate) fn record(&self) -> Recorder {
        let config = RecorderConfig {
            store_dir: self.store(),
            project_root: self.root(),
            command: "gunicorn shop.wsgi".to_owned(),
            socket_path: self.store().join("run/socket"),
        };
        Recorder::start(config).unwrap()
    }

    pub(crate) fn config(&self) -> Config {
        Config { store_dir: self.store(), project_root: self.root(), store_option: String::new() }
    }

    pub(crate) fn app(&self) -> Arc<App> {
        App::new(self.config()).unwrap()
    }

    pub(crate) fn serve(&self) -> Server {
        self.serve_at(Bound::at("127.0.0.1:0".parse().unwrap()).unwrap())
    }

    pub(crate) fn serve_at(&self, bound: Bound) -> Server {
        let (port, token) = (bound.address.port(), bound.token.clone());
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        Server { address, token, serving: Some(serve(bound, self.config()).unwrap()) }
    }

    /// The file as an agent saw it.
    fn seen(&self, path: &str, details: &mut Details) {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(self.root().join(path)).unwrap();
        let modified_at_us =
            metadata.mtime().unsigned_abs() * 1_000_000 + metadata.mtime_nsec().unsigned_abs() / 1_000;
        let path = text(details, path);
        details.files.push(SourceFile { path, modified_at_us, size_bytes: metadata.len() });
    }

    /// A page of so many books, each asking for its publisher: it ended a moment ago.
    pub(crate) fn page(&self, serial: u64, books: u32) -> Transaction {
        let mut transaction = book_list(serial, books);
        self.seen("shop/views.py", &mut transaction.details);
        transaction
    }
}

/// Sends transactions as one process, and waits until they are in the store.
pub(crate) fn send(recorder: &Recorder, transactions: Vec<Transaction>) {
    let expected = recorder.progress().transactions + transactions.len() as u64;
    let process = Process { pid: 1, started_at_us: now_us(), ..Process::default() };
    let mut bytes = Frame::Process(process).encode(Vec::new());
    for transaction in transactions {
        let frame = Frame::Transaction { dropped_before: 0, transaction: Box::new(transaction) };
        bytes = frame.encode(bytes);
    }
    UnixStream::connect(recorder.socket_path()).unwrap().write_all(&bytes).unwrap();
    eventually("everything is in the store", || recorder.progress().transactions == expected);
}

/// Sends what an edge answered in the last second, and waits until it is in the store: path, outcome and number of `GET`
/// requests of two milliseconds. Those that the app answered waited half of that, at most four.
pub(crate) fn answer_at_edge(recorder: &Recorder, store: &Path, rows: &[(&str, EdgeOutcome, u64)]) {
    let row = |(path, outcome, requests): &(&str, EdgeOutcome, u64)| {
        let waited = EdgeOutcome::AT_THE_GATE.contains(outcome);
        let figures = EdgeFigures {
            requests: *requests,
            bytes_sent: requests * 500,
            took_ns: requests * 2_000_000,
            took_max_ns: 9_000_000,
            wait_ns: if waited { requests * 1_000_000 } else { 0 },
            wait_max_ns: if waited { 4_000_000 } else { 0 },
        };
        EdgeRow { method: "GET".to_owned(), path: (*path).to_owned(), outcome: *outcome, figures }
    };
    let now_us = now_us();
    let report =
        EdgeReport { from_us: now_us - 1_000_000, to_us: now_us, rows: rows.iter().map(row).collect() };
    let store = Store::open(store).unwrap();
    let answered = || store.edge_requests(recorder.run()).unwrap();
    let expected = answered() + rows.iter().map(|row| row.2).sum::<u64>();
    let bytes = Frame::Edge(Box::new(report)).encode(Vec::new());
    UnixStream::connect(recorder.socket_path()).unwrap().write_all(&bytes).unwrap();
    eventually("what the edge answered is in the store", || answered() == expected);
}

fn text(details: &mut Details, text: &str) -> StringId {
    details.strings.push(text.into());
    StringId(u32::try_from(details.strings.len() - 1).unwrap())
}

/// One query for the books, and one for each publisher, 0.3 ms apart.
pub(crate) fn book_list(serial: u64, books: u32) -> Transaction {
    let mut details = Details::default();
    let mut name = |value: &str| text(&mut details, value);
    let empty = name("");
    let (list, one) = (
        name("SELECT \"shop_book\".\"id\" FROM \"shop_book\""),
        name(
            "SELECT \"shop_publisher\".\"id\" FROM \"shop_publisher\" WHERE \"shop_publisher\".\"id\" = %s LIMIT 21",
        ),
    );
    let alias = name("default");
    let views = name("shop/views.py");
    let (book, publisher, field, module) =
        (name("shop.Book"), name("shop.Publisher"), name("publisher"), name("shop.models"));
    let function = name("book_list");
    let site =
        |line| Site { kind: SiteKind::Python, file: views, line, span: None, name: function, member: empty };
    let sites = vec![site(5), site(6)];
    details.sites = sites;
    details.chains = vec![vec![SiteId(0)], vec![SiteId(1)]];
    details.relations = vec![Relation {
        model: book,
        field,
        kind: RelationKind::ForeignKey,
        target: publisher,
        target_module: module,
    }];
    details.result_sets = vec![
        ResultSet {
            model: book,
            origin: ChainId(0),
            source: Source::QuerySet,
            evaluations: 1,
            instances: books,
            single: false,
            evaluated: None,
        },
        ResultSet {
            model: publisher,
            origin: ChainId(1),
            source: Source::Relation {
                parent: ResultSetId(0),
                relation: RelationId(0),
                via: observation::Via::Lazy,
            },
            evaluations: books,
            instances: books,
            single: true,
            evaluated: None,
        },
    ];
    details.loads = vec![Load {
        result_set: Some(ResultSetId(0)),
        relation: RelationId(0),
        ask: Ask::Object,
        access: ChainId(1),
        sql: one,
        queries: books,
        duration_ns: u64::from(books) * 200_000,
    }];
    let query = |number: u32, sql, position, load| Query {
        sql,
        alias,
        offset_us: 500 + number * 300,
        duration_ns: 200_000,
        rows: Some(1),
        position,
        load,
        parameters: None,
    };
    details.queries = std::iter::once(query(0, list, ChainId(0), None))
        .chain((1..=books).map(|number| query(number, one, ChainId(1), Some(LoadId(0)))))
        .collect();
    let wall_ns = u64::from(books) * 300_000 + 2_000_000;
    Transaction {
        serial,
        kind: TransactionKind::Http,
        method: "GET".to_owned(),
        route: "/books/".to_owned(),
        view: "shop.views.book_list".to_owned(),
        status: 200,
        started_at_us: now_us() - wall_ns / 1_000,
        wall_ns,
        cpu_ns: wall_ns / 2,
        response_bytes: 512,
        queries_total: books + 1,
        db_ns: u64::from(books + 1) * 200_000,
        request: Some(CapturedRequest {
            method: "GET".to_owned(),
            path: "/books/".to_owned(),
            query_string: format!("page={serial}"),
            ..CapturedRequest::default()
        }),
        details,
        ..Transaction::default()
    }
}

/// A dashboard on a port of its own.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) token: Option<String>,
    serving: Option<Serving>,
}

/// An answer, as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

impl Server {
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends these bytes and reads to the end of the connection.
    pub(crate) fn say(&self, request: &str) -> Answer {
        let mut stream = self.connect();
        // A server that refuses may close before it has read everything.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Asks for a path with headers, each ending in `\r\n`.
    pub(crate) fn ask(&self, path: &str, headers: &str) -> Answer {
        self.say(&format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n"))
    }

    /// Asks for a path as a browser does that has the page open.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let address = self.address;
        self.ask(path, &format!("Host: {address}\r\nSec-Fetch-Site: same-origin\r\n"))
    }

    pub(crate) fn stop(&mut self) {
        drop(self.serving.take());
    }
}

/// Waits for what other threads will bring about, and fails loudly when they do not.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
