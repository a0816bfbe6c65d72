//! The verdict is exact: compared with every completion of the unknowns, one by one.
//!
//! The oracle does not use regions. It writes each unknown fact into the profile with every value of a pool that has a value on
//! each side of every threshold the generator can use, and decides the completed profile, in which no fact is unknown any more.
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

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use world::{KEYS, cases, criterion, dictionary, pool, profile, tree, verdict, world};
use zhaoren_matcher::match_item;
use zhaoren_matcher::reference::{decide, decide_by_enumeration};
use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

/// Verdict over every completion of the facts in `open` and of the judged text.
fn by_completion(
    criterion: &Criterion,
    facts: &Json,
    open: &[&str],
    judge: bool,
    dictionary: &FactDictionary,
) -> Verdict {
    let (mut hold, mut fail) = (false, false);
    let mut stack = vec![(facts.clone(), 0_usize)];
    while let Some((facts, next)) = stack.pop() {
        if let Some(key) = open.get(next) {
            for value in pool(key) {
                let mut filled = facts.clone();
                filled[*key] = value;
                stack.push((filled, next + 1));
            }
            continue;
        }
        let judgements: &[bool] = if judge { &[false, true] } else { &[true] };
        for &truth in judgements {
            match verdict(criterion, &facts, &json!({"看": truth}), dictionary) {
                Verdict::Eligible => hold = true,
                Verdict::Ineligible => fail = true,
                Verdict::Undetermined => panic!("a completed profile is never undetermined: {facts}"),
            }
        }
        if hold && fail {
            break;
        }
    }
    Verdict::from_possible(hold, fail).unwrap()
}

/// True if some completion of `others` (and of the judged text) gives different outcomes for values of `key`.
fn depends(
    criterion: &Criterion,
    facts: &Json,
    key: &str,
    others: &[&str],
    judge: bool,
    dictionary: &FactDictionary,
) -> bool {
    let mut stack = vec![(facts.clone(), 0_usize)];
    while let Some((facts, next)) = stack.pop() {
        if let Some(other) = others.get(next) {
            for value in pool(other) {
                let mut filled = facts.clone();
                filled[*other] = value;
                stack.push((filled, next + 1));
            }
            continue;
        }
        let judgements: &[bool] = if judge { &[false, true] } else { &[true] };
        for &truth in judgements {
            let mut outcomes = pool(key).into_iter().map(|value| {
                let mut filled = facts.clone();
                filled[key] = value;
                verdict(criterion, &filled, &json!({"看": truth}), dictionary)
            });
            let first = outcomes.next().unwrap();
            if outcomes.any(|outcome| outcome != first) {
                return true;
            }
        }
    }
    false
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn verdict_equals_that_over_every_completion(tree in tree(), (facts, open) in world(), judge in any::<bool>()) {
        let dictionary = dictionary();
        let criterion = criterion(&tree, &dictionary);
        let judged = if judge { json!({}) } else { json!({"看": true}) };
        let got = verdict(&criterion, &facts, &judged, &dictionary);
        prop_assert_eq!(got, by_completion(&criterion, &facts, &open, judge, &dictionary));
    }

    #[test]
    fn verdict_equals_enumeration_with_many_unknowns(tree in tree(), known in prop::sample::subsequence(KEYS.to_vec(), 0..=4)) {
        let dictionary = dictionary();
        let criterion = criterion(&tree, &dictionary);
        let facts: serde_json::Map<String, Json> =
            known.iter().map(|key| ((*key).to_owned(), pool(key)[1].clone())).collect();
        let profile = profile(&Json::Object(facts), &json!({}), &dictionary);
        let view = View::new(&profile, &dictionary, date(2026, 3, 31));
        if let Some(expected) = decide_by_enumeration(&criterion, &view, 200_000) {
            prop_assert_eq!(decide(&criterion, &view).unwrap(), expected);
        }
    }

    /// `missing` holds exactly the facts on which the outcome depends in some completion of the rest.
    #[test]
    fn missing_facts_are_exactly_the_decisive_unknowns(tree in tree(), (facts, open) in world(), judge in any::<bool>()) {
        let dictionary = dictionary();
        let judged = if judge { json!({}) } else { json!({"看": true}) };
        let text = json!({"id": "i", "title": "题", "criteria": tree}).to_string();
        let (mut items, report) = read_items(&text, "item.json", &dictionary);
        prop_assert!(report.problems.is_empty(), "{:?}", report.problems);
        let item = items.remove(0).0;
        let profile = profile(&facts, &judged, &dictionary);
        let found = match_item(&item, &View::new(&profile, &dictionary, date(2026, 3, 31))).unwrap();
        let mut expected: Vec<&str> = Vec::new();
        if found.verdict == Verdict::Undetermined {
            for key in &open {
                let others: Vec<&str> = open.iter().copied().filter(|other| other != key).collect();
                if depends(&item.criteria, &facts, key, &others, judge, &dictionary) {
                    expected.push(key);
                }
            }
        }
        let mut got: Vec<&str> = found.missing.iter().map(String::as_str).collect();
        got.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(got, expected);
    }

    /// Metamorphic: negation swaps the verdicts; double negation and De Morgan change nothing.
    #[test]
    fn negation_and_de_morgan_hold_exactly(a in tree(), b in tree(), (facts, _) in world()) {
        let dictionary = dictionary();
        let say = |json: Json| verdict(&criterion(&json, &dictionary), &facts, &json!({}), &dictionary);
        let swap = |verdict| match verdict {
            Verdict::Eligible => Verdict::Ineligible,
            Verdict::Ineligible => Verdict::Eligible,
            Verdict::Undetermined => Verdict::Undetermined,
        };
        prop_assert_eq!(say(json!({"not": a})), swap(say(a.clone())));
        prop_assert_eq!(say(json!({"not": {"not": a}})), say(a.clone()));
        prop_assert_eq!(say(json!({"not": {"all": [a, b]}})), say(json!({"any": [{"not": a}, {"not": b}]})));
        prop_assert_eq!(say(json!({"all": [a, b]})), say(json!({"all": [b, a]})));
    }

    /// Giving a fact never reverses a settled verdict.
    #[test]
    fn additional_facts_never_flip_a_verdict(tree in tree(), (facts, open) in world(), pick in any::<prop::sample::Index>()) {
        let dictionary = dictionary();
        let criterion = criterion(&tree, &dictionary);
        let before = verdict(&criterion, &facts, &json!({}), &dictionary);
        let mut more = facts.clone();
        for key in open {
            let pool = pool(key);
            more[key] = pool[pick.index(pool.len())].clone();
        }
        let after = verdict(&criterion, &more, &json!({}), &dictionary);
        prop_assert!(before == Verdict::Undetermined || before == after, "{before:?} -> {after:?}");
    }
}

