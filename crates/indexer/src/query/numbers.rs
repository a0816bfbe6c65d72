//! Numbers in a query and their other spellings: 两千万 is 2000万元 in texts, 三百人 is 300人, and vice versa.
//!
//! A number is understood as a whole or not at all: of 一点五亿 never 五亿 alone, of 三百多万 never 三百.

use std::ops::Range;

use zhaoren_text::numeral;

/// A number in a query, with its other spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NumberForms {
    pub(crate) range: Range<usize>,
    pub(crate) also: Vec<String>,
}

/// Smallest number read; a lower one in numerals is usually part of a name: 两免三减半, 六税两费.
const LEAST: u64 = 20;
/// Counters (量词) before which texts may write the number in numerals.
const COUNTED: [char; 9] = ['人', '名', '家', '户', '天', '日', '个', '件', '项'];
/// Units of money and number, largest first.
const UNITS: [(u64, &str); 2] = [(100_000_000, "亿"), (10_000, "万")];
/// Fractions that texts write with a sign.
const FRACTIONS: [(&str, &str); 2] = [("百分之", "%"), ("千分之", "‰")];
/// Maximum number of decimals of a number of 万 or 亿 as texts write it: 1.25亿元.
const DECIMALS: u32 = 2;

/// Numbers of a text that have other spellings.
pub(crate) fn numbers(text: &str) -> Vec<NumberForms> {
    let mut found = Vec::new();
    for range in runs(text) {
        let run = text.get(range.clone()).unwrap_or_default();
        let mut rest = text.get(range.end..).unwrap_or_default().chars();
        let following = rest.next();
        let also = if run.bytes().all(|byte| byte.is_ascii_digit()) {
            let counted = following.is_some_and(|c| COUNTED.contains(&c)) && !run.starts_with('0');
            numeral::parse(run)
                .filter(|value| counted && *value >= LEAST)
                .map(|value| vec![numeral::write(value)])
        } else if let Some(fraction) = fraction(run) {
            Some(vec![fraction])
        } else if is_part(text.get(..range.start).unwrap_or_default(), following, rest.next()) {
            None
        } else {
            in_words(run).map(|value| forms(value, following)).or_else(|| with_unit(run))
        };
        found.extend(also.map(|also| NumberForms { range, also }));
    }
    found
}

/// Spellings of digits with a unit: 100万 is that amount, and no bare 100.
fn with_unit(run: &str) -> Option<Vec<String>> {
    let digits = run.strip_suffix(is_myriad)?;
    let is_number = digits.len() > 1 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| vec![format!("{run}元"), run.to_owned()])
}

/// True if the number is a part of a larger expression whose value is another: 三百多万, 五亿半, 三十分之一, 第三百二十条.
fn is_part(before: &str, following: Option<char>, next: Option<char>) -> bool {
    let about =
        following.is_some_and(|c| matches!(c, '多' | '余' | '几' | '来')) && next.is_some_and(is_myriad);
    let half = following == Some('半') || before.ends_with(['半', '几', '数', '负']);
    let fraction = (following == Some('分') && next == Some('之')) || before.ends_with("分之");
    about || half || fraction
}

fn is_myriad(c: char) -> bool {
    matches!(c, '万' | '亿')
}

/// Fraction of a hundred or a thousand as texts write it: 百分之三点五 is 3.5%.
fn fraction(run: &str) -> Option<String> {
    let (rest, sign) =
        FRACTIONS.iter().find_map(|(words, sign)| run.strip_prefix(words).map(|rest| (rest, sign)))?;
    let (whole, part) = decimal(rest)?;
    let part = if part.is_empty() { String::new() } else { format!(".{part}") };
    Some(format!("{whole}{part}{sign}"))
}

/// Whole part and decimals of a number in words: 三点五 is 3 and "5".
fn decimal(text: &str) -> Option<(u64, String)> {
    let (whole, part) = match text.split_once(['点', '.']) {
        Some((whole, part)) => (whole, Some(part)),
        None => (text, None),
    };
    let part: Option<String> = match part {
        None => Some(String::new()),
        Some("") => None,
        Some(part) => {
            part.chars().map(|c| numeral::digit(c).and_then(|digit| char::from_digit(digit, 10))).collect()
        }
    };
    Some((numeral::parse(whole).filter(|_| !is_abridged(whole))?, part?))
}

