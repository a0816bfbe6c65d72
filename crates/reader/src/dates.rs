//! Dates of documents: of issue, of entry into force, of expiry.

use jiff::ToSpan;
use jiff::civil::Date;
use zhaoren_cancel::{poll, steps};
use zhaoren_text::numeral;

/// Parses a date at the start of `text`: 2024年2月21日, 二〇二四年二月二十一日, 2024-02-21. Also returns its length
/// in bytes.
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
    steps(end as u64);
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// First date alone on a line, brackets allowed.
pub(crate) fn alone(text: &str) -> Option<Date> {
    text.lines().find_map(|line| {
        let line = line.trim().trim_matches(['(', ')', '（', '）', ' ']);
        at_start(line).filter(|(_, length)| *length == line.len()).map(|(date, _)| date)
    })
}

/// First day in force: 自2024年1月1日起施行 gives that day; 自发布之日起施行 gives `published`.
///
/// Only statements about the document itself count; the last one wins.
pub(crate) fn effective(text: &str, published: Option<Date>) -> Option<Date> {
    sentences(text).filter_map(|sentence| begins(sentence, published)).next_back()
}

/// Last day in force: 有效期至2028年12月31日, or 有效期5年 counted from `effective`.
///
/// The term must be the document's own: in the sentence with its entry into force, directly after it, or preceded
/// by 本办法, 本政策 and the like. The term of a certificate or voucher does not count.
pub(crate) fn expires(text: &str, effective: Option<Date>) -> Option<Date> {
    let mut after = false;
    let mut found = None;
    for sentence in sentences(text) {
        let starts = start(sentence).is_some();
        let behind = after && sentence.trim_start().starts_with("有效期");
        if starts || behind || has_own_term(sentence) {
            found = last_day(sentence, effective).or(found);
        }
        after = starts;
    }
    found
}

fn sentences(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(['。', '；', ';', '\n'])
        .inspect(|sentence| steps(sentence.len() as u64 + 1))
        .filter(|sentence| !sentence.trim().is_empty())
}

const VERBS: [&str; 5] = ["施行", "实施", "执行", "生效", "试行"];

/// Text after 自, 从 or 于 in the sentence's own 自…起施行.
fn start(sentence: &str) -> Option<&str> {
    let begun = ["起", "日"].iter().any(|mark| VERBS.iter().any(|verb| comes(sentence, mark, verb)));
    let mut places = sentence.match_indices(['自', '从', '于']).filter(|(at, word)| {
        poll();
        let rest = sentence.get(at + word.len()..).unwrap_or_default().trim_start();
        at_start(rest).is_some() || issued(rest).is_some()
    });
    let (at, word) = places.next_back().filter(|_| begun)?;
    let lead = sentence.get(..at)?.trim_end_matches(['均', ' ']);
    let plain = lead.trim_start();
    let labelled = crate::numbering::read(plain).is_some_and(|label| plain.get(label.length..) == Some(""));
    let own = plain.is_empty() || labelled || names_itself(lead) || plain.ends_with(['，', ',']);
    own.then(|| sentence.get(at + word.len()..).unwrap_or_default().trim_start())
}

/// True if `verb` follows `mark`, with 正式 or a delay (30日后) between them.
fn comes(sentence: &str, mark: &str, verb: &str) -> bool {
    const FROM: &str = "之日起";
    // Searched once, not once per verb.
    let from = sentence.find(FROM).map_or(usize::MAX, |at| at + FROM.len());
    sentence.match_indices(verb).any(|(at, _)| {
        let before = sentence.get(..at).unwrap_or_default();
        let lead = before.trim_end_matches(['正', '式', '开', '始', ' ']);
        steps((before.len() - lead.len()) as u64 + 1);
        lead.ends_with(mark) || (lead.ends_with('后') && from <= lead.len())
    })
}

/// Text after 发布之日 and its synonyms.
fn issued(rest: &str) -> Option<&str> {
    ["发布", "印发", "公布", "颁布", "发文", "下发", "公告"].iter().find_map(|word| {
        let after = rest.strip_prefix(word)?;
        after.strip_prefix("之日").or_else(|| after.strip_prefix('日'))
    })
}

/// True if the text before a date refers to the document (本办法, 本行动方案) and not to 《another one》.
fn names_itself(lead: &str) -> bool {
    let names = [
        "办法", "条例", "规定", "意见", "细则", "措施", "政策", "通知", "方案", "法", "公告", "通告", "标准",
        "指南", "规则", "决定", "计划", "规划", "要点", "文件",
    ];
    let Some((_, after)) = lead.rsplit_once('本') else { return false };
    let named = names.iter().filter_map(|name| after.find(name)).min();
    // 本市规定 is not 本规定, and in 本办法规定的证书 the document is not the subject.
    named.is_some_and(|at| after.get(..at).is_some_and(|between| between.chars().count() <= 6))
        && !after.starts_with(['市', '区', '省', '县', '年'])
        && !["《", "证书", "资格", "合同", "称号", "结果", "名单"].iter().any(|word| after.contains(word))
}

fn begins(sentence: &str, published: Option<Date>) -> Option<Date> {
    let rest = start(sentence)?;
    if let Some((date, _)) = at_start(rest) {
        return Some(date);
    }
    // 自发布之日起30日后施行
    let delay = issued(rest)?.strip_prefix('起')?.trim_start_matches(['满', '第']);
    let (digits, after) = run(delay);
    let days =
        numeral::parse(digits).filter(|days| (1..=366).contains(days) && after.starts_with(['日', '天']));
    let days = i64::try_from(days.unwrap_or(0)).ok()?;
    Some(published?.saturating_add(days.days()))
}

