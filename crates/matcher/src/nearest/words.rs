//! Chinese descriptions of changes, in the words of a caseworker.

use jiff::civil::Date;
use zhaoren_policy::calendar::chinese_date;
use zhaoren_policy::criterion::describe_value;
use zhaoren_policy::fact::{Fact, Knowledge, Value};
use zhaoren_policy::number::Number;

use super::ClassBounds;

/// Change of a value: 从业人数由8人增加到10人（增加2人）.
pub(super) fn value(fact: &Fact, year: Option<i16>, known: &Knowledge, to: &Value) -> String {
    let subject = match year {
        Some(year) => format!("{year}年度{}", fact.name),
        None => fact.name.clone(),
    };
    let say = |value: &Value| describe_value(fact, &Knowledge::Exactly(value.clone()));
    match (known, to) {
        (Knowledge::Exactly(Value::Number(from)), Value::Number(goal)) => {
            let (verb, by) =
                if from < goal { ("增加", goal.minus(from)) } else { ("减少", from.minus(goal)) };
            let by = say(&Value::Number(by));
            format!("{subject}由{}{verb}到{}（{verb}{by}）", describe_value(fact, known), say(to))
        }
        (Knowledge::Exactly(Value::Bool(_)), Value::Bool(truth)) => {
            format!("{subject}由{}变为{}", yes(!truth), yes(*truth))
        }
        (Knowledge::Exactly(_), _) => format!("{subject}由{}变为{}", describe_value(fact, known), say(to)),
        (_, _) => format!("{subject}（{}）须为{}", seen(fact, known), say(to)),
    }
}

/// Description of a partially known value.
fn seen(fact: &Fact, known: &Knowledge) -> String {
    match known {
        Knowledge::Unknown => "未知".to_owned(),
        known => format!("现知{}", describe_value(fact, known)),
    }
}

/// Required value of an unknown: 从业人数（未知）须不低于10人.
pub(super) fn required_value(
    fact: &Fact,
    year: Option<i16>,
    known: &Knowledge,
    to: &Value,
    ends: &ClassBounds,
) -> String {
    let end = |number: &Number| describe_value(fact, &Knowledge::Exactly(Value::Number(number.clone())));
    // Bounds implied by the fact itself are not repeated.
    let (first, last) = &ends.numbers;
    let low = first.as_ref().filter(|(at, open)| *open || fact.min.as_ref() != Some(at));
    let high = last.as_ref().filter(|(at, open)| *open || fact.max.as_ref() != Some(at));
    let least = low.map(|(at, open)| format!("{}{}", if *open { "高于" } else { "不低于" }, end(at)));
    let most = high.map(|(at, open)| format!("{}{}", if *open { "低于" } else { "不超过" }, end(at)));
    let from = ends.days.0.map(|day| format!("不早于{}", chinese_date(day)));
    let until = ends.days.1.map(|day| format!("不晚于{}", chinese_date(day)));
    let bounds: Vec<String> = least.into_iter().chain(most).chain(from).chain(until).collect();
    let same = matches!((low, high), (Some((a, false)), Some((b, false))) if a == b);
    if bounds.is_empty() || same {
        return value(fact, year, known, to);
    }
    let subject = year.map_or_else(|| fact.name.clone(), |year| format!("{year}年度{}", fact.name));
    format!("{subject}（{}）须{}", seen(fact, known), bounds.join("且"))
}

fn yes(truth: bool) -> &'static str {
    if truth { "是" } else { "否" }
}

/// Change of a tag: 取得“高新技术企业”.
pub(super) fn tag(fact: Option<&Fact>, tag: &str, held: bool, known: bool) -> String {
    let name = fact.map_or("", |fact| fact.name.as_str());
    match (held, known) {
        (true, true) => format!("取得“{tag}”（{name}）"),
        (true, false) => format!("是否有“{tag}”（{name}）未知，须有"),
        (false, true) => format!("不再有“{tag}”（{name}）"),
        (false, false) => format!("是否有“{tag}”（{name}）未知，须没有"),
    }
}

/// Required judgement: 经认定：具有较强的创新能力.
pub(super) fn judged(text: &str, truth: bool) -> String {
    if truth { format!("经认定符合：{text}") } else { format!("经认定不属于：{text}") }
}

/// Waiting until a day: 自2027年3月1日起：成立满3年.
pub(super) fn wait_until(text: &str, day: Date) -> String {
    format!("自{}起：{text}，无须其他操作", chinese_date(day))
}

/// Effect of time on a dated title.
pub(super) fn tag_over_time(tag: &str, held: bool) -> String {
    if held { format!("“{tag}”生效") } else { format!("“{tag}”到期") }
}
