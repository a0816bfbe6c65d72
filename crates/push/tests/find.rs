//! Who qualifies for one item: the funnel held against the reference, enterprise by enterprise.
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
use proptest::prelude::*;
use serde_json::json;
use zhaoren_matcher::reference::decide;
use zhaoren_policy::criterion::{Criterion, Node};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_items};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;
use zhaoren_push::find::{FindReport, Finder, Tally, svg};

const DAY: Date = date(2026, 6, 1);

/// The second and third condition cannot hold together, and the fourth is about the fact of the first again.
const ITEM: &str = r#"
- id: draft
  title: "样例<事项>"
  criteria:
    all:
      - {fact: employees, at_least: 10, article: 第一条}
      - {any: [{fact: registered_region, within: ["310104"]}, {fact: employees, at_least: 300}]}
      - {not: {fact: qualifications, has_any: [高新技术企业]}}
      - {fact: employees, less_than: 500, text: 人数在五百以内}
      - {fact: established_on, for_at_least: 3 years}
"#;

fn item(text: &str) -> Item {
    let (items, report) = read_items(text, "items.yaml", FactDictionary::built_in());
    assert!(report.errors() == 0, "{:?}", report.problems);
    items.into_iter().next().unwrap().0
}

fn profile(id: usize, facts: &serde_json::Value) -> Profile {
    let text = json!({"id": format!("E{id:03}"), "facts": facts}).to_string();
    let mut report = Report::new("p");
    Profile::read(&syntax::json(&text).unwrap(), FactDictionary::built_in(), false, &mut report).unwrap()
}

fn finder(item: &Item, limit: usize) -> Finder {
    Finder::new(item, Arc::new(FactDictionary::built_in().clone()), DAY, limit).unwrap()
}

fn found(item: &Item, profiles: &[Profile]) -> FindReport {
    let finder = finder(item, 5);
    finder.report(finder.tally_profiles(profiles))
}

fn verdict(criterion: &Criterion, profile: &Profile) -> Verdict {
    decide(criterion, &View::new(profile, FactDictionary::built_in(), DAY)).unwrap()
}

/// The report, counted one enterprise after the other with the reference.
fn check(item: &Item, profiles: &[Profile]) {
    let report = found(item, profiles);
    let Node::All(conditions) = &item.criteria.node else { panic!("no list of conditions") };
    let wholes: Vec<Verdict> = profiles.iter().map(|profile| verdict(&item.criteria, profile)).collect();
    let count = |wanted| wholes.iter().filter(|verdict| **verdict == wanted).count() as u64;
    assert_eq!(
        [report.eligible, report.undetermined, report.ineligible],
        [count(Verdict::Eligible), count(Verdict::Undetermined), count(Verdict::Ineligible)]
    );
    let parts: Vec<Vec<Verdict>> = profiles
        .iter()
        .map(|profile| conditions.iter().map(|condition| verdict(condition, profile)).collect())
        .collect();
    for (at, step) in report.funnel.iter().enumerate() {
        let inside = |parts: &&Vec<Verdict>| parts[..at].iter().all(|part| *part != Verdict::Ineligible);
        let of = |wanted| parts.iter().filter(inside).filter(|parts| parts[at] == wanted).count() as u64;
        assert_eq!(step.entered, parts.iter().filter(inside).count() as u64);
        assert_eq!([step.out, step.open], [of(Verdict::Ineligible), of(Verdict::Undetermined)]);
        assert_eq!(step.left, step.entered - step.out);
        let alone = |parts: &&Vec<Verdict>| {
            let other = |(place, part): (usize, &Verdict)| {
                *part == if place == at { Verdict::Ineligible } else { Verdict::Eligible }
            };
            parts.iter().enumerate().all(other)
        };
        assert_eq!(step.alone, parts.iter().filter(alone).count() as u64);
        assert_eq!(step.failed, parts.iter().filter(|parts| parts[at] == Verdict::Ineligible).count() as u64);
    }
    let last = report.funnel.last().unwrap();
    assert_eq!(last.left, report.eligible + report.undetermined + report.together);
    for groups in [&report.by_region, &report.by_industry] {
        let tops = groups.iter().filter(|group| group.level == 0);
        let sums = tops.fold([0; 3], |sum, group| {
            [sum[0] + group.enterprises, sum[1] + group.eligible, sum[2] + group.undetermined]
        });
        assert_eq!(sums, [report.enterprises, report.eligible, report.undetermined]);
    }
    let ids = |wanted| -> Vec<String> {
        let of = profiles.iter().zip(&wholes).filter(|(_, verdict)| **verdict == wanted);
        let mut ids: Vec<String> = of.map(|(profile, _)| profile.id.clone()).collect();
        ids.sort();
        ids.truncate(5);
        ids
    };
    assert_eq!(
        (report.eligible_ids, report.undetermined_ids),
        (ids(Verdict::Eligible), ids(Verdict::Undetermined))
    );
}

