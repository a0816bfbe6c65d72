//! Worth of a support in its first year and over its whole life.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::evaluate::{OpenParts, Setting, evaluate, paid};
use super::formula::Formula;
use super::interval::Interval;
use super::worth::{Worth, YuanRange};
use crate::fact::FactDictionary;
use crate::item::{Amount, Benefit};
use crate::number::Number;
use crate::profile::Profile;
use crate::verdict::Verdict;
use crate::view::View;

/// Payment cadence of an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// Single payment (一次性).
    Once,
    /// Single sum in yearly instalments (分年度拨付): the share of each year, first year first, 1 in total.
    Instalments(Vec<Number>),
    /// Full amount every year, for a number of years if that is known.
    Yearly(Option<u8>),
    /// Not stated by the item.
    Unspecified,
}

/// Amount evaluated for one enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Valuation {
    /// Worth of the first year, by which bundles are compared.
    pub first_year: Worth,
    /// Worth over the whole life of the support.
    #[serde(rename = "whole")]
    pub total: Worth,
    /// True if it is paid every year.
    pub yearly: bool,
    /// Keys of the facts that would narrow the range, in reading order.
    #[serde(rename = "open")]
    pub open_facts: Vec<String>,
    /// Named inputs and judged texts that would narrow the range, in reading order.
    #[serde(rename = "asks")]
    pub open_inputs: Vec<String>,
    /// True if the office may pay less than the formula allows (不超过).
    pub discretion: bool,
}

/// Support methods that neither pay nor save money.
const NOT_MONEY: [&str; 5] = ["title", "service", "procurement", "loan", "guarantee"];

impl Amount {
    /// Payment cadence of the amount.
    pub fn cadence(&self) -> Cadence {
        match self.times.as_deref() {
            _ if !self.parts.is_empty() => Cadence::Instalments(self.parts.clone()),
            Some("yearly") => Cadence::Yearly(self.years),
            Some(_) => Cadence::Once,
            None => Cadence::Unspecified,
        }
    }

    /// Ceiling of the whole amount; `None` if `max` is per unit (每人, 每项).
    pub fn ceiling(&self) -> Option<&Number> {
        self.max.as_ref().filter(|_| self.unit.is_none())
    }

    fn is_money(&self, kinds: &[String]) -> bool {
        let by_kind = !kinds.iter().all(|kind| NOT_MONEY.contains(&kind.as_str())) || kinds.is_empty();
        !self.not_money && (by_kind || self.formula.is_some() || self.max.is_some() || self.rate.is_some())
    }
}

impl Benefit {
    /// Worth of the support, as exactly as `setting` allows.
    ///
    /// Without a formula, a ceiling of the whole amount still gives "from 0 to the ceiling"; without a ceiling the worth is
    /// [`Worth::Unknown`].
    pub fn evaluate(&self, setting: &Setting<'_>) -> Valuation {
        let amount = &self.amount;
        let cadence = amount.cadence();
        let yearly = matches!(cadence, Cadence::Yearly(_));
        let plain = |worth: Worth| Valuation {
            first_year: worth.clone(),
            total: worth,
            yearly,
            open_facts: Vec::new(),
            open_inputs: Vec::new(),
            discretion: false,
        };
        if !amount.is_money(&self.kinds) {
            return plain(Worth::NotMoney);
        }
        let (interval, open) = match (&amount.formula, amount.ceiling()) {
            (Some(formula), _) => evaluate(formula, setting),
            (None, Some(_)) => (Interval::default(), OpenParts { discretion: true, ..OpenParts::default() }),
            (None, None) => return plain(Worth::Unknown),
        };
        let range = clamped(&interval, amount.ceiling());
        // The part cut off at the ceiling may have been the only open one.
        let open = if range.is_exact() { OpenParts::default() } else { open };
        let (first_year, total) = over_time(&range, &cadence);
        Valuation {
            first_year: Worth::Money(first_year),
            total: Worth::Money(total),
            yearly,
            open_facts: open.facts.into_list(),
            open_inputs: open.inputs.into_list(),
            discretion: open.discretion,
        }
    }
}

/// Interval as a support: 0 or more, and at most the ceiling.
fn clamped(interval: &Interval, ceiling: Option<&Number>) -> YuanRange {
    let mut range = paid(interval);
    if let Some(ceiling) = ceiling {
        range = range.lesser(&Interval::exactly(ceiling.clone()));
    }
    YuanRange { low: range.low.unwrap_or_else(Number::zero), high: range.high }
}

fn over_time(range: &YuanRange, cadence: &Cadence) -> (YuanRange, YuanRange) {
    let total = match cadence {
        Cadence::Once | Cadence::Instalments(_) => range.clone(),
        Cadence::Yearly(Some(years)) => range.times(&Number::from(i64::from(*years))),
        // One year is certain; the number of further years is not.
        Cadence::Yearly(None) | Cadence::Unspecified if range.high != Some(Number::zero()) => {
            YuanRange { low: range.low.clone(), high: None }
        }
        Cadence::Yearly(None) | Cadence::Unspecified => range.clone(),
    };
    let first = match cadence {
        Cadence::Instalments(shares) => {
            shares.first().map_or_else(|| range.clone(), |share| range.times(share))
        }
        _ => range.clone(),
    };
    (first, total)
}

/// Range of a formula without any knowledge of the enterprise: its possible amounts in general, at most `ceiling`.
pub(in crate::item) fn in_general(
    formula: &Formula,
    dictionary: &FactDictionary,
    ceiling: Option<&Number>,
) -> YuanRange {
    let profile = Profile::default();
    let setting = Setting {
        view: View::new(&profile, dictionary, Date::constant(2000, 1, 1)),
        decide: &|_| Verdict::Undetermined,
        inputs: &BTreeMap::new(),
    };
    clamped(&evaluate(formula, &setting).0, ceiling)
}
