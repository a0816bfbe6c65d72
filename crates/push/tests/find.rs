//! Search of the enterprises that qualify for one item: the funnel is compared with the reference, enterprise by enterprise.
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
use zhaoren_policy::criterion::Setting;
use zhaoren_policy::criterion::{Criterion, Node};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_items};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;
use zhaoren_push::find::{FindReport, Finder, ScanQuery, Tally, WhatIf, WhatIfReport, svg, variants};

const DAY: Date = date(2026, 6, 1);

/// The second and third condition exclude each other, and the fourth uses the same fact as the first.
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

/// Compares the report with counts by the reference, one enterprise after the other.
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
    fn funnel_equals_the_reference_count(all in prop::collection::vec(any_facts(), 0..60)) {
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

fn what_if(item: &Item, set: &[&str], tried: &[&str], profiles: &[Profile]) -> WhatIfReport {
    let settings =
        |of: &[&str]| -> Vec<Setting> { of.iter().map(|one| Setting::parse(one).unwrap()).collect() };
    let facts = FactDictionary::built_in();
    let mut report = Report::new("--set");
    let variants = variants(item, &settings(set), &settings(tried), facts, &mut report);
    let variants = variants.unwrap_or_else(|| panic!("{:?}", report.problems));
    let asked = WhatIf::new(item, variants, Arc::new(facts.clone()), DAY, 5).unwrap();
    // merged from two parts, as threads would
    let (a, b) = profiles.split_at(profiles.len() / 3);
    asked
        .report(WhatIf::merge(asked.tally_profiles(b), WhatIf::merge(asked.empty(), asked.tally_profiles(a))))
}

proptest! {
    #[test]
    fn variants_count_like_the_edited_item(all in prop::collection::vec(any_facts(), 0..60)) {
        let profiles: Vec<Profile> = all.iter().enumerate().map(|(id, facts)| profile(id, facts)).collect();
        let base = item(ITEM);
        let written = |from: &str, to: &str| item(&ITEM.replace(from, to));
        let others = [
            written("at_least: 10,", "at_least: 30,"),
            written("employees, at_least: 300", "employees, at_least: 100"),
            written("      - {fact: established_on, for_at_least: 3 years}\n", "      - {all: []}\n"),
        ];
        let report = what_if(
            &base,
            &[],
            &["all[0].at_least=30", "all[1].any[1]=100", "all[4]=null"],
            &profiles,
        );
        prop_assert_eq!(&report.base, &found(&base, &profiles));
        for (variant, other) in report.variants.iter().zip(&others) {
            let alone = found(other, &profiles);
            prop_assert_eq!(
                [variant.eligible, variant.undetermined, variant.ineligible, variant.almost],
                [alone.eligible, alone.undetermined, alone.ineligible, alone.almost]
            );
            prop_assert_eq!(&variant.funnel, &alone.funnel);
            let is = |item: &Item, profile: &Profile| verdict(&item.criteria, profile) == Verdict::Eligible;
            let moved = |from: &Item, to: &Item| -> Vec<String> {
                let of = profiles.iter().filter(|one| !is(from, one) && is(to, one));
                of.map(|one| one.id.clone()).collect()
            };
            let (gained, lost) = (moved(&base, other), moved(other, &base));
            prop_assert_eq!([variant.gained, variant.lost], [gained.len() as u64, lost.len() as u64]);
            let out = |item: &Item, profile: &Profile| verdict(&item.criteria, profile) == Verdict::Ineligible;
            let crossed = |from: &Item, to: &Item| {
                profiles.iter().filter(|one| out(from, one) && !out(to, one)).count() as u64
            };
            prop_assert_eq!([variant.opened, variant.closed], [crossed(&base, other), crossed(other, &base)]);
            prop_assert_eq!(&variant.gained_ids[..], &gained[..gained.len().min(5)]);
            prop_assert_eq!(&variant.lost_ids[..], &lost[..lost.len().min(5)]);
        }
    }
}

#[test]
fn settings_apply_to_every_variant_and_the_default_removes_each_condition() {
    let profiles = [profile(0, &json!({"employees": 20, "established_on": "2020-01-01"}))];
    let item = item(ITEM);
    let report = what_if(
        &item,
        &["all[4].for_at_least=1 year", "all[1]=null"],
        &["all[0]=15", "all[0]=25"],
        &profiles,
    );
    let said: Vec<(&str, Option<&str>)> =
        report.variants[1].set.iter().map(|one| (one.before.as_str(), one.after.as_deref())).collect();
    assert_eq!(said.len(), 3);
    assert_eq!(said[1].1, None);
    assert!(said[2].0.contains("10") && said[2].1.unwrap().contains("25"), "{said:?}");
    assert_eq!(report.variants[0].undetermined + report.variants[0].eligible, 1);
    assert_eq!(report.variants[1].ineligible, 1);
    let whole = what_if(&item, &[], &[], &profiles);
    let paths: Vec<&str> = whole.variants.iter().map(|one| one.set[0].path.as_str()).collect();
    assert_eq!(paths, ["all[0]", "all[1]", "all[2]", "all[3]", "all[4]"]);
    assert!(whole.variants.iter().all(|one| one.set[0].after.is_none() && one.funnel.len() == 5));
    assert_eq!(whole.variants[3].set[0].before, "人数在五百以内");
}

#[test]
fn enterprises_are_counted_across_blocks() {
    let facts = [json!({"employees": 20}), json!({"employees": 3}), json!({})];
    let profiles: Vec<Profile> = (0..9_000).map(|id| profile(id, &facts[id % 3])).collect();
    let report = found(&item("- {id: a, title: 十人, criteria: {fact: employees, at_least: 10}}"), &profiles);
    assert_eq!([report.enterprises, report.eligible, report.undetermined], [9_000, 3_000, 3_000]);
    assert_eq!((report.funnel.len(), report.almost, report.repeated), (1, 3_000, 0));
}

#[test]
fn contradicting_conditions_are_shown_together() {
    let item = item(
        "- {id: a, title: 甲, criteria: {all: [{fact: employees, at_least: 10}, {fact: employees, less_than: 10}]}}",
    );
    let report = found(&item, &[profile(0, &json!({}))]);
    assert_eq!((report.ineligible, report.together, report.funnel[1].left), (1, 1, 1));
}

#[test]
fn picture_is_complete_and_escaped() {
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
