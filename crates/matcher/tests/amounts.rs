//! Amounts over partially known facts, compared with every completion, one by one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use zhaoren_matcher::reference::decide;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::amount::{Setting, Valuation, YuanRange};
use zhaoren_policy::item::{Benefit, read_items};
use zhaoren_policy::number::Number;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::json as parse;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

const FACTS: &str = "
- {key: n, name: 人数, type: integer, min: 0, max: 9}
- {key: m, name: 金额, type: money, min: -4, max: 12}
- {key: y, name: 年度, type: money, period: year, min: 0, max: 8}
- {key: b, name: 是否, type: boolean}
";

fn dictionary() -> FactDictionary {
    let mut dictionary = FactDictionary::default();
    let report = dictionary.extend_from(FACTS, "facts.yaml");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    dictionary
}

fn benefit(formula: &Json, dictionary: &FactDictionary) -> Benefit {
    let text = json!({"id": "a", "title": "甲", "benefit": {"amount": {"formula": formula}}}).to_string();
    let (items, report) = read_items(&text, "a.json", dictionary);
    assert!(report.problems.is_empty(), "{formula}: {:?}", report.problems);
    items[0].0.benefit.clone()
}

fn value(benefit: &Benefit, facts: &Json, dictionary: &FactDictionary) -> Valuation {
    let mut report = Report::new("profile");
    let text = json!({"id": "e", "facts": facts}).to_string();
    let profile = Profile::read(&parse(&text).unwrap(), dictionary, true, &mut report)
        .unwrap_or_else(|| panic!("{text}: {:?}", report.problems));
    let view = View::new(&profile, dictionary, date(2026, 3, 31));
    let exact = |criterion: &_| decide(criterion, &view).unwrap_or(Verdict::Undetermined);
    benefit.evaluate(&Setting { view, decide: &exact, inputs: &BTreeMap::new() })
}

fn range(benefit: &Benefit, facts: &Json, dictionary: &FactDictionary) -> YuanRange {
    value(benefit, facts, dictionary).first_year.range().unwrap().clone()
}

/// Knowledge of a fact, and the values it can then have.
#[derive(Clone, Debug)]
struct Knowledge {
    given: Option<Json>,
    values: Vec<Json>,
}

fn known(low: i64, high: i64, halves: bool) -> BoxedStrategy<Knowledge> {
    let values = move |a: i64, b: i64| -> Vec<Json> {
        let whole = (a..=b).map(|v| json!(v));
        // both sides of every whole threshold, as close as it matters
        let near =
            (a..b).flat_map(|v| [json!(v as f64 + 0.001), json!(v as f64 + 0.5), json!(v as f64 + 0.999)]);
        if halves { whole.chain(near).collect() } else { whole.collect() }
    };
    prop_oneof![
        Just(Knowledge { given: None, values: values(low, high) }),
        (low..=high).prop_map(move |v| Knowledge { given: Some(json!(v)), values: vec![json!(v)] }),
        (low..=high, low..=high).prop_map(move |(a, b)| {
            let (a, b) = (a.min(b), a.max(b));
            Knowledge { given: Some(json!({"at_least": a, "at_most": b})), values: values(a, b) }
        }),
    ]
    .boxed()
}

fn truth() -> BoxedStrategy<Knowledge> {
    let one = |b: bool| Just(Knowledge { given: Some(json!(b)), values: vec![json!(b)] });
    let open = Just(Knowledge { given: None, values: vec![json!(true), json!(false)] });
    prop_oneof![open, one(true), one(false)].boxed()
}

#[derive(Clone, Debug)]
struct World {
    n: Knowledge,
    m: Knowledge,
    y: [Knowledge; 2],
    b: Knowledge,
}

fn world() -> impl Strategy<Value = World> {
    (known(0, 9, false), known(-4, 12, true), known(0, 8, true), known(0, 8, true), truth())
        .prop_map(|(n, m, y1, y2, b)| World { n, m, y: [y1, y2], b })
}

impl World {
    fn given(&self) -> Json {
        let mut facts = json!({});
        for (key, knowledge) in [("n", &self.n), ("m", &self.m), ("b", &self.b)] {
            if let Some(given) = &knowledge.given {
                facts[key] = given.clone();
            }
        }
        for (year, knowledge) in ["2024", "2025"].into_iter().zip(&self.y) {
            if let Some(given) = &knowledge.given {
                facts["y"][year] = given.clone();
            }
        }
        facts
    }

