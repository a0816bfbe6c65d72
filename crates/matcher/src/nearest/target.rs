//! Finds the value of a class that is nearest to the known value.

#![expect(clippy::indexing_slicing, reason = "the codes of a class are those of its column")]

use jiff::ToSpan;
use jiff::civil::Date;
use zhaoren_policy::code::Code;
use zhaoren_policy::fact::{Fact, FactType, Knowledge, Value};
use zhaoren_policy::number::Number;

use crate::compiled::{CodeSet, Column, Space};

/// Value nearest to `known` among those with a code in `codes`; `None` if no value can be named.
pub(crate) fn target(
    column: &Column,
    codes: &CodeSet,
    known: &Knowledge,
    fact: Option<&Fact>,
) -> Option<Value> {
    match &column.space {
        Space::Truth => codes.as_single().map(|code| Value::Bool(code == 1)),
        Space::Numbers { .. } => number(column, codes, known, step(fact)).map(Value::Number),
        Space::Days(days) => day(days, codes, known).map(Value::Date),
        Space::Tree { nodes, system, .. } => codes
            .ranges()
            .iter()
            .flat_map(|(first, last)| *first..=*last)
            .filter_map(|code| {
                let node = code.checked_sub(1).map(|at| nodes[at as usize].clone());
                node.or_else(|| {
                    let fits = |other: &Code| column.space.code(&Value::Code(other.clone())) == Some(0);
                    Code::representatives(nodes, *system).into_iter().find(fits)
                })
            })
            // Codes mentioned in the criteria are preferred.
            .max_by_key(|code| nodes.contains(code))
            .map(Value::Code),
        Space::Texts(texts) => {
            let named = codes.ranges().iter().flat_map(|(first, last)| *first..=*last).find(|code| *code > 0);
            match named {
                Some(code) => Some(texts[code as usize - 1].clone()),
                None => fact
                    .and_then(|fact| fact.values.iter().find(|value| !texts.contains(value)).cloned())
                    .or_else(|| Some("其他".to_owned()).filter(|other| !texts.contains(other))),
            }
            .map(Value::Text)
        }
    }
}

/// Smallest change of a number to suggest: one for whole numbers and for yuan, a hundredth of a percent for ratios.
fn step(fact: Option<&Fact>) -> Number {
    let kind = fact.map(|fact| fact.kind);
    let text = match kind {
        Some(FactType::Ratio) => "0.0001",
        Some(FactType::Decimal) => "0.01",
        _ => "1",
    };
    Number::parse(text).unwrap_or_else(|| Number::from(1))
}

fn number(column: &Column, codes: &CodeSet, known: &Knowledge, step: Number) -> Option<Number> {
    let (low, high) = known.bounds();
    let candidates = codes.ranges().iter().filter_map(|(first, last)| {
        let (from, until) = column.space.number_bounds(*first, *last)?;
        // From a known value, the nearer bound; for an unknown one, the required bound.
        let least = from
            .as_ref()
            .map(|(at, open)| if *open { inside(at, until.as_ref(), &step) } else { at.clone() });
        let most = until.as_ref().map(|(at, open)| {
            let back = Number::zero().minus(&step);
            if *open { inside(at, from.as_ref(), &back) } else { at.clone() }
        });
        Some(match (least, most) {
            (None, None) => low.clone().or_else(|| high.clone()).unwrap_or_else(Number::zero),
            (Some(least), None) => low.clone().filter(|low| *low > least).unwrap_or(least),
            (None, Some(most)) => high.clone().filter(|high| *high < most).unwrap_or(most),
            (Some(least), Some(most)) => match (&low, &high) {
                (_, Some(high)) if *high <= least => least,
                (Some(low), _) if *low >= most => most,
                (Some(low), _) if *low > least => low.clone(),
                _ => least,
            },
        })
    });
    let away = |value: &Number| match (&low, &high) {
        (Some(low), _) if value < low => low.minus(value),
        (_, Some(high)) if value > high => value.minus(high),
        _ => Number::zero(),
    };
    candidates.min_by(|a, b| away(a).cmp(&away(b)).then_with(|| a.abs().cmp(&b.abs())))
}

/// Number one `step` inside an exclusive bound, or halfway to the other bound if that is nearer.
fn inside(end: &Number, other: Option<&(Number, bool)>, step: &Number) -> Number {
    let moved = end.plus(step);
    match other {
        Some((other, _))
            if (step.is_positive() && moved >= *other) || (step.is_negative() && moved <= *other) =>
        {
            end.midpoint(other)
        }
        _ => moved,
    }
}

fn day(days: &[Date], codes: &CodeSet, known: &Knowledge) -> Option<Date> {
    let (low, high) = match known {
        Knowledge::Exactly(Value::Date(day)) => (Some(*day), Some(*day)),
        Knowledge::Within { low, high } => {
            let day = |end: &Option<Value>| match end {
                Some(Value::Date(day)) => Some(*day),
                _ => None,
            };
            (day(low), day(high))
        }
        _ => (None, None),
    };
    let candidates = codes.ranges().iter().filter_map(|(first, last)| {
        let from = first.checked_sub(1).map(|at| days[at as usize]);
        // Behind the last code there is no day: that side is open.
        let until = days.get(*last as usize).and_then(|day| day.yesterday().ok());
        Some(match (from, until) {
            (None, None) => low.or(high)?,
            (Some(from), None) => low.map_or(from, |low| low.max(from)),
            (None, Some(until)) => high.map_or(until, |high| high.min(until)),
            (Some(from), Some(until)) => match (low, high) {
                (Some(low), _) if low > until => until,
                (Some(low), _) => low.max(from),
                (None, Some(high)) => high.clamp(from, until),
                (None, None) => until,
            },
        })
    });
    let away = |day: &Date| {
        let days = |a: Date, b: Date| a.until(b).map_or(i32::MAX, |span| span.get_days());
        match (low, high) {
            (Some(low), _) if *day < low => days(*day, low),
            (_, Some(high)) if *day > high => days(high, *day),
            _ => 0,
        }
    };
    candidates.min_by_key(away)
}

/// Distance of a change, from 0 to 1000: for numbers relative to the greater of the two, for dates a tenth of the days, otherwise
/// the maximum.
pub(crate) fn distance(known: &Knowledge, to: &Value) -> u32 {
    let whole = 1000;
    match (known, to) {
        (Knowledge::Exactly(Value::Number(from)), Value::Number(to)) => {
            let larger = from.abs().max(to.abs());
            let share = to.minus(from).abs().times(&Number::from(whole)).checked_div(&larger);
            share
                .and_then(|share| share.ceil().to_i64())
                .and_then(|share| u32::try_from(share).ok())
                .map_or(1000, |share| share.clamp(1, 1000))
        }
        (Knowledge::Exactly(Value::Date(from)), Value::Date(to)) => {
            let days = from.until(*to).map_or(i32::MAX, |span| span.get_days()).unsigned_abs();
            (days / 10).clamp(1, 1000)
        }
        (Knowledge::Exactly(_), _) => 1000,
        // Resolving an unknown costs less than a change.
        _ => 500,
    }
}

/// Date `days` days later.
pub(crate) fn add_days(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}
