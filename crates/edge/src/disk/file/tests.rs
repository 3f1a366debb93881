use std::sync::Arc;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::cache::stored::Parts;
use crate::cache::vary::Selected;
use crate::esi::Document;
use crate::http::Fields;

const KEY: &[u8] = b"http\0shop.test\0/a";

/// A response with a bit of everything.
fn parts() -> Parts {
    let mut fields = Fields::default();
    for (name, value) in [("Content-Type", "text/html"), ("ETag", "\"1\""), ("Cache-Groups", "\"books\"")] {
        fields.push(name.as_bytes(), value.as_bytes());
    }
    Parts {
        status: 200,
        reason: b"Fine".to_vec(),
        fields,
        body: Bytes::from_static(b"<p>body</p>"),
        timing: Timing {
            responded: 1_700_000_000_000,
            initial_age_ms: 5,
            lifetime_ms: 60_000,
            while_revalidate_ms: 1,
            if_error_ms: u64::MAX,
            always_validates: false,
        },
        variant: Variant::from_parts(
            vec![
                (Box::from(&b"accept-language"[..]), Some(Box::from(&b"de"[..]))),
                (Box::from(&b"x"[..]), None),
            ],
            Some(Box::from(&b"de"[..])),
        )
        .unwrap(),
        labels: Labels::from_bytes(b"book:1\0list\0"),
        tags: Vec::new(),
        is_for_everyone: true,
        document: None,
    }
}

/// A file as it is written, and its name.
fn file(stored: &Stored, about: &About<'_>) -> (Name, Vec<u8>) {
    let mut bytes = encode(stored, about).unwrap();
    bytes.extend_from_slice(&stored.body);
    (Name::of(about.rules, about.key, &stored.variant), bytes)
}

fn about(key: &[u8]) -> About<'_> {
    About { key, rules: 7, is_saved: true, is_stale: false }
}

/// The same as it was read.
fn again(name: Name, bytes: &[u8]) -> Result<(Head, Bytes), FileError> {
    let bytes = Bytes::copy_from_slice(bytes);
    let whole = decode(name, &bytes);
    let head = decode_head(name, &bytes, bytes.len() as u64);
    if let Ok((whole, _)) = &whole {
        // Both readers agree, also when the second has no more than the head.
        let end = head_bytes(&bytes[..PREFIX_BYTES]).unwrap();
        let short = decode_head(name, &bytes[..end], bytes.len() as u64).unwrap();
        assert_eq!((&head.unwrap().key, short.is_stale), (&whole.key, whole.is_stale));
    }
    whole
}

fn assert_same(stored: &Stored, about: &About<'_>) {
    let (name, bytes) = file(stored, about);
    let (head, body) = again(name, &bytes).unwrap();
    assert_eq!((&head.key[..], head.rules), (about.key, about.rules));
    assert_eq!((head.is_saved, head.is_stale), (about.is_saved, about.is_stale));
    assert_eq!((head.is_for_everyone, head.is_composed), (stored.is_for_everyone, stored.document.is_some()));
    assert_eq!((head.response.status, &head.response.fields), (stored.status, &stored.fields));
    assert_eq!((head.timing, &head.variant, &head.labels), (stored.timing, &stored.variant, &stored.labels));
    assert_eq!((&body, head.body_bytes), (&stored.body, stored.body.len() as u64));
}

#[test]
fn what_is_written_is_read_again() {
    let stored = Stored::new(parts(), KEY.len());
    assert_same(&stored, &about(KEY));
    let (name, bytes) = file(&stored, &about(KEY));
    assert_eq!(again(name, &bytes).unwrap().0.response.reason, b"Fine");
    assert_same(&stored, &About { is_stale: true, is_saved: false, ..about(b"") });
    let composed = Parts { document: Some(Arc::new(Document::default())), is_for_everyone: false, ..parts() };
    assert_same(&Stored::new(composed, 0), &about(KEY));
    let empty = Parts { body: Bytes::new(), fields: Fields::default(), reason: Vec::new(), ..parts() };
    assert_same(&Stored::new(empty, 0), &about(KEY));
}

/// A soft purge changes the first bytes where they stand.
#[test]
fn a_file_is_marked_in_its_place() {
    let (name, mut bytes) = file(&Stored::new(parts(), 0), &about(KEY));
    bytes[..8].copy_from_slice(&MAGIC_STALE);
    assert!(again(name, &bytes).unwrap().0.is_stale);
    let marked = file(&Stored::new(parts(), 0), &About { is_stale: true, ..about(KEY) });
    assert_eq!((name, bytes), marked);
    // A process that was killed between is not killed between two bytes of a page of memory; a disk may fail there.
    let changed = (0..8).filter(|&at| MAGIC[at] != MAGIC_STALE[at]).count();
    assert!(changed >= 4, "no byte alone makes one of the other");
}

