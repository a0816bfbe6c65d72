//! Intervals of exact numbers; both bounds are inclusive, and each may be open.

use crate::fact::Knowledge;
use crate::number::Number;

/// All numbers from `low` to `high`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Interval {
    pub(super) low: Option<Number>,
    pub(super) high: Option<Number>,
}

impl Interval {
    /// All numbers.
    pub(super) fn open() -> Self {
        Self::default()
    }

    /// Single number.
    pub(super) fn exactly(number: Number) -> Self {
        Self { low: Some(number.clone()), high: Some(number) }
    }

    pub(super) fn into_known(self) -> Knowledge {
        Knowledge::from_bounds(self.low, self.high)
    }

    pub(super) fn at_most(&self, bound: &Number) -> Option<bool> {
        match (&self.low, &self.high) {
            (_, Some(high)) if high <= bound => Some(true),
            (Some(low), _) if low > bound => Some(false),
            _ => None,
        }
    }

    pub(super) fn at_least(&self, bound: &Number) -> Option<bool> {
        match (&self.low, &self.high) {
            (Some(low), _) if low >= bound => Some(true),
            (_, Some(high)) if high < bound => Some(false),
            _ => None,
        }
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let add = |a: &Option<Number>, b: &Option<Number>| Some(a.as_ref()?.plus(b.as_ref()?));
        Self { low: add(&self.low, &other.low), high: add(&self.high, &other.high) }
    }

    /// Interval with both bounds mapped by an increasing function.
    pub(super) fn map(&self, rising: impl Fn(&Number) -> Number) -> Self {
        Self { low: self.low.as_ref().map(&rising), high: self.high.as_ref().map(&rising) }
    }

    /// Quotient, if the divisor is known to be greater than zero; open otherwise, since a ratio over zero or less is unknown by
    /// rule.
    pub(super) fn over(&self, divisor: &Self) -> Self {
        let Some(least) = divisor.low.as_ref().filter(|low| low.is_positive()) else { return Self::open() };
        // Dividing a non-negative number by more gives less; for a negative one, the reverse holds.
        let quotient =
            |end: &Number, by: Option<&Number>| by.map_or(Some(Number::zero()), |by| end.checked_div(by));
        let greatest = divisor.high.as_ref();
        let low = self
            .low
            .as_ref()
            .and_then(|end| quotient(end, if end.is_negative() { Some(least) } else { greatest }));
        let high = self
            .high
            .as_ref()
            .and_then(|end| quotient(end, if end.is_negative() { greatest } else { Some(least) }));
        Self { low, high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(value: i64) -> Option<Number> {
        Some(Number::from(value))
    }

    #[test]
    fn quotients_widen_with_open_inputs() {
        let ten = Interval::exactly(Number::from(10));
        let between = Interval { low: n(2), high: n(5) };
        assert_eq!(ten.over(&between), Interval { low: n(2), high: n(5) });
        assert_eq!(ten.over(&Interval { low: n(2), high: None }), Interval { low: n(0), high: n(5) });
        assert_eq!(ten.over(&Interval { low: n(0), high: n(5) }), Interval::open());
        let loss = Interval { low: n(-10), high: n(-10) };
        assert_eq!(loss.over(&between), Interval { low: n(-5), high: n(-2) });
    }
}
