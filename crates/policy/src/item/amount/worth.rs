//! Worth of an amount: 非资金, 未知, or a range of yuan. The three are never confused, and none of them is 0.

use serde::{Serialize, Serializer};

use crate::criterion::describe_money;
use crate::number::Number;

/// Worth of a support to one enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Worth {
    /// 非资金: a title, a service, access; no money is paid or saved.
    NotMoney,
    /// 未知: money, but the amount is not encoded.
    Unknown,
    /// Money within a range; 0 is a range too.
    Money(YuanRange),
}

/// Range of yuan, 0 or more, with inclusive bounds; exact if they are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct YuanRange {
    /// Certain amount.
    #[serde(rename = "at_least", serialize_with = "number")]
    pub low: Number,
    /// Possible amount; `None` if it has no known upper bound.
    #[serde(rename = "at_most", serialize_with = "optional")]
    pub high: Option<Number>,
}

fn number<S: Serializer>(number: &Number, s: S) -> Result<S::Ok, S::Error> {
    number.to_json().serialize(s)
}

fn optional<S: Serializer>(number: &Option<Number>, s: S) -> Result<S::Ok, S::Error> {
    number.as_ref().map(Number::to_json).serialize(s)
}

/// Words for displaying amounts.
mod words {
    pub(super) const NOT_MONEY: &str = "非资金";
    pub(super) const UNKNOWN: &str = "金额未知";
    pub(super) const TO: &str = "至";
    pub(super) const AT_MOST: &str = "不超过";
    pub(super) const OR_MORE: &str = "以上";
    pub(super) const OPEN: &str = "金额待定";
    pub(super) const ABOUT: &str = "约";
}

/// True for a sum of 1 万元 or more that is not a whole number of yuan.
fn has_fen(yuan: &Number) -> bool {
    *yuan >= Number::from(10_000) && !yuan.is_integer()
}

/// Whole number of yuan nearest to a sum, half a yuan being rounded up.
fn nearest_yuan(yuan: &Number) -> Number {
    let below = yuan.floor();
    let above = yuan.ceil();
    if yuan.minus(&below) < above.minus(yuan) { below } else { above }
}

impl YuanRange {
    /// Range of exactly this amount.
    pub fn exactly(yuan: Number) -> Self {
        Self { low: yuan.clone(), high: Some(yuan) }
    }

    /// Range of exactly 0 yuan.
    pub fn zero() -> Self {
        Self::exactly(Number::zero())
    }

    /// True if both bounds are equal.
    pub fn is_exact(&self) -> bool {
        self.high.as_ref() == Some(&self.low)
    }

    /// Sum, bound by bound.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let high = self.high.as_ref().zip(other.high.as_ref()).map(|(a, b)| a.plus(b));
        Self { low: self.low.plus(&other.low), high }
    }

    /// Both bounds multiplied by a non-negative factor.
    #[must_use]
    pub fn times(&self, factor: &Number) -> Self {
        if *factor == Number::zero() {
            return Self::zero();
        }
        Self { low: self.low.times(factor), high: self.high.as_ref().map(|high| high.times(factor)) }
    }

    /// True if `yuan` lies in the range.
    pub fn contains(&self, yuan: &Number) -> bool {
        self.low <= *yuan && self.high.as_ref().is_none_or(|high| yuan <= high)
    }

    /// Range in words: 20万元, 5万元至20万元, 不超过20万元, 5万元以上, 金额待定.
    ///
    /// From 1 万元 on, 角 and 分 are left out so that the words stay true: an upper bound is rounded up, a lower one down, and a
    /// single sum says 约.
    pub fn describe(&self) -> String {
        use words::{ABOUT, AT_MOST, OPEN, OR_MORE, TO};
        let nothing = self.low == Number::zero();
        let low = |yuan: &Number| describe_money(&if has_fen(yuan) { yuan.floor() } else { yuan.clone() });
        let high = |yuan: &Number| describe_money(&if has_fen(yuan) { yuan.ceil() } else { yuan.clone() });
        match &self.high {
            Some(sum) if *sum == self.low && has_fen(sum) => {
                format!("{ABOUT}{}", describe_money(&nearest_yuan(sum)))
            }
            Some(sum) if *sum == self.low => describe_money(sum),
            Some(end) if nothing => format!("{AT_MOST}{}", high(end)),
            Some(end) => format!("{}{TO}{}", low(&self.low), high(end)),
            None if nothing => OPEN.to_owned(),
            None => format!("{}{OR_MORE}", low(&self.low)),
        }
    }
}

impl Worth {
    /// Range, if it is money that is encoded.
    pub fn range(&self) -> Option<&YuanRange> {
        match self {
            Self::Money(range) => Some(range),
            Self::NotMoney | Self::Unknown => None,
        }
    }

    /// Worth in words.
    pub fn describe(&self) -> String {
        match self {
            Self::NotMoney => words::NOT_MONEY.to_owned(),
            Self::Unknown => words::UNKNOWN.to_owned(),
            Self::Money(range) => range.describe(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_kinds_of_nothing_read_differently() {
        assert_eq!(Worth::NotMoney.describe(), "非资金");
        assert_eq!(Worth::Unknown.describe(), "金额未知");
        assert_eq!(Worth::Money(YuanRange::zero()).describe(), "0元");
        let open = YuanRange { low: Number::zero(), high: None };
        assert_eq!(open.describe(), "金额待定");
    }

    #[test]
    fn ranges_read_as_people_write_them() {
        let range = |low: i64, high: Option<i64>| YuanRange { low: low.into(), high: high.map(Into::into) };
        assert_eq!(range(200_000, Some(200_000)).describe(), "20万元");
        assert_eq!(range(0, Some(5_000_000)).describe(), "不超过500万元");
        assert_eq!(range(8000, Some(12_500)).describe(), "8000元至1.25万元");
        assert_eq!(range(30_000, None).describe(), "3万元以上");
    }

    #[test]
    fn json_keeps_the_bounds() {
        let json = serde_json::to_value(Worth::Money(YuanRange { low: 5.into(), high: None })).unwrap();
        assert_eq!(json, serde_json::json!({"kind": "money", "at_least": 5, "at_most": null}));
        assert_eq!(serde_json::to_value(Worth::NotMoney).unwrap(), serde_json::json!({"kind": "not_money"}));
    }
}
