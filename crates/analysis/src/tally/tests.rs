use super::Tally;

fn leader(votes: &[(&'static str, u64)]) -> Option<&'static str> {
    let mut tally = Tally::default();
    for &(value, weight) in votes {
        tally.add(value, weight);
    }
    tally.into_leader()
}

#[test]
fn weights_of_one_value_add_up() {
    assert_eq!(leader(&[("a", 3), ("b", 4), ("a", 2)]), Some("a"));
}

#[test]
fn of_equals_the_first_in_their_order_leads() {
    assert_eq!(leader(&[("b", 2), ("c", 2), ("a", 2)]), Some("a"));
}

#[test]
fn nothing_leads_an_empty_tally() {
    assert_eq!(leader(&[]), None);
}
