use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::cache::freshness::Timing;
use crate::cache::stored::Parts;
use crate::cache::tags::Labels;
use crate::cache::vary::Variant;
use crate::limits::PURGES_REMEMBERED_MAX;

const MIB: usize = 1 << 20;

fn timing() -> Timing {
    Timing {
        responded: 0,
        initial_age_ms: 0,
        lifetime_ms: 60_000,
        while_revalidate_ms: 0,
        if_error_ms: 0,
        always_validates: false,
    }
}

fn stored(body: usize, tags: &[u64]) -> Arc<Stored> {
    Arc::new(Stored::new(parts(body, tags), 10))
}

fn parts(body: usize, tags: &[u64]) -> Parts {
    Parts {
        status: 200,
        reason: b"OK".to_vec(),
        fields: Fields::default(),
        body: Bytes::from(vec![b'x'; body]),
        timing: timing(),
        variant: Variant::default(),
        labels: Labels::default(),
        tags: tags.to_vec(),
        is_for_everyone: false,
        document: None,
    }
}

fn varied(value: &str) -> (Fields, Arc<Stored>) {
    let (mut request, mut response) = (Fields::default(), Fields::default());
    request.push(b"X-Choice", value.as_bytes());
    response.push(b"Vary", b"X-Choice");
    let variant = Variant::of(&response, &request, |_| false).unwrap();
    let parts = Parts {
        status: 200,
        reason: Vec::new(),
        fields: response,
        body: Bytes::copy_from_slice(value.as_bytes()),
        timing: timing(),
        variant,
        labels: Labels::default(),
        tags: Vec::new(),
        is_for_everyone: false,
        document: None,
    };
    (request, Arc::new(Stored::new(parts, 10)))
}

fn put(store: &Store, key: &str, stored: &Arc<Stored>) -> Result<(), Refusal> {
    store.insert(store.begin_fill(), store.hash(key.as_bytes()), key.as_bytes(), stored)
}

fn get(store: &Store, key: &str) -> Option<Arc<Stored>> {
    store.find(store.hash(key.as_bytes()), key.as_bytes(), &Fields::default(), false).stored
}

#[test]
fn what_is_stored_is_found_under_its_key_only() {
    let store = Store::new(MIB);
    put(&store, "a", &stored(3, &[])).unwrap();
    assert!(get(&store, "a").is_some());
    assert!(get(&store, "b").is_none());
    // The hash of another key finds nothing: keys are compared as a whole.
    assert!(store.find(store.hash(b"a"), b"b", &Fields::default(), false).stored.is_none());
}

#[test]
fn a_newer_response_takes_the_place_of_the_older() {
    let store = Store::new(MIB);
    put(&store, "a", &stored(3, &[1])).unwrap();
    put(&store, "a", &stored(5, &[2])).unwrap();
    assert_eq!(get(&store, "a").unwrap().body.len(), 5);
    assert_eq!(store.entries(), 1);
    assert_eq!(store.bytes(), stored(5, &[2]).bytes);
    assert_eq!(store.purge(Purge::Tag(1), false), 0);
}

#[test]
fn who_is_somebody_finds_what_is_for_everyone() {
    let store = Store::new(MIB);
    put(&store, "a", &stored(3, &[])).unwrap();
    let find =
        |only_for_everyone| store.find(store.hash(b"a"), b"a", &Fields::default(), only_for_everyone).stored;
    assert!(find(false).is_some() && find(true).is_none());
}

#[test]
fn variants_are_kept_apart_and_bounded() {
    let store = Store::new(MIB);
    let hash = store.hash(b"k");
    for at in 0..=VARIANTS_MAX {
        store.insert(store.begin_fill(), hash, b"k", &varied(&at.to_string()).1).unwrap();
    }
    let (oldest, newest) = (varied("0").0, varied(&VARIANTS_MAX.to_string()).0);
    let found = store.find(hash, b"k", &newest, false);
    assert_eq!(found.stored.unwrap().body, VARIANTS_MAX.to_string());
    let found = store.find(hash, b"k", &oldest, false);
    assert!(found.stored.is_none() && found.has_other_variants);
    assert_eq!(store.entries(), VARIANTS_MAX);
    assert_eq!(store.vary_names(hash, b"k"), [b"x-choice".to_vec().into_boxed_slice()]);
}

