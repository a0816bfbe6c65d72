//! Amount of a support in words for one enterprise: the sum where it is known, a range where a part is known, and otherwise the
//! rule itself.

use serde::Serialize;

use super::evaluate::Setting;
use super::formula::Formula;
use super::valuation::{Cadence, Valuation, in_general};
use super::worth::{Worth, YuanRange};
use crate::criterion::{describe_money, percent};
use crate::fact::FactDictionary;
use crate::item::{Amount, Benefit};
use crate::number::Number;

/// Amount in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AmountWords {
    /// Headline in Chinese: 12万元, 每年5万元至20万元, 返还上年度实缴失业保险费的60%（最高90万元）, 非资金.
    pub text: String,
    /// Rule in Chinese, as far as it is encoded, without the arms that do not apply to the enterprise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// True if `text` states a sum or a range of yuan that follows from what is known of the enterprise.
    pub known: bool,
    /// Facts that would narrow the amount, in reading order.
    #[serde(rename = "asks", skip_serializing_if = "Vec::is_empty")]
    pub open_facts: Vec<AmountFact>,
}

/// Fact that an amount depends on and that is not known exactly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AmountFact {
    /// Key of the fact.
    pub key: String,
    /// Name of the fact.
    pub name: String,
    /// Unit of the fact, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// Words for displaying amounts and rules.
mod text {
    pub(super) const NOT_MONEY: &str = "非资金";
    pub(super) const UNKNOWN: &str = "金额未公布";
    pub(super) const EACH_YEAR: &str = "每年";
    pub(super) const OF: &str = "的";
    /// Verbs of the kinds of support, the first that applies being taken.
    pub(super) const VERBS: [(&str, &str); 11] = [
        ("refund", "返还"),
        ("interest_subsidy", "贴息"),
        ("insurance_subsidy", "补贴"),
        ("tax", "减免"),
        ("levy_relief", "减免"),
        ("reward", "奖励"),
        ("grant", "补助"),
        ("subsidy", "补贴"),
        ("rent", "补贴"),
        ("voucher", "兑付"),
        ("equipment", "补贴"),
    ];
}

impl Valuation {
    /// Open facts with their names.
    pub fn facts(&self, setting: &Setting<'_>) -> Vec<AmountFact> {
        let named = self.open_facts.iter().filter_map(|key| setting.view.dictionary.get(key));
        named
            .map(|fact| AmountFact {
                key: fact.key.clone(),
                name: fact.name.clone(),
                unit: fact.unit.clone(),
            })
            .collect()
    }
}

impl Benefit {
    /// Amount in words, for the `valuation` of this benefit under the same `setting`.
    pub fn words(&self, valuation: &Valuation, setting: &Setting<'_>) -> AmountWords {
        let narrowed = self.amount.formula.as_ref().map(|formula| formula.narrowed(setting));
        let rule = self.rule_of(narrowed.as_ref(), setting.view.dictionary);
        let known =
            valuation.first_year.range().filter(|range| self.says_something(range, valuation, setting));
        let text = match (&valuation.first_year, known) {
            (Worth::NotMoney, _) => text::NOT_MONEY.to_owned(),
            (_, Some(range)) => self.amount.each_year(&range.describe()),
            (Worth::Money(_), None) => rule.clone().unwrap_or_else(|| self.official_text()),
            (Worth::Unknown, _) => self.official_text(),
        };
        AmountWords { text, rule, known: known.is_some(), open_facts: valuation.facts(setting) }
    }

    /// Rule of the amount in Chinese, for any enterprise; `None` if it is not encoded.
    pub fn rule(&self, dictionary: &FactDictionary) -> Option<String> {
        self.rule_of(self.amount.formula.as_ref(), dictionary)
    }

    /// Rule with `formula` in place of the benefit's own: 返还上年度实缴失业保险费的60%（最高90万元）.
    fn rule_of(&self, formula: Option<&Formula>, dictionary: &FactDictionary) -> Option<String> {
        let amount = &self.amount;
        let verb = text::VERBS.iter().find(|(kind, _)| self.kinds.iter().any(|own| own == kind));
        let verb = verb.map_or("", |(_, verb)| verb);
        let (words, list) = match (formula, &amount.rate, &amount.base) {
            (Some(formula), ..) => (formula.describe(dictionary), formula.is_list()),
            (None, Some(rate), Some(base)) => (format!("{base}{}{}", text::OF, percent(rate)), false),
            _ => return None,
        };
        let verb = if list && !verb.is_empty() { format!("{verb}：") } else { verb.to_owned() };
        let cap = amount.ceiling().filter(|cap| formula.is_none_or(|of| !of.is_capped_at(cap)));
        let cap = cap.map(|cap| format!("（最高{}）", describe_money(cap))).unwrap_or_default();
        Some(format!("{verb}{words}{cap}"))
    }

    /// Amount as the text of the item states it.
    fn official_text(&self) -> String {
        self.amount.text.clone().unwrap_or_else(|| text::UNKNOWN.to_owned())
    }

    /// True if `range` says more than the rule alone: something of the enterprise is known that narrows it, or nothing could.
    fn says_something(&self, range: &YuanRange, valuation: &Valuation, setting: &Setting<'_>) -> bool {
        if range.low == Number::zero() && range.high.is_none() {
            return false;
        }
        let Some(formula) = &self.amount.formula else { return true };
        let settled = valuation.open_facts.is_empty() && valuation.open_inputs.is_empty();
        settled || *range != in_general(formula, setting.view.dictionary, self.amount.ceiling())
    }
}

impl Amount {
    /// Words of a sum with its cadence: 每年5万元.
    fn each_year(&self, words: &str) -> String {
        match self.cadence() {
            Cadence::Yearly(_) => format!("{}{words}", text::EACH_YEAR),
            Cadence::Once | Cadence::Instalments(_) | Cadence::Unspecified => words.to_owned(),
        }
    }
}

impl Formula {
    /// True if its description is a list of cases.
    fn is_list(&self) -> bool {
        match self {
            Self::Case { .. } => true,
            Self::Bounded { of, .. } => of.is_list(),
            Self::Min(of) => of.first().is_some_and(Self::is_list),
            _ => false,
        }
    }

    /// True if its own description already ends with this cap.
    fn is_capped_at(&self, cap: &Number) -> bool {
        match self {
            Self::Yuan(yuan) => yuan == cap,
            Self::Bounded { at_most, .. } => at_most.as_ref() == Some(cap),
            Self::UpTo(of) => of.is_capped_at(cap),
            _ => false,
        }
    }
}
