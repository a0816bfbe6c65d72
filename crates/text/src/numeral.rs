//! Chinese numerals to numbers and back: 十二, 二〇二四, 一百零五, 三万五千, 壹仟, 廿三.
//!
//! Handles digits and their units only; the counted unit is the caller's concern.

use zhaoren_cancel::steps;

/// Largest number parsed: sixteen digits, enough for any sum of money.
const MAX: u64 = 9_999_999_999_999_999;

/// Value of one Chinese, ASCII or full-width digit; `None` for anything else.
///
/// ```
/// assert_eq!(zhaoren_text::numeral::digit('柒'), Some(7));
/// assert_eq!(zhaoren_text::numeral::digit('７'), Some(7));
/// assert_eq!(zhaoren_text::numeral::digit('十'), None);
/// ```
#[must_use]
pub fn digit(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '零' | '○' | 'Ｏ' => 0,
        '一' | '壹' | '弌' => 1,
        '二' | '贰' | '貳' | '两' | '兩' => 2,
        '三' | '叁' | '參' | '叄' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        '０'..='９' => u32::from(c) - u32::from('０'),
        _ => return c.to_digit(10),
    })
}

/// True if `c` can occur in a Chinese numeral (a digit or a unit).
#[must_use]
pub fn is_numeral(c: char) -> bool {
    digit(c).is_some() || unit(c).is_some() || myriad(c).is_some() || tens(c).is_some()
}

fn unit(c: char) -> Option<u64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
        _ => return None,
    })
}

fn myriad(c: char) -> Option<u64> {
    Some(match c {
        '万' | '萬' => 10_000,
        '亿' | '億' => 100_000_000,
        _ => return None,
    })
}

fn tens(c: char) -> Option<u64> {
    Some(match c {
        '廿' | '念' => 20,
        '卅' => 30,
        '卌' => 40,
        _ => return None,
    })
}

/// Value of `text` as a whole, in positional (二〇二四, 2024) or unit style (一百零五).
///
/// Mixed readings such as `3万` are accepted; decimal points, signs, spaces and anything above
/// 亿亿 are not. `None` if a character is no numeral or the units do not descend (十百).
///
/// ```
/// use zhaoren_text::numeral::parse;
/// assert_eq!(parse("二〇二四"), Some(2024));
/// assert_eq!(parse("一百零五"), Some(105));
/// assert_eq!(parse("3亿5千万"), Some(350_000_000));
/// assert_eq!(parse("廿三"), Some(23));
/// assert_eq!(parse("十百"), None);
/// ```
#[must_use]
pub fn parse(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    steps(text.len() as u64);
    if text.chars().all(|c| digit(c).is_some()) { positional(text) } else { with_units(text) }
}

fn positional(text: &str) -> Option<u64> {
    let mut value: u64 = 0;
    for c in text.chars() {
        if matches!(c, '两' | '兩') && text.chars().count() > 1 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit(c)?))?;
        if value > MAX {
            return None;
        }
    }
    Some(value)
}

/// State of the parser; each part is smaller than the one before it.
struct NumeralState {
    /// Sum of the parts up to the last 亿.
    total: u64,
    /// Sum since the last 万 or 亿.
    section: u64,
    /// Digits not yet multiplied by a unit.
    digits: Option<u64>,
    /// Exclusive upper bound of the next unit.
    ceiling: u64,
    /// Exclusive upper bound of the next myriad unit.
    top: u64,
    /// Last unit, and whether 零 followed it: 三千五 is 3500, 三千零五 is 3005.
    last: u64,
    zero: bool,
}

fn with_units(text: &str) -> Option<u64> {
    let mut now = NumeralState {
        total: 0,
        section: 0,
        digits: None,
        ceiling: u64::MAX,
        top: u64::MAX,
        last: 1,
        zero: false,
    };
    for c in text.chars() {
        if let Some(d) = digit(c) {
            read_digit(&mut now, c, u64::from(d))?;
        } else if let Some(t) = tens(c) {
            if now.digits.is_some() || now.ceiling <= 10 {
                return None;
            }
            now.section += t;
            (now.ceiling, now.last, now.zero) = (10, 1, true);
        } else if let Some(u) = unit(c) {
            read_unit(&mut now, u)?;
        } else {
            read_myriad(&mut now, myriad(c)?)?;
        }
    }
    close(now)
}

