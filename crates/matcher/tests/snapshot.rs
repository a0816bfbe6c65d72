//! Snapshots: a stored one gives the answers of the compiled one, to the byte; a damaged one is refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::date;
use zhaoren_matcher::{Library, Match, Selection, Snapshot, StoredError, match_item};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_items};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_policy::verdict::Verdict;

fn seeds() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../seeds"))
}

/// Built-in items with their texts.
fn items() -> Vec<(Item, String)> {
    let mut files: Vec<_> =
        fs::read_dir(seeds().join("policies")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        let (items, report) = read_items(&text, "item.yaml", FactDictionary::built_in());
        assert!(report.errors() == 0, "{}: {:?}", path.display(), report.problems);
        items.into_iter().map(|(item, node)| (item, node.to_json().to_string()))
    };
    files.iter().flat_map(|path| read(path)).collect()
}

fn samples() -> Vec<Profile> {
    let text = fs::read_to_string(seeds().join("enterprises/samples.jsonl")).unwrap();
    let mut report = Report::new("samples.jsonl");
    let nodes = text.lines().map(|line| syntax::json(line).unwrap());
    nodes
        .filter_map(|node| Profile::read(&node, FactDictionary::built_in(), false, &mut report))
        .chain([Profile::default()])
        .collect()
}

fn snapshot() -> Snapshot {
    let library = Library::with_bodies(items(), Arc::new(FactDictionary::built_in().clone()));
    Snapshot::compile(Arc::new(library), date(2026, 11, 23))
}

const ALL: Selection = Selection { all: true, limit: 1000, bundle: false };

