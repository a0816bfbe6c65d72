//! Best bundle, compared with every subset, tried one after another.
//!
//! The oracle uses no branch and bound. It enumerates, and values a set by the written rules on whole numbers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;
use zhaoren_matcher::bundle::{
    Bundle, BundleReport, Candidate, MAX_NODES, Proof, Rule, StackingRules, best_bundle,
};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::amount::{Worth, YuanRange};
use zhaoren_policy::item::{Item, Received, WindowState, read_items};
use zhaoren_policy::number::Number;
use zhaoren_policy::verdict::Verdict;

fn items(yaml: &str) -> Vec<Item> {
    let (items, report) = read_items(yaml, "a.yaml", FactDictionary::built_in());
    assert!(report.problems.is_empty(), "{yaml}: {:?}", report.problems);
    items.into_iter().map(|(item, _)| item).collect()
}

fn money(low: i64, high: Option<i64>) -> Worth {
    Worth::Money(YuanRange { low: Number::from(low), high: high.map(Number::from) })
}

fn candidate(id: &str, worth: Worth) -> Candidate {
    Candidate {
        item: id.to_owned(),
        title: id.to_uppercase(),
        verdict: Verdict::Eligible,
        competitive: false,
        worth,
        yearly: false,
        window: WindowState::Open,
        received: Received::No,
    }
}

fn exact(id: &str, yuan: i64) -> Candidate {
    candidate(id, money(yuan, Some(yuan)))
}

fn solve(yaml: &str, candidates: &[Candidate]) -> BundleReport {
    best_bundle(candidates, &StackingRules::of(&items(yaml)), MAX_NODES)
}

fn ids(bundle: &Bundle) -> String {
    bundle.members.iter().map(|member| member.item.as_str()).collect::<Vec<_>>().join("")
}

fn out(bundle: &Bundle, id: &str) -> (Rule, String) {
    let found = bundle.left_out.iter().find(|one| one.item == id).unwrap();
    (found.rule, found.text.clone())
}

#[test]
fn exclusions_are_symmetric_and_the_higher_set_wins() {
    let yaml = "- {id: a, title: A, excludes: [b, c]}\n- {id: b, title: B}\n- {id: c, title: C}";
    let report = solve(yaml, &[exact("a", 50), exact("b", 30), exact("c", 30)]);
    assert_eq!((ids(&report.best).as_str(), report.best.total.describe().as_str()), ("bc", "60元"));
    assert_eq!(out(&report.best, "a"), (Rule::Excludes, "与《B》《C》不重复享受".to_owned()));
    assert_eq!(report.best.proof, Proof::Optimal);
    let second = report.runner_up.unwrap();
    assert_eq!((ids(&second).as_str(), second.total.describe().as_str()), ("a", "50元"));
}

#[test]
fn certain_amounts_rank_before_possible_amounts() {
    let yaml = "- {id: a, title: A, stacking: [{choose_one: 组}]}\n- {id: b, title: B, stacking: [{choose_one: 组}]}";
    let report = solve(yaml, &[candidate("a", money(0, None)), exact("b", 1)]);
    assert_eq!(ids(&report.best), "b");
    let report = solve(yaml, &[candidate("a", money(1, Some(5))), exact("b", 1)]);
    assert_eq!(ids(&report.best), "a");
}

#[test]
fn higher_of_groups_pay_the_higher_amount() {
    let yaml = "- {id: a, title: A, stacking: [{higher_of: 组}]}\n- {id: b, title: B, stacking: [{higher_of: 组}]}\n\
                - {id: c, title: C, stacking: [{higher_of: 组}]}";
    let report = solve(yaml, &[exact("a", 5), candidate("b", money(0, Some(10))), exact("c", 4)]);
    assert_eq!(report.best.total, YuanRange { low: 5.into(), high: Some(10.into()) });
    assert_eq!(ids(&report.best), "ab");
    let b = report.best.members.iter().find(|member| member.item == "b").unwrap();
    assert_eq!(b.counts, YuanRange { low: 0.into(), high: Some(5.into()) });
    assert_eq!(b.text.as_deref(), Some("与《A》从高不重复，只计高出的部分"));
    assert_eq!(out(&report.best, "c").0, Rule::HigherOf);
}

