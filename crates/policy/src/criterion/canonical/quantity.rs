//! Numbers, lengths of time and days as the canonical form has them.

use jiff::civil::Date;

use super::source::digits;
use crate::calendar::{CalendarSpan, SpanUnit, chinese_date, parse_date};
use crate::criterion::render::describe_money;
use crate::fact::{Fact, FactType};
use crate::number::Number;

/// A threshold of `fact`; a rate is a percentage whatever the fact is.
pub(super) fn write_number(number: &Number, fact: &Fact, rate: bool) -> String {
    let percent = || format!("{}%", digits(&number.times(&Number::from(100))));
    match fact.kind {
        _ if rate => percent(),
        FactType::Ratio => percent(),
        FactType::Money => {
            let text = describe_money(number);
            // Parts of a cent are not rounded away.
            match read_number(&text, fact, fact.kind, false) {
                Some((same, "")) if same == *number => text,
                _ => format!("{}元", digits(number)),
            }
        }
        _ => format!("{}{}", digits(number), fact.unit.as_deref().unwrap_or("")),
    }
}

/// The threshold at the start of `text`, as a fact of type `kind` has it, and what follows it.
pub(super) fn read_number<'t>(
    text: &'t str,
    fact: &Fact,
    kind: FactType,
    rate: bool,
) -> Option<(Number, &'t str)> {
    let (number, rest) = plain_number(text)?;
    let scaled = |rest: &'t str, factor: i64| Some((number.times(&Number::from(factor)), rest));
    if let Some(rest) = rest.strip_prefix('%') {
        // A percentage of something that is no rate would be read as a hundredth of it.
        let fits = rate || matches!(kind, FactType::Ratio | FactType::Decimal);
        return number.over(&Number::from(100)).filter(|_| fits).map(|number| (number, rest));
    }
    if kind == FactType::Money && !rate {
        for (unit, factor) in [("亿元", 100_000_000), ("万元", 10_000), ("元", 1)] {
            if let Some(rest) = rest.strip_prefix(unit) {
                return scaled(rest, factor);
            }
        }
    }
    let unit = fact.unit.as_deref().unwrap_or("");
    let rest = if rate { rest } else { rest.strip_prefix(unit).unwrap_or(rest) };
    scaled(rest, 1)
}

/// A decimal number at the start of `text`, with or without separators of thousands.
pub(super) fn plain_number(text: &str) -> Option<(Number, &str)> {
    let is_part = |(at, letter): &(usize, char)| {
        letter.is_ascii_digit() || matches!(letter, '.' | ',') || (*at == 0 && *letter == '-')
    };
    let end = text.char_indices().take_while(is_part).last().map(|(at, letter)| at + letter.len_utf8())?;
    let (digits, rest) = text.split_at_checked(end)?;
    Some((Number::parse(&digits.replace(',', ""))?, rest))
}

/// A whole number at the start of `text`, in digits or in Chinese up to 九十九; and what follows it.
pub(super) fn count(text: &str) -> Option<(u32, &str)> {
    let end = text.chars().take_while(char::is_ascii_digit).count();
    if end > 0 {
        let (digits, rest) = text.split_at_checked(end)?;
        return Some((digits.parse().ok()?, rest));
    }
    const DIGITS: &str = "零一二三四五六七八九";
    let digit = |letter: char| {
        let letter = if letter == '两' { '二' } else { letter };
        DIGITS.chars().position(|other| other == letter).and_then(|at| u32::try_from(at).ok())
    };
    let mut letters = text.chars().peekable();
    let tens = letters.peek().copied().and_then(digit);
    if tens.is_some() {
        letters.next();
    }
    let number = if letters.peek() == Some(&'十') {
        letters.next();
        let ones = letters.peek().copied().and_then(digit);
        if ones.is_some() {
            letters.next();
        }
        tens.unwrap_or(1) * 10 + ones.unwrap_or(0)
    } else {
        tens?
    };
    let left: usize = letters.map(char::len_utf8).sum();
    Some((number, text.get(text.len() - left..)?))
}

/// A length of time at the start of `text`, and what follows it.
pub(super) fn read_span(text: &str) -> Option<(CalendarSpan, &str)> {
    let (count, rest) = count(text)?;
    let units = [
        ("个自然月", SpanUnit::Months),
        ("个月", SpanUnit::Months),
        ("周年", SpanUnit::Years),
        ("年", SpanUnit::Years),
        ("个日历天", SpanUnit::Days),
        ("天", SpanUnit::Days),
        ("日", SpanUnit::Days),
    ];
    let (rest, unit) = units.iter().find_map(|(word, unit)| Some((rest.strip_prefix(word)?, *unit)))?;
    (count <= 10_000).then_some((CalendarSpan { count, unit }, rest))
}

/// A day. The four digits of a year are always written.
pub(super) fn write_day(day: Date) -> String {
    if day.year() >= 1000 { chinese_date(day) } else { day.to_string() }
}

/// A day at the start of `text`, as 2024年2月29日 or 2024-02-29; and what follows it.
pub(super) fn read_day(text: &str) -> Option<(Date, &str)> {
    if let Some((day, rest)) =
        text.split_at_checked(10).and_then(|(day, rest)| Some((parse_date(day)?, rest)))
    {
        return Some((day, rest));
    }
    let (year, rest) = count(text)?;
    let (month, rest) = count(rest.strip_prefix('年')?)?;
    let (day, rest) = count(rest.strip_prefix('月')?)?;
    let small = |number: u32| i8::try_from(number).ok();
    let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    Some((date, rest.strip_prefix('日')?))
}
