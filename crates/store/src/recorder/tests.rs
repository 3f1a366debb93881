use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::thread;

use observation::EdgeOutcome;
use observation::frame::{Frame, FrameError};
use rusqlite::Connection;

use super::*;
use crate::database::PAGE_BYTES;
use crate::limits::FRAMES_PER_COMMIT_MAX;
use crate::testing::{
    Place, connect, edge_report, eventually, frame, lying_in, process, requested, send, transaction,
};
use crate::{Store, Window};

fn window(place: &Place) -> Window {
    let store = Store::open(&place.store()).unwrap();
    let run = store.latest_run().unwrap().expect("a run with transactions");
    store.window(run.id).unwrap()
}

#[test]
fn what_several_processes_send_comes_back() {
    let place = Place::new();
    let recorder = Recorder::start(place.config()).unwrap();
    let senders: Vec<_> = (1..=4)
        .map(|pid| {
            let socket = recorder.socket_path().to_path_buf();
            thread::spawn(move || {
                let mut stream = connect(&socket, process(pid));
                for serial in 1..=50 {
                    send(&mut stream, &frame(requested(transaction(serial, pid), &format!("/books/{pid}/"))));
                }
            })
        })
        .collect();
    for sender in senders {
        sender.join().unwrap();
    }
    let run = recorder.run();
    let summary = recorder.finish();
    assert_eq!((summary.transactions, summary.dropped, summary.processes), (200, 0, 4));
    assert_eq!(summary.diagnostics, []);

    let store = Store::open(&place.store()).unwrap();
    let latest = store.latest_run().unwrap().unwrap();
    assert_eq!((latest.id, latest.transactions, latest.command.as_str()), (run, 200, "gunicorn shop.wsgi"));
    assert!(latest.ended_at_us.unwrap() >= latest.started_at_us);

    let window = store.window(run).unwrap();
    assert_eq!((window.first_ordinal, window.omitted, window.dropped), (1, 0, 0));
    for pid in 1..=4 {
        let of_process: Vec<_> =
            window.transactions.iter().filter(|each| each.queries_total == pid).collect();
        let sent: Vec<_> = (1..=50).map(|serial| transaction(serial, pid)).collect();
        assert_eq!(of_process, sent.iter().collect::<Vec<_>>());
    }

    let mut processes: Vec<_> = store.processes(run).unwrap().into_iter().map(|each| each.process).collect();
    processes.sort_by_key(|process| process.pid);
    assert_eq!(processes, (1..=4).map(process).collect::<Vec<_>>());

    let requests = store.captured_requests(run).unwrap();
    assert_eq!(requests.len(), 4, "one for each path, however often it was sent");
    for request in requests {
        let source = &window.transactions[usize::try_from(request.transaction_ordinal).unwrap() - 1];
        assert_eq!((request.queries_total, &request.route), (source.queries_total, &source.route));
        let sent = requested(source.clone(), &format!("/books/{}/", source.queries_total));
        assert_eq!(Some(request.request), sent.request);
    }
}

#[test]
fn a_store_is_private_ignored_and_one_file_in_the_end() {
    let place = Place::new();
    Recorder::start(place.config()).unwrap().finish();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.store()), 0o700);
    assert_eq!(mode(&place.database()), 0o600);
    assert_eq!(fs::read_to_string(place.store().join(".gitignore")).unwrap(), "*\n");
    let mut left: Vec<_> = fs::read_dir(place.store())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, [".gitignore", "escala.db", "lock", "run"]);
    assert_eq!(fs::read_dir(place.store().join("run")).unwrap().count(), 0, "the socket is gone");
}

#[test]
fn a_second_recorder_is_told_who_holds_the_store() {
    let place = Place::new();
    let recorder = Recorder::start(place.config()).unwrap();
    let error = Recorder::start(place.config()).err().unwrap();
    assert_eq!(
        error.to_string(),
        format!(
            "another `escala run` (process {}) records into {}: wait for its end, or choose another store with \
             --store DIR",
            std::process::id(),
            place.store().display()
        )
    );
    recorder.finish();
    Recorder::start(place.config()).unwrap();
}

#[test]
fn what_was_sent_before_the_end_is_taken() {
    let place = Place::new();
    let recorder = Recorder::start(place.config()).unwrap();
    // A worker that outlives its master, still connected and silent.
    let mut stream = connect(recorder.socket_path(), process(1));
    for serial in 1..=20 {
        send(&mut stream, &frame(transaction(serial, 10)));
    }
    let summary = recorder.finish();
    assert_eq!(summary.transactions, 20);
    drop(stream);
}

