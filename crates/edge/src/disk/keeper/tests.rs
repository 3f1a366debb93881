use std::fs;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};

use bytes::Bytes;
use tempfile::TempDir;

use super::super::directory::Taken;
use super::super::index::{Answer, Question};
use super::super::{Numbers, Settings};
use super::*;
use crate::cache::freshness::Timing;
use crate::cache::purges::Purge;
use crate::cache::store::Store;
use crate::cache::stored::{Parts, Stored};
use crate::cache::tags::Labels;
use crate::cache::vary::Variant;
use crate::clock::Clock;
use crate::http::Fields;

/// A keeper whose thread is the test: it does nothing that it is not told to.
struct Stage {
    keeper: Keeper,
    jobs: SyncSender<Job>,
    _taken: Taken,
}

const MIB: u64 = 1 << 20;

impl Stage {
    fn new(path: &Path) -> Self {
        Self::with(path, 64 * MIB)
    }

    fn with(path: &Path, bytes_max: u64) -> Self {
        let settings = Settings { directory: path.to_owned(), bytes_max };
        let shared = Arc::new(Shared::new(&settings, Arc::new(Store::new(1 << 20)), Clock::start()));
        let (jobs, told) = sync_channel(10);
        let keeper = Keeper { shared, jobs: told };
        let taken = keeper.take().unwrap();
        Self { keeper, jobs, _taken: taken }
    }

    /// What was found there at the start.
    fn scanned(path: &Path) -> Self {
        let stage = Self::new(path);
        assert_eq!(stage.keeper.scan(), Next::Goes);
        stage
    }

    fn mark(&self) -> Mark {
        Mark(self.keeper.shared.index().purges())
    }

    fn stored(&self, key: &str, body: &[u8], tag: &str, timing: Timing) -> Keep {
        let labels = Labels::from_bytes(tag.as_bytes());
        let fields = Fields::default();
        let hash = |name: &[u8]| self.keeper.shared.store.hash(name);
        let parts = Parts {
            status: 200,
            reason: Vec::new(),
            body: Bytes::copy_from_slice(body),
            timing,
            variant: Variant::default(),
            tags: tags::hashes(key.as_bytes(), &fields, &labels, hash),
            fields,
            labels,
            is_for_everyone: false,
            document: None,
        };
        let stored = Arc::new(Stored::new(parts, key.len()));
        Keep {
            stored,
            key: key.as_bytes().to_vec(),
            rules: 0,
            worth: Worth { is_saved: false, is_brief: false },
        }
    }

    fn fresh(&self, key: &str, tag: &str) -> Keep {
        self.stored(key, b"body", tag, self.timing())
    }

    fn timing(&self) -> Timing {
        Timing {
            responded: self.keeper.shared.clock.now(),
            initial_age_ms: 0,
            lifetime_ms: 60_000,
            while_revalidate_ms: 0,
            if_error_ms: 0,
            always_validates: false,
        }
    }

    fn write(&self, keep: &Keep) {
        self.keeper.shared.waiting_bytes.fetch_add(keep.stored.bytes, Ordering::Relaxed);
        self.keeper.carry_out(Job::Write(keep.clone(), self.mark()));
    }

    fn purge(&self, tag: &str, is_soft: bool) -> usize {
        let hash = self.keeper.shared.store.hash(tag.as_bytes());
        self.keeper.shared.index().purge(Purge::Tag(hash), is_soft)
    }

    fn find(&self, key: &str) -> Option<Answer> {
        let request = Fields::default();
        let question =
            Question { rules: 0, key: key.as_bytes(), request: &request, only_for_everyone: false };
        self.keeper.shared.index().find(&question)
    }

    fn numbers(&self) -> Numbers {
        let index = self.keeper.shared.index();
        self.keeper.shared.counts.numbers(index.len(), index.bytes(), index.evicted())
    }
}

