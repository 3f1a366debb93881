//! The integer that travels on a `Query` from where it is made to where it runs.
//!
//! `Query.clone()` copies `__dict__`, so a plain int survives every chained call, `count()` and `exists()` included,
//! and a pickled query loads where no agent is. See `docs/decisions/0003-origin-mark-on-the-query.md`.

use crate::registry::ChainNumber;

const LOAD_BIT: u64 = 1;
const NONCE_BITS: u32 = 24;
const NONCE_MASK: u64 = (1 << NONCE_BITS) - 1;

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The queryset was constructed here.
    Origin(ChainNumber),
    /// The queryset loads a relation of one instance.
    Load {
        /// Low bits of the serial of the transaction that made it: a query that outlives its transaction must not
        /// be read with another one's tables.
        nonce: u32,
        /// Position in that transaction's table of pending loads.
        pending: u32,
    },
}

impl Mark {
    /// What a query says that no hook has seen: it reads as an unknown origin, and is told from one that was looked
    /// for in vain.
    pub(crate) const NONE: u64 = 1 << 33;

    /// A load in the transaction with this serial.
    pub(crate) fn load(serial: u64, pending: u32) -> Self {
        Self::Load { nonce: nonce(serial), pending }
    }

    /// As the integer.
    pub(crate) fn encode(self) -> u64 {
        match self {
            Self::Origin(chain) => u64::from(chain) << 1,
            Self::Load { nonce, pending } => {
                u64::from(pending) << (NONCE_BITS + 1) | u64::from(nonce) << 1 | LOAD_BIT
            }
        }
    }

    /// From the integer.
    pub(crate) fn decode(mark: u64) -> Self {
        if mark & LOAD_BIT == 0 {
            return Self::Origin((mark >> 1) as u32);
        }
        Self::Load { nonce: (mark >> 1 & NONCE_MASK) as u32, pending: (mark >> (NONCE_BITS + 1)) as u32 }
    }
}

/// The part of a serial that a mark has room for.
pub(crate) fn nonce(serial: u64) -> u32 {
    (serial & NONCE_MASK) as u32
}

#[cfg(test)]
mod tests;