#[test]
fn dropping_the_recorder_leaves_what_was_written() {
    let place = Place::new();
    let recorder = Recorder::start(place.config()).unwrap();
    let mut stream = connect(recorder.socket_path(), process(1));
    send(&mut stream, &frame(transaction(1, 3)));
    eventually("the transaction is written", || recorder.progress().transactions == 1);
    drop(recorder);
    assert_eq!(window(&place).transactions, [transaction(1, 3)]);
    assert!(!place.config().socket_path.exists());
    Recorder::start(place.config()).unwrap();
}

#[test]
fn a_killed_recorder_leaves_a_store_that_can_be_read_and_continued() {
    let place = Place::new();
    let recorder = Recorder::start(place.config()).unwrap();
    let mut stream = connect(recorder.socket_path(), process(1));
    for serial in 1..=30 {
        send(&mut stream, &frame(transaction(serial, 100)));
        let report = edge_report(1_700_000_000 + serial, &[("/books/", EdgeOutcome::Hit, 9)]);
        send(&mut stream, &Frame::Edge(Box::new(report)));
    }
    eventually("they are written", || recorder.progress().transactions == 30);
    let answered = |place: &Place, run| {
        let totals = Store::open(&place.store()).unwrap().edge(run).unwrap();
        totals.iter().map(|total| total.figures.requests).sum::<u64>()
    };
    eventually("the last report is, too", || answered(&place, recorder.run()) == 270);

    // What a kill leaves on disk: the files as they are now, the log not folded into the database, the socket.
    let killed = Place::new();
    fs::create_dir(killed.store()).unwrap();
    for name in ["escala.db", "escala.db-wal"] {
        fs::copy(place.store().join(name), killed.store().join(name)).unwrap();
    }
    fs::create_dir(killed.store().join("run")).unwrap();
    drop(UnixListener::bind(killed.config().socket_path).unwrap());
    assert!(killed.config().socket_path.exists());

    let store = Store::open(&killed.store()).unwrap();
    let run = store.latest_run().unwrap().unwrap();
    assert_eq!((run.transactions, run.ended_at_us), (30, None));
    assert_eq!(store.window(run.id).unwrap().transactions.len(), 30);
    drop(store);

    let second = Recorder::start(killed.config()).unwrap();
    assert_ne!(second.run(), run.id);
    second.finish();
    assert_eq!(window(&killed).transactions.len(), 30);
    assert_eq!(answered(&killed, run.id), 270);
    recorder.finish();
}

#[test]
fn a_reader_works_beside_the_recorder() {
    let place = Place::new();
    let recorder = Recorder::start(place.config()).unwrap();
    let socket = recorder.socket_path().to_path_buf();
    let sender = thread::spawn(move || {
        let mut stream = connect(&socket, process(1));
        for serial in 1..=2_000 {
            send(&mut stream, &frame(transaction(serial, 20)));
        }
    });
    eventually("something is written", || recorder.progress().transactions > 0);
    let store = Store::open(&place.store()).unwrap();
    let mut seen = 0;
    eventually("everything is seen", || {
        let window = store.window(recorder.run()).unwrap();
        let length = window.transactions.len();
        assert!(length >= seen, "a reader never goes back");
        for (serial, transaction) in (1..).zip(&window.transactions) {
            assert_eq!(transaction.serial, serial);
        }
        seen = length;
        seen == 2_000
    });
    sender.join().unwrap();
    // The reader's own hold on the store is no reason for complaint.
    assert_eq!(recorder.finish().diagnostics, []);
    assert_eq!(store.runs().unwrap().len(), 1);
}

#[test]
fn two_hundred_short_connections() {
    let place = Place::new();
    let recorder = Recorder::start(place.config()).unwrap();
    for pid in 1..=200 {
        let mut stream = connect(recorder.socket_path(), process(pid));
        send(&mut stream, &frame(transaction(1, 1)));
    }
    let summary = recorder.finish();
    assert_eq!((summary.transactions, summary.processes, summary.dropped), (200, 200, 0));
    assert_eq!(summary.diagnostics, []);
}

