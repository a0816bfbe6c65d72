//! Growth rates. A base of 0 or less leaves a rate unknown.

use super::inputs::Inputs;
use super::interval::Interval;
use crate::fact::{Knowledge, Value};
use crate::number::Number;

/// 增长率: value of `year` over that of the year before, minus 1.
pub(super) fn yearly(inputs: &mut Inputs<'_>, key: &str, year: i16) -> Interval {
    between(inputs, key, year - 1, year)
}

/// Value of `last` over value of `first`, minus 1.
pub(super) fn between(inputs: &mut Inputs<'_>, key: &str, first: i16, last: i16) -> Interval {
    let base = inputs.number(key, first);
    let now = inputs.number(key, last);
    now.over(&base).map(|ratio| ratio.minus(&Number::from(1)))
}

/// 近2年平均增长率: the arithmetic mean of two yearly rates, never a compound rate.
///
/// Exact from three exact years; otherwise the two rates are bounded separately, which contains the true range but may be wider.
pub(super) fn average_of_two(inputs: &mut Inputs<'_>, key: &str, year: i16) -> Interval {
    let earlier = yearly(inputs, key, year - 1);
    let later = yearly(inputs, key, year);
    earlier.plus(&later).map(|sum| sum.midpoint(&Number::zero()))
}

/// 高企成长性: ½ (x₂/x₁ + x₃/x₂) - 1 over the last three full years (国科发火〔2016〕195号).
///
/// With `zero_floor`, a year of 0 or less makes the growth 0, which scores nothing; otherwise it is unknown.
pub(super) fn mean_of_ratios(inputs: &mut Inputs<'_>, key: &str, zero_floor: bool) -> Knowledge {
    let last = inputs.last_year();
    let years: Vec<Interval> = (last - 2..=last).map(|year| inputs.number(key, year)).collect();
    let zero = Number::zero();
    if zero_floor && years.iter().any(|year| year.at_most(&zero) == Some(true)) {
        return Knowledge::Exactly(Value::Number(zero));
    }
    let [first, second, third] = years.as_slice() else { return Knowledge::Unknown };
    second
        .over(first)
        .plus(&third.over(second))
        .map(|sum| sum.midpoint(&zero).minus(&Number::from(1)))
        .into_known()
}
