//! Tokens (词元) of a condition: words of the lexicon, numbers with their units, spans of time, dates and marks.

use jiff::civil::Date;
use zhaoren_cancel::poll;
use zhaoren_policy::calendar::{CalendarSpan, SpanUnit};
use zhaoren_policy::number::Number;
use zhaoren_text::numeral::{digit, is_numeral, parse, parse_percent};

use crate::class::Class;
use crate::lexicon::{Lexicon, Meaning, Unit};
use crate::sign::Sign;

/// Token with the signs that it covers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// Kind of a token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Entry of the lexicon.
    Word(usize),
    /// Number with its unit.
    Amount(Amount),
    /// Length of time: 3年, 12个月.
    Length(CalendarSpan),
    /// Window of time up to now: 近三年; `running` for 连续三年.
    Window { span: CalendarSpan, running: bool },
    /// Day, or the first day of a month.
    Day { day: Date, month_only: bool },
    /// Calendar year: 2025年度.
    Year(i16),
    /// Tax credit grade.
    Grade(char),
    /// Title of a document or its number.
    Reference,
    /// Punctuation.
    Mark(char),
    /// Sign outside the lexicon.
    Other(char),
}

/// Number with its unit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Amount {
    pub(crate) value: Number,
    pub(crate) unit: Unit,
    /// Multiplier at its end: 1, 万 or 亿.
    pub(crate) multiplier: u64,
}

/// Tokens of `signs[from..to]`.
pub(crate) fn tokens(signs: &[Sign], from: usize, to: usize, lexicon: &Lexicon) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = from;
    while at < to {
        poll();
        let rest = signs.get(at..to).unwrap_or_default();
        let (kind, length) = next(rest, lexicon, before_is_letter(signs, at, from));
        tokens.push(Token { kind, from: at, to: at + length });
        at += length.max(1);
    }
    tokens
}

fn before_is_letter(signs: &[Sign], at: usize, from: usize) -> bool {
    at > from && signs.get(at - 1).is_some_and(|sign| sign.c.is_ascii_alphanumeric())
}

/// Token at the start of `rest` with its length; the longest reading wins, and of two equals the one of a number or a time.
fn next(rest: &[Sign], lexicon: &Lexicon, after_letter: bool) -> (Kind, usize) {
    let readings =
        [window(rest, lexicon), day(rest), year(rest), length(rest), amount(rest, lexicon), reference(rest)];
    let word = lexicon.longest(rest).map(|(entry, length)| (Kind::Word(entry), length));
    let mut best: Option<(Kind, usize)> = None;
    for reading in readings.into_iter().chain([word]).flatten() {
        if best.as_ref().is_none_or(|(_, length)| reading.1 > *length) {
            best = Some(reading);
        }
    }
    if let Some(best) = best {
        return best;
    }
    let c = char_at(rest, 0);
    if c.is_ascii_uppercase() && !after_letter && !char_at(rest, 1).is_ascii_alphanumeric() {
        return (Kind::Grade(c), if char_at(rest, 1) == '级' { 2 } else { 1 });
    }
    let is_mark =
        matches!(c, '，' | '、' | '；' | '：' | '。' | '（' | '）' | '-' | '\n' | '《' | '》' | '/');
    (if is_mark { Kind::Mark(c) } else { Kind::Other(c) }, 1)
}

fn char_at(rest: &[Sign], at: usize) -> char {
    rest.get(at).map_or('\0', |sign| sign.c)
}

fn starts(rest: &[Sign], at: usize, word: &str) -> bool {
    let mut place = at;
    word.chars().all(|c| {
        let same = char_at(rest, place) == c;
        place += 1;
        same
    })
}

/// Most signs of one numeral.
const MOST_DIGITS: usize = 24;

/// Digits and multipliers at `at`: the number, its last multiplier, and the end.
fn numeral(rest: &[Sign], at: usize) -> Option<(Number, u64, usize)> {
    let mut end = at;
    let mut point = None;
    while end - at < MOST_DIGITS {
        let c = char_at(rest, end);
        if c == '.' && point.is_none() && end > at && char_at(rest, end + 1).is_ascii_digit() {
            point = Some(end);
        } else if !is_numeral(c) {
            break;
        }
        end += 1;
    }
    let text = |from: usize, to: usize| -> String {
        rest.get(from..to).unwrap_or_default().iter().map(|sign| sign.c).collect()
    };
    if end == at {
        return None;
    }
    let multiplier = match char_at(rest, end - 1) {
        '万' => 10_000,
        '亿' => 100_000_000,
        _ => 1,
    };
    let value = match point {
        None => Number::from(i64::try_from(parse(&text(at, end))?).ok()?),
        Some(point) => {
            let mut decimals = point + 1;
            while decimals < end && char_at(rest, decimals).is_ascii_digit() {
                decimals += 1;
            }
            let mut value = Number::parse(&text(at, decimals))?;
            for place in decimals..end {
                let factor = match char_at(rest, place) {
                    '百' => 100,
                    '千' => 1000,
                    '万' => 10_000,
                    '亿' => 100_000_000,
                    _ => return None,
                };
                value = value.times(&Number::from(factor));
            }
            value
        }
    };
    Some((value, multiplier, end))
}

