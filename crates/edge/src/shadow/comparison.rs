//! The app's answer beside the one that would have been served, byte by byte while it is passed on.

use std::sync::Arc;

use crate::cache::stored::Stored;
use crate::edge::Edge;
use crate::http::{Name, ResponseHead};
use crate::upstream::Tap;

/// A comparison that is under way.
#[derive(Debug)]
pub(crate) struct Comparison {
    edge: Arc<Edge>,
    target: Vec<u8>,
    stored: Arc<Stored>,
    at: usize,
    differs_at: Option<u64>,
}

impl Comparison {
    /// Begins to compare; `None` when the app's answer is in a form that cannot be.
    pub(crate) fn begin(
        edge: &Arc<Edge>,
        target: &[u8],
        stored: &Arc<Stored>,
        answer: &ResponseHead,
    ) -> Option<Box<Self>> {
        let encoding = |fields: &crate::http::Fields| fields.get(Name::ContentEncoding).map(<[u8]>::to_vec);
        if encoding(&answer.fields) != encoding(&stored.fields) {
            return None;
        }
        let differs_at = (answer.status != stored.status).then_some(0);
        Some(Box::new(Self {
            edge: Arc::clone(edge),
            target: target.to_vec(),
            stored: Arc::clone(stored),
            at: 0,
            differs_at,
        }))
    }
}

impl Tap for Comparison {
    fn data(&mut self, data: &[u8]) {
        if self.differs_at.is_none() {
            let expected = self.stored.body.get(self.at..).unwrap_or_default();
            let same = data.iter().zip(expected).take_while(|(one, other)| one == other).count();
            if same < data.len() {
                self.differs_at = Some((self.at + same) as u64);
            }
        }
        self.at += data.len();
    }

    fn end(&mut self) {
        if self.differs_at.is_none() && self.at < self.stored.body.len() {
            self.differs_at = Some(self.at as u64);
        }
        self.edge.shadow.compared(&self.target, self.differs_at);
    }
}
