//! Sums of money and rates in a plain sentence.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::number::Number;
use zhaoren_text::numeral;

/// Kind of a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Yuan.
    Yuan,
    /// Another currency.
    Foreign,
    /// Fraction.
    Rate,
}

/// Sum or rate, or a range of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sum {
    /// Unit of both bounds.
    pub(crate) unit: Unit,
    /// Lower bound, the same as `high` for a plain number.
    pub(crate) low: Number,
    /// Upper bound.
    pub(crate) high: Number,
    /// Bytes of the plain text.
    pub(crate) place: Range<usize>,
}

/// Number with the unit that follows it, if there is one.
struct Reading {
    value: Number,
    unit: Option<Unit>,
    /// Power of ten of the unit: 4 for 万.
    scale: i8,
    place: Range<usize>,
}

/// Sums and rates of `text` in order.
pub(crate) fn sums(text: &str) -> Vec<Sum> {
    let mut found: Vec<Sum> = Vec::new();
    // Numbers without a unit of their own, which have that of the next: 10、20、30万元, 20-80万元.
    let mut open: Vec<Reading> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        poll();
        let Some(reading) = reading(text, at) else {
            // The rest of a numeral that could not be read is no number of its own.
            let rest = text.get(at..).unwrap_or_default();
            at += run(rest, numeral::is_numeral).len().max(next_char(text, at));
            continue;
        };
        at = reading.place.end;
        let continues = open.last().is_some_and(|last| {
            matches!(
                text.get(last.place.end..reading.place.start),
                Some("、" | "-" | "至" | "到" | "，" | "和" | "或")
            )
        });
        if !continues {
            open.clear();
        }
        let Some(unit) = reading.unit else {
            open.push(reading);
            continue;
        };
        let scale = reading.scale;
        for earlier in open.drain(..) {
            let lone = earlier.scale == 0;
            let value = if lone { scaled(&earlier.value, scale) } else { earlier.value };
            found.push(Sum { unit, low: value.clone(), high: value, place: earlier.place });
        }
        let value = reading.value;
        found.push(Sum { unit, low: value.clone(), high: value, place: reading.place });
    }
    ranges(text, found)
}

/// Joins two sums around a dash or 至 into one range.
fn ranges(text: &str, sums: Vec<Sum>) -> Vec<Sum> {
    let mut joined: Vec<Sum> = Vec::new();
    for sum in sums {
        if let Some(last) = joined.last_mut()
            && last.unit == sum.unit
            && last.low == last.high
            && last.high <= sum.high
            && matches!(text.get(last.place.end..sum.place.start), Some("-" | "--" | "至" | "到"))
        {
            last.high = sum.high;
            last.place.end = sum.place.end;
            continue;
        }
        joined.push(sum);
    }
    joined
}

fn next_char(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

fn scaled(value: &Number, scale: i8) -> Number {
    let factor = match u32::try_from(scale) {
        Ok(scale) => Some(Number::from(10).pow(scale)),
        Err(_) => Number::decimal(1, -scale),
    };
    factor.map_or_else(|| value.clone(), |factor| value.times(&factor))
}

/// Number at byte `at`, with its unit.
fn reading(text: &str, at: usize) -> Option<Reading> {
    let rest = text.get(at..)?;
    fraction(rest, at).or_else(|| digits(text, rest, at)).or_else(|| chinese(rest, at))
}

/// 百分之三十, 三分之一, 1:1.
fn fraction(rest: &str, at: usize) -> Option<Reading> {
    let rate = |value: Number, length: usize| Reading {
        value,
        unit: Some(Unit::Rate),
        scale: 0,
        place: at..at + length,
    };
    if let Some(percent) = rest.strip_prefix("百分之") {
        let run = run(percent, numeral::is_numeral);
        let value = numeral::parse(run)?;
        return Some(rate(scaled(&Number::from(i64::try_from(value).ok()?), -2), "百分之".len() + run.len()));
    }
    let below = run(rest, |c| numeral::digit(c).is_some());
    let behind = rest.get(below.len()..)?;
    if let Some(above) = behind.strip_prefix("分之") {
        let above = run(above, |c| numeral::digit(c).is_some());
        let (below_value, above_value) = (numeral::parse(below)?, numeral::parse(above)?);
        let value = Number::from(i64::try_from(above_value).ok()?)
            .checked_div(&Number::from(i64::try_from(below_value).ok()?))?;
        return Some(rate(value, below.len() + "分之".len() + above.len()));
    }
    let other = behind.strip_prefix(':').map(|other| run(other, |c| c.is_ascii_digit() || c == '.'))?;
    if below.len() > 30 || other.len() > 30 {
        return None;
    }
    let (left, right) = (Number::parse(below)?, Number::parse(other)?);
    // 1:0.5 pays half of what the higher level pays.
    let value = right.checked_div(&left)?;
    Some(rate(value, below.len() + 1 + other.len()))
}

/// 500, 1.5万元, 30%.
fn digits(text: &str, rest: &str, at: usize) -> Option<Reading> {
    let number = run(rest, |c| c.is_ascii_digit() || c == '.');
    let number = number.trim_end_matches('.');
    if !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    // Within a word such as A1000 or a longer number it is none.
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    if before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.') {
        return None;
    }
    // No sum of money has more digits.
    let value = Some(number).filter(|number| number.len() <= 30).and_then(Number::parse)?;
    with_unit(value, rest.get(number.len()..)?, at, number.len())
}

