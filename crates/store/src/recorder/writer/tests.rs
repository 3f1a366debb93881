use std::sync::mpsc::sync_channel;
use std::time::Duration;

use observation::Transaction;
use observation::frame::encode_details;

use super::*;
use crate::database::open_writer;
use crate::limits::STORE_BYTES_CEILING;
use crate::recorder::begin_run;
use crate::testing::{Place, lying_in, process, requested, transaction};
use crate::{Store, Window};

fn writer(place: &Place, limits: Limits) -> Writer {
    std::fs::create_dir_all(place.store()).unwrap();
    let connection = open_writer(&place.store(), STORE_BYTES_CEILING).unwrap();
    let (run, stored) = begin_run(&connection, "test", place.root(), &limits).unwrap();
    Writer::new(connection, run, place.root().to_path_buf(), limits, stored, Arc::default())
}

fn arrived(pid: u32, mut transaction: Transaction) -> Event {
    let tables = std::mem::take(&mut transaction.details);
    let file = |file: &observation::SourceFile| SeenFile {
        path: Arc::clone(&tables.strings[file.path.index()]),
        modified_at_us: file.modified_at_us,
        size_bytes: file.size_bytes,
    };
    Event::Transaction(Box::new(Arrival {
        process: Arc::new(process(pid)),
        dropped_before: 0,
        files: tables.files.iter().map(file).collect(),
        details: encode_details(&tables),
        transaction,
    }))
}

fn window(place: &Place, run: RunId) -> Window {
    Store::open(&place.store()).unwrap().window(run).unwrap()
}

fn set_pages_max(writer: &Writer, pages: i64) {
    writer.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
}

#[test]
fn after_a_failed_commit_the_next_one_starts_where_the_last_good_one_ended() {
    let place = Place::new();
    std::fs::write(place.root().join("views.py"), "x").unwrap();
    let mut writer = writer(&place, Limits::default());
    let page = |serial| requested(lying_in(transaction(serial, 1), "views.py", 1, 1), "/books/");
    writer.write(&[arrived(1, transaction(1, 1))]);

    // Full: a new process, its request and its file are rolled back together with its transactions.
    set_pages_max(&writer, 1);
    let full: Vec<_> =
        (1..=60).map(|serial| arrived(2, requested(transaction(serial, 100), "/full/"))).collect();
    writer.write(&full);
    writer.write(&[arrived(2, page(61)), arrived(2, transaction(62, 20_000))]);
    assert_eq!((writer.counts.transactions, writer.dropped, writer.dropped_written), (1, 62, 0));

    // Room again: they are written as if they came for the first time.
    set_pages_max(&writer, 100_000);
    writer.write(&[arrived(2, page(63))]);
    writer.write(&[arrived(2, page(64))]);
    let (run, status) = (writer.run, Arc::clone(&writer.status));
    writer.close();

    let window = window(&place, run);
    let serials: Vec<_> = window.transactions.iter().map(|each| each.serial).collect();
    assert_eq!((serials, window.first_ordinal, window.dropped), (vec![1, 63, 64], 1, 62));
    let store = Store::open(&place.store()).unwrap();
    let pids: Vec<_> = store.processes(run).unwrap().into_iter().map(|each| each.process.pid).collect();
    assert_eq!(pids, [1, 2]);
    let paths: Vec<_> =
        store.captured_requests(run).unwrap().into_iter().map(|each| each.request.path).collect();
    assert_eq!(paths, ["/books/"]);
    assert_eq!(store.source_files(run).unwrap().len(), 1);
    let progress = status.progress();
    assert_eq!((progress.transactions, progress.processes, progress.dropped), (3, 2, 62));
    assert_eq!(progress.last_error, Some(Problem::Write { reason: "database or disk is full".to_owned() }));
    assert_eq!(status.diagnostics().len(), 1);
}

