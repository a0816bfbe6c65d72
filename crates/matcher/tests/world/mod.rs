//! Random worlds: a small dictionary with a fact of every type, criteria over it, and profiles.
//!
//! Thresholds are few and values lie on each side of every one of them, so that a pool of values has one for every combination of
//! answers of the generated tests.

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use zhaoren_matcher::reference::decide;
use zhaoren_policy::criterion::{Criterion, read_criterion};
use zhaoren_policy::fact::FactDictionary;
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
- {key: established_on, name: 成立, type: date}
- {key: age_months, name: 月龄, type: integer, min: 0, derived: true}
- {key: debt_ratio, name: 负债率, type: decimal, derived: true}
- key: r
  name: 记录
  type: records
  fields:
    - {key: v, name: 值, type: decimal}
    - {key: w, name: 额, type: money, min: 0}
    - {key: n, name: 数, type: integer, min: 0, max: 4}
    - {key: b, name: 是否, type: boolean}
    - {key: d, name: 日, type: date}
    - {key: g, name: 标签, type: tags}
";

/// Fields of a record, with values on each side of every threshold of [`record_leaf`].
pub(crate) const FIELDS: [&str; 6] = ["v", "w", "n", "b", "d", "g"];

/// Values of a field.
pub(crate) fn field_pool(field: &str) -> Vec<Json> {
    match field {
        "v" => (-3..=3).map(|n| json!(n)).collect(),
        "w" => (0..=4).map(|n| json!(n)).collect(),
        "n" => (0..=4).map(|n| json!(n)).collect(),
        "b" => vec![json!(false), json!(true)],
        "d" => {
            ["2025-03-30", "2025-03-31", "2025-04-01", "2026-01-01"].iter().map(|day| json!(day)).collect()
        }
        "g" => vec![json!([]), json!(["p"]), json!(["q"]), json!(["p", "q"])],
        _ => unreachable!(),
    }
}

/// Leaf on a field of a record.
fn record_leaf() -> impl Strategy<Value = Json> {
    let number =
        || (prop::sample::select(vec!["at_least", "at_most", "more_than", "less_than", "equals"]), -1..4_i32);
    let tags = || prop::sample::subsequence(vec!["p", "q"], 1..3);
    prop_oneof![
        (prop::sample::select(vec!["v", "w", "n"]), number())
            .prop_map(|(field, (op, n))| json!({"fact": field, op: n})),
        any::<bool>().prop_map(|flag| json!({"fact": "b", "is": flag})),
        prop::sample::select(vec!["for_at_least", "for_more_than", "for_at_most", "for_less_than"])
            .prop_map(|op| json!({"fact": "d", op: "1 years"})),
        (prop::sample::select(vec!["has_any", "has_all", "has_none"]), tags())
            .prop_map(|(op, tags)| json!({"fact": "g", op: tags})),
    ]
}

/// Condition on one record.
pub(crate) fn record_condition() -> impl Strategy<Value = Json> {
    tree_of(record_leaf().boxed())
}

/// Condition on records; `judged` allows judged texts inside.
pub(crate) fn record_node(judged: bool) -> impl Strategy<Value = Json> {
    let leaf = record_leaf();
    let leaf = if judged {
        prop_oneof![9 => leaf, 1 => Just(json!({"judged": "看"}))].boxed()
    } else {
        leaf.boxed()
    };
    let condition =
        || prop::option::weighted(0.8, prop_oneof![2 => leaf.clone(), 1 => tree_of(leaf.clone())]);
    let number =
        || (prop::sample::select(vec!["at_least", "at_most", "more_than", "less_than", "equals"]), -2..6_i32);
    let some = (condition(), 0..4_u32)
        .prop_map(|(condition, count)| json!({"some": "r", "count": count, "where": condition}));
    let total =
        (condition(), prop::sample::select(vec!["v", "w", "n"]), number(), prop::option::of(number()))
            .prop_map(|(condition, of, (op, n), more)| {
                let mut node = json!({"total": "r", "of": of, op: n, "where": condition});
                if let Some((op, n)) = more {
                    node[op] = json!(n);
                }
                node
            });
    prop_oneof![some, total].prop_map(|mut node| {
        if node["where"].is_null() {
            node.as_object_mut().unwrap().remove("where");
        }
        node
    })
}

