//! Growth of the work of compiling and matching, counted in steps, so that the figures are the same on every machine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::sync::Arc;

use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};
use zhaoren_cancel::{Cancellation, Cancelled, count};
use zhaoren_matcher::batch::{BatchPlan, FactTable, Scratch};
use zhaoren_matcher::bundle::{Candidate, MAX_NODES, Proof, StackingRules, best_bundle};
use zhaoren_matcher::check::check;
use zhaoren_matcher::compiled::{BuildSteps, CompiledItems, EvaluationDay, OverBudget, Plan, Verdicts};
use zhaoren_matcher::{Library, Selection, Snapshot, match_item};
use zhaoren_policy::criterion::{Criterion, read_criterion};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::amount::{Worth, YuanRange};
use zhaoren_policy::item::{Item, Received, WindowState, read_items};
use zhaoren_policy::number::Number;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

const DAY: Date = date(2026, 3, 31);
const MOMENT: EvaluationDay = EvaluationDay { as_of: DAY, last_year: 2025 };

fn dictionary() -> &'static FactDictionary {
    FactDictionary::built_in()
}

fn criterion(json: &Json) -> Criterion {
    let mut report = Report::new("criteria");
    let node = zhaoren_policy::syntax::json(&json.to_string()).unwrap();
    read_criterion(&node, "", dictionary(), &mut report).unwrap_or_else(|| panic!("{:?}", report.problems))
}

fn profile(facts: &Json) -> Profile {
    let node = zhaoren_policy::syntax::json(&json!({"id": "e", "facts": facts}).to_string()).unwrap();
    Profile::read(&node, dictionary(), true, &mut Report::new("profile")).unwrap()
}

fn items(all: &[Json]) -> Vec<Item> {
    let (items, report) = read_items(&Json::from(all.to_vec()).to_string(), "items.json", dictionary());
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    items.into_iter().map(|(item, _)| item).collect()
}

fn snapshot(all: &[Json]) -> Snapshot {
    Snapshot::compile(Arc::new(Library::new(items(all), Arc::new(dictionary().clone()))), DAY)
}

fn employees(count: usize) -> Json {
    json!({"fact": "employees", "at_least": count})
}

/// Cases nested in the `when` of a case.
fn nested_cases(depth: usize) -> Json {
    (0..depth).fold(employees(1), |inner, at| {
        json!({"case": [{"when": inner, "then": employees(2 + at)}], "else": employees(1000 + at)})
    })
}

/// Two lists of tags of which some pair must be held, each list first tested alone: its diagram has a node for every subset of
/// the first list.
fn entangled(pairs: usize) -> Json {
    let has = |tag: String| json!({"fact": "parks", "has_any": [tag]});
    let first: Vec<Json> = (0..pairs).map(|at| has(format!("甲{at}"))).collect();
    let both: Vec<Json> =
        (0..pairs).map(|at| json!({"all": [has(format!("甲{at}")), has(format!("乙{at}"))]})).collect();
    json!({"all": [{"any": first}, {"any": both}]})
}

/// Asserts that twice the input takes at most little more than twice the steps.
fn assert_linear(what: &str, size: usize, work: impl Fn(usize) -> u64) {
    let (once, twice) = (work(size), work(2 * size));
    println!("{what}: {once} steps for {size}, {twice} for {}", 2 * size);
    assert!(once > 0, "{what} counts no steps");
    assert!(twice <= once * 22 / 10 + 200, "{what}: {once} steps for {size}, {twice} for {}", 2 * size);
}

fn steps_to_compile(criteria: &Json) -> u64 {
    let criteria = criterion(criteria);
    let (plan, one) = count(|| Plan::compile(&criteria, dictionary(), MOMENT));
    plan.unwrap();
    let ((_, problems), all) = count(|| CompiledItems::compile([&criteria], dictionary(), MOMENT));
    assert!(problems.is_empty());
    one + all
}

/// Expanding nested cases took two to the power of their depth.
#[test]
fn nested_cases_compile_in_linear_steps() {
    assert_linear("nested cases", 15, |depth| steps_to_compile(&nested_cases(depth)));
    // The outermost `when` decides like the innermost: at least one employee, then at least `2 + depth - 1`, else the rest.
    let criteria = criterion(&nested_cases(30));
    let (catalogue, problems) = CompiledItems::compile([&criteria], dictionary(), MOMENT);
    assert!(problems.is_empty(), "{problems:?}");
    for count in [0, 1, 2, 31, 32, 999, 1029, 2000] {
        let profile = profile(&json!({"employees": count}));
        let view = View::new(&profile, dictionary(), DAY);
        let expected = Plan::compile(&criteria, dictionary(), MOMENT).unwrap().decide(&view);
        let mut verdicts = Verdicts::default();
        catalogue.verdicts(&catalogue.encode(&view), &mut verdicts);
        assert_eq!(verdicts.eligible().count() == 1, expected == Verdict::Eligible, "{count}");
    }
}

