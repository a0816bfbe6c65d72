//! Nearest changes: applying them makes the enterprise eligible, and no smaller set of changes does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    dead_code,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::world;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use world::{cases, dictionary, pool, profile, tree, world};
use zhaoren_matcher::{Change, Match, match_item};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_items};
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

pub(crate) const DAY: Date = date(2026, 3, 31);

pub(crate) fn item(criteria: &Json, dictionary: &FactDictionary) -> Item {
    let text = json!({"id": "i", "title": "题", "criteria": criteria}).to_string();
    let (mut items, report) = read_items(&text, "item.json", dictionary);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    items.remove(0).0
}

/// Match on a later day on which only time has passed since [`DAY`]: 上年度 is still the year whose figures are known.
pub(crate) fn decided(
    item: &Item,
    facts: &Json,
    judged: &Json,
    day: Date,
    dictionary: &FactDictionary,
) -> Match {
    let profile = profile(facts, judged, dictionary);
    match_item(item, &View::new(&profile, dictionary, DAY).later(day)).unwrap()
}

/// Applies a change to the facts.
pub(crate) fn apply(facts: &mut Json, judged: &mut Json, day: &mut Date, change: &Change) {
    if let Some(on) = change.on {
        *day = on;
    } else if let Some(text) = &change.judged {
        judged[text] = change.to.clone();
    } else if let Some(tag) = &change.tag {
        let key = change.fact.as_ref().unwrap();
        let held = change.to == json!(true);
        set_tag(&mut facts[key], tag, held);
    } else {
        let key = change.fact.as_ref().unwrap();
        match change.year {
            Some(year) => {
                if !facts[key].is_object() {
                    facts[key] = json!({});
                }
                facts[key][year.to_string()] = change.to.clone();
            }
            None => facts[key] = change.to.clone(),
        }
    }
}

/// Complete lists stay complete; an unknown list becomes a partial one.
fn set_tag(tags: &mut Json, tag: &str, held: bool) {
    match tags {
        Json::Array(list) => {
            list.retain(|other| other != tag);
            if held {
                list.push(json!(tag));
            }
        }
        _ => {
            let mut has: Vec<Json> = tags["has"].as_array().cloned().unwrap_or_default();
            let mut lacks: Vec<Json> = tags["lacks"].as_array().cloned().unwrap_or_default();
            has.retain(|other| other != tag);
            lacks.retain(|other| other != tag);
            if held {
                has.push(json!(tag))
            } else {
                lacks.push(json!(tag))
            }
            *tags = json!({"has": has, "lacks": lacks});
        }
    }
}

/// Every possible single change: a fact to any value of its pool, one tag either way, a judgement.
pub(crate) fn singles() -> Vec<Change> {
    let mut all = Vec::new();
    for key in world::KEYS {
        let change = |to: Json| Change { fact: Some(key.to_owned()), to, ..Change::default() };
        match key {
            "g" => {
                for tag in ["p", "q", "r"] {
                    for held in [true, false] {
                        all.push(Change { tag: Some(tag.to_owned()), ..change(json!(held)) });
                    }
                }
            }
            "y" => all.extend(
                (0..=10).map(|half| Change { year: Some(2025), ..change(json!(f64::from(half) / 2.0)) }),
            ),
            _ => all.extend(pool(key).into_iter().map(change)),
        }
    }
    for truth in [true, false] {
        all.push(Change { judged: Some("看".to_owned()), to: json!(truth), ..Change::default() });
    }
    all
}

pub(crate) fn works(
    item: &Item,
    facts: &Json,
    judged: &Json,
    changes: &[&Change],
    dictionary: &FactDictionary,
) -> bool {
    let (mut facts, mut judged, mut day) = (facts.clone(), judged.clone(), DAY);
    for change in changes {
        apply(&mut facts, &mut judged, &mut day, change);
    }
    let profile = profile(&facts, &judged, dictionary);
    let view = View::new(&profile, dictionary, DAY).later(day);
    zhaoren_matcher::reference::decide(&item.criteria, &view).unwrap() == Verdict::Eligible
}

