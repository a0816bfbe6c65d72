//! Conditions on records: every completion of the records, one by one, gives a count or sum inside the interval that decides,
//! and its ends are reached.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::world;

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use world::{FIELDS, cases, criterion, dictionary, field_pool, profile, record_condition, verdict};
use zhaoren_matcher::batch::{BatchPlan, DateDrift, FactTable, Scratch};
use zhaoren_matcher::compiled::EvaluationDay;
use zhaoren_matcher::{Library, Selection, Snapshot, match_item};
use zhaoren_policy::item::read_items;
use zhaoren_policy::verdict::{ClauseState, Verdict};
use zhaoren_policy::view::View;

/// Condition on one record, evaluated by plain rules on a record whose fields are all known.
fn holds(condition: &Json, record: &Json) -> bool {
    let list = |key: &str| condition[key].as_array().cloned().unwrap_or_default();
    if condition.get("all").is_some() {
        return list("all").iter().all(|one| holds(one, record));
    }
    if condition.get("any").is_some() {
        let count = condition["count"].as_u64().unwrap_or(1);
        return list("any").iter().filter(|one| holds(one, record)).count() as u64 >= count;
    }
    if condition.get("not").is_some() {
        return !holds(&condition["not"], record);
    }
    if condition.get("case").is_some() {
        for arm in list("case") {
            if holds(&arm["when"], record) {
                return holds(&arm["then"], record);
            }
        }
        return condition.get("else").is_some_and(|other| holds(other, record));
    }
    if condition.get("points").is_some() {
        let scores = list("points");
        let scores =
            scores.iter().filter(|one| holds(&one["when"], record)).map(|one| one["score"].as_i64().unwrap());
        return scores.sum::<i64>() >= condition["at_least"].as_i64().unwrap();
    }
    let value = &record[condition["fact"].as_str().unwrap()];
    condition.as_object().unwrap().iter().filter(|(key, _)| *key != "fact").all(|(operator, operand)| {
        let held = |tag: &Json| value.as_array().unwrap().contains(tag);
        // A year before 2026-03-31 is 2025-03-31.
        let day = || value.as_str().unwrap().cmp("2025-03-31");
        let number = || value.as_i64().unwrap().cmp(&operand.as_i64().unwrap());
        match operator.as_str() {
            "at_least" => number().is_ge(),
            "at_most" => number().is_le(),
            "more_than" => number().is_gt(),
            "less_than" => number().is_lt(),
            "equals" => number().is_eq(),
            "is" => value == operand,
            "for_at_least" => day().is_le(),
            "for_more_than" => day().is_lt(),
            "for_at_most" => day().is_ge(),
            "for_less_than" => day().is_gt(),
            "has_any" => operand.as_array().unwrap().iter().any(held),
            "has_all" => operand.as_array().unwrap().iter().all(held),
            "has_none" => !operand.as_array().unwrap().iter().any(held),
            other => panic!("{other}"),
        }
    })
}

/// All records that `record` can be, its unknown fields taking every value of their pools.
fn completions(record: &Json) -> Vec<Json> {
    let mut all = vec![record.clone()];
    for field in FIELDS {
        if record.get(field).is_none() {
            all = all
                .iter()
                .flat_map(|record| {
                    field_pool(field).into_iter().map(move |value| {
                        let mut filled = record.clone();
                        filled[field] = value;
                        filled
                    })
                })
                .collect();
        }
    }
    all
}

