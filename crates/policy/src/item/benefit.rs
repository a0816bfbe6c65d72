//! Benefits of an item (支持内容).

use serde::{Serialize, Serializer};

use super::amount::Formula;
use crate::number::Number;

/// Benefit of an item.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Benefit {
    /// Support methods (支持方式): `tax`, `grant`, `title` …
    pub kinds: Vec<String>,
    /// Amount of the benefit.
    pub amount: Amount,
}

/// Amount as far as it is encoded.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Amount {
    /// 封顶 in yuan; a ceiling, never a promise. `None`: unknown, or not money.
    #[serde(serialize_with = "number")]
    pub max: Option<Number>,
    /// Amount in words.
    pub text: Option<String>,
    /// Share of `base`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number")]
    pub rate: Option<Number>,
    /// Base of the rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Unit of the amount: 每人, 每项.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// `once` or `yearly`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<String>,
    /// Number of years, if `times` is `yearly` and the rule states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<u8>,
    /// Share of each year of a sum paid in instalments (分年度拨付); 1 in total. Empty: paid at once.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "numbers")]
    pub parts: Vec<Number>,
    /// Formula of the amount, limited by `max`.
    #[serde(skip)]
    pub formula: Option<Formula>,
    /// True if the item states that it is not money (`formula: not_money`).
    #[serde(skip)]
    pub not_money: bool,
}

fn number<S: Serializer>(number: &Option<Number>, s: S) -> Result<S::Ok, S::Error> {
    number.as_ref().map(Number::to_json).serialize(s)
}

fn numbers<S: Serializer>(numbers: &[Number], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(numbers.iter().map(Number::to_json))
}

/// Support methods allowed in `kinds`, with their Chinese names.
pub(super) const KINDS: [(&str, &str); 17] = [
    ("tax", "税收优惠"),
    ("grant", "资金补助"),
    ("reward", "奖励"),
    ("loan", "贷款"),
    ("interest_subsidy", "贷款贴息"),
    ("guarantee", "融资担保"),
    ("insurance_subsidy", "保费补贴"),
    ("refund", "返还"),
    ("levy_relief", "规费减免"),
    ("title", "资质认定"),
    ("service", "服务"),
    ("procurement", "政府采购"),
    ("talent", "人才"),
    ("rent", "用房补贴"),
    ("voucher", "券"),
    ("equipment", "设备支持"),
    ("subsidy", "补贴"),
];

impl Benefit {
    /// Chinese name of a support method; the word itself if it is not in the list.
    pub fn kind_name(kind: &str) -> &str {
        KINDS.iter().find(|(known, _)| *known == kind).map_or(kind, |(_, name)| name)
    }
}