/// True if a last digit has no unit: 三千五 is 3500 when spoken, and 3005 where a 零 was left out.
fn is_abridged(run: &str) -> bool {
    let mut last = run.chars().rev();
    let digit = last.next().is_some_and(|c| numeral::digit(c).is_some_and(|digit| digit > 0));
    digit && last.next().is_some_and(|c| matches!(c, '百' | '佰' | '千' | '仟' | '万' | '亿'))
}

/// Value of a number in numerals; `None` for other text, and for digits followed by 万 or 亿 only.
fn in_words(run: &str) -> Option<u64> {
    // 三个亿 is 三亿.
    let run = run.replace('个', "");
    let own = |c: char| !c.is_ascii_digit() && !is_myriad(c);
    let unit = |c: char| matches!(c, '十' | '百' | '千' | '万' | '亿');
    let mut chars = run.chars();
    let (first, second) = (chars.next()?, chars.next()?);
    // 千人计划 and 万 begin with a unit and are no numbers; 十万 is one.
    let begins = numeral::digit(first).is_some() || (first == '十' && is_myriad(second));
    let is = begins && run.contains(own) && run.contains(unit);
    if !is || is_abridged(&run) {
        return None;
    }
    let value = if run.contains(['点', '.']) { with_decimals(&run)? } else { numeral::parse(&run)? };
    (value >= LEAST).then_some(value)
}

/// Value of a number with decimals before its unit: 一点五亿, 一点二千万.
fn with_decimals(run: &str) -> Option<u64> {
    let number = run.trim_end_matches(|c| numeral::digit(c).is_none() && !matches!(c, '点' | '.'));
    // The unit has a value of its own behind a digit: 一千万.
    let mut value = numeral::parse(&format!("一{}", run.strip_prefix(number)?))?;
    let (whole, part) = decimal(number)?;
    let mut sum = whole.checked_mul(value)?;
    for digit in part.chars() {
        value = value.is_multiple_of(10).then_some(value / 10)?;
        sum = sum.checked_add(value.checked_mul(u64::from(digit.to_digit(10)?))?)?;
    }
    Some(sum)
}

/// Spellings of a number in texts, with the unit of money.
fn forms(value: u64, following: Option<char>) -> Vec<String> {
    let mut forms = Vec::new();
    let least = 10_u64.pow(DECIMALS);
    for (unit, name) in UNITS {
        // A number of 亿 has at most two decimals; one of 万 one, since 3.52万元 is mostly written 35200元.
        let step = if unit == 10_000 { unit / 10 } else { unit / least };
        if value >= unit && value.is_multiple_of(step) {
            let (whole, rest) = (value / unit, value % unit / (unit / least));
            let number = match (rest / 10, rest % 10) {
                (0, 0) => whole.to_string(),
                (tenth, 0) => format!("{whole}.{tenth}"),
                (tenth, hundredth) => format!("{whole}.{tenth}{hundredth}"),
            };
            if following != Some('人') {
                forms.push(format!("{number}{name}元"));
            }
            forms.push(format!("{number}{name}"));
            break;
        }
    }
    if forms.is_empty() {
        forms.push(value.to_string());
    }
    forms
}

/// Runs of digits and numerals with their decimal point; one with a point between digits is left out, so 2.5 is left alone.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map(|(_, next)| *next);
        let joins =
            is_point(c) && next.is_some_and(numeral::is_numeral) || c == '个' && next.is_some_and(is_myriad);
        let prefix =
            FRACTIONS.iter().find(|(words, _)| text.get(at..).is_some_and(|rest| rest.starts_with(words)));
        match runs.last_mut() {
            _ if prefix.is_some() => {
                let words = prefix.map_or("", |(words, _)| *words);
                for _ in words.chars().skip(1) {
                    chars.next();
                }
                runs.push(at..at + words.len());
            }
            Some(run) if run.end == at && (numeral::is_numeral(c) || joins) => run.end = end,
            _ if numeral::is_numeral(c) => runs.push(at..end),
            _ => {}
        }
    }
    let read = |run: &str| {
        let point = |c: char| is_point(c) && c != '点';
        !run.contains(point) && run.matches('点').count() <= 1
    };
    runs.retain(|run| read(text.get(run.clone()).unwrap_or_default()));
    runs
}