#[test]
fn snapshot_matches_equal_single_item_matches() {
    let snapshot = snapshot();
    assert_eq!(snapshot.not_compiled().count(), 0);
    for profile in samples() {
        let (report, undecided) = snapshot.match_profile(&profile, ALL);
        assert!(undecided.is_empty());
        assert_eq!(report.matches.len(), snapshot.library().len());
        for found in &report.matches {
            let item = snapshot.library().item(&found.policy).unwrap();
            let alone = match_item(item, &snapshot.view(&profile)).unwrap();
            let sorted = |found: &Match| {
                let mut missing = found.missing.clone();
                missing.sort();
                missing
            };
            assert_eq!(sorted(found), sorted(&alone), "{}", found.policy);
            // An item matched alone does not know the titles granted by the others.
            let mut found = Match { missing: alone.missing.clone(), ..found.clone() };
            found.nearest.iter_mut().for_each(|change| change.via.clear());
            let steps = found.advice.iter_mut().flat_map(|advice| &mut advice.steps);
            steps.for_each(|step| step.change.via.clear());
            assert_eq!(found, alone);
        }
        let scores: Vec<f64> = report.matches.iter().map(|found| found.score).collect();
        assert!(scores.is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn limit_keeps_the_best_matches() {
    let snapshot = snapshot();
    for profile in samples() {
        let whole =
            snapshot.match_profile(&profile, Selection { all: false, limit: 1000, bundle: false }).0.matches;
        for limit in [0, 1, 3, 20] {
            let some =
                snapshot.match_profile(&profile, Selection { all: false, limit, bundle: false }).0.matches;
            let ids =
                |matches: &[Match]| matches.iter().map(|found| found.policy.clone()).collect::<Vec<_>>();
            assert_eq!(ids(&some), ids(&whole[..limit.min(whole.len())]));
        }
        assert!(whole.iter().all(|found| found.verdict != Verdict::Ineligible && found.in_force));
    }
}

#[test]
fn loaded_snapshot_gives_the_same_answers() {
    let snapshot = snapshot();
    let bytes = snapshot.to_bytes("key").unwrap();
    assert_eq!(bytes, self::snapshot().to_bytes("key").unwrap(), "the same bytes from the same items");
    let dictionary = Arc::new(FactDictionary::built_in().clone());
    let (again, key) = Snapshot::from_bytes(&bytes, dictionary).unwrap();
    assert_eq!(key, "key");
    for profile in samples() {
        assert_eq!(again.match_profile(&profile, ALL), snapshot.match_profile(&profile, ALL));
        assert_eq!(again.questions(&profile, 10), snapshot.questions(&profile, 10));
    }
    assert_eq!(again.to_bytes("key").unwrap(), bytes);
}

#[test]
fn damaged_snapshots_are_rejected() {
    let bytes = snapshot().to_bytes("key").unwrap();
    let take = |bytes: &[u8]| Snapshot::from_bytes(bytes, Arc::new(FactDictionary::default())).map(|_| ());
    for place in (0..bytes.len()).step_by(bytes.len() / 97) {
        let mut other = bytes.clone();
        other[place] ^= 1;
        let expected = if place < 8 { StoredError::Format } else { StoredError::Damaged };
        assert_eq!(take(&other), Err(expected), "byte {place}");
        assert!(take(&bytes[..place]).is_err());
    }
}

#[test]
fn snapshots_without_item_texts_are_not_stored() {
    let items = items().into_iter().map(|(item, _)| item).collect();
    let library = Library::new(items, Arc::new(FactDictionary::built_in().clone()));
    let snapshot = Snapshot::compile(Arc::new(library), date(2026, 11, 23));
    assert_eq!(snapshot.to_bytes("key"), Err(StoredError::NoBodies));
}

/// Answering in the order of the plan settles the waiting items no later than asking for the most frequently missing fact.
#[test]
fn question_plan_counts_settled_items() {
    let snapshot = snapshot();
    for profile in samples() {
        let plan = snapshot.questions(&profile, 1000);
        assert!(plan.waiting <= plan.undetermined);
        assert!(plan.questions.iter().map(|question| question.settled).is_sorted());
        let last = plan.questions.last().map_or(0, |question| question.settled);
        assert_eq!(last, plan.waiting, "asking everything settles everything that waits");
        let completed: usize = plan.questions.iter().map(|question| question.completes.len()).sum();
        assert_eq!(completed, plan.waiting);
        let mut keys: Vec<&str> = plan.questions.iter().map(|question| question.fact.as_str()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), plan.questions.len(), "nothing is asked twice");
        assert_eq!(snapshot.questions(&profile, 3).questions, plan.questions[..3.min(plan.questions.len())]);
    }
}

/// Related items: one grants a title that another requires, two exclude each other, one is competitive.
const TOGETHER: &str = "
- {id: title, title: 称号认定, grants: [{fact: qualifications, tag: 高新技术企业}], criteria: {fact: employees, at_least: 5}}
- {id: asks, title: 称号奖励, criteria: {fact: qualifications, has_any: [高新技术企业]},
   benefit: {kinds: [grant], amount: {times: once, formula: 300000}}}
- {id: small, title: 小额补贴, excludes: [large], criteria: {fact: employees, at_least: 1},
   benefit: {kinds: [grant], amount: {times: once, formula: 10000}}}
- {id: large, title: 大额补贴, criteria: {fact: employees, at_least: 1},
   benefit: {kinds: [grant], amount: {times: once, formula: 50000}}}
- {id: chosen, title: 择优补贴, competitive: true, criteria: {fact: employees, at_least: 1},
   benefit: {kinds: [grant], amount: {times: once, formula: 900000}}}
";

#[test]
fn grouped_clauses_are_reported_together() {
    let dictionary = Arc::new(FactDictionary::built_in().clone());
    let (items, report) = read_items(TOGETHER, "items.yaml", &dictionary);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let items = items.into_iter().map(|(item, node)| (item, node.to_json().to_string())).collect();
    let library = Library::with_bodies(items, Arc::clone(&dictionary));
    let snapshot = Snapshot::compile(Arc::new(library), date(2026, 11, 23));
    let (stored, _) = Snapshot::from_bytes(&snapshot.to_bytes("").unwrap(), Arc::clone(&dictionary)).unwrap();
    let node = syntax::json(r#"{"id":"a","facts":{"employees":9,"qualifications":[]}}"#).unwrap();
    let profile = Profile::read(&node, &dictionary, true, &mut Report::new("a.json")).unwrap();
    for snapshot in [snapshot, stored] {
        let (report, _) = snapshot.match_profile(&profile, Selection { all: true, limit: 10, bundle: true });
        let asks = report.matches.iter().find(|found| found.policy == "asks").unwrap();
        assert_eq!(asks.verdict, Verdict::Ineligible);
        assert_eq!(asks.nearest.len(), 1);
        assert_eq!(asks.nearest[0].via, ["title"], "out of reach only because of another's title");
        let bundle = report.bundle.unwrap();
        let ids: Vec<&str> = bundle.best.members.iter().map(|member| member.item.as_str()).collect();
        assert_eq!(ids, ["large"]);
        assert_eq!(bundle.best.total.describe(), "5万元");
        assert_eq!(bundle.best.left_out[0].item, "small");
        assert_eq!(bundle.competitive[0].item, "chosen", "what the office chooses for is kept apart");
        let next = bundle.runner_up.unwrap();
        assert_eq!(next.members[0].item, "small");
    }
}
