//! What an item gives (支持内容).

use serde::{Serialize, Serializer};

use super::amount::Formula;
use crate::number::Number;

/// What is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Benefit {
    /// Support methods (支持方式): `tax`, `grant`, `title` …
    pub kinds: Vec<String>,
    /// How much.
    pub amount: Amount,
}

/// An amount as far as it is encoded.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Amount {
    /// 封顶, yuan; a ceiling, never a promise. `None`: not known, or not money.
    #[serde(serialize_with = "number")]
    pub max: Option<Number>,
    /// The amount in words.
    pub text: Option<String>,
    /// Share of `base`.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "number")]
    pub rate: Option<Number>,
    /// What the rate applies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Per what: 每人, 每项.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// `once` or `yearly`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<String>,
    /// For how many years, where `times` is `yearly` and the rule says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<u8>,
    /// The share of each year of a sum that is paid in parts (分年度拨付); 1 in all. Empty: at once.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "numbers")]
    pub parts: Vec<Number>,
    /// How the amount is computed, within `max`.
    #[serde(skip)]
    pub formula: Option<Formula>,
    /// Whether the item says that it is no money at all (`formula: not_money`).
    #[serde(skip)]
    pub not_money: bool,
}

fn number<S: Serializer>(number: &Option<Number>, s: S) -> Result<S::Ok, S::Error> {
    number.as_ref().map(Number::to_json).serialize(s)
}

fn numbers<S: Serializer>(numbers: &[Number], s: S) -> Result<S::Ok, S::Error> {
    s.collect_seq(numbers.iter().map(Number::to_json))
}

/// The support methods that `kinds` may name, with the Chinese shown to people.
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
    /// The Chinese name of a support method; the word itself where it is not one of ours.
    pub fn kind_name(kind: &str) -> &str {
        KINDS.iter().find(|(known, _)| *known == kind).map_or(kind, |(_, name)| name)
    }
}
