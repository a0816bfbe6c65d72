//! The sample district: complete, with the quote of each condition in its document, and with the verdicts worked out by hand.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::{BTreeMap, BTreeSet};

use zhaoren_engine::{
    Engine, MatchOptions, Principal, SAMPLE_DISTRICT_ENTERPRISES, Silent, Verdict, parse_date, read_profiles,
};
use zhaoren_policy::criterion::Node;

/// Verdicts by hand, for comparison only: `seeds/district/expected.yaml`.
const EXPECTED: &str = include_str!("../../../seeds/district/expected.yaml");

fn with_district() -> (tempfile::TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let report = engine.import_sample_district(&Principal::local(), &Silent).unwrap();
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!((report.documents.new, report.items.new), (15, 15));
    (folder, engine)
}

/// A catalogue has no sample until it is asked for; a second import changes nothing.
#[test]
fn the_sample_district_is_taken_in_only_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    assert!(engine.rules().library().iter().all(|item| !item.is_sample()));
    drop(engine);
    let (_folder, engine) = with_district();
    let again = engine.import_sample_district(&Principal::local(), &Silent).unwrap();
    assert_eq!((again.documents.kept, again.items.kept), (15, 15));
}

/// Nothing of it can be mistaken for a real policy, and every condition has a quote that its document contains.
#[test]
fn each_sample_item_is_marked_and_each_condition_is_quoted() {
    let (_folder, engine) = with_district();
    let rules = engine.rules();
    let samples: Vec<_> = rules.library().iter().filter(|item| item.is_sample()).collect();
    assert_eq!(samples.len(), 15);
    for item in samples {
        assert!(item.title.starts_with("【示例】"), "{}", item.title);
        let issuer = item.document.issuer.as_deref().unwrap_or_default();
        assert!(issuer.starts_with("示例区"), "{issuer}");
        assert!(item.notes.iter().any(|note| note.contains("不是真实政策")), "{}", item.id);
        assert!(item.guide.is_some(), "{}", item.id);
        item.criteria.walk(&mut |path, criterion| {
            if matches!(criterion.node, Node::Leaf(_)) {
                let span = rules.evidence().span(&item.id, path);
                assert!(
                    span.is_some_and(|span| span.article.is_some()),
                    "{} {path} has no evidence",
                    item.id
                );
            }
        });
    }
}

/// The lists of `seeds/district/expected.yaml`: ids of the items in force that each enterprise qualifies for.
fn expected() -> BTreeMap<String, BTreeSet<String>> {
    let lines = EXPECTED.lines().filter_map(|line| line.trim().strip_prefix("- {id: "));
    lines
        .map(|line| {
            let (id, rest) = line.split_once(", eligible: [").unwrap();
            let items = rest.trim_end_matches("]}").split(", ").map(str::to_owned);
            (id.to_owned(), items.collect())
        })
        .collect()
}

#[test]
fn each_sample_enterprise_has_the_verdicts_worked_out_by_hand() {
    let (_folder, engine) = with_district();
    let rules = engine.rules();
    let read =
        read_profiles(SAMPLE_DISTRICT_ENTERPRISES.as_bytes(), "enterprises.jsonl", rules.dictionary(), true);
    let problems: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let expected = expected();
    assert_eq!((read.profiles.len(), expected.len()), (12, 12));
    let as_of = parse_date("2026-12-01").unwrap();
    for profile in &read.profiles {
        let options = MatchOptions { as_of, all: true, limit: usize::MAX, bundle: false };
        let (report, _) = rules.match_profile(profile, options);
        let of = |verdict: Verdict| -> BTreeSet<String> {
            let samples =
                report.matches.iter().filter(|one| one.policy.starts_with("sample-") && one.in_force);
            samples.filter(|one| one.verdict == verdict).map(|one| one.policy.clone()).collect()
        };
        assert_eq!(of(Verdict::Undetermined), BTreeSet::new(), "{}", report.id);
        assert_eq!(of(Verdict::Eligible), expected[&report.id], "{}", report.id);
    }
}

/// The parks and their stewards are those of the document on parks.
#[test]
fn parks_and_stewards_are_those_of_the_document() {
    let parks = include_str!("../../../seeds/district/parks.yaml");
    let document = include_str!("../../../seeds/district/documents/sample-09-park.txt");
    let mut count = 0;
    for line in parks.lines().filter_map(|line| line.trim().strip_prefix("- {name: ")) {
        let (name, rest) = line.split_once(", operator: ").unwrap();
        let (_, steward) = rest.trim_end_matches('}').split_once(", steward: ").unwrap();
        assert!(document.contains(&format!("{name}为{steward}")), "{line}");
        count += 1;
    }
    assert_eq!(count, 3);
}
