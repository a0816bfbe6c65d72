//! Known facts of an enterprise with their sources.

use serde_json::{Map, Value as Json};
use zhaoren_console::KnownFact;
use zhaoren_engine::{Fact, FactDictionary, FactType, Moment, StoredFact, StoredProfile, day_of, show_value};

/// Facts of a profile in the order of the dictionary. A value that `stored` lacks or has differently was given in
/// this request.
pub(super) fn known_facts(
    profile: &Map<String, Json>,
    stored: Option<&StoredProfile>,
    dictionary: &FactDictionary,
) -> Vec<KnownFact> {
    let Some(facts) = profile.get("facts").and_then(Json::as_object) else { return Vec::new() };
    let mut all = Vec::new();
    for fact in dictionary.iter() {
        let Some(value) = facts.get(&fact.key).filter(|value| !value.is_null()) else { continue };
        match value.as_object().filter(|map| is_by_year(map)) {
            Some(years) => {
                for (year, value) in years.iter().filter(|(_, value)| !value.is_null()) {
                    all.push(one(fact, Some(year), value, stored));
                }
            }
            None => all.push(one(fact, None, value, stored)),
        }
    }
    all
}

fn is_by_year(map: &Map<String, Json>) -> bool {
    !map.is_empty() && map.keys().all(|key| key.parse::<i16>().is_ok())
}

fn one(fact: &Fact, year: Option<&String>, value: &Json, stored: Option<&StoredProfile>) -> KnownFact {
    let recorded = stored.and_then(|stored| {
        let at = stored.profile.get("facts")?.get(&fact.key)?;
        let kept = year.map_or(Some(at), |year| at.get(year))?;
        let year = year.and_then(|year| year.parse::<i64>().ok());
        let of = |one: &&StoredFact| one.key == fact.key && one.year == year;
        stored.sources.iter().find(of).filter(|_| kept == value)
    });
    let other =
        |other: &zhaoren_engine::OtherValue| format!("{}：{}", other.source, in_words(fact, &other.value));
    KnownFact {
        name: fact.name.clone(),
        year: year.cloned().unwrap_or_default(),
        value: in_words(fact, value),
        source: recorded.map(|one| one.source.clone()).unwrap_or_default(),
        since: recorded.map(|one| day_of(Moment(one.recorded_at)).to_string()).unwrap_or_default(),
        others: recorded.map(|one| one.others.iter().map(other).collect()).unwrap_or_default(),
    }
}

/// Value in words; for tags, those held and those not held.
fn in_words(fact: &Fact, value: &Json) -> String {
    let tag = |tag: &Json| {
        let text = tag.get("tag").unwrap_or(tag);
        text.as_str().map_or_else(|| text.to_string(), str::to_owned)
    };
    let tags = |list: &Json| -> String {
        list.as_array().into_iter().flatten().map(tag).collect::<Vec<_>>().join("、")
    };
    match value {
        Json::Array(list) if fact.kind == FactType::Tags && !list.is_empty() => tags(value),
        Json::Object(map) if fact.kind == FactType::Tags => {
            let part = |key: &str, word: &str| {
                let held = map.get(key).map(tags).filter(|held| !held.is_empty())?;
                Some(format!("{word}{held}"))
            };
            [part("has", "有："), part("lacks", "无：")].into_iter().flatten().collect::<Vec<_>>().join("；")
        }
        value => show_value(fact, value),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]
    use super::*;
    use serde_json::json;
    use zhaoren_engine::{OtherValue, built_in_facts, read_json};

    #[test]
    fn known_facts_have_a_source_and_unknown_facts_are_omitted() {
        let facts = json!({"employees": 86, "revenue": {"2024": 30_100_000, "2025": null}, "rd_expense": null,
            "qualifications": {"has": ["高新技术企业"], "lacks": ["专精特新中小企业"]}});
        let profile = json!({"id": "e", "facts": facts});
        let stored_fact = |key: &str, year: Option<i64>, others: Vec<OtherValue>| StoredFact {
            key: key.into(),
            year,
            source: "社保".into(),
            recorded_at: 1_782_835_200_000,
            others,
        };
        let other = OtherValue { source: "企业填报".into(), value: json!(90) };
        let stored = StoredProfile {
            profile: json!({"id": "e", "facts": {"employees": 86, "revenue": {"2024": 1}}}),
            sources: vec![
                stored_fact("employees", None, vec![other]),
                stored_fact("revenue", Some(2024), Vec::new()),
            ],
            node: read_json("{}").unwrap(),
            hidden: 0,
            problems: Vec::new(),
        };
        let shown = known_facts(profile.as_object().unwrap(), Some(&stored), built_in_facts());
        let of = |name: &str| shown.iter().find(|one| one.name == name).unwrap();
        assert_eq!(shown.len(), 3, "{shown:?}");
        let employees = of("从业人数");
        assert_eq!(
            (&*employees.value, &*employees.source, &*employees.since),
            ("86人", "社保", "2026-07-01")
        );
        assert_eq!(employees.others, ["企业填报：90人"]);
        // The record has a different value, so this one was given in the request.
        let revenue = shown.iter().find(|one| one.year == "2024").unwrap();
        assert_eq!((&*revenue.value, &*revenue.source), ("3010万元", ""));
        assert!(shown.iter().any(|one| one.value == "有：高新技术企业；无：专精特新中小企业"), "{shown:?}");
    }
}
