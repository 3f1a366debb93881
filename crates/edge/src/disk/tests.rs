use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::*;
use crate::cache::freshness::Timing;
use crate::cache::stored::Parts;
use crate::cache::tags::{self, Labels};
use crate::cache::vary::Variant;
use crate::config::{DiskConfig, Route};
use crate::http::Fields;

const KEY: &[u8] = b"http\0shop.test\0/a";

fn disk(path: &Path) -> Disk {
    let settings = Settings { directory: path.to_owned(), bytes_max: 1 << 24 };
    Disk::start(&settings, Arc::new(Store::new(1 << 24)), Clock::start()).unwrap()
}

fn keep(disk: &Disk, body: &str, responded: impl Fn(u64) -> u64) {
    let labels = Labels::from_bytes(b"tag");
    let parts = Parts {
        status: 200,
        reason: Vec::new(),
        fields: Fields::default(),
        body: Bytes::copy_from_slice(body.as_bytes()),
        timing: Timing {
            responded: responded(disk.shared.clock.now()),
            initial_age_ms: 0,
            lifetime_ms: 60_000,
            while_revalidate_ms: 0,
            if_error_ms: 0,
            always_validates: false,
        },
        variant: Variant::default(),
        tags: tags::hashes(KEY, &Fields::default(), &labels, |name| disk.shared.store.hash(name)),
        labels,
        is_for_everyone: false,
        document: None,
    };
    let stored = Arc::new(Stored::new(parts, KEY.len()));
    disk.keep(
        disk.mark(),
        Keep { stored, key: KEY.to_vec(), rules: 0, worth: Worth { is_saved: false, is_brief: false } },
    );
}

fn wait_until(mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < until);
        std::thread::sleep(Duration::from_millis(2));
    }
}

async fn recall(disk: &Disk) -> Option<Arc<Stored>> {
    let request = Fields::default();
    let question = Question { rules: 0, key: KEY, request: &request, only_for_everyone: false };
    disk.recall(&question).await
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// A disk with one response, and its file.
fn one(path: &Path, responded: impl Fn(u64) -> u64) -> (Disk, PathBuf) {
    let disk = disk(path);
    keep(&disk, "body", responded);
    wait_until(|| disk.numbers().written == 1);
    let name = name::Name::of(0, KEY, &Variant::default());
    let leaf = format!("{:x}/{:x}", name.leaf() >> 4, name.leaf() & 0xf);
    (disk, path.join("responses").join(leaf).join(name.to_string()))
}

#[test]
fn what_is_read_is_in_memory_then() {
    let path = tempfile::tempdir().unwrap();
    let (disk, _) = one(path.path(), |now| now);
    run(async {
        let store = &disk.shared.store;
        let in_memory = || store.find(store.hash(KEY), KEY, &Fields::default(), false).stored;
        assert!(in_memory().is_none());
        let stored = recall(&disk).await.unwrap();
        assert_eq!((&stored.body[..], stored.labels.as_bytes()), (&b"body"[..], &b"tag\0"[..]));
        assert!(stored.is_fresh(disk.shared.clock.now()));
        assert!(Arc::ptr_eq(&in_memory().unwrap(), &stored));
        assert_eq!(disk.numbers().hits, 1);
    });
}

#[test]
fn many_who_want_the_same_file_wait_for_one_reading() {
    let path = tempfile::tempdir().unwrap();
    let (disk, _) = one(path.path(), |now| now);
    run(async {
        let fields = Fields::default();
        let question = Question { rules: 0, key: KEY, request: &fields, only_for_everyone: false };
        let answer = disk.shared.index().find(&question).unwrap();
        let fill = disk.shared.store.begin_fill();
        let mut waiting: Vec<_> = (0..1_000).map(|_| disk.reading.join(answer, fill).unwrap()).collect();
        let mut bodies = Vec::new();
        for found in &mut waiting {
            found.changed().await.unwrap();
            bodies.push(found.borrow().clone().unwrap());
        }
        bodies.dedup_by(|one, other| Arc::ptr_eq(one, other));
        assert!(bodies.len() < 1_000 / DISK_SHARED_AT_LEAST, "{}", bodies.len());
    });
}

/// How many wait for one reading, in a test that cannot say when a thread begins.
const DISK_SHARED_AT_LEAST: usize = 4;

#[test]
fn what_was_purged_is_not_read_and_what_was_purged_softly_is_stale() {
    let path = tempfile::tempdir().unwrap();
    let (disk, file) = one(path.path(), |now| now);
    run(async {
        let tag = Purge::Tag(disk.shared.store.hash(b"tag"));
        assert_eq!(disk.purge(tag, true), 1);
        assert!(recall(&disk).await.unwrap().is_purged());
        assert_eq!(disk.purge(tag, false), 1);
        assert!(recall(&disk).await.is_none());
        wait_until(|| !file.exists());
    });
}

/// The purge comes after the file was found, and before what is in it is given out.
#[test]
fn what_is_purged_while_it_is_read_is_not_served() {
    let path = tempfile::tempdir().unwrap();
    let (disk, _) = one(path.path(), |now| now);
    run(async {
        let fields = Fields::default();
        let question = Question { rules: 0, key: KEY, request: &fields, only_for_everyone: false };
        for is_soft in [true, false] {
            let fill = disk.shared.store.begin_fill();
            let answer = disk.shared.index().find(&question).unwrap();
            disk.purge(Purge::All, is_soft);
            disk.shared.store.purge(Purge::All, is_soft);
            let mut found = disk.reading.join(answer, fill).unwrap();
            found.changed().await.unwrap();
            assert!(found.borrow().is_none());
        }
    });
}

#[test]
fn a_file_that_is_not_what_was_written_is_a_miss_and_deleted() {
    let path = tempfile::tempdir().unwrap();
    let (disk, file) = one(path.path(), |now| now);
    run(async {
        let mut bytes = fs::read(&file).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&file, bytes).unwrap();
        assert!(recall(&disk).await.is_none());
        wait_until(|| !file.exists());
        assert_eq!((disk.numbers().corrupt, disk.numbers().entries, disk.numbers().hits), (1, 0, 0));
    });
}

