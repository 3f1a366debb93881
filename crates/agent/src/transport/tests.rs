use std::io::Read;
use std::os::unix::net::UnixListener;

use observation::frame::Splitter;

use super::*;

fn transaction(serial: u64, bytes: usize) -> Transaction {
    Transaction { serial, route: "x".repeat(bytes), ..Transaction::default() }
}

fn directory(name: &str) -> std::path::PathBuf {
    let directory = std::env::temp_dir().join(format!("escala-agent-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// Reads what is there now and returns (transactions, dropped as reported).
fn drain(stream: &mut std::os::unix::net::UnixStream, splitter: &mut Splitter) -> (Vec<u64>, u32) {
    stream.set_nonblocking(true).unwrap();
    let mut buffer = vec![0; 65_536];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        splitter.push(&buffer[..count]);
    }
    let (mut serials, mut dropped) = (vec![], 0);
    while let Some(frame) = splitter.next_frame().unwrap() {
        match frame {
            Frame::Process(process) => assert_eq!(process.pid, std::process::id()),
            Frame::Transaction { dropped_before, transaction } => {
                serials.push(transaction.serial);
                dropped += dropped_before;
            }
            Frame::Lost { dropped: lost } => dropped += lost,
            Frame::Edge(_) => panic!("an agent is no edge"),
        }
    }
    (serials, dropped)
}

#[test]
fn a_recorder_that_does_not_read_costs_transactions_and_no_time() {
    let directory = directory("full");
    let path = directory.join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let process = Process { pid: std::process::id(), ..Process::default() };
    let mut transport = Transport::new(path.to_str().unwrap().to_owned(), process);
    let started = Instant::now();
    for serial in 0..100 {
        transport.send(transaction(serial, 100_000));
    }
    assert!(started.elapsed() < Duration::from_secs(5), "sending waited");
    let (mut stream, _) = listener.accept().unwrap();
    let mut splitter = Splitter::default();
    let (mut serials, mut dropped) = drain(&mut stream, &mut splitter);
    // What waited in the process goes out with the next units of work; then every loss has been told.
    for serial in 100..160 {
        transport.send(transaction(serial, 10));
        let (more, lost) = drain(&mut stream, &mut splitter);
        serials.extend(more);
        dropped += lost;
    }
    assert!(dropped > 0, "nothing was dropped: the limit was not reached");
    assert_eq!(serials.len() as u32 + dropped, 160);
    assert!(serials.is_sorted(), "order is kept");
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn without_a_recorder_everything_is_dropped_and_counted_once_it_appears() {
    let directory = directory("gone");
    let path = directory.join("s");
    let process = Process { pid: std::process::id(), ..Process::default() };
    let mut transport = Transport::new(path.to_str().unwrap().to_owned(), process);
    transport.send(transaction(1, 1));
    transport.send(transaction(2, 1));
    let listener = UnixListener::bind(&path).unwrap();
    transport.retry_at = None;
    transport.send(transaction(3, 1));
    let (mut stream, _) = listener.accept().unwrap();
    assert_eq!(drain(&mut stream, &mut Splitter::default()), (vec![3], 2));
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_recorder_that_goes_away_is_an_event_not_an_error() {
    let directory = directory("restart");
    let path = directory.join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let process = Process { pid: std::process::id(), ..Process::default() };
    let mut transport = Transport::new(path.to_str().unwrap().to_owned(), process);
    transport.send(transaction(1, 1));
    drop(listener);
    std::fs::remove_file(&path).unwrap();
    transport.send(transaction(2, 1));
    transport.send(transaction(3, 1));
    let listener = UnixListener::bind(&path).unwrap();
    transport.retry_at = None;
    transport.send(transaction(4, 1));
    let (mut stream, _) = listener.accept().unwrap();
    let (serials, dropped) = drain(&mut stream, &mut Splitter::default());
    assert_eq!((serials, dropped), (vec![4], 2));
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn everything_that_waited_for_a_recorder_that_goes_away_is_counted() {
    let directory = directory("waited");
    let path = directory.join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let process = Process { pid: std::process::id(), ..Process::default() };
    let mut transport = Transport::new(path.to_str().unwrap().to_owned(), process);
    for serial in 0..30 {
        transport.send(transaction(serial, 100_000));
    }
    let (mut stream, _) = listener.accept().unwrap();
    let (taken, lost_before) = drain(&mut stream, &mut Splitter::default());
    assert_eq!(lost_before, 0);
    drop((stream, listener));
    transport.send(transaction(30, 1));
    // The one of which a part had been taken is lost as well.
    assert_eq!(taken.len() as u32 + transport.dropped, 31);
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn the_end_of_a_process_waits_for_a_recorder_that_reads_and_not_for_ever_for_one_that_does_not() {
    let directory = directory("end");
    let path = directory.join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let process = Process { pid: std::process::id(), ..Process::default() };
    let mut transport = Transport::new(path.to_str().unwrap().to_owned(), process.clone());
    transport.send(transaction(1, 1_500_000));
    let reader = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        (listener, bytes.len())
    });
    transport.finish();
    assert!(transport.pending.is_empty());
    drop(transport);
    let (listener, length) = reader.join().unwrap();
    assert!(length > 1_500_000);

    let mut transport = Transport::new(path.to_str().unwrap().to_owned(), process);
    transport.send(transaction(1, 1_500_000));
    let started = Instant::now();
    transport.finish();
    assert!(!transport.pending.is_empty());
    assert!(started.elapsed() < EXIT_WAIT_MAX * 4);
    drop(listener);
    std::fs::remove_dir_all(directory).unwrap();
}
