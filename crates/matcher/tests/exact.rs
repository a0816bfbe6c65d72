//! The verdict is exact: held against every completion of the unknowns, filled in one by one.
//!
//! The oracle knows nothing of regions. It writes each unknown fact into the profile with every value of a
//! pool that has something on each side of every threshold the generator can use, and decides the completed
//! profile, on which nothing is unknown any more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use zhaoren_matcher::match_item;
use zhaoren_matcher::reference::{decide, decide_by_enumeration};
use zhaoren_policy::criterion::{Criterion, read_criterion};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::json as parse;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

const FACTS: &str = "
- {key: n, name: 整数, type: integer, min: 0}
- {key: m, name: 小数, type: decimal}
- {key: b, name: 是否, type: boolean}
- {key: s, name: 文字, type: text}
- {key: d, name: 日期, type: date}
- {key: c, name: 行业, type: code, codes: industry}
- {key: g, name: 标签, type: tags}
- {key: y, name: 年度, type: money, period: year, min: 0}
";

fn dictionary() -> FactDictionary {
    let mut dictionary = FactDictionary::default();
    let report = dictionary.extend_from(FACTS, "facts.yaml");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    dictionary
}

fn criterion(json: &Json, dictionary: &FactDictionary) -> Criterion {
    let mut report = Report::new("criteria");
    let node = parse(&json.to_string()).unwrap();
    read_criterion(&node, "", dictionary, &mut report)
        .unwrap_or_else(|| panic!("{json}: {:?}", report.problems))
}

fn profile(facts: &Json, judged: &Json, dictionary: &FactDictionary) -> Profile {
    let mut report = Report::new("profile");
    let text = json!({"id": "e", "facts": facts, "judged": judged}).to_string();
    Profile::read(&parse(&text).unwrap(), dictionary, true, &mut report)
        .unwrap_or_else(|| panic!("{text}: {:?}", report.problems))
}

fn verdict(criterion: &Criterion, facts: &Json, judged: &Json, dictionary: &FactDictionary) -> Verdict {
    let profile = profile(facts, judged, dictionary);
    decide(criterion, &View::new(&profile, dictionary, date(2026, 3, 31))).unwrap()
}

/// Every value that matters for a fact, given that thresholds are 1 to 4 (and the dates and codes below).
fn pool(key: &str) -> Vec<Json> {
    match key {
        "n" => (0..=6).map(|n| json!(n)).collect(),
        "m" => (-1..=12).map(|half| json!(f64::from(half) / 2.0)).collect(),
        "b" => vec![json!(false), json!(true)],
        "s" => vec![json!("甲"), json!("乙"), json!("丙"), json!("别的")],
        "d" => [
            "0001-01-01",
            "2023-03-30",
            "2023-03-31",
            "2023-04-01",
            "2025-02-27",
            "2025-02-28",
            "2025-03-01",
            "2025-03-30",
            "2025-03-31",
            "2025-04-01",
            "2025-12-31",
            "2026-01-01",
            "2026-01-02",
            "2026-02-27",
            "2026-02-28",
            "2026-03-01",
            "2026-03-02",
            "2026-03-30",
            "2026-03-31",
            "2026-04-01",
            "9999-12-31",
        ]
        .iter()
        .map(|day| json!(day))
        .collect(),
        "c" => ["A", "I", "65", "651", "6513", "6511", "652", "64", "63", "C13"]
            .iter()
            .map(|c| json!(c))
            .collect(),
        "g" => (0..8)
            .map(|bits| {
                json!(
                    ["p", "q", "r"]
                        .iter()
                        .enumerate()
                        .filter(|(i, _)| bits >> i & 1 == 1)
                        .map(|(_, t)| t)
                        .collect::<Vec<_>>()
                )
            })
            .collect(),
        "y" => (0..=5).map(|n| json!({"2025": n})).collect(),
        _ => unreachable!(),
    }
}

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

/// Whether some completion of `others` (and of the judged text) gives different outcomes for values of `key`.
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

