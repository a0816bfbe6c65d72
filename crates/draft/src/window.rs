//! Application windows (申报时间): days of the calendar, batches, and those that a notice will name.

use std::ops::Range;

use jiff::civil::Date;
use zhaoren_cancel::poll;
use zhaoren_text::numeral;

use crate::model::WindowReading;
use crate::plain::{has, part};

/// Words that speak of applying.
#[rustfmt::skip]
const APPLYING: &[&str] = &[
    "申报", "受理", "申请", "报名", "填报", "报送", "提交", "截止", "征集", "报至", "登记时间", "办理时间", "上报",
    "递交", "逾期", "批次",
];

/// Words of another period than that of applications.
#[rustfmt::skip]
const OTHER: &[&str] = &[
    "施行", "有效期", "执行期", "实施期", "注册成立", "成立", "期间发生", "建设期", "完工", "投产", "期间内", "竣工",
    "取得", "获得", "签订", "发生的", "公示期",
];

/// Windows that a notice names.
#[rustfmt::skip]
const BY_NOTICE: &[&str] = &[
    "申报通知为准", "通知为准", "另行通知", "以当年", "以申报指南为准", "申报指南为准", "发布申报指南",
    "发布申报通知", "发布年度申报", "以通知", "公告为准", "申报指南要求",
];

/// Windows without an end.
#[rustfmt::skip]
const ALWAYS: &[&str] = &[
    "全年受理", "常年受理", "常态化受理", "随时申报", "全年申报", "长期受理", "随时受理", "全年常态化", "常年申报",
    "随时提出申请", "全年可申请", "长期有效",
];

/// A date as it stands in a sentence.
#[derive(Clone, Debug)]
struct Day {
    year: i16,
    month: i8,
    /// `None` for a month as a whole.
    day: Option<i8>,
    place: Range<usize>,
}

/// Window that a plain sentence says, with the bytes of the words that say so. `is_section`: it stands below a heading on time.
pub(crate) fn read(text: &str, is_section: bool) -> Option<(WindowReading, Range<usize>)> {
    let whole = 0..text.len();
    if ALWAYS.iter().any(|word| text.contains(word)) && (is_section || has(text, APPLYING)) {
        return Some((WindowReading::Always, whole));
    }
    let speaks = is_section || has(text, APPLYING);
    if !speaks {
        return None;
    }
    let days = days(text);
    if !days.is_empty() {
        if has(text, OTHER) && !(is_section || has(text, &["申报时间", "受理时间", "截止", "报送", "填报"]))
        {
            return None;
        }
        let periods = periods(text, &days);
        if !periods.is_empty() {
            let first = days.first().map_or(0, |day| day.place.start);
            let last = days.last().map_or(text.len(), |day| day.place.end);
            return Some((WindowReading::Dates(periods), first..last));
        }
        return None;
    }
    if has(text, BY_NOTICE) {
        return Some((WindowReading::ByNotice(text.chars().take(100).collect()), whole));
    }
    let recurring =
        ["每年", "每季度", "每半年", "当年", "次年", "年度"].iter().any(|word| text.contains(word));
    let months = text.contains('月') && text.chars().any(numeral::is_numeral);
    if recurring
        && months
        && (is_section || has(text, &["申报", "受理", "提出申请", "申请时间"]))
        && !has(text, OTHER)
    {
        return Some((WindowReading::ByNotice(text.chars().take(100).collect()), whole));
    }
    None
}

/// Periods of the dates of a sentence.
fn periods(text: &str, days: &[Day]) -> Vec<(Option<Date>, Option<Date>)> {
    let mut found = Vec::new();
    let mut index = 0;
    while let Some(day) = days.get(index) {
        poll();
        let next = days.get(index + 1);
        let between = next.map_or("", |next| part(text, day.place.end..next.place.start));
        let is_range = between.chars().count() <= 12 && has(between, &["至", "-", "到", "—"]);
        let behind: String = text.get(day.place.end..).unwrap_or_default().chars().take(8).collect();
        let before = part(text, 0..day.place.start);
        let near: String = {
            let tail: Vec<char> = before.chars().rev().take(12).collect();
            tail.into_iter().rev().collect()
        };
        if is_range && let Some(next) = next {
            found.push((first_day(day), last_day(next)));
            index += 2;
            continue;
        }
        if has(&near, &["即日起至", "截止", "截至", "最迟", "不晚于"])
            || has(&behind, &["截止"])
            || near.ends_with('至')
        {
            found.push((None, last_day(day)));
        } else if behind.starts_with('前') || behind.starts_with("之前") {
            // 前 leaves the day out.
            found.push((None, last_day(day).and_then(|day| day.yesterday().ok())));
        } else if behind.starts_with("以前") {
            found.push((None, last_day(day)));
        } else if behind.starts_with('起') || behind.starts_with("开始") || behind.starts_with("后") {
            found.push((first_day(day), None));
        }
        index += 1;
    }
    found.retain(|(opens, closes)| match (opens, closes) {
        (Some(opens), Some(closes)) => opens <= closes,
        (None, None) => false,
        _ => true,
    });
    found
}

fn first_day(day: &Day) -> Option<Date> {
    Date::new(day.year, day.month, day.day.unwrap_or(1)).ok()
}

fn last_day(day: &Day) -> Option<Date> {
    match day.day {
        Some(number) => Date::new(day.year, day.month, number).ok(),
        None => Date::new(day.year, day.month, 1).ok().map(|first| first.last_of_month()),
    }
}

/// Dates of a plain sentence; a part that is left out is that of the date before.
fn days(text: &str) -> Vec<Day> {
    let mut found: Vec<Day> = Vec::new();
    for (at, _) in text.match_indices('月') {
        poll();
        let Some((month, begin)) = number_before(text, at) else { continue };
        let Some(month) = i8::try_from(month).ok().filter(|month| (1..=12).contains(month)) else { continue };
        let before = part(text, 0..begin);
        let year = match before.strip_suffix('年') {
            Some(head) => number_before(text, head.len()),
            None => None,
        };
        let (year, begin) = match year {
            Some((year, begin)) if (1990..=2100).contains(&year) => (i16::try_from(year).ok(), begin),
            Some(_) => continue,
            None => (found.last().map(|last| last.year), begin),
        };
        let Some(year) = year else { continue };
        let behind = at + '月'.len_utf8();
        let rest = text.get(behind..).unwrap_or_default();
        let digits: String = rest.chars().take_while(|c| numeral::is_numeral(*c)).take(3).collect();
        let unit = rest.get(digits.len()..).and_then(|rest| rest.chars().next());
        let day = numeral::parse(&digits)
            .and_then(|day| i8::try_from(day).ok())
            .filter(|day| (1..=31).contains(day));
        let (day, end) = match (day, unit) {
            (Some(day), Some(unit @ ('日' | '号'))) => (Some(day), behind + digits.len() + unit.len_utf8()),
            (None, _) => (None, behind),
            _ => continue,
        };
        found.push(Day { year, month, day, place: begin..end });
    }
    found
}

/// Number that ends at byte `end`, with its first byte.
fn number_before(text: &str, end: usize) -> Option<(u64, usize)> {
    let before = text.get(..end)?;
    let begin = before
        .char_indices()
        .rev()
        .take(6)
        .take_while(|(_, c)| numeral::is_numeral(*c))
        .last()
        .map(|(at, _)| at)?;
    let value = numeral::parse(before.get(begin..)?)?;
    Some((value, begin))
}
