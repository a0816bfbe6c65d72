//! Numbers, spans of time and days in the canonical form.

use jiff::civil::Date;
use zhaoren_cancel::steps;

use super::source::digits;
use crate::calendar::{CalendarSpan, SpanUnit, chinese_date, parse_date};
use crate::criterion::render::describe_money;
use crate::fact::{Fact, FactType};
use crate::number::Number;

/// Threshold of `fact`; a rate is written as a percentage for any fact.
pub(super) fn write_number(number: &Number, fact: &Fact, rate: bool) -> String {
    let percent = || format!("{}%", digits(&number.times(&Number::from(100))));
    match fact.kind {
        _ if rate => percent(),
        FactType::Ratio => percent(),
        FactType::Money => {
            let text = describe_money(number);
            // Fractions of a cent are not rounded away.
            match read_number(&text, fact, fact.kind, false) {
                Some((same, "")) if same == *number => text,
                _ => format!("{}元", digits(number)),
            }
        }
        _ => format!("{}{}", digits(number), fact.unit.as_deref().unwrap_or("")),
    }
}

/// Threshold at the start of `text` for a fact of type `kind`, and the rest.
pub(in crate::criterion) fn read_number<'t>(
    text: &'t str,
    fact: &Fact,
    kind: FactType,
    rate: bool,
) -> Option<(Number, &'t str)> {
    let in_words = |text| count(text).map(|(number, rest)| (Number::from(i64::from(number)), rest));
    let (number, rest) = plain_number(text).or_else(|| in_words(text))?;
    let (number, rest) = with_unit(number, rest, fact, kind, rate)?;
    // A number with more digits than a loaded number would be rounded when written.
    (Number::parse(&digits(&number)).as_ref() == Some(&number)).then_some((number, rest))
}

fn with_unit<'t>(
    number: Number,
    rest: &'t str,
    fact: &Fact,
    kind: FactType,
    rate: bool,
) -> Option<(Number, &'t str)> {
    if let Some(rest) = rest.strip_prefix(['%', '％']) {
        // A percentage of a fact that is no rate would be read as a hundredth.
        let fits = rate || matches!(kind, FactType::Ratio | FactType::Decimal);
        return number.checked_div(&Number::from(100)).filter(|_| fits).map(|number| (number, rest));
    }
    if rate || kind == FactType::Ratio {
        // 20 more often means 20% than 2000%.
        return (number.abs() < Number::from(1)).then_some((number, rest));
    }
    if kind == FactType::Money {
        let unit = [("亿元", 100_000_000), ("万元", 10_000), ("元", 1)]
            .into_iter()
            .find_map(|(unit, factor)| Some((rest.strip_prefix(unit)?, factor)));
        // Tables in guides are in 万元: an amount without its unit is ambiguous.
        return match unit {
            Some((rest, factor)) => Some((number.times(&Number::from(factor)), rest)),
            None => (number == Number::zero()).then_some((number, rest)),
        };
    }
    let unit = fact.unit.as_deref().unwrap_or("");
    Some((number, rest.strip_prefix(unit).unwrap_or(rest)))
}

/// Digit of a character, in either width.
fn digit(letter: char) -> Option<char> {
    match letter {
        '0'..='9' => Some(letter),
        '０'..='９' => char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0')),
        _ => None,
    }
}

/// Decimal number at the start of `text`, with or without thousands separators.
pub(super) fn plain_number(text: &str) -> Option<(Number, &str)> {
    let part = |(at, letter): (usize, char)| {
        let plain = match letter {
            '-' if at == 0 => Some('-'),
            '.' | '．' => Some('.'),
            ',' => Some(','),
            _ => digit(letter),
        };
        plain.map(|plain| (plain, at + letter.len_utf8()))
    };
    let mut parts: Vec<(char, usize)> = text.char_indices().map_while(part).collect();
    steps(parts.len() as u64);
    // Marks after the last digit belong to the sentence.
    while parts.last().is_some_and(|(letter, _)| matches!(letter, '.' | ',')) {
        parts.pop();
    }
    let (_, end) = *parts.last()?;
    let plain: String = parts.into_iter().map(|(letter, _)| letter).collect();
    let number = Number::parse(&without_separators(&plain)?)?;
    Some((number, text.get(end..)?))
}

/// Digits without thousands separators; `None` if those do not separate thousands.
fn without_separators(digits: &str) -> Option<String> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut groups = whole.trim_start_matches('-').split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let sound =
        rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3));
    (sound && !fraction.contains(',')).then(|| digits.replace(',', ""))
}

/// Whole number at the start of `text`, in digits or in Chinese up to 九十九, and the rest.
pub(super) fn count(text: &str) -> Option<(u32, &str)> {
    let plain: String = text.chars().map_while(digit).collect();
    steps(plain.len() as u64);
    if !plain.is_empty() {
        let rest = text.trim_start_matches(|letter| digit(letter).is_some());
        return Some((plain.parse().ok()?, rest));
    }
    const DIGITS: &str = "零一二三四五六七八九";
    let word = |letter: char| {
        let letter = if letter == '两' { '二' } else { letter };
        DIGITS.chars().position(|other| other == letter).and_then(|at| u32::try_from(at).ok())
    };
    // At most three characters: 九十九.
    let digit_word = |text| {
        let mut letters = str::chars(text);
        Some((letters.next().and_then(word)?, letters.as_str()))
    };
    let (tens, rest) = digit_word(text).map_or((None, text), |(tens, rest)| (Some(tens), rest));
    match rest.strip_prefix('十') {
        Some(rest) => {
            let (ones, rest) = digit_word(rest).unwrap_or((0, rest));
            Some((tens.unwrap_or(1) * 10 + ones, rest))
        }
        None => Some((tens?, rest)),
    }
}

/// Span of time at the start of `text`, and the rest.
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

/// Text of a day. Four digits of the year are always written.
pub(super) fn write_day(day: Date) -> String {
    if day.year() >= 1000 { chinese_date(day) } else { day.to_string() }
}

/// Day at the start of `text`, as 2024年2月29日 or 2024-02-29, and the rest.
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