#[test]
fn every_bit_counts() {
    let (name, bytes) = file(&Stored::new(parts(), 0), &about(KEY));
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(again(name, &changed).is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn half_a_file_is_none_and_neither_is_more_than_one() {
    let (name, bytes) = file(&Stored::new(parts(), 0), &about(KEY));
    for length in 0..bytes.len() {
        assert!(again(name, &bytes[..length]).is_err(), "{length}");
    }
    assert!(again(name, &[&bytes[..], b"x"].concat()).is_err());
    assert!(again(name, &[&bytes[..], &bytes].concat()).is_err());
}

#[test]
fn a_file_under_another_name_is_another_responses() {
    let (name, bytes) = file(&Stored::new(parts(), 0), &about(KEY));
    let other = Name::of(7, b"http\0shop.test\0/b", &parts().variant);
    assert_eq!(again(other, &bytes).unwrap_err(), FileError::Name);
    for name in [
        Name::of(8, KEY, &parts().variant),
        Name::of(7, KEY, &Variant::default()),
        Name::parse(&"0".repeat(64)).unwrap(),
    ] {
        assert_eq!(again(name, &bytes).unwrap_err(), FileError::Name);
    }
    assert_eq!(Name::parse(&name.to_string()), Some(name));
    for wrong in [String::new(), "0".repeat(63), "0".repeat(65), "A".repeat(64), "é".repeat(32)] {
        assert_eq!(Name::parse(&wrong), None, "{wrong}");
    }
}

/// With a hash that is right: what is in the head is looked at all the same.
#[test]
fn a_head_that_was_never_written_is_an_error() {
    let (name, bytes) = file(&Stored::new(parts(), 0), &about(KEY));
    let end = head_bytes(&bytes).unwrap();
    let forge = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut head = bytes[PREFIX_BYTES..end - DIGEST_BYTES].to_vec();
        change(&mut head);
        let mut forged = bytes[..8].to_vec();
        forged.extend_from_slice(&u32::try_from(head.len()).unwrap().to_le_bytes());
        forged.extend_from_slice(&head);
        forged.extend_from_slice(&Sha256::digest(&head));
        forged.extend_from_slice(&bytes[end..]);
        again(name, &forged).map(|_| ())
    };
    assert_eq!(forge(&|_| ()), Ok(()));
    assert_eq!(forge(&|head| head.push(0)), Err(FileError::Head));
    assert_eq!(forge(&|head| head.truncate(head.len() - 1)), Err(FileError::Head));
    assert_eq!(forge(&|head| head[8] = 0x80), Err(FileError::Head), "an unknown flag");
    assert_eq!(forge(&|head| head[57] = 2), Err(FileError::Head), "neither yes nor no");
    assert_eq!(forge(&|head| head[49..57].fill(0xff)), Err(FileError::Length), "a body without end");
    assert_eq!(forge(&|head| head[90..94].fill(0xff)), Err(FileError::Head), "a key without end");
    let at = memchr::memmem::find(&bytes, b"HTTP/1.1").unwrap() - PREFIX_BYTES;
    assert_eq!(forge(&|head| head[at] = b'X'), Err(FileError::Head), "no status line");
    let at = memchr::memmem::find(&bytes, b"text/html").unwrap() - PREFIX_BYTES;
    assert_eq!(forge(&|head| head[at] = b'\n'), Err(FileError::Head), "a line in a line");
}

#[test]
fn what_would_not_be_read_again_is_not_written() {
    let long = Parts { body: Bytes::from(vec![0; DISK_FILE_BYTES_MAX + 1]), ..parts() };
    assert_eq!(encode(&Stored::new(long, 0), &about(KEY)), None);
    assert_eq!(encode(&Stored::new(parts(), 0), &about(&vec![b'x'; DISK_HEAD_BYTES_MAX])), None);
    let mut fields = Fields::default();
    (0..FIELDS_MAX).for_each(|_| fields.push(b"a", b"b"));
    let many = Parts { fields, ..parts() };
    // With its Content-Length it is one too many.
    assert_eq!(encode(&Stored::new(many, 0), &about(KEY)), None);
}

fn any_timing() -> impl Strategy<Value = Timing> {
    let number = || prop_oneof![any::<u64>(), Just(0), Just(u64::MAX)];
    (number(), number(), number(), number(), number(), any::<bool>()).prop_map(
        |(responded, initial_age_ms, lifetime_ms, while_revalidate_ms, if_error_ms, always_validates)| {
            Timing {
                responded,
                initial_age_ms,
                lifetime_ms,
                while_revalidate_ms,
                if_error_ms,
                always_validates,
            }
        },
    )
}

prop_compose! {
    fn any_variant()(
        values in proptest::collection::btree_map("[a-z ./]{1,8}", option::of(vec(any::<u8>(), 0..20)), 0..8),
        language in option::of(vec(any::<u8>(), 0..5)),
    ) -> Variant {
        let selected = |(name, value): (String, Option<Vec<u8>>)| -> Selected {
            (name.into_bytes().into(), value.map(Into::into))
        };
        Variant::from_parts(values.into_iter().map(selected).collect(), language.map(Into::into)).unwrap()
    }
}

prop_compose! {
    fn any_parts()(
        status in 200_u16..=999,
        lines in vec(("[A-Za-z][A-Za-z0-9-]{0,12}", "([!-~]([ -~]{0,20}[!-~])?)?"), 0..12),
        body in vec(any::<u8>(), 0..200),
        timing in any_timing(),
        variant in any_variant(),
        labels in vec(any::<u8>(), 0..60),
        is_for_everyone in any::<bool>(),
        is_composed in any::<bool>(),
    ) -> Parts {
        let mut fields = Fields::default();
        for (name, value) in lines {
            fields.push(name.as_bytes(), value.as_bytes());
        }
        Parts {
            status,
            reason: Vec::new(),
            fields,
            body: body.into(),
            timing,
            variant,
            labels: Labels::from_bytes(&labels),
            tags: Vec::new(),
            is_for_everyone,
            document: is_composed.then(Arc::default),
        }
    }
}

proptest! {
    #[test]
    fn any_response_is_read_as_it_was_written(
        parts in any_parts(),
        key in vec(any::<u8>(), 0..60),
        rules in any::<u64>(),
        is_saved in any::<bool>(),
        is_stale in any::<bool>(),
    ) {
        assert_same(&Stored::new(parts, key.len()), &About { key: &key, rules, is_saved, is_stale });
    }

    #[test]
    fn arbitrary_bytes_are_an_error(bytes in vec(any::<u8>(), 0..300), begins_well in any::<bool>()) {
        let name = Name::of(0, KEY, &Variant::default());
        let mut bytes = bytes;
        if begins_well && bytes.len() >= PREFIX_BYTES {
            bytes[..8].copy_from_slice(&MAGIC);
            bytes[9..12].fill(0);
        }
        prop_assert!(again(name, &bytes).is_err());
    }

    #[test]
    fn arbitrary_heads_with_the_right_hash_are_an_error(
        head in vec(any::<u8>(), 0..300),
        cut in 0_usize..300,
        at in 0_usize..300,
    ) {
        let (name, written) = file(&Stored::new(parts(), 0), &about(KEY));
        let end = head_bytes(&written).unwrap();
        // Garbage, and garbage in the place of a part of something good.
        let mut spliced = written[PREFIX_BYTES..end - DIGEST_BYTES].to_vec();
        let at = at % spliced.len();
        let until = (at + cut).min(spliced.len());
        spliced.splice(at..until, head.iter().copied());
        for head in [head, spliced] {
            if head == written[PREFIX_BYTES..end - DIGEST_BYTES] {
                continue;
            }
            let mut bytes = MAGIC.to_vec();
            bytes.extend_from_slice(&u32::try_from(head.len()).unwrap().to_le_bytes());
            bytes.extend_from_slice(&head);
            bytes.extend_from_slice(&Sha256::digest(&head));
            bytes.extend_from_slice(&written[end..]);
            // It may be read when it says something else of the same response; never otherwise.
            if let Ok((head, body)) = again(name, &bytes) {
                prop_assert_eq!((&head.key[..], &body[..]), (KEY, &written[end..]));
            }
        }
    }

    #[test]
    fn a_file_with_a_piece_changed_is_an_error(
        at in 0_usize..1_000,
        piece in vec(any::<u8>(), 1..20),
    ) {
        let (name, bytes) = file(&Stored::new(parts(), 0), &about(KEY));
        let at = at % bytes.len();
        let mut changed = bytes.clone();
        let until = (at + piece.len()).min(bytes.len());
        changed[at..until].copy_from_slice(&piece[..until - at]);
        prop_assert_eq!(again(name, &changed).is_ok(), changed == bytes);
    }
}
