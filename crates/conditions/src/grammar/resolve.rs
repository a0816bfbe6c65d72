//! From the words about a quantity to a fact and the value of it that is meant: years, sums, shares, growth.

use zhaoren_policy::criterion::{Aggregate, Take, When};
use zhaoren_policy::fact::{Fact, FactType, Period};

use super::Setting;
use crate::lexicon::Unit;
use crate::token::Amount;

/// Words about the time of a quantity and how its years are joined.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Time {
    /// Named year.
    pub(crate) year: Option<i16>,
    /// Further named years, each of which counts.
    pub(crate) more_years: Vec<i16>,
    /// Year that a growth is measured from.
    pub(crate) since_year: Option<i16>,
    /// Number of years.
    pub(crate) years: Option<u8>,
    /// Last full year, in words.
    pub(crate) last: bool,
    /// Years in a row.
    pub(crate) running: bool,
    pub(crate) sum: bool,
    pub(crate) average: bool,
    pub(crate) each: bool,
    pub(crate) some_year: bool,
}

/// Measured property of a quantity.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Measured {
    /// The quantity itself.
    Itself,
    /// Its share of another quantity.
    ShareOf(String),
    /// Its share of the usual whole.
    Share,
    /// Growth over the year before.
    Growth,
    /// Mean of the yearly growth rates.
    AverageGrowth,
    /// Compound annual growth rate.
    Cagr,
}

/// Fact, and the value of it, that `quantity` with these words means; `None` if they do not say it.
pub(super) fn resolve(
    quantity: &str,
    measured: &Measured,
    time: &Time,
    setting: Setting<'_>,
) -> Option<(String, When)> {
    match measured {
        Measured::Itself => plain(quantity, time, setting),
        Measured::Share => plain(setting.lexicon.shares.get(quantity)?, time, setting),
        Measured::ShareOf(whole) => {
            let find = |table: &[[String; 3]]| {
                table
                    .iter()
                    .find(|[part, of, _]| part == quantity && of == whole)
                    .map(|[_, _, ratio]| ratio.clone())
            };
            let joined = time.running || time.average || time.each || time.some_year;
            if time.years == Some(3)
                && !joined
                && let Some(fact) = find(&setting.lexicon.ratios_of_three_years)
            {
                return Some((fact, When::Current));
            }
            let time = Time { sum: false, ..time.clone() };
            plain(&find(&setting.lexicon.ratios)?, &time, setting)
        }
        Measured::Growth => growth(quantity, time, setting),
        Measured::AverageGrowth => {
            let fact = setting.lexicon.two_year_growths.get(quantity)?;
            (time.years == Some(2) && time.year.is_none()).then(|| (fact.clone(), When::LastYear))
        }
        Measured::Cagr => {
            let years = time.years.filter(|years| *years >= 2)?;
            yearly(quantity, setting)?;
            Some((quantity.to_owned(), When::Years(Aggregate { years, end: time.year, take: Take::Cagr })))
        }
    }
}

fn yearly<'a>(quantity: &str, setting: Setting<'a>) -> Option<&'a Fact> {
    setting.dictionary.get(quantity).filter(|fact| fact.period == Period::Year)
}

fn growth(quantity: &str, time: &Time, setting: Setting<'_>) -> Option<(String, When)> {
    yearly(quantity, setting)?;
    // 最近一年 is the last year, in words of a window.
    let of_years = time.years.is_some_and(|years| years > 1) || time.running;
    if of_years || time.average || time.some_year {
        return None;
    }
    if let (Some(last), Some(first)) = (time.year, time.since_year) {
        let named = setting
            .lexicon
            .named_growths
            .iter()
            .find(|row| row.0 == quantity && row.1 == first && row.2 == last);
        if let Some((_, _, _, fact)) = named {
            return Some((fact.clone(), When::Current));
        }
        let years = u8::try_from(last - first + 1).ok().filter(|years| (2..=50).contains(years))?;
        return Some((
            quantity.to_owned(),
            When::Years(Aggregate { years, end: Some(last), take: Take::Growth }),
        ));
    }
    if let Some(fact) = setting.lexicon.growths.get(quantity) {
        return Some((fact.clone(), time.year.map_or(When::LastYear, When::Year)));
    }
    Some((quantity.to_owned(), When::Years(Aggregate { years: 2, end: time.year, take: Take::Growth })))
}

fn plain(quantity: &str, time: &Time, setting: Setting<'_>) -> Option<(String, When)> {
    // 年平均: the mean within one year, which is a fact of its own.
    if time.average && time.years.is_none() && !time.running && !time.some_year && !time.each {
        let fact = setting.lexicon.means.get(quantity)?;
        return Some((fact.clone(), time.year.map_or(When::LastYear, When::Year)));
    }
    let fact = setting.dictionary.get(quantity).filter(|fact| fact.kind.is_number())?;
    let key = fact.key.clone();
    if fact.period == Period::Current {
        // A value of today is neither that of a year nor a mean over years.
        let timeless =
            time.year.is_none() && time.years.is_none() && !time.last && !time.average && !time.some_year;
        return (timeless && !time.running).then_some((key, When::Current));
    }
    let Some(years) = time.years else {
        let of_years = time.running || time.average || time.some_year || time.each;
        return (!of_years).then(|| (key, time.year.map_or(When::LastYear, When::Year)));
    };
    if years == 1 {
        return (!time.average && !time.some_year).then_some((key, When::LastYear));
    }
    // 连续三年累计 is a sum; 连续三年 and 每年均 are each of them.
    let each = time.each || (time.running && !time.sum && !time.average);
    let take = match (time.sum, time.average, each, time.some_year) {
        (true, false, false, false) => Take::Sum,
        (false, true, _, false) => Take::Average,
        (false, false, true, false) => Take::Min,
        (false, false, _, true) => Take::Max,
        _ => return None,
    };
    Some((key, When::Years(Aggregate { years, end: time.year, take })))
}

/// True if `amount` is in the unit of the fact and of what is measured of it.
pub(super) fn fits(amount: &Amount, fact: &str, when: When, setting: Setting<'_>) -> bool {
    let is_rate = matches!(when, When::Years(Aggregate { take: Take::Growth | Take::Cagr, .. }));
    if is_rate {
        return amount.unit == Unit::Percent;
    }
    let Some(fact) = setting.dictionary.get(fact) else { return false };
    match fact.kind {
        FactType::Money => match amount.unit {
            Unit::Yuan => true,
            Unit::None => amount.multiplier > 1,
            _ => false,
        },
        FactType::Ratio => amount.unit == Unit::Percent,
        FactType::Integer => {
            let own = match fact.unit.as_deref() {
                Some("级") => amount.unit == Unit::Level,
                Some("人") => amount.unit == Unit::People,
                Some("分") => amount.unit == Unit::Point,
                Some("项" | "件" | "个") => amount.unit == Unit::Piece,
                _ => false,
            };
            (own || amount.unit == Unit::None) && amount.value.is_integer()
        }
        FactType::Decimal => match fact.unit.as_deref() {
            Some("平方米") => amount.unit == Unit::SquareMetre,
            Some("美元") => amount.unit == Unit::Dollar,
            _ => false,
        },
        _ => false,
    }
}
