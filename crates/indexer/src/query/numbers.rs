//! Numbers in Chinese numerals and digits: 三百人 equals 300人, 两千万 equals 2000万元, and vice versa.

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

/// Numbers of a text that have other spellings.
pub(crate) fn numbers(text: &str) -> Vec<NumberForms> {
    let mut found = Vec::new();
    for range in runs(text) {
        let run = text.get(range.clone()).unwrap_or_default();
        let behind = text.get(range.end..).and_then(|rest| rest.chars().next());
        let also = if run.bytes().all(|byte| byte.is_ascii_digit()) {
            let counted = behind.is_some_and(|c| COUNTED.contains(&c)) && !run.starts_with('0');
            numeral::parse(run)
                .filter(|value| counted && *value >= LEAST)
                .map(|value| vec![numeral::write(value)])
        } else {
            in_words(run).map(|value| forms(value, behind))
        };
        found.extend(also.map(|also| NumberForms { range, also }));
    }
    found
}

/// Value of a number in numerals; `None` for other text, and for digits followed by 万 or 亿 only.
fn in_words(run: &str) -> Option<u64> {
    let own = |c: char| !c.is_ascii_digit() && !matches!(c, '万' | '亿');
    let unit = |c: char| matches!(c, '十' | '百' | '千' | '万' | '亿');
    let mut chars = run.chars();
    let (first, second) = (chars.next()?, chars.next()?);
    // 千人计划 and 万 begin with a unit and are no numbers; 十万 is one.
    let begins = numeral::digit(first).is_some() || (first == '十' && matches!(second, '万' | '亿'));
    let is = begins && run.contains(own) && run.contains(unit);
    numeral::parse(run).filter(|value| is && *value >= LEAST)
}

/// Spellings of a number in texts, with the unit of money.
fn forms(value: u64, behind: Option<char>) -> Vec<String> {
    let mut forms = Vec::new();
    for (unit, name) in [(100_000_000, "亿"), (10_000, "万")] {
        if value >= unit && value.is_multiple_of(unit / 10) {
            let (whole, tenth) = (value / unit, value % unit / (unit / 10));
            let number = if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") };
            if behind != Some('人') {
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

/// Runs of digits and numerals; a point between digits does not end a run, so 2.5 is left alone.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match runs.last_mut() {
            Some(run) if run.end == at && (numeral::is_numeral(c) || c == '.') => run.end = end,
            _ if numeral::is_numeral(c) => runs.push(at..end),
            _ => {}
        }
    }
    runs.retain(|run| !text.get(run.clone()).unwrap_or_default().contains('.'));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_names() {
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
            ("2024年 400万 2.5% 300", vec![]),
            ("两免三减半 六税两费 十四五 千人计划 百强 万科 一次性 三十", vec![("三十", vec!["30"])]),
            ("第十条 十", vec![]),
        ] {
            let found = numbers(text);
            let found: Vec<(&str, Vec<&str>)> = found
                .iter()
                .map(|one| {
                    (text.get(one.range.clone()).unwrap(), one.also.iter().map(String::as_str).collect())
                })
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
