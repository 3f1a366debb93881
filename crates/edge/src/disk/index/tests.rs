use proptest::prelude::*;

use super::*;

fn name(at: u8) -> Name {
    Name::of(0, &[at], &Variant::default())
}

fn entry(key: &str, tags: &[u64], used: UnixMs) -> Entry {
    Entry {
        rules: 0,
        key: key.as_bytes().into(),
        variant: Variant::default(),
        is_for_everyone: false,
        is_saved: false,
        is_stale: false,
        tags: tags.into(),
        path: 0,
        file_bytes: BLOCK_BYTES,
        written: used,
        used,
        edition: 0,
    }
}

fn ask(index: &Index, key: &str) -> Option<Answer> {
    let request = Fields::default();
    index.find(&Question { rules: 0, key: key.as_bytes(), request: &request, only_for_everyone: false })
}

/// What is to be done, in the order of names' numbers.
fn errands(index: &mut Index, names: std::ops::Range<u8>) -> Vec<Option<Errand>> {
    let errands = index.take_errands();
    names.map(|at| errands.get(&name(at)).copied()).collect()
}

#[test]
fn what_was_made_for_others_or_under_other_rules_is_not_found() {
    let mut index = Index::new(u64::MAX);
    let mut request = Fields::default();
    request.push(b"X-Choice", b"1");
    let selected = (Box::from(&b"x-choice"[..]), Some(Box::from(&b"1"[..])));
    let variant = Variant::from_parts(vec![selected], None).unwrap();
    index.insert(name(0), Entry { variant, ..entry("k", &[], 1) }, 0);
    let question = Question { rules: 0, key: b"k", request: &request, only_for_everyone: false };
    assert_eq!(index.find(&question).unwrap().name, name(0));
    assert_eq!(index.find(&Question { rules: 1, ..question }), None);
    assert_eq!(index.find(&Question { key: b"l", ..question }), None);
    assert_eq!(index.find(&Question { only_for_everyone: true, ..question }), None);
    assert_eq!(ask(&index, "k"), None);
    index.insert(name(1), Entry { is_for_everyone: true, ..entry("k", &[], 1) }, 0);
    assert_eq!(index.find(&Question { only_for_everyone: true, ..question }).unwrap().name, name(1));
}

#[test]
fn what_was_not_used_for_the_longest_time_goes_first_and_saved_ones_last() {
    let mut index = Index::new(3 * BLOCK_BYTES);
    index.insert(name(0), Entry { is_saved: true, ..entry("0", &[], 1) }, 0);
    index.insert(name(1), entry("1", &[], 2), 0);
    index.insert(name(2), entry("2", &[], 3), 0);
    index.touch(name(1), 4);
    for (at, goes) in [(3, 2), (4, 1), (5, 3)] {
        assert!(index.make_room(&entry("x", &[], 0)));
        assert_eq!(index.take_errands(), HashMap::from([(name(goes), Errand::Delete)]));
        index.insert(name(at), entry(&at.to_string(), &[], 10 + u64::from(at)), 0);
    }
    assert!(index.has(name(0)));
    // When there are only saved ones, they go, too.
    assert!(index.make_room(&Entry { file_bytes: 3 * BLOCK_BYTES, ..entry("x", &[], 0) }));
    assert_eq!((index.len(), index.bytes(), index.evicted()), (0, 0, 6));
    assert!(!index.make_room(&Entry { file_bytes: 3 * BLOCK_BYTES + 1, ..entry("x", &[], 0) }));
}

#[test]
fn memory_is_bounded_as_well() {
    let mut index = Index::new(u64::MAX);
    index.memory_bytes_max = 100_000;
    let long = "x".repeat(1_000);
    for at in 0..200 {
        let entry = entry(&format!("{at}{long}"), &[u64::from(at)], u64::from(at));
        assert!(index.make_room(&entry));
        index.insert(name(at), entry, 0);
        assert!(index.memory_bytes <= 100_000);
    }
    assert!(!index.has(name(0)) && index.has(name(199)) && index.len() > 50);
    assert!(!index.make_room(&entry(&"x".repeat(100_000), &[], 0)));
}

#[test]
fn a_purge_deletes_or_marks_what_it_concerns() {
    let mut index = Index::new(u64::MAX);
    index.insert(name(0), entry("0", &[1, 2], 1), 0);
    index.insert(name(1), entry("1", &[2], 1), 0);
    index.insert(name(2), Entry { path: 9, ..entry("2", &[3], 1) }, 0);
    assert_eq!(index.purge(Purge::Tag(1), false), 1);
    assert_eq!(index.purge(Purge::Tag(2), true), 1);
    assert_eq!(index.purge(Purge::Path(8), false), 0);
    assert_eq!(index.purge(Purge::Path(9), true), 1);
    assert_eq!(
        errands(&mut index, 0..3),
        [Some(Errand::Delete), Some(Errand::MarkStale), Some(Errand::MarkStale)]
    );
    assert_eq!(ask(&index, "0"), None);
    assert!(ask(&index, "1").unwrap().is_stale && !index.has_since(name(1), 0));
    assert_eq!(index.purge(Purge::All, true), 2);
    assert!(index.take_errands().is_empty(), "it is marked already");
    assert_eq!(index.purge(Purge::All, false), 2);
    assert_eq!((index.len(), index.bytes(), index.memory_bytes), (0, 0, 0));
}

