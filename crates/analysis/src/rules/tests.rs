use observation::{Ask, RelationKind};

use sql::Verb;

use super::{LOAD_CHECKS, STATEMENT_CHECKS, check_for, remedy};
use crate::testing::foreign_key;
use crate::{Rule, Statement, Subject};

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
                (RelationKind::Deferred, Ask::Object) => Some(Rule::DeferredField),
                (RelationKind::Deferred, _) => None,
                (_, Ask::Object) if to_one => Some(Rule::NPlusOne),
                (_, Ask::All | Ask::Count | Ask::Exists) if !to_one => Some(Rule::NPlusOneMany),
                (_, Ask::Narrowed) if !to_one => Some(Rule::NPlusOneFiltered),
                // A manager gives no object, and an object cannot be counted.
                _ => None,
            };
            assert_eq!(check_for(kind, ask).map(|check| check.rule), expected, "{kind:?} {ask:?}");
            let interested = LOAD_CHECKS.iter().filter(|check| (check.applies)(kind, ask)).count();
            assert_eq!(interested, usize::from(expected.is_some()), "{kind:?} {ask:?}");
        }
    }
}

#[test]
fn every_rule_has_one_check_and_a_remedy() {
    let relation = Subject::Relation(foreign_key("shop.Book.publisher", "shop.Publisher"));
    let statement =
        Subject::Statement(Statement { verb: Verb::Update, tables: vec!["shop_book".to_owned()] });
    let loads = LOAD_CHECKS.map(|check| check.rule);
    let statements = STATEMENT_CHECKS.map(|check| check.rule);
    let mut names = std::collections::BTreeSet::new();
    for rule in loads.into_iter().chain(statements) {
        assert!(names.insert(rule.name()));
        assert_eq!(remedy(rule, &relation, &[]).is_some(), loads.contains(&rule));
        assert_eq!(remedy(rule, &statement, &[]).is_some(), statements.contains(&rule));
    }
}