#[test]
fn wide_and_deep_criteria_compile_in_linear_steps() {
    let tags = |size: usize| (0..size).map(|at| format!("标签{at}")).collect::<Vec<_>>();
    assert_linear("any of many tags", 400, |size| {
        steps_to_compile(&json!({"fact": "parks", "has_any": tags(size)}))
    });
    assert_linear("points of many tags", 100, |size| {
        let of: Vec<Json> = tags(size)
            .into_iter()
            .map(|tag| json!({"when": {"fact": "parks", "has_any": [tag]}, "score": 1}))
            .collect();
        steps_to_compile(&json!({"points": of, "at_least": 1}))
    });
    assert_linear("nested not", 40, |depth| {
        steps_to_compile(&(0..depth).fold(employees(3), |inner, _| json!({"not": inner})))
    });
}

/// Many thresholds on one fact make a node with an edge for each, so steps grow faster than the criteria. The budget counts edges
/// and limits that.
#[test]
fn many_thresholds_on_one_fact_are_within_the_budget() {
    let equal =
        |size: usize| (0..size).map(|at| json!({"fact": "employees", "equals": at * 2})).collect::<Vec<_>>();
    for size in [100, 200, 400, 800] {
        let negated: Vec<Json> = equal(size).into_iter().map(|of| json!({"not": of})).collect();
        let scored: Vec<Json> =
            equal(size).into_iter().map(|when| json!({"when": when, "score": 1})).collect();
        for criteria in
            [json!({"any": equal(size)}), json!({"all": negated}), json!({"points": scored, "at_least": 1})]
        {
            let criteria = criterion(&criteria);
            let (limit, mut budget) = (5_000, BuildSteps::of(5_000));
            let (plan, steps) = count(|| Plan::compile_within(&criteria, dictionary(), MOMENT, &mut budget));
            assert!(steps <= limit + 20 * u64::try_from(size).unwrap() + 200, "{size}: {steps}");
            match plan {
                Ok(_) => assert!(size <= 200),
                Err(cause) => assert_eq!(cause, OverBudget::Together(limit)),
            }
        }
    }
}

/// Items compiled together share one budget; those beyond it are named, the others decided.
#[test]
fn items_compiled_together_share_a_budget() {
    let all: Vec<Json> = (0..5)
        .map(|at| json!({"id": format!("i{at}"), "title": "题", "criteria": entangled(if at == 4 { 2 } else { 12 })}))
        .collect();
    let library = Arc::new(Library::new(items(&all), Arc::new(dictionary().clone())));
    let compile = |limit| {
        let mut budget = BuildSteps::of(limit);
        count(|| Snapshot::compile_within(Arc::clone(&library), DAY, &mut budget))
    };
    let (whole, unbounded) = compile(u64::MAX);
    assert_eq!(whole.not_compiled().count(), 0);
    let limit = unbounded / 2;
    let (part, bounded) = compile(limit);
    assert!(bounded < unbounded * 3 / 4, "{bounded} of {unbounded}");
    let refused: Vec<(&str, OverBudget)> =
        part.not_compiled().map(|(item, why)| (item.id.as_str(), why)).collect();
    assert!(!refused.is_empty() && refused.len() < 5, "{refused:?}");
    assert!(refused.iter().all(|(_, why)| *why == OverBudget::Together(limit)), "{refused:?}");
    let selection = Selection { all: true, limit: usize::MAX, bundle: false };
    let (report, undecided) = part.match_profile(&profile(&json!({})), selection);
    assert_eq!(report.matches.len() + undecided.len(), 5);
    assert!(undecided.iter().all(|one| one.to_string().contains("超出")), "{undecided:?}");
    // The same items are beyond it every time.
    let again: Vec<&str> = undecided.iter().map(|one| one.item.as_str()).collect();
    assert_eq!(again, refused.iter().map(|(id, _)| *id).collect::<Vec<_>>());
}