#[test]
fn a_file_that_has_gone_is_a_miss() {
    let path = tempfile::tempdir().unwrap();
    let (disk, file) = one(path.path(), |now| now);
    run(async {
        fs::remove_file(&file).unwrap();
        assert!(recall(&disk).await.is_none());
        assert_eq!((disk.numbers().corrupt, disk.numbers().entries), (0, 0));
        keep(&disk, "anew", |now| now);
        wait_until(|| disk.numbers().written == 2);
        assert_eq!(&recall(&disk).await.unwrap().body[..], b"anew");
    });
}

/// A pipe in the place of a file is a disk that never answers.
#[test]
fn a_disk_that_does_not_answer_is_not_waited_for() {
    let path = tempfile::tempdir().unwrap();
    let (disk, file) = one(path.path(), |now| now);
    run(async {
        fs::remove_file(&file).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &file,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let started = Instant::now();
        for _ in 0..3 {
            assert!(recall(&disk).await.is_none());
        }
        assert!(started.elapsed() < DISK_READ_PATIENCE * 10, "{:?}", started.elapsed());
        assert_eq!((disk.numbers().late, disk.numbers().entries), (3, 1));
        // Who waits for the end of the pipe is let go.
        drop(fs::OpenOptions::new().write(true).open(&file).unwrap());
    });
}

/// The clock was set back: how old it is nobody knows.
#[test]
fn what_comes_from_the_future_is_stale() {
    let path = tempfile::tempdir().unwrap();
    let (disk, _) = one(path.path(), |now| now + 3_600_000);
    run(async {
        let stored = recall(&disk).await.unwrap();
        assert!(!stored.is_fresh(disk.shared.clock.now()));
    });
}

#[test]
fn what_waits_is_bounded_and_the_rest_is_counted() {
    let path = tempfile::tempdir().unwrap();
    // No directory: nothing is taken from the queue but to be dropped.
    fs::write(path.path().join("responses"), "a file").unwrap();
    let disk = disk(path.path());
    disk.shared.waiting_bytes.store(DISK_WRITES_WAITING_BYTES_MAX, Ordering::Relaxed);
    keep(&disk, "body", |now| now);
    assert_eq!(disk.numbers().dropped, 1);
    assert_eq!(disk.shared.waiting_bytes.load(Ordering::Relaxed), DISK_WRITES_WAITING_BYTES_MAX);
    disk.end();
    keep(&disk, "body", |now| now);
    assert_eq!(disk.numbers().dropped, 2);
}

#[test]
fn a_second_process_waits_for_the_first() {
    let path = tempfile::tempdir().unwrap();
    let (first, _) = one(path.path(), |now| now);
    let second = disk(path.path());
    run(async {
        assert!(recall(&second).await.is_none());
        assert!(timeout(Duration::from_millis(50), second.scanned()).await.is_err());
        first.end();
        second.scanned().await;
        let mut found = None;
        while found.is_none() {
            // On a busy machine it may come late.
            found = recall(&second).await;
        }
    });
    assert_eq!(second.numbers().failed, 0);
}

#[test]
fn where_responses_are_kept_is_configured() {
    let saved = Route { is_saved: true, ..Route::default() };
    let directory = PathBuf::from("/var/lib/x");
    let mut config = Config { routes: vec![saved], ..Config::default() };
    assert_eq!(Settings::of(&config), None);
    config.saved_directory = Some(directory.clone());
    let settings = Settings { directory: directory.clone(), bytes_max: SAVED_BYTES_MAX };
    assert_eq!(Settings::of(&config), Some(settings));
    config.routes[0].is_saved = false;
    assert_eq!(Settings::of(&config), None);
    config.cache.disk = Some(DiskConfig { directory: "/d".into(), bytes_max: 5 });
    assert_eq!(Settings::of(&config), Some(Settings { directory: "/d".into(), bytes_max: 5 }));
}
