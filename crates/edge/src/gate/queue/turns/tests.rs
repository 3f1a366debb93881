use proptest::prelude::*;

use super::*;

/// Every request in the order of its turn.
fn drain(mut turns: Turns<u8>) -> Vec<u64> {
    std::iter::from_fn(|| turns.pop()).map(|Ticket(number)| number).collect()
}

fn turns(clients: &[u8]) -> Turns<u8> {
    let mut turns = Turns::new(64);
    for (number, client) in clients.iter().enumerate() {
        turns.push(client, Ticket(number as u64));
    }
    turns
}

#[test]
fn clients_take_turns_and_each_keeps_its_order() {
    assert_eq!(drain(turns(&[1, 1, 1, 2, 2, 3])), [0, 3, 5, 1, 4, 2]);
}

#[test]
fn a_client_who_joins_stands_last() {
    let mut turns = turns(&[1, 1, 2, 2]);
    assert_eq!(turns.pop(), Some(Ticket(0)));
    turns.push(&3, Ticket(9));
    assert_eq!(drain(turns), [2, 1, 9, 3]);
}

#[test]
fn what_is_taken_back_costs_no_turn() {
    let mut turns = turns(&[1, 2, 1, 3]);
    turns.remove(&1, Ticket(0));
    assert_eq!(drain(turns), [2, 1, 3]);
}

#[test]
fn a_client_who_takes_everything_back_stands_last_when_it_returns() {
    let mut turns = turns(&[1, 2]);
    turns.remove(&1, Ticket(0));
    turns.push(&1, Ticket(9));
    assert_eq!(drain(turns), [1, 9]);
}

#[test]
fn what_does_not_wait_cannot_be_taken_out() {
    let mut turns = turns(&[1, 2]);
    turns.remove(&1, Ticket(1));
    turns.remove(&7, Ticket(0));
    turns.remove(&1, Ticket(0));
    turns.remove(&1, Ticket(0));
    assert_eq!((turns.len(), turns.len_of(&1), turns.len_of(&2)), (1, 0, 1));
    assert_eq!(drain(turns), [1]);
}

#[test]
fn a_thousand_of_one_are_one_ahead_of_another() {
    let mut turns = Turns::new(1_000);
    (0..1_000).for_each(|number| turns.push(&1_u8, Ticket(number)));
    assert_eq!((turns.ahead(&1), turns.ahead(&2)), (1_000, 1));
}

proptest! {
    #[test]
    fn ahead_is_right_to_a_round(
        clients in prop::collection::vec(0_u8..6, 0..60),
        pops in 0_usize..40,
        taken_back in prop::collection::vec(0_u64..60, 0..10),
        client in 0_u8..6,
    ) {
        let mut turns = turns(&clients);
        for number in taken_back {
            if let Some(client) = clients.get(number as usize) {
                turns.remove(client, Ticket(number));
            }
        }
        (0..pops).for_each(|_| { turns.pop(); });
        let others = (0..6).filter(|other| *other != client && turns.len_of(other) > turns.len_of(&client)).count();
        let ahead = turns.ahead(&client);
        turns.push(&client, Ticket(1_000));
        let order = drain(turns);
        let really = order.iter().position(|number| *number == 1_000).unwrap();
        prop_assert!(really <= ahead && ahead <= really + others, "{really} of {order:?}, not {ahead}");
    }
}
