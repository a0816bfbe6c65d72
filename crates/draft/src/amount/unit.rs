//! Unit that a sum is paid for: 每名, 每件, 元/平方米.

use zhaoren_text::numeral;

use super::scan::Sum;
use crate::plain::{has, part};

/// Bearers of a unit: 每家企业 is the applicant, 每个项目 is a unit of its own.
#[rustfmt::skip]
pub(super) const APPLICANTS: &[&str] = &[
    "企业", "单位", "机构", "主体", "户", "家", "申报单位", "申请人", "公司", "法人", "申请单位", "创新主体",
    "市场主体", "平台", "园区", "运营方",
];

/// Verbs between 每 and what is counted.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "新增", "增加", "招收", "招用", "招录", "新引进", "引进", "培养", "推荐", "新认定", "吸纳", "取得", "获得",
    "成功", "设立", "新设", "新建", "举办", "开设", "建成", "完成", "组织", "招引", "新",
];

/// Unit of a sum: 每名, 每件, 元/平方米.
pub(super) fn each(words: &str, sum: &Sum) -> Option<(String, String)> {
    let behind = words.get(sum.place.end..).unwrap_or_default();
    if let Some(unit) = behind.strip_prefix('/') {
        let end = unit
            .find(|c: char| matches!(c, '的' | '，' | '（' | '标') || c.is_ascii_digit())
            .unwrap_or(unit.len());
        let unit: String = unit.get(..end).unwrap_or_default().chars().take(12).collect();
        let unit = unit.replace('/', "·");
        // 元/家 is for the applicant itself.
        let is_own = ["年", "家", "户", "企业"].contains(&unit.as_str());
        return (!unit.is_empty() && !is_own).then(|| (unit.clone(), unit));
    }
    let before = crate::plain::without_brackets(part(words, 0..sum.place.start));
    let before = before.as_str();
    if has(before, &["每平方米每月", "每月每平方米", "每平米每月"]) {
        return Some(("平方米·月".to_owned(), "平方米·月".to_owned()));
    }
    if has(before, &["每人每月", "每月每人"]) {
        return Some(("人·月".to_owned(), "人·月".to_owned()));
    }
    let at = before.rfind('每')?;
    let named = before.get(at + '每'.len_utf8()..)?;
    let mut named = named;
    for verb in VERBS {
        named = named.strip_prefix(verb).unwrap_or(named);
    }
    let named = named.split("分别").next().unwrap_or_default();
    if named.starts_with(['年', '月', '季']) && !named.starts_with("月每") {
        return None;
    }
    // 每50公斤 keeps its number; 每一名 does not.
    let count: String = named.chars().take_while(|c| numeral::is_numeral(*c)).collect();
    let named = named.get(count.len()..).unwrap_or_default();
    let count =
        numeral::parse(&count).filter(|count| *count > 1).map(|count| count.to_string()).unwrap_or_default();
    let end = named
        .find(|c: char| "给予奖补按资最不可一的，支另并且".contains(c) || c.is_ascii_digit())
        .unwrap_or(named.len());
    let name = named.get(..end).unwrap_or_default();
    // 每家企业 is the applicant itself.
    let is_applicant = APPLICANTS.iter().any(|who| name.ends_with(who)) || name == "家" || name == "户";
    if name.is_empty() || name.chars().count() > 20 || is_applicant || name.contains('元') {
        return None;
    }
    let measure = name.chars().next().filter(|c| "名人项件家个台套场次张辆亩吨户款部".contains(*c));
    let rest: String = name.chars().skip(usize::from(measure.is_some())).collect();
    let unit = measure.map_or_else(|| name.to_owned(), String::from);
    let unit = format!("{count}{unit}");
    let object = if rest.is_empty() { unit.clone() } else { rest };
    Some((object, unit))
}