#[test]
fn top_ups_pay_the_difference() {
    let yaml = "- {id: a, title: A}\n- {id: b, title: B, stacking: [{top_up: a}]}";
    let report = solve(yaml, &[candidate("a", money(10, Some(20))), exact("b", 50)]);
    // B alone is certain to reach 50, and A can never take it beyond
    assert_eq!((ids(&report.best).as_str(), report.best.total.describe().as_str()), ("b", "50元"));
    assert_eq!(out(&report.best, "a"), (Rule::TopUp, "与《B》之间差额补足，不再增加金额".to_owned()));
    let report = solve(yaml, &[candidate("a", money(10, Some(80))), exact("b", 50)]);
    assert_eq!((ids(&report.best).as_str(), report.best.total.describe().as_str()), ("ab", "50元至80元"));
}

#[test]
fn caps_limit_the_total() {
    let cap = "{cap: 资金, yuan: 100, per: year}";
    let yaml = format!(
        "- {{id: a, title: A, stacking: [{cap}]}}\n- {{id: b, title: B, stacking: [{cap}]}}\n\
        - {{id: c, title: C, stacking: [{cap}]}}\n- {{id: d, title: D}}"
    );
    let report = solve(&yaml, &[exact("a", 70), exact("b", 50), exact("c", 40), exact("d", 5)]);
    assert_eq!((ids(&report.best).as_str(), report.best.total.describe().as_str()), ("abd", "105元"));
    assert_eq!(out(&report.best, "c"), (Rule::Cap, "与《A》《B》总额封顶，额度已满".to_owned()));
    let b = report.best.members.iter().find(|member| member.item == "b").unwrap();
    assert_eq!(
        (b.counts.describe().as_str(), b.text.as_deref()),
        ("30元", Some("与《A》合计受总额封顶限制"))
    );
}

#[test]
fn relations_per_object_exclude_unless_a_rule_says_more() {
    let relation = "relations: [{kind: choose_one, item: a}]";
    let yaml = format!(
        "- {{id: a, title: A, stacking: [{{higher_of: 组}}]}}\n- {{id: b, title: B, {relation}}}\n\
        - {{id: c, title: C, {relation}, stacking: [{{higher_of: 组}}]}}"
    );
    let rules = StackingRules::of(&items(&yaml));
    assert_eq!(rules.exclusion("b", "a"), Some(Rule::SameObject));
    assert_eq!((rules.exclusion("a", "c"), rules.linked("c", "a")), (None, Some(Rule::HigherOf)));
    let report = solve(&yaml, &[exact("a", 2), exact("b", 1)]);
    assert_eq!(out(&report.best, "b").1, "与《A》同一对象择一享受；对象不同的可以另行申报");
}

#[test]
fn unknown_amounts_are_listed_and_not_counted() {
    let yaml =
        "- {id: a, title: A, excludes: [c]}\n- {id: b, title: B}\n- {id: c, title: C}\n- {id: d, title: D}";
    let candidates = [
        exact("a", 7),
        candidate("b", Worth::Unknown),
        candidate("c", Worth::Unknown),
        candidate("d", Worth::NotMoney),
    ];
    let report = solve(yaml, &candidates);
    assert_eq!((ids(&report.best).as_str(), report.best.total.describe().as_str()), ("a", "7元"));
    assert_eq!(report.best.unpriced[0].item, "b");
    assert_eq!(report.best.not_money[0].item, "d");
    let c = &report.best.left_out[0];
    assert_eq!((c.item.as_str(), c.compared), ("c", false));
    assert_eq!(c.text, "与《A》不重复享受；金额未知，无法比较高低");
}

