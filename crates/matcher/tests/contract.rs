//! Meaning of a verdict, clause by clause of its definition, in worked examples.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::sync::Arc;

use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};
use zhaoren_matcher::{Library, Match, Selection, Snapshot, match_item};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_items};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::json as parse;
use zhaoren_policy::verdict::{ClauseState, Verdict};
use zhaoren_policy::view::View;

const DAY: Date = date(2026, 11, 23);

fn item(json: Json) -> Item {
    let (mut items, report) = read_items(&json.to_string(), "item.json", FactDictionary::built_in());
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    items.remove(0).0
}

fn profile(facts: Json, judged: Json) -> Profile {
    let text = json!({"id": "e", "facts": facts, "judged": judged}).to_string();
    let mut report = Report::new("profile.json");
    Profile::read(&parse(&text).unwrap(), FactDictionary::built_in(), true, &mut report)
        .unwrap_or_else(|| panic!("{:?}", report.problems))
}

fn matched(criteria: Json, facts: Json) -> Match {
    let item = item(json!({"id": "i", "title": "题", "criteria": criteria}));
    match_item(&item, &View::new(&profile(facts, json!({})), FactDictionary::built_in(), DAY)).unwrap()
}

fn verdict(criteria: Json, facts: Json) -> Verdict {
    matched(criteria, facts).verdict
}

use Verdict::{Eligible, Ineligible, Undetermined};

#[test]
fn tautologies_over_unknowns_are_eligible() {
    let criteria =
        json!({"any": [{"fact": "employees", "less_than": 10}, {"fact": "employees", "at_least": 10}]});
    assert_eq!(verdict(criteria, json!({})), Eligible);
    let contradiction =
        json!({"all": [{"fact": "employees", "less_than": 10}, {"fact": "employees", "more_than": 9}]});
    assert_eq!(verdict(contradiction, json!({})), Ineligible);
    // among decimals there are numbers between 9 and 10
    let decimal =
        json!({"all": [{"fact": "floor_area", "less_than": 10}, {"fact": "floor_area", "more_than": 9}]});
    assert_eq!(verdict(decimal, json!({})), Undetermined);
}

#[test]
fn dictionary_bounds_restrict_unknown_facts() {
    assert_eq!(verdict(json!({"fact": "employees", "at_least": 0}), json!({})), Eligible);
    assert_eq!(verdict(json!({"fact": "employees", "less_than": 0}), json!({})), Ineligible);
    assert_eq!(verdict(json!({"fact": "net_profit", "less_than": 0}), json!({})), Undetermined);
    let all = json!({"fact": "revenue", "years": 3, "take": "sum", "at_least": 0});
    assert_eq!(verdict(all, json!({})), Eligible);
    let growth = json!({"fact": "revenue", "years": 2, "take": "growth", "at_least": -1});
    assert_eq!(verdict(growth, json!({})), Undetermined);
}

#[test]
fn facts_given_as_ranges_are_unknown_inside_the_range() {
    let ten = json!({"fact": "employees", "at_least": 10});
    assert_eq!(verdict(ten.clone(), json!({"employees": {"at_least": 10}})), Eligible);
    assert_eq!(verdict(ten.clone(), json!({"employees": {"at_most": 9}})), Ineligible);
    assert_eq!(verdict(ten, json!({"employees": {"at_least": 9, "at_most": 10}})), Undetermined);
    let clean = json!({"fact": "last_safety_accident_on", "for_at_least": "3 years"});
    assert_eq!(
        verdict(clean.clone(), json!({"last_safety_accident_on": {"at_most": "2023-11-23"}})),
        Eligible
    );
    assert_eq!(
        verdict(clean.clone(), json!({"last_safety_accident_on": {"at_most": "2023-11-24"}})),
        Undetermined
    );
    assert_eq!(verdict(clean, json!({"last_safety_accident_on": {"at_least": "2023-11-24"}})), Ineligible);
}

