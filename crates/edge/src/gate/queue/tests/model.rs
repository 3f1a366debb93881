//! The queue against a naive model, under random operations.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Operation {
    Arrive {
        client: u8,
        class: Class,
        patience_ms: u64,
    },
    /// One of those in the app.
    Leave(usize),
    /// Any ticket that was ever given.
    Cancel(usize),
    Expire,
    Resize(usize),
    Pass {
        ms: u64,
    },
}

fn operation() -> impl Strategy<Value = Operation> {
    let class = prop_oneof![4 => Just(Class::Normal), 1 => Just(Class::Background)];
    prop_oneof![
        8 => (0_u8..5, class, 0_u64..300).prop_map(|(client, class, patience_ms)| Operation::Arrive {
            client,
            class,
            patience_ms
        }),
        5 => any::<usize>().prop_map(Operation::Leave),
        2 => any::<usize>().prop_map(Operation::Cancel),
        1 => Just(Operation::Expire),
        1 => (0_usize..7).prop_map(Operation::Resize),
        4 => (0_u64..60).prop_map(|ms| Operation::Pass { ms }),
    ]
}

const CONFIG: QueueConfig =
    QueueConfig { concurrency: 2, waiting_max: 12, waiting_per_client_max: 4, waiting_background_max: 3 };

#[derive(Clone, Copy, Debug, PartialEq)]
struct Request {
    id: usize,
    client: u8,
    class: Class,
    deadline: Duration,
}

/// Lists and nothing else. It knows no service time.
#[derive(Debug, Default)]
struct Model {
    concurrency: usize,
    in_app: Vec<Request>,
    /// Whose turn it is, first.
    clients: Vec<u8>,
    waiting: Vec<Request>,
}

#[derive(Debug, PartialEq)]
enum Answer {
    Admitted,
    Waiting,
    Shed(Reason),
}

impl Model {
    fn of(&self, client: u8) -> impl Iterator<Item = &Request> {
        self.waiting.iter().filter(move |one| one.class == Class::Normal && one.client == client)
    }

    fn count(requests: &[Request], class: Class) -> usize {
        requests.iter().filter(|one| one.class == class).count()
    }

    fn next(&self) -> Option<Request> {
        if self.in_app.len() >= self.concurrency {
            return None;
        }
        if let Some(client) = self.clients.first() {
            return self.of(*client).next().copied();
        }
        let is_background_full =
            Self::count(&self.in_app, Class::Background) >= (self.concurrency / 4).max(1);
        self.waiting.first().copied().filter(|_| !is_background_full)
    }

    fn remove(&mut self, id: usize) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|one| one.id != id);
        let clients = std::mem::take(&mut self.clients);
        self.clients = clients.into_iter().filter(|client| self.of(*client).next().is_some()).collect();
        self.waiting.len() < before
    }

    fn admit_all(&mut self) -> Vec<usize> {
        let mut admitted = Vec::new();
        while let Some(request) = self.next() {
            if request.class == Class::Normal {
                self.clients.rotate_left(1);
            }
            self.remove(request.id);
            self.in_app.push(request);
            admitted.push(request.id);
        }
        admitted
    }

    fn arrive(&mut self, request: Request, now: Duration) -> Answer {
        self.waiting.push(request);
        let is_new = request.class == Class::Normal && !self.clients.contains(&request.client);
        if is_new {
            self.clients.push(request.client);
        }
        if !self.admit_all().is_empty() {
            return Answer::Admitted;
        }
        let waiting = Self::count(&self.waiting, Class::Normal);
        let refreshes = Self::count(&self.waiting, Class::Background);
        let room_before = CONFIG.waiting_max + 1 - waiting.min(CONFIG.waiting_max + 1);
        let reason = match request.class {
            _ if request.deadline <= now => Some(Reason::TooLate { expected_wait: Duration::ZERO }),
            Class::Normal if waiting > CONFIG.waiting_max => Some(Reason::Full),
            Class::Normal
                if self.of(request.client).count() > CONFIG.waiting_per_client_max.min(room_before) =>
            {
                Some(Reason::FullForClient)
            }
            Class::Background if refreshes > CONFIG.waiting_background_max => Some(Reason::Full),
            _ => return Answer::Waiting,
        };
        self.remove(request.id);
        reason.map_or(Answer::Waiting, Answer::Shed)
    }

    fn expire(&mut self, now: Duration) -> Vec<usize> {
        let mut expired: Vec<_> = self.waiting.iter().filter(|one| one.deadline <= now).copied().collect();
        expired.sort_by_key(|one| (one.deadline, one.id));
        for one in &expired {
            self.remove(one.id);
        }
        expired.iter().map(|one| one.id).collect()
    }

    fn counts(&self) -> Counts {
        Counts {
            in_app: self.in_app.len(),
            in_app_background: Self::count(&self.in_app, Class::Background),
            waiting: Self::count(&self.waiting, Class::Normal),
            waiting_background: Self::count(&self.waiting, Class::Background),
        }
    }
}

/// Both at once, and what must come of every request exactly once.
struct Pair {
    queue: Queue<u8, usize>,
    model: Model,
    now: Duration,
    permits: Vec<(usize, Permit)>,
    tickets: Vec<(usize, Ticket)>,
    arrived: usize,
    /// Left the app, refused, taken back or expired.
    ended: usize,
}

impl Pair {
    fn new() -> Self {
        Self {
            queue: Queue::new(CONFIG),
            model: Model { concurrency: CONFIG.concurrency, ..Model::default() },
            now: Duration::ZERO,
            permits: Vec::new(),
            tickets: Vec::new(),
            arrived: 0,
            ended: 0,
        }
    }