/// A fact and what is derived from it are one unknown.
#[test]
fn fact_and_its_derived_fact_are_one_unknown() {
    let dictionary = dictionary();
    let say = |tree: Json, facts: Json| {
        let criterion = criterion(&tree, &dictionary);
        let found = verdict(&criterion, &facts, &json!({}), &dictionary);
        let text = json!({"id": "i", "title": "题", "criteria": tree}).to_string();
        let item = read_items(&text, "item.json", &dictionary).0.remove(0).0;
        let profile = profile(&facts, &json!({}), &dictionary);
        let matched = match_item(&item, &View::new(&profile, &dictionary, date(2026, 3, 31))).unwrap();
        assert_eq!(matched.verdict, found, "{tree} for {facts}");
        found
    };
    let old = json!({"fact": "age_months", "at_least": 36});
    let young = json!({"fact": "established_on", "for_less_than": "3 years"});
    assert_eq!(say(json!({"any": [old, young]}), json!({})), Verdict::Eligible);
    assert_eq!(say(json!({"all": [old, young]}), json!({})), Verdict::Ineligible);
    assert_eq!(say(json!({"any": [old, {"not": old}]}), json!({})), Verdict::Eligible);
    // A stated age restricts the day, and a day the age.
    let stated = json!({"age_months": 40});
    assert_eq!(say(old.clone(), stated.clone()), Verdict::Eligible);
    assert_eq!(say(young.clone(), stated), Verdict::Ineligible);
    assert_eq!(say(old.clone(), json!({"age_months": {"at_most": 20}})), Verdict::Ineligible);
    assert_eq!(say(young, json!({"age_months": {"at_most": 20}})), Verdict::Eligible);
    let from = json!({"established_on": {"at_least": "2025-01-01"}});
    assert_eq!(say(old.clone(), from), Verdict::Ineligible);
    // A known day takes precedence over a stated age.
    assert_eq!(say(old, json!({"established_on": "2020-01-01", "age_months": 3})), Verdict::Eligible);
}