fn any_facts() -> impl Strategy<Value = serde_json::Value> {
    let employees = prop::sample::select(vec![
        json!(null),
        json!(3),
        json!(20),
        json!(400),
        json!(900),
        json!({"at_least": 5, "at_most": 30}),
        json!({"at_least": 200}),
    ]);
    let regions = ["310104", "310104003", "310115", "320500"].map(|code| json!(code));
    let region = prop::sample::select([vec![json!(null)], regions.to_vec()].concat());
    let industry = prop::sample::select(vec![json!(null), json!("I6513"), json!("C27")]);
    let tags = prop::sample::select(vec![
        json!(null),
        json!([]),
        json!(["高新技术企业"]),
        json!({"has": [], "lacks": ["高新技术企业"]}),
    ]);
    let day = prop::sample::select(vec![json!(null), json!("2020-01-01"), json!("2025-01-01")]);
    (employees, region, industry, tags, day).prop_map(|(employees, region, industry, tags, day)| {
        json!({"employees": employees, "registered_region": region, "industry": industry,
            "qualifications": tags, "established_on": day})
    })
}

proptest! {
    #[test]
    fn the_funnel_is_what_the_reference_counts(all in prop::collection::vec(any_facts(), 0..60)) {
        let profiles: Vec<Profile> = all.iter().enumerate().map(|(id, facts)| profile(id, facts)).collect();
        check(&item(ITEM), &profiles);
    }

    #[test]
    fn tallies_merge_in_any_order(all in prop::collection::vec(any_facts(), 1..40), cut in 0..40usize) {
        let item = item(ITEM);
        let finder = finder(&item, 3);
        let profiles: Vec<Profile> = all.iter().enumerate().map(|(id, facts)| profile(id, facts)).collect();
        let (a, b) = profiles.split_at(cut.min(profiles.len()));
        let [a, b] = [a, b].map(|part| finder.tally_profiles(part));
        let whole = finder.report(finder.tally_profiles(&profiles));
        prop_assert_eq!(&finder.report(a.clone().merge(b.clone())), &whole);
        prop_assert_eq!(&finder.report(Tally::default().merge(b).merge(a)), &whole);
    }
}

#[test]
fn blocks_have_ends() {
    let facts = [json!({"employees": 20}), json!({"employees": 3}), json!({})];
    let profiles: Vec<Profile> = (0..9_000).map(|id| profile(id, &facts[id % 3])).collect();
    let report = found(&item("- {id: a, title: 十人, criteria: {fact: employees, at_least: 10}}"), &profiles);
    assert_eq!([report.enterprises, report.eligible, report.undetermined], [9_000, 3_000, 3_000]);
    assert_eq!((report.funnel.len(), report.almost, report.repeated), (1, 3_000, 0));
}

#[test]
fn a_condition_that_contradicts_another_shows_together() {
    let item = item(
        "- {id: a, title: 甲, criteria: {all: [{fact: employees, at_least: 10}, {fact: employees, less_than: 10}]}}",
    );
    let report = found(&item, &[profile(0, &json!({}))]);
    assert_eq!((report.ineligible, report.together, report.funnel[1].left), (1, 1, 1));
}

#[test]
fn the_picture_is_whole_and_escaped() {
    let long = ITEM.replace("人数在五百以内", &format!("\"{}\"", "<&很长的条件".repeat(40)));
    let item = item(&long);
    let profiles: Vec<Profile> = (0..50)
        .map(|id| profile(id, &json!({"employees": id * 20, "established_on": "2020-01-01"})))
        .collect();
    let picture = svg(&found(&item, &profiles));
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    assert!(picture.contains("样例&lt;事项&gt;") && !picture.contains("<事项>"));
    assert!(picture.contains("第一条") && picture.contains('…'));
}