/// All files that there are, with their length.
fn files(path: &Path) -> Vec<(std::path::PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else if entry.file_name() != "lock" {
            found.push((entry.path(), entry.metadata().unwrap().len()));
        }
    }
    found
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn what_is_written_is_found_by_the_next_process() {
    let path = directory();
    let stage = Stage::scanned(path.path());
    for key in ["a", "b", "c"] {
        stage.write(&stage.fresh(key, "x"));
    }
    assert_eq!((stage.numbers().entries, stage.numbers().written), (3, 3));
    assert_eq!(stage.keeper.shared.waiting_bytes.load(Ordering::Relaxed), 0);
    drop(stage);
    let next = Stage::scanned(path.path());
    assert_eq!((next.numbers().entries, next.numbers().corrupt), (3, 0));
    assert!(next.find("a").is_some() && next.find("d").is_none());
    // Its tags are hashed anew, and mean the same.
    assert_eq!(next.purge("x", false), 3);
    next.keeper.run_errands();
    assert_eq!(files(path.path()), []);
}

#[test]
fn a_write_that_waited_while_its_tag_was_purged_is_not_done() {
    let path = directory();
    let stage = Stage::scanned(path.path());
    let (mark, keep) = (stage.mark(), stage.fresh("a", "x"));
    stage.purge("x", false);
    stage.keeper.carry_out(Job::Write(keep.clone(), mark));
    assert_eq!((stage.find("a"), files(path.path())), (None, vec![]));
    // One that began since then is.
    stage.write(&keep);
    assert!(stage.find("a").is_some());
    // And one whose tag was another.
    let mark = stage.mark();
    stage.purge("y", false);
    stage.keeper.carry_out(Job::Write(stage.fresh("b", "x"), mark));
    assert!(stage.find("b").is_some());
}

#[test]
fn a_write_that_waited_while_it_was_purged_softly_is_stale_also_after_a_restart() {
    let path = directory();
    let stage = Stage::scanned(path.path());
    let (mark, keep) = (stage.mark(), stage.fresh("a", "x"));
    stage.purge("x", true);
    stage.keeper.carry_out(Job::Write(keep, mark));
    assert!(stage.find("a").unwrap().is_stale);
    stage.keeper.run_errands();
    drop(stage);
    assert!(Stage::scanned(path.path()).find("a").unwrap().is_stale);
}

#[test]
fn a_soft_purge_outlives_the_process_until_there_is_something_new() {
    let path = directory();
    let stage = Stage::scanned(path.path());
    stage.write(&stage.fresh("a", "x"));
    stage.write(&stage.fresh("b", "y"));
    assert_eq!(stage.purge("x", true), 1);
    stage.keeper.run_errands();
    drop(stage);
    let stage = Stage::scanned(path.path());
    assert!(stage.find("a").unwrap().is_stale && !stage.find("b").unwrap().is_stale);
    stage.write(&stage.fresh("a", "x"));
    assert!(!stage.find("a").unwrap().is_stale);
    drop(stage);
    assert!(!Stage::scanned(path.path()).find("a").unwrap().is_stale);
}

#[test]
fn what_is_purged_before_it_was_found_is_not_served() {
    let path = directory();
    let stage = Stage::scanned(path.path());
    for (key, tag) in [("a", "x"), ("b", "y"), ("c", "z")] {
        stage.write(&stage.fresh(key, tag));
    }
    drop(stage);
    let next = Stage::new(path.path());
    assert_eq!((next.purge("x", false), next.purge("y", true)), (0, 0));
    assert_eq!(next.keeper.scan(), Next::Goes);
    assert_eq!(next.find("a"), None);
    assert!(next.find("b").unwrap().is_stale && !next.find("c").unwrap().is_stale);
    drop(next);
    let last = Stage::scanned(path.path());
    assert_eq!((last.numbers().entries, last.find("a")), (2, None));
    assert!(last.find("b").unwrap().is_stale);
}

