//! Describes criteria in readable Chinese, as a caseworker would read them to an enterprise.

use super::leaf::{Aggregate, Compare, DateCompare, Leaf, RecordLeaf, Span, Take, Test, When};
use super::tree::{Criterion, Node};
use crate::calendar::{CalendarSpan, chinese_date};
use crate::code::{Code, names};
use crate::fact::{Fact, FactDictionary, FactType, Knowledge, Value};
use crate::number::Number;
use crate::profile::value_of;

/// Criterion in words: its own `text` if it has one, otherwise a generated description.
pub fn describe(criterion: &Criterion, dictionary: &FactDictionary) -> String {
    if let Some(text) = &criterion.text {
        return text.clone();
    }
    let list = |of: &[Criterion], with: &str| {
        of.iter().map(|child| describe_nested(child, dictionary)).collect::<Vec<_>>().join(with)
    };
    match &criterion.node {
        Node::All(of) if of.is_empty() => "无条件".to_owned(),
        Node::All(of) => list(of, "；"),
        Node::Any { of, count: 1 } if of.len() == 1 => list(of, ""),
        Node::Any { of, count: 1 } => format!("符合下列之一：{}", list(of, "；或")),
        Node::Any { of, count } => format!("符合下列至少{count}项：{}", list(of, "；")),
        Node::Not(inner) => format!("不属于下列情形：{}", describe(inner, dictionary)),
        Node::Case { arms, otherwise } => {
            let mut parts: Vec<String> = arms
                .iter()
                .map(|arm| {
                    format!(
                        "{}的，{}",
                        describe_nested(&arm.when, dictionary),
                        describe_nested(&arm.then, dictionary)
                    )
                })
                .collect();
            if let Some(other) = otherwise {
                parts.push(format!("其他情形，{}", describe_nested(other, dictionary)));
            }
            parts.join("；")
        }
        Node::Points { scores, at_least } => {
            let parts: Vec<String> = scores
                .iter()
                .map(|score| format!("{}得{}分", describe_nested(&score.when, dictionary), score.score))
                .collect();
            format!("得分合计不低于{at_least}分：{}", parts.join("；"))
        }
        Node::Judged(text) => text.clone(),
        Node::Leaf(leaf) => describe_leaf(leaf, dictionary),
        Node::Records(leaf) => describe_records(leaf, dictionary),
    }
}

/// 贷款记录中至少1笔满足（贷款金额不低于100万元）; 投资项目的投资额合计不低于5000万元.
fn describe_records(leaf: &RecordLeaf, dictionary: &FactDictionary) -> String {
    let measure = &leaf.measure;
    let Some(fact) = dictionary.get(&measure.records) else { return measure.records.clone() };
    let condition = (!leaf.counts_all()).then(|| describe_nested(&measure.condition, &fact.fields));
    match measure.of.as_deref().map(|field| (field, fact.fields.get(field))) {
        None => {
            let least = leaf.tests.iter().find_map(|test| match test {
                Test::Number(_, number) => Some(number.to_string()),
                _ => None,
            });
            let some = format!("至少{}{}", least.unwrap_or_default(), fact.record_unit());
            match condition {
                Some(condition) => format!("{}中{some}满足（{condition}）", fact.name),
                None => format!("{}{some}", fact.name),
            }
        }
        Some((key, None)) => key.to_owned(),
        Some((_, Some(field))) => {
            let subject = match condition {
                Some(condition) => format!("{}中满足（{condition}）的{}合计", fact.name, field.name),
                None => format!("{}的{}合计", fact.name, field.name),
            };
            describe_tests(&leaf.tests, field, &subject, false)
        }
    }
}

/// Like [`describe`], with the parts of an inner list bracketed.
fn describe_nested(criterion: &Criterion, dictionary: &FactDictionary) -> String {
    match &criterion.node {
        Node::All(of) if criterion.text.is_none() && of.len() > 1 => {
            of.iter().map(|child| describe_nested(child, dictionary)).collect::<Vec<_>>().join("且")
        }
        Node::Any { of, .. } if criterion.text.is_none() && of.len() > 1 => {
            format!("（{}）", describe(criterion, dictionary))
        }
        _ => describe(criterion, dictionary),
    }
}