/// Best bundle, and its steps, of items with rules of their own and given amounts.
fn best_of(all: &[Json], worth: impl Fn(usize) -> i64) -> (zhaoren_matcher::bundle::BundleReport, u64) {
    let items = items(all);
    let candidates: Vec<Candidate> = items
        .iter()
        .enumerate()
        .map(|(at, item)| Candidate {
            item: item.id.clone(),
            title: item.title.clone(),
            verdict: Verdict::Eligible,
            competitive: false,
            worth: Worth::Money(YuanRange::exactly(Number::from(worth(at)))),
            yearly: false,
            window: WindowState::Open,
            received: Received::No,
        })
        .collect();
    count(|| best_bundle(&candidates, &StackingRules::of(&items), MAX_NODES))
}

fn id(at: usize) -> String {
    format!("i{at:05}")
}

/// A bundle of many items built tables of every pair. Untied items take linear steps, and their bundle is proven
/// whatever their number.
#[test]
fn a_bundle_of_untied_items_takes_linear_steps() {
    let plain = |size: usize| (0..size).map(|at| json!({"id": id(at), "title": "题"})).collect::<Vec<_>>();
    assert_linear("untied bundle", 4_000, |size| best_of(&plain(size), |_| 5).1);
    let (report, _) = best_of(&plain(5_000), |_| 5);
    assert_eq!(report.best.proof, Proof::Optimal);
    assert_eq!(report.best.total.low, Number::from(25_000));
}

/// Items in large groups, under large caps and in long chains end within the budget, with a bound.
#[test]
fn a_bundle_of_tied_items_ends_within_the_budget() {
    let size = 4_000;
    let rings = (0..size).map(
        |at| json!({"id": id(at), "title": "题", "excludes": [id((at + 1) % size), id((at + 7) % size)]}),
    );
    let group = |rule: Json| {
        (0..size).map(move |at| json!({"id": id(at), "title": "题", "stacking": [rule.clone()]}))
    };
    let several = (0..size).map(|at| {
        let rules = json!([{"cap": format!("资金{}", at % 500), "yuan": 30, "per": "year"}, {"choose_one": format!("组{}", at / 9)}]);
        json!({"id": id(at), "title": "题", "stacking": rules})
    });
    let worlds: [(&str, Vec<Json>); 5] = [
        ("rings", rings.collect()),
        ("one group to choose from", group(json!({"choose_one": "组"})).collect()),
        ("one group that pays the higher", group(json!({"higher_of": "组"})).collect()),
        ("one cap", group(json!({"cap": "资金", "yuan": 700, "per": "year"})).collect()),
        ("caps and groups", several.collect()),
    ];
    for (name, all) in worlds {
        let (report, steps) = best_of(&all, |at| 10 + i64::try_from(at * 7 % 23).unwrap());
        println!("{name}: {steps} steps, {:?}", report.best.proof);
        // Two searches of at most a million steps, plus linear work.
        assert!(steps < 2_500_000, "{name}: {steps} steps");
        let best = &report.best.total.low;
        assert!(best.is_positive(), "{name}");
        if let Proof::Bounded { at_most } = &report.best.proof {
            assert!(best <= at_most, "{name}: {best} of {at_most}");
        }
        if name.starts_with("one group") {
            assert_eq!((report.best.members.len(), best), (1, &Number::from(32)), "{name}");
        }
    }
}

/// Catalogue of items about several facts.
fn many(size: usize) -> Vec<Json> {
    let tags = ["甲", "乙", "丙", "丁", "戊"];
    (0..size)
        .map(|at| {
            let criteria = json!({"all": [
                employees(1 + at % 50),
                {"any": [{"fact": "parks", "has_any": [tags[at % 5]]}, {"fact": "revenue", "at_least": 1000 * (at % 20 + 1)}]},
                {"not": {"fact": "parks", "has_all": [tags[(at + 1) % 5], tags[(at + 2) % 5]]}},
            ]});
            json!({"id": id(at), "title": "题", "criteria": criteria})
        })
        .collect()
}