#[test]
fn default_year_is_the_last_full_fiscal_year() {
    let leaf = json!({"fact": "revenue", "at_least": 5});
    assert_eq!(verdict(leaf.clone(), json!({"revenue": {"2025": 5, "2024": 0, "2026": 0}})), Eligible);
    assert_eq!(verdict(leaf, json!({"revenue": {"2024": 5}})), Undetermined);
    let named = json!({"fact": "revenue", "year": 2023, "at_least": 5});
    assert_eq!(verdict(named, json!({"revenue": {"2023": 5}})), Eligible);
    let ending = json!({"fact": "revenue", "years": 2, "year": 2024, "take": "sum", "equals": 12});
    assert_eq!(verdict(ending, json!({"revenue": {"2023": 5, "2024": 7, "2025": 1}})), Eligible);
}

#[test]
fn aggregates_are_exact() {
    let facts = json!({"revenue": {"2023": 100, "2024": 150, "2025": 120}});
    let take = |take: &str, op: &str, bound: f64| {
        verdict(json!({"fact": "revenue", "years": 3, "take": take, op: bound}), facts.clone())
    };
    assert_eq!(take("sum", "equals", 370.0), Eligible);
    assert_eq!(take("min", "equals", 100.0), Eligible);
    assert_eq!(take("max", "equals", 150.0), Eligible);
    assert_eq!(take("growth", "equals", 0.2), Eligible);
    assert_eq!(take("average", "more_than", 123.333_333), Eligible);
    assert_eq!(take("average", "at_least", 123.333_334), Ineligible);
    // 1.2 over two steps: the yearly rate is 9.54…%
    assert_eq!(take("cagr", "at_least", 0.0954), Eligible);
    assert_eq!(take("cagr", "at_least", 0.0955), Ineligible);
    let exact = json!({"revenue": {"2023": 100, "2025": 121, "2024": 1}});
    assert_eq!(
        verdict(json!({"fact": "revenue", "years": 3, "take": "cagr", "equals": 0.1}), exact),
        Eligible
    );
}

#[test]
fn aggregates_with_a_missing_year_are_unknown() {
    let facts = json!({"revenue": {"2023": 100, "2025": 120}});
    let sum = json!({"fact": "revenue", "years": 3, "take": "sum", "at_least": 200});
    assert_eq!(verdict(sum, facts.clone()), Undetermined);
    let both = json!({"any": [
        {"fact": "revenue", "years": 3, "take": "sum", "at_least": 200},
        {"fact": "revenue", "years": 3, "take": "sum", "less_than": 200}]});
    assert_eq!(verdict(both, facts.clone()), Eligible);
    let growth = json!({"fact": "revenue", "years": 2, "take": "growth", "at_least": 0});
    assert_eq!(verdict(growth, json!({"revenue": {"2024": 0, "2025": 10}})), Undetermined);
}

#[test]
fn yearly_ranges_bound_an_aggregate() {
    let facts = json!({"revenue": {"2024": {"at_least": 60, "at_most": 80}, "2025": 100}});
    let sum = |op: &str, bound: i32| {
        verdict(json!({"fact": "revenue", "years": 2, "take": "sum", op: bound}), facts.clone())
    };
    assert_eq!(sum("at_least", 160), Eligible);
    assert_eq!(sum("at_least", 161), Undetermined);
    assert_eq!(sum("more_than", 180), Ineligible);
    let growth = |op: &str, bound: f64| {
        verdict(json!({"fact": "revenue", "years": 2, "take": "growth", op: bound}), facts.clone())
    };
    assert_eq!(growth("at_least", 0.25), Eligible);
    assert_eq!(growth("at_least", 0.26), Undetermined);
    assert_eq!(growth("at_least", 0.67), Ineligible);
}

