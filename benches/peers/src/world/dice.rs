//! Seeded random numbers: the same seed gives the same world on every machine.
//!
//! Only additions, multiplications and divisions are used, whose results are the same on every machine; `exp` and
//! `ln` of the platform are not.

/// A stream of random numbers (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    /// Stream number `stream` of `seed`. Streams are independent, so that the thousandth item is the same
    /// whatever the number of items.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut dice = Self { state: seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03) };
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in 0..1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `0..count`; `count` is at least 1.
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// About standard normal: twelve uniforms less six (Irwin-Hall), so never beyond 6.
    pub(super) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Random element of `of`.
    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Random position, weighted by the cumulative `weights`.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let at = self.unit() * weights.last().copied().unwrap_or(0.0);
        weights.partition_point(|&w| w <= at).min(weights.len() - 1)
    }
}

/// e to the power `x`, by repeated squaring.
pub(super) fn exp(x: f64) -> f64 {
    let mut power = 1.0 + x / f64::from(1 << 20);
    for _ in 0..20 {
        power *= power;
    }
    power
}

/// Cumulative Zipf weights of `count` ranks: 1 / (rank + `shift`).
pub(super) fn zipf(count: usize, shift: f64) -> Vec<f64> {
    cumulative((0..count).map(|rank| 1.0 / (rank as f64 + shift)))
}

/// Running sums.
pub(super) fn cumulative(weights: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    weights
        .into_iter()
        .map(|w| {
            sum += w;
            sum
        })
        .collect()
}
