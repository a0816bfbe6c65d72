//! Period of validity of a document: its first and its last day in force.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use zhaoren_cancel::{poll, steps};

use crate::dates::{at_start, run, value};

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
///
/// A notice that prolongs another document, which its title says, holds as long as that one from then on.
pub(crate) fn expires(title: &str, text: &str, effective: Option<Date>) -> Option<Date> {
    let prolongs = ["延长", "延续", "延期"].iter().any(|word| title.contains(word));
    let mut after = false;
    let mut found = None;
    for sentence in sentences(text) {
        let starts = start(sentence).is_some();
        let behind = after
            && ["有效期", "试行", "暂行", "执行期", "实施期"]
                .iter()
                .any(|word| sentence.trim_start().starts_with(word));
        if starts || behind || has_own_term(sentence) || (prolongs && prolonged(sentence).is_some()) {
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
    let mut candidates = sentence.match_indices(['自', '从', '于']).filter(|(at, word)| {
        poll();
        let rest = sentence.get(at + word.len()..).unwrap_or_default().trim_start();
        at_start(rest).is_some() || issued(rest).is_some()
    });
    let (at, word) = candidates.next_back().filter(|_| begun)?;
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
    let days = value(digits).filter(|days| (1..=366).contains(days) && after.starts_with(['日', '天']));
    let days = i64::try_from(days.unwrap_or(0)).ok()?;
    Some(published?.saturating_add(days.days()))
}

/// Text before a keyword for a term, and the text after it.
fn term(sentence: &str) -> Option<(&str, &str)> {
    let words = [
        "有效期",
        "适用期",
        "实行年限",
        "执行期限",
        "实施期限",
        "执行期",
        "实施期",
        "试行期",
        "试行期限",
        "政策期限",
        "暂行期",
        "适用期限",
    ];
    // The last one: 【有效期】 can be the heading of an article.
    words.iter().filter_map(|word| sentence.rsplit_once(word)).max_by_key(|(before, _)| before.len())
}

fn has_own_term(sentence: &str) -> bool {
    term(sentence).is_some_and(|(before, _)| names_itself(before))
        || prolonged(sentence).is_some_and(|(before, _)| names_itself(before))
        || ["试行", "暂行"].iter().any(|word| {
            sentence
                .split_once(word)
                .is_some_and(|(before, after)| names_itself(before) && span(after).is_some())
        })
}

/// Text before and after 延长至 and its synonyms.
fn prolonged(sentence: &str) -> Option<(&str, &str)> {
    let words = [
        "延长至",
        "延长到",
        "延续至",
        "延续到",
        "延期至",
        "延期到",
        "顺延至",
        "继续有效至",
        "继续执行至",
        "继续施行至",
    ];
    words.iter().find_map(|word| sentence.split_once(word))
}

/// Last day in force stated by a sentence about the document.
fn last_day(sentence: &str, effective: Option<Date>) -> Option<Date> {
    if let Some((last, _)) = prolonged(sentence).and_then(|(_, after)| last_of(after.trim_start())) {
        return Some(last);
    }
    let rest = match term(sentence) {
        Some((_, rest)) => {
            rest.trim_start_matches(['限', '为', '：', ':', ' ', '暂', '定', '自', '从', '是'])
        }
        None => "",
    };
    if let Some((date, _)) =
        rest.strip_prefix('至').or_else(|| rest.strip_prefix('到')).and_then(|to| last_of(to.trim_start()))
    {
        return Some(date);
    }
    // 2013年1月1日至2015年12月31日, 2016至2020年, and 至2025年12月31日止 anywhere in the sentence.
    let interval = range(rest).or_else(|| start(sentence).and_then(range));
    if let Some(last) = interval.or_else(|| years(rest)).or_else(|| until(sentence)) {
        return Some(last);
    }
    // 有效期5年, 试行两年, and 暂定三年 after 起执行.
    let words = ["暂定", "试行期", "试行", "暂行"];
    // 有效期自发布之日起五年
    let from = |rest| at_start(rest).and_then(|(_, length)| rest.get(length..)).or_else(|| issued(rest));
    let rest = from(rest).map_or(rest, |rest| rest.trim_start_matches(['起', '计', '算', '，', '为']));
    let counted = Some(rest).filter(|rest| !rest.is_empty()).and_then(span).or_else(|| {
        words.iter().find_map(|word| {
            sentence
                .rsplit_once(word)
                .and_then(|(_, rest)| span(rest.trim_start_matches(['为', '：', ':', ' '])))
        })
    })?;
    Some(effective?.saturating_add(counted).saturating_sub(1.day()))
}

/// The span of a term at the start of `text`: 5年, 两年半, 1年6个月, 六个月. None for a span that says of something else
/// how long it is valid (三年的, 三年内).
fn span(text: &str) -> Option<Span> {
    let (digits, after) = run(text);
    let mut count = value(digits)?;
    let mut after = after.trim_start();
    let mut months = 0;
    if let Some(rest) = after.strip_prefix('年') {
        months = count.checked_mul(12).filter(|months| (12..=360).contains(months))?;
        after = rest;
        if let Some(rest) = after.strip_prefix('半') {
            months += 6;
            after = rest;
        }
        let (digits, rest) = run(after.trim_start_matches(['零', '又', '、', ' ']));
        count = value(digits).unwrap_or(0);
        if count > 0 && rest.trim_start().starts_with("个月") {
            after = rest.trim_start();
        }
    }
    if let Some(rest) = after.strip_prefix("个月") {
        months += count;
        after = rest;
    }
    let of_another =
        after.starts_with(['的', '内', '以', '后', '一']) || (1..=600).contains(&months).eq(&false);
    (!of_another).then(|| Span::new().try_months(i64::try_from(months).ok()?).ok())?
}

/// The last day of the date at the start of `text`, which may be without its day or month: 2025年12月31日, 2025年12月,
/// 2025年底. Also returns the length of the date in bytes.
fn last_of(text: &str) -> Option<(Date, usize)> {
    if let Some(found) = at_start(text) {
        return Some(found);
    }
    let (digits, after) = run(text);
    let year = value(digits).filter(|year| (1949..=2100).contains(year))?;
    let year = i16::try_from(year).ok()?;
    let after = after.trim_start().strip_prefix('年')?;
    let ends = ["年底", "年末", "底", "末"];
    if let Some(rest) = ends.iter().find_map(|end| after.strip_prefix(end)) {
        return Some((Date::new(year, 12, 31).ok()?, text.len() - rest.len()));
    }
    let (digits, rest) = run(after.trim_start());
    let month = i8::try_from(value(digits)?).ok()?;
    let rest = rest.trim_start().strip_prefix('月')?;
    let rest = rest.strip_prefix(['底', '末']).unwrap_or(rest);
    Some((Date::new(year, month, 1).ok()?.last_of_month(), text.len() - rest.len()))
}

/// The last day of an interval of dates at the start of `text`: 2024年1月1日起至2026年12月31日.
fn range(text: &str) -> Option<Date> {
    let (_, length) = at_start(text)?;
    let to = text.get(length..)?.trim_start_matches(['起', '开', '始', '，', ',', ' ']);
    let until = to.trim_start_matches(UNTIL);
    (until.len() < to.len()).then(|| last_of(until))?.map(|(last, _)| last)
}

const UNTIL: [char; 8] = ['至', '到', '-', '—', '－', '–', '~', ' '];

/// Last day of 2016至2020年.
fn years(rest: &str) -> Option<Date> {
    let (first, after) = run(rest);
    let after = after.trim_start_matches('年');
    let (last, year) = run(after.trim_start_matches(UNTIL));
    let known = value(first).is_some_and(|year| (1949..=2100).contains(&year));
    let last = value(last).filter(|year| (1949..=2100).contains(year))?;
    let range = known && year.starts_with('年') && after.starts_with(UNTIL);
    range.then(|| Date::new(i16::try_from(last).ok()?, 12, 31).ok())?
}

/// Day of 至2025年12月31日止.
fn until(sentence: &str) -> Option<Date> {
    sentence.match_indices(['至', '到']).find_map(|(at, word)| {
        let (date, length) = at_start(sentence.get(at + word.len()..)?)?;
        let after = sentence.get(at + word.len() + length..)?.trim_start_matches(['起', '日', '自', '动']);
        ["止", "失效", "废止", "终止"].iter().any(|end| after.starts_with(end)).then_some(date)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn period_of_validity_is_read() {
        let published = Some(date(2023, 1, 5));
        let text = "本办法自2023年2月1日起施行，有效期至2028年1月31日。";
        assert_eq!(effective(text, published), Some(date(2023, 2, 1)));
        assert_eq!(expires("", text, effective(text, published)), Some(date(2028, 1, 31)));
        let text = "本措施自印发之日起实施，有效期3年。";
        assert_eq!(effective(text, published), published);
        assert_eq!(expires("", text, published), Some(date(2026, 1, 4)));
        assert_eq!(expires("", "证书有效期三年的，", published), None);
        assert_eq!(effective("自主创新", published), None);
    }

    #[test]
    fn own_dates_are_distinguished_from_others() {
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
            ("本意见自公布之日起施行，试行两年。", Some("2023-01-05"), Some("2025-01-04")),
            ("本办法自印发之日起试行一年半。", Some("2023-01-05"), Some("2024-07-04")),
            ("第九条 本细则自2024年3月1日起施行，试行期为1年6个月。", Some("2024-03-01"), Some("2025-08-31")),
            ("本措施自2024年1月1日至2026年12月31日施行。", Some("2024-01-01"), Some("2026-12-31")),
            ("第十条 本措施执行期限为自2024年1月1日起至2025年12月。", None, Some("2025-12-31")),
            ("本办法有效期至2027年底。", None, Some("2027-12-31")),
            ("本政策执行期限延长至2025年12月31日。", None, Some("2025-12-31")),
            ("本通知自印发之日起施行，有效期限六个月。", Some("2023-01-05"), Some("2023-07-04")),
            ("本办法自二〇二三年三月一日起施行。\n有效期五年。", Some("2023-03-01"), Some("2028-02-29")),
            ("本意见自发布之日起施行，有效期自发布之日起五年。", Some("2023-01-05"), Some("2028-01-04")),
            ("企业试行两年后可以申请。", None, None),
            ("本办法规定的证书执行期限延长至2025年12月31日。", None, None),
        ];
        for (text, first, last) in cases {
            let from = effective(text, published);
            let show = |date: Option<Date>| date.map(|date| date.to_string());
            assert_eq!(show(from).as_deref(), first, "{text}");
            assert_eq!(show(expires("", text, from)).as_deref(), last, "{text}");
        }
    }

    /// R10: a notice says of another document how much longer that holds.
    #[test]
    fn prolonging_notices_share_the_prolonged_validity() {
        let text = "经研究，《云溪区扶持办法》（云政规〔2020〕3号）执行期限延长至2026年6月30日。";
        let of = |title: &str| expires(title, text, None);
        assert_eq!(of("关于延长《云溪区扶持办法》执行期限的通知"), Some(date(2026, 6, 30)));
        assert_eq!(of("关于申报扶持资金的通知"), None);
    }
}