#[test]
fn tag_lists_are_complete_by_default() {
    let any = json!({"fact": "qualifications", "has_any": ["高新技术企业"]});
    assert_eq!(verdict(any.clone(), json!({"qualifications": []})), Ineligible);
    assert_eq!(verdict(any.clone(), json!({})), Undetermined);
    assert_eq!(
        verdict(any.clone(), json!({"qualifications": {"has": ["软件企业"], "lacks": []}})),
        Undetermined
    );
    assert_eq!(verdict(any.clone(), json!({"qualifications": {"lacks": ["高新技术企业"]}})), Ineligible);
    let dated = |until: &str| json!({"qualifications": [{"tag": "高新技术企业", "until": until}]});
    assert_eq!(verdict(any.clone(), dated("2026-11-23")), Eligible);
    assert_eq!(verdict(any, dated("2026-11-22")), Ineligible);
    let none = json!({"fact": "qualifications", "has_none": ["软件企业", "高新技术企业"]});
    assert_eq!(verdict(none.clone(), json!({})), Undetermined);
    assert_eq!(verdict(none, json!({"qualifications": {"has": ["软件企业"]}})), Ineligible);
    let one_tag_two_places = json!({"any": [
        {"fact": "qualifications", "has_any": ["软件企业"]}, {"fact": "qualifications", "has_none": ["软件企业"]}]});
    assert_eq!(verdict(one_tag_two_places, json!({})), Eligible);
}

#[test]
fn judged_texts_are_unknown_without_a_judgement() {
    let item = item(json!({"id": "i", "title": "题", "criteria": {"judged": "较强"}}));
    let say = |judged: Json| {
        let profile = profile(json!({}), judged);
        match_item(&item, &View::new(&profile, FactDictionary::built_in(), DAY)).unwrap()
    };
    assert_eq!(say(json!({})).verdict, Undetermined);
    assert_eq!(say(json!({})).clauses[0].state, ClauseState::Judged);
    assert_eq!(say(json!({"较强": true})).verdict, Eligible);
    assert_eq!(say(json!({"较强": false})).verdict, Ineligible);
}

#[test]
fn empty_nodes_and_counts_have_defined_verdicts() {
    let empty = |node: Json| verdict(node, json!({}));
    assert_eq!(empty(json!({"all": []})), Eligible);
    assert_eq!(empty(json!({"any": []})), Ineligible);
    assert_eq!(empty(json!({"any": [], "count": 0})), Eligible);
    assert_eq!(empty(json!({"case": []})), Ineligible);
    assert_eq!(empty(json!({"case": [], "else": {"all": []}})), Eligible);
    assert_eq!(empty(json!({"points": [], "at_least": 0})), Eligible);
    assert_eq!(empty(json!({"points": [], "at_least": 1})), Ineligible);
}

#[test]
fn first_matching_case_decides() {
    let tiers = json!({"case": [
        {"when": {"fact": "si_insured", "at_most": 30}, "then": {"fact": "layoff_rate", "at_most": 0.2}}],
        "else": {"fact": "layoff_rate", "at_most": 0.055}});
    let say = |insured: Json, rate: f64| {
        verdict(tiers.clone(), json!({"si_insured": insured, "layoff_rate": {"2025": rate}}))
    };
    assert_eq!(say(json!(30), 0.2), Eligible);
    assert_eq!(say(json!(31), 0.2), Ineligible);
    assert_eq!(say(Json::Null, 0.2), Undetermined);
    assert_eq!(say(Json::Null, 0.05), Eligible); // passes either way
    assert_eq!(say(Json::Null, 0.3), Ineligible); // fails either way
}

#[test]
fn missing_facts_can_each_change_the_verdict() {
    let criteria = json!({"all": [
        {"fact": "employees", "at_least": 10},
        {"any": [{"fact": "abnormal_list", "is": false}, {"fact": "tax_resident", "is": true}]},
        {"fact": "court_dishonest", "is": false},
        {"any": [{"fact": "floor_area", "less_than": 5}, {"fact": "floor_area", "at_least": 5}]},
        {"judged": "较强"}]});
    let found = matched(criteria, json!({"employees": 12, "tax_resident": true}));
    assert_eq!(found.verdict, Undetermined);
    assert_eq!(found.missing, ["court_dishonest"]);
    // for a derived fact, its open inputs are missing
    let ratio = json!({"fact": "rd_intensity", "at_least": 0.03});
    assert_eq!(matched(ratio.clone(), json!({"revenue": {"2025": 100}})).missing, ["rd_expense"]);
    assert_eq!(
        matched(ratio, json!({"rd_expense": {"2025": 3}, "revenue": {"2025": 100}})).missing,
        Vec::<String>::new()
    );
}