fn describe_leaf(leaf: &Leaf, dictionary: &FactDictionary) -> String {
    let Some(fact) = dictionary.get(&leaf.fact) else { return leaf.fact.clone() };
    let subject = format!("{}{}", describe_when(leaf.when, fact), fact.name);
    let growth = matches!(leaf.when, When::Years(Aggregate { take: Take::Growth | Take::Cagr, .. }));
    describe_tests(&leaf.tests, fact, &subject, growth)
}

fn describe_tests(tests: &[Test], fact: &Fact, subject: &str, growth: bool) -> String {
    let parts: Vec<String> = tests.iter().map(|test| describe_test(test, fact, subject, growth)).collect();
    // 从业人数不低于10人且不超过50人: the subject is written once.
    let mut words = String::new();
    for (index, part) in parts.iter().enumerate() {
        match part.strip_prefix(subject) {
            Some(rest) if index > 0 => words.push_str(&format!("且{rest}")),
            _ if index > 0 => words.push_str(&format!("且{part}")),
            _ => words.push_str(part),
        }
    }
    words
}

/// Description of the selected value, before the fact's name: 上年度, 近3年平均.
pub(crate) fn describe_when(when: When, fact: &Fact) -> String {
    match when {
        When::Current => String::new(),
        When::LastYear => "上年度".to_owned(),
        When::Year(year) => format!("{year}年度"),
        When::Years(aggregate) => {
            let last = i32::from(aggregate.years) - 1;
            let years = match aggregate.end {
                Some(end) if last > 0 => format!("{}至{end}年", i32::from(end) - last),
                Some(end) => format!("{end}年"),
                None => format!("近{}年", aggregate.years),
            };
            let take = match aggregate.take {
                Take::Average => "平均",
                Take::Sum => "累计",
                Take::Min => "各年最低",
                Take::Max => "各年最高",
                // The growth of a fact is a rate: 营业收入的增长率.
                Take::Growth => return format!("{years}增长率（{}）", fact.name),
                Take::Cagr => return format!("{years}年均复合增长率（{}）", fact.name),
            };
            format!("{years}{take}")
        }
    }
}

fn describe_test(test: &Test, fact: &Fact, subject: &str, growth: bool) -> String {
    // A rate already names its fact in brackets.
    let subject = if growth { subject.strip_suffix(fact.name.as_str()).unwrap_or(subject) } else { subject };
    match test {
        Test::Number(compare, bound) => {
            let bound = if growth { percent(bound) } else { describe_number(bound, fact) };
            let word = match compare {
                Compare::AtLeast => "不低于",
                Compare::AtMost => "不超过",
                Compare::MoreThan => "超过",
                Compare::LessThan => "低于",
                Compare::Equals => "等于",
            };
            format!("{subject}{word}{bound}")
        }
        Test::Date(compare, day) => {
            let day = chinese_date(*day);
            let word = match compare {
                DateCompare::OnOrAfter => "（含）以后",
                DateCompare::OnOrBefore => "（含）以前",
                DateCompare::After => "之后（不含当日）",
                DateCompare::Before => "之前（不含当日）",
            };
            format!("{subject}在{day}{word}")
        }
        Test::Elapsed(span, length) => describe_elapsed(*span, *length, fact, subject),
        Test::OneOf(values) => describe_one_of(values, fact, subject),
        Test::Within(codes) => format!("{subject}属于{}", code_names(codes)),
        Test::Outside(codes) => format!("{subject}不属于{}", code_names(codes)),
        Test::HasAny(tags) if tags.len() == 1 => format!("{subject}含{}", quoted(tags)),
        Test::HasAny(tags) => format!("{subject}含{}之一", quoted(tags)),
        Test::HasAll(tags) => format!("{subject}同时含{}", quoted(tags)),
        Test::HasNone(tags) => format!("{subject}不含{}", quoted(tags)),
    }
}