/// Size of a smallest set of changes, if it is one or two.
fn smallest(item: &Item, facts: &Json, judged: &Json, dictionary: &FactDictionary) -> Option<usize> {
    let singles = singles();
    if singles.iter().any(|one| works(item, facts, judged, &[one], dictionary)) {
        return Some(1);
    }
    let slot = |change: &Change| (change.fact.clone(), change.tag.clone(), change.judged.clone());
    for (at, first) in singles.iter().enumerate() {
        for second in &singles[at + 1..] {
            if slot(first) != slot(second) && works(item, facts, judged, &[first, second], dictionary) {
                return Some(2);
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() / 2, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn suggested_changes_are_a_smallest_sufficient_set(tree in tree(), (facts, _) in world(), judge in any::<bool>()) {
        let dictionary = dictionary();
        let item = item(&tree, &dictionary);
        let judged = if judge { json!({}) } else { json!({"看": true}) };
        let found = decided(&item, &facts, &judged, DAY, &dictionary);
        prop_assert!(found.verdict == Verdict::Ineligible || found.nearest.is_empty());
        if found.verdict == Verdict::Ineligible {
            let least = smallest(&item, &facts, &judged, &dictionary);
            if let Some(least) = least {
                prop_assert!(!found.nearest.is_empty(), "{} changes are enough", least);
                let waits = found.nearest.iter().any(|change| change.on.is_some());
                prop_assert!(found.nearest.len() == least || waits && found.nearest.len() < least,
                    "{} changes are enough, got {:?}", least, found.nearest);
            }
            if !found.nearest.is_empty() {
                let (mut facts, mut judged, mut day) = (facts.clone(), judged.clone(), DAY);
                for change in &found.nearest {
                    apply(&mut facts, &mut judged, &mut day, change);
                }
                let after = decided(&item, &facts, &judged, day, &dictionary);
                prop_assert_eq!(after.verdict, Verdict::Eligible, "{:?}", found.nearest);
                let waits = found.nearest.iter().any(|change| change.on.is_some());
                prop_assert!(found.nearest.len() > 2 || least.is_some() || waits);
            }
        }
    }
}

/// Match with the built-in dictionary, which has derived, past and yearly facts.
fn real(criteria: Json, facts: Json) -> Match {
    let dictionary = FactDictionary::built_in();
    decided(&item(&criteria, dictionary), &facts, &json!({}), DAY, dictionary)
}

#[test]
fn numbers_change_by_the_smallest_step() {
    let found = real(json!({"fact": "employees", "at_least": 10}), json!({"employees": 8}));
    assert_eq!(found.verdict, Verdict::Ineligible);
    let change = &found.nearest[0];
    assert_eq!(
        (change.fact.as_deref(), &change.from, &change.to),
        (Some("employees"), &json!(8), &json!(10))
    );
    assert_eq!(change.text, "从业人数由8人增加到10人（增加2人）");
}

#[test]
fn waiting_names_the_day() {
    let criteria = json!({"fact": "established_on", "for_at_least": "3 years"});
    let found = real(criteria.clone(), json!({"established_on": "2024-03-01"}));
    let change = &found.nearest[0];
    assert_eq!(found.nearest.len(), 1);
    assert_eq!(
        (change.on, &change.from, &change.to),
        (Some(date(2027, 3, 1)), &json!("2024-03-01"), &json!("2024-03-01"))
    );
    assert_eq!(change.text, "自2027年3月1日起：成立满3年，无须其他操作");
    // The figures of the last full year are unchanged.
    let both = json!({"all": [criteria, {"fact": "revenue", "at_least": 100}]});
    let found = real(both, json!({"established_on": "2024-03-01", "revenue": {"2025": 60}}));
    assert_eq!(found.nearest.len(), 2);
    assert_eq!((found.nearest[1].year, &found.nearest[1].to), (Some(2025), &json!(100)));
    // Months of age are reached by waiting as well.
    let found = real(json!({"fact": "age_months", "at_least": 36}), json!({"established_on": "2024-03-01"}));
    assert_eq!(found.nearest[0].on, Some(date(2027, 3, 1)));
}

#[test]
fn past_facts_are_changed_only_as_a_last_resort_and_marked() {
    let young = json!({"fact": "established_on", "for_at_most": "1 years"});
    let found = real(
        json!({"any": [young.clone(), {"all": [{"fact": "employees", "at_least": 9}, {"fact": "revenue", "at_least": 5}]}]}),
        json!({"established_on": "2020-01-01", "employees": 1, "revenue": {"2025": 1}}),
    );
    assert_eq!(
        found.nearest.iter().map(|change| change.fact.as_deref().unwrap()).collect::<Vec<_>>(),
        ["employees", "revenue"]
    );
    let found = real(young, json!({"established_on": "2020-01-01"}));
    assert!(found.nearest[0].fixed);
}

#[test]
fn derived_facts_change_through_their_sources() {
    let found = real(
        json!({"fact": "rd_intensity", "at_least": 0.05}),
        json!({"rd_expense": {"2025": 30000}, "revenue": {"2025": 1000000}}),
    );
    let change = &found.nearest[0];
    assert_eq!(
        (change.fact.as_deref(), change.year, &change.to),
        (Some("rd_expense"), Some(2025), &json!(50000))
    );
    let found = real(
        json!({"fact": "enterprise_size", "one_of": ["小型", "微型"]}),
        json!({"industry": "I6513", "employees": 120, "revenue": {"2025": 20000000}}),
    );
    let change = &found.nearest[0];
    assert_eq!((change.fact.as_deref(), &change.to), (Some("employees"), &json!(99)));
}

#[test]
fn changes_over_several_years_are_minimal() {
    let years = json!({"revenue": {"2023": 100, "2024": 100, "2025": 100}});
    let found =
        real(json!({"fact": "revenue", "years": 3, "take": "average", "at_least": 120}), years.clone());
    assert_eq!(found.nearest.len(), 1);
    assert_eq!((found.nearest[0].year, &found.nearest[0].to), (Some(2025), &json!(160)));
    let found = real(json!({"fact": "revenue", "years": 3, "take": "min", "at_least": 120}), years);
    assert_eq!(found.nearest.len(), 3);
    assert!(found.nearest.iter().all(|change| change.to == json!(120)));
}

#[test]
fn titles_and_unknowns_are_suggested() {
    let criteria = json!({"all": [{"fact": "qualifications", "has_any": ["高新技术企业"]}, {"fact": "employees", "at_least": 5}, {"judged": "看"}]});
    let found = real(criteria, json!({"qualifications": []}));
    let texts: Vec<&str> = found.nearest.iter().map(|change| change.text.as_str()).collect();
    assert_eq!(found.nearest.len(), 3, "{texts:?}");
    assert!(texts[0].starts_with("取得“高新技术企业”"), "{texts:?}");
    assert_eq!(texts[1], "从业人数（未知）须不低于5人");
}
