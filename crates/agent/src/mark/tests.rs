use super::*;

#[test]
fn marks_survive_the_integer() {
    for mark in [
        Mark::Origin(0),
        Mark::Origin(99_999),
        Mark::load(1, 0),
        Mark::load(u64::MAX, u32::MAX),
        Mark::load(16_777_216, 7),
    ] {
        assert_eq!(Mark::decode(mark.encode()), mark);
    }
}

#[test]
fn an_unmarked_query_reads_as_an_unknown_origin() {
    assert_eq!(Mark::decode(0), Mark::Origin(0));
    assert_eq!(Mark::decode(Mark::NONE), Mark::Origin(0));
    assert_ne!(Mark::NONE, Mark::Origin(u32::MAX).encode());
}
