//! Typed answers put into a profile: amounts with 万 and 亿, shares with %, regions and industries by name.
//!
//! The text is converted to the form of a profile, and the profile is then read and checked like any other. Text that
//! cannot be converted is passed on as typed, so that the checks name it.

use serde_json::{Map, Value as Json, json};
use zhaoren_matcher::NEVER;
use zhaoren_policy::code::{CodeSystem, names};
use zhaoren_policy::fact::{Fact, FactDictionary, FactType, Period};
use zhaoren_policy::number::Number;
use zhaoren_text::numeral;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedAnswer {
    /// Key of the fact.
    pub fact: String,
    /// The fiscal year, for a yearly fact.
    pub year: Option<i16>,
    /// The tag that is held or not, for a fact of tags.
    pub tag: Option<String>,
    /// The text typed: never empty.
    pub text: String,
}

impl TypedAnswer {
    /// Reads the name of a form field, `KEY`, `KEY.YEAR` or `KEY#TAG`, with its text; `None` for an empty text, which
    /// leaves the fact unknown.
    pub fn parse(name: &str, text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let (name, tag) = match name.split_once('#') {
            Some((name, tag)) => (name, Some(tag.to_owned())),
            None => (name, None),
        };
        let (fact, year) = match name.split_once('.') {
            Some((fact, year)) => (fact, year.parse().ok()),
            None => (name, None),
        };
        Some(Self { fact: fact.to_owned(), year, tag, text: text.to_owned() })
    }
}

/// Puts answers into a profile, a JSON object; an earlier value of the same fact is replaced. Answers to facts that the
/// dictionary lacks are put in as well, so that the checks of profiles name them.
pub fn put_answers(profile: &mut Map<String, Json>, answers: &[TypedAnswer], dictionary: &FactDictionary) {
    let facts = profile.entry("facts").or_insert_with(|| json!({}));
    if !facts.is_object() {
        return;
    }
    for answer in answers {
        let Some(facts) = facts.as_object_mut() else { return };
        let value = match dictionary.get(&answer.fact) {
            Some(fact) => profile_value(fact, &answer.text),
            None => json!(answer.text),
        };
        let yearly = dictionary.get(&answer.fact).is_some_and(|fact| fact.period == Period::Year);
        match (&answer.tag, answer.year.filter(|_| yearly)) {
            (Some(tag), _) => put_tag(facts, &answer.fact, tag, &value),
            (None, Some(year)) => {
                let years = facts.entry(&answer.fact).or_insert_with(|| json!({}));
                if !years.is_object() {
                    *years = json!({});
                }
                if let Some(years) = years.as_object_mut() {
                    years.insert(year.to_string(), value);
                }
            }
            (None, None) => {
                facts.insert(answer.fact.clone(), value);
            }
        }
    }
}

/// Reason noted for a fact that the enterprise does not know: it is unknown, and not asked again.
pub const UNCLEAR: &str = "不清楚";

/// Notes that the answers named `names`, as for [`TypedAnswer::parse`], are not known to the enterprise, so that they are not asked
/// again. A fact with a known value keeps it.
pub fn mark_unclear<'a>(
    profile: &mut Map<String, Json>,
    names: impl Iterator<Item = &'a str>,
    dictionary: &FactDictionary,
) {
    let facts = profile.entry("facts").or_insert_with(|| json!({}));
    let Some(facts) = facts.as_object_mut() else { return };
    for name in names {
        zhaoren_cancel::poll();
        let Some(answer) = TypedAnswer::parse(name, UNCLEAR) else { continue };
        let Some(fact) = dictionary.get(&answer.fact) else { continue };
        let unclear = || json!({"withheld": UNCLEAR});
        match answer.year.filter(|_| fact.period == Period::Year) {
            Some(year) => {
                let years = facts.entry(&answer.fact).or_insert_with(|| json!({}));
                if let Some(years) = years.as_object_mut().filter(|years| !years.contains_key("withheld")) {
                    let known = years.entry(year.to_string()).or_insert_with(unclear);
                    if known.is_null() {
                        *known = unclear();
                    }
                }
            }
            None => {
                let known = facts.entry(&answer.fact).or_insert_with(unclear);
                if known.is_null() {
                    *known = unclear();
                }
            }
        }
    }
}

