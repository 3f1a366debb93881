//! One endpoint over a whole run, in a row of a few kilobytes however many transactions it counts.

use std::collections::BTreeMap;

use observation::Transaction;
use observation::codec::{DecodeError, Reader, Writer};

use crate::histogram::Histogram;
use crate::limits::STATUSES_PER_ENDPOINT_MAX;
use crate::records::Distribution;

/// Everything counted of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    pub(crate) view: String,
    pub(crate) transactions: u64,
    pub(crate) queries_total: u64,
    pub(crate) wall_total_ns: u64,
    /// None in the totals of a version that did not count it.
    pub(crate) db_total_ns: Option<u64>,
    pub(crate) statuses: BTreeMap<u16, u64>,
    pub(crate) wall_ns: Histogram,
    db_ns: Histogram,
    queries: Histogram,
}

impl Totals {
    /// Counts one transaction.
    pub(crate) fn add(&mut self, transaction: &Transaction) {
        // A request that a middleware answers reaches no view.
        if self.view.is_empty() {
            self.view.clone_from(&transaction.view);
        }
        self.transactions += 1;
        self.queries_total = self.queries_total.saturating_add(u64::from(transaction.queries_total));
        self.wall_total_ns = self.wall_total_ns.saturating_add(transaction.wall_ns);
        if self.transactions == 1 {
            self.db_total_ns = Some(0);
        }
        self.db_total_ns = self.db_total_ns.map(|sum| sum.saturating_add(transaction.db_ns));
        let is_known = self.statuses.contains_key(&transaction.status);
        if transaction.status != 0 && (is_known || self.statuses.len() < STATUSES_PER_ENDPOINT_MAX) {
            *self.statuses.entry(transaction.status).or_default() += 1;
        }
        self.wall_ns.add(transaction.wall_ns);
        self.db_ns.add(transaction.db_ns);
        self.queries.add(u64::from(transaction.queries_total));
    }

    pub(crate) fn wall_ns(&self) -> Distribution {
        distribution(&self.wall_ns)
    }

    pub(crate) fn db_ns(&self) -> Distribution {
        distribution(&self.db_ns)
    }

    pub(crate) fn queries(&self) -> Distribution {
        distribution(&self.queries)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.text(&self.view);
        writer.integer(self.transactions);
        writer.integer(self.queries_total);
        writer.integer(self.wall_total_ns);
        writer.count(self.statuses.len());
        for (status, count) in &self.statuses {
            writer.integer(u64::from(*status));
            writer.integer(*count);
        }
        for histogram in [&self.wall_ns, &self.db_ns, &self.queries] {
            histogram.encode(&mut writer);
        }
        if let Some(db_total_ns) = self.db_total_ns {
            writer.integer(db_total_ns);
        }
        writer.into_bytes()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let mut totals = Self {
            view: reader.text()?.to_owned(),
            transactions: reader.integer()?,
            queries_total: reader.integer()?,
            wall_total_ns: reader.integer()?,
            statuses: {
                let count = reader.count()?;
                (0..count)
                    .map(|_| Ok((reader.integer_u16()?, reader.integer()?)))
                    .collect::<Result<_, DecodeError>>()?
            },
            wall_ns: Histogram::decode(&mut reader)?,
            db_ns: Histogram::decode(&mut reader)?,
            queries: Histogram::decode(&mut reader)?,
            db_total_ns: None,
        };
        if reader.remaining() > 0 {
            totals.db_total_ns = Some(reader.integer()?);
        }
        reader.finish()?;
        Ok(totals)
    }
}

fn distribution(histogram: &Histogram) -> Distribution {
    Distribution {
        p50: histogram.quantile(50),
        p95: histogram.quantile(95),
        p99: histogram.quantile(99),
        max: histogram.max(),
    }
}

#[cfg(test)]
mod tests;
