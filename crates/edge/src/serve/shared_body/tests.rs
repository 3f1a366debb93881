use super::*;

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(test)
}

fn chunk(at: u8) -> Bytes {
    Bytes::from(vec![at; 1_000])
}

#[test]
fn everybody_reads_all_of_it_whenever_they_come() {
    run(async {
        let body = Arc::new(SharedBody::default());
        let mut early = body.reader().unwrap();
        body.push(chunk(1));
        assert_eq!(early.chunk().await, Ok(Some(chunk(1))));
        body.push(chunk(2));
        let mut late = body.reader().unwrap();
        body.end(Ending::Complete);
        assert_eq!(early.chunk().await, Ok(Some(chunk(2))));
        assert_eq!(early.chunk().await, Ok(None));
        assert_eq!(late.chunk().await, Ok(Some(chunk(1))));
        assert_eq!(late.chunk().await, Ok(Some(chunk(2))));
        assert_eq!(late.chunk().await, Ok(None));
        assert_eq!(body.whole().unwrap(), [chunk(1), chunk(2)].concat());
    });
}

#[test]
fn a_reader_waits_for_what_is_to_come() {
    run(async {
        let body = Arc::new(SharedBody::default());
        let mut reader = body.reader().unwrap();
        let writing = async {
            tokio::task::yield_now().await;
            body.push(chunk(1));
        };
        let (read, ()) = tokio::join!(reader.chunk(), writing);
        assert_eq!(read, Ok(Some(chunk(1))));
    });
}

#[test]
fn what_breaks_off_is_never_whole() {
    run(async {
        let body = Arc::new(SharedBody::default());
        let mut reader = body.reader().unwrap();
        body.push(chunk(1));
        body.end(Ending::Broken);
        assert!(body.whole().is_none());
        assert_eq!(reader.chunk().await, Ok(Some(chunk(1))));
        assert_eq!(reader.chunk().await, Err(Ending::Broken));
    });
}

#[test]
fn what_is_let_go_is_dropped_and_waits_for_the_slowest() {
    run(async {
        let body = Arc::new(SharedBody::default());
        let (mut fast, mut slow) = (body.reader().unwrap(), body.reader().unwrap());
        let chunks = STREAM_WINDOW_BYTES / 1_000 + 2;
        for _ in 0..chunks {
            body.push(chunk(1));
        }
        body.let_go();
        for _ in 0..chunks {
            fast.chunk().await.unwrap();
        }
        assert_eq!(body.lock().chunks.len(), chunks);
        let reading = async {
            tokio::task::yield_now().await;
            for _ in 0..5 {
                slow.chunk().await.unwrap();
            }
        };
        let (is_read, ()) = tokio::join!(body.room(), reading);
        assert!(is_read);
        assert!(body.reader().is_none(), "its beginning is gone");
        drop((fast, slow));
        assert!(body.lock().chunks.is_empty());
        assert!(!body.room().await, "nobody is left to write for");
        body.end(Ending::Complete);
        assert!(body.whole().is_none());
    });
}
