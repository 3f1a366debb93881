use super::*;

#[test]
fn only_what_came_since_counts_and_the_hardest_of_it() {
    let mut purges = Purges::default();
    purges.remember(Purge::All, false);
    let began = purges.count();
    assert_eq!(purges.fate_since(began, &[1], 7), Fate::Kept);
    purges.remember(Purge::Tag(2), false);
    purges.remember(Purge::Path(8), false);
    assert_eq!(purges.fate_since(began, &[1], 7), Fate::Kept);
    purges.remember(Purge::Path(7), true);
    assert_eq!(purges.fate_since(began, &[1], 7), Fate::Stale);
    purges.remember(Purge::Tag(1), false);
    purges.remember(Purge::Tag(1), true);
    assert_eq!(purges.fate_since(began, &[1], 7), Fate::Gone);
    assert_eq!(purges.fate_since(purges.count(), &[1], 7), Fate::Kept);
}

#[test]
fn what_is_not_remembered_may_have_meant_anything() {
    let mut purges = Purges::default();
    for _ in 0..=PURGES_REMEMBERED_MAX {
        purges.remember(Purge::Tag(1), true);
    }
    assert_eq!(purges.fate_since(0, &[2], 0), Fate::Gone);
    assert_eq!(purges.fate_since(1, &[2], 0), Fate::Kept);
    assert_eq!(purges.fate_since(1, &[1], 0), Fate::Stale);
}