/// Record with every field known.
pub(crate) fn full_record() -> impl Strategy<Value = Json> {
    let fields: Vec<_> = FIELDS.iter().map(|field| prop::sample::select(field_pool(field))).collect();
    fields.prop_map(|values| {
        FIELDS.iter().zip(values).map(|(field, value)| ((*field).to_owned(), value)).collect()
    })
}

/// Record with any fields unknown, withheld, or known in part.
pub(crate) fn record() -> impl Strategy<Value = Json> {
    let field = |field: &'static str| {
        let exact = prop::sample::select(field_pool(field)).prop_map(Some);
        let range = (Just(field_pool(field)), any::<prop::sample::Index>(), any::<prop::sample::Index>())
            .prop_map(|(pool, a, b)| {
                let (a, b) = (a.index(pool.len()), b.index(pool.len()));
                Some(json!({"at_least": pool[a.min(b)], "at_most": pool[a.max(b)]}))
            });
        let withheld = Just(Some(json!({"withheld": "保密"})));
        match field {
            "v" | "w" | "n" | "d" => {
                let half =
                    prop::sample::select(field_pool(field)).prop_map(|low| Some(json!({"at_least": low})));
                prop_oneof![5 => exact, 1 => Just(None), 1 => range, 1 => half, 1 => withheld].boxed()
            }
            "g" => {
                let part = Just(Some(json!({"has": ["p"], "lacks": []})));
                prop_oneof![5 => exact, 1 => Just(None), 1 => part].boxed()
            }
            _ => prop_oneof![5 => exact, 1 => Just(None), 1 => withheld].boxed(),
        }
    };
    let fields: Vec<_> = FIELDS.iter().map(|key| field(key)).collect();
    fields.prop_map(|values| {
        let known = FIELDS.iter().zip(values).filter_map(|(key, value)| Some(((*key).to_owned(), value?)));
        Json::Object(known.collect())
    })
}

/// Records as a profile may give them: not at all, all of them, or some of them.
pub(crate) fn records() -> impl Strategy<Value = Option<Json>> {
    let some = || prop::collection::vec(record(), 0..4);
    prop_oneof![
        1 => Just(None),
        4 => some().prop_map(|all| Some(json!(all))),
        2 => some().prop_map(|known| Some(json!({"known": known}))),
    ]
}

pub(crate) fn dictionary() -> FactDictionary {
    let mut dictionary = FactDictionary::default();
    let report = dictionary.extend_from(FACTS, "facts.yaml");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    dictionary
}

pub(crate) fn criterion(json: &Json, dictionary: &FactDictionary) -> Criterion {
    let mut report = Report::new("criteria");
    let node = parse(&json.to_string()).unwrap();
    read_criterion(&node, "", dictionary, &mut report)
        .unwrap_or_else(|| panic!("{json}: {:?}", report.problems))
}

pub(crate) fn profile(facts: &Json, judged: &Json, dictionary: &FactDictionary) -> Profile {
    let mut report = Report::new("profile");
    let text = json!({"id": "e", "facts": facts, "judged": judged}).to_string();
    Profile::read(&parse(&text).unwrap(), dictionary, true, &mut report)
        .unwrap_or_else(|| panic!("{text}: {:?}", report.problems))
}

pub(crate) fn verdict(
    criterion: &Criterion,
    facts: &Json,
    judged: &Json,
    dictionary: &FactDictionary,
) -> Verdict {
    let profile = profile(facts, judged, dictionary);
    decide(criterion, &View::new(&profile, dictionary, date(2026, 3, 31))).unwrap()
}