#[test]
fn what_is_written_meanwhile_is_not_lost_to_what_is_found() {
    let path = directory();
    let stage = Stage::scanned(path.path());
    stage.write(&stage.fresh("a", "x"));
    drop(stage);
    let next = Stage::new(path.path());
    next.purge("x", false);
    next.write(&next.fresh("a", "x"));
    let written = next.find("a").unwrap();
    assert_eq!(next.keeper.scan(), Next::Goes);
    assert_eq!(next.find("a"), Some(written));
    next.keeper.run_errands();
    assert_eq!(files(path.path()).len(), 1);
}

#[test]
fn files_that_are_not_what_was_written_are_deleted_and_counted_and_others_stay() {
    let path = directory();
    let stage = Stage::scanned(path.path());
    for key in ["whole", "cut", "changed", "empty", "foreign", "elsewhere"] {
        stage.write(&stage.fresh(key, key));
    }
    let file = |key: &str| {
        let name = stage.find(key).unwrap().name.to_string();
        files(path.path()).into_iter().find(|(path, _)| path.ends_with(&name)).unwrap().0
    };
    let cut = fs::read(file("cut")).unwrap();
    fs::write(file("cut"), &cut[..cut.len() - 1]).unwrap();
    let mut changed = fs::read(file("changed")).unwrap();
    changed[60] ^= 1;
    fs::write(file("changed"), changed).unwrap();
    fs::write(file("empty"), "").unwrap();
    fs::write(file("foreign"), "hello").unwrap();
    fs::copy(file("whole"), file("elsewhere")).unwrap();
    let beside = file("whole").with_file_name("README");
    fs::write(&beside, "not ours").unwrap();
    drop(stage);
    let next = Stage::scanned(path.path());
    assert_eq!((next.numbers().entries, next.numbers().corrupt, next.numbers().failed), (1, 5, 0));
    assert!(next.find("whole").is_some() && beside.exists());
    assert_eq!(files(path.path()).len(), 2);
}

#[test]
fn what_nobody_can_use_any_more_is_deleted_at_the_start() {
    let path = directory();
    let stage = Stage::scanned(path.path());
    let old = Timing { responded: 0, ..stage.timing() };
    stage.write(&stage.stored("old", b"x", "", old));
    stage.write(&stage.stored("kept for errors", b"x", "", Timing { if_error_ms: u64::MAX, ..old }));
    drop(stage);
    let next = Stage::scanned(path.path());
    assert_eq!((next.numbers().entries, next.numbers().corrupt), (1, 0));
    assert!(next.find("kept for errors").is_some());
}

#[test]
fn the_disk_is_never_fuller_than_it_may_be() {
    let path = directory();
    let bytes_max = 300_000;
    let stage = Stage::with(path.path(), bytes_max);
    stage.keeper.scan();
    let saved = Keep { worth: Worth { is_saved: true, is_brief: false }, ..stage.fresh("saved", "") };
    stage.write(&saved);
    for at in 0..200 {
        let body = vec![b'x'; at * 97 % 30_000];
        stage.write(&stage.stored(&at.to_string(), &body, "", stage.timing()));
        let sum: u64 = files(path.path()).iter().map(|(_, length)| length).sum();
        assert!(sum <= bytes_max && stage.numbers().bytes <= bytes_max, "{sum}");
    }
    assert!(stage.numbers().evicted > 100);
    assert!(stage.find("saved").is_some() && stage.find("199").is_some() && stage.find("0").is_none());
    stage.write(&stage.stored("too large", &vec![0; 300_000], "", stage.timing()));
    assert!(stage.find("too large").is_none() && stage.find("199").is_some());
    drop(stage);
    // A smaller disk than before: the oldest go.
    let next = Stage::with(path.path(), 100_000);
    next.keeper.scan();
    assert!(next.numbers().bytes <= 100_000 && next.find("saved").is_some());
    assert_eq!(files(path.path()).len(), next.numbers().entries);
}