/// Records with at most two unknown fields, so that there are few completions.
fn loose_record() -> impl Strategy<Value = Json> {
    (world::full_record(), prop::sample::subsequence(FIELDS.to_vec(), 0..=2)).prop_map(
        |(mut record, open)| {
            for field in open {
                record.as_object_mut().unwrap().remove(field);
            }
            record
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 3000, ..ProptestConfig::default() })]

    /// A count: the verdict on each threshold is that over all completions of the records, and over further records.
    #[test]
    fn counts_equal_those_of_every_completion(
        condition in record_condition(),
        records in prop::collection::vec(loose_record(), 0..4),
        complete in any::<bool>(),
        count in 0..6_usize,
    ) {
        let dictionary = dictionary();
        // Records are completed one by one: what one is, says nothing of another.
        let outcomes: Vec<Vec<bool>> = records
            .iter()
            .map(|record| completions(record).iter().map(|full| holds(&condition, full)).collect())
            .collect();
        let least = outcomes.iter().filter(|one| one.iter().all(|holds| *holds)).count();
        let most = outcomes.iter().filter(|one| one.iter().any(|holds| *holds)).count();
        let expected = match (least >= count, complete && most < count) {
            (true, _) => Verdict::Eligible,
            (_, true) => Verdict::Ineligible,
            _ => Verdict::Undetermined,
        };
        let given = if complete { json!(records) } else { json!({"known": records}) };
        let node = json!({"some": "r", "where": condition, "count": count});
        prop_assert_eq!(verdict(&criterion(&node, &dictionary), &json!({"r": given}), &json!({}), &dictionary), expected);
    }

    /// A sum: each end of its interval is decided rightly. The interval is that of all completions, as far as the condition does not
    /// ask for the summed field.
    #[test]
    fn sums_lie_between_those_of_every_completion(
        condition in record_condition(),
        records in prop::collection::vec(loose_record(), 0..3),
        of in prop::sample::select(vec!["v", "w", "n"]),
        bound in -4..8_i64,
    ) {
        let dictionary = dictionary();
        let (mut least, mut most) = (0, 0);
        for record in &records {
            let sums = completions(record).into_iter().map(|full| {
                if holds(&condition, &full) { full[of].as_i64().unwrap() } else { 0 }
            });
            let sums: Vec<i64> = sums.collect();
            least += sums.iter().min().unwrap();
            most += sums.iter().max().unwrap();
        }
        let free = condition.to_string().contains(&format!("\"fact\":\"{of}\""));
        // Values of these fields go beyond the pool: an unknown one has no such ends.
        let unbounded = of != "n" && records.iter().any(|record| record.get(of).is_none());
        let node = json!({"total": "r", "of": of, "where": condition, "at_least": bound});
        let found = verdict(&criterion(&node, &dictionary), &json!({"r": records}), &json!({}), &dictionary);
        match found {
            Verdict::Eligible => prop_assert!(least >= bound),
            Verdict::Ineligible => prop_assert!(most < bound),
            Verdict::Undetermined if free || unbounded => {}
            Verdict::Undetermined => prop_assert!(least < bound && bound <= most, "{least} {most}"),
        }
        // More records than are known: a sum of amounts from 0 only grows, any other can be anything.
        let open = verdict(&criterion(&node, &dictionary), &json!({"r": {"known": records}}), &json!({}), &dictionary);
        let grown = if of != "v" && found == Verdict::Eligible { found } else { Verdict::Undetermined };
        prop_assert_eq!(open, if of != "v" && bound <= 0 { Verdict::Eligible } else { grown });
    }
}

fn decided(tree: &Json, facts: &Json) -> Verdict {
    let dictionary = dictionary();
    verdict(&criterion(tree, &dictionary), facts, &json!({}), &dictionary)
}

/// The contract's rule for records: each node is an unknown of its own.
#[test]
fn unknown_records_are_free_for_each_node() {
    let some = |count: u32| json!({"some": "r", "where": {"fact": "b", "is": true}, "count": count});
    let open = json!({});
    assert_eq!(decided(&some(0), &open), Verdict::Eligible);
    assert_eq!(decided(&some(1), &open), Verdict::Undetermined);
    // The same node, once in every form of evidence, is one unknown.
    let mut quoted = some(1);
    quoted["quote"] = json!("至少一项");
    quoted["where"]["article"] = json!("一");
    assert_eq!(decided(&json!({"any": [{"not": some(1)}, quoted]}), &open), Verdict::Eligible);
    assert_eq!(decided(&json!({"all": [some(3), {"not": some(2)}]}), &open), Verdict::Ineligible);
    let total = |of: &str, bound: i32| json!({"total": "r", "of": of, "at_least": bound});
    assert_eq!(decided(&total("w", 0), &open), Verdict::Eligible);
    assert_eq!(decided(&total("v", -9), &open), Verdict::Undetermined);
    assert_eq!(decided(&total("v", 0), &json!({"r": []})), Verdict::Eligible);
    assert_eq!(decided(&total("w", 5), &json!({"r": {"known": [{"w": 5}]}})), Verdict::Eligible);
    assert_eq!(
        decided(&total("w", 5), &json!({"r": [{"w": {"at_least": 2, "at_most": 4}}]})),
        Verdict::Ineligible
    );
    // Two nodes on one unknown field of one record are free on their own.
    let is = |flag: bool| json!({"some": "r", "where": {"fact": "b", "is": flag}});
    assert_eq!(decided(&json!({"any": [is(true), is(false)]}), &json!({"r": [{}]})), Verdict::Undetermined);
    // Inside one condition the field is one unknown.
    let either =
        json!({"some": "r", "where": {"any": [{"fact": "b", "is": true}, {"fact": "b", "is": false}]}});
    assert_eq!(decided(&either, &json!({"r": [{}]})), Verdict::Eligible);
}