fn describe_elapsed(span: Span, length: CalendarSpan, fact: &Fact, subject: &str) -> String {
    let length = length.chinese();
    if let Some(event) = &fact.last {
        return match span {
            Span::AtLeast => format!("近{length}内未发生{event}"),
            Span::MoreThan => format!("近{length}内（含满{length}当日）未发生{event}"),
            Span::AtMost => format!("近{length}内（含满{length}当日）发生过{event}"),
            Span::LessThan => format!("近{length}内发生过{event}"),
        };
    }
    let word = match span {
        Span::AtLeast => "满",
        Span::MoreThan => "超过",
        Span::AtMost => "不超过",
        Span::LessThan => "不满",
    };
    match &fact.since {
        Some(verb) => format!("{verb}{word}{length}"),
        None => format!("{subject}距判定日{word}{length}"),
    }
}

fn describe_one_of(values: &[Value], fact: &Fact, subject: &str) -> String {
    match values {
        [Value::Bool(true)] if says_itself(&fact.name) => subject.to_owned(),
        [Value::Bool(false)] if fact.name.starts_with("列入") => subject.replacen("列入", "未列入", 1),
        [Value::Bool(false)] if fact.name.starts_with("属于") => subject.replacen("属于", "不属于", 1),
        [Value::Bool(true)] => format!("{subject}：是"),
        [Value::Bool(false)] => format!("{subject}：否"),
        _ => {
            let words: Vec<String> = values.iter().map(|value| describe_exact(fact, value)).collect();
            format!("{subject}为{}", words.join("、"))
        }
    }
}

/// True if a boolean fact's name is a statement about the enterprise: 列入…, 属于….
fn says_itself(name: &str) -> bool {
    name.starts_with("列入") || name.starts_with("属于")
}

fn quoted(tags: &[String]) -> String {
    tags.iter().map(|tag| format!("“{tag}”")).collect::<Vec<_>>().join("、")
}

fn code_names(codes: &[Code]) -> String {
    codes.iter().map(code_name).collect::<Vec<_>>().join("、")
}

fn code_name(code: &Code) -> String {
    names(code.system()).name(code).map_or_else(|| code.to_string(), |name| format!("{name}（{code}）"))
}

/// Known value of a fact in words; 未知 if unknown.
pub fn describe_value(fact: &Fact, known: &Knowledge) -> String {
    match known {
        Knowledge::Unknown => "未知".to_owned(),
        Knowledge::Exactly(value) => describe_exact(fact, value),
        Knowledge::Among(values) => {
            values.iter().map(|value| describe_exact(fact, value)).collect::<Vec<_>>().join("或")
        }
        Knowledge::Within { low, high } => {
            let end = |value: &Value| describe_exact(fact, value);
            match (low, high) {
                (Some(low), Some(high)) => format!("{}至{}", end(low), end(high)),
                (Some(low), None) => format!("{}以上", end(low)),
                (None, Some(high)) if fact.kind == FactType::Date => format!("{}以前", end(high)),
                (None, Some(high)) => format!("{}以下", end(high)),
                (None, None) => "未知".to_owned(),
            }
        }
    }
}

