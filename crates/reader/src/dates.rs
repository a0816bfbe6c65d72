//! Dates in the text of documents, in the forms in which organs write them.

use std::borrow::Cow;

use jiff::civil::Date;
use zhaoren_cancel::steps;
use zhaoren_text::numeral;

/// Parses a date at the start of `text`: 2024年2月21日, 二〇二四年二月二十一日, 二O二四年…, 2024-02-21. Also returns its
/// length in bytes.
pub(crate) fn at_start(text: &str) -> Option<(Date, usize)> {
    let (year, after_year) = part(text, &["年", "-", ".", "/"])?;
    let (month, after_month) = part(after_year, &["月", "-", ".", "/"])?;
    let (day, rest) = match part(after_month, &["日", "号"]) {
        Some(read) => read,
        None => {
            let (digits, rest) = run(after_month);
            (value(digits)?, rest)
        }
    };
    let year = i16::try_from(year).ok().filter(|y| (1949..=2100).contains(y))?;
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some((date, text.len() - rest.len()))
}

fn part<'a>(text: &'a str, marks: &[&str]) -> Option<(u64, &'a str)> {
    let (digits, rest) = run(text);
    let rest = rest.trim_start_matches(blank);
    let mark = marks.iter().find(|mark| rest.starts_with(**mark))?;
    Some((value(digits)?, rest.get(mark.len()..)?.trim_start_matches(blank)))
}

fn blank(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2003}' | '\u{3000}')
}

/// Signs that are typed for 〇: circles, and the letter O of three alphabets.
const ZEROS: [char; 9] = ['○', '◯', 'O', 'o', 'Ｏ', 'ｏ', 'О', 'Ο', '⭕'];

/// The digits of a numeral at the start of `text`, and the remaining text.
pub(crate) fn run(text: &str) -> (&str, &str) {
    let is_digit = |c: char| {
        c.is_ascii_digit()
            || ('０'..='９').contains(&c)
            || "〇零一二三四五六七八九十廿卅两".contains(c)
            || ZEROS.contains(&c)
    };
    let end = text.find(|c: char| !is_digit(c)).unwrap_or(text.len());
    steps(end as u64);
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Value of digits from [`run`]. A letter O counts as 〇 beside Chinese digits only.
pub(crate) fn value(digits: &str) -> Option<u64> {
    let plain: Cow<'_, str> = if digits.contains(ZEROS) {
        if !digits.contains(['一', '二', '三', '四', '五', '六', '七', '八', '九']) {
            return None;
        }
        digits.replace(ZEROS, "〇").into()
    } else {
        digits.into()
    };
    numeral::parse(&plain)
}

/// The date of a line that holds nothing else, brackets allowed.
pub(crate) fn of_line(line: &str) -> Option<Date> {
    let line = line.trim().trim_matches(['(', ')', '（', '）', ' ']);
    at_start(line).filter(|(_, length)| *length == line.len()).map(|(date, _)| date)
}

/// The date at the end of a short line, and the words before it: 某局2024年2月21日.
pub(crate) fn at_end(line: &str) -> Option<(&str, Date)> {
    const LONGEST: usize = 60;
    let line = line.trim();
    if line.chars().nth(LONGEST).is_some() {
        return None;
    }
    line.char_indices().find_map(|(at, _)| {
        let tail = line.get(at..)?;
        let (date, length) = at_start(tail)?;
        (length == tail.len()).then(|| (line.get(..at).unwrap_or_default().trim_end(), date))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn reads_dates_in_every_form() {
        for text in
            ["2024年2月21日", "二〇二四年二月二十一日", "2024-02-21", "2024.2.21", "2024 年 2 月 21 日"]
        {
            assert_eq!(at_start(text), Some((date(2024, 2, 21), text.len())), "{text}");
        }
        for text in [
            "二O二四年二月廿一日",
            "二○二四年二月二十一日",
            "二〇二四年 二月二十一日",
            "２０２４年２月２１日",
        ] {
            assert_eq!(at_start(text), Some((date(2024, 2, 21), text.len())), "{text}");
        }
        assert_eq!(at_start("二OO四年二月二十一日").map(|(day, _)| day), Some(date(2004, 2, 21)));
        assert_eq!(at_start("2O24年2月21日"), None, "a letter among other digits is a fault");
        assert_eq!(at_start("2023年2月30日"), None);
        assert_eq!(at_start("24年2月"), None);
        assert_eq!(of_line("（2023年2月8日）"), Some(date(2023, 2, 8)));
        assert_eq!(of_line("2023年2月8日起"), None);
        assert_eq!(at_end("某局　2023年2月8日"), Some(("某局", date(2023, 2, 8))));
    }
}
