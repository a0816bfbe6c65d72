//! Titles held and supports received: never offered by a list, known to the next night with a cause of their own, and the same in
//! a list and in a match.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use zhaoren_matcher::{Library, Selection, Snapshot};
use zhaoren_policy::item::Holding;
use zhaoren_policy::verdict::Verdict;
use zhaoren_push::{Listing, PushOptions, Refusals};

use crate::run::{Memory, library, listed, options, profile, run, text};

const ITEMS: &str = "
- {id: any, title: 补贴, criteria: {fact: employees, at_least: 10}}
- id: once
  title: 一次性奖励
  criteria: {fact: employees, at_least: 10}
  stacking: [{once: qualifications, tag: 创新型中小企业}]
- id: title
  title: 高企认定
  criteria: {fact: employees, at_least: 10}
  grants: [{fact: qualifications, tag: 高新技术企业, renew_months: 12, renewal: 重新认定}]
- id: title-open
  title: 专精特新认定
  criteria: {any: [{fact: employees, at_least: 20}, {fact: qualifications, has_any: [高新技术企业]}]}
  grants: [{fact: qualifications, tag: 专精特新中小企业}]
";

const DAY: Date = date(2026, 3, 5);

fn titles(list: &[&str]) -> Json {
    let held: Vec<Json> = list
        .iter()
        .map(|tag| match tag.split_once(' ') {
            Some((tag, until)) => json!({"tag": tag, "from": "2024-01-01", "until": until}),
            None => json!(tag),
        })
        .collect();
    json!({ "has": held })
}

fn facts(employees: u8, held: Option<Json>) -> Json {
    let mut facts = json!({ "employees": employees });
    if let Some(held) = held {
        facts["qualifications"] = held;
    }
    facts
}

/// Item, change, cause and detail of each row.
fn rows(out: &Path) -> Vec<(String, String, String, String)> {
    let word = |row: &Json, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let row =
        |row: &Json| (word(row, "policy_id"), word(row, "change"), word(row, "cause"), word(row, "detail"));
    listed(out).iter().map(row).collect()
}

#[test]
fn a_title_leaves_the_list_when_it_is_obtained_and_comes_back_when_its_renewal_is_due() {
    let (library, folder) = (library(ITEMS), tempfile::tempdir().unwrap());
    let night = |name: &str, day: Date, held: &[&str], previous: Option<&str>| {
        let out = folder.path().join(name);
        let held = (!held.is_empty()).then(|| titles(held));
        let source = Memory::new(vec![profile("E1", &facts(15, held))], 3);
        let previous = previous.map(|name| folder.path().join(name));
        let report = run(&source, &library, &PushOptions { previous, ..options(&out, day) });
        let rows = rows(&out);
        (report, rows.into_iter().filter(|row| row.0 == "title").collect::<Vec<_>>(), out)
    };
    let (report, first, _) = night("1", DAY, &[], None);
    assert_eq!((first.len(), report.counts.already_held_pairs), (1, 0));
    let (report, obtained, out) = night("2", DAY, &["高新技术企业 2027-03-31"], Some("1"));
    let expected = "已有“高新技术企业”，2027年3月31日到期；重新认定自2026年4月1日起可申报";
    assert_eq!(obtained, [("title".into(), "gone".into(), "held".into(), expected.into())]);
    assert_eq!(report.counts.already_held_pairs, 1);
    let held = std::fs::read_to_string(out.join("held.csv")).unwrap();
    assert!(held.contains("E1,title,") && held.contains(expected), "{held}");
    // Nothing changes while it is held, whether results are reused or not.
    let (report, same, _) = night("3", date(2026, 3, 6), &["高新技术企业 2027-03-31"], Some("2"));
    assert_eq!((same, report.counts.reused, report.counts.already_held_pairs), (vec![], 1, 1));
    let (report, due, _) = night("4", date(2026, 4, 1), &["高新技术企业 2027-03-31"], Some("3"));
    let expected = "“高新技术企业”2027年3月31日到期，现在可以申报重新认定";
    assert_eq!(due, [("title".into(), "new".into(), "renewal_due".into(), expected.into())]);
    assert_eq!(report.counts.already_held_pairs, 0);
    // Withdrawn before the renewal: it can be applied for again.
    let (_, ended, _) = night("5", date(2026, 3, 7), &[], Some("3"));
    assert_eq!(
        ended,
        [("title".into(), "new".into(), "holding_ended".into(), "已不再持有，可以重新申报".into())]
    );
}