    /// Completion chosen by `picks`.
    fn completion(&self, picks: [usize; 5]) -> Json {
        let pick = |knowledge: &Knowledge, at: usize| knowledge.values[at % knowledge.values.len()].clone();
        json!({"n": pick(&self.n, picks[0]), "m": pick(&self.m, picks[1]), "b": pick(&self.b, picks[2]),
            "y": {"2024": pick(&self.y[0], picks[3]), "2025": pick(&self.y[1], picks[4])}})
    }

    /// The same facts, with every unknown of `which` settled as `picks` chooses.
    fn settled(&self, picks: [usize; 5], which: u8) -> Json {
        let (mut facts, complete) = (self.given(), self.completion(picks));
        for (bit, key) in ["n", "m", "b", "y"].into_iter().enumerate() {
            if which & (1 << bit) != 0 {
                facts[key] = complete[key].clone();
            }
        }
        facts
    }
}

fn condition() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        (0i64..9).prop_map(|t| json!({"fact": "n", "at_least": t})),
        (-3i64..12).prop_map(|t| json!({"fact": "m", "more_than": t})),
        (0i64..8).prop_map(|t| json!({"fact": "y", "less_than": t})),
        Just(json!({"fact": "b", "is": true})),
    ];
    leaf.prop_recursive(1, 3, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"all": [a, b]})),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"any": [a, b]})),
            inner.prop_map(|a| json!({"not": a})),
        ]
    })
}

fn count() -> impl Strategy<Value = Json> {
    prop_oneof![Just(json!({"fact": "n"})), (0i64..9).prop_map(|cap| json!({"fact": "n", "at_most": cap})),]
}

fn source() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(json!({"fact": "m"})),
        Just(json!({"fact": "y"})),
        Just(json!({"fact": "y", "year": 2024})),
        prop::sample::select(vec!["sum", "average", "min", "max"])
            .prop_map(|take| json!({"fact": "y", "years": 2, "take": take})),
    ]
}

fn rate() -> impl Strategy<Value = Json> {
    (0i64..5).prop_map(|quarters| json!(quarters as f64 / 4.0))
}

fn brackets(of: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    (of, 0i64..5, 1i64..5, [rate().boxed(), rate().boxed(), rate().boxed()], any::<[bool; 3]>(), 0i64..9)
        .prop_map(|(of, first, width, rates, [progressive, inclusive, flat], yuan)| {
            let end = if inclusive { "up_to" } else { "below" };
            let middle = if flat && !progressive { json!({"yuan": yuan}) } else { json!({"rate": rates[1]}) };
            let mut rows = json!([{"rate": rates[0]}, middle, {"rate": rates[2]}]);
            rows[0][end] = json!(first);
            rows[1][end] = json!(first + width);
            json!({"brackets": rows, "of": of, "mode": if progressive { "progressive" } else { "whole" }})
        })
}

fn formula() -> impl Strategy<Value = Json> {
    let steps = (1i64..8, 0i64..9, 0i64..9).prop_map(|(end, low, high)| {
        json!({"brackets": [{"below": end, "yuan": low}, {"yuan": high}], "of": {"fact": "n"}, "mode": "whole"})
    });
    let leaf = prop_oneof![
        (0i64..10).prop_map(|yuan| json!(yuan)),
        source(),
        (0i64..4, count()).prop_map(|(yuan, of)| json!({"each": yuan, "of": of})),
        steps,
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let inner = inner.boxed();
        prop_oneof![
            (rate(), inner.clone()).prop_map(|(rate, of)| json!({"share": rate, "of": of})),
            brackets(inner.clone()),
            (condition(), inner.clone(), condition(), inner.clone(), inner.clone()).prop_map(
                |(a, x, b, y, z)| {
                    json!({"case": [{"when": a, "then": x}, {"when": b, "then": y}], "else": z})
                }
            ),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|of| json!({"sum": of})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|of| json!({"least": of})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|of| json!({"greatest": of})),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({"less": [a, b]})),
            (inner, 0i64..4, 4i64..12)
                .prop_map(|(of, low, high)| json!({"sum": [of], "at_least": low, "at_most": high})),
        ]
    })
}