#[test]
fn a_process_that_connects_again_stays_the_same() {
    let place = Place::new();
    let recorder = Recorder::start(place.config()).unwrap();
    for serial in 1..=3 {
        let mut stream = connect(recorder.socket_path(), process(1));
        send(&mut stream, &frame(transaction(serial, 1)));
    }
    let summary = recorder.finish();
    assert_eq!((summary.transactions, summary.processes), (3, 1));
}

#[test]
fn connections_beyond_the_limit_are_closed_and_counted() {
    let place = Place::new();
    let limits = Limits { connections: 2, ..Limits::default() };
    let recorder = Recorder::start_within(place.config(), limits).unwrap();
    let mut first = connect(recorder.socket_path(), process(1));
    let second = connect(recorder.socket_path(), process(2));
    eventually("both are served", || recorder.progress().processes == 2);
    let _third = UnixStream::connect(recorder.socket_path()).unwrap();
    eventually("the third is refused", || recorder.progress().connections_refused == 1);
    assert_eq!(recorder.progress().last_error, Some(Problem::TooManyConnections { limit: 2 }));

    // The place of one that ends is free again.
    drop(second);
    eventually("another one is served", || {
        let mut stream = UnixStream::connect(recorder.socket_path()).unwrap();
        let announced = stream.write_all(&Frame::Process(process(3)).encode(Vec::new()));
        let sent = stream.write_all(&frame(transaction(1, 1)).encode(Vec::new()));
        drop(stream);
        thread::sleep(Duration::from_millis(300));
        announced.is_ok() && sent.is_ok() && recorder.progress().transactions > 0
    });
    send(&mut first, &frame(transaction(1, 1)));
    assert!(recorder.finish().transactions >= 2);
}

#[test]
fn a_malformed_frame_ends_its_connection_and_no_other() {
    let place = Place::new();
    let recorder = Recorder::start(place.config()).unwrap();
    let mut good = connect(recorder.socket_path(), process(1));

    let mut other_version = frame(transaction(1, 1)).encode(Vec::new());
    other_version[4] = 9;
    let mut cut = frame(transaction(1, 1)).encode(Vec::new());
    let length = u32::try_from(cut.len() - 4 - 10).unwrap();
    cut[..4].copy_from_slice(&length.to_le_bytes());
    let hostile: [Vec<u8>; 4] =
        [other_version, cut, vec![255; 64], frame(transaction(1, 1)).encode(Vec::new())];
    for (at, bytes) in (1_u64..).zip(hostile) {
        let mut stream = UnixStream::connect(recorder.socket_path()).unwrap();
        stream.write_all(&bytes).unwrap();
        eventually("it is closed", || recorder.progress().connections_refused == at);
    }
    let problems: Vec<_> =
        recorder.diagnostics().into_iter().map(|each| (each.problem, each.occurrences)).collect();
    assert_eq!(problems.len(), 4);
    assert_eq!(problems[0], (Problem::Frame(FrameError::Version(9)), 1));
    assert!(matches!(problems[1], (Problem::Frame(FrameError::Payload(_)), 1)));
    assert_eq!(problems[2], (Problem::Frame(FrameError::Length(u32::MAX)), 1));
    assert_eq!(problems[3], (Problem::Unannounced, 1));

    send(&mut good, &frame(transaction(1, 1)));
    drop(good);
    assert_eq!(recorder.finish().transactions, 1);
}

#[test]
fn losses_of_the_agents_add_up() {
    let place = Place::new();
    let recorder = Recorder::start(place.config()).unwrap();
    let mut stream = connect(recorder.socket_path(), process(1));
    send(&mut stream, &Frame::Transaction { dropped_before: 5, transaction: Box::new(transaction(6, 1)) });
    send(&mut stream, &Frame::Lost { dropped: 7 });
    drop(stream);
    assert_eq!(recorder.finish().dropped, 12);
    assert_eq!(window(&place).dropped, 12);
}