#[test]
fn unconfirmed_items_are_listed_separately() {
    let yaml = "- {id: a, title: A, excludes: [b]}";
    let mut b = exact("b", 9);
    b.verdict = Verdict::Undetermined;
    let mut c = exact("c", 100);
    c.competitive = true;
    let mut d = exact("d", 100);
    d.verdict = Verdict::Ineligible;
    let mut e = exact("e", 100);
    e.received = Received::Yes;
    let mut f = exact("f", 1);
    f.received = Received::Unknown;
    let mut g = exact("g", 100);
    g.window = WindowState::Closed;
    let report = solve(yaml, &[exact("a", 7), b, c, d, e, f, g]);
    assert_eq!(ids(&report.best), "a");
    assert!(report.runner_up.is_none());
    assert_eq!(ids(report.if_confirmed.as_ref().unwrap()), "bf");
    let names: Vec<&str> = report.undetermined.iter().map(|one| one.item.as_str()).collect();
    assert_eq!(names, ["b", "f"]);
    assert_eq!(report.undetermined[1].text, "一次性支持，尚不清楚是否享受过");
    assert_eq!(report.competitive[0].item, "c");
    let barred: Vec<(&str, Rule)> =
        report.unavailable.iter().map(|one| (one.item.as_str(), one.rule)).collect();
    assert_eq!(barred, [("e", Rule::Once), ("g", Rule::WindowClosed)]);
}

#[test]
fn yearly_amounts_are_listed_separately() {
    let mut a = exact("a", 7);
    a.yearly = true;
    let report = solve("- {id: a, title: A}", &[a, exact("b", 5)]);
    assert_eq!(report.best.total.describe(), "12元");
    assert_eq!(report.best.yearly.describe(), "7元");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["best"]["total"], json!({"at_least": 12, "at_most": 12}));
    assert_eq!(json["best"]["proof"], json!({"kind": "optimal"}));
}

#[test]
fn no_candidates_give_an_empty_bundle() {
    let report = best_bundle(&[], &StackingRules::default(), MAX_NODES);
    assert_eq!(report.best.total, YuanRange::zero());
    assert_eq!(report.best.proof, Proof::Optimal);
}

#[test]
fn exhausted_budget_gives_a_bound_and_no_optimality_claim() {
    let (yaml, candidates) = ring(30);
    let rules = StackingRules::of(&items(&yaml));
    let full = best_bundle(&candidates, &rules, MAX_NODES);
    assert_eq!(full.best.proof, Proof::Optimal);
    let short = best_bundle(&candidates, &rules, 16);
    let Proof::Bounded { at_most } = &short.best.proof else { panic!("{:?}", short.best.proof) };
    assert!(short.best.total.low <= full.best.total.low && full.best.total.low <= *at_most);
}

#[test]
fn large_cap_groups_are_solved_within_the_budget() {
    let rules = "[{cap: 资金, yuan: 100, per: year}]";
    let yaml: String = (0..24).map(|i| format!("- {{id: i{i:02}, title: T, stacking: {rules}}}\n")).collect();
    let candidates: Vec<Candidate> = (0..24).map(|i| exact(&format!("i{i:02}"), 20 + (i * 7) % 30)).collect();
    let report = solve(&yaml, &candidates);
    assert_eq!(report.best.proof, Proof::Optimal);
    assert_eq!((report.best.members.len(), report.best.total.describe().as_str()), (3, "100元"));
}

/// Ring of items, each of which excludes its neighbours.
fn ring(count: usize) -> (String, Vec<Candidate>) {
    let id = |i: usize| format!("i{:02}", i % count);
    let yaml =
        (0..count).map(|i| format!("- {{id: {}, title: T, excludes: [{}]}}\n", id(i), id(i + 1))).collect();
    let yuan = |i: usize| i64::try_from(10 + (i * 7) % 5).unwrap();
    (yaml, (0..count).map(|i| exact(&id(i), yuan(i))).collect())
}

// --- the oracle ---