fn read_digit(now: &mut NumeralState, c: char, d: u64) -> Option<()> {
    if d == 0 && !c.is_ascii_digit() && now.digits.is_none() {
        now.zero = true;
        return Some(());
    }
    let waiting = now.digits.unwrap_or(0);
    if now.digits.is_some() && !c.is_ascii_digit() && !('０'..='９').contains(&c) {
        return None;
    }
    now.digits = Some(waiting.checked_mul(10)?.checked_add(d)?);
    Some(())
}

fn read_unit(now: &mut NumeralState, u: u64) -> Option<()> {
    if u >= now.ceiling {
        return None;
    }
    let count = match now.digits.take() {
        Some(n) => n,
        None if u == 10 => 1,
        None => return None,
    };
    now.section = now.section.checked_add(count.checked_mul(u)?)?;
    (now.ceiling, now.last, now.zero) = (u, u, false);
    Some(())
}

fn read_myriad(now: &mut NumeralState, m: u64) -> Option<()> {
    let low = now.section.checked_add(now.digits.take().unwrap_or(0))?;
    if m < now.top {
        if low == 0 {
            return None;
        }
        now.total = now.total.checked_add(low.checked_mul(m)?)?;
    } else {
        // 一万亿: the new unit multiplies the whole number before it.
        let all = now.total.checked_add(low)?;
        if all == 0 {
            return None;
        }
        now.total = all.checked_mul(m)?;
    }
    if now.total > MAX {
        return None;
    }
    (now.section, now.ceiling, now.top, now.last, now.zero) = (0, u64::MAX, m, m, false);
    Some(())
}

fn close(now: NumeralState) -> Option<u64> {
    let tail = match now.digits {
        // 三千五, 一万二: a digit after a unit without 零 belongs to the next lower unit.
        Some(d) if d < 10 && !now.zero && now.last >= 100 => d * (now.last / 10),
        Some(d) => {
            if d >= now.ceiling.min(now.top) {
                return None;
            }
            d
        }
        None => 0,
    };
    let value = now.total.checked_add(now.section)?.checked_add(tail)?;
    (value <= MAX).then_some(value)
}

/// Numeral of `n` in unit style, as in article labels: 12 is 十二, 105 is 一百零五, 110 is 一百一十.
///
/// ```
/// use zhaoren_text::numeral::write;
/// assert_eq!(write(12), "十二");
/// assert_eq!(write(10_500), "一万零五百");
/// ```
#[must_use]
pub fn write(n: u64) -> String {
    if n == 0 {
        return "零".to_owned();
    }
    let mut out = String::new();
    let mut gap = false;
    let mut power = 4u32;
    loop {
        let section = n / 10_000u64.pow(power) % 10_000;
        if section == 0 {
            gap |= !out.is_empty();
        } else {
            if !out.is_empty() && (gap || section < 1000) {
                out.push('零');
            }
            write_section(section, &mut out);
            out.push_str(["", "万", "亿", "万亿", "亿亿"].get(power as usize).unwrap_or(&""));
            gap = false;
        }
        if power == 0 {
            break;
        }
        power -= 1;
    }
    // Both 万 of 万亿 and 亿 were written: 一万亿二亿 reads 一万零二亿.
    if (10_000..100_000_000).contains(&(n / 100_000_000)) && !(n / 100_000_000).is_multiple_of(10_000) {
        out = out.replacen("万亿", "万", 1);
    }
    match out.strip_prefix("一十") {
        Some(rest) => format!("十{rest}"),
        None => out,
    }
}

fn write_section(n: u64, out: &mut String) {
    let mut gap = false;
    let mut begun = false;
    for (power, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let d = n / power % 10;
        if d == 0 {
            gap = begun;
            continue;
        }
        if gap {
            out.push('零');
        }
        out.push(glyph(d));
        out.push_str(name);
        (gap, begun) = (false, true);
    }
}

/// Numeral of `n` digit by digit, as in years: 2024 is 二〇二四.
#[must_use]
pub fn write_digits(n: u64) -> String {
    n.to_string().chars().map(|c| glyph(u64::from(c.to_digit(10).unwrap_or(0)))).collect()
}

