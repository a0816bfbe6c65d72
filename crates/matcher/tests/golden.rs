//! Golden verdicts: every item of the library against profiles worked out by hand from the rule.
//!
//! The cases are data, in `seeds/golden/<item>.yaml`. Each names the facts, the evaluation date, the verdict and the reason; a
//! mismatch prints all of them.
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
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use zhaoren_matcher::check::check;
use zhaoren_matcher::match_item;
use zhaoren_policy::calendar::parse_date;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_items};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_policy::view::View;

fn seeds(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../seeds").join(folder)
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(seeds(folder))
        .unwrap_or_else(|error| panic!("seeds/{folder}: {error}"))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    files.sort();
    files
}

fn library() -> BTreeMap<String, Item> {
    let mut items = BTreeMap::new();
    let mut problems = Vec::new();
    for file in files("policies") {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let (read, report) =
            read_items(&std::fs::read_to_string(&file).unwrap(), &name, FactDictionary::built_in());
        problems.extend(report.problems.iter().map(ToString::to_string));
        for (item, _) in read {
            assert!(items.insert(item.id.clone(), item).is_none(), "{name}: id stands twice");
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    items
}

#[test]
fn built_in_items_have_no_faults() {
    let items = library();
    let mut faults = Vec::new();
    for item in items.values() {
        for finding in check(&item.criteria, FactDictionary::built_in(), parse_date("2026-11-01").unwrap()) {
            faults.push(format!("{}: {finding}", item.id));
        }
        for other in item.excludes.iter().chain(item.relations.iter().map(|relation| &relation.item)) {
            if !items.contains_key(other) {
                faults.push(format!("{}: refers to `{other}`, which is not in the library", item.id));
            }
        }
        if item.review.is_none() {
            faults.push(format!("{}: has no `review`", item.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(items.len() >= 45, "{} items", items.len());
}

#[test]
fn exclusions_between_items_are_symmetric() {
    let items = library();
    for item in items.values() {
        for other in &item.excludes {
            assert!(
                items[other].excludes.contains(&item.id),
                "`{}` excludes `{other}`, but not the reverse",
                item.id
            );
        }
    }
}

#[test]
fn every_item_gives_its_golden_verdicts() {
    let items = library();
    let mut faults = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut cases = 0;
    for file in files("golden") {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let golden =
            syntax::yaml(&text).unwrap_or_else(|e| panic!("{name}:{}: {e}", e.line)).remove(0).to_json();
        let id = golden["item"].as_str().unwrap();
        let Some(item) = items.get(id) else {
            faults.push(format!("{name}: no item `{id}`"));
            continue;
        };
        for case in golden["cases"].as_array().unwrap() {
            cases += 1;
            *counts.entry(id.to_owned()).or_default() += 1;
            if let Err(fault) = run(item, &golden["profiles"], case) {
                faults.push(format!("{name}: {}: {fault}", case["name"]));
            }
        }
    }
    println!("{cases} golden cases of {} items", counts.len());
    for id in items.keys() {
        let count = counts.get(id).copied().unwrap_or(0);
        if count < 3 {
            faults.push(format!("`{id}` has {count} golden cases, expected three or more"));
        }
    }
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

fn run(item: &Item, profiles: &Json, case: &Json) -> Result<(), String> {
    let dictionary = FactDictionary::built_in();
    let mut facts: Map<String, Json> = match case["profile"].as_str() {
        Some(name) => profiles[name].as_object().cloned().ok_or(format!("no profile `{name}`"))?,
        None => Map::new(),
    };
    for (key, value) in case["set"].as_object().into_iter().flatten() {
        facts.insert(key.clone(), value.clone());
    }
    let json = serde_json::json!({"id": "golden", "facts": facts, "judged": case["judged"]}).to_string();
    let mut report = Report::new("case");
    let profile =
        Profile::read(&syntax::json(&json).map_err(|e| e.to_string())?, dictionary, true, &mut report);
    let profile = profile
        .ok_or_else(|| report.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    let as_of = case["as_of"].as_str().and_then(parse_date).ok_or("no `as_of`")?;
    let found = match_item(item, &View::new(&profile, dictionary, as_of)).map_err(|e| e.to_string())?;
    let verdict = serde_json::to_value(found.verdict).unwrap();
    let open = || {
        let clauses = found.clauses.iter().filter(|c| format!("{:?}", c.state) != "Met" && c.group.is_none());
        clauses
            .map(|c| format!("\n      {:?} {} = {} ({})", c.state, c.text, c.value, c.path))
            .collect::<String>()
    };
    if verdict != case["verdict"] {
        return Err(format!("expected {}, got {verdict}; {}{}", case["verdict"], case["why"], open()));
    }
    if let Some(missing) = case["missing"].as_array() {
        let mut expected: Vec<&str> = missing.iter().filter_map(Json::as_str).collect();
        let mut got: Vec<&str> = found.missing.iter().map(String::as_str).collect();
        expected.sort_unstable();
        got.sort_unstable();
        if expected != got {
            return Err(format!("missing: expected {expected:?}, got {got:?}"));
        }
    }
    Ok(())
}