/// Dated conditions on records change with the day alone, and the nightly run knows which enterprises that concerns.
#[test]
fn the_day_alone_changes_records() {
    let dictionary = dictionary();
    let tree = json!({"some": "r", "where": {"fact": "d", "for_less_than": "1 years"}});
    let criteria = [criterion(&tree, &dictionary)];
    let profiles = [
        profile(&json!({"r": [{"d": "2025-04-01"}]}), &json!({}), &dictionary),
        profile(&json!({"r": [{"d": "2026-01-01"}]}), &json!({}), &dictionary),
        profile(&json!({}), &json!({}), &dictionary),
    ];
    let table = FactTable::of(&profiles);
    let day = |as_of| EvaluationDay { as_of, last_year: 2025 };
    let (then, now) = (day(date(2026, 3, 31)), day(date(2026, 4, 1)));
    let drift = DateDrift::between(&criteria, &dictionary, then, now).unwrap();
    assert_eq!(drift.affected_rows(&table, &dictionary), [true, false, false]);
    for (moment, expected) in [(then, Verdict::Eligible), (now, Verdict::Ineligible)] {
        let (plan, _) = BatchPlan::compile(&criteria, &dictionary, moment);
        let block = plan.blocks(&table, &dictionary).next().unwrap();
        let mut scratch = Scratch::default();
        assert_eq!(plan.verdicts(&block, &mut scratch).verdict(0, 0), expected);
    }
}

fn item(tree: &Json) -> zhaoren_policy::item::Item {
    let text = json!({"id": "i", "title": "题", "criteria": tree}).to_string();
    let (mut items, report) = read_items(&text, "item.json", &dictionary());
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    items.remove(0).0
}

#[test]
fn a_match_shows_what_was_counted_and_what_is_missing() {
    let dictionary = dictionary();
    let tree = json!({"all": [
        {"some": "r", "where": {"fact": "b", "is": true}, "count": 2},
        {"total": "r", "of": "w", "where": {"fact": "b", "is": true}, "at_least": 10},
    ]});
    let matched = |facts: &Json| {
        let profile = profile(facts, &json!({}), &dictionary);
        match_item(&item(&tree), &View::new(&profile, &dictionary, date(2026, 3, 31))).unwrap()
    };
    let known = matched(&json!({"r": [{"b": true, "w": 6}, {"b": true, "w": 5}, {"b": false, "w": 1}]}));
    assert_eq!(known.verdict, Verdict::Eligible);
    assert_eq!((&known.clauses[0].value, &known.clauses[1].value), (&json!(2), &json!(11)));
    assert_eq!(known.clauses[1].of.as_deref(), Some("w"));
    assert_eq!(known.clauses[1].text, "记录中满足（是否：是）的额合计不低于10元");
    let open = matched(&json!({"r": [{"b": true, "w": 6}, {"w": 5}]}));
    assert_eq!((open.verdict, open.missing), (Verdict::Undetermined, vec!["r".to_owned()]));
    assert_eq!(open.clauses[0].value, json!({"at_least": 1, "at_most": 2}));
    let short = matched(&json!({"r": [{"b": true, "w": 6}]}));
    assert_eq!(short.verdict, Verdict::Ineligible);
    // No single record that would help can be named.
    assert_eq!(short.nearest, []);
}

