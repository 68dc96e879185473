//! Numbers that look random and are the same in every run.

/// A generator of numbers, from a seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `limit`; 0 if that is 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % limit.max(1)
    }
}