#[test]
fn requests_are_sampled_per_endpoint_and_outlive_their_transactions() {
    let place = Place::new();
    let limits = Limits { requests_per_endpoint: 3, transactions: 5, ..Limits::default() };
    let recorder = Recorder::start_within(place.config(), limits).unwrap();
    let mut stream = connect(recorder.socket_path(), process(1));
    for serial in 1..=20 {
        send(&mut stream, &frame(requested(transaction(serial, 1), &format!("/books/{}/", serial / 2))));
    }
    let mut other = requested(transaction(21, 1), "/stores/");
    other.route = "/stores/".to_owned();
    send(&mut stream, &frame(other));
    drop(stream);
    let run = recorder.run();
    recorder.finish();

    let store = Store::open(&place.store()).unwrap();
    let kept: Vec<_> = store
        .captured_requests(run)
        .unwrap()
        .into_iter()
        .map(|each| (each.transaction_ordinal, each.route, each.request.path))
        .collect();
    let expected = [
        (1, "/books/", "/books/0/"),
        (2, "/books/", "/books/1/"),
        (4, "/books/", "/books/2/"),
        (21, "/stores/", "/stores/"),
    ];
    assert_eq!(kept, expected.map(|(ordinal, route, path)| (ordinal, route.to_owned(), path.to_owned())));
    let window = store.window(run).unwrap();
    assert_eq!((window.first_ordinal, window.transactions.len()), (17, 5), "the oldest transactions went");
}

#[test]
fn a_store_that_is_full_stays_as_large_and_its_totals_count_everything() {
    const BYTES_MAX: u64 = 4 << 20;
    let place = Place::new();
    let limits = Limits { store_bytes: BYTES_MAX, store_bytes_ceiling: BYTES_MAX * 2, ..Limits::default() };
    let recorder = Recorder::start_within(place.config(), limits).unwrap();
    let mut stream = connect(recorder.socket_path(), process(1));
    // Some five times as much as fits; the first pages are the only ones of their endpoint, and go.
    for serial in 1..=4_000 {
        let mut page = requested(transaction(serial, 300), "/books/");
        page.status = if serial % 10 == 0 { 500 } else { 200 };
        page.wall_ns = serial * 100_000;
        if serial <= 50 {
            page.route = "/early/".to_owned();
        }
        send(&mut stream, &frame(page));
    }
    drop(stream);
    let run = recorder.run();
    let summary = recorder.finish();
    assert_eq!((summary.transactions, summary.dropped, &summary.diagnostics[..]), (4_000, 0, &[][..]));
    let size = fs::metadata(place.database()).unwrap().len();
    // Room is made after a commit, so one commit comes on top.
    let commit = FRAMES_PER_COMMIT_MAX as u64 * (BYTES_MAX / 1_000);
    assert!(size <= BYTES_MAX + commit, "{size}");

    let store = Store::open(&place.store()).unwrap();
    let window = store.window(run).unwrap();
    assert!(window.first_ordinal > 2_000, "the oldest transactions went: {}", window.first_ordinal);
    assert_eq!(window.first_ordinal + window.transactions.len() as u64, 4_001);
    let totals = store.totals(run).unwrap();
    let of = |route: &str| totals.iter().find(|totals| totals.route == route).unwrap();
    let (early, books) = (of("/early/"), of("/books/"));
    assert_eq!((early.transactions, books.transactions, totals.len()), (50, 3_950, 2));
    assert_eq!(books.queries_total, 3_950 * 300);
    assert_eq!(books.statuses, [(200, 3_555), (500, 395)].into());
    assert_eq!(books.wall_total_ns, (51..=4_000).map(|serial| serial * 100_000).sum::<u64>());
    assert_eq!(books.wall_ns.max, 400_000_000);
    assert!(books.wall_ns.p50.abs_diff(202_500_000) < 2_025_000, "{:?}", books.wall_ns);
    assert_eq!(store.captured_requests(run).unwrap().len(), 2);
}

#[test]
fn endpoints_beyond_the_limit_are_counted_together() {
    let place = Place::new();
    let limits = Limits { endpoints: 3, ..Limits::default() };
    let recorder = Recorder::start_within(place.config(), limits).unwrap();
    let mut stream = connect(recorder.socket_path(), process(1));
    for serial in 1..=100 {
        let mut page = transaction(serial, 2);
        page.route = format!("/{}/", serial % 10);
        send(&mut stream, &frame(page));
    }
    drop(stream);
    let run = recorder.run();
    recorder.finish();
    let totals = Store::open(&place.store()).unwrap().totals(run).unwrap();
    let mut counts: Vec<_> = totals.iter().map(|each| (each.route.as_str(), each.transactions)).collect();
    counts.sort_unstable_by_key(|(route, count)| (*count, *route));
    assert_eq!(counts, [("/1/", 10), ("/2/", 10), ("/3/", 10), (crate::limits::FURTHER_ENDPOINTS, 70)]);
}

