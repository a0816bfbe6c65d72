//! The interview: rounds and questions until the twenty first items of an enterprise are settled.
//!
//! The samples keep all that they know. A round asks eight questions, and in the first one the rarities together; the enterprise
//! has none of them, answers yes where most do and no otherwise, and does not know figures. An item is settled when it is decided,
//! or when nothing that it waits for is left to ask.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::date;
use serde_json::{Map, Value as Json, json};
use zhaoren_matcher::{Library, Question, QuestionPlan, Selection, Snapshot};
use zhaoren_policy::fact::{FactDictionary, FactType, Frequency};
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../seeds");
/// Number of single questions in a round, as on the page.
const IN_ROUND: usize = 8;
/// Number of items to settle.
const TOP: usize = 20;

fn snapshot() -> Snapshot {
    let dictionary = FactDictionary::built_in();
    let mut items = Vec::new();
    for entry in fs::read_dir(Path::new(SEEDS).join("policies")).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        items.extend(read_items(&text, "item.yaml", dictionary).0.into_iter().map(|(item, _)| item));
    }
    let library = Library::new(items, Arc::new(dictionary.clone()));
    Snapshot::compile(Arc::new(library), date(2026, 11, 23))
}

fn profile(facts: &Map<String, Json>) -> Profile {
    let text = json!({"id": "a", "facts": facts}).to_string();
    let node = syntax::json(&text).unwrap();
    let mut report = Report::new("a.json");
    Profile::read(&node, FactDictionary::built_in(), false, &mut report)
        .unwrap_or_else(|| panic!("{text}: {:?}", report.problems))
}

/// Adds an answer to the facts: values of years and tags are added one by one.
fn add(facts: &mut Map<String, Json>, key: &str, value: &Json) {
    // A list that was known in part is answered as a whole.
    if value.is_array() {
        facts.insert(key.to_owned(), value.clone());
        return;
    }
    // Of a figure that is known as a range, one end is given in place of 不清楚.
    let end =
        facts.get(key).and_then(|known| known.get("at_least").or_else(|| known.get("at_most"))).cloned();
    if let (Some(end), true) = (end, value.get("withheld").is_some()) {
        facts.insert(key.to_owned(), end);
        return;
    }
    match (facts.get_mut(key).filter(|known| known.get("withheld").is_none()), value) {
        (Some(Json::Object(known)), Json::Object(more)) => {
            for (name, value) in more {
                match (known.get_mut(name), value) {
                    (Some(Json::Array(list)), Json::Array(more)) => list.extend(more.iter().cloned()),
                    _ => drop(known.insert(name.clone(), value.clone())),
                }
            }
        }
        (Some(_), _) => {}
        (None, value) => drop(facts.insert(key.to_owned(), value.clone())),
    }
}

/// Answers a single question.
fn answer(facts: &mut Map<String, Json>, question: &Question) {
    let fact = FactDictionary::built_in().get(&question.fact).unwrap();
    let value = match fact.kind {
        FactType::Boolean => json!(fact.common == Some(Frequency::Usual)),
        FactType::Tags if question.tags.is_empty() => json!([]),
        FactType::Tags => json!({"has": [], "lacks": question.tags}),
        FactType::Text if !fact.values.is_empty() => json!(fact.values[0]),
        FactType::Date if fact.last.is_some() => json!({"at_most": zhaoren_matcher::NEVER}),
        _ => json!({"withheld": "不清楚"}),
    };
    if question.years.is_empty() {
        return add(facts, &fact.key, &value);
    }
    for year in &question.years {
        add(facts, &fact.key, &json!({year.to_string(): value}));
    }
}

/// Ids of the undetermined ones of the first items that a question could still settle.
fn top(snapshot: &Snapshot, facts: &Map<String, Json>) -> Vec<String> {
    let selection = Selection { all: false, limit: usize::MAX, bundle: false };
    let (report, _) = snapshot.match_profile(&profile(facts), selection);
    let waiting = report.matches.iter().take(TOP).filter(|one| !one.missing.is_empty());
    waiting.map(|one| one.policy.clone()).collect()
}

/// True if nothing is left to ask about any of the items.
fn is_settled(snapshot: &Snapshot, facts: &Map<String, Json>, plan: &QuestionPlan, items: &[String]) -> bool {
    let asked: Vec<&str> = plan.questions.iter().map(|question| question.fact.as_str()).collect();
    let (report, _) =
        snapshot.match_profile(&profile(facts), Selection { all: false, limit: usize::MAX, bundle: false });
    let open = |one: &&zhaoren_matcher::Match| one.missing.iter().any(|key| asked.contains(&key.as_str()));
    !report.matches.iter().filter(|one| items.contains(&one.policy)).any(|one| open(&one))
}