/// Removes what [`mark_unclear`] noted, so that it is asked again.
pub fn forget_unclear(profile: &mut Map<String, Json>) {
    let unclear = json!({"withheld": UNCLEAR});
    let Some(facts) = profile.get_mut("facts").and_then(Json::as_object_mut) else { return };
    facts.retain(|_, value| *value != unclear);
    for value in facts.values_mut().filter_map(Json::as_object_mut) {
        value.retain(|_, value| *value != unclear);
    }
    // A map of years that holds none is no value.
    facts.retain(|_, value| value.as_object().is_none_or(|map| !map.is_empty()));
}

/// Records whether a tag is held. A list is complete, so only a held tag has to be added to it.
fn put_tag(facts: &mut Map<String, Json>, fact: &str, tag: &str, value: &Json) {
    let has_tag = *value == Json::Bool(true);
    let known = facts.entry(fact).or_insert_with(|| json!({"has": [], "lacks": []}));
    // A list that was not given is given now in part.
    if known.get("withheld").is_some() || known.is_null() {
        *known = json!({"has": [], "lacks": []});
    }
    let named = |one: &Json| one.as_str() == Some(tag) || one.get("tag").and_then(Json::as_str) == Some(tag);
    if let Some(list) = known.as_array_mut() {
        list.retain(|one| !named(one));
        if has_tag {
            list.push(json!(tag));
        }
        return;
    }
    let Some(sides) = known.as_object_mut() else { return };
    for (side, belongs) in [("has", has_tag), ("lacks", !has_tag)] {
        if let Some(list) = sides.entry(side).or_insert_with(|| json!([])).as_array_mut() {
            list.retain(|one| !named(one));
            if belongs {
                list.push(json!(tag));
            }
        }
    }
}

/// The typed text in the form of a profile.
fn profile_value(fact: &Fact, text: &str) -> Json {
    let as_typed = || json!(text);
    match fact.kind {
        FactType::Boolean | FactType::Tags => match text {
            "true" | "是" | "有" => json!(true),
            "false" | "否" | "无" | "没有" => json!(false),
            _ => as_typed(),
        },
        kind if kind.is_number() => number(fact, text).map_or_else(as_typed, |number| number.to_json()),
        // Records are typed as JSON, in the form of a profile.
        FactType::Date
            if fact.last.is_some() && ["从未发生过", "从未发生", "从未", "没有"].contains(&text) =>
        {
            json!({"at_most": NEVER})
        }
        FactType::Records => serde_json::from_str(text).unwrap_or_else(|_| as_typed()),
        FactType::Code => fact.codes.and_then(|system| code(system, text)).map_or_else(as_typed, Json::from),
        _ => as_typed(),
    }
}

/// A number in common notation: `1,200`, `４３００万`, `1.2亿元`, `5%`, 三百人.
fn number(fact: &Fact, text: &str) -> Option<Number> {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, ',' | '，' | ' ' | '　'))
        .map(|c| match c {
            '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
            '．' => '.',
            '％' => '%',
            c => c,
        })
        .collect();
    let mut rest = plain.as_str();
    for unit in ["元", "人民币"].into_iter().chain(fact.unit.as_deref()) {
        rest = rest.strip_suffix(unit).unwrap_or(rest);
    }
    if let Some(share) = rest.strip_suffix('%') {
        return Number::parse(share)?.checked_div(&Number::from(100));
    }
    for (word, times) in [("亿", 100_000_000), ("万", 10_000), ("千", 1_000)] {
        if let Some(digits) = rest.strip_suffix(word).filter(|digits| Number::parse(digits).is_some()) {
            return Some(Number::parse(digits)?.times(&Number::from(times)));
        }
    }
    Number::parse(rest).or_else(|| Some(Number::from(i64::try_from(numeral::parse(rest)?).ok()?)))
}

