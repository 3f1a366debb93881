use observation::{Ask, RelationKind};

use super::{CHECKS, check, check_for};
use crate::Rule;

const KINDS: [RelationKind; 8] = [
    RelationKind::ForeignKey,
    RelationKind::OneToOne,
    RelationKind::ReverseOneToOne,
    RelationKind::GenericForeignKey,
    RelationKind::ReverseForeignKey,
    RelationKind::ManyToMany,
    RelationKind::GenericRelation,
    RelationKind::Deferred,
];
const ASKS: [Ask; 5] = [Ask::Object, Ask::All, Ask::Count, Ask::Exists, Ask::Narrowed];

#[test]
fn a_load_is_the_business_of_one_rule_at_most() {
    for kind in KINDS {
        for ask in ASKS {
            let to_one = !matches!(
                kind,
                RelationKind::ReverseForeignKey | RelationKind::ManyToMany | RelationKind::GenericRelation
            );
            let expected = match (kind, ask) {
                (RelationKind::Deferred, _) => None,
                (_, Ask::Object) if to_one => Some(Rule::NPlusOne),
                (_, Ask::All | Ask::Count | Ask::Exists) if !to_one => Some(Rule::NPlusOneMany),
                (_, Ask::Narrowed) if !to_one => Some(Rule::NPlusOneFiltered),
                // A manager gives no object, and an object cannot be counted.
                _ => None,
            };
            assert_eq!(check_for(kind, ask).map(|check| check.rule), expected, "{kind:?} {ask:?}");
            let interested = CHECKS.iter().filter(|check| (check.applies)(kind, ask)).count();
            assert_eq!(interested, usize::from(expected.is_some()), "{kind:?} {ask:?}");
        }
    }
}

#[test]
fn a_rule_finds_its_own_check() {
    for known in CHECKS {
        assert_eq!(check(known.rule).rule, known.rule);
    }
}
