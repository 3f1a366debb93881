use proptest::prelude::*;

use super::*;

fn part(range: &str, length: u64) -> Part {
    let mut request = Fields::default();
    request.push(b"Range", range.as_bytes());
    wanted(&request, &Fields::default(), length)
}

#[test]
fn one_range() {
    assert_eq!(part("bytes=0-0", 10), Part::Bytes { first: 0, last: 0 });
    assert_eq!(part("bytes=2-", 10), Part::Bytes { first: 2, last: 9 });
    assert_eq!(part("bytes=2-99", 10), Part::Bytes { first: 2, last: 9 });
    assert_eq!(part("bytes=-3", 10), Part::Bytes { first: 7, last: 9 });
    assert_eq!(part("bytes=-99", 10), Part::Bytes { first: 0, last: 9 });
}

#[test]
fn nothing_that_is_there() {
    for (range, length) in
        [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=-1", 0), ("bytes=0-", 0)]
    {
        assert_eq!(part(range, length), Part::Unsatisfiable, "{range}");
    }
}

#[test]
fn what_is_not_understood_is_not_there() {
    for range in [
        "bytes=",
        "bytes=a-b",
        "bytes=3-1",
        "bytes=0-1,3-4",
        "items=0-1",
        "bytes 0-1",
        "bytes=-",
        "bytes=1-2-3",
    ] {
        assert_eq!(part(range, 10), Part::Whole, "{range}");
    }
    assert_eq!(wanted(&Fields::default(), &Fields::default(), 10), Part::Whole);
}

#[test]
fn a_part_of_another_body_is_of_no_use() {
    let with = |condition: &str| {
        let (mut request, mut stored) = (Fields::default(), Fields::default());
        request.push(b"Range", b"bytes=0-1");
        request.push(b"If-Range", condition.as_bytes());
        stored.push(b"ETag", b"\"a\"");
        stored.push(b"Last-Modified", b"Sun, 06 Nov 1994 08:49:37 GMT");
        wanted(&request, &stored, 10) != Part::Whole
    };
    assert!(with("\"a\"") && with("Sun, 06 Nov 1994 08:49:37 GMT"));
    assert!(!with("\"b\"") && !with("W/\"a\"") && !with("Sun, 06 Nov 1994 08:49:38 GMT"));
}

proptest! {
    #[test]
    fn a_part_lies_inside(range in "bytes=[0-9]{0,21}-[0-9]{0,21}", length: u64) {
        if let Part::Bytes { first, last } = part(&range, length) {
            prop_assert!(first <= last && last < length);
        }
    }
}
