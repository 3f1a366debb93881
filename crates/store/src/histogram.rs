//! Counts of values in buckets that grow with the value: a few hundred numbers for any count of values, and quantiles
//! that are off by less than one percent.

use observation::codec::{DecodeError, Reader, Writer};

/// Below this, each value has a bucket of its own.
const EXACT: u64 = 128;

/// Buckets from one power of two to the next: each is 1/64 of its value wide, and is read as its middle.
const PER_OCTAVE_BITS: u32 = 6;

/// Sorted pairs of a bucket and its count.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Histogram {
    buckets: Vec<(u16, u64)>,
    max: u64,
}

impl Histogram {
    /// Counts one value.
    pub(crate) fn add(&mut self, value: u64) {
        self.max = self.max.max(value);
        let bucket = bucket(value);
        match self.buckets.binary_search_by_key(&bucket, |entry| entry.0) {
            Ok(at) => self.buckets[at].1 += 1,
            Err(at) => self.buckets.insert(at, (bucket, 1)),
        }
    }

    /// The largest value, exactly.
    pub(crate) fn max(&self) -> u64 {
        self.max
    }

    /// The value that at least `percent` of the values do not exceed, by nearest rank; 0 when there are none.
    pub(crate) fn quantile(&self, percent: u64) -> u64 {
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
        let mut buckets = Vec::new();
        for _ in 0..reader.count()? {
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
    let Some(beyond) = u64::from(bucket).checked_sub(EXACT) else { return u64::from(bucket) };
    let shift = (beyond >> PER_OCTAVE_BITS) + u64::from(EXACT.ilog2() - PER_OCTAVE_BITS);
    let first = ((1 << PER_OCTAVE_BITS) | (beyond & ((1 << PER_OCTAVE_BITS) - 1))) << shift;
    first + ((1_u64 << shift) >> 1)
}

#[cfg(test)]
mod tests;