/// 五十万元.
fn chinese(rest: &str, at: usize) -> Option<Reading> {
    let word = run(rest, numeral::is_numeral);
    let behind = rest.get(word.len()..)?;
    if word.is_empty()
        || !(behind.starts_with('元') || behind.starts_with("美元") || behind.starts_with("余元"))
    {
        return None;
    }
    let value = numeral::parse(word)?;
    with_unit(Number::from(i64::try_from(value).ok()?), behind, at, word.len())
}

fn with_unit(value: Number, behind: &str, at: usize, length: usize) -> Option<Reading> {
    const SCALES: [(&str, i8); 7] =
        [("万亿", 12), ("千亿", 11), ("百亿", 10), ("亿", 8), ("千万", 7), ("百万", 6), ("万", 4)];
    const YUAN: [&str; 4] = ["元人民币", "人民币", "元", "块"];
    const FOREIGN: [&str; 5] = ["美元", "港元", "港币", "欧元", "日元"];
    if behind.starts_with('%') {
        let place = at..at + length + 1;
        return Some(Reading { value: scaled(&value, -2), unit: Some(Unit::Rate), scale: -2, place });
    }
    if behind.starts_with('‰') {
        let place = at..at + length + '‰'.len_utf8();
        return Some(Reading { value: scaled(&value, -3), unit: Some(Unit::Rate), scale: -3, place });
    }
    let scale = SCALES.iter().find(|(word, _)| behind.starts_with(word));
    let (word, scale) = scale.map_or(("", 0), |(word, scale)| (*word, *scale));
    let word = if scale == 0 && behind.starts_with("千元") { "千" } else { word };
    let scale = if word == "千" { 3 } else { scale };
    let behind = behind.get(word.len()..)?;
    let unit = match (
        YUAN.iter().find(|unit| behind.starts_with(**unit)),
        FOREIGN.iter().find(|unit| behind.starts_with(**unit)),
    ) {
        (Some(unit), _) => Some((Unit::Yuan, unit.len())),
        (None, Some(unit)) => Some((Unit::Foreign, unit.len())),
        _ => None,
    };
    let end = at + length + word.len();
    let value = scaled(&value, scale);
    Some(match unit {
        Some((unit, wide)) => Reading { value, unit: Some(unit), scale, place: at..end + wide },
        None => Reading { value, unit: None, scale, place: at..end },
    })
}

/// Beginning of `text` whose characters all satisfy `is`.
fn run(text: &str, is: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c: char| !is(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        sums(text)
            .iter()
            .map(|sum| {
                let unit = match sum.unit {
                    Unit::Yuan => "元",
                    Unit::Foreign => "外币",
                    Unit::Rate => "",
                };
                match sum.low == sum.high {
                    true => format!("{}{unit}", sum.low),
                    false => format!("{}-{}{unit}", sum.low, sum.high),
                }
            })
            .collect()
    }

    #[test]
    fn sums_in_every_spelling() {
        assert_eq!(read("奖励50万元、1.5亿元，五十万元"), ["500000元", "150000000元", "500000元"]);
        assert_eq!(read("分别给予10、20、30万元"), ["100000元", "200000元", "300000元"]);
        assert_eq!(read("20-80万元，20万元至80万元"), ["200000-800000元", "200000-800000元"]);
        assert_eq!(
            read("100%、70%、50%，5%-20%，百分之三十，三分之一"),
            ["1", "0.7", "0.5", "0.05-0.2", "0.3", "0.3333333333"]
        );
        assert_eq!(read("按1:1配套，1:0.5"), ["1", "0.5"]);
        assert_eq!(read("1000万美元、3000万美元"), ["10000000外币", "30000000外币"]);
        assert_eq!(read("第3项，2026年，15家"), Vec::<String>::new());
        assert_eq!(read("3千元，5百万元，2000元"), ["3000元", "5000000元", "2000元"]);
    }
}