/// Every value that matters for a fact, given that thresholds are 1 to 4 (and the dates and codes below).
pub(crate) fn pool(key: &str) -> Vec<Json> {
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
        // One day on each side of every number of months used as a threshold.
        "established_on" => [
            "0001-01-01",
            "2023-03-31",
            "2023-04-01",
            "2025-02-28",
            "2025-03-01",
            "2025-03-31",
            "2025-04-01",
            "2025-09-30",
            "2025-10-31",
            "2025-11-01",
            "2025-11-30",
            "2025-12-01",
            "2025-12-31",
            "2026-01-01",
            "2026-01-31",
            "2026-02-01",
            "2026-02-28",
            "2026-03-01",
            "2026-03-02",
            "2026-03-31",
            "2026-04-01",
            "9999-12-31",
        ]
        .iter()
        .map(|day| json!(day))
        .collect(),
        // Stated, since its source is no fact of this dictionary: free on its own.
        "debt_ratio" => pool("m"),
        "y" => (0..=10).map(|half| json!({"2025": f64::from(half) / 2.0})).collect(),
        _ => unreachable!(),
    }
}

pub(crate) fn leaf() -> impl Strategy<Value = Json> {
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
        number().prop_map(|(op, n)| json!({"fact": "age_months", op: n})),
        (
            prop::sample::select(vec!["for_at_least", "for_more_than", "for_at_most", "for_less_than"]),
            prop::sample::select(vec!["3 years", "1 months", "3 months", "30 days"]),
        )
            .prop_map(|(op, span)| json!({"fact": "established_on", op: span})),
        number().prop_map(|(op, n)| json!({"fact": "debt_ratio", op: n})),
    ]
}

pub(crate) fn tree() -> impl Strategy<Value = Json> {
    tree_of(prop_oneof![9 => leaf(), 1 => record_node(false)].boxed())
}

/// Like [`tree`], with leaves over several years too.
pub(crate) fn wide_tree() -> impl Strategy<Value = Json> {
    let number =
        (prop::sample::select(vec!["at_least", "at_most", "more_than", "less_than", "equals"]), 0..5_i32);
    let take = prop::sample::select(vec!["average", "sum", "min", "max", "growth", "cagr"]);
    let years =
        (number, take, 2..4_u8, prop::option::of(2024..=2025_i32)).prop_map(|((op, n), take, years, end)| {
            let bound =
                if matches!(take, "growth" | "cagr") { json!(f64::from(n) / 2.0 - 1.0) } else { json!(n) };
            let mut leaf = json!({"fact": "y", "years": years, "take": take, op: bound});
            if let Some(end) = end {
                leaf["year"] = json!(end);
            }
            leaf
        });
    let year =
        (2023..=2025_i32, 1..5_i32).prop_map(|(year, n)| json!({"fact": "y", "year": year, "at_least": n}));
    tree_of(prop_oneof![8 => leaf(), 2 => years, 1 => year, 2 => record_node(true)].boxed())
}

fn tree_of(leaf: BoxedStrategy<Json>) -> impl Strategy<Value = Json> {
    leaf.prop_recursive(3, 14, 4, |inner| {
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

pub(crate) const KEYS: [&str; 10] = ["n", "m", "b", "s", "d", "c", "g", "y", "established_on", "debt_ratio"];

/// Profile in which at most two facts are unknown, so that the oracle stays fast. Its records are all known.
pub(crate) fn world() -> impl Strategy<Value = (Json, Vec<&'static str>)> {
    let chosen: Vec<_> = KEYS.iter().map(|key| prop::sample::select(pool(key))).collect();
    let records = prop::collection::vec(full_record(), 0..4);
    (chosen, records, prop::sample::subsequence(KEYS.to_vec(), 0..=2)).prop_map(|(values, records, open)| {
        let mut facts: serde_json::Map<String, Json> = KEYS
            .iter()
            .zip(values)
            .filter(|(key, _)| !open.contains(*key))
            .map(|(key, value)| ((*key).to_owned(), value))
            .collect();
        facts.insert("r".to_owned(), json!(records));
        (Json::Object(facts), open)
    })
}

/// Number of cases: some hundreds by default; `PROPTEST_CASES` sets more for a long run.
pub(crate) fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(400)
}