/// Value of a report (a value, a range, candidates, tags, or values by year) in words; 未知 for null.
pub fn describe_json(fact: &Fact, value: &serde_json::Value) -> String {
    use serde_json::Value as Json;
    let one = |value: &Json| -> String {
        let node = crate::syntax::json(&value.to_string()).ok();
        node.and_then(|node| value_of(fact, &node)).map_or_else(
            || value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            |value| describe_value(fact, &Knowledge::Exactly(value)),
        )
    };
    match value {
        Json::Null => "未知".to_owned(),
        Json::Object(map) if map.len() == 1 && map.contains_key("withheld") => {
            format!("不提供（{}）", map.get("withheld").and_then(Json::as_str).unwrap_or_default())
        }
        value if fact.kind == FactType::Records => describe_record_json(fact, value),
        Json::Array(tags) if tags.is_empty() => "无".to_owned(),
        Json::Array(tags) => tags.iter().map(one).collect::<Vec<_>>().join("、"),
        Json::Object(map) => match (map.get("at_least"), map.get("at_most"), map.get("one_of")) {
            (Some(low), Some(high), _) => format!("{}至{}", one(low), one(high)),
            (Some(low), None, _) => format!("{}以上", one(low)),
            (None, Some(high), _) if fact.kind == FactType::Date => format!("{}以前", one(high)),
            (None, Some(high), _) => format!("{}以下", one(high)),
            (None, None, Some(Json::Array(values))) => values.iter().map(one).collect::<Vec<_>>().join("或"),
            _ => map
                .iter()
                .map(|(year, value)| format!("{year}年{}", describe_json(fact, value)))
                .collect::<Vec<_>>()
                .join("，"),
        },
        other => one(other),
    }
}

/// Value of a condition on records of `fact` in words: a count (3笔, 1至2笔), or the sum of the field `of` (贷款金额合计500万元).
pub fn describe_measure(fact: &Fact, of: Option<&str>, value: &serde_json::Value) -> String {
    let Some(field) = of.and_then(|of| fact.fields.get(of)) else { return describe_json(fact, value) };
    if value.is_null() {
        return "未知".to_owned();
    }
    format!("{}合计{}", field.name, describe_json(field, value))
}

/// Records shown in words; the others are counted.
const SHOWN_RECORDS: usize = 3;

/// Records as a profile gives them, or their count, in words.
fn describe_record_json(fact: &Fact, value: &serde_json::Value) -> String {
    use serde_json::Value as Json;
    let unit = fact.record_unit();
    match value {
        Json::Array(records) => {
            let fields = |record: &Json| -> String {
                let known = record.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
                let words = known.map(|(key, value)| match fact.fields.get(key) {
                    Some(field) => format!("{}{}", field.name, describe_json(field, value)),
                    None => format!("{key}{value}"),
                });
                words.collect::<Vec<_>>().join("，")
            };
            let shown: Vec<String> = records.iter().take(SHOWN_RECORDS).map(fields).collect();
            let more = if records.len() > shown.len() { "；……" } else { "" };
            let of = if shown.iter().all(String::is_empty) {
                String::new()
            } else {
                format!("：{}{more}", shown.join("；"))
            };
            format!("{}{unit}{of}", records.len())
        }
        Json::Object(map) => match (map.get("known"), map.get("at_least"), map.get("at_most")) {
            (Some(known), ..) => format!("已知{}", describe_record_json(fact, known)),
            (None, Some(low), Some(high)) => format!("{low}至{high}{unit}"),
            (None, Some(low), None) => format!("{low}{unit}以上"),
            (None, None, Some(high)) => format!("{high}{unit}以下"),
            (None, None, None) => "未知".to_owned(),
        },
        count => format!("{count}{unit}"),
    }
}

fn describe_exact(fact: &Fact, value: &Value) -> String {
    match value {
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "否".to_owned(),
        Value::Number(number) => describe_number(number, fact),
        Value::Date(day) => chinese_date(*day),
        Value::Code(code) => code_name(code),
        Value::Text(text) => text.clone(),
    }
}

fn describe_number(number: &Number, fact: &Fact) -> String {
    match fact.kind {
        FactType::Ratio => percent(number),
        FactType::Money => describe_money(number),
        _ => format!("{}{}", number.to_rounded_string(4), fact.unit.as_deref().unwrap_or("")),
    }
}

/// Percentage with at most two decimals, which is finer than any clause: 5%, 0.55%.
pub(crate) fn percent(number: &Number) -> String {
    format!("{}%", number.times(&Number::from(100)).to_rounded_string(2))
}

