//! Dates in documents: when issued, from when and until when in force.

use jiff::ToSpan;
use jiff::civil::Date;
use zhaoren_text::numeral;

/// Reads a date at the start of `text`: 2024年2月21日, 二〇二四年二月二十一日, 2024-02-21. Gives its length in
/// bytes too.
pub(crate) fn at_start(text: &str) -> Option<(Date, usize)> {
    let (year, after_year) = part(text, &["年", "-", ".", "/"])?;
    let (month, after_month) = part(after_year, &["月", "-", ".", "/"])?;
    let (day, rest) = match part(after_month, &["日", "号"]) {
        Some(read) => read,
        None => {
            let (digits, rest) = run(after_month);
            (numeral::parse(digits)?, rest)
        }
    };
    let year = i16::try_from(year).ok().filter(|y| (1949..=2100).contains(y))?;
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some((date, text.len() - rest.len()))
}

fn part<'a>(text: &'a str, marks: &[&str]) -> Option<(u64, &'a str)> {
    let (digits, rest) = run(text);
    let rest = rest.trim_start_matches(' ');
    let mark = marks.iter().find(|mark| rest.starts_with(**mark))?;
    Some((numeral::parse(digits)?, rest.get(mark.len()..)?.trim_start_matches(' ')))
}

fn run(text: &str) -> (&str, &str) {
    let is_digit = |c: char| c.is_ascii_digit() || "〇零○一二三四五六七八九十".contains(c);
    let end = text.find(|c: char| !is_digit(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// The first date that stands alone on a line, brackets allowed.
pub(crate) fn alone(text: &str) -> Option<Date> {
    text.lines().find_map(|line| {
        let line = line.trim().trim_matches(['(', ')', '（', '）', ' ']);
        at_start(line).filter(|(_, length)| *length == line.len()).map(|(date, _)| date)
    })
}

/// 自2024年1月1日起施行 gives that day; 自发布之日起施行 gives `published`.
pub(crate) fn effective(text: &str, published: Option<Date>) -> Option<Date> {
    let verbs = ["施行", "实施", "执行", "生效"];
    text.match_indices('自').filter_map(|(at, _)| text.get(at + '自'.len_utf8()..)).find_map(|rest| {
        let issued =
            ["发布之日", "印发之日", "公布之日", "颁布之日"].iter().find_map(|word| rest.strip_prefix(word));
        let (date, after) = match (issued, at_start(rest)) {
            (Some(after), _) => (published?, after),
            (None, Some((date, length))) => (date, rest.get(length..)?),
            (None, None) => return None,
        };
        let after = after.strip_prefix('起')?.trim_start_matches(['正', '式', '开', '始']);
        verbs.iter().any(|verb| after.starts_with(verb)).then_some(date)
    })
}

/// 有效期至2028年12月31日, or 有效期5年 counted from `effective`: the last day in force.
pub(crate) fn expires(text: &str, effective: Option<Date>) -> Option<Date> {
    text.match_indices("有效期").filter_map(|(at, word)| text.get(at + word.len()..)).find_map(|rest| {
        let rest = rest.trim_start_matches(['限', '为', '：', ':', ' ', '暂', '定', '自']);
        if let Some((date, _)) =
            rest.strip_prefix('至').or_else(|| rest.strip_prefix('到')).and_then(at_start)
        {
            return Some(date);
        }
        let (digits, after) = run(rest);
        let years = numeral::parse(digits).filter(|years| (1..=20).contains(years))?;
        let after = after.strip_prefix('年')?;
        // A title that is valid for three years says nothing of the document.
        let titled = after.starts_with('的') || after.starts_with('内');
        let years = i64::try_from(years).ok()?;
        let end = effective?.saturating_add(years.years()).saturating_sub(1.day());
        (!titled).then_some(end)
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
        assert_eq!(at_start("2023年2月30日"), None);
        assert_eq!(at_start("24年2月"), None);
        assert_eq!(alone("关于\n（2023年2月8日）\n正文"), Some(date(2023, 2, 8)));
    }

    #[test]
    fn knows_when_a_document_holds() {
        let published = Some(date(2023, 1, 5));
        let text = "本办法自2023年2月1日起施行，有效期至2028年1月31日。";
        assert_eq!(effective(text, published), Some(date(2023, 2, 1)));
        assert_eq!(expires(text, effective(text, published)), Some(date(2028, 1, 31)));
        let text = "本措施自印发之日起实施，有效期3年。";
        assert_eq!(effective(text, published), published);
        assert_eq!(expires(text, published), Some(date(2026, 1, 4)));
        assert_eq!(expires("证书有效期三年的，", published), None);
        assert_eq!(effective("自主创新", published), None);
    }
}