fn leaf() -> impl Strategy<Value = Json> {
    let number =
        || (prop::sample::select(vec!["at_least", "at_most", "more_than", "less_than", "equals"]), 1..5_i32);
    let tags = || prop::sample::subsequence(vec!["p", "q", "r"], 1..3);
    prop_oneof![
        number().prop_map(|(op, n)| json!({"fact": "n", op: n})),
        (number(), number()).prop_map(|((a, x), (b, y))| json!({"fact": "n", a: x, b: y})),
        number().prop_map(|(op, n)| json!({"fact": "m", op: n})),
        any::<bool>().prop_map(|flag| json!({"fact": "b", "is": flag})),
        prop::sample::subsequence(vec!["甲", "乙", "丙"], 1..3)
            .prop_map(|of| json!({"fact": "s", "one_of": of})),
        (
            prop::sample::select(vec!["for_at_least", "for_more_than", "for_at_most", "for_less_than"]),
            prop::sample::select(vec!["1 years", "3 years", "1 months", "30 days", "13 months"]),
        )
            .prop_map(|(op, span)| json!({"fact": "d", op: span})),
        prop::sample::select(vec!["on_or_after", "on_or_before", "after", "before"])
            .prop_map(|op| json!({"fact": "d", op: "2026-01-01"})),
        (
            prop::sample::select(vec!["within", "outside"]),
            prop::sample::subsequence(vec!["I", "65", "651", "6513"], 1..3)
        )
            .prop_map(|(op, codes)| json!({"fact": "c", op: codes})),
        (prop::sample::select(vec!["has_any", "has_all", "has_none"]), tags())
            .prop_map(|(op, tags)| json!({"fact": "g", op: tags})),
        number().prop_map(|(op, n)| json!({"fact": "y", op: n})),
        Just(json!({"judged": "看"})),
    ]
}

fn tree() -> impl Strategy<Value = Json> {
    leaf().prop_recursive(3, 14, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|of| json!({"all": of})),
            (prop::collection::vec(inner.clone(), 0..4), 0..4_usize)
                .prop_map(|(of, k)| json!({"any": of, "count": k})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|of| json!({"any": of})),
            inner.clone().prop_map(|of| json!({"not": of})),
            (prop::collection::vec((inner.clone(), inner.clone()), 0..3), prop::option::of(inner.clone()))
                .prop_map(|(arms, other)| {
                    let arms: Vec<Json> =
                        arms.into_iter().map(|(w, t)| json!({"when": w, "then": t})).collect();
                    match other {
                        Some(other) => json!({"case": arms, "else": other}),
                        None => json!({"case": arms}),
                    }
                }),
            (prop::collection::vec((inner, -2..5_i32), 0..4), 0..6_i32).prop_map(|(of, mark)| {
                let of: Vec<Json> = of.into_iter().map(|(w, s)| json!({"when": w, "score": s})).collect();
                json!({"points": of, "at_least": mark})
            }),
        ]
    })
}

const KEYS: [&str; 8] = ["n", "m", "b", "s", "d", "c", "g", "y"];

/// A profile in which at most two facts are open, so that the oracle stays quick.
fn world() -> impl Strategy<Value = (Json, Vec<&'static str>)> {
    let chosen: Vec<_> = KEYS.iter().map(|key| prop::sample::select(pool(key))).collect();
    (chosen, prop::sample::subsequence(KEYS.to_vec(), 0..=2)).prop_map(|(values, open)| {
        let facts: serde_json::Map<String, Json> = KEYS
            .iter()
            .zip(values)
            .filter(|(key, _)| !open.contains(*key))
            .map(|(key, value)| ((*key).to_owned(), value))
            .collect();
        (Json::Object(facts), open)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn equals_every_completion(tree in tree(), (facts, open) in world(), judge in any::<bool>()) {
        let dictionary = dictionary();
        let criterion = criterion(&tree, &dictionary);
        let judged = if judge { json!({}) } else { json!({"看": true}) };
        let got = verdict(&criterion, &facts, &judged, &dictionary);
        prop_assert_eq!(got, by_completion(&criterion, &facts, &open, judge, &dictionary));
    }

    #[test]
    fn equals_enumeration_when_much_is_open(tree in tree(), known in prop::sample::subsequence(KEYS.to_vec(), 0..=4)) {
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

    /// `missing` holds exactly the facts on which some completion of the rest makes the outcome depend.
    #[test]
    fn missing_is_what_can_still_change(tree in tree(), (facts, open) in world(), judge in any::<bool>()) {
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

    /// Metamorphic: negation swaps, double negation and De Morgan change nothing.
    #[test]
    fn negation_is_classical(a in tree(), b in tree(), (facts, _) in world()) {
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

    /// Giving a fact never turns a settled verdict round.
    #[test]
    fn more_facts_never_flip(tree in tree(), (facts, open) in world(), pick in any::<prop::sample::Index>()) {
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

/// Some hundreds of cases by default; `PROPTEST_CASES` sets more for a long run.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400)
}
