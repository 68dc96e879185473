//! Numbers that look random and are the same in every run.

pub(crate) struct Random(u64);

impl Default for Random {
    fn default() -> Self {
        Self(11)
    }
}

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % limit.max(1)
    }
}
