//! What the tests of this crate share: a site that reports to a recorder, made by hand.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use observation::frame::Frame;
use observation::{
    CapturedRequest, ChainId, Details, EdgeFigures, EdgeOutcome, EdgeReport, EdgeRow, Process, Query, Site,
    SiteId, SiteKind, SourceFile, StringId, Transaction, TransactionKind,
};
use tempfile::TempDir;

use crate::RecorderConfig;

/// A project directory with room for a store and a socket.
pub(crate) struct Place {
    pub(crate) dir: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.root().join(".escala")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.store().join("escala.db")
    }

    pub(crate) fn config(&self) -> RecorderConfig {
        RecorderConfig {
            store_dir: self.store(),
            project_root: self.root().to_path_buf(),
            command: "gunicorn shop.wsgi".to_owned(),
            socket_path: self.store().join("run").join("socket"),
        }
    }
}

pub(crate) fn process(pid: u32) -> Process {
    Process {
        pid,
        agent_version: "0.1.0".to_owned(),
        python_version: "3.12.1".to_owned(),
        django_version: "5.2.19".to_owned(),
        executable: "/srv/shop/venv/bin/python".to_owned(),
        settings_module: "shop.settings".to_owned(),
        working_directory: "/srv/shop".to_owned(),
        module_search_path: vec!["/srv/shop".to_owned(), String::new()],
        started_at_us: 1_700_000_000_000_000 + u64::from(pid),
    }
}

/// A page that runs `queries` queries from one line.
pub(crate) fn transaction(serial: u64, queries: u32) -> Transaction {
    let query = |number| Query {
        sql: StringId(0),
        alias: StringId(1),
        offset_us: number * 300,
        duration_ns: 250_000 + u64::from(number),
        rows: Some(1),
        position: ChainId(0),
        load: None,
        parameters: None,
    };
    let strings = [
        r#"SELECT "shop_publisher"."id", "shop_publisher"."name" FROM "shop_publisher" WHERE "shop_publisher"."id" = %s"#,
        "default",
        "shop/views.py",
        "book_list",
        "",
    ];
    let site = Site {
        kind: SiteKind::Python,
        file: StringId(2),
        line: 12,
        span: None,
        name: StringId(3),
        member: StringId(4),
    };
    Transaction {
        serial,
        parent_serial: serial.checked_sub(2),
        kind: TransactionKind::Http,
        method: "GET".to_owned(),
        route: "/books/".to_owned(),
        view: "shop.views.book_list".to_owned(),
        status: 200,
        started_at_us: 1_700_000_001_000_000 + serial,
        wall_ns: 70_000_000,
        cpu_ns: 60_000_000,
        response_bytes: 4_321,
        queries_total: queries,
        db_ns: u64::from(queries) * 250_000,
        request: None,
        details: Details {
            strings: strings.map(Arc::from).to_vec(),
            sites: vec![site],
            chains: vec![vec![SiteId(0)]],
            queries: (0..queries).map(query).collect(),
            ..Details::default()
        },
    }
}

/// A request for `path`, taken from a page of the same name.
pub(crate) fn requested(mut transaction: Transaction, path: &str) -> Transaction {
    transaction.request = Some(CapturedRequest {
        method: transaction.method.clone(),
        path: path.to_owned(),
        query_string: "page=2".to_owned(),
        secure: true,
        headers: vec![("accept".to_owned(), "text/html: yes\n".to_owned())],
        body: Some(vec![0, 255]),
        user_pk: Some("7".to_owned()),
        redacted: false,
    });
    transaction
}

/// A page whose one line lies in `path`, as the agent saw the file.
pub(crate) fn lying_in(
    mut transaction: Transaction,
    path: &str,
    modified_at_us: u64,
    size_bytes: u64,
) -> Transaction {
    let id = StringId(u32::try_from(transaction.details.strings.len()).unwrap());
    transaction.details.strings.push(path.into());
    transaction.details.files.push(SourceFile { path: id, modified_at_us, size_bytes });
    transaction
}

pub(crate) fn frame(transaction: Transaction) -> Frame {
    Frame::Transaction { dropped_before: 0, transaction: Box::new(transaction) }
}

/// A report of the second that begins at `at_s`: path, outcome and number of `GET` requests of a millisecond each.
pub(crate) fn edge_report(at_s: u64, rows: &[(&str, EdgeOutcome, u64)]) -> EdgeReport {
    let row = |(path, outcome, requests): &(&str, EdgeOutcome, u64)| {
        let mut figures = EdgeFigures::default();
        for _ in 0..*requests {
            figures.add(1_000_000, 100_000, 1_000);
        }
        let method = if path.is_empty() { "" } else { "GET" };
        EdgeRow { method: method.to_owned(), path: (*path).to_owned(), outcome: *outcome, figures }
    };
    EdgeReport {
        from_us: at_s * 1_000_000,
        to_us: (at_s + 1) * 1_000_000,
        rows: rows.iter().map(row).collect(),
    }
}

/// Connects as an agent does: the first frame says who speaks.
pub(crate) fn connect(socket: &Path, process: Process) -> UnixStream {
    let mut stream = UnixStream::connect(socket).unwrap();
    send(&mut stream, &Frame::Process(process));
    stream
}

pub(crate) fn send(stream: &mut UnixStream, frame: &Frame) {
    stream.write_all(&frame.encode(Vec::new())).unwrap();
}

/// Waits for what other threads will bring about, and fails loudly when they do not.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < deadline, "never happened: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
