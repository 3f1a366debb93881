//! Counts of values in buckets that grow with the value: a few hundred numbers for any count of values, and quantiles
//! that are off by less than one percent.

use observation::codec::{DecodeError, Reader, Writer};

/// Below this, each value has a bucket of its own.
const EXACT: u64 = 128;

/// Buckets from one power of two to the next: each is 1/64 of its value wide, and is read as its middle.
const PER_OCTAVE_BITS: u32 = 6;

/// Buckets for all values that there are.
const BUCKETS_MAX: usize = EXACT as usize + ((64 - EXACT.ilog2() as usize) << PER_OCTAVE_BITS);

/// How values are spread: sorted pairs of a bucket and its count.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Histogram {
    buckets: Vec<(u16, u64)>,
    max: u64,
}

impl Histogram {
    /// Counts one value.
    pub fn add(&mut self, value: u64) {
        self.max = self.max.max(value);
        let bucket = bucket(value);
        match self.buckets.binary_search_by_key(&bucket, |entry| entry.0) {
            Ok(at) => self.buckets[at].1 += 1,
            Err(at) => self.buckets.insert(at, (bucket, 1)),
        }
    }

    /// The largest value, exactly.
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The value that at least `percent` of the values do not exceed, by nearest rank; 0 when there are none.
    pub fn quantile(&self, percent: u64) -> u64 {
        let count: u64 = self.buckets.iter().map(|entry| entry.1).sum();
        let rank = (u128::from(count) * u128::from(percent)).div_ceil(100).max(1);
        let mut passed = 0_u128;
        for &(bucket, count) in &self.buckets {
            passed += u128::from(count);
            if passed >= rank {
                return middle(bucket).min(self.max);
            }
        }
        0
    }

    /// How many values it counts.
    pub fn count(&self) -> u64 {
        self.buckets.iter().fold(0, |sum, entry| sum.saturating_add(entry.1))
    }

    /// The buckets with something in them, ascending: the first value, the first one beyond, and the count.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
        self.buckets.iter().map(|&(bucket, count)| {
            let (first, width) = bounds(bucket);
            (first, first.saturating_add(width), count)
        })
    }

    /// Counts what the other one does.
    pub fn merge(&mut self, other: &Self) {
        self.max = self.max.max(other.max);
        // Both are sorted: one pass, however long the one that collects has become.
        let mut merged = Vec::with_capacity(self.buckets.len() + other.buckets.len());
        let mut theirs = other.buckets.iter().copied().peekable();
        for our in &self.buckets {
            while let Some(their) = theirs.next_if(|their| their.0 < our.0) {
                merged.push(their);
            }
            let same = theirs.next_if(|their| their.0 == our.0).map_or(0, |their| their.1);
            merged.push((our.0, our.1.saturating_add(same)));
        }
        merged.extend(theirs);
        self.buckets = merged;
    }

    /// What it counts beyond an earlier state of itself. The largest value is then only as good as a quantile, unless it
    /// is a new one.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let before = |bucket| {
            let found = earlier.buckets.binary_search_by_key(&bucket, |entry| entry.0);
            found.map_or(0, |at| earlier.buckets[at].1)
        };
        let rest = self.buckets.iter().map(|&(bucket, count)| (bucket, count.saturating_sub(before(bucket))));
        let buckets: Vec<_> = rest.filter(|entry| entry.1 > 0).collect();
        let largest = buckets.last().map_or(0, |entry| middle(entry.0));
        Self { buckets, max: if self.max > earlier.max { self.max } else { largest.min(self.max) } }
    }

    pub(crate) fn encode(&self, writer: &mut Writer) {
        writer.integer(self.max);
        writer.count(self.buckets.len());
        for &(bucket, count) in &self.buckets {
            writer.integer(u64::from(bucket));
            writer.integer(count);
        }
    }

    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let max = reader.integer()?;
        let count = reader.count()?;
        let mut buckets = Vec::with_capacity(count.min(BUCKETS_MAX));
        for _ in 0..count {
            buckets.push((reader.integer_u16()?, reader.integer()?));
        }
        // The order is what finding a bucket rests on.
        if buckets.windows(2).any(|pair| pair[0].0 >= pair[1].0)
            || buckets.iter().any(|entry| entry.0 > bucket(u64::MAX))
        {
            return Err(DecodeError::Index);
        }
        Ok(Self { buckets, max })
    }
}

fn bucket(value: u64) -> u16 {
    if value < EXACT {
        return value as u16;
    }
    let octave = value.ilog2() - EXACT.ilog2();
    let within = (value >> (value.ilog2() - PER_OCTAVE_BITS)) & ((1 << PER_OCTAVE_BITS) - 1);
    EXACT as u16 + ((octave as u16) << PER_OCTAVE_BITS) + within as u16
}

fn middle(bucket: u16) -> u64 {
    let (first, width) = bounds(bucket);
    first + (width >> 1)
}

/// The first value of a bucket, and how many values it holds.
fn bounds(bucket: u16) -> (u64, u64) {
    let Some(beyond) = u64::from(bucket).checked_sub(EXACT) else { return (u64::from(bucket), 1) };
    let shift = (beyond >> PER_OCTAVE_BITS) + u64::from(EXACT.ilog2() - PER_OCTAVE_BITS);
    (((1 << PER_OCTAVE_BITS) | (beyond & ((1 << PER_OCTAVE_BITS) - 1))) << shift, 1 << shift)
}

#[cfg(test)]
mod tests;
