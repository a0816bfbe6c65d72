//! Golden amounts: the amounts of the library's items, worked out by hand, and bundles over them.
//!
//! The cases are data, in `seeds/golden/amounts/`.
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

use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};
use zhaoren_matcher::bundle::{BundleReport, Candidate, MAX_NODES, Proof, Rule, StackingRules, best_bundle};
use zhaoren_matcher::reference::decide;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::amount::{Setting, Valuation};
use zhaoren_policy::item::{Item, check_catalogue, grant_index, read_items};
use zhaoren_policy::number::Number;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

const DAY: Date = date(2026, 11, 23);

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../seeds").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .collect();
    files.sort();
    files
}

fn library() -> BTreeMap<String, Item> {
    let mut items = BTreeMap::new();
    for file in files("policies") {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let (read, report) = read_items(&text, &name, FactDictionary::built_in());
        let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
        items.extend(read.into_iter().map(|(item, _)| (item.id.clone(), item)));
    }
    items
}

/// With nothing known of the enterprise every amount still says its rule, and none says only that it is open.
#[test]
fn an_amount_that_has_a_rule_says_it() {
    let empty = Profile::default();
    let view = View::new(&empty, FactDictionary::built_in(), DAY);
    let mut rules = 0;
    for item in library().values() {
        let words = in_words(item, view, &value(item, view, &BTreeMap::new()));
        assert!(
            !words.contains("待定") && !words.contains("未知") && !words.is_empty(),
            "{}: {words}",
            item.id
        );
        rules += usize::from(item.benefit.rule(view.dictionary).is_some());
    }
    assert!(rules >= 60, "{rules}");
}

fn profile(facts: &Json, judged: &Json) -> Profile {
    let mut report = Report::new("case");
    let text = json!({"id": "golden", "facts": facts, "judged": judged}).to_string();
    let profile = Profile::read(&syntax::json(&text).unwrap(), FactDictionary::built_in(), true, &mut report);
    profile.unwrap_or_else(|| panic!("{text}: {:?}", report.problems))
}

fn value(item: &Item, view: View<'_>, inputs: &BTreeMap<String, Number>) -> Valuation {
    let exact = |criterion: &_| decide(criterion, &view).unwrap_or(Verdict::Undetermined);
    item.benefit.evaluate(&Setting { view, decide: &exact, inputs })
}

fn in_words(item: &Item, view: View<'_>, valuation: &Valuation) -> String {
    let exact = |criterion: &_| decide(criterion, &view).unwrap_or(Verdict::Undetermined);
    item.benefit.words(valuation, &Setting { view, decide: &exact, inputs: &BTreeMap::new() }).text
}