#[test]
fn the_oldest_make_room_while_recording() {
    let place = Place::new();
    let mut writer = writer(&place, Limits { transactions: 100, ..Limits::default() });
    for batch in 0..10 {
        let events: Vec<_> = (1..=50).map(|serial| arrived(1, transaction(batch * 50 + serial, 1))).collect();
        writer.write(&events);
        writer.make_room();
        assert!(writer.stored <= 100);
    }
    let run = writer.run;
    writer.close();
    let window = window(&place, run);
    assert_eq!((window.first_ordinal, window.transactions.len()), (401, 100));
    assert_eq!(window.transactions[99].serial, 500);
}

#[test]
fn a_run_begins_by_making_room() {
    let place = Place::new();
    let mut first = writer(&place, Limits::default());
    let events: Vec<_> = (1..=1_000).map(|serial| arrived(1, transaction(serial, 1))).collect();
    first.write(&events);
    let run = first.run;
    first.close();
    let second = writer(&place, Limits { transactions: 300, ..Limits::default() });
    assert_eq!(second.stored, 300);
    assert_eq!(window(&place, run).first_ordinal, 701);
}

#[test]
fn requests_of_one_run_are_bounded() {
    let place = Place::new();
    let mut writer = writer(&place, Limits { requests_per_run: 4, ..Limits::default() });
    for serial in 1..=8 {
        let mut page = requested(transaction(serial, 1), "/");
        page.route = format!("/{serial}/");
        writer.write(&[arrived(1, page)]);
    }
    let run = writer.run;
    writer.close();
    assert_eq!(Store::open(&place.store()).unwrap().captured_requests(run).unwrap().len(), 4);
}

#[test]
fn source_files_of_one_run_are_bounded() {
    let place = Place::new();
    let mut writer = writer(&place, Limits { source_files: 3, ..Limits::default() });
    for number in 0..6 {
        writer.write(&[arrived(1, lying_in(transaction(1, 1), &format!("{number}.py"), 1, 1))]);
    }
    let run = writer.run;
    writer.close();
    assert_eq!(Store::open(&place.store()).unwrap().source_files(run).unwrap().len(), 3);
}

#[test]
fn requests_differ_by_everything_that_steers_the_answer() {
    let place = Place::new();
    let mut writer = writer(&place, Limits::default());
    let base = requested(transaction(1, 1), "/books/");
    let change = |edit: fn(&mut observation::CapturedRequest)| {
        let mut page = base.clone();
        page.request.as_mut().map(edit).unwrap();
        arrived(1, page)
    };
    writer.write(&[
        change(|_| {}),
        change(|request| request.query_string.clear()),
        change(|request| request.user_pk = None),
        change(|request| request.user_pk = Some(String::new())),
        change(|request| request.secure = false),
        change(|request| request.headers.clear()),
        change(|request| request.body = None),
    ]);
    let run = writer.run;
    writer.close();
    let requests = Store::open(&place.store()).unwrap().captured_requests(run).unwrap();
    let ordinals: Vec<_> = requests.iter().map(|each| each.transaction_ordinal).collect();
    assert_eq!(ordinals, [1, 2, 3, 4, 5, 6], "all but the body");
}

#[test]
fn batches_are_bounded_and_end_with_the_queue() {
    let (sender, receiver) = sync_channel(2 * FRAMES_PER_COMMIT_MAX);
    for _ in 0..=FRAMES_PER_COMMIT_MAX {
        sender.send(Event::Lost(1)).unwrap();
    }
    let (batch, more) = collect(&receiver);
    assert_eq!((batch.len(), more), (FRAMES_PER_COMMIT_MAX, true));
    sender.send(Event::Finish).unwrap();
    sender.send(Event::Lost(1)).unwrap();
    let (batch, more) = collect(&receiver);
    assert_eq!((batch.len(), more), (1, false));

    let started = Instant::now();
    let (batch, more) = collect(&receiver);
    assert_eq!((batch.len(), more), (1, true));
    assert!(
        started.elapsed() >= COMMIT_INTERVAL.saturating_sub(Duration::from_millis(1)),
        "others may have come"
    );
    drop(sender);
    let (batch, more) = collect(&receiver);
    assert_eq!((batch.len(), more), (0, false));
}