#[test]
fn a_purge_by_tag_finds_everything_with_it() {
    let store = Store::new(64 * MIB);
    for at in 0..100_u64 {
        put(&store, &format!("page {at}"), &stored(10, &[at % 2, 7])).unwrap();
    }
    assert_eq!(store.purge(Purge::Tag(1), false), 50);
    assert!(get(&store, "page 1").is_none() && get(&store, "page 2").is_some());
    assert_eq!(store.purge(Purge::Tag(7), true), 50);
    assert!(get(&store, "page 2").unwrap().is_purged());
    assert_eq!(store.purge(Purge::All, false), 50);
    assert_eq!((store.bytes(), store.entries()), (0, 0));
}

#[test]
fn what_is_purged_while_it_is_fetched_is_not_stored() {
    let store = Store::new(MIB);
    let hash = store.hash(b"a");
    for purge in [Purge::Tag(5), Purge::All] {
        let fill = store.begin_fill();
        store.purge(purge, true);
        assert_eq!(store.insert(fill, hash, b"a", &stored(1, &[5])), Err(Refusal::Purged), "{purge:?}");
    }
    let fill = store.begin_fill();
    store.purge(Purge::Tag(6), false);
    assert_eq!(store.insert(fill, hash, b"a", &stored(1, &[5])), Ok(()));
}

#[test]
fn a_fill_older_than_what_is_remembered_is_not_stored() {
    let store = Store::new(MIB);
    let fill = store.begin_fill();
    for _ in 0..=PURGES_REMEMBERED_MAX {
        store.purge(Purge::Tag(1), false);
    }
    assert_eq!(put(&store, "b", &stored(1, &[])), Ok(()));
    assert_eq!(store.insert(fill, store.hash(b"a"), b"a", &stored(1, &[])), Err(Refusal::Purged));
}

#[test]
fn a_purge_by_path_finds_all_hosts_and_queries_and_what_is_on_its_way() {
    let store = Store::new(MIB);
    let keys = ["http\0a.test\0/x/?y", "https\0b.test\0/x/", "http\0a.test\0/x", "http\0a.test\0/x/y"];
    for key in keys {
        put(&store, key, &stored(1, &[])).unwrap();
    }
    let fill = store.begin_fill();
    assert_eq!(store.purge(Purge::Path(store.hash(b"/x/")), false), 2);
    assert_eq!(keys.map(|key| get(&store, key).is_some()), [false, false, true, true]);
    let insert = |key: &str| store.insert(fill, store.hash(key.as_bytes()), key.as_bytes(), &stored(1, &[]));
    assert_eq!((insert(keys[0]), insert(keys[2])), (Err(Refusal::Purged), Ok(())));
}

#[test]
fn what_was_kept_elsewhere_takes_the_place_of_nothing_newer() {
    let store = Store::new(MIB);
    let hash = store.hash(b"a");
    let aged = |responded: u64, length: usize| {
        let timing = Timing { responded, ..timing() };
        Arc::new(Stored::new(Parts { timing, ..parts(length, &[]) }, 10))
    };
    store.restore(store.begin_fill(), hash, b"a", &aged(5, 1)).unwrap();
    assert_eq!(get(&store, "a").unwrap().body.len(), 1);
    store.restore(store.begin_fill(), hash, b"a", &aged(4, 2)).unwrap();
    assert_eq!(get(&store, "a").unwrap().body.len(), 1);
    store.restore(store.begin_fill(), hash, b"a", &aged(6, 3)).unwrap();
    assert_eq!(get(&store, "a").unwrap().body.len(), 3);
    let before = store.begin_fill();
    store.purge(Purge::All, false);
    assert_eq!(store.restore(before, hash, b"a", &aged(7, 4)), Err(Refusal::Purged));
    assert!(get(&store, "a").is_none());
}

#[test]
fn what_is_used_outlives_what_comes_once() {
    let store = Store::new(MIB);
    for at in 0..20 {
        put(&store, &format!("hot {at}"), &stored(10_000, &[])).unwrap();
    }
    for round in 0..1_000 {
        for at in 0..20 {
            get(&store, &format!("hot {at}"));
        }
        put(&store, &format!("crawled {round}"), &stored(10_000, &[])).unwrap();
        assert!(store.bytes() <= MIB);
    }
    let kept = (0..20).filter(|at| get(&store, &format!("hot {at}")).is_some()).count();
    assert_eq!(kept, 20);
}

