//! Faults of values, worded for the keeper of the table.

use zhaoren_policy::code::CodeSystem;
use zhaoren_policy::fact::{Fact, FactType, Period};
use zhaoren_policy::number::Number;
use zhaoren_policy::problem::{Fault, Problem};

/// Message for a fault of a value of `fact`, or of the profile as a whole if `fact` is `None`.
pub(crate) fn reason(fault: &Fault, fact: Option<&Fact>) -> String {
    match fault {
        Fault::Expected { .. } => format!("应为{}", fact.map_or("符合格式的值", expected)),
        Fault::OutOfBounds { value, .. } => {
            let end = |end: &Option<Number>| end.as_ref().map_or("不限".to_owned(), ToString::to_string);
            let bounds = fact.map(|fact| format!("，应在 {} 与 {} 之间", end(&fact.min), end(&fact.max)));
            format!("{value} 超出范围{}", bounds.unwrap_or_default())
        }
        Fault::EmptyRange { low, high } => format!("从 {low} 到 {high} 的区间里没有值"),
        Fault::UnknownValue { value, suggestion, .. } => {
            let suggestion = suggestion.as_ref().map(|word| format!("，是否为“{word}”")).unwrap_or_default();
            format!("“{value}”不在名单内{suggestion}")
        }
        Fault::UnknownCode { code, table } => format!("代码 `{code}` 不在 {table} 中"),
        Fault::UnknownFact { key, suggestion } => {
            let suggestion = suggestion.as_ref().map(|word| format!("，是否为“{word}”")).unwrap_or_default();
            format!("没有“{key}”这项指标{suggestion}")
        }
        Fault::UnknownKey { key, .. } => match fact.map(|fact| fact.kind) {
            Some(FactType::Tags) => format!("称号里有不认识的“{key}”，只用 tag、from、until"),
            _ => format!("区间里有不认识的“{key}”，只用 at_least、at_most"),
        },
        Fault::Contradiction(tag) => format!("“{tag}”既说有，又说没有"),
        Fault::MissingKey(key) => format!("缺少 {key}"),
        Fault::Syntax(message) => format!("不是完整的 JSON：{message}"),
        other => other.to_string(),
    }
}

/// Message for a fault of a JSON profile, at the path of the problem.
pub(crate) fn reason_at(problem: &Problem, fact: Option<&Fact>) -> String {
    let Fault::Expected { .. } = &problem.fault else {
        return match fact {
            Some(fact) => reason_of_record(problem, &problem.path, fact),
            None => reason(&problem.fault, None),
        };
    };
    let steps = problem.path.split('.').count();
    match (problem.path.as_str(), fact) {
        ("", _) => "应为一个企业画像：含 id 与 facts 的对象".to_owned(),
        ("id" | "name", _) => "应为文字".to_owned(),
        ("facts", _) => "应为指标的对象".to_owned(),
        (path, None) if path.starts_with("judged") => "应为 true 或 false".to_owned(),
        (_, Some(fact)) if fact.period == Period::Year && steps == 2 => {
            "应按年度给出，如 {\"2025\": …}".to_owned()
        }
        (path, Some(fact)) if fact.period == Period::Year && steps == 3 && !ends_in_year(path) => {
            "年度应为四位数字".to_owned()
        }
        (path, Some(fact)) => reason_of_record(problem, path, fact),
        (_, None) => reason(&problem.fault, None),
    }
}

/// Message for a fault of a value of `fact` at `path`: that of a field names the record, counted from 1, and the field.
pub(crate) fn reason_of_record(problem: &Problem, path: &str, fact: &Fact) -> String {
    let place = || {
        let (_, rest) = path.split_once('[')?;
        let (number, rest) = rest.split_once(']')?;
        Some((number.parse::<usize>().ok()? + 1, rest.strip_prefix('.').unwrap_or(rest)))
    };
    let Some((number, rest)) = place().filter(|_| fact.kind == FactType::Records) else {
        return reason(&problem.fault, Some(fact));
    };
    match rest.split(['.', '[']).next().and_then(|key| fact.fields.get(key)) {
        Some(field) => format!("第 {number} 条记录的{}：{}", field.name, reason(&problem.fault, Some(field))),
        None => format!("第 {number} 条记录：{}", reason(&problem.fault, None)),
    }
}

fn ends_in_year(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(|year| year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()))
}

/// Expected notation of a fact's value in a table.
pub(crate) fn expected(fact: &Fact) -> &'static str {
    match fact.kind {
        FactType::Boolean => "是或否（true、false、1、0）",
        FactType::Integer => "整数",
        FactType::Decimal => "数字",
        FactType::Money => "以元为单位的金额（数字）",
        FactType::Ratio => "比例（数字，5% 写作 0.05）",
        FactType::Date => "存在的日期，如 2024-02-29",
        FactType::Code => match fact.codes {
            Some(CodeSystem::Industry) => "行业代码（GB/T 4754-2017），如 6513",
            _ => "行政区划代码（GB/T 2260），如 310104",
        },
        FactType::Tags => "以 | 分隔的称号",
        FactType::Text => "文字",
        FactType::Records => "记录的列表（JSON，如 [{…}, {…}]），另有未列出的写作 {\"known\": […]}",
    }
}
