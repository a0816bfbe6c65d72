//! Exact numbers: money, ratios, counts, and results computed from them.
//!
//! Inputs are decimals of at most 28 digits. Quotients of them (a ratio, an average, a growth rate) are rarely decimals, so a
//! [`Number`] is an exact fraction: no comparison ever depends on rounding.
//!
//! ```
//! use zhaoren_policy::number::Number;
//!
//! let number = |text| Number::parse(text).unwrap();
//! let third = number("1").checked_div(&number("3")).unwrap();
//! assert_eq!(third.times(&number("3")), number("1"));
//! assert!(number("0.1").plus(&number("0.2")) == number("0.3"));
//! ```

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigInt;
use num_rational::{BigRational, Ratio};
use num_traits::{Pow, Signed, ToPrimitive};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zhaoren_cancel::steps;

/// Exact rational number.
///
/// Almost every number given by an enterprise or a policy is a fraction of two 64-bit integers; those are computed without heap
/// memory. Larger ones are stored as a big fraction, so that nothing is ever rounded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Fraction);

// INVARIANT: a fraction is reduced, its denominator is positive, and it is `Small` if and only if both parts fit: equal numbers
// have equal parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Fraction {
    Small { over: i64, under: i64 },
    Big(Box<BigRational>),
}

impl Number {
    /// Fraction `over / under`; `under` is positive.
    fn fraction(over: i128, under: i128) -> Self {
        let (over, under) = if under == 1 { (over, under) } else { Ratio::new(over, under).into_raw() };
        match (i64::try_from(over), i64::try_from(under)) {
            (Ok(over), Ok(under)) => Self(Fraction::Small { over, under }),
            _ => Self(Fraction::Big(Box::new(BigRational::new_raw(over.into(), under.into())))),
        }
    }

    fn big(ratio: BigRational) -> Self {
        match (ratio.numer().to_i64(), ratio.denom().to_i64()) {
            (Some(over), Some(under)) => Self(Fraction::Small { over, under }),
            _ => Self(Fraction::Big(Box::new(ratio))),
        }
    }