#[test]
fn what_was_purged_while_it_was_written_does_not_come_back() {
    let mut index = Index::new(u64::MAX);
    let began = index.purges();
    index.insert(name(0), entry("0", &[1], 1), began);
    index.take_errands();
    index.purge(Purge::Tag(2), false);
    // The one that it takes the place of has gone with it.
    assert_eq!(index.insert(name(0), entry("0", &[2], 2), began), Fate::Gone);
    assert_eq!((ask(&index, "0"), errands(&mut index, 0..1)), (None, vec![Some(Errand::Delete)]));
    index.purge(Purge::Tag(3), true);
    assert_eq!(index.insert(name(1), entry("1", &[3], 2), began), Fate::Stale);
    assert!(ask(&index, "1").unwrap().is_stale);
    assert_eq!(errands(&mut index, 1..2), [Some(Errand::MarkStale)]);
    let now = index.purges();
    assert_eq!(index.insert(name(1), entry("1", &[3], 3), now), Fate::Kept);
    assert!(!ask(&index, "1").unwrap().is_stale);
}

/// The file is another one by then.
#[test]
fn a_new_file_is_not_deleted_for_what_the_old_one_was() {
    let mut index = Index::new(u64::MAX);
    index.insert(name(0), entry("0", &[1], 1), 0);
    let old = ask(&index, "0").unwrap();
    index.purge(Purge::Tag(1), false);
    index.insert(name(0), entry("0", &[2], 2), 0);
    assert_eq!(errands(&mut index, 0..1), [None]);
    index.discard(old.name, old.edition);
    assert!(ask(&index, "0").is_some());
    index.discard(old.name, ask(&index, "0").unwrap().edition);
    assert_eq!((ask(&index, "0"), errands(&mut index, 0..1)), (None, vec![Some(Errand::Delete)]));
}

#[test]
fn what_cannot_be_deleted_is_not_served_and_tried_again() {
    let mut index = Index::new(u64::MAX);
    index.insert(name(0), entry("0", &[1], 1), 0);
    index.purge(Purge::Tag(1), true);
    index.take_errands();
    index.put_back(name(0));
    assert_eq!((ask(&index, "0"), errands(&mut index, 0..1)), (None, vec![Some(Errand::Delete)]));
}

#[test]
fn variants_of_a_key_are_bounded() {
    let mut index = Index::new(u64::MAX);
    for at in 0..=VARIANTS_MAX {
        index.insert(name(at.try_into().unwrap()), entry("k", &[], 1), 0);
    }
    assert_eq!((index.len(), index.has(name(0)), index.has(name(1))), (VARIANTS_MAX, false, true));
}

proptest! {
    #[test]
    fn accounts_agree_with_what_is_there(
        steps in proptest::collection::vec((0_u8..10, 0_u64..5, 0_u64..30_000, 0_u8..8), 1..200)
    ) {
        let mut index = Index::new(16 * BLOCK_BYTES);
        let mut files = BTreeSet::new();
        for (time, (at, tag, file_bytes, action)) in (1..).zip(steps) {
            match action {
                0 => { index.purge(Purge::Tag(tag), at % 2 == 0); }
                1 => { index.purge(Purge::All, at > 0); }
                2 => index.touch(name(at), time),
                3 => index.put_back(name(at)),
                _ => {
                    let entry = Entry {
                        file_bytes,
                        is_saved: action == 4,
                        ..entry(&(at / 2).to_string(), &[tag, 9], time)
                    };
                    prop_assert!(index.make_room(&entry));
                    files.retain(|name| index.errands.get(name) != Some(&Errand::Delete));
                    index.take_errands();
                    // It was there before, when it was written; so it is now.
                    files.insert(name(at));
                    index.insert(name(at), entry, index.purges());
                }
            }
            prop_assert!(index.bytes <= 16 * BLOCK_BYTES);
            let bytes: u64 = index.entries.values().map(Entry::disk_bytes).sum();
            let memory: usize = index.entries.values().map(Entry::memory_bytes).sum();
            let tags: usize = index.entries.values().map(|entry| entry.tags.len()).sum();
            let keyed: usize = index.keys.values().map(Vec::len).sum();
            prop_assert_eq!((index.bytes, index.memory_bytes), (bytes, memory));
            prop_assert_eq!((index.tags.len(), index.uses.len(), keyed), (tags, index.len(), index.len()));
            // What is in no index and in no errand is lost on the disk.
            for name in &files {
                let is_known = index.has(*name) || index.errands.get(name) == Some(&Errand::Delete);
                prop_assert!(is_known, "{}", name);
            }
        }
    }
}
