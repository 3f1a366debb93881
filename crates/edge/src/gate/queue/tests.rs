use super::*;

mod model;
mod simulation;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn queue(concurrency: usize) -> Queue<&'static str, u32> {
    Queue::new(QueueConfig::for_workers(concurrency))
}

/// A client's request at time 0 that can wait for ten seconds.
fn arrive(queue: &mut Queue<&'static str, u32>, client: &'static str, token: u32) -> Arrival {
    queue.arrive(client, Class::Normal, ms(0), ms(10_000), token)
}

fn admitted(arrival: Arrival) -> Permit {
    match arrival {
        Arrival::Admitted(permit) => permit,
        other => panic!("not admitted: {other:?}"),
    }
}

fn waiting(arrival: Arrival) -> Ticket {
    match arrival {
        Arrival::Waiting(ticket) => ticket,
        other => panic!("does not wait: {other:?}"),
    }
}

fn shed(arrival: Arrival) -> Reason {
    match arrival {
        Arrival::Shed(reason) => reason,
        other => panic!("not shed: {other:?}"),
    }
}

/// The one who is admitted.
fn only<T>(wake: Wake<T>) -> Admission<T> {
    let mut admitted = wake.admitted;
    assert_eq!((admitted.len(), wake.expired.len()), (1, 0));
    admitted.remove(0)
}

fn is_nobody<T>(wake: &Wake<T>) -> bool {
    wake.admitted.is_empty() && wake.expired.is_empty()
}

#[test]
fn as_many_as_workers_go_in_and_the_next_ones_when_one_leaves() {
    let mut queue = queue(2);
    let first = admitted(arrive(&mut queue, "a", 1));
    let second = admitted(arrive(&mut queue, "b", 2));
    let _ticket = waiting(arrive(&mut queue, "c", 3));
    let third = only(queue.leave(first, ms(30), Some(ms(30))));
    assert_eq!((third.token, third.waited), (3, ms(30)));
    assert_eq!(queue.counts(), Counts { in_app: 2, ..Counts::default() });
    assert!(is_nobody(&queue.leave(second, ms(40), Some(ms(40)))));
    assert!(is_nobody(&queue.leave(third.permit, ms(50), Some(ms(20)))));
    assert_eq!(queue.counts(), Counts::default());
}

#[test]
fn one_who_went_away_takes_no_turn_and_no_permit() {
    let mut queue = queue(1);
    let permit = admitted(arrive(&mut queue, "a", 1));
    let gone = waiting(arrive(&mut queue, "b", 2));
    let stays = waiting(arrive(&mut queue, "c", 3));
    assert_eq!(queue.cancel(gone), Some(2));
    assert_eq!(queue.cancel(gone), None);
    let admission = only(queue.leave(permit, ms(10), None));
    assert_eq!(admission.token, 3);
    assert_eq!(queue.cancel(stays), None);
    assert!(is_nobody(&queue.leave(admission.permit, ms(20), None)));
    assert_eq!(queue.counts(), Counts::default());
}

#[test]
fn nobody_is_admitted_at_the_deadline_or_later() {
    let mut queue = queue(1);
    let permit = admitted(arrive(&mut queue, "a", 1));
    let _late = waiting(queue.arrive("b", Class::Normal, ms(0), ms(100), 2));
    let _later = waiting(queue.arrive("c", Class::Normal, ms(0), ms(101), 3));
    assert_eq!(queue.next_deadline(), Some(ms(100)));
    assert_eq!(queue.expire(ms(99)), Vec::<u32>::new());
    let wake = queue.leave(permit, ms(100), None);
    assert_eq!(wake.expired, [2]);
    assert_eq!(wake.admitted[0].token, 3);
    assert_eq!(queue.next_deadline(), None);
}

#[test]
fn one_who_cannot_wait_is_admitted_to_an_idle_app_only() {
    let mut queue = queue(1);
    let _permit = admitted(queue.arrive("a", Class::Normal, ms(7), ms(7), 1));
    let reason = shed(queue.arrive("a", Class::Normal, ms(7), ms(7), 2));
    assert_eq!(reason, Reason::TooLate { expected_wait: ms(0) });
}

#[test]
fn whose_turn_would_come_too_late_is_told_when_it_would() {
    let mut queue = queue(1);
    let permit = admitted(arrive(&mut queue, "a", 1));
    let _wake = queue.leave(permit, ms(100), Some(ms(100)));
    let _permit = admitted(queue.arrive("a", Class::Normal, ms(100), ms(300), 2));
    // One turn of 100 ms ahead of the first, two ahead of the second.
    let _ticket = waiting(queue.arrive("a", Class::Normal, ms(100), ms(300), 3));
    let reason = shed(queue.arrive("a", Class::Normal, ms(100), ms(300), 4));
    assert_eq!(reason, Reason::TooLate { expected_wait: ms(200) });
    let _ticket = waiting(queue.arrive("a", Class::Normal, ms(100), ms(301), 5));
}

#[test]
fn a_long_silence_before_it_does_not_make_an_app_look_stuck() {
    let mut queue = queue(1);
    let permit = admitted(arrive(&mut queue, "a", 1));
    let _wake = queue.leave(permit, ms(100), Some(ms(100)));
    let _permit = admitted(queue.arrive("a", Class::Normal, ms(9_000_000), ms(9_001_000), 2));
    let _ticket = waiting(queue.arrive("b", Class::Normal, ms(9_000_000), ms(9_001_000), 3));
    let reason = shed(queue.arrive("c", Class::Normal, ms(9_000_900), ms(9_001_800), 4));
    assert_eq!(reason, Reason::TooLate { expected_wait: ms(1_000) });
}