    /// Number as a big fraction.
    fn ratio(&self) -> Cow<'_, BigRational> {
        match &self.0 {
            Fraction::Small { over, under } => {
                Cow::Owned(BigRational::new_raw((*over).into(), (*under).into()))
            }
            Fraction::Big(ratio) => Cow::Borrowed(ratio),
        }
    }

    /// Computes with both numbers: in 128 bits if both are small and nothing overflows, otherwise with big fractions. `small`
    /// takes over, under, over, under and gives over and a positive under.
    fn with(
        &self,
        other: &Self,
        small: impl FnOnce([i128; 4]) -> Option<(i128, i128)>,
        big: impl FnOnce(&BigRational, &BigRational) -> BigRational,
    ) -> Self {
        if let (Fraction::Small { over: a, under: b }, Fraction::Small { over: c, under: d }) =
            (&self.0, &other.0)
            && let Some((over, under)) = small([(*a).into(), (*b).into(), (*c).into(), (*d).into()])
        {
            return Self::fraction(over, under);
        }
        Self::big(big(&self.ratio(), &other.ratio()))
    }

    /// Reads a decimal as written in JSON or YAML: `12`, `-0.05`, `3e7`. Nothing is rounded.
    ///
    /// `None` for any other text, and for more than 28 significant digits or more than 28 decimals.
    pub fn parse(text: &str) -> Option<Self> {
        steps(text.len() as u64);
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (text, None),
        };
        // Trailing zeros of a fraction are not significant.
        let mantissa = match mantissa.split_once('.') {
            Some((whole, fraction)) if whole.ends_with(|last: char| last.is_ascii_digit()) => {
                let zeros = fraction.len() - fraction.trim_end_matches('0').len();
                let point = usize::from(zeros > 0 && zeros == fraction.len());
                mantissa.get(..mantissa.len() - zeros - point).unwrap_or(mantissa)
            }
            _ => mantissa,
        };
        let decimal = Decimal::from_str_exact(mantissa).ok()?;
        exponent.map_or_else(|| Some(Self::from(decimal)), |exponent| Self::scaled(decimal, exponent))
    }

    /// `decimal` times ten to the power of `exponent`.
    fn scaled(decimal: Decimal, exponent: &str) -> Option<Self> {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        if decimal.is_zero() {
            return Some(Self::zero());
        }
        let decimal = decimal.normalize();
        let scale = i64::from(decimal.scale()).checked_sub(i64::from(exponent.parse::<i32>().ok()?))?;
        match u32::try_from(scale) {
            Ok(scale @ 0..=28) => Some(Self::fraction(decimal.mantissa(), 10_i128.pow(scale))),
            Ok(_) => None,
            Err(_) => {
                let factor = 10_i128.checked_pow(u32::try_from(scale.checked_neg()?).ok()?)?;
                Self::decimal(decimal.mantissa().checked_mul(factor)?, 0)
            }
        }
    }

    /// Number of `digits` with the last `scale` of them after the decimal point; `None` for more than 28 significant digits, and
    /// for a negative scale.
    pub fn decimal(digits: i128, scale: i8) -> Option<Self> {
        Decimal::try_from_i128_with_scale(digits, u32::try_from(scale).ok()?).ok().map(Self::from)
    }

    /// Zero.
    pub fn zero() -> Self {
        Self::from(0)
    }

    /// True if there is no fractional part.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Fraction::Small { under, .. } => *under == 1,
            Fraction::Big(ratio) => ratio.is_integer(),
        }
    }

    /// True if the number is greater than zero.
    pub fn is_positive(&self) -> bool {
        match &self.0 {
            Fraction::Small { over, .. } => *over > 0,
            Fraction::Big(ratio) => ratio.is_positive(),
        }
    }

    /// True if the number is less than zero.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Fraction::Small { over, .. } => *over < 0,
            Fraction::Big(ratio) => ratio.is_negative(),
        }
    }

    /// Greatest integer that is not greater.
    pub fn floor(&self) -> Self {
        match &self.0 {
            Fraction::Small { over, under } => Self::from(over.div_euclid(*under)),
            Fraction::Big(ratio) => Self::big(ratio.floor()),
        }
    }

    /// Least integer that is not less.
    pub fn ceil(&self) -> Self {
        match &self.0 {
            Fraction::Small { under: 1, .. } => self.clone(),
            // At most half of the range, since the denominator is 2 or more: adding one cannot overflow.
            Fraction::Small { over, under } => Self::from(over.div_euclid(*under) + 1),
            Fraction::Big(ratio) => Self::big(ratio.ceil()),
        }
    }

    /// Sum.
    pub fn plus(&self, other: &Self) -> Self {
        // Products of two 64-bit numbers stay below half of 128 bits, so their sum fits.
        self.with(
            other,
            |[a, b, c, d]| Some(if b == d { (a + c, b) } else { (a * d + c * b, b * d) }),
            |a, b| a + b,
        )
    }

    /// Difference.
    pub fn minus(&self, other: &Self) -> Self {
        self.with(
            other,
            |[a, b, c, d]| Some(if b == d { (a - c, b) } else { (a * d - c * b, b * d) }),
            |a, b| a - b,
        )
    }

    /// Product.
    pub fn times(&self, other: &Self) -> Self {
        self.with(other, |[a, b, c, d]| Some((a * c, b * d)), |a, b| a * b)
    }

    /// Quotient; `None` if `other` is zero.
    pub fn checked_div(&self, other: &Self) -> Option<Self> {
        if *other == Self::zero() {
            return None;
        }
        let quotient = |[a, b, c, d]: [i128; 4]| {
            let (over, under) = (a * d, b * c);
            Some(if under < 0 { (-over, -under) } else { (over, under) })
        };
        Some(self.with(other, quotient, |a, b| a / b))
    }

    /// Arithmetic mean of two numbers.
    pub fn midpoint(&self, other: &Self) -> Self {
        self.plus(other).times(&Self::fraction(1, 2))
    }

    /// Number raised to a whole power.
    pub fn pow(&self, exponent: u32) -> Self {
        Self::big(Pow::pow(self.ratio().into_owned(), exponent))
    }

    /// Absolute value.
    pub fn abs(&self) -> Self {
        if self.is_negative() { Self::zero().minus(self) } else { self.clone() }
    }

    /// Nearest `f64`, for display and scores only, never for a comparison that decides.
    pub fn to_f64(&self) -> f64 {
        self.ratio().to_f64().unwrap_or(f64::NAN)
    }

    /// Number as an `i64`, if it is one.
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Fraction::Small { over, under: 1 } => Some(over),
            // A whole number that fits is always `Small`.
            _ => None,
        }
    }

    /// Number with all its digits, as written in JSON and YAML; `None` if it is no decimal, such as a third, or has more than 56
    /// decimals.
    pub fn decimal_text(&self) -> Option<String> {
        [0, 28, 56].into_iter().find_map(|decimals| {
            let scaled = self.times(&Self::big(BigRational::from_integer(BigInt::from(10u8).pow(decimals))));
            scaled.is_integer().then(|| self.to_rounded_string(decimals))
        })
    }

    /// Number as a JSON value, for display: every digit of a decimal ([`Number::decimal_text`]), otherwise, as for a third, the
    /// nearest double.
    pub fn to_json(&self) -> serde_json::Value {
        if let Some(whole) = self.to_i64() {
            return whole.into();
        }
        let exact =
            self.decimal_text().and_then(|text| serde_json::from_str::<serde_json::Number>(&text).ok());
        let shown = exact.or_else(|| serde_json::Number::from_f64(self.to_f64()));
        // Neither a decimal nor near any double: beyond 1e308, where no amount and no ratio of amounts comes.
        shown.map_or(serde_json::Value::Null, Into::into)
    }

    /// Digits with at most `decimals` decimals, rounded half away from zero, without trailing zeros.
    pub fn to_rounded_string(&self, decimals: u32) -> String {
        let scale = BigInt::from(10u8).pow(decimals);
        let scaled = (self.ratio().as_ref() * BigRational::from_integer(scale)).round().to_integer();
        let negative = scaled.is_negative();
        let digits = scaled.abs().to_string();
        let decimals = decimals as usize;
        let padded = format!("{digits:0>width$}", width = decimals + 1);
        let (whole, fraction) = padded.split_at(padded.len() - decimals);
        let fraction = fraction.trim_end_matches('0');
        let sign = if negative { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Fraction::Small { over: a, under: b }, Fraction::Small { over: c, under: d }) if b == d => {
                a.cmp(c)
            }
            (Fraction::Small { over: a, under: b }, Fraction::Small { over: c, under: d }) => {
                (i128::from(*a) * i128::from(*d)).cmp(&(i128::from(*c) * i128::from(*b)))
            }
            _ => self.ratio().cmp(&other.ratio()),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Decimal> for Number {
    fn from(decimal: Decimal) -> Self {
        // Twenty-eight digits and 10^28 both fit 128 bits.
        Self::fraction(decimal.mantissa(), 10_i128.pow(decimal.scale()))
    }
}

impl From<i64> for Number {
    fn from(whole: i64) -> Self {
        Self(Fraction::Small { over: whole, under: 1 })
    }
}

/// Exact fraction, for the program's own files: as text, `-3/2` or `7`, in human-readable formats, otherwise in as few bytes as
/// possible. Displays and profiles use [`Number::to_json`].
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_str(self.ratio().as_ref());
        }
        match &self.0 {
            Fraction::Small { over, under: 1 } => BinaryForm::Whole(*over),
            Fraction::Small { over, under } => BinaryForm::Fraction(*over, *under),
            Fraction::Big(ratio) => BinaryForm::Text(ratio.to_string()),
        }
        .serialize(serializer)
    }
}

