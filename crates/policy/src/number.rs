//! Exact numbers: money, ratios, counts, and what is computed from them.
//!
//! Inputs are decimals of at most 28 digits. Quotients of them (a ratio, an average, a growth rate) are
//! rarely decimals, so a [`Number`] is an exact fraction: no comparison ever depends on rounding.

use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An exact rational number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(BigRational);

impl Number {
    /// Reads a decimal as written in JSON or YAML: `12`, `-0.05`, `3e7`.
    ///
    /// `None` for anything else, and for what needs more than 28 significant digits.
    pub fn parse(text: &str) -> Option<Self> {
        let decimal = if text.contains(['e', 'E']) {
            Decimal::from_scientific(text).ok()?
        } else {
            Decimal::from_str_exact(text).ok()?
        };
        Some(Self::from(decimal))
    }

    /// `0`.
    pub fn zero() -> Self {
        Self(BigRational::zero())
    }

    /// Whether there is no fractional part.
    pub fn is_integer(&self) -> bool {
        self.0.is_integer()
    }

    /// Whether the number is greater than zero.
    pub fn is_positive(&self) -> bool {
        self.0.is_positive()
    }

    /// Whether the number is less than zero.
    pub fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    /// The greatest integer that is not greater.
    pub fn floor(&self) -> Self {
        Self(self.0.floor())
    }

    /// The least integer that is not less.
    pub fn ceil(&self) -> Self {
        Self(self.0.ceil())
    }

    /// Sum.
    pub fn plus(&self, other: &Self) -> Self {
        Self(&self.0 + &other.0)
    }

    /// Difference.
    pub fn minus(&self, other: &Self) -> Self {
        Self(&self.0 - &other.0)
    }

    /// Product.
    pub fn times(&self, other: &Self) -> Self {
        Self(&self.0 * &other.0)
    }

    /// Quotient; `None` when `other` is zero.
    pub fn over(&self, other: &Self) -> Option<Self> {
        if other.0.is_zero() { None } else { Some(Self(&self.0 / &other.0)) }
    }

    /// The number halfway between two.
    pub fn midpoint(&self, other: &Self) -> Self {
        Self((&self.0 + &other.0) / BigRational::from_integer(BigInt::from(2)))
    }

    /// The number raised to a whole power.
    pub fn power(&self, exponent: u32) -> Self {
        Self(Pow::pow(self.0.clone(), exponent))
    }

    /// The magnitude.
    pub fn abs(&self) -> Self {
        Self(self.0.abs())
    }

    /// The nearest `f64`, for display and scores only, never for a comparison that decides.
    pub fn to_f64(&self) -> f64 {
        self.0.to_f64().unwrap_or(f64::NAN)
    }

    /// The number as an `i64` when it is one.
    pub fn to_i64(&self) -> Option<i64> {
        if self.is_integer() { self.0.to_integer().to_i64() } else { None }
    }

    /// The number as a JSON value: an integer when it is one, otherwise the nearest double.
    pub fn to_json(&self) -> serde_json::Value {
        match self.to_i64() {
            Some(whole) => whole.into(),
            None => serde_json::Number::from_f64(self.to_f64()).map_or(serde_json::Value::Null, Into::into),
        }
    }

    /// Digits with at most `places` decimals, rounded half away from zero, trailing zeros dropped.
    pub fn rounded(&self, places: u32) -> String {
        let scale = BigInt::from(10u8).pow(places);
        let scaled = (&self.0 * BigRational::from_integer(scale)).round().to_integer();
        let negative = scaled.is_negative();
        let digits = scaled.abs().to_string();
        let places = places as usize;
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        let fraction = fraction.trim_end_matches('0');
        let sign = if negative { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

impl From<Decimal> for Number {
    fn from(decimal: Decimal) -> Self {
        let denominator = BigInt::from(10u8).pow(decimal.scale());
        Self(BigRational::new(BigInt::from(decimal.mantissa()), denominator))
    }
}

impl From<i64> for Number {
    fn from(whole: i64) -> Self {
        Self(BigRational::from_integer(BigInt::from(whole)))
    }
}

/// The exact fraction as text, `-3/2` or `7`: for our own files. People and profiles get [`Number::to_json`].
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| de::Error::custom("a fraction such as -3/2"))
    }
}

impl fmt::Display for Number {
    /// The exact decimal where there is one within ten places, otherwise rounded to ten places.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rounded(10))
    }
}

/// The ratio of last over first that is a yearly rate of exactly `rate` over `steps` steps:
/// (1 + rate) to the power `steps`, keeping its sign.
///
/// Comparing a ratio with it compares the yearly rate with `rate` without computing a root. Keeping the sign
/// keeps the comparison monotone for a ratio below zero (a loss after a profit).
pub fn ratio_of_yearly_rate(rate: &Number, steps: u32) -> Number {
    let factor = rate.plus(&Number(BigRational::one()));
    let power = factor.abs().power(steps);
    if factor.is_negative() { Number::zero().minus(&power) } else { power }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn reads_decimals_exactly() {
        assert_eq!(n("0.1").plus(&n("0.2")), n("0.3"));
        assert_eq!(n("3e7"), n("30000000"));
        assert_eq!(n("-0.50").to_string(), "-0.5");
        assert!(Number::parse("abc").is_none());
        assert!(Number::parse("1e400").is_none());
        assert!(Number::parse("").is_none());
        assert!(Number::parse("NaN").is_none());
    }

    #[test]
    fn quotients_are_exact() {
        let third = n("1").over(&n("3")).unwrap();
        assert_eq!(third.times(&n("3")), n("1"));
        assert_eq!(third.rounded(4), "0.3333");
        assert!(n("1").over(&n("0")).is_none());
    }

    #[test]
    fn yearly_rate_is_compared_by_powers() {
        // 100 -> 132.25 over two steps is 15 % a year, exactly.
        assert_eq!(ratio_of_yearly_rate(&n("0.15"), 2), n("1.3225"));
        // a loss after a profit lies below every rate above -100 %, also with an even number of steps
        assert!(n("-4") < ratio_of_yearly_rate(&n("-0.99"), 2));
        assert!(ratio_of_yearly_rate(&n("-3"), 2) < n("0"));
    }
}
