//! The queue before a simulated app: seeded, in simulated time, so that every run is the same.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;

/// An app with its queue, and a deadline for everybody.
struct Site {
    queue: Queue<u32, usize>,
    /// How long a request keeps a worker busy that goes into the app at this time.
    service: fn(&mut Random, Duration) -> Duration,
    patience: Duration,
    random: Random,
    events: BinaryHeap<Reverse<(Duration, usize, Event)>>,
    requests: Vec<Request>,
    /// In the order of admission: the number of the request, and its permit until it leaves.
    permits: Vec<(usize, Option<Permit>)>,
    now: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrive { client: u32 },
    Leave { permit: usize, served_for: Duration },
}

/// What became of one, and when.
#[derive(Clone, Copy, Debug)]
struct Request {
    client: u32,
    arrived: Duration,
    admitted: Option<Duration>,
    served_for: Duration,
    /// Refused on arrival.
    shed: Option<Reason>,
    /// How many were admitted before it,
    turn: usize,
    /// and how many of them before it came.
    turn_on_arrival: usize,
}

/// A linear congruential generator (Knuth, MMIX).
struct Random(u64);

impl Random {
    /// Between 0, which it never is, and 1.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 1.0) / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(-self.uniform().ln())
    }
}

impl Site {
    fn new(seed: u64, service: fn(&mut Random, Duration) -> Duration) -> Self {
        let config = QueueConfig {
            waiting_per_client_max: 1_000,
            waiting_max: 4_000,
            ..QueueConfig::for_workers(WORKERS)
        };
        Self {
            queue: Queue::new(config),
            service,
            patience: ms(1_000),
            random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            events: BinaryHeap::new(),
            requests: Vec::new(),
            permits: Vec::new(),
            now: Duration::ZERO,
        }
    }

    /// Requests of a client at random times, so many per second on average.
    fn offer(&mut self, client: u32, per_second: u32, from: Duration, to: Duration) {
        let mut at = from;
        loop {
            at += self.random.exponential(Duration::from_secs(1) / per_second);
            if at >= to {
                return;
            }
            self.push(at, Event::Arrive { client });
        }
    }

    fn push(&mut self, at: Duration, event: Event) {
        let order = self.events.len() + self.requests.len();
        self.events.push(Reverse((at, order, event)));
    }

    fn run(&mut self, until: Duration) {
        loop {
            let event = self.events.peek().map(|Reverse((at, ..))| *at).filter(|at| *at < until);
            let deadline = self.queue.next_deadline().filter(|at| *at < until);
            let Some(next) = event.into_iter().chain(deadline).min() else { break };
            self.now = next;
            if deadline == Some(next) {
                self.queue.expire(next);
            } else if let Some(Reverse((_, _, event))) = self.events.pop() {
                self.happen(event);
            }
        }
        self.now = until;
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive { client } => self.arrive(client),
            Event::Leave { permit, served_for } => {
                let permit = self.permits[permit].1.take().unwrap();
                let wake = self.queue.leave(permit, self.now, Some(served_for));
                for admission in wake.admitted {
                    self.start(admission.token, admission.permit);
                    assert_eq!(Some(admission.waited), waited(&self.requests[admission.token]));
                }
            }
        }
    }

    fn arrive(&mut self, client: u32) {
        let id = self.requests.len();
        let turn_on_arrival = self.permits.len();
        self.requests.push(Request {
            client,
            arrived: self.now,
            admitted: None,
            served_for: Duration::ZERO,
            shed: None,
            turn: 0,
            turn_on_arrival,
        });
        match self.queue.arrive(client, Class::Normal, self.now, self.now + self.patience, id) {
            Arrival::Admitted(permit) => self.start(id, permit),
            Arrival::Waiting(_) => {}
            Arrival::Shed(reason) => self.requests[id].shed = Some(reason),
        }
    }

    fn start(&mut self, id: usize, permit: Permit) {
        self.requests[id].admitted = Some(self.now);
        self.requests[id].turn = self.permits.len();
        let served_for = (self.service)(&mut self.random, self.now);
        self.requests[id].served_for = served_for;
        self.permits.push((id, Some(permit)));
        self.push(self.now + served_for, Event::Leave { permit: self.permits.len() - 1, served_for });
    }

    /// Those that arrived in this time.
    fn arrived(&self, from: Duration, to: Duration) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(move |one| (from..to).contains(&one.arrived))
    }

    /// Of those that arrived in this time, the ones that were not admitted.
    fn refused(&self, from: Duration, to: Duration) -> usize {
        self.arrived(from, to).filter(|one| one.admitted.is_none()).count()
    }

    /// And of these, the ones that were told so only when their time was up.
    fn in_vain(&self, from: Duration, to: Duration) -> usize {
        self.arrived(from, to).filter(|one| one.admitted.is_none() && one.shed.is_none()).count()
    }

    /// How much of this time the workers were busy, on average.
    fn busy_share(&self, from: Duration, to: Duration) -> f64 {
        let busy = self.requests.iter().filter_map(|one| {
            let begun = one.admitted?;
            Some((begun + one.served_for).min(to).saturating_sub(begun.max(from)))
        });
        busy.sum::<Duration>().div_duration_f64(to.saturating_sub(from)) / WORKERS as f64
    }

    /// Those that were admitted in this time.
    fn admitted(&self, from: Duration, to: Duration) -> usize {
        self.requests.iter().filter(|one| one.admitted.is_some_and(|at| (from..to).contains(&at))).count()
    }
}