#[test]
fn what_is_too_large_is_refused() {
    let store = Store::new(MIB);
    assert_eq!(put(&store, "a", &stored(MIB, &[])), Err(Refusal::TooLarge));
    assert_eq!(store.entries(), 0);
}

#[test]
fn the_largest_response_is_known_before() {
    for bytes_max in [MIB, 16 * MIB, 100 * MIB, 1_024 * MIB] {
        let store = Store::new(bytes_max);
        let most = Store::object_bytes_max(bytes_max);
        let overhead = stored(most, &[]).bytes - most;
        assert_eq!(put(&store, "a", &stored(most - overhead, &[])), Ok(()));
        assert_eq!(put(&store, "b", &stored(most - overhead + 1, &[])), Err(Refusal::TooLarge));
    }
    assert_eq!(Store::object_bytes_max(256 * MIB), 8 * MIB);
}

#[test]
fn the_queues_do_not_grow_with_what_is_replaced() {
    let store = Store::new(MIB);
    for _ in 0..10_000 {
        put(&store, "a", &stored(1, &[])).unwrap();
    }
    let shard = lock(&store.shards[0]);
    assert!(shard.small.len() + shard.main.len() <= QUEUE_SLACK + 3);
}

#[test]
fn a_compressed_form_is_in_the_accounts_as_long_as_its_response() {
    let compressible = |body: usize| {
        let mut fields = Fields::default();
        fields.push(b"Content-Type", b"text/html");
        let parts = Parts {
            status: 200,
            reason: Vec::new(),
            fields,
            body: Bytes::from(vec![b'x'; body]),
            timing: timing(),
            variant: Variant::default(),
            labels: Labels::default(),
            tags: Vec::new(),
            is_for_everyone: false,
            document: None,
        };
        Arc::new(Stored::new(parts, 10))
    };
    let form = |bytes: usize| Some(Bytes::from(vec![b'y'; bytes]));
    let store = Store::new(MIB);
    let one = compressible(100_000);
    put(&store, "a", &one).unwrap();
    let before = store.bytes();
    store.add_compressed(store.hash(b"a"), &one, Coding::Gzip, form(30_000));
    assert!(store.bytes() > before + 30_000);
    assert_eq!(store.bytes(), one.weight());
    // One that is no longer there weighs nothing, and leaves nothing behind.
    store.purge(Purge::All, false);
    assert_eq!(store.bytes(), 0);
    store.add_compressed(store.hash(b"a"), &one, Coding::Brotli, form(30_000));
    assert_eq!(store.bytes(), 0);
    // What grows makes room.
    let many: Vec<_> = (0..9).map(|number| (format!("{number}"), compressible(100_000))).collect();
    for (key, stored) in &many {
        put(&store, key, stored).unwrap();
        store.add_compressed(store.hash(key.as_bytes()), stored, Coding::Gzip, form(60_000));
        assert!(store.bytes() <= MIB);
    }
    assert!(store.entries() < many.len());
}

proptest! {
    #[test]
    fn accounts_agree_with_what_is_there(
        steps in proptest::collection::vec((0_u8..12, 0_usize..40_000, 0_u64..4, 0_u8..10), 1..200)
    ) {
        let store = Store::new(MIB / 2);
        for (key, body, tag, action) in steps {
            match action {
                0 => { store.purge(Purge::Tag(tag), false); }
                1 => { store.purge(Purge::All, tag == 0); }
                2 => { store.purge(Purge::Tag(tag), true); }
                3..6 => { store.find(store.hash(&[key]), &[key], &Fields::default(), false); }
                _ => { let _ = store.insert(store.begin_fill(), store.hash(&[key]), &[key], &stored(body, &[tag])); }
            }
            prop_assert!(store.bytes() <= MIB / 2);
            let (mut bytes, mut entries) = (0, 0);
            for shard in &store.shards {
                let shard = lock(shard);
                for resource in &shard.resources {
                    for stored in &resource.variants {
                        bytes += stored.bytes;
                        entries += 1;
                    }
                }
                let tagged: usize = shard.tags.values().map(Vec::len).sum();
                prop_assert_eq!(tagged, shard.entries);
            }
            prop_assert_eq!((bytes, entries), (store.bytes(), store.entries()));
        }
    }
}