#[test]
fn golden_amounts_match() {
    let items = library();
    let mut faults = Vec::new();
    let mut cases = 0;
    for file in files("golden/amounts") {
        let text = std::fs::read_to_string(&file).unwrap();
        let list =
            syntax::yaml(&text).unwrap_or_else(|e| panic!("{}:{}: {e}", file.display(), e.line)).remove(0);
        for case in list.to_json().as_array().unwrap() {
            cases += 1;
            let Some(item) = items.get(case["item"].as_str().unwrap()) else {
                faults.push(format!("no item {}", case["item"]));
                continue;
            };
            let profile = profile(&case["facts"], &case["judged"]);
            let inputs = case["inputs"].as_object().into_iter().flatten();
            let inputs: BTreeMap<String, Number> = inputs
                .map(|(name, yuan)| (name.clone(), Number::parse(&yuan.to_string()).unwrap()))
                .collect();
            let found = value(item, View::new(&profile, FactDictionary::built_in(), DAY), &inputs);
            let open: Vec<Json> =
                found.open_facts.iter().chain(&found.open_inputs).map(|key| json!(key)).collect();
            let expected = case["open"].as_array().cloned().unwrap_or_default();
            let worth = found.first_year.describe();
            if case["worth"] != worth || expected != open {
                faults.push(format!("{}: {}: got {worth}, open {open:?}", case["item"], case["why"]));
            }
            let words = in_words(item, View::new(&profile, FactDictionary::built_in(), DAY), &found);
            if case["words"].as_str().is_some_and(|expected| expected != words) {
                faults.push(format!("{}: {}: words {words}", case["item"], case["why"]));
            }
        }
    }
    println!("{cases} golden amounts");
    assert!(cases >= 50 && faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn amounts_and_rules_of_the_catalogue_are_consistent() {
    let items = library();
    let problems = check_catalogue(items.values(), "seeds/policies");
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
    let grants = grant_index(items.values());
    let of = |tag: &str| grants[&("qualifications".to_owned(), tag.to_owned())].clone();
    assert_eq!(of("高新技术企业"), ["cn-hnte-2016"]);
    assert_eq!(of("专精特新中小企业"), ["cn-srdi-sme", "sh-srdi-sme"]);
}

#[test]
fn every_item_with_a_ceiling_in_its_words_has_an_amount() {
    let empty = Profile::default();
    let view = View::new(&empty, FactDictionary::built_in(), DAY);
    for item in library().values().filter(|item| item.benefit.amount.max.is_some()) {
        let found = value(item, view, &BTreeMap::new());
        let by_project = item.benefit.amount.unit.as_deref() == Some("每项");
        assert!(
            found.first_year.range().is_some() || by_project,
            "{}: {}",
            item.id,
            found.first_year.describe()
        );
    }
}

/// Bundle of these items for an enterprise that meets all of them.
fn bundle(ids: &[&str], facts: &Json) -> BundleReport {
    let library = library();
    let profile = profile(facts, &Json::Null);
    let view = View::new(&profile, FactDictionary::built_in(), DAY);
    let candidates: Vec<Candidate> = ids
        .iter()
        .map(|id| {
            let item = &library[*id];
            Candidate::new(item, &view, Verdict::Eligible, &value(item, view, &BTreeMap::new()))
        })
        .collect();
    best_bundle(&candidates, &StackingRules::of(library.values()), MAX_NODES)
}

#[test]
fn better_of_two_tax_rates_is_chosen() {
    // 200 万: 15 % saves 20 万, the small-profit rate 40 万; the deduction combines with both
    let facts = json!({"taxable_income": {"2025": 2000000}, "rd_expense": {"2025": 1000000},
        "qualifications": ["高新技术企业"], "support_received": []});
    let report =
        bundle(&["cn-hnte-eit15", "cn-small-profit-eit", "cn-rd-superdeduction", "cn-hnte-2016"], &facts);
    let best = &report.best;
    let ids: Vec<&str> = best.members.iter().map(|member| member.item.as_str()).collect();
    assert_eq!(ids, ["cn-rd-superdeduction", "cn-small-profit-eit"]);
    assert_eq!(best.total.describe(), "40万元至55万元");
    assert_eq!(best.yearly, best.total);
    assert_eq!(best.not_money[0].item, "cn-hnte-2016");
    assert_eq!((best.left_out[0].item.as_str(), best.left_out[0].rule), ("cn-hnte-eit15", Rule::Excludes));
    assert_eq!(best.left_out[0].text, "与《小型微利企业所得税优惠》不重复享受");
    assert_eq!(best.proof, Proof::Optimal);
    let second = report.runner_up.unwrap();
    assert_eq!(second.total.describe(), "20万元至35万元");
}

#[test]
fn once_only_benefits_await_confirmation() {
    let facts = json!({"rd_expense": {"2025": 4000000}});
    let report = bundle(&["sh-hnte-first-four-up"], &facts);
    assert!(report.best.members.is_empty());
    assert_eq!(report.undetermined[0].text, "一次性支持，尚不清楚是否享受过");
    assert_eq!(report.if_confirmed.unwrap().total.describe(), "20万元");
    let had = json!({"rd_expense": {"2025": 4000000}, "support_received": ["sh-hnte-first-four-up"]});
    assert_eq!(bundle(&["sh-hnte-first-four-up"], &had).unavailable[0].text, "一次性支持，已经享受过");
    let not = json!({"rd_expense": {"2025": 4000000}, "support_received": []});
    assert_eq!(bundle(&["sh-hnte-first-four-up"], &not).best.total.describe(), "20万元");
}

#[test]
fn similar_supports_of_one_district_pay_the_higher_amount() {
    let facts = json!({"compute_spend": {"2025": 10000000}, "support_received": []});
    let report = bundle(
        &[
            "xh-ai-2024-compute",
            "xh-ai-2024-compute-voucher",
            "xh-genai-zone-2024-compute",
            "xh-llm-street-compute",
        ],
        &facts,
    );
    assert_eq!(report.best.total.describe(), "不超过300万元");
    assert_eq!(report.best.members.len(), 1);
    assert!(report.best.left_out.iter().all(|one| one.rule == Rule::HigherOf));
}