#[derive(Clone, Debug)]
struct Case {
    worth: Vec<(i64, Option<i64>)>,
    excludes: Vec<(usize, usize)>,
    choose: Vec<Option<u8>>,
    higher: Vec<Option<u8>>,
    top_up: Vec<(usize, usize)>,
    /// Members of the inner and of the outer cap; the inner group is a subset of the outer.
    inner: Vec<bool>,
    outer: Vec<bool>,
    caps: (i64, i64),
}

fn case() -> impl Strategy<Value = Case> {
    (1usize..=8).prop_flat_map(|n| {
        let worth = (0i64..7, prop::option::weighted(0.85, 0i64..7))
            .prop_map(|(low, more)| (low, more.map(|more| low + more)));
        let exact = (0i64..9).prop_map(|yuan| (yuan, Some(yuan)));
        let pair = (0..n, 0..n);
        let group = || prop::collection::vec(prop::option::weighted(0.3, 0u8..2), n);
        let flags = |p: f64| prop::collection::vec(prop::bool::weighted(p), n);
        (
            prop::collection::vec(prop_oneof![worth, exact], n),
            prop::collection::vec(pair.clone(), 0..3),
            group(),
            group(),
            prop::collection::vec(pair, 0..3),
            flags(0.25),
            flags(0.25),
            (0i64..12, 0i64..16),
        )
            .prop_map(|(worth, excludes, choose, higher, top_up, inner, outer, caps)| {
                let outer = inner.iter().zip(&outer).map(|(a, b)| *a || *b).collect();
                let apart = |pairs: Vec<(usize, usize)>| pairs.into_iter().filter(|(a, b)| a != b).collect();
                Case {
                    worth,
                    excludes: apart(excludes),
                    choose,
                    higher,
                    top_up: apart(top_up),
                    inner,
                    outer,
                    caps,
                }
            })
    })
}

fn name(i: usize) -> String {
    char::from(b'a' + u8::try_from(i).unwrap()).to_string()
}

impl Case {
    fn len(&self) -> usize {
        self.worth.len()
    }

    fn items(&self) -> Vec<Item> {
        let mut all = Vec::new();
        for i in 0..self.len() {
            let of = |pairs: &[(usize, usize)]| -> Vec<String> {
                pairs.iter().filter(|(a, _)| *a == i).map(|(_, b)| name(*b)).collect()
            };
            let mut rules = Vec::new();
            rules.extend(self.choose[i].map(|g| json!({"choose_one": format!("择{g}")})));
            rules.extend(self.higher[i].map(|g| json!({"higher_of": format!("高{g}")})));
            rules.extend(of(&self.top_up).into_iter().map(|id| json!({"top_up": id})));
            if self.inner[i] {
                rules.push(json!({"cap": "内", "yuan": self.caps.0, "per": "year"}));
            }
            if self.outer[i] {
                rules.push(json!({"cap": "外", "yuan": self.caps.1, "per": "once"}));
            }
            all.push(
                json!({"id": name(i), "title": "题", "excludes": of(&self.excludes), "stacking": rules}),
            );
        }
        items(&json!(all).to_string())
    }

    fn candidates(&self) -> Vec<Candidate> {
        (0..self.len()).map(|i| candidate(&name(i), money(self.worth[i].0, self.worth[i].1))).collect()
    }

    fn apart(&self, a: usize, b: usize) -> bool {
        let chosen = |g: &[Option<u8>]| g[a].is_some() && g[a] == g[b];
        self.excludes.iter().any(|p| *p == (a, b) || *p == (b, a)) || chosen(&self.choose)
    }

    fn linked(&self, a: usize, b: usize) -> bool {
        self.top_up.iter().any(|p| *p == (a, b) || *p == (b, a))
            || self.higher[a].is_some() && self.higher[a] == self.higher[b]
    }

    /// Sets of indices connected by `joined`, within `among`.
    fn classes(
        &self,
        among: &BTreeSet<usize>,
        joined: &dyn Fn(usize, usize) -> bool,
    ) -> Vec<BTreeSet<usize>> {
        let mut classes: Vec<BTreeSet<usize>> = Vec::new();
        for &i in among {
            let (touching, apart): (Vec<_>, Vec<_>) =
                classes.into_iter().partition(|class| class.iter().any(|&j| joined(i, j)));
            classes = apart;
            classes.push(touching.into_iter().flatten().chain([i]).collect());
        }
        classes
    }