/// Rounds and questions until the top items are settled; without the combined question if `one_by_one`.
fn interview(snapshot: &Snapshot, facts: &Map<String, Json>, one_by_one: bool) -> (usize, usize) {
    let items = top(snapshot, facts);
    let mut facts = facts.clone();
    let (mut rounds, mut count) = (0, 0);
    loop {
        let plan = snapshot.questions(&profile(&facts), usize::MAX);
        if is_settled(snapshot, &facts, &plan, &items) {
            return (rounds, count);
        }
        assert!(rounds < 60, "no end: {:?}", plan.questions.iter().map(|one| &one.fact).collect::<Vec<_>>());
        rounds += 1;
        let combined = plan.combined.as_ref().filter(|_| !one_by_one);
        let rare: Vec<&str> =
            combined.iter().flat_map(|one| &one.facts).map(|one| one.fact.as_str()).collect();
        if let Some(combined) = combined {
            count += 1;
            for rarity in &combined.facts {
                for (key, value) in &rarity.none {
                    add(&mut facts, key, value);
                }
            }
        }
        let single =
            plan.questions.iter().filter(|one| one.after.is_none() && !rare.contains(&one.fact.as_str()));
        for question in single.take(IN_ROUND) {
            answer(&mut facts, question);
            count += 1;
        }
    }
}

fn median(mut counts: Vec<usize>) -> f64 {
    counts.sort_unstable();
    let middle = counts.len() / 2;
    let at = |place: usize| f64::from(u32::try_from(counts[place]).unwrap());
    if counts.len() % 2 == 1 { at(middle) } else { f64::midpoint(at(middle - 1), at(middle)) }
}

#[test]
fn five_rounds_settle_the_first_twenty_items() {
    let snapshot = snapshot();
    let text = fs::read_to_string(Path::new(SEEDS).join("enterprises/samples.jsonl")).unwrap();
    let (mut rounds, mut counts, mut single_rounds, mut single_counts) = (vec![], vec![], vec![], vec![]);
    for line in text.lines() {
        let sample: Json = serde_json::from_str(line).unwrap();
        let facts = sample["facts"].as_object().unwrap();
        let (turns, count) = interview(&snapshot, facts, false);
        let (single_turns, single_count) = interview(&snapshot, facts, true);
        println!(
            "{}: {turns} rounds, {count} questions; one by one {single_turns}, {single_count}",
            sample["id"]
        );
        rounds.push(turns);
        counts.push(count);
        single_rounds.push(single_turns);
        single_counts.push(single_count);
    }
    println!(
        "median: {} rounds of {} questions; one by one {} rounds of {}",
        median(rounds.clone()),
        median(counts.clone()),
        median(single_rounds),
        median(single_counts.clone())
    );
    assert!(median(rounds) <= 5.0);
    // The combined question takes the place of a third of the others.
    assert!(median(counts) <= 0.75 * median(single_counts));
}

#[test]
fn gates_come_before_what_stands_behind_them() {
    let snapshot = snapshot();
    let plan = snapshot.questions(&profile(&Map::new()), usize::MAX);
    let place = |key: &str| plan.questions.iter().position(|one| one.fact == key);
    let (gate, behind) = (place("overseas_parent").unwrap(), place("parent_total_assets_usd").unwrap());
    assert!(gate < behind);
    assert_eq!(plan.questions[behind].after.as_deref(), Some("overseas_parent"));
    let combined = plan.combined.unwrap();
    let keys: Vec<&str> = combined.facts.iter().map(|one| one.fact.as_str()).collect();
    assert!(keys.contains(&"overseas_parent") && !keys.contains(&"parent_total_assets_usd"), "{keys:?}");
    // With the gate closed, nothing behind it is asked.
    let facts = json!({"overseas_parent": false}).as_object().unwrap().clone();
    let plan = snapshot.questions(&profile(&facts), usize::MAX);
    assert!(plan.questions.iter().all(|one| one.fact != "parent_total_assets_usd"));
    let facts = json!({"overseas_parent": true}).as_object().unwrap().clone();
    let plan = snapshot.questions(&profile(&facts), usize::MAX);
    let question = plan.questions.iter().find(|one| one.fact == "parent_total_assets_usd").unwrap();
    assert_eq!(question.after, None);
    // Its unit is in its name and not said twice.
    assert_eq!(question.text.matches("（美元）").count(), 1, "{}", question.text);
}

#[test]
fn a_question_names_the_items_that_it_settles_and_what_they_give() {
    let snapshot = snapshot();
    let plan = snapshot.questions(&profile(&Map::new()), usize::MAX);
    for question in &plan.questions {
        assert!(!question.items.is_empty() && question.items.len() <= 3, "{}", question.fact);
        assert!(question.items.is_sorted_by_key(|item| !item.settles));
    }
    assert!(plan.questions.iter().flat_map(|one| &one.items).any(|item| item.gives.is_some()));
}

#[test]
fn what_the_enterprise_does_not_know_is_not_asked_again() {
    let snapshot = snapshot();
    let first = snapshot.questions(&profile(&Map::new()), 1).questions.remove(0);
    let mut facts = Map::new();
    let unclear = json!({"withheld": "不清楚"});
    match first.years.first() {
        None => drop(facts.insert(first.fact.clone(), unclear)),
        Some(_) => {
            let years: Map<String, Json> =
                first.years.iter().map(|year| (year.to_string(), unclear.clone())).collect();
            facts.insert(first.fact.clone(), json!(years));
        }
    }
    let plan = snapshot.questions(&profile(&facts), usize::MAX);
    assert!(plan.questions.iter().all(|question| question.fact != first.fact));
}