/// Number in a binary format. INVARIANT: like [`Fraction`], equal numbers have one form.
#[derive(Serialize, Deserialize)]
enum BinaryForm {
    Whole(i64),
    Fraction(i64, i64),
    Text(String),
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = if deserializer.is_human_readable() {
            String::deserialize(deserializer)?
        } else {
            match BinaryForm::deserialize(deserializer)? {
                BinaryForm::Whole(whole) => return Ok(Self::from(whole)),
                BinaryForm::Fraction(over, under) if under > 0 => {
                    return Ok(Self::fraction(over.into(), under.into()));
                }
                BinaryForm::Fraction(..) => return Err(de::Error::custom("a denominator above 0")),
                BinaryForm::Text(text) => text,
            }
        };
        if let Ok(whole) = text.parse::<i64>() {
            return Ok(Self::from(whole));
        }
        text.parse().map(Self::big).map_err(|_| de::Error::custom("a fraction such as -3/2"))
    }
}

impl fmt::Display for Number {
    /// Formats the exact decimal if there is one within ten places, otherwise a value rounded to ten places.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rounded_string(10))
    }
}

/// Ratio of last over first that corresponds to a yearly rate of exactly `rate` over `steps` steps: (1 + rate) to the power
/// `steps`, keeping its sign.
///
/// Comparing a ratio with it compares the yearly rate with `rate` without computing a root. Keeping the sign keeps the comparison
/// monotone for a ratio below zero (a loss after a profit).
pub fn ratio_of_yearly_rate(rate: &Number, steps: u32) -> Number {
    let factor = rate.plus(&Number::from(1));
    let power = factor.abs().pow(steps);
    if factor.is_negative() { Number::zero().minus(&power) } else { power }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    /// A typed number is read to the last digit, or refused; it is never rounded.
    #[test]
    fn no_digit_is_rounded_away() {
        assert_eq!(n("90071992547409.93").decimal_text().as_deref(), Some("90071992547409.93"));
        assert_eq!(n("0.1000000000000000000000000000000000000000"), n("1e-1"));
        assert_eq!(n("123456.789e-3"), n("123.456789"));
        assert_eq!(n("1.5e27").decimal_text().as_deref(), Some("1500000000000000000000000000"));
        assert_eq!(n("-0e999999999999"), Number::zero());
        assert_eq!(n("1e-28").decimal_text().as_deref(), Some("0.0000000000000000000000000001"));
        for refused in [
            "1e-29",
            "1e-999999999",
            "1e29",
            "1e999999999999",
            "1e",
            "1e+",
            "1e1.5",
            "0.12345678901234567890123456789",
            "-5..",
            "5..0",
            "5.0.",
        ] {
            assert_eq!(Number::parse(refused), None, "{refused}");
        }
        assert_eq!(n("1").checked_div(&n("3")).unwrap().decimal_text(), None);
    }

    #[test]
    fn quotients_are_exact() {
        let third = n("1").checked_div(&n("3")).unwrap();
        assert_eq!(third.times(&n("3")), n("1"));
        assert_eq!(third.to_rounded_string(4), "0.3333");
        assert!(n("1").checked_div(&n("0")).is_none());
    }

    /// Numbers around every limit of the small form, small ones, and random ones.
    fn any_number() -> impl Strategy<Value = (i128, i128)> {
        let edge = prop::sample::select(vec![
            0,
            1,
            -1,
            2,
            7,
            i128::from(i64::MAX),
            i128::from(i64::MIN),
            i128::from(i64::MAX) + 1,
            i128::from(i64::MIN) - 1,
            i128::from(i64::MAX) - 1,
            10_i128.pow(27),
        ]);
        let part = prop_oneof![edge.clone(), -1000..1000_i128, any::<i64>().prop_map(i128::from)];
        (part, prop_oneof![edge, 1..50_i128, any::<i64>().prop_map(i128::from)])
            .prop_map(|(over, under)| (over, if under == 0 { 1 } else { under.abs() }))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]
        /// Every operation gives the result of big fractions, and equal numbers have equal parts.
        #[test]
        fn arithmetic_equals_big_fractions(a in any_number(), b in any_number(), power in 0..4_u32) {
            let number = |(over, under): (i128, i128)| Number::fraction(over, under);
            let ratio = |(over, under): (i128, i128)| BigRational::new(over.into(), under.into());
            let (x, y, p, q) = (number(a), number(b), ratio(a), ratio(b));
            let two = BigRational::from_integer(2.into());
            let pairs = [
                (x.clone(), p.clone()),
                (x.plus(&y), &p + &q),
                (x.minus(&y), &p - &q),
                (x.times(&y), &p * &q),
                (x.midpoint(&y), (&p + &q) / two),
                (x.floor(), p.floor()),
                (x.ceil(), p.ceil()),
                (x.abs(), p.abs()),
                (x.pow(power), Pow::pow(p.clone(), power)),
            ];
            for (found, expected) in pairs {
                let ratio = found.ratio().into_owned();
                prop_assert_eq!(&ratio, &expected);
                prop_assert_eq!(&found, &Number::big(expected.clone()));
                prop_assert_eq!(found.is_integer(), expected.is_integer());
                prop_assert_eq!(found.is_negative(), expected.is_negative());
                prop_assert_eq!(found.is_positive(), expected.is_positive());
                let whole = if expected.is_integer() { expected.to_integer().to_i64() } else { None };
                prop_assert_eq!(found.to_i64(), whole);
                let text = serde_json::to_string(&found).unwrap();
                prop_assert_eq!(&text, &format!("\"{expected}\""));
                prop_assert_eq!(serde_json::from_str::<Number>(&text).unwrap(), found);
            }
            prop_assert_eq!(x.cmp(&y), p.cmp(&q));
            let quotient = if b.0 == 0 { None } else { Some(Number::big(p / q)) };
            prop_assert_eq!(x.checked_div(&y), quotient);
        }
    }

    /// A displayed number has the digits that were given; only one that is no decimal is rounded.
    #[test]
    fn shown_with_every_digit() {
        let shown = |text: &str| Number::parse(text).unwrap().to_json().to_string();
        for text in
            ["90071992547409.93", "0.1", "-7", "12345678901234567890123456.78", "36893488147419103232"]
        {
            assert_eq!(shown(text), text);
        }
        assert_eq!(shown("1.50"), "1.5");
        let third = Number::from(1).checked_div(&Number::from(3)).unwrap();
        assert_eq!(third.to_json().to_string(), "0.3333333333333333");
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