    fn allowed(&self, set: &BTreeSet<usize>) -> bool {
        set.iter().all(|&a| set.iter().all(|&b| a == b || !self.apart(a, b)))
    }

    /// Payment of the set: certain yuan, number of parts without an upper bound, possible yuan of the others.
    fn total(&self, set: &BTreeSet<usize>, worth: &[(i64, Option<i64>)]) -> (i64, i64, i64) {
        let families = self.classes(set, &|a, b| self.linked(a, b));
        let (mut low, mut high) = ([0; 3], [(0i64, 0i64); 3]);
        for family in families {
            let any = |flags: &[bool]| family.iter().any(|&i| flags[i]);
            let all = |flags: &[bool]| family.iter().all(|&i| flags[i]);
            let shelf = if any(&self.inner) {
                0
            } else if any(&self.outer) {
                1
            } else {
                2
            };
            low[shelf] += family.iter().map(|&i| worth[i].0).max().unwrap();
            let shelf = if all(&self.inner) {
                0
            } else if all(&self.outer) {
                1
            } else {
                2
            };
            match family.iter().map(|&i| worth[i].1).collect::<Option<Vec<i64>>>() {
                Some(ends) => high[shelf].1 += ends.into_iter().max().unwrap(),
                None => high[shelf].0 += 1,
            }
        }
        let capped = |(endless, sum): (i64, i64), cap: i64| if endless > 0 { cap } else { sum.min(cap) };
        let inner = capped(high[0], self.caps.0);
        let outer = capped((high[1].0, high[1].1 + inner), self.caps.1);
        let sure = low[2] + (low[1] + low[0].min(self.caps.0)).min(self.caps.1);
        (sure, high[2].0, high[2].1 + outer)
    }

    /// Best allowed subset of `among` that passes, by total, then fewest items, then lowest ids.
    fn best(
        &self,
        among: &BTreeSet<usize>,
        passes: &dyn Fn(&BTreeSet<usize>) -> bool,
    ) -> Option<((i64, i64, i64), BTreeSet<usize>)> {
        let list: Vec<usize> = among.iter().copied().collect();
        let sets = (0u32..1 << list.len()).map(|mask| -> BTreeSet<usize> {
            (0..list.len()).filter(|i| mask & (1 << i) != 0).map(|i| list[i]).collect()
        });
        let key = |set: &BTreeSet<usize>| {
            let ids: Vec<usize> = set.iter().copied().collect();
            (self.total(set, &self.worth), std::cmp::Reverse((set.len(), ids)))
        };
        let best = sets.filter(|set| self.allowed(set) && passes(set)).max_by_key(key)?;
        Some((self.total(&best, &self.worth), best))
    }

    fn all(&self) -> BTreeSet<usize> {
        (0..self.len()).collect()
    }

    fn runner_up(&self, best: &BTreeSet<usize>) -> Option<BTreeSet<usize>> {
        let tied = |a: usize, b: usize| {
            self.apart(a, b)
                || self.linked(a, b)
                || self.inner[a] && self.inner[b]
                || self.outer[a] && self.outer[b]
        };
        let mut found: Vec<BTreeSet<usize>> = Vec::new();
        for part in self.classes(&self.all(), &tied) {
            let here: BTreeSet<usize> = best.intersection(&part).copied().collect();
            let other = |set: &BTreeSet<usize>| !set.is_subset(&here) && !here.is_subset(set);
            if let Some((_, set)) = self.best(&part, &other) {
                found.push(best.difference(&part).chain(&set).copied().collect());
            }
        }
        found.into_iter().max_by_key(|set| {
            let ids: Vec<usize> = set.iter().copied().collect();
            (self.total(set, &self.worth), std::cmp::Reverse((set.len(), ids)))
        })
    }
}

