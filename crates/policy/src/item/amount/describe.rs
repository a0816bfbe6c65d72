//! Describes formulas in readable Chinese: 上年度研发费用的5%，最高50万元.

use super::formula::{Bracket, BracketMode, Formula, Pays, Quantity, Tier};
use crate::criterion::{describe, describe_money, describe_when, percent};
use crate::fact::{FactDictionary, FactType};
use crate::number::Number;

impl Formula {
    /// Formula as a caseworker would read it to an enterprise.
    pub fn describe(&self, dictionary: &FactDictionary) -> String {
        let nested = |formula: &Formula| formula.nested(dictionary);
        let list = |of: &[Formula]| of.iter().map(nested).collect::<Vec<_>>().join("、");
        match self {
            Self::Yuan(yuan) => describe_money(yuan),
            Self::Quantity(quantity) => quantity.describe(dictionary),
            Self::Share { rate, of } => format!("{}的{}", nested(of), percent(rate)),
            Self::Each { yuan, of } => format!("{}×{}", nested(of), describe_money(yuan)),
            Self::Brackets { of, mode, rows } => {
                let rows: Vec<String> = rows
                    .iter()
                    .enumerate()
                    .map(|(i, row)| row.describe(*mode, i, rows.len(), of, dictionary))
                    .collect();
                format!("{}{}", nested(of), rows.join("，"))
            }
            Self::Case { arms, otherwise, .. } if arms.is_empty() => otherwise.describe(dictionary),
            Self::Case { arms, otherwise, .. } => {
                let tier = |tier: &Tier| {
                    format!("{}的，{}", describe(&tier.when, dictionary), tier.then.describe(dictionary))
                };
                let mut parts: Vec<String> = arms.iter().map(tier).collect();
                parts.push(format!("其他情形，{}", otherwise.describe(dictionary)));
                parts.join("；")
            }
            Self::Sum(of) | Self::Min(of) | Self::Max(of) if of.len() == 1 => list(of),
            Self::Sum(of) => format!("{}合计", list(of)),
            Self::Min(of) => match of.as_slice() {
                [Self::Yuan(cap), of] | [of, Self::Yuan(cap)] => {
                    format!("{}，最高{}", of.describe(dictionary), describe_money(cap))
                }
                // A base with its limit reads as officials write it: …的5%，以应纳税额为限.
                [first, limit] => format!("{}，以{}为限", first.describe(dictionary), nested(limit)),
                of => format!("{}取低", list(of)),
            },
            Self::Max(of) => format!("{}取高", list(of)),
            Self::Difference(from, off) => format!("{}减去{}", nested(from), nested(off)),
            Self::UpTo(of) => match of.as_ref() {
                Self::Case { .. } => format!("不超过下列数额：{}", of.describe(dictionary)),
                of => format!("不超过{}", of.describe(dictionary)),
            },
            Self::Bounded { of, at_least, at_most } => bounded(of, at_least, at_most, dictionary),
        }
    }

    /// Description in brackets if it would otherwise run into the following text.
    fn nested(&self, dictionary: &FactDictionary) -> String {
        let words = self.describe(dictionary);
        match self {
            Self::Yuan(_) | Self::Quantity(_) => words,
            Self::Share { of, .. } | Self::Each { of, .. } if matches!(**of, Self::Quantity(_)) => words,
            _ => format!("（{words}）"),
        }
    }

    /// Bound of this formula with its unit: yuan, or the unit of the count.
    fn bound_text(&self, bound: &Number, dictionary: &FactDictionary) -> String {
        let counted = match self {
            Self::Quantity(Quantity::Fact { key, .. }) => {
                dictionary.get(key).filter(|fact| fact.kind != FactType::Money)
            }
            _ => None,
        };
        match counted {
            Some(fact) => {
                format!("{}{}", bound.to_rounded_string(4), fact.unit.as_deref().unwrap_or_default())
            }
            None => describe_money(bound),
        }
    }
}

fn bounded(
    of: &Formula,
    at_least: &Option<Number>,
    at_most: &Option<Number>,
    dictionary: &FactDictionary,
) -> String {
    let mut words = of.describe(dictionary);
    for (bound, name) in [(at_least, "最低"), (at_most, "最高")] {
        if let Some(bound) = bound {
            words.push_str(&format!("，{name}{}", of.bound_text(bound, dictionary)));
        }
    }
    words
}

impl Quantity {
    fn describe(&self, dictionary: &FactDictionary) -> String {
        match self {
            Self::Input { name } => name.clone(),
            Self::Fact { key, when } => dictionary
                .get(key)
                .map_or_else(|| key.clone(), |fact| format!("{}{}", describe_when(*when, fact), fact.name)),
        }
    }
}

impl Bracket {
    fn describe(
        &self,
        mode: BracketMode,
        place: usize,
        count: usize,
        of: &Formula,
        dictionary: &FactDictionary,
    ) -> String {
        let end = self.end.as_ref().map(|end| of.bound_text(end, dictionary));
        let part = if mode == BracketMode::Progressive { "的部分" } else { "的" };
        let range = match end {
            Some(end) if self.inclusive => format!("不超过{end}{part}"),
            Some(end) => format!("不足{end}{part}"),
            None if count == 1 => "全部".to_owned(),
            None => format!("其余{part}"),
        };
        let pays = match &self.pays {
            Pays::Rate(rate) => percent(rate),
            Pays::Yuan(yuan) => describe_money(yuan),
        };
        let first = if place == 0 { "中，" } else { "" };
        format!("{first}{range}{pays}")
    }
}