fn picks() -> impl Strategy<Value = [usize; 5]> {
    any::<[u8; 5]>().prop_map(|picks| picks.map(usize::from))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn amount_range_contains_the_value_of_every_completion(
        formula in formula(), world in world(), picks in prop::collection::vec(picks(), 12)
    ) {
        let dictionary = dictionary();
        let benefit = benefit(&formula, &dictionary);
        let open = value(&benefit, &world.given(), &dictionary);
        let range = open.first_year.range().unwrap();
        prop_assert_eq!(range.is_exact(), open.open_facts.is_empty(), "{:?}", open);
        for picks in picks {
            let found = self::range(&benefit, &world.completion(picks), &dictionary);
            prop_assert!(found.is_exact(), "{:?}", found);
            prop_assert!(range.contains(&found.low), "{} not in {:?} of {}", found.low, range, world.given());
        }
    }

    #[test]
    fn additional_facts_never_widen_the_range(
        formula in formula(), world in world(), picks in picks(), which in 0u8..16
    ) {
        let dictionary = dictionary();
        let benefit = benefit(&formula, &dictionary);
        let before = range(&benefit, &world.given(), &dictionary);
        let after = range(&benefit, &world.settled(picks, which), &dictionary);
        prop_assert!(before.low <= after.low, "{:?} {:?}", before, after);
        let narrower = before.high.is_none() || after.high.is_some() && after.high <= before.high;
        prop_assert!(narrower, "{:?} {:?}", before, after);
    }

    #[test]
    fn formulas_without_repeated_facts_have_tight_ranges(
        chain in chain(), knowledge in known(-4, 12, true), count in known(0, 9, false), truth in truth()
    ) {
        let dictionary = dictionary();
        let benefit = benefit(&chain, &dictionary);
        let mut given = json!({});
        for (key, knowledge) in [("m", &knowledge), ("n", &count), ("b", &truth)] {
            if let Some(value) = &knowledge.given {
                given[key] = value.clone();
            }
        }
        let range = range(&benefit, &given, &dictionary);
        let mut least: Option<Number> = None;
        let mut greatest: Option<Number> = None;
        for m in &knowledge.values {
            for n in &count.values {
                for b in &truth.values {
                    let found = self::range(&benefit, &json!({"m": m, "n": n, "b": b}), &dictionary).low;
                    least = Some(least.map_or(found.clone(), |low| low.min(found.clone())));
                    greatest = Some(greatest.map_or(found.clone(), |high| high.max(found.clone())));
                }
            }
        }
        // a row's open bound is only approached, to a thousandth by the grid
        let near = |a: &Number, b: &Number| a.minus(b).abs() <= Number::parse("0.01").unwrap();
        prop_assert!(near(&range.low, &least.clone().unwrap()), "{:?} from {:?}", range, least);
        prop_assert!(near(range.high.as_ref().unwrap(), &greatest.clone().unwrap()), "{:?} to {:?}", range, greatest);
    }
}

/// Formulas over `m`, `n` and `b`, each of which occurs at most once.
fn chain() -> impl Strategy<Value = Json> {
    let money = || prop_oneof![Just(json!({"fact": "m"})), brackets(Just(json!({"fact": "m"})))];
    let counted = prop_oneof![
        (0i64..4, count()).prop_map(|(yuan, of)| json!({"each": yuan, "of": of})),
        (1i64..9, 0i64..9, 0i64..9).prop_map(|(end, low, high)| {
            json!({"brackets": [{"below": end, "yuan": low}, {"yuan": high}], "of": {"fact": "n"}, "mode": "whole"})
        }),
        (1i64..8, 0i64..9, 0i64..9, 0i64..9).prop_map(|(t, x, y, z)| {
            json!({"case": [{"when": {"fact": "n", "less_than": t}, "then": x},
                {"when": {"fact": "n", "less_than": t + 1}, "then": y}], "else": z})
        }),
    ];
    let joined = (money(), counted, prop::sample::select(vec!["sum", "least", "greatest", "less"]))
        .prop_map(|(a, b, join)| json!({join: [a, b]}));
    (joined, 0i64..9, 0i64..3, 3i64..15).prop_map(|(of, other, low, high)| {
        let inner = json!({"share": 0.5, "of": of, "at_least": low, "at_most": high});
        json!({"case": [{"when": {"fact": "b", "is": true}, "then": inner}], "else": other})
    })
}
