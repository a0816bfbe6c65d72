//! Words about the years of a quantity: 近三年累计, 2024年度、2025年度, 截至上年末.

use zhaoren_cancel::poll;
use zhaoren_policy::calendar::SpanUnit;

use super::Parser;
use super::resolve::{Measured, Time};
use crate::class::Class;
use crate::lexicon::Unit;
use crate::token::Kind;

/// Words without effect before a quantity, and behind it.
const LEADING: [Class; 4] = [Class::Filler, Class::Among, Class::OfPeriod, Class::Have];
const FOLLOWING: [Class; 4] = [Class::Amount, Class::Filler, Class::Must, Class::Inside];

/// Words for the year that a quantity is of, where no year is named beside them.
const THIS_YEAR: [&str; 3] = ["当年", "当期", "同年"];

impl Parser<'_> {
    /// Words about years, before a quantity or behind it.
    pub(super) fn time_words(&mut self, time: &mut Time, leading: bool) -> Option<()> {
        loop {
            poll();
            if leading
                && time.year.is_none()
                && let Some(year) = self.whole_year()
            {
                time.year = Some(year);
                continue;
            }
            match self.kind(0) {
                Some(Kind::Year(year)) => {
                    if time.year.is_some() {
                        return Some(());
                    }
                    time.year = Some(*year);
                    self.at += 1;
                    self.further_years(time)?;
                    continue;
                }
                Some(Kind::Amount(_)) if leading && time.year.is_none() && self.bare_year().is_some() => {
                    time.year = self.bare_year();
                    self.at += 1;
                    self.further_years(time)?;
                    continue;
                }
                Some(Kind::Window { span, running }) if span.unit == SpanUnit::Years => {
                    if time.years.is_some() {
                        return Some(());
                    }
                    time.years = u8::try_from(span.count).ok();
                    time.running |= *running;
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            // 截至上年末，…
            let timed = time.last || time.year.is_some() || time.years.is_some();
            if leading && timed && self.mark('，') {
                continue;
            }
            if time.years.is_some() && self.kind(0) == Some(&Kind::Mark('（')) && self.named_years() {
                continue;
            }
            if leading && self.is(0, Class::OfPeriod) && self.is_word(&THIS_YEAR) {
                // 当年 is the year named before; by itself it is the year that runs, whose value is not known yet.
                let named = self.context.as_ref().map(|before| &before.time);
                let named = named.filter(|before| before.last || before.year.is_some())?;
                time.last |= named.last;
                time.year = time.year.or(named.year);
                self.at += 1;
                continue;
            }
            if self.take(Class::SomeYear) {
                time.some_year = true;
            } else if self.take(Class::Average) {
                time.average = true;
            } else if self.is(0, Class::Sum) && (time.years.is_some() || !self.is(0, Class::Amount)) {
                self.at += 1;
                time.sum = true;
            } else if self.is(0, Class::Each) {
                let is_both = self.is(0, Class::Both);
                self.at += 1;
                time.each |= time.years.is_some() || !is_both;
            } else if self.take(Class::LastYear) {
                time.last = true;
            } else if !self.take_any(if leading { &LEADING } else { &FOLLOWING }) {
                return Some(());
            }
        }
    }

    /// 2025年1月1日至2025年12月31日期间: a calendar year by its first and last day.
    fn whole_year(&mut self) -> Option<i16> {
        let Kind::Day { day: first, .. } = self.kind(0)? else { return None };
        let joined = self.is(1, Class::To) || self.kind(1) == Some(&Kind::Mark('-'));
        let last = match self.kind(2)? {
            Kind::Day { day, month_only: true } => day.last_of_month(),
            Kind::Day { day, month_only: false } => *day,
            _ => return None,
        };
        let year = first.year();
        let whole = first.day_of_year() == 1 && last == first.last_of_year();
        if !(joined && whole) {
            return None;
        }
        self.at += 3;
        self.skip(&[Class::Period, Class::Inside]);
        Some(year)
    }

    /// Year without the word for it, before a list of years: 2024、2025年度.
    fn bare_year(&self) -> Option<i16> {
        let Some(Kind::Amount(amount)) = self.kind(0) else { return None };
        let joined = matches!(self.kind(1), Some(Kind::Mark('、' | '-')))
            || self.is(1, Class::And)
            || self.is(1, Class::To);
        let year = i16::try_from(amount.value.to_i64()?).ok()?;
        let names_year = matches!(self.kind(2), Some(Kind::Year(_)));
        (joined && names_year && amount.unit == Unit::None && (1990..=2100).contains(&year)).then_some(year)
    }

    /// 2024年度、2025年度, 2023年至2025年: the years behind the first; `None` if they are in no order.
    fn further_years(&mut self, time: &mut Time) -> Option<()> {
        let first = time.year?;
        if self.is(0, Class::To) || self.kind(0) == Some(&Kind::Mark('-')) {
            let Some(Kind::Year(last)) = self.kind(1) else { return Some(()) };
            let last = *last;
            self.at += 2;
            time.years = Some(u8::try_from(last - first + 1).ok().filter(|years| (2..=50).contains(years))?);
            time.year = Some(last);
            return Some(());
        }
        loop {
            poll();
            let before = self.at;
            let joined = self.mark('、') || self.take(Class::And);
            match self.kind(0) {
                Some(Kind::Year(year)) if joined => time.more_years.push(*year),
                _ => {
                    self.at = before;
                    return Some(());
                }
            }
            self.at += 1;
        }
    }

    /// （2023至2025年）, （2023年、2024年、2025年）: says again which years are meant.
    fn named_years(&mut self) -> bool {
        let before = self.at;
        self.at += 1;
        while matches!(self.kind(0), Some(Kind::Year(_) | Kind::Mark('、' | '-')))
            || self.is(0, Class::To)
            || matches!(self.kind(0), Some(Kind::Amount(amount)) if amount.unit == Unit::None)
        {
            poll();
            self.at += 1;
        }
        let closed = self.mark('）');
        if !closed {
            self.at = before;
        }
        closed
    }

    /// Years of the phrase before, for a rate or a condition on every year that names none.
    pub(super) fn inherit_time(&self, measured: &Measured, time: &mut Time) {
        let is_over_years = *measured == Measured::Cagr || time.each;
        if time.years.is_none()
            && time.year.is_none()
            && is_over_years
            && let Some(before) = &self.context
        {
            time.years = before.time.years;
        }
    }

    pub(super) fn time_follows(&self) -> bool {
        [
            Class::Share,
            Class::Growth,
            Class::AverageGrowth,
            Class::Cagr,
            Class::Amount,
            Class::Average,
            Class::Sum,
        ]
        .iter()
        .any(|class| self.is(1, *class))
    }
}

/// The named years one by one; joined where they are summed or averaged.
pub(super) fn each_year(time: &Time) -> Option<Vec<Time>> {
    if time.more_years.is_empty() {
        return Some(vec![time.clone()]);
    }
    let mut years: Vec<i16> = time.year.into_iter().chain(time.more_years.iter().copied()).collect();
    years.sort_unstable();
    years.dedup();
    let one = |year: i16| Time { year: Some(year), more_years: Vec::new(), each: false, ..time.clone() };
    if !(time.sum || time.average || time.some_year) {
        return Some(years.into_iter().map(one).collect());
    }
    let (first, last) = (*years.first()?, *years.last()?);
    let span = u8::try_from(last - first + 1).ok()?;
    let joined = Time { years: Some(span), ..one(last) };
    (usize::from(span) == years.len()).then(|| vec![joined])
}
