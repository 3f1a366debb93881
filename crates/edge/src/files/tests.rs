use std::fs;
use std::time::Duration;

use super::*;
use crate::config::StaticFiles;
use crate::limits::FILE_CHUNK_BYTES;

/// An edge with one directory, which has one large file of noughts.
fn edge() -> (tempfile::TempDir, Arc<Edge>, Arc<Config>) {
    let directory = tempfile::tempdir().unwrap();
    fs::File::create(directory.path().join("film.mp4")).unwrap().set_len(FILE_KEPT_BYTES_MAX + 1).unwrap();
    let statics =
        vec![StaticFiles { prefix: "/".to_owned(), directory: directory.path().to_owned(), lifetime_s: 60 }];
    let mut edge = Edge::new(Config { statics, ..Config::default() }, None);
    edge.files.threads = Threads::new(Duration::from_millis(200));
    let edge = Arc::new(edge);
    let config = edge.config();
    (directory, edge, config)
}

fn head(path: &str) -> RequestHead {
    RequestHead { target: path.as_bytes().to_vec(), ..RequestHead::default() }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

#[test]
fn no_more_files_are_open_than_may_be() {
    let (_directory, edge, config) = edge();
    let head = head("/film.mp4");
    let ask = || answer(&edge, &config, &head, 1_000);
    run(async {
        let taken = edge.files.open.acquire_many(FILES_OPEN_MAX as u32 - 1).await.unwrap();
        let last = ask().await.unwrap();
        assert!(matches!((last.head.status, &last.body), (200, Body::File(_))));
        assert_eq!(ask().await.unwrap().head.status, 503);
        // What needs no open file is answered still.
        let only_head = RequestHead { method: Method::Head, ..head.clone() };
        assert_eq!(answer(&edge, &config, &only_head, 1_000).await.unwrap().head.status, 200);
        // The place is free once the answer is gone, however far it came.
        drop(last);
        assert_eq!(ask().await.unwrap().head.status, 200);
        drop(taken);
    });
}

#[test]
fn a_large_file_comes_in_chunks_and_costs_nothing_in_between() {
    let (_directory, edge, config) = edge();
    run(async {
        let answer = answer(&edge, &config, &head("/film.mp4"), 1_000).await.unwrap();
        let Body::File(mut body) = answer.body else { panic!("it is too large to be kept") };
        let mut lengths = Vec::new();
        while let Some(data) = body.data().await.unwrap() {
            lengths.push(data.len());
        }
        assert_eq!(lengths, [FILE_CHUNK_BYTES, FILE_CHUNK_BYTES, 1]);
        assert!(edge.files.bytes() < 2_000, "{}", edge.files.bytes());
    });
}

#[test]
fn a_disk_that_hangs_keeps_nobody_from_what_is_in_memory() {
    let (_directory, edge, config) = edge();
    run(async {
        assert!(answer(&edge, &config, &head("/film.mp4"), 1_000).await.is_some());
        let _all = edge.files.threads.occupy().await;
        let only_head = RequestHead { method: Method::Head, ..head("/film.mp4") };
        assert_eq!(answer(&edge, &config, &only_head, 9_000).await.unwrap().head.status, 200);
        assert_eq!(answer(&edge, &config, &head("/film.mp4"), 9_000).await.unwrap().head.status, 503);
        assert_eq!(answer(&edge, &config, &head("/other.mp4"), 9_000).await.unwrap().head.status, 503);
        assert!(matches!(at_hand(&edge, &config, &head("/other.mp4"), 9_000), AtHand::Ask));
    });
}