fn amount(rest: &[Sign], lexicon: &Lexicon) -> Option<(Kind, usize)> {
    if starts(rest, 0, "百分之") || starts(rest, 0, "千分之") {
        let mut end = 3;
        while end < MOST_DIGITS
            && (is_numeral(char_at(rest, end)) || matches!(char_at(rest, end), '点' | '.'))
        {
            end += 1;
        }
        let text: String = rest.get(..end)?.iter().map(|sign| sign.c).collect();
        let (over, under) = parse_percent(&text)?;
        let value =
            Number::from(i64::try_from(over).ok()?).checked_div(&Number::from(i64::try_from(under).ok()?))?;
        return Some((Kind::Amount(Amount { value, unit: Unit::Percent, multiplier: 1 }), end));
    }
    let (value, multiplier, end) = numeral(rest, 0)?;
    if char_at(rest, end) == '‰' {
        let value = value.checked_div(&Number::from(1000))?;
        return Some((Kind::Amount(Amount { value, unit: Unit::Percent, multiplier }), end + 1));
    }
    let unit = rest.get(end..).and_then(|tail| lexicon.longest(tail)).and_then(|(entry, length)| {
        let unit = lexicon.meanings(entry).iter().find_map(|meaning| match meaning {
            Meaning::Unit(unit) => Some(*unit),
            _ => None,
        });
        unit.map(|unit| (unit, length))
    });
    let (unit, length) = unit.unwrap_or((Unit::None, 0));
    let value = match unit {
        Unit::Percent => value.checked_div(&Number::from(100))?,
        _ => value,
    };
    Some((Kind::Amount(Amount { value, unit, multiplier }), end + length))
}

/// Units of time after a count, longest first.
const TIMES: [(&str, SpanUnit); 17] = [
    ("个完整会计年度", SpanUnit::Years),
    ("个会计年度", SpanUnit::Years),
    ("个完整年度", SpanUnit::Years),
    ("个自然年度", SpanUnit::Years),
    ("个日历天数", SpanUnit::Days),
    ("个日历天", SpanUnit::Days),
    ("个自然日", SpanUnit::Days),
    ("个自然月", SpanUnit::Months),
    ("个年度", SpanUnit::Years),
    ("周年", SpanUnit::Years),
    ("整年", SpanUnit::Years),
    ("年度", SpanUnit::Years),
    ("个月", SpanUnit::Months),
    ("年", SpanUnit::Years),
    ("天", SpanUnit::Days),
    ("日", SpanUnit::Days),
    ("月", SpanUnit::Months),
];

fn span_at(rest: &[Sign], at: usize) -> Option<(CalendarSpan, usize)> {
    let (count, multiplier, end) = numeral(rest, at)?;
    let count = u32::try_from(count.to_i64()?).ok().filter(|count| (1..=10_000).contains(count))?;
    let (word, unit) = TIMES.into_iter().find(|(word, _)| starts(rest, end, word))?;
    let is_month_name = word == "月";
    let is_year_number = unit == SpanUnit::Years && count > 200;
    (multiplier == 1 && !is_month_name && !is_year_number)
        .then_some((CalendarSpan { count, unit }, end + word.chars().count()))
}

fn length(rest: &[Sign]) -> Option<(Kind, usize)> {
    span_at(rest, 0).map(|(span, end)| (Kind::Length(span), end))
}

fn class_at(rest: &[Sign], at: usize, class: Class, lexicon: &Lexicon) -> Option<usize> {
    lexicon.longest_of(rest.get(at..)?, class)
}

/// 近三年, 最近两个会计年度, 连续三年, 近12个月内.
fn window(rest: &[Sign], lexicon: &Lexicon) -> Option<(Kind, usize)> {
    let (running, begin) = match class_at(rest, 0, Class::Recent, lexicon) {
        Some(length) => match class_at(rest, length, Class::Running, lexicon) {
            Some(more) => (true, length + more),
            None => (false, length),
        },
        None => (true, class_at(rest, 0, Class::Running, lexicon)?),
    };
    let (span, end) = span_at(rest, begin)?;
    let inside = ["以来", "以内", "之内", "期间", "内", "来"];
    let after =
        inside.into_iter().find(|word| starts(rest, end, word)).map_or(0, |word| word.chars().count());
    Some((Kind::Window { span, running }, end + after))
}

