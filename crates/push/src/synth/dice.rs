//! Seeded random numbers: the same seed gives the same city on every machine.
//!
//! Only additions, multiplications, divisions and shifts are used, whose results are the same on every machine; `exp` and `ln` of
//! the platform are avoided. The drawn objects are unknown to this module.

/// Stream of random numbers (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    /// Stream number `stream` of `seed`: the thousandth enterprise is the same, regardless of the number of enterprises.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut dice = Self { state: mixed(seed).wrapping_add(stream.wrapping_mul(0xD1B5_4A32_D192_ED03)) };
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.state)
    }

    /// Uniform in 0..1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `low..high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `0..count`; 0 where `count` is 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::try_from((u128::from(self.next()) * count as u128) >> 64).unwrap_or(0)
    }

    /// True with this probability.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Approximately standard normal: twelve uniforms of 16 bits less six (Irwin-Hall), so never beyond 6.
    pub(crate) fn normal(&mut self) -> f64 {
        let mut sum = 0_u64;
        for _ in 0..3 {
            let word = self.next();
            sum += (word & 0xFFFF) + (word >> 16 & 0xFFFF) + (word >> 32 & 0xFFFF) + (word >> 48);
        }
        (sum as f64 + 6.0) / 65_536.0 - 6.0
    }

    /// Random element of `of`; `None` if it is empty.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// Rank in `0..count` with probability proportional to 1 / (rank + 1) (Zipf).
    pub(crate) fn zipf(&mut self, count: usize) -> usize {
        let total: f64 = (1..=count).map(|rank| 1.0 / rank as f64).sum();
        let mut at = self.unit() * total;
        for rank in 0..count {
            at -= 1.0 / (rank + 1) as f64;
            if at < 0.0 {
                return rank;
            }
        }
        count.saturating_sub(1)
    }
}

fn mixed(state: u64) -> u64 {
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// e to the power `x`, by repeated squaring: accurate to six digits, enough for a synthetic figure.
pub(crate) fn exp(x: f64) -> f64 {
    let mut power = 1.0 + x / f64::from(1 << 20);
    for _ in 0..20 {
        power *= power;
    }
    power
}

/// Weighted choices, drawn in proportion to their weights.
#[derive(Clone, Debug)]
pub(crate) struct Weighted<T> {
    values: Vec<T>,
    /// Cumulative sums of the weights.
    sums: Vec<f64>,
}

impl<T> Weighted<T> {
    pub(crate) fn new(entries: impl IntoIterator<Item = (T, f64)>) -> Self {
        let mut sum = 0.0;
        let (of, sums) = entries
            .into_iter()
            .map(|(thing, weight)| {
                sum += weight;
                (thing, sum)
            })
            .unzip();
        Self { values: of, sums }
    }

    /// Random choice; `None` if there is none.
    pub(crate) fn draw(&self, dice: &mut Dice) -> Option<&T> {
        let at = dice.unit() * self.sums.last().copied().unwrap_or(0.0);
        let index = self.sums.partition_point(|&sum| sum <= at);
        self.values.get(index).or(self.values.last())
    }

    pub(crate) fn all(&self) -> &[T] {
        &self.values
    }
}