#[test]
fn withheld_facts_are_named_apart_and_never_asked_for() {
    let dictionary = dictionary();
    let tree = json!({"all": [{"fact": "n", "at_least": 3}, {"fact": "b", "is": true}, {"fact": "y", "at_least": 3},
        {"some": "r", "where": {"fact": "b", "is": true}}]});
    let facts = json!({"n": {"withheld": "未授权"}, "y": {"2025": {"withheld": "税务不提供"}},
        "r": [{"b": {"withheld": "银行保密"}}]});
    let profile = profile(&facts, &json!({}), &dictionary);
    let view = View::new(&profile, &dictionary, date(2026, 3, 31));
    let found = match_item(&item(&tree), &view).unwrap();
    assert_eq!((found.verdict, found.missing), (Verdict::Undetermined, vec!["b".to_owned()]));
    let withheld = serde_json::to_value(&found.withheld).unwrap();
    let named = |one: &Json| withheld.as_array().unwrap().contains(one);
    assert!(named(&json!({"fact": "n", "reason": "未授权"})), "{withheld}");
    assert!(named(&json!({"fact": "y", "year": 2025, "reason": "税务不提供"})), "{withheld}");
    assert!(named(&json!({"fact": "r", "field": "b", "reason": "银行保密"})), "{withheld}");
    assert_eq!(withheld.as_array().unwrap().len(), 3);
    let library =
        std::sync::Arc::new(Library::new(vec![item(&tree)], std::sync::Arc::new(dictionary.clone())));
    let snapshot = Snapshot::compile(library, date(2026, 3, 31));
    let asked: Vec<String> =
        snapshot.questions(&profile, 9).questions.into_iter().map(|one| one.fact).collect();
    assert_eq!(asked, ["b"]);
    let selection = Selection { all: true, limit: 9, bundle: false };
    assert_eq!(snapshot.match_profile(&profile, selection).0.matches[0].missing, ["b"]);
}

/// A judgement of a text holds for all records; without one, the condition waits for a person alone.
#[test]
fn judged_texts_inside_a_condition() {
    let dictionary = dictionary();
    let tree = json!({"some": "r", "where": {"all": [{"judged": "看"}, {"fact": "b", "is": true}]}});
    let facts = json!({"r": [{"b": true}]});
    let state = |judged: Json| {
        let profile = profile(&facts, &judged, &dictionary);
        let found = match_item(&item(&tree), &View::new(&profile, &dictionary, date(2026, 3, 31))).unwrap();
        (found.clauses[0].state, found.missing.len())
    };
    assert_eq!(state(json!({})), (ClauseState::Judged, 0));
    assert_eq!(state(json!({"看": true})), (ClauseState::Met, 0));
    assert_eq!(state(json!({"看": false})), (ClauseState::Unmet, 0));
}

/// A snapshot with conditions on records is stored and read again.
#[test]
fn stored_snapshots_keep_conditions_on_records() {
    let dictionary = std::sync::Arc::new(dictionary());
    let tree = json!({"some": "r", "where": {"any": [{"fact": "b", "is": true}, {"fact": "d", "for_at_least": "1 years"}]}});
    let text = json!({"id": "i", "title": "题", "criteria": tree}).to_string();
    let library = Library::with_bodies(vec![(item(&tree), text)], std::sync::Arc::clone(&dictionary));
    let snapshot = Snapshot::compile(std::sync::Arc::new(library), date(2026, 3, 31));
    let (again, _) =
        Snapshot::from_bytes(&snapshot.to_bytes("k").unwrap(), std::sync::Arc::clone(&dictionary)).unwrap();
    for facts in [json!({"r": [{"b": true}]}), json!({"r": [{"b": false}]}), json!({"r": [{}]})] {
        let profile = profile(&facts, &json!({}), &dictionary);
        assert_eq!(again.verdicts(&again.view(&profile)), snapshot.verdicts(&snapshot.view(&profile)));
    }
}