/// True for a character that may be a decimal point; of these 点 alone is read.
fn is_point(c: char) -> bool {
    matches!(c, '点' | '.' | '．' | '·' | '・')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_distinguished_from_names() {
        for (text, expected) in [
            ("员工三百人以下", vec![("三百", vec!["300"])]),
            ("两千万", vec![("两千万", vec!["2000万元", "2000万"])]),
            ("资产五千万以下", vec![("五千万", vec!["5000万元", "5000万"])]),
            ("5千万", vec![("5千万", vec!["5000万元", "5000万"])]),
            ("一百五十名", vec![("一百五十", vec!["150"])]),
            ("十万元", vec![("十万", vec!["10万元", "10万"])]),
            ("三万五千元", vec![("三万五千", vec!["3.5万元", "3.5万"])]),
            ("一亿", vec![("一亿", vec!["1亿元", "1亿"])]),
            ("300人", vec![("300", vec!["三百"])]),
            ("2024年 2.5% 300", vec![]),
            ("400万", vec![("400万", vec!["400万元", "400万"])]),
            ("两免三减半 六税两费 十四五 千人计划 百强 万科 一次性 三十", vec![("三十", vec!["30"])]),
            ("第十条 十", vec![]),
        ] {
            assert_eq!(found(text), owned(&expected), "{text}");
        }
    }

    #[test]
    fn a_number_is_read_whole_or_not_at_all() {
        for (text, expected) in [
            ("一点五亿元", vec![("一点五亿", vec!["1.5亿元", "1.5亿"])]),
            ("注册资本二点三亿", vec![("二点三亿", vec!["2.3亿元", "2.3亿"])]),
            ("一点二五亿元", vec![("一点二五亿", vec!["1.25亿元", "1.25亿"])]),
            ("1点5亿", vec![("1点5亿", vec!["1.5亿元", "1.5亿"])]),
            ("三点五万元", vec![("三点五万", vec!["3.5万元", "3.5万"])]),
            ("一点五千万", vec![("一点五千万", vec!["1500万元", "1500万"])]),
            ("两千三百万", vec![("两千三百万", vec!["2300万元", "2300万"])]),
            ("一亿两千五百万", vec![("一亿两千五百万", vec!["1.25亿元", "1.25亿"])]),
            ("五十个亿", vec![("五十个亿", vec!["50亿元", "50亿"])]),
            ("百分之三点五", vec![("百分之三点五", vec!["3.5%"])]),
            ("不低于百分之三十的", vec![("百分之三十", vec!["30%"])]),
            ("千分之五", vec![("千分之五", vec!["5‰"])]),
            ("百分之三千五 三千五 一万二 三千五家", vec![]),
            ("三百多万 二十几亿 五亿半 三十分之一 几百万 数千万 三分之二", vec![]),
            ("三．五亿 三·五亿 一点二点五亿 二十点三 一点五险", vec![]),
            ("一点五 一年半 半年 三个半月 九点半", vec![]),
            ("百分之", vec![]),
            ("三百余家", vec![("三百", vec!["300"])]),
        ] {
            assert_eq!(found(text), owned(&expected), "{text}");
        }
    }

    fn found(text: &str) -> Vec<(String, Vec<String>)> {
        let numbers = numbers(text).into_iter();
        numbers.map(|one| (text.get(one.range).unwrap().to_owned(), one.also)).collect()
    }

    fn owned(of: &[(&str, Vec<&str>)]) -> Vec<(String, Vec<String>)> {
        let texts = |also: &[&str]| also.iter().map(|text| (*text).to_owned()).collect();
        of.iter().map(|(text, also)| ((*text).to_owned(), texts(also))).collect()
    }
}
