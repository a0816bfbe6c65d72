//! Intervals of exact numbers with inclusive bounds, each of which may be open: the possible amounts.

use crate::fact::Knowledge;
use crate::number::Number;

/// All numbers from `low` to `high`; a missing bound is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) low: Option<Number>,
    pub(super) high: Option<Number>,
}

impl Interval {
    pub(super) fn exactly(number: Number) -> Self {
        Self { low: Some(number.clone()), high: Some(number) }
    }

    /// Interval of `known`, within the bounds of its fact.
    pub(super) fn of(known: &Knowledge, min: Option<&Number>, max: Option<&Number>) -> Self {
        let (low, high) = known.bounds();
        Self { low: low.or_else(|| min.cloned()), high: high.or_else(|| max.cloned()) }
    }

    pub(super) fn is_exact(&self) -> bool {
        self.low.is_some() && self.low == self.high
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let add = |a: &Option<Number>, b: &Option<Number>| Some(a.as_ref()?.plus(b.as_ref()?));
        Self { low: add(&self.low, &other.low), high: add(&self.high, &other.high) }
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        let less = |a: &Option<Number>, b: &Option<Number>| Some(a.as_ref()?.minus(b.as_ref()?));
        Self { low: less(&self.low, &other.high), high: less(&self.high, &other.low) }
    }

    /// Interval multiplied by `factor`, which is not negative.
    pub(super) fn times(&self, factor: &Number) -> Self {
        let zero = Number::zero();
        if *factor == zero {
            return Self::exactly(zero);
        }
        self.map(|end| end.times(factor))
    }

    /// Interval with both bounds mapped by an increasing function.
    pub(super) fn map(&self, rising: impl Fn(&Number) -> Number) -> Self {
        Self { low: self.low.as_ref().map(&rising), high: self.high.as_ref().map(&rising) }
    }

    /// Minimum of a number of this and one of `other` (就低).
    pub(super) fn lesser(&self, other: &Self) -> Self {
        Self { low: both(&self.low, &other.low, Ord::min), high: either(&self.high, &other.high, Ord::min) }
    }

    /// Maximum of a number of this and one of `other` (就高).
    pub(super) fn greater(&self, other: &Self) -> Self {
        Self { low: either(&self.low, &other.low, Ord::max), high: both(&self.high, &other.high, Ord::max) }
    }

    /// Smallest interval that contains both.
    pub(super) fn hull(&self, other: &Self) -> Self {
        Self { low: both(&self.low, &other.low, Ord::min), high: both(&self.high, &other.high, Ord::max) }
    }
}

type Pick = fn(Number, Number) -> Number;

/// Bound that exists if both exist.
fn both(a: &Option<Number>, b: &Option<Number>, pick: Pick) -> Option<Number> {
    Some(pick(a.clone()?, b.clone()?))
}

/// Bound that exists if either exists.
fn either(a: &Option<Number>, b: &Option<Number>, pick: Pick) -> Option<Number> {
    match (a, b) {
        (Some(a), Some(b)) => Some(pick(a.clone(), b.clone())),
        (Some(end), None) | (None, Some(end)) => Some(end.clone()),
        (None, None) => None,
    }
}