fn of(bundle: &Bundle) -> BTreeSet<usize> {
    bundle.members.iter().map(|member| usize::from(member.item.as_bytes()[0] - b'a')).collect()
}

fn range((low, endless, high): (i64, i64, i64)) -> YuanRange {
    YuanRange { low: low.into(), high: (endless == 0).then(|| high.into()) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn no_subset_beats_the_best_bundle(case in case()) {
        let report = best_bundle(&case.candidates(), &StackingRules::of(&case.items()), MAX_NODES);
        let (total, set) = case.best(&case.all(), &|_| true).unwrap();
        prop_assert_eq!(&report.best.proof, &Proof::Optimal);
        prop_assert_eq!(of(&report.best), set.clone());
        prop_assert_eq!(&report.best.total, &range(total));
        let second = case.runner_up(&set);
        prop_assert_eq!(report.runner_up.as_ref().map(of), second.clone());
        if let (Some(bundle), Some(set)) = (&report.runner_up, &second) {
            prop_assert_eq!(&bundle.total, &range(case.total(set, &case.worth)));
        }
        let named = report.best.members.len() + report.best.left_out.len();
        prop_assert_eq!(named, case.len(), "every candidate is either in or left out by a rule");
    }

    #[test]
    fn bundle_does_not_depend_on_item_order(case in case(), seed in any::<prop::sample::Index>()) {
        let (mut candidates, mut items) = (case.candidates(), case.items());
        let first = best_bundle(&candidates, &StackingRules::of(&items), MAX_NODES);
        let turn = seed.index(case.len());
        candidates.rotate_left(turn);
        candidates.reverse();
        items.rotate_right(turn);
        let second = best_bundle(&candidates, &StackingRules::of(&items), MAX_NODES);
        prop_assert_eq!(first, second);
    }

    #[test]
    fn additional_items_never_lower_the_best_total(case in case(), gone in any::<prop::sample::Index>()) {
        let (mut candidates, mut items) = (case.candidates(), case.items());
        let with = best_bundle(&candidates, &StackingRules::of(&items), MAX_NODES);
        let gone = gone.index(case.len());
        candidates.remove(gone);
        items.remove(gone);
        let without = best_bundle(&candidates, &StackingRules::of(&items), MAX_NODES);
        prop_assert!(without.best.total.low <= with.best.total.low);
    }

    #[test]
    fn total_range_contains_the_total_of_every_completion(
        case in case(), picks in prop::collection::vec(0i64..7, 8)
    ) {
        let best = best_bundle(&case.candidates(), &StackingRules::of(&case.items()), MAX_NODES).best;
        let points: Vec<(i64, Option<i64>)> = case.worth.iter().zip(picks)
            .map(|((low, high), pick)| low + high.map_or(pick, |high| pick % (high - low + 1)))
            .map(|yuan| (yuan, Some(yuan)))
            .collect();
        let (low, _, high) = case.total(&of(&best), &points);
        prop_assert!(best.total.low <= Number::from(low));
        prop_assert!(best.total.high.is_none_or(|end| Number::from(high) <= end));
        for member in &best.members {
            let (own, counts) = (&member.own, &member.counts);
            prop_assert!(counts.low <= own.low, "{:?}", member);
            prop_assert!(own.high.is_none() || counts.high <= own.high, "{:?}", member);
            prop_assert!(counts.high.as_ref().is_none_or(|high| counts.low <= *high), "{:?}", member);
        }
    }

    #[test]
    fn bound_is_never_below_the_best_total(case in case(), nodes in 0u64..12) {
        let rules = StackingRules::of(&case.items());
        let found = best_bundle(&case.candidates(), &rules, nodes).best;
        let (total, set) = case.best(&case.all(), &|_| true).unwrap();
        match found.proof {
            // the budget may run out among sets that differ only in their ids
            Proof::Optimal => {
                prop_assert_eq!(&found.total, &range(total));
                prop_assert_eq!(found.members.len(), set.len());
            }
            Proof::Bounded { at_most } => prop_assert!(Number::from(total.0) <= at_most),
        }
    }
}
