//! What the edge answered, summed up: thousands of requests a second become a few rows.

/// How the edge came by an answer. One request has one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeOutcome {
    /// It was stored and fresh.
    Hit,
    /// It was stored and stale: the app was being asked for a new one, or had failed to give one (RFC 5861).
    Stale,
    /// It came with the app's answer to another request for the same.
    Collapsed,
    /// The app was asked, and its answer was stored.
    Miss,
    /// The app was asked, and its answer was for this client alone.
    Pass,
    /// A file of the site's, which the edge served by itself.
    Static,
    /// 503: the app has as much to do as it can take.
    Shed,
    /// 429: this client asked too often.
    Throttled,
    /// Another 4xx, by which the edge refused what was no proper request.
    Refused,
    /// 502 or 504: the app gave no answer.
    Failed,
}

impl EdgeOutcome {
    /// Every outcome, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Hit,
        Self::Stale,
        Self::Collapsed,
        Self::Miss,
        Self::Pass,
        Self::Static,
        Self::Shed,
        Self::Throttled,
        Self::Refused,
        Self::Failed,
    ];

    /// Those of which the app's answer came without asking it.
    pub const SPARED: [Self; 3] = [Self::Hit, Self::Stale, Self::Collapsed];

    /// Those of which the app was asked, and answered.
    pub const ASKED: [Self; 2] = [Self::Miss, Self::Pass];

    /// Those that came as far as the queue before the app.
    pub const AT_THE_GATE: [Self; 4] = [Self::Miss, Self::Pass, Self::Shed, Self::Failed];

    /// Its number in frames and stores; an older version knows fewer.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The outcome of a number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// One word, as reports and links have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Stale => "stale",
            Self::Collapsed => "collapsed",
            Self::Miss => "miss",
            Self::Pass => "pass",
            Self::Static => "static",
            Self::Shed => "shed",
            Self::Throttled => "throttled",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// Whether the request was one for the app, so that its path may belong to one of the app's routes.
    pub fn is_for_the_app(self) -> bool {
        !matches!(self, Self::Static | Self::Refused)
    }
}

/// Requests of one kind, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct EdgeFigures {
    /// How many.
    pub requests: u64,
    /// Bytes sent to the clients.
    pub bytes_sent: u64,
    /// Time from a request's head to the end of its answer's, of all of them, in nanoseconds.
    pub took_ns: u64,
    /// The longest of these times.
    pub took_max_ns: u64,
    /// Time that they waited for a turn in the app, of all of them, in nanoseconds.
    pub wait_ns: u64,
    /// The longest of these times.
    pub wait_max_ns: u64,
}

impl EdgeFigures {
    /// Counts one request.
    pub fn add(&mut self, took_ns: u64, wait_ns: u64, bytes_sent: u64) {
        self.merge(&Self {
            requests: 1,
            bytes_sent,
            took_ns,
            took_max_ns: took_ns,
            wait_ns,
            wait_max_ns: wait_ns,
        });
    }

    /// Counts what the other one does.
    pub fn merge(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.bytes_sent = self.bytes_sent.saturating_add(other.bytes_sent);
        self.took_ns = self.took_ns.saturating_add(other.took_ns);
        self.took_max_ns = self.took_max_ns.max(other.took_max_ns);
        self.wait_ns = self.wait_ns.saturating_add(other.wait_ns);
        self.wait_max_ns = self.wait_max_ns.max(other.wait_max_ns);
    }
}

/// Requests with the same method, path and outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeRow {
    /// Request method, at most [`crate::limits::EDGE_METHOD_BYTES_MAX`] bytes.
    pub method: String,
    /// Path as received, without its query and without what looks like a secret, at most
    /// [`crate::limits::EDGE_PATH_BYTES_MAX`] bytes. Empty, as the method is, for those that are not told apart.
    pub path: String,
    /// How they were answered.
    pub outcome: EdgeOutcome,
    /// How many, how large and how long.
    pub figures: EdgeFigures,
}

/// What an edge answered since its last report.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct EdgeReport {
    /// When it begins, microseconds since the Unix epoch.
    pub from_us: u64,
    /// When it ends, about a second later.
    pub to_us: u64,
    /// At most [`crate::limits::EDGE_ROWS_MAX`]. Together they count every request: those beyond that many paths are
    /// rows without a path, one for each outcome.
    pub rows: Vec<EdgeRow>,
}

impl EdgeReport {
    /// Requests that are counted, but whose path is not known.
    pub fn not_told_apart(&self) -> u64 {
        let without_path = self.rows.iter().filter(|row| row.path.is_empty());
        without_path.fold(0, |sum, row| sum.saturating_add(row.figures.requests))
    }
}

/// What requests to the edge were for, as far as it was found out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeTarget {
    /// Paths of one of the app's routes; see [`crate::Transaction::route`].
    Route(String),
    /// A path that belongs to no route that is known.
    Path(String),
    /// All others.
    Further,
}

/// Requests of a run with the same method, target and outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeTotal {
    /// Request method; empty for [`EdgeTarget::Further`].
    pub method: String,
    /// What they were for.
    pub target: EdgeTarget,
    /// How they were answered.
    pub outcome: EdgeOutcome,
    /// How many, how large and how long.
    pub figures: EdgeFigures,
}

/// Figures by outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct EdgeAnswers([EdgeFigures; EdgeOutcome::ALL.len()]);

impl EdgeAnswers {
    /// Counts requests.
    pub fn add(&mut self, outcome: EdgeOutcome, figures: &EdgeFigures) {
        self.of_mut(outcome).merge(figures);
    }

    /// Counts what the other one does.
    pub fn merge(&mut self, other: &Self) {
        for outcome in EdgeOutcome::ALL {
            self.add(outcome, &other.of(outcome));
        }
    }

    /// Those of one outcome.
    pub fn of(&self, outcome: EdgeOutcome) -> EdgeFigures {
        self.0[usize::from(outcome.code())]
    }

    /// Those of one outcome, to count in.
    pub fn of_mut(&mut self, outcome: EdgeOutcome) -> &mut EdgeFigures {
        &mut self.0[usize::from(outcome.code())]
    }

    /// Those of several outcomes together.
    pub fn together(&self, outcomes: &[EdgeOutcome]) -> EdgeFigures {
        let mut sum = EdgeFigures::default();
        for outcome in outcomes {
            sum.merge(&self.of(*outcome));
        }
        sum
    }

    /// All of them.
    pub fn all(&self) -> EdgeFigures {
        self.together(&EdgeOutcome::ALL)
    }

    /// Of the requests that were answered with a page of the app's, the part that the app was not asked for: from 0 to 1;
    /// none without such requests.
    pub fn hit_rate(&self) -> Option<f64> {
        self.part_of_answered(&EdgeOutcome::SPARED)
    }

    /// The part of the same that had one of these outcomes.
    pub fn part_of_answered(&self, outcomes: &[EdgeOutcome]) -> Option<f64> {
        let [spared, asked] = [&EdgeOutcome::SPARED[..], &EdgeOutcome::ASKED].map(|them| self.together(them));
        let answered = spared.requests.saturating_add(asked.requests);
        (answered > 0).then(|| self.together(outcomes).requests as f64 / answered as f64)
    }

    /// How long those waited for a turn in the app that were meant for it, in nanoseconds, in the mean; none without such
    /// requests.
    pub fn wait_mean_ns(&self) -> Option<f64> {
        let figures = self.together(&EdgeOutcome::AT_THE_GATE);
        (figures.requests > 0).then(|| figures.wait_ns as f64 / figures.requests as f64)
    }
}

#[cfg(test)]
mod tests;