/// Amount in 亿元, 万元 or 元, whichever is shortest without rounding a yuan away.
pub fn describe_money(yuan: &Number) -> String {
    const UNITS: [(i64, &str); 2] = [(100_000_000, "亿元"), (10_000, "万元")];
    let size = yuan.abs();
    for (unit, name) in UNITS {
        let unit = Number::from(unit);
        if size >= unit
            && let Some(scaled) = yuan.checked_div(&unit)
        {
            // The fourth decimal of 万元 is one yuan.
            let text = scaled.to_rounded_string(4);
            if Number::parse(&text).is_some_and(|shown| shown.times(&unit) == *yuan) {
                return format!("{text}{name}");
            }
        }
    }
    format!("{}元", yuan.to_rounded_string(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::criterion::read_criterion;
    use crate::problem::Report;
    use crate::syntax::yaml;

    fn say(text: &str) -> String {
        let dictionary = FactDictionary::built_in();
        let mut report = Report::new("t.yaml");
        let node = yaml(text).unwrap().remove(0);
        let criterion = read_criterion(&node, "criteria", dictionary, &mut report);
        describe(&criterion.unwrap_or_else(|| panic!("{:?}", report.problems)), dictionary)
    }

    #[test]
    fn text_reads_like_a_guide() {
        let cases = [
            ("{fact: established_on, for_at_least: 12 months}", "成立满12个月"),
            ("{fact: last_safety_accident_on, for_at_least: 3 years}", "近3年内未发生重大安全事故"),
            ("{fact: employees, at_least: 10, at_most: 50}", "从业人数不低于10人且不超过50人"),
            (
                "{fact: revenue, more_than: 50000000, less_than: 200000000}",
                "上年度营业收入超过5000万元且低于2亿元",
            ),
            (
                "{fact: revenue, years: 3, take: average, at_least: 50000000}",
                "近3年平均营业收入不低于5000万元",
            ),
            (
                "{fact: revenue, years: 3, take: cagr, at_least: 0.15}",
                "近3年年均复合增长率（营业收入）不低于15%",
            ),
            ("{fact: revenue, year: 2024, at_least: 12345}", "2024年度营业收入不低于1.2345万元"),
            ("{fact: rd_intensity, at_least: 0.055}", "上年度研发费用占营业收入比不低于5.5%"),
            ("{fact: abnormal_list, is: false}", "未列入经营异常名录"),
            ("{fact: registered_region, within: ['310104']}", "注册地属于徐汇区（310104）"),
            ("{fact: enterprise_size, one_of: [小型, 微型]}", "企业规模为小型、微型"),
            ("{fact: qualifications, has_any: [高新技术企业]}", "资质称号(有效期内)含“高新技术企业”"),
            (
                "{any: [{fact: employees, at_least: 3}, {judged: 经认定}]}",
                "符合下列之一：从业人数不低于3人；或经认定",
            ),
            ("{text: 注册满一年, fact: established_on, for_at_least: 365 days}", "注册满一年"),
            (
                "{case: [{when: {fact: si_insured, at_most: 30}, then: {fact: layoff_rate, at_most: 0.2}}], else: {fact: layoff_rate, at_most: 0.055}}",
                "社保参保人数不超过30人的，上年度裁员率不超过20%；其他情形，上年度裁员率不超过5.5%",
            ),
        ];
        for (text, words) in cases {
            assert_eq!(say(text), words, "{text}");
        }
    }

    #[test]
    fn money_is_never_rounded_away() {
        let yuan = |text: &str| describe_money(&Number::parse(text).unwrap());
        assert_eq!(yuan("30000000"), "3000万元");
        assert_eq!(yuan("200000000"), "2亿元");
        assert_eq!(yuan("123456789"), "12345.6789万元");
        assert_eq!(yuan("9999"), "9999元");
        assert_eq!(yuan("10000.5"), "10000.5元");
        assert_eq!(yuan("-50000"), "-5万元");
    }
}