#[test]
fn supports_given_once_are_not_listed_after_their_payment() {
    let (library, folder) = (library(ITEMS), tempfile::tempdir().unwrap());
    let source = Memory::new(vec![profile("E1", &facts(15, None)), profile("E2", &facts(15, None))], 3);
    let words = "已于 2026-03-01 兑付，本事项只支持一次";
    let received =
        BTreeMap::from([("E1".to_owned(), BTreeMap::from([("once".to_owned(), words.to_owned())]))]);
    let (before, after) = (folder.path().join("1"), folder.path().join("2"));
    run(&source, &library, &options(&before, DAY));
    let opt_outs = Refusals { received, ..Refusals::default() };
    let report =
        run(&source, &library, &PushOptions { opt_outs, previous: Some(before), ..options(&after, DAY) });
    let gone: Vec<_> = rows(&after).into_iter().filter(|row| row.1 == "gone").collect();
    assert_eq!(gone, [("once".into(), "gone".into(), "held".into(), words.into())]);
    assert_eq!((report.counts.already_held_pairs, report.counts.held_back_pairs), (1, 0));
    let held = std::fs::read_to_string(after.join("held.csv")).unwrap();
    assert!(held.contains(words), "{held}");
}

/// Items that a match offers: eligible or open, and not blocked by what is held.
fn offered(library: &Arc<Library>, day: Date, facts: &Json) -> BTreeSet<(String, bool)> {
    let snapshot = Snapshot::compile(Arc::clone(library), day);
    let all = Selection { all: true, limit: 100, bundle: false };
    let (report, _) = snapshot.match_profile(&profile("E", facts), all);
    let offers = report.matches.into_iter().filter(|one| {
        one.verdict != Verdict::Ineligible && !one.held.as_ref().is_some_and(Holding::is_blocking)
    });
    offers.map(|one| (one.policy, one.verdict == Verdict::Eligible)).collect()
}

fn any_titles() -> impl Strategy<Value = Option<Json>> {
    let tag = prop_oneof![
        Just("高新技术企业"),
        Just("高新技术企业 2026-03-05"),
        Just("高新技术企业 2026-03-06"),
        Just("高新技术企业 2027-03-06"),
        Just("高新技术企业 2027-12-31"),
        Just("高新技术企业 2025-12-31"),
        Just("专精特新中小企业"),
        Just("专精特新中小企业 2026-03-06"),
        Just("创新型中小企业"),
    ];
    prop::option::of(prop::collection::vec(tag, 0..3).prop_map(|tags| titles(&tags)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// A list has exactly the items that a match offers, on each of three nights, with results reused and without.
    #[test]
    fn lists_equal_matches(
        city in prop::collection::vec((5..25_u8, any_titles(), any_titles()), 1..8),
        top in prop::option::weighted(0.2, 1..4_usize),
    ) {
        let (library, folder) = (library(ITEMS), tempfile::tempdir().unwrap());
        let mut previous = None;
        for (number, day) in [DAY, date(2026, 3, 6), date(2026, 3, 7)].into_iter().enumerate() {
            let of = |(employees, first, later): &(u8, Option<Json>, Option<Json>)| {
                facts(*employees, if number == 1 { later.clone() } else { first.clone() })
            };
            let texts: Vec<Json> = city.iter().map(of).collect();
            let profiles = texts.iter().enumerate().map(|(at, facts)| profile(&format!("E{at}"), facts)).collect();
            let source = Memory::new(profiles, 3);
            let lists: Vec<_> = [true, false].map(|full| {
                let out = folder.path().join(format!("{number}-{full}"));
                let listing = Listing { undetermined: true, top, ..Listing::default() };
                let with = PushOptions { previous: previous.clone(), full, listing, ..options(&out, day) };
                run(&source, &library, &with);
                (out.clone(), listed(&out))
            }).into();
            prop_assert_eq!(&lists[0].1, &lists[1].1);
            let mut found: BTreeMap<String, BTreeSet<(String, bool)>> = BTreeMap::new();
            for row in lists[0].1.iter().filter(|row| text(row, "change") != "gone") {
                let pair = (text(row, "policy_id").to_owned(), text(row, "verdict") == "eligible");
                found.entry(text(row, "enterprise_id").to_owned()).or_default().insert(pair);
            }
            for (at, facts) in texts.iter().enumerate() {
                let expected = offered(&library, day, facts);
                let listed = found.remove(&format!("E{at}")).unwrap_or_default();
                match top {
                    None => prop_assert_eq!(&listed, &expected, "{} on {}", facts, day),
                    Some(top) => {
                        prop_assert!(listed.is_subset(&expected), "{} on {}", facts, day);
                        prop_assert_eq!(listed.len(), expected.len().min(top), "{} on {}", facts, day);
                    }
                }
            }
            previous = Some(lists[1].0.clone());
        }
    }
}