/// The code of a region or an industry by name; `None` unless the name means exactly one.
fn code(system: CodeSystem, name: &str) -> Option<String> {
    match names(system).codes(name) {
        [one] => Some(one.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]
    use super::*;

    fn put(profile: Json, answers: &[(&str, &str)]) -> Json {
        let mut profile = profile.as_object().unwrap().clone();
        let answers: Vec<_> =
            answers.iter().filter_map(|(name, text)| TypedAnswer::parse(name, text)).collect();
        put_answers(&mut profile, &answers, FactDictionary::built_in());
        profile.remove("facts").unwrap()
    }

    #[test]
    fn typed_answers_are_parsed() {
        for (name, typed, value) in [
            ("employees", "86", json!({"employees": 86})),
            ("employees", "１２０ 人", json!({"employees": 120})),
            ("employees", "三百人", json!({"employees": 300})),
            ("employees", "很多", json!({"employees": "很多"})),
            ("revenue.2025", "4300万元", json!({"revenue": {"2025": 43_000_000}})),
            ("revenue.2025", "1.25亿", json!({"revenue": {"2025": 125_000_000}})),
            ("revenue.2025", "1,200,000.50", json!({"revenue": {"2025": 1_200_000.5}})),
            ("layoff_rate.2025", "2.5%", json!({"layoff_rate": {"2025": 0.025}})),
            ("is_legal_person", "是", json!({"is_legal_person": true})),
            ("registered_region", "徐汇区", json!({"registered_region": "310104"})),
            ("registered_region", "310104", json!({"registered_region": "310104"})),
            ("established_on", "2019-03-12", json!({"established_on": "2019-03-12"})),
            (
                "qualifications#高新技术企业",
                "true",
                json!({"qualifications": {"has": ["高新技术企业"], "lacks": []}}),
            ),
            (
                "qualifications#高新技术企业",
                "false",
                json!({"qualifications": {"has": [], "lacks": ["高新技术企业"]}}),
            ),
            ("employees", "  ", json!({})),
            ("last_penalty_on", "从未发生过", json!({"last_penalty_on": {"at_most": "1900-01-01"}})),
            ("established_on", "从未发生过", json!({"established_on": "从未发生过"})),
        ] {
            assert_eq!(put(json!({}), &[(name, typed)]), value, "{name} {typed}");
        }
    }

    #[test]
    fn what_is_unclear_is_noted_and_forgotten() {
        let before = json!({"employees": 8, "revenue": {"2024": 1}});
        let mut profile = json!({"facts": before}).as_object().unwrap().clone();
        let names = [
            "employees",
            "overseas_parent",
            "revenue.2024",
            "revenue.2025",
            "qualifications#高新技术企业",
            "nonsense",
        ];
        mark_unclear(&mut profile, names.into_iter(), FactDictionary::built_in());
        let unclear = json!({"withheld": "不清楚"});
        let after = json!({"employees": 8, "overseas_parent": unclear, "qualifications": unclear,
            "revenue": {"2024": 1, "2025": unclear}});
        assert_eq!(profile["facts"], after);
        // It can be answered later.
        let answers: Vec<_> = TypedAnswer::parse("overseas_parent", "是").into_iter().collect();
        put_answers(&mut profile, &answers, FactDictionary::built_in());
        assert_eq!(profile["facts"]["overseas_parent"], json!(true));
        forget_unclear(&mut profile);
        assert_eq!(
            profile["facts"],
            json!({"employees": 8, "overseas_parent": true, "revenue": {"2024": 1}})
        );
    }

    #[test]
    fn answers_replace_earlier_values() {
        let before =
            json!({"facts": {"revenue": {"2024": 1}, "qualifications": ["a"], "patents": {"has": ["b"]}}});
        let answers = [
            ("revenue.2025", "2"),
            ("qualifications#a", "false"),
            ("qualifications#c", "true"),
            ("patents#b", "否"),
        ];
        let after = json!({"revenue": {"2024": 1, "2025": 2}, "qualifications": ["c"], "patents": {"has": [], "lacks": ["b"]}});
        assert_eq!(put(before, &answers), after);
    }
}