#[test]
fn processes_beyond_the_limit_are_dropped_and_counted() {
    let place = Place::new();
    let limits = Limits { processes: 1, ..Limits::default() };
    let recorder = Recorder::start_within(place.config(), limits).unwrap();
    for pid in 1..=2 {
        let mut stream = connect(recorder.socket_path(), process(pid));
        send(&mut stream, &frame(transaction(1, pid)));
        drop(stream);
        eventually("it is dealt with", || {
            let progress = recorder.progress();
            progress.transactions + progress.dropped == u64::from(pid)
        });
    }
    let summary = recorder.finish();
    assert_eq!((summary.transactions, summary.dropped, summary.processes), (1, 1, 1));
    assert_eq!(summary.diagnostics[0].problem, Problem::TooManyProcesses { limit: 1 });
    assert_eq!(window(&place).dropped, 1);
}

#[test]
fn source_files_are_hashed_once_for_every_process() {
    let place = Place::new();
    let file = place.root().join("views.py");
    fs::write(&file, "x = 1\n").unwrap();
    let modified_at_us = source_modified_at_us(&file);
    let fresh = |pid| observation::Process { started_at_us: modified_at_us + 1_000_000, ..process(pid) };

    let recorder = Recorder::start(place.config()).unwrap();
    for pid in 1..=2 {
        let mut stream = connect(recorder.socket_path(), fresh(pid));
        for serial in 1..=2 {
            let page = lying_in(transaction(serial, 1), "views.py", modified_at_us, 6);
            send(&mut stream, &frame(lying_in(page, "../outside.py", 1, 1)));
        }
    }
    let run = recorder.run();
    recorder.finish();
    let files = Store::open(&place.store()).unwrap().source_files(run).unwrap();
    assert_eq!(
        files,
        [crate::RecordedFile {
            path: "views.py".to_owned(),
            sha256: Some("9e26bf369911c45c243c684147b23fc9e1dcfcf257d299a1c632016a6fcd33f4".to_owned()),
            modified_at_us,
            size_bytes: 6,
            changed_after_start: false,
        }]
    );
}

#[test]
fn a_process_that_runs_an_older_file_marks_it_as_changed() {
    let place = Place::new();
    let file = place.root().join("views.py");
    fs::write(&file, "x = 1\n").unwrap();
    let modified_at_us = source_modified_at_us(&file);
    let recorder = Recorder::start(place.config()).unwrap();
    for (pid, started_at_us) in [(1, modified_at_us + 1), (2, modified_at_us - 1)] {
        let mut stream =
            connect(recorder.socket_path(), observation::Process { started_at_us, ..process(pid) });
        send(&mut stream, &frame(lying_in(transaction(1, 1), "views.py", modified_at_us, 6)));
        drop(stream);
        eventually("it is written", || recorder.progress().transactions == u64::from(pid));
    }
    let run = recorder.run();
    recorder.finish();
    let files = Store::open(&place.store()).unwrap().source_files(run).unwrap();
    assert_eq!(files.len(), 1);
    assert!(files[0].changed_after_start);
}