/// Text before a keyword for a term, and the text after it.
fn term(sentence: &str) -> Option<(&str, &str)> {
    let words = ["有效期", "适用期", "实行年限", "执行期限", "试行期"];
    // The last one: 【有效期】 can be the heading of an article.
    words.iter().filter_map(|word| sentence.rsplit_once(word)).max_by_key(|(before, _)| before.len())
}

fn has_own_term(sentence: &str) -> bool {
    term(sentence).is_some_and(|(before, _)| names_itself(before))
}

/// Last day in force stated by a sentence about the document.
fn last_day(sentence: &str, effective: Option<Date>) -> Option<Date> {
    let rest = match term(sentence) {
        Some((_, rest)) => rest.trim_start_matches(['限', '为', '：', ':', ' ', '暂', '定', '自']),
        None => "",
    };
    if let Some((date, _)) =
        rest.strip_prefix('至').or_else(|| rest.strip_prefix('到')).and_then(|to| at_start(to.trim_start()))
    {
        return Some(date);
    }
    // 2013年1月1日至2015年12月31日, 2016至2020年, and 至2025年12月31日止 anywhere in the sentence.
    if let Some((_, length)) = at_start(rest)
        && let Some((last, _)) = rest.get(length..).and_then(|to| at_start(to.trim_start_matches(UNTIL)))
    {
        return Some(last);
    }
    if let Some(last) = years(rest).or_else(|| until(sentence)) {
        return Some(last);
    }
    // 有效期5年, and 暂定三年 after 起执行.
    let rest =
        if rest.is_empty() { sentence.split_once("暂定").map_or("", |(_, rest)| rest) } else { rest };
    let (digits, after) = run(rest);
    let years = numeral::parse(digits).filter(|years| (1..=20).contains(years))?;
    let after = after.strip_prefix('年')?;
    // A title valid for three years is not the term of the document.
    let titled = after.starts_with('的') || after.starts_with('内');
    let years = i64::try_from(years).ok()?;
    let end = effective?.saturating_add(years.years()).saturating_sub(1.day());
    (!titled).then_some(end)
}

const UNTIL: [char; 7] = ['至', '到', '-', '—', '－', '–', ' '];

/// Last day of 2016至2020年.
fn years(rest: &str) -> Option<Date> {
    let (first, after) = run(rest);
    let after = after.trim_start_matches('年');
    let (last, year) = run(after.trim_start_matches(UNTIL));
    let known = numeral::parse(first).is_some_and(|year| (1949..=2100).contains(&year));
    let last = numeral::parse(last).filter(|year| (1949..=2100).contains(year))?;
    let range = known && year.starts_with('年') && after.starts_with(UNTIL);
    range.then(|| Date::new(i16::try_from(last).ok()?, 12, 31).ok())?
}

/// Day of 至2025年12月31日止.
fn until(sentence: &str) -> Option<Date> {
    sentence.match_indices(['至', '到']).find_map(|(at, word)| {
        let (date, length) = at_start(sentence.get(at + word.len()..)?)?;
        let after = sentence.get(at + word.len() + length..)?;
        ["止", "失效", "废止", "终止"].iter().any(|end| after.starts_with(end)).then_some(date)
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

    #[test]
    fn knows_its_own_dates_from_others() {
        let published = Some(date(2023, 1, 5));
        let cases = [
            ("第四十五条  本细则自2017年1月1日起试行，有效期5年。", Some("2017-01-01"), Some("2021-12-31")),
            ("本政策自发布之日起施行，暂定三年有效期。", Some("2023-01-05"), Some("2026-01-04")),
            ("由小组解释，自2019年1月1日起执行，暂定三年。", Some("2019-01-01"), Some("2021-12-31")),
            (
                "第二十条【有效期】本管理规定自2023年5月1日起施行，有效期五年。",
                Some("2023-05-01"),
                Some("2028-04-30"),
            ),
            (
                "本办法自印发之日起实施，适用期为2013年1月1日至2015年12月31日。",
                Some("2023-01-05"),
                Some("2015-12-31"),
            ),
            ("本规定实行年限为2016至2020年，由某局解释。", None, Some("2020-12-31")),
            ("本通知自2020年1月1日起执行，至2022年12月31日止。", Some("2020-01-01"), Some("2022-12-31")),
            ("标准均从2025年1月1日起执行。", None, None),
            ("本标准均从2025年1月1日起执行。\n本通知有效期1年。", Some("2025-01-01"), Some("2025-12-31")),
            ("本办法自公布之日起30日后施行。", Some("2023-02-04"), None),
            ("本意见自2018年1月1日起施行。券的有效期2年。", Some("2018-01-01"), None),
            ("《某办法》自2016年1月1日起施行。", None, None),
            ("本办法有效期内如遇调整，从其规定。", None, None),
        ];
        for (text, first, last) in cases {
            let from = effective(text, published);
            let show = |date: Option<Date>| date.map(|date| date.to_string());
            assert_eq!(show(from).as_deref(), first, "{text}");
            assert_eq!(show(expires(text, from)).as_deref(), last, "{text}");
        }
    }
}