const WORKERS: usize = 2;

/// What holds must hold whatever chance brings.
const SEEDS: std::ops::Range<u64> = 1..9;

/// Exponential around 50 ms: two workers do 40 requests a second.
fn as_usual(random: &mut Random, _: Duration) -> Duration {
    random.exponential(ms(50))
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Four hundred clients that ask once a second each: ten times what two workers can do.
fn rush(site: &mut Site, from: Duration, to: Duration) {
    (0..400).for_each(|client| site.offer(client, 1, from, to));
}

fn waited(request: &Request) -> Option<Duration> {
    request.admitted?.checked_sub(request.arrived)
}

fn assert_nobody_was_admitted_late(site: &Site) {
    assert!(site.requests.iter().filter_map(waited).all(|waited| waited < site.patience));
}

#[test]
fn a_rush_of_ten_times_the_capacity_is_served_at_capacity_and_in_time() {
    for seed in SEEDS {
        let mut site = Site::new(seed, as_usual);
        rush(&mut site, seconds(0), seconds(60));
        site.run(seconds(60));
        assert_nobody_was_admitted_late(&site);
        let (capacity, admitted) = (40 * 60, site.admitted(seconds(0), seconds(60)));
        assert!(admitted * 10 >= capacity * 9, "{admitted} of {capacity}");
        // Nearly everybody else is told at once: of those who waited, few waited in vain.
        let in_vain = site.in_vain(seconds(0), seconds(59));
        assert!(in_vain * 7 < admitted, "{in_vain} beside {admitted}");

        site.run(seconds(62));
        assert_eq!(site.queue.counts(), Counts::default());
        site.arrive(7);
        assert_eq!(waited(site.requests.last().unwrap()), Some(ms(0)));
    }
}

#[test]
fn below_its_capacity_nobody_is_refused() {
    for seed in SEEDS {
        let mut site = Site::new(seed, as_usual);
        (0..20).for_each(|client| site.offer(client, 1, seconds(0), seconds(60)));
        site.run(seconds(62));
        assert_eq!(site.refused(seconds(0), seconds(60)), 0);
    }
}

#[test]
fn at_four_fifths_of_its_capacity_hardly_anybody_is_refused() {
    let (mut refused, mut all) = (0, 0);
    for seed in SEEDS {
        let mut site = Site::new(seed, as_usual);
        (0..32).for_each(|client| site.offer(client, 1, seconds(0), seconds(60)));
        site.run(seconds(62));
        refused += site.refused(seconds(0), seconds(60));
        all += site.requests.len();
    }
    // Without any estimate one in a thousand would wait in vain.
    assert!(refused * 300 < all, "{refused} of {all}");
}

#[test]
fn beside_a_hog_ten_light_clients_are_served_within_one_round() {
    let hog = 99;
    let mut site = Site::new(1, as_usual);
    site.offer(hog, 2_000, seconds(0), seconds(60));
    (0..10).for_each(|client| site.offer(client, 1, seconds(0), seconds(60)));
    site.run(seconds(62));
    assert_nobody_was_admitted_late(&site);
    let light: Vec<_> = site.requests.iter().filter(|one| one.client != hog).collect();
    assert!(light.len() > 500 && light.iter().all(|one| one.admitted.is_some()));
    // In between there is one turn of the hog at most, and another one for each request that this client itself had
    // waiting.
    for request in &light {
        let between = &site.permits[request.turn_on_arrival..request.turn];
        let is_own = |one: &&Request| one.client == request.client && one.arrived < request.arrived;
        let own = between.iter().map(|(id, _)| &site.requests[*id]).filter(is_own).count();
        let of_hog = between.iter().filter(|(id, _)| site.requests[*id].client == hog).count();
        assert!(of_hog <= own + 1, "{of_hog} turns of the hog before {request:?}");
    }
    // What the others leave over is the hog's.
    assert!(site.busy_share(seconds(1), seconds(60)) > 0.99);
}

#[test]
fn an_app_that_becomes_ten_times_slower_and_recovers_is_used_all_the_time() {
    for seed in SEEDS {
        let mut site = Site::new(seed, |random, now| {
            let is_slow = (seconds(20)..seconds(40)).contains(&now);
            random.exponential(if is_slow { ms(500) } else { ms(50) })
        });
        rush(&mut site, seconds(0), seconds(60));
        site.run(seconds(62));
        assert_nobody_was_admitted_late(&site);
        assert!(site.busy_share(seconds(20), seconds(40)) > 0.98, "while it is slow");
        assert!(site.busy_share(seconds(40), seconds(60)) > 0.98, "after it recovered");
        // What was promised at the old pace cannot be kept; after that, of 7,200 few are promised anything in vain.
        let in_vain = site.in_vain(seconds(22), seconds(40));
        assert!(in_vain < 50, "{in_vain} waited in vain");
    }
}

#[test]
fn while_an_app_hangs_clients_are_told_at_once_and_then_it_is_used_again() {
    for seed in SEEDS {
        let mut site = Site::new(seed, |random, now| {
            let hangs = (seconds(20)..seconds(50)).contains(&now);
            if hangs { seconds(50).saturating_sub(now) } else { random.exponential(ms(50)) }
        });
        rush(&mut site, seconds(0), seconds(60));
        site.run(seconds(62));
        assert_nobody_was_admitted_late(&site);
        assert!(site.arrived(seconds(22), seconds(49)).all(|one| one.shed.is_some()));
        assert!(site.busy_share(seconds(50), seconds(60)) > 0.98);
    }
}

#[test]
fn what_was_slow_once_does_not_shed_for_long() {
    let (mut refused, mut all) = (0, 0);
    for seed in SEEDS {
        // Each worker imports the site for ten seconds first.
        let mut site =
            Site::new(seed, |random, now| if now < seconds(5) { seconds(10) } else { as_usual(random, now) });
        (0..32).for_each(|client| site.offer(client, 1, seconds(0), seconds(60)));
        site.run(seconds(62));
        assert_nobody_was_admitted_late(&site);
        refused += site.refused(seconds(25), seconds(60));
        all += site.arrived(seconds(25), seconds(60)).count();
    }
    assert!(refused * 300 < all, "{refused} of {all}");
}