#[test]
fn while_nothing_is_known_only_the_room_counts() {
    let mut queue = queue(1);
    let _permit = admitted(arrive(&mut queue, "a", 0));
    for token in 1..=128 {
        let _ticket = waiting(queue.arrive("a", Class::Normal, ms(5_000), ms(5_001), token));
    }
}

#[test]
fn a_client_has_its_bound_and_the_room_has_one() {
    let config = QueueConfig { waiting_max: 8, waiting_per_client_max: 3, ..QueueConfig::for_workers(1) };
    let mut queue = Queue::new(config);
    let _permit = admitted(arrive(&mut queue, "a", 0));
    (1..=3).for_each(|token| {
        waiting(arrive(&mut queue, "a", token));
    });
    assert_eq!(shed(arrive(&mut queue, "a", 9)), Reason::FullForClient);
    for client in ["b", "c", "d", "e", "f"] {
        let _ticket = waiting(arrive(&mut queue, client, 9));
    }
    assert_eq!(shed(arrive(&mut queue, "g", 9)), Reason::Full);
}

#[test]
fn one_client_alone_leaves_half_the_room_to_others() {
    let config = QueueConfig { waiting_max: 100, waiting_per_client_max: 100, ..QueueConfig::for_workers(1) };
    let mut queue = Queue::new(config);
    let _permit = admitted(arrive(&mut queue, "a", 0));
    let mut fill = |client| {
        (0..100).take_while(|_| matches!(arrive(&mut queue, client, 1), Arrival::Waiting(_))).count()
    };
    assert_eq!((fill("a"), fill("b"), fill("c")), (50, 25, 13));
}

#[test]
fn a_hog_delays_another_client_by_one_turn() {
    let config =
        QueueConfig { waiting_max: 4_000, waiting_per_client_max: 1_000, ..QueueConfig::for_workers(1) };
    let mut queue = Queue::new(config);
    let permit = admitted(arrive(&mut queue, "hog", 0));
    (1..=1_000).for_each(|token| {
        waiting(arrive(&mut queue, "hog", token));
    });
    let _ticket = waiting(arrive(&mut queue, "light", 5_000));
    let first = only(queue.leave(permit, ms(1), None));
    let second = only(queue.leave(first.permit, ms(2), None));
    assert_eq!((first.token, second.token), (1, 5_000));
}

fn refresh(queue: &mut Queue<&'static str, u32>, token: u32) -> Arrival {
    queue.arrive("", Class::Background, ms(0), ms(10_000), token)
}

#[test]
fn refreshes_take_a_quarter_of_the_permits_and_one_at_least() {
    for (workers, refreshes) in [(1, 1), (2, 1), (7, 1), (8, 2), (100, 25)] {
        let mut queue = queue(workers);
        (0..refreshes).for_each(|token| drop(admitted(refresh(&mut queue, token))));
        let _ticket = waiting(refresh(&mut queue, 99));
        (refreshes as usize..workers).for_each(|_| drop(admitted(arrive(&mut queue, "a", 1))));
        let _ticket = waiting(arrive(&mut queue, "a", 1));
    }
}

#[test]
fn refreshes_wait_for_everybody_else() {
    let mut queue = queue(1);
    let permit = admitted(arrive(&mut queue, "a", 1));
    let _refresh = waiting(refresh(&mut queue, 2));
    let _other = waiting(refresh(&mut queue, 3));
    let _client = waiting(arrive(&mut queue, "b", 4));
    let client = only(queue.leave(permit, ms(1), None));
    assert_eq!(client.token, 4);
    let first = only(queue.leave(client.permit, ms(2), None));
    assert_eq!(first.token, 2);
    let second = only(queue.leave(first.permit, ms(3), None));
    assert_eq!(second.token, 3);
    assert_eq!(queue.counts(), Counts { in_app: 1, in_app_background: 1, ..Counts::default() });
    assert!(is_nobody(&queue.leave(second.permit, ms(4), None)));
    assert_eq!(queue.counts(), Counts::default());
}

#[test]
fn a_client_who_leaves_admits_no_refresh_over_the_quarter() {
    let mut queue = queue(4);
    let _refresh = admitted(refresh(&mut queue, 1));
    let client = admitted(arrive(&mut queue, "a", 2));
    let _waiting = waiting(refresh(&mut queue, 3));
    assert!(is_nobody(&queue.leave(client, ms(1), None)));
    assert_eq!(queue.counts().waiting_background, 1);
}

#[test]
fn refreshes_have_a_room_of_their_own() {
    let mut queue = queue(1);
    let _permit = admitted(arrive(&mut queue, "a", 0));
    (0..64).for_each(|token| {
        waiting(refresh(&mut queue, token));
    });
    assert_eq!(shed(refresh(&mut queue, 64)), Reason::Full);
    let _ticket = waiting(arrive(&mut queue, "a", 1));
}

#[test]
fn more_workers_admit_at_once_and_fewer_take_nobody_out() {
    let mut queue = queue(1);
    let mut permits = vec![admitted(arrive(&mut queue, "a", 0))];
    (1..=4).for_each(|token| {
        waiting(arrive(&mut queue, "a", token));
    });
    let wake = queue.resize(3, ms(5));
    assert_eq!(wake.admitted.iter().map(|admission| admission.token).collect::<Vec<_>>(), [1, 2]);
    permits.extend(wake.admitted.into_iter().map(|admission| admission.permit));
    assert!(is_nobody(&queue.resize(0, ms(6))));
    assert_eq!(queue.counts().in_app, 3);
    assert!(is_nobody(&queue.leave(permits.remove(0), ms(7), None)));
    assert!(is_nobody(&queue.leave(permits.remove(0), ms(8), None)));
    assert_eq!(only(queue.leave(permits.remove(0), ms(9), None)).token, 3);
}