    fn apply(&mut self, operation: Operation) -> Result<(), TestCaseError> {
        match operation {
            Operation::Arrive { client, class, patience_ms } => self.arrive(client, class, patience_ms)?,
            Operation::Leave(choice) if !self.permits.is_empty() => {
                let (id, permit) = self.permits.swap_remove(choice % self.permits.len());
                self.ended += 1;
                self.model.in_app.retain(|one| one.id != id);
                let wake = self.queue.leave(permit, self.now, None);
                self.check(wake)?;
            }
            Operation::Cancel(choice) if !self.tickets.is_empty() => {
                let (id, ticket) = self.tickets[choice % self.tickets.len()];
                let token = self.queue.cancel(ticket);
                self.ended += usize::from(token.is_some());
                prop_assert_eq!(token, self.model.remove(id).then_some(id));
            }
            Operation::Leave(_) | Operation::Cancel(_) => {}
            Operation::Expire => {
                let expired = self.queue.expire(self.now);
                self.ended += expired.len();
                prop_assert_eq!(expired, self.model.expire(self.now));
            }
            Operation::Resize(concurrency) => {
                self.model.concurrency = concurrency.max(1);
                let wake = self.queue.resize(concurrency, self.now);
                self.check(wake)?;
            }
            Operation::Pass { ms } => self.now += Duration::from_millis(ms),
        }
        self.check_invariants()
    }

    fn arrive(&mut self, client: u8, class: Class, patience_ms: u64) -> Result<(), TestCaseError> {
        let (id, deadline) = (self.arrived, self.now + Duration::from_millis(patience_ms));
        self.arrived += 1;
        let expected = self.model.arrive(Request { id, client, class, deadline }, self.now);
        let answer = match self.queue.arrive(client, class, self.now, deadline, id) {
            Arrival::Admitted(permit) => {
                self.permits.push((id, permit));
                Answer::Admitted
            }
            Arrival::Waiting(ticket) => {
                self.tickets.push((id, ticket));
                Answer::Waiting
            }
            Arrival::Shed(reason) => {
                self.ended += 1;
                Answer::Shed(reason)
            }
        };
        prop_assert_eq!(answer, expected);
        Ok(())
    }

    fn check(&mut self, wake: Wake<usize>) -> Result<(), TestCaseError> {
        self.ended += wake.expired.len();
        prop_assert_eq!(wake.expired, self.model.expire(self.now));
        let admitted: Vec<_> = wake.admitted.iter().map(|admission| admission.token).collect();
        prop_assert_eq!(admitted, self.model.admit_all());
        let permits = wake.admitted.into_iter().map(|admission| (admission.token, admission.permit));
        self.permits.extend(permits);
        Ok(())
    }

    fn check_invariants(&self) -> Result<(), TestCaseError> {
        let counts = self.queue.counts();
        prop_assert_eq!(counts, self.model.counts());
        prop_assert_eq!(counts.in_app, self.permits.len());
        let waiting = counts.waiting + counts.waiting_background;
        prop_assert_eq!(self.arrived, self.ended + counts.in_app + waiting);
        prop_assert!(counts.waiting == 0 || counts.in_app >= self.model.concurrency, "one waits in vain");
        prop_assert_eq!(self.queue.next_deadline(), self.model.waiting.iter().map(|one| one.deadline).min());
        Ok(())
    }

    /// Whatever happened before, in the end everybody is out and the next one goes in.
    fn run_dry(&mut self) -> Result<(), TestCaseError> {
        while !self.permits.is_empty() {
            self.apply(Operation::Leave(0))?;
        }
        prop_assert_eq!(self.queue.counts(), Counts::default());
        prop_assert_eq!(self.arrived, self.ended);
        let arrival = self.queue.arrive(0, Class::Normal, self.now, self.now, usize::MAX);
        prop_assert!(matches!(arrival, Arrival::Admitted(_)));
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn it_does_what_a_naive_one_does(operations in prop::collection::vec(operation(), 1..200)) {
        let mut pair = Pair::new();
        for operation in operations {
            pair.apply(operation)?;
        }
        pair.run_dry()?;
    }

    #[test]
    fn whatever_was_estimated_no_permit_is_lost_and_an_idle_app_admits(
        steps in prop::collection::vec((operation(), 0_u64..100_000), 1..200)
    ) {
        let mut queue = Queue::new(CONFIG);
        let (mut permits, mut now) = (Vec::new(), Duration::ZERO);
        for (operation, served_ms) in steps {
            let served_for = Some(Duration::from_millis(served_ms));
            let is_idle = queue.counts().in_app < CONFIG.concurrency;
            match operation {
                Operation::Arrive { client, patience_ms, .. } => {
                    let deadline = now + Duration::from_millis(patience_ms);
                    match queue.arrive(client, Class::Normal, now, deadline, ()) {
                        Arrival::Admitted(permit) => permits.push(permit),
                        Arrival::Waiting(_) => prop_assert!(!is_idle),
                        Arrival::Shed(reason) => prop_assert!(!is_idle, "{reason:?}"),
                    }
                }
                Operation::Leave(choice) if !permits.is_empty() => {
                    let permit = permits.swap_remove(choice % permits.len());
                    let wake = queue.leave(permit, now, served_for);
                    permits.extend(wake.admitted.into_iter().map(|admission| admission.permit));
                }
                Operation::Pass { ms } => now += Duration::from_millis(ms),
                _ => drop(queue.expire(now)),
            }
            prop_assert_eq!(queue.counts().in_app, permits.len());
            prop_assert!(permits.len() <= CONFIG.concurrency);
        }
    }
}
