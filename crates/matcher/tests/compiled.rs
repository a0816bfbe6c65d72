//! The compiled matcher gives the answers of the reference, on random criteria and profiles of every kind: ranges, partial tag
//! sets, aggregates over years, all node kinds.
//!
//! Some thousands of pairs by default; `PROPTEST_CASES=60000 cargo test --release --test compiled` compares more than a million.
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
use world::{cases, criterion, dictionary, pool, profile, wide_tree};
use zhaoren_matcher::batch::{
    BatchPlan, Block, FactTable, RegisterWidth, RowBits, Scratch, VerdictSelection,
};
use zhaoren_matcher::compiled::{CompiledItems, EvaluationDay, Plan, Verdicts};
use zhaoren_matcher::reference::decide;
use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

/// Fact as a profile may give it: absent, exact, or partial.
fn given(key: &'static str) -> BoxedStrategy<Option<Json>> {
    let exact = prop::sample::select(pool(key)).prop_map(Some);
    let range = |values: Vec<Json>| {
        let ends = (prop::option::of(0..values.len()), prop::option::of(0..values.len()));
        ends.prop_map(move |(a, b)| match (a, b) {
            (None, None) => None,
            (Some(a), None) => Some(json!({"at_least": values[a]})),
            (None, Some(b)) => Some(json!({"at_most": values[b]})),
            (Some(a), Some(b)) => Some(json!({"at_least": values[a.min(b)], "at_most": values[a.max(b)]})),
        })
    };
    match key {
        "n" | "m" | "d" | "established_on" | "debt_ratio" => {
            prop_oneof![Just(None), exact, range(pool(key))].boxed()
        }
        "g" => {
            let partial = prop::collection::vec(0..3_u8, 3).prop_map(|states| {
                let of = |state| -> Vec<&str> {
                    ["p", "q", "r"]
                        .into_iter()
                        .zip(&states)
                        .filter(|(_, s)| **s == state)
                        .map(|(t, _)| t)
                        .collect()
                };
                Some(json!({"has": of(1), "lacks": of(2)}))
            });
            prop_oneof![Just(None), exact, partial].boxed()
        }
        "y" => {
            let one = prop_oneof![
                Just(None),
                (0..=5_i32).prop_map(|n| Some(json!(n))),
                (0..=3_i32, 0..=3_i32)
                    .prop_map(|(a, more)| Some(json!({"at_least": a, "at_most": a + more}))),
            ];
            prop::collection::vec(one, 3)
                .prop_map(|years| {
                    let map: serde_json::Map<String, Json> = (2023..)
                        .zip(years)
                        .filter_map(|(year, value)| value.map(|value| (year.to_string(), value)))
                        .collect();
                    Some(Json::Object(map))
                })
                .boxed()
        }
        _ => prop_oneof![Just(None), exact].boxed(),
    }
}