/// Year number at `at`: four digits, or four Chinese ones.
fn year_number(rest: &[Sign], at: usize) -> Option<i16> {
    let mut value = 0_i16;
    for place in at..at + 4 {
        let digit = digit(char_at(rest, place)).and_then(|digit| i16::try_from(digit).ok())?;
        value = value.checked_mul(10)?.checked_add(digit)?;
    }
    (1900..=2100).contains(&value).then_some(value)
}

fn small_number(rest: &[Sign], at: usize) -> Option<(i8, usize)> {
    let (value, _, end) = numeral(rest, at)?;
    Some((i8::try_from(value.to_i64()?).ok()?, end))
}

/// 2024年1月1日, 2024年6月.
fn day(rest: &[Sign]) -> Option<(Kind, usize)> {
    let year = year_number(rest, 0)?;
    if char_at(rest, 4) != '年' {
        return None;
    }
    let (month, end) = small_number(rest, 5)?;
    if !starts(rest, end, "月") {
        return None;
    }
    match small_number(rest, end + 1) {
        Some((number, end)) if matches!(char_at(rest, end), '日' | '号') => {
            let day = Date::new(year, month, number).ok()?;
            Some((Kind::Day { day, month_only: false }, end + 1))
        }
        _ => {
            let day = Date::new(year, month, 1).ok()?;
            Some((Kind::Day { day, month_only: true }, end + 1))
        }
    }
}

/// 2025年度, 2025年.
fn year(rest: &[Sign]) -> Option<(Kind, usize)> {
    let year = year_number(rest, 0)?;
    let word = ["会计年度", "年度", "年"].into_iter().find(|word| starts(rest, 4, word))?;
    Some((Kind::Year(year), 4 + word.chars().count()))
}

/// Longest title of a document that is read as one.
const LONGEST_REFERENCE: usize = 80;

/// 《…》, with the number of the document in brackets behind it or by itself: 工信部联企业〔2011〕300号.
pub(crate) fn reference(rest: &[Sign]) -> Option<(Kind, usize)> {
    let window = rest.get(..rest.len().min(LONGEST_REFERENCE))?;
    if char_at(rest, 0) == '《' {
        let mut end = window.iter().position(|sign| sign.c == '》')? + 1;
        if char_at(rest, end) == '（' && window.get(end..)?.iter().take(40).any(|sign| sign.c == '号') {
            let close = window.get(end..)?.iter().position(|sign| sign.c == '）')?;
            end += close + 1;
        }
        return Some((Kind::Reference, end));
    }
    let open = window.iter().take(16).position(|sign| sign.c == '〔')?;
    if window.get(..open)?.iter().any(|sign| !sign.c.is_alphabetic()) || open < 2 {
        return None;
    }
    let close = window.get(open..)?.iter().take(14).position(|sign| sign.c == '号')?;
    Some((Kind::Reference, open + close + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::signs;

    fn kinds(text: &str) -> Vec<Kind> {
        let signs = signs(text);
        tokens(&signs, 0, signs.len(), Lexicon::built_in()).into_iter().map(|token| token.kind).collect()
    }

    fn one(text: &str) -> Kind {
        let mut kinds = kinds(text);
        assert_eq!(kinds.len(), 1, "{text}: {kinds:?}");
        kinds.remove(0)
    }

    #[test]
    fn amounts_in_every_spelling() {
        for text in ["1000000元", "100万元", "1,000,000元", "一百万元", "100.0万元", "１００万元", "壹佰万元"]
        {
            let Kind::Amount(amount) = one(text) else { panic!("{text}") };
            assert_eq!((amount.value, amount.unit), (Number::from(1_000_000), Unit::Yuan), "{text}");
        }
        for text in ["5%", "百分之五", "千分之五十", "50‰"] {
            let Kind::Amount(amount) = one(text) else { panic!("{text}") };
            assert_eq!(
                (amount.value, amount.unit),
                (Number::parse("0.05").unwrap(), Unit::Percent),
                "{text}"
            );
        }
        let Kind::Amount(amount) = one("1.5亿") else { panic!() };
        assert_eq!(amount.value, Number::from(150_000_000));
    }

    #[test]
    fn times() {
        let years = |count| CalendarSpan { count, unit: SpanUnit::Years };
        assert_eq!(one("三年"), Kind::Length(years(3)));
        assert_eq!(one("近三个会计年度"), Kind::Window { span: years(3), running: false });
        assert_eq!(one("最近连续两年"), Kind::Window { span: years(2), running: true });
        assert_eq!(one("2025年度"), Kind::Year(2025));
        let day = Date::new(2024, 1, 1).unwrap();
        assert_eq!(one("2024年1月1日"), Kind::Day { day, month_only: false });
        assert_eq!(one("二〇二四年一月一日"), Kind::Day { day, month_only: false });
        assert_eq!(one("《中小企业划型标准规定》（工信部联企业〔2011〕300号）"), Kind::Reference);
        assert_eq!(one("工信部联企业〔2011〕300号"), Kind::Reference);
    }
}