#[test]
fn a_saved_page_that_is_stale_at_once_is_not_written_each_time() {
    let path = directory();
    let stage = Stage::scanned(path.path());
    let keep = Keep { worth: Worth { is_saved: true, is_brief: true }, ..stage.fresh("a", "x") };
    for _ in 0..5 {
        stage.write(&keep);
    }
    assert_eq!(stage.numbers().written, 1);
    // After a purge, there is something to be written.
    stage.purge("x", true);
    stage.write(&keep);
    assert_eq!(stage.numbers().written, 2);
    stage.purge("x", false);
    stage.write(&keep);
    assert_eq!(stage.numbers().written, 3);
    for _ in 0..5 {
        stage.write(&Keep { worth: Worth { is_saved: true, is_brief: false }, ..keep.clone() });
    }
    assert_eq!(stage.numbers().written, 8);
}

#[test]
fn a_directory_that_cannot_be_written_to_costs_what_was_to_be_written() {
    let path = directory();
    let stage = Stage::scanned(path.path());
    stage.write(&stage.fresh("before", ""));
    fs::remove_dir_all(path.path().join("responses")).unwrap();
    fs::write(path.path().join("responses"), "a file").unwrap();
    stage.write(&stage.fresh("a", ""));
    assert_eq!((stage.find("a"), stage.numbers().failed), (None, 1));
    // What cannot be deleted is not served.
    stage.purge("before", false);
    stage.keeper.shared.index().purge(Purge::All, false);
    stage.keeper.run_errands();
    assert_eq!((stage.find("before"), stage.numbers().failed), (None, 2));
    fs::remove_file(path.path().join("responses")).unwrap();
    stage.write(&stage.fresh("a", ""));
    assert!(stage.find("a").is_some());
}

#[test]
fn without_a_directory_what_comes_is_dropped_until_the_end() {
    let path = directory();
    fs::write(path.path().join("responses"), "a file").unwrap();
    let settings = Settings { directory: path.path().to_owned(), bytes_max: MIB };
    let shared = Arc::new(Shared::new(&settings, Arc::new(Store::new(1 << 20)), Clock::start()));
    let (jobs, told) = sync_channel(10);
    let other = directory();
    let stage = Stage::new(other.path());
    let keep = stage.fresh("a", "");
    shared.waiting_bytes.fetch_add(keep.stored.bytes, Ordering::Relaxed);
    jobs.send(Job::Write(keep, Mark(0))).unwrap();
    jobs.send(Job::End).unwrap();
    Keeper { shared: Arc::clone(&shared), jobs: told }.run();
    let numbers = shared.counts.numbers(0, 0, 0);
    assert_eq!((numbers.dropped, numbers.failed, numbers.written), (1, 1, 0));
    assert_eq!(shared.waiting_bytes.load(Ordering::Relaxed), 0);
}

/// Until then it is on disk, and the next process would find it.
#[test]
fn a_purge_is_done_before_the_end_also_when_nothing_was_found_yet() {
    let path = directory();
    let stage = Stage::scanned(path.path());
    stage.write(&stage.fresh("a", "x"));
    stage.write(&stage.fresh("b", "y"));
    drop(stage);
    let next = Stage::new(path.path());
    next.purge("x", false);
    next.keeper.shared.is_ending.store(true, Ordering::Relaxed);
    next.jobs.send(Job::End).unwrap();
    assert_eq!(next.keeper.scan(), Next::Ends);
    next.keeper.run_errands();
    assert_eq!(files(path.path()).len(), 1);
    drop(next);
    // Without a purge, nothing is looked for at the end.
    let last = Stage::new(path.path());
    last.keeper.shared.is_ending.store(true, Ordering::Relaxed);
    assert_eq!((last.keeper.scan(), last.numbers().entries), (Next::Goes, 0));
    assert_eq!(files(path.path()).len(), 1);
}

#[test]
fn what_was_told_before_the_end_is_done() {
    let path = directory();
    let stage = Stage::new(path.path());
    stage.jobs.send(Job::Write(stage.fresh("a", ""), stage.mark())).unwrap();
    stage.jobs.send(Job::End).unwrap();
    stage.keeper.shared.is_ending.store(true, Ordering::Relaxed);
    assert_eq!(stage.keeper.scan(), Next::Ends);
    assert!(stage.find("a").is_some());
    assert_eq!(files(path.path()).len(), 1);
}