fn glyph(d: u64) -> char {
    match d {
        1 => '一',
        2 => '二',
        3 => '三',
        4 => '四',
        5 => '五',
        6 => '六',
        7 => '七',
        8 => '八',
        9 => '九',
        _ => '〇',
    }
}

/// Fraction denoted by `text` as 百分之…, as (numerator, denominator), not reduced.
///
/// `百分之三` is (3, 100), `百分之十二点五` is (125, 1000), `千分之二` is (2, 1000).
/// `None` for any other text, so that 三分之二 is never taken for a percentage.
///
/// ```
/// use zhaoren_text::numeral::parse_percent;
/// assert_eq!(parse_percent("百分之十二点五"), Some((125, 1000)));
/// assert_eq!(parse_percent("三分之二"), None);
/// ```
#[must_use]
pub fn parse_percent(text: &str) -> Option<(u64, u64)> {
    let (rest, mut base) = match (text.strip_prefix("百分之"), text.strip_prefix("千分之")) {
        (Some(rest), _) => (rest, 100u64),
        (_, Some(rest)) => (rest, 1000),
        _ => return None,
    };
    let (whole, part) = match rest.split_once(['点', '點', '.']) {
        Some((w, p)) => (w, Some(p)),
        None => (rest, None),
    };
    let mut value = parse(whole)?;
    if let Some(part) = part {
        if part.is_empty() {
            return None;
        }
        for c in part.chars() {
            value = value.checked_mul(10)?.checked_add(u64::from(digit(c)?))?;
            base = base.checked_mul(10)?;
        }
    }
    Some((value, base))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn table_of_readings() {
        for (text, want) in [
            ("十", Some(10)),
            ("十二", Some(12)),
            ("二十", Some(20)),
            ("二〇二四", Some(2024)),
            ("二○二四", Some(2024)),
            ("２０２４", Some(2024)),
            ("一百零五", Some(105)),
            ("一百一十", Some(110)),
            ("一百一", Some(110)),
            ("三千五", Some(3500)),
            ("三千零五", Some(3005)),
            ("一万二", Some(12_000)),
            ("一万零二", Some(10_002)),
            ("两万", Some(20_000)),
            ("壹贰", Some(12)),
            ("壹仟贰佰叁拾肆万伍仟陆佰柒拾捌", Some(12_345_678)),
            ("五亿", Some(500_000_000)),
            ("一万亿", Some(1_000_000_000_000)),
            ("一亿零三万", Some(100_030_000)),
            ("3万", Some(30_000)),
            ("15万", Some(150_000)),
            ("廿", Some(20)),
            ("廿三", Some(23)),
            ("卅一", Some(31)),
            ("〇", Some(0)),
            ("零", Some(0)),
            ("", None),
            ("十百", None),
            ("百", None),
            ("万", None),
            ("第三", None),
            ("一二十", None),
            ("2.5万", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(parse(text), want, "{text}");
        }
    }

    #[test]
    fn numerals_are_written_as_in_labels() {
        for (n, want) in [
            (0, "零"),
            (1, "一"),
            (10, "十"),
            (19, "十九"),
            (20, "二十"),
            (101, "一百零一"),
            (110, "一百一十"),
            (1001, "一千零一"),
            (10_001, "一万零一"),
            (100_000, "十万"),
            (1_000_000_000_000, "一万亿"),
            (1_000_200_000_000, "一万零二亿"),
        ] {
            assert_eq!(write(n), want);
        }
        assert_eq!(write_digits(2024), "二〇二四");
    }

    #[test]
    fn percentages() {
        assert_eq!(parse_percent("百分之三"), Some((3, 100)));
        assert_eq!(parse_percent("百分之一百"), Some((100, 100)));
        assert_eq!(parse_percent("百分之零点五"), Some((5, 1000)));
        assert_eq!(parse_percent("百分之"), None);
        assert_eq!(parse_percent("百分之三点"), None);
    }

    proptest! {
        #[test]
        fn numerals_round_trip(n in 0u64..10_000_000_000_000) {
            prop_assert_eq!(parse(&write(n)), Some(n), "{}", write(n));
        }

        #[test]
        fn digits_round_trip(n in 0u64..MAX) {
            prop_assert_eq!(parse(&write_digits(n)), Some(n));
        }

        #[test]
        fn never_panics(s in "[零〇一二三十百千万亿廿0-9壹两]{0,24}") {
            let _ = parse(&s);
        }
    }
}