/// Arbitrary profile, with any facts unknown.
fn any_profile() -> impl Strategy<Value = (Json, Json)> {
    let facts: Vec<_> = world::KEYS.iter().map(|key| given(key)).collect();
    (facts, world::records(), prop::option::of(any::<bool>())).prop_map(|(values, records, judged)| {
        let facts: serde_json::Map<String, Json> = world::KEYS
            .iter()
            .copied()
            .zip(values)
            .chain([("r", records)])
            .filter_map(|(key, value)| value.map(|value| (key.to_owned(), value)))
            .collect();
        (Json::Object(facts), judged.map_or(json!({}), |truth| json!({"看": truth})))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() / 4, max_shrink_iters: 4000, ..ProptestConfig::default() })]

    /// Several items in one catalogue against several profiles: plan, catalogue and reference agree on each pair.
    #[test]
    fn compiled_verdicts_equal_the_reference(
        trees in prop::collection::vec(wide_tree(), 1..9),
        profiles in prop::collection::vec(any_profile(), 1..9),
    ) {
        let dictionary = dictionary();
        let criteria: Vec<Criterion> = trees.iter().map(|tree| criterion(tree, &dictionary)).collect();
        let moment = EvaluationDay { as_of: date(2026, 3, 31), last_year: 2025 };
        let (catalogue, problems) = CompiledItems::compile(&criteria, &dictionary, moment);
        prop_assert!(problems.is_empty(), "{:?}", problems);
        let mut verdicts = Verdicts::default();
        for (facts, judged) in &profiles {
            let profile = profile(facts, judged, &dictionary);
            let view = View::new(&profile, &dictionary, moment.as_of);
            catalogue.verdicts(&catalogue.encode(&view), &mut verdicts);
            let mut found = vec![Verdict::Ineligible; criteria.len()];
            verdicts.eligible().for_each(|place| found[place] = Verdict::Eligible);
            verdicts.undetermined().for_each(|place| found[place] = Verdict::Undetermined);
            for (place, criterion) in criteria.iter().enumerate() {
                let expected = decide(criterion, &view).unwrap();
                let plan = Plan::compile(criterion, &dictionary, moment).unwrap();
                prop_assert_eq!(plan.decide(&view), expected, "plan of {} for {}", trees[place], facts);
                prop_assert_eq!(found[place], expected, "catalogue on {} for {}", trees[place], facts);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() / 8, max_shrink_iters: 4000, ..ProptestConfig::default() })]

    /// Blocks of profiles give the answers of the catalogue for each, with registers of every width, and once more in a block of
    /// other rows: no state is left over from the block before.
    #[test]
    fn batch_verdicts_equal_the_catalogue(
        trees in prop::collection::vec(wide_tree(), 1..12),
        profiles in prop::collection::vec(any_profile(), 1..12),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..140),
    ) {
        let dictionary = dictionary();
        let criteria: Vec<Criterion> = trees.iter().map(|tree| criterion(tree, &dictionary)).collect();
        let moment = EvaluationDay { as_of: date(2026, 3, 31), last_year: 2025 };
        let (catalogue, _) = CompiledItems::compile(&criteria, &dictionary, moment);
        let (plan, problems) = BatchPlan::compile(&criteria, &dictionary, moment);
        prop_assert!(problems.is_empty(), "{:?}", problems);
        let profiles: Vec<_> =
            profiles.iter().map(|(facts, judged)| profile(facts, judged, &dictionary)).collect();
        let mut expected = Vec::new();
        let mut verdicts = Verdicts::default();
        for profile in &profiles {
            catalogue.verdicts(&catalogue.encode(&View::new(profile, &dictionary, moment.as_of)), &mut verdicts);
            let mut found = vec![Verdict::Ineligible; criteria.len()];
            verdicts.eligible().for_each(|place| found[place] = Verdict::Eligible);
            verdicts.undetermined().for_each(|place| found[place] = Verdict::Undetermined);
            expected.push(found);
        }
        let rows: Vec<usize> = order.iter().map(|index| index.index(profiles.len())).collect();
        let whole: Vec<usize> = (0..profiles.len()).collect();
        for width in RegisterWidth::all() {
            let mut scratch = Scratch::with_width(width);
            for rows in [&rows, &whole, &rows] {
                let mut views =
                    rows.iter().map(|row| View::new(&profiles[*row], &dictionary, moment.as_of));
                let block = plan.encode(&mut views);
                prop_assert_eq!(block.len(), rows.len());
                let table = FactTable::of(rows.iter().map(|row| &profiles[*row]));
                let by_value: Vec<Block> = plan.blocks(&table, &dictionary).collect();
                prop_assert_eq!(&by_value, &if rows.is_empty() { vec![] } else { vec![block.clone()] });
                let found = plan.verdicts(&block, &mut scratch);
                let mut eligible = vec![rows_of_none(); trees.len()];
                plan.decide(&block, VerdictSelection::Eligible, &mut scratch, |place, certain, open| {
                    assert_eq!(*open, rows_of_none());
                    eligible[place] = *certain;
                });
                for (place, eligible) in eligible.iter().enumerate() {
                    prop_assert_eq!(eligible, found.certain(place), "{}", trees[place]);
                }
                for (at, row) in rows.iter().enumerate() {
                    for (place, tree) in trees.iter().enumerate() {
                        prop_assert_eq!(
                            found.verdict(place, at),
                            expected[*row][place],
                            "{} for row {}, {}", tree, at, width.name()
                        );
                    }
                }
            }
        }
    }
}

fn rows_of_none() -> RowBits {
    zhaoren_matcher::batch::first_rows(0)
}

/// Amounts that no two enterprises share: the encoder stops caching them after the first block, with equal results.
#[test]
fn batch_verdicts_are_exact_for_mostly_distinct_values() {
    let dictionary = zhaoren_policy::fact::FactDictionary::built_in();
    let trees = [
        serde_json::json!({"fact": "revenue", "year": 2025, "at_least": 4_000_000}),
        serde_json::json!({"all": [{"fact": "revenue_growth", "at_least": 0.1}, {"fact": "employees", "at_least": 7}]}),
        serde_json::json!({"fact": "enterprise_size", "one_of": ["小型", "微型"]}),
    ];
    let criteria: Vec<Criterion> = trees.iter().map(|tree| criterion(tree, dictionary)).collect();
    let moment = EvaluationDay { as_of: date(2026, 3, 31), last_year: 2025 };
    let (plan, problems) = BatchPlan::compile(&criteria, dictionary, moment);
    assert!(problems.is_empty(), "{problems:?}");
    let profiles: Vec<_> = (0..10_000_u32)
        .map(|n| {
            let facts = serde_json::json!({
                "revenue": {"2024": n * 997, "2025": n * 1009 + 1},
                "employees": n % 40,
                "industry": if n % 3 == 0 { "I6513" } else { "C27" },
            });
            profile(&facts, &serde_json::json!({}), dictionary)
        })
        .collect();
    let table = FactTable::of(&profiles);
    let mut views = profiles.iter().map(|profile| View::new(profile, dictionary, moment.as_of));
    let mut rows = 0;
    for block in plan.blocks(&table, dictionary) {
        rows += block.len();
        assert_eq!(block, plan.encode(&mut views));
    }
    assert_eq!(rows, profiles.len());
}
