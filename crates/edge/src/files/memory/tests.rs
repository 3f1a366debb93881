use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::config::StaticFiles;
use crate::files::disk::Stamp;
use crate::files::form::{Common, Form};

fn statics() -> StaticFiles {
    StaticFiles { prefix: "/static/".to_owned(), directory: PathBuf::from("files"), lifetime_s: 60 }
}

fn place<'a>(files: &'a StaticFiles, relative: &'a str) -> Place<'a> {
    Place { files, relative: relative.into() }
}

fn resource(bytes: usize) -> Resource {
    let common = Common { name: "a", lifetime_s: 60, varies: false, now_s: 0 };
    let content = Bytes::from(vec![b'x'; bytes]);
    let file = Form::new(common, None, Stamp::example(bytes as u64, 0, 0), Some(content));
    Resource { file, others: Vec::new() }
}

fn keep(memory: &Memory, place: &Place<'_>, bytes: usize, now: UnixMs) -> Arc<Kept> {
    memory.keep(memory.hash(place), Key::of(place), resource(bytes), now)
}

fn find(memory: &Memory, place: &Place<'_>, now: UnixMs) -> Known {
    memory.find(memory.hash(place), place, now)
}

#[test]
fn a_file_is_found_under_its_own_place_only() {
    let memory = Memory::default();
    let files = statics();
    keep(&memory, &place(&files, "a"), 1, 0);
    assert!(matches!(find(&memory, &place(&files, "a"), 0), Known::Fresh(_)));
    let elsewhere = StaticFiles { directory: PathBuf::from("other"), ..statics() };
    let for_longer = StaticFiles { lifetime_s: 61, ..statics() };
    for other in [place(&files, "b"), place(&elsewhere, "a"), place(&for_longer, "a")] {
        assert!(matches!(find(&memory, &other, 0), Known::Nothing));
        // Nor does the hash of another one find it.
        let hash = memory.hash(&place(&files, "a"));
        assert!(matches!(memory.find(hash, &other, 0), Known::Nothing));
    }
}

#[test]
fn after_a_second_one_of_all_asks_the_disk() {
    let memory = Memory::default();
    let files = statics();
    let here = place(&files, "a");
    keep(&memory, &here, 1, 10_000);
    assert!(matches!(find(&memory, &here, 10_999), Known::Fresh(_)));
    let Known::Due(kept) = find(&memory, &here, 11_000) else { panic!("it is due") };
    assert!(kept.begin_check(11_000) && !kept.begin_check(11_000));
    assert!(matches!(find(&memory, &here, 11_000), Known::Fresh(_)));
    assert!(matches!(find(&memory, &here, 12_000), Known::Due(_)));
}

#[test]
fn absence_is_known_for_a_second_at_most() {
    let memory = Memory::default();
    let files = statics();
    let here = place(&files, "a");
    let note = |now| memory.note_absence(memory.hash(&here), &Key::of(&here), now);
    note(10_500);
    assert!(matches!(find(&memory, &here, 10_999), Known::Absent));
    assert!(matches!(find(&memory, &here, 11_500), Known::Nothing));
    // It takes the place of a file, and a file takes its place.
    keep(&memory, &here, 1, 20_000);
    assert!(matches!(find(&memory, &here, 20_000), Known::Fresh(_)));
    note(20_000);
    assert!(matches!(find(&memory, &here, 20_000), Known::Absent));
    assert_eq!(memory.bytes(), 0);
    keep(&memory, &here, 1, 20_000);
    assert!(matches!(find(&memory, &here, 20_000), Known::Fresh(_)));
}

#[test]
fn a_new_version_takes_the_place_of_the_old_one() {
    let memory = Memory::default();
    let files = statics();
    let here = place(&files, "a");
    keep(&memory, &here, 5_000, 0);
    let new = keep(&memory, &here, 10, 0);
    assert_eq!(memory.bytes(), new.bytes);
    memory.forget(&new);
    assert_eq!(memory.bytes(), 0);
    assert!(matches!(find(&memory, &here, 0), Known::Nothing));
}

#[test]
fn what_is_used_outlasts_what_is_not() {
    let memory = Memory::new(100_000);
    let files = statics();
    keep(&memory, &place(&files, "used"), 10_000, 0);
    for number in 0..100 {
        assert!(matches!(find(&memory, &place(&files, "used"), 0), Known::Fresh(_)), "{number}");
        keep(&memory, &place(&files, &format!("once-{number}")), 10_000, 0);
    }
    assert!(matches!(find(&memory, &place(&files, "once-0"), 0), Known::Nothing));
}

#[test]
fn what_is_too_large_for_all_of_the_room_is_not_kept() {
    let memory = Memory::new(1_000);
    let files = statics();
    let kept = keep(&memory, &place(&files, "a"), 10_000, 0);
    // Who asked for it has it.
    assert_eq!(kept.resource.file.stamp.length, 10_000);
    assert_eq!(memory.bytes(), 0);
}

proptest! {
    #[test]
    fn the_bound_holds(steps in prop::collection::vec((0..20_u8, 0..5_000_usize, 0..4_u8), 0..60)) {
        let memory = Memory::new(20_000);
        let files = statics();
        for (name, bytes, what) in steps {
            let name = name.to_string();
            let here = place(&files, &name);
            match what {
                0 => drop(find(&memory, &here, 0)),
                1 => memory.note_absence(memory.hash(&here), &Key::of(&here), 0),
                _ => drop(keep(&memory, &here, bytes, 0)),
            }
            let table = memory.read();
            prop_assert!(table.bytes <= 20_000);
            prop_assert_eq!(table.bytes, table.kept.iter().map(|kept| kept.bytes).sum::<usize>());
            prop_assert_eq!(table.queue.len(), table.kept.len());
        }
    }
}
