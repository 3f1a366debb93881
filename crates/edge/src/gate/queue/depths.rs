//! How many clients have how many requests waiting, summed up quickly.

/// For each depth from 1, the clients with at least that many requests waiting: a Fenwick tree (P. M. Fenwick, A new data
/// structure for cumulative frequency tables, 1994), so that counting one more and summing up are logarithmic.
#[derive(Clone, Debug)]
pub(super) struct Depths {
    /// From 1; the element at `i` sums up as many depths, ending at `i`, as its lowest bit says.
    sums: Vec<usize>,
}

impl Depths {
    pub(super) fn new(depth_max: usize) -> Self {
        Self { sums: vec![0; depth_max + 1] }
    }

    /// A client reaches this depth.
    pub(super) fn raise(&mut self, depth: usize) {
        self.change(depth, |sum| sum + 1);
    }

    /// A client leaves this depth.
    pub(super) fn lower(&mut self, depth: usize) {
        self.change(depth, |sum| sum.saturating_sub(1));
    }

    /// The sum of the depths from 1 to this one: the requests that are served while everybody has that many turns.
    pub(super) fn up_to(&self, depth: usize) -> usize {
        let mut rest = depth.min(self.sums.len() - 1);
        let mut sum = 0;
        while rest > 0 {
            sum += self.sums[rest];
            rest &= rest - 1;
        }
        sum
    }

    fn change(&mut self, depth: usize, change: impl Fn(usize) -> usize) {
        let mut position = depth;
        while position > 0 && position < self.sums.len() {
            self.sums[position] = change(self.sums[position]);
            position += position & position.wrapping_neg();
        }
    }
}
