//! The question plan settles more with fewer answers than asking in other orders.
//!
//! The sample enterprises lose most of their facts and are asked for them again, one fact at a time, each time by a new plan. The
//! measure is the number of items still waiting after each answer, summed over the answers.
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
use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::date;
use serde_json::{Map, Value as Json, json};
use zhaoren_matcher::{Library, Question, QuestionPlan, Snapshot};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;

fn seeds() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../seeds"))
}

fn snapshot() -> Snapshot {
    let dictionary = FactDictionary::built_in();
    let mut items = Vec::new();
    for entry in fs::read_dir(seeds().join("policies")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        items.extend(read_items(&text, "item.yaml", dictionary).0.into_iter().map(|(item, _)| item));
    }
    let library = Library::new(items, Arc::new(dictionary.clone()));
    Snapshot::compile(Arc::new(library), date(2026, 11, 23))
}

fn plan(snapshot: &Snapshot, facts: &Map<String, Json>) -> QuestionPlan {
    let text = json!({"id": "a", "facts": facts}).to_string();
    let node = syntax::json(&text).unwrap();
    let mut report = Report::new("a.json");
    let profile = Profile::read(&node, snapshot.library().dictionary(), false, &mut report).unwrap();
    snapshot.questions(&profile, 1000)
}

/// Asks until no known fact of the enterprise can help; returns the number of waiting items after each answer.
fn ask(
    snapshot: &Snapshot,
    known: &Map<String, Json>,
    kept: &Map<String, Json>,
    choose: &dyn Fn(&[&Question]) -> usize,
) -> Vec<usize> {
    let mut facts = kept.clone();
    let mut waits = Vec::new();
    loop {
        let plan = plan(snapshot, &facts);
        waits.push(plan.waiting);
        let answerable: Vec<&Question> = plan
            .questions
            .iter()
            .filter(|question| known.contains_key(&question.fact) && !facts.contains_key(&question.fact))
            .collect();
        if answerable.is_empty() {
            return waits;
        }
        let key = answerable[choose(&answerable)].fact.clone();
        facts.insert(key.clone(), known[&key].clone());
    }
}

#[test]
fn question_plan_settles_items_sooner_than_other_orders() {
    let snapshot = snapshot();
    let text = fs::read_to_string(seeds().join("enterprises/samples.jsonl")).unwrap();
    let (mut planned, mut frequent, mut alphabetical) = (0, 0, 0);
    for (at, line) in text.lines().enumerate().step_by(3) {
        let sample: Json = serde_json::from_str(line).unwrap();
        let known = sample["facts"].as_object().unwrap();
        // Every seventh fact is kept, a different seventh for each enterprise.
        let kept: Map<String, Json> = known
            .iter()
            .enumerate()
            .filter(|(place, _)| place % 7 == at % 7)
            .map(|(_, (key, value))| (key.clone(), value.clone()))
            .collect();
        let runs = [
            ask(&snapshot, known, &kept, &|_| 0),
            ask(&snapshot, known, &kept, &|open| {
                let most = open.iter().map(|question| question.touches).max().unwrap();
                open.iter().position(|question| question.touches == most).unwrap()
            }),
            ask(&snapshot, known, &kept, &|open| {
                let first = open.iter().map(|question| &question.fact).min().unwrap();
                open.iter().position(|question| question.fact == *first).unwrap()
            }),
        ];
        let longest = runs.iter().map(Vec::len).max().unwrap();
        let waited = |waits: &[usize]| {
            let last = waits.last().copied().unwrap();
            waits.iter().sum::<usize>() + (longest - waits.len()) * last
        };
        planned += waited(&runs[0]);
        frequent += waited(&runs[1]);
        alphabetical += waited(&runs[2]);
        let ends: BTreeSet<usize> = runs.iter().map(|waits| *waits.last().unwrap()).collect();
        assert_eq!(ends.len(), 1, "the order of answers does not change what is settled in the end");
    }
    println!(
        "items that wait, summed over answers: planned {planned}, by frequency {frequent}, by key {alphabetical}"
    );
    assert!(planned < frequent && planned < alphabetical, "{planned} {frequent} {alphabetical}");
}

/// A fact that only an office can supply is not asked of the enterprise, its items do not count as settled, and the plan names it.
#[test]
fn facts_of_an_office_are_not_asked_of_the_enterprise() {
    let mut dictionary = FactDictionary::built_in().clone();
    let report = dictionary.extend_from(
        "- {key: tax_paid, name: 实缴税额, type: money, answered_by: 税务}\n- {key: floor, name: 厂房面积, type: decimal, unit: 平方米, answered_by: enterprise}\n",
        "facts.yaml",
    );
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let text = "id: both\ntitle: 甲\ncriteria: {all: [{fact: tax_paid, at_least: 5}, {fact: floor, at_least: 5}]}\n---\n\
                id: floor-only\ntitle: 乙\ncriteria: {fact: floor, at_least: 9}\n---\n\
                id: tax-only\ntitle: 丙\ncriteria: {fact: tax_paid, at_least: 9}\n";
    let items = read_items(text, "item.yaml", &dictionary).0.into_iter().map(|(item, _)| item).collect();
    let library = Library::new(items, Arc::new(dictionary));
    let snapshot = Snapshot::compile(Arc::new(library), date(2026, 11, 23));
    let plan = plan(&snapshot, &Map::new());
    let asked: Vec<(&str, Option<&str>, usize)> = plan
        .questions
        .iter()
        .map(|one| (one.fact.as_str(), one.answered_by.as_deref(), one.settled))
        .collect();
    assert_eq!(asked, [("floor", Some("enterprise"), 1)]);
    assert_eq!(plan.questions[0].completes, ["floor-only"]);
    let offices: Vec<(&str, &str, usize)> =
        plan.offices.iter().map(|one| (one.fact.as_str(), one.answered_by.as_str(), one.touches)).collect();
    assert_eq!(offices, [("tax_paid", "税务", 2)]);
}