#[test]
fn deciding_explaining_and_asking_take_linear_steps() {
    let selection = Selection { all: true, limit: usize::MAX, bundle: true };
    let nothing = profile(&json!({}));
    let little = profile(&json!({"employees": 20, "parks": ["乙"]}));
    let steps = |profile: &Profile, size: usize| {
        let snapshot = snapshot(&many(size));
        let (_, match_steps) = count(|| snapshot.match_profile(profile, selection));
        match_steps
    };
    assert_linear("match, nothing known", 150, |size| steps(&nothing, size));
    assert_linear("match and nearest, little known", 150, |size| steps(&little, size));
    assert_linear("questions", 150, |size| {
        let snapshot = snapshot(&many(size));
        count(|| snapshot.questions(&nothing, 5)).1
    });
    assert_linear("compile a snapshot", 150, |size| count(|| snapshot(&many(size))).1);
    // Nearest change of one item with an increasing number of conditions, each of which fails.
    assert_linear("nearest", 30, |size| {
        let tags: Vec<String> = (0..size).map(|at| format!("标签{at}")).collect();
        let criteria = json!({"all": [{"fact": "parks", "has_all": tags}, employees(5)]});
        let item = items(&[json!({"id": "i", "title": "题", "criteria": criteria})]).remove(0);
        let profile = profile(&json!({"parks": [], "employees": 1}));
        let (found, steps) = count(|| match_item(&item, &View::new(&profile, dictionary(), DAY)).unwrap());
        assert_eq!(found.nearest.len(), size + 1);
        steps
    });
}

/// With the cancellation set beforehand, every public computation ends instead of giving an answer.
#[test]
fn every_computation_ends_when_it_is_cancelled() {
    let all = many(30);
    let items = items(&all);
    let library = Arc::new(Library::new(items.clone(), Arc::new(dictionary().clone())));
    let snapshot = Snapshot::compile(Arc::clone(&library), DAY);
    let profile = profile(&json!({"employees": 20, "parks": ["乙"]}));
    let view = View::new(&profile, dictionary(), DAY);
    let criteria: Vec<&Criterion> = items.iter().map(|item| &item.criteria).collect();
    let (catalogue, _) = CompiledItems::compile(criteria.clone(), dictionary(), MOMENT);
    let (plan, _) = BatchPlan::compile(criteria.clone(), dictionary(), MOMENT);
    let table = FactTable::of([&profile]);
    let block = plan.blocks(&table, dictionary()).next().unwrap();
    let rules = StackingRules::of(&items);
    let selection = Selection { all: true, limit: 5, bundle: true };
    let one = Plan::compile(criteria[0], dictionary(), MOMENT).unwrap();
    let candidate = Candidate {
        item: "i".to_owned(),
        title: "题".to_owned(),
        verdict: Verdict::Eligible,
        competitive: false,
        worth: Worth::Money(YuanRange::zero()),
        yearly: false,
        window: WindowState::Open,
        received: Received::No,
    };
    let cancelled = Cancellation::new();
    cancelled.cancel();
    let ends = |name: &str, work: &dyn Fn()| assert_eq!(cancelled.run(work), Err(Cancelled), "{name}");
    ends("compile a plan", &|| drop(Plan::compile(criteria[0], dictionary(), MOMENT)));
    ends("decide by a plan", &|| {
        one.decide(&view);
    });
    ends("compile a catalogue", &|| drop(CompiledItems::compile(criteria.clone(), dictionary(), MOMENT)));
    ends("encode for a catalogue", &|| drop(catalogue.encode(&view)));
    let encoded = catalogue.encode(&view);
    ends("decide by a catalogue", &|| catalogue.verdicts(&encoded, &mut Verdicts::default()));
    ends("check", &|| drop(check(criteria[0], dictionary(), DAY)));
    ends("match one item", &|| drop(match_item(&items[0], &view)));
    ends("compile a snapshot", &|| drop(Snapshot::compile(Arc::clone(&library), DAY)));
    ends("match", &|| drop(snapshot.match_profile(&profile, selection)));
    ends("verdicts", &|| drop(snapshot.verdicts(&view)));
    ends("explain", &|| drop(snapshot.explain(&[0, 1], &view)));
    ends("questions", &|| drop(snapshot.questions(&profile, 3)));
    ends("stacking rules", &|| drop(StackingRules::of(&items)));
    ends("bundle", &|| drop(best_bundle(std::slice::from_ref(&candidate), &rules, MAX_NODES)));
    ends("compile a batch plan", &|| drop(BatchPlan::compile(criteria.clone(), dictionary(), MOMENT)));
    ends("encode blocks", &|| drop(plan.blocks(&table, dictionary()).next()));
    ends("decide a block", &|| drop(plan.verdicts(&block, &mut Scratch::default())));
    // Afterwards everything works as before.
    assert_eq!(snapshot.match_profile(&profile, selection).0.matches.len(), 5);
}