#[test]
fn most_decisive_fact_is_asked_first() {
    // A single value of `employees` settles everything; `abnormal_list` only helps together with another fact.
    let criteria = json!({"any": [
        {"fact": "employees", "at_least": 10},
        {"all": [{"fact": "abnormal_list", "is": false}, {"fact": "court_dishonest", "is": false}]}]});
    assert_eq!(matched(criteria, json!({})).missing[0], "employees");
}

#[test]
fn clauses_carry_path_quote_and_value() {
    let criteria = json!({"all": [
        {"fact": "established_on", "for_at_least": "12 months", "article": "第十一条（一）", "quote": "注册成立一年以上"},
        {"any": [{"fact": "employees", "at_least": 10}, {"fact": "revenue", "at_least": 5}], "quote": "之一", "article": "第二条"},
        {"fact": "revenue", "years": 2, "take": "sum", "at_least": 5}]});
    let found =
        matched(criteria, json!({"established_on": "2019-03-12", "employees": 3, "revenue": {"2025": 9}}));
    let shown: Vec<(&str, ClauseState)> = found.clauses.iter().map(|c| (c.path.as_str(), c.state)).collect();
    assert_eq!(
        shown,
        [
            ("all[0]", ClauseState::Met),
            ("all[1]", ClauseState::Met),
            ("all[1].any[0]", ClauseState::Unmet),
            ("all[1].any[1]", ClauseState::Met),
            ("all[2]", ClauseState::Unknown)
        ]
    );
    let first = &found.clauses[0];
    assert_eq!((first.text.as_str(), &first.value), ("成立满12个月", &json!("2019-03-12")));
    assert_eq!(first.quote.as_deref(), Some("注册成立一年以上"));
    assert_eq!(found.clauses[2].article.as_deref(), Some("第二条"));
    assert_eq!(found.clauses[4].value, json!({"2025": 9}));
}

#[test]
fn joining_words_of_conditions_are_shown() {
    let criteria = json!({"all": [{"text": "信用良好", "all": [
        {"fact": "abnormal_list", "is": false}, {"fact": "serious_dishonest", "is": false}]}]});
    let found = matched(criteria, json!({"abnormal_list": false}));
    let shown: Vec<(&str, Option<&str>)> = found.clauses.iter().map(|c| (c.path.as_str(), c.group)).collect();
    assert_eq!(shown, [("all[0]", Some("all")), ("all[0].all[0]", None), ("all[0].all[1]", None)]);
    assert_eq!((found.clauses[0].text.as_str(), found.clauses[0].state), ("信用良好", ClauseState::Unknown));
}

#[test]
fn only_items_in_force_on_the_day_are_matched() {
    let library = [
        item(json!({"id": "a", "title": "甲"})),
        item(json!({"id": "b", "title": "乙", "document": {"status": "draft"}})),
        item(
            json!({"id": "c", "title": "丙", "document": {"status": "expired", "effective": "2023-01-01", "expires": "2023-12-31"}}),
        ),
        item(json!({"id": "d", "title": "丁", "document": {"effective": "2026-11-24"}})),
        item(json!({"id": "e", "title": "戊", "subject": "person"})),
        item(json!({"id": "f", "title": "己", "criteria": {"any": []}})),
    ];
    let ids = |day: Date, all: bool| -> Vec<String> {
        let selection = Selection { all, limit: 20, bundle: false };
        let dictionary = Arc::new(FactDictionary::built_in().clone());
        let library = Arc::new(Library::new(library.to_vec(), dictionary));
        let snapshot = Snapshot::compile(library, day);
        let (report, _) = snapshot.match_profile(&profile(json!({}), json!({})), selection);
        report.matches.into_iter().map(|m| m.policy).collect()
    };
    assert_eq!(ids(DAY, false), ["a"]);
    assert_eq!(ids(date(2023, 12, 31), false), ["a", "c"]);
    assert_eq!(ids(date(2026, 11, 24), false), ["a", "d"]);
    assert_eq!(ids(DAY, true).len(), 6);
}