fn source_modified_at_us(path: &Path) -> u64 {
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    u64::try_from(modified.duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

#[test]
fn a_full_disk_costs_observations_and_nothing_else() {
    let place = Place::new();
    let limits = Limits { store_bytes_ceiling: 60 * u64::from(PAGE_BYTES), ..Limits::default() };
    let recorder = Recorder::start_within(place.config(), limits).unwrap();
    let mut stream = connect(recorder.socket_path(), process(1));
    send(&mut stream, &frame(transaction(1, 1)));
    eventually("the first is written", || recorder.progress().transactions == 1);
    let mut serial = 1;
    eventually("the disk is full", || {
        for _ in 0..20 {
            serial += 1;
            send(&mut stream, &frame(transaction(serial, 100)));
        }
        thread::sleep(Duration::from_millis(20));
        recorder.progress().dropped > 0
    });
    drop(stream);
    assert!(matches!(recorder.progress().last_error, Some(Problem::Write { .. })));
    let summary = recorder.finish();
    assert_eq!(summary.transactions + summary.dropped, serial);
    let store = Store::open(&place.store()).unwrap();
    let counted: u64 = store.totals(summary.run).unwrap().iter().map(|totals| totals.transactions).sum();
    assert_eq!(counted, summary.transactions, "what was not written is not counted");
    drop(store);
    let written =
        summary.diagnostics.iter().filter(|each| matches!(each.problem, Problem::Write { .. })).count();
    assert_eq!(written, 1, "told once, however often it happened");

    // There is room once more: the next run goes on.
    let recorder = Recorder::start(place.config()).unwrap();
    let mut stream = connect(recorder.socket_path(), process(1));
    send(&mut stream, &frame(transaction(1, 100)));
    drop(stream);
    assert_eq!(recorder.finish().transactions, 1);
}

#[test]
fn a_store_that_cannot_even_begin_says_that_the_disk_is_full() {
    let place = Place::new();
    let limits = Limits { store_bytes_ceiling: u64::from(PAGE_BYTES), ..Limits::default() };
    let error = Recorder::start_within(place.config(), limits).err().unwrap();
    assert!(matches!(error, RecordError::Store(OpenError::DiskFull { .. })), "{error}");
}

#[test]
fn stores_that_cannot_be_written_are_refused_and_left_alone() {
    let place = Place::new();
    fs::write(place.store(), "a file").unwrap();
    let error = Recorder::start(place.config()).err().unwrap();
    assert!(
        matches!(&error, RecordError::Store(OpenError::NotADirectory { path }) if *path == place.store()),
        "{error}"
    );
    fs::remove_file(place.store()).unwrap();

    fs::create_dir(place.store()).unwrap();
    fs::write(place.database(), "a garbage file, not short of a hundred bytes".repeat(40)).unwrap();
    let error = Recorder::start(place.config()).err().unwrap();
    assert!(matches!(error, RecordError::Store(OpenError::NotAStore { .. })), "{error}");
    assert!(fs::read_to_string(place.database()).unwrap().starts_with("a garbage file"));
    fs::remove_file(place.database()).unwrap();

    fs::create_dir(place.database()).unwrap();
    let error = Recorder::start(place.config()).err().unwrap();
    assert!(matches!(error, RecordError::Store(OpenError::NotAStore { .. })), "{error}");
    fs::remove_dir(place.database()).unwrap();

    Recorder::start(place.config()).unwrap().finish();
    Connection::open(place.database()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = Recorder::start(place.config()).err().unwrap();
    assert!(matches!(error, RecordError::Store(OpenError::Newer { found: 99, known: 4, .. })), "{error}");
}

#[test]
fn a_socket_that_cannot_be_made_is_an_error_and_leaves_no_run() {
    let place = Place::new();
    let socket_path = place.root().join("x".repeat(200));
    let error =
        Recorder::start(RecorderConfig { socket_path: socket_path.clone(), ..place.config() }).err().unwrap();
    assert!(matches!(error, RecordError::Listen { path, .. } if path == socket_path));
    // A file that is no socket is somebody's.
    fs::write(place.root().join("notes.txt"), "keep").unwrap();
    let config = RecorderConfig { socket_path: place.root().join("notes.txt"), ..place.config() };
    assert!(matches!(Recorder::start(config), Err(RecordError::Listen { .. })));
    assert_eq!(fs::read_to_string(place.root().join("notes.txt")).unwrap(), "keep");
    assert_eq!(Store::open(&place.store()).unwrap().runs().unwrap(), []);
}

#[test]
fn runs_without_traffic_make_way_for_the_next() {
    let place = Place::new();
    Recorder::start(place.config()).unwrap().finish();
    let second = Recorder::start(place.config()).unwrap();
    let run = second.run();
    second.finish();
    let store = Store::open(&place.store()).unwrap();
    let runs: Vec<_> = store.runs().unwrap().into_iter().map(|run| run.id).collect();
    assert_eq!(runs, [run]);
    assert_eq!(store.latest_run().unwrap(), None);
}

#[test]
fn a_command_is_described_without_its_secrets() {
    let describe = |argv: &[&str]| RecorderConfig::describe_command(argv);
    assert_eq!(
        describe(&["/srv/venv/bin/gunicorn", "shop.wsgi", "--password", "hunter2"]),
        "gunicorn shop.wsgi"
    );
    assert_eq!(describe(&["python", "manage.py", "test"]), "python manage.py");
    assert_eq!(describe(&["env", "SECRET_KEY=x", "gunicorn"]), "env");
    assert_eq!(describe(&["serve", "postgres://shop:x/shop"]), "serve");
    assert_eq!(describe(&[]), "");
}
