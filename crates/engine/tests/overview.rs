//! One enterprise at a glance: every live item is in exactly one bucket, and received benefits are separate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeMap;

use zhaoren_engine::{
    Bucket, Date, Engine, Holding, Match, MatchOptions, Outcome, Overview, Principal, Profile,
    ReceivedBenefits, Role, Rules, Silent, Verdict, now, parse_date, read_profiles, start_of,
};

const SAMPLES: &str = include_str!("../../../seeds/enterprises/samples.jsonl");

fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

fn matches(rules: &Rules, profile: &Profile, as_of: Date) -> Vec<Match> {
    let options = MatchOptions { as_of, all: true, limit: usize::MAX, bundle: false };
    let (report, undecided) = rules.match_profile(profile, options);
    assert!(undecided.is_empty(), "{undecided:?}");
    report.matches
}

fn event(item: &str, event: &str, on: &str, detail: &str) -> Outcome {
    Outcome {
        enterprise: "e".into(),
        item: item.into(),
        item_digest: String::new(),
        event: event.into(),
        at: start_of(day(on)).0,
        detail: detail.into(),
    }
}

#[test]
fn every_item_in_force_is_in_one_bucket() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let file = folder.path().join("items.yaml");
    let item = "{id: closing, title: 快截止, window: [{opens: 2026-06-01, closes: 2026-07-16}]}";
    std::fs::write(&file, item).unwrap();
    assert!(engine.import(&[file], &Silent).unwrap().problems.is_empty());
    let rules = engine.rules();
    let read = read_profiles(SAMPLES.as_bytes(), "samples", rules.dictionary(), false);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (as_of, profile) in ["2024-02-01", "2026-03-20", "2026-07-01", "2026-08-01"]
        .into_iter()
        .flat_map(|as_of| read.profiles.iter().map(move |profile| (day(as_of), profile)))
    {
        let live = rules.library().iter().filter(|item| item.in_force_on(as_of)).count();
        let matches = matches(&rules, profile, as_of);
        let some = matches.iter().find(|one| one.in_force).unwrap();
        let had =
            ReceivedBenefits::from_outcomes(as_of, &[event(&some.policy, "paid", &as_of.to_string(), "")])
                .unwrap();
        // A title in its term is had without a payment.
        let is_had =
            |one: &Match| one.policy == some.policy || one.held.as_ref().is_some_and(Holding::is_blocking);
        let mut counts: BTreeMap<Bucket, usize> = BTreeMap::new();
        for one in &matches {
            let bucket = Bucket::classify(one, &had);
            assert_eq!(bucket.is_some(), one.in_force, "{}", one.policy);
            let Some(bucket) = bucket else { continue };
            *counts.entry(bucket).or_default() += 1;
            *seen.entry(bucket.key()).or_default() += 1;
            let verdict = match bucket {
                Bucket::Closing | Bucket::Eligible => one.verdict == Verdict::Eligible,
                Bucket::Almost => one.verdict != Verdict::Eligible,
                Bucket::Unknown => one.verdict == Verdict::Undetermined,
                Bucket::Ineligible => one.verdict == Verdict::Ineligible,
                Bucket::Closed => one.policy == "closing" && one.verdict != Verdict::Ineligible,
                Bucket::Enjoyed => is_had(one),
            };
            assert_eq!(bucket == Bucket::Enjoyed, is_had(one), "{}", one.policy);
            assert!(verdict, "{} is {bucket:?}: {:?}", one.policy, one.verdict);
        }
        assert_eq!(counts.values().sum::<usize>(), live, "{} on {as_of}", profile.id);
        let had_count = matches.iter().filter(|one| one.in_force && is_had(one)).count();
        assert_eq!(counts[&Bucket::Enjoyed], had_count);
        // Counting alone gives the numbers of the whole matches.
        assert_eq!(
            rules.overview(profile, as_of, &had),
            Overview::from_matches(&matches, 0, &had),
            "{}",
            profile.id
        );
    }
    // The samples and days are such that no bucket is empty in all of them.
    assert_eq!(seen.len(), Bucket::ALL.len(), "{seen:?}");
}

#[test]
fn received_benefits_are_blocked_until_they_are_due_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("items.yaml");
    let items = "- {id: once, title: 一次, benefit: {kinds: [grant], amount: {max: 10000, text: 1万元, times: once}}}\n\
                 - {id: yearly, title: 每年, benefit: {kinds: [grant], amount: {max: 10000, text: 1万元, times: yearly}}}\n";
    std::fs::write(&file, items).unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let report = engine.import(&[file], &Silent).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let rules = engine.rules();
    let profile = &read_profiles(br#"{"id": "e"}"#, "e", rules.dictionary(), false).profiles[0];
    let stands = |outcomes: &[Outcome], as_of: &str| {
        let had = ReceivedBenefits::from_outcomes(day(as_of), outcomes).unwrap();
        let all = matches(&rules, profile, day(as_of));
        let of = |id: &str| Bucket::classify(all.iter().find(|one| one.policy == id).unwrap(), &had).unwrap();
        (of("once") == Bucket::Enjoyed, of("yearly") == Bucket::Enjoyed)
    };
    let paid = [event("once", "paid", "2025-05-01", ""), event("yearly", "paid", "2025-05-01", "")];
    assert_eq!(stands(&paid, "2025-04-30"), (false, false), "not yet");
    assert_eq!(stands(&paid, "2025-05-01"), (true, true), "on the day");
    assert_eq!(stands(&paid, "2026-07-01"), (true, false), "a new year");
    let decided = |detail: &str| [event("once", "decided", "2025-05-01", detail)];
    assert!(stands(&decided(r#"{"approved":true}"#), "2026-07-01").0);
    for detail in [r#"{"approved":false}"#, "", r#"{"approved":"true"}"#] {
        assert!(!stands(&decided(detail), "2026-07-01").0, "{detail}");
    }
    // One that cannot be read says neither that it was had nor that it was not.
    let error =
        ReceivedBenefits::from_outcomes(day("2026-07-01"), &decided("rubbish")).unwrap_err().to_string();
    assert!(error.contains("台账事件") && error.contains("once decided"), "{error}");
    assert_eq!(stands(&[event("once", "applied", "2025-05-01", "")], "2026-07-01"), (false, false));

    let records = engine.records();
    let caseworker = Principal { role: Role::Caseworker, ..Principal::local() };
    records.record_outcomes(&caseworker.write_context(now()), &paid).unwrap();
    let had = records.received_benefits(&caseworker, "e", day("2026-07-01")).unwrap();
    assert_eq!(had, Some(ReceivedBenefits::from_outcomes(day("2026-07-01"), &paid).unwrap()));
    let reviewer = Principal { role: Role::Reviewer, ..Principal::local() };
    assert_eq!(
        records.received_benefits(&reviewer, "e", day("2026-07-01")).unwrap(),
        None,
        "not theirs to see"
    );
}

/// Whichever facts are left out, counting alone gives the numbers of the whole matches.
#[test]
fn counts_equal_full_matches_for_any_subset_of_facts() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let rules = engine.rules();
    let samples: Vec<serde_json::Value> =
        SAMPLES.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // xorshift: the same profiles in every run.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let (as_of, had) = (day("2026-07-01"), ReceivedBenefits::default());
    for round in 0..40 {
        let mut sample = samples[usize::try_from(random(samples.len() as u64)).unwrap()].clone();
        let facts = sample["facts"].as_object_mut().unwrap();
        let kept = random(8);
        facts.retain(|_, _| random(8) < kept);
        // A small figure fails thresholds by one fact alone.
        if random(2) == 0 {
            facts.insert("employees".to_owned(), serde_json::json!(random(40)));
        }
        let read = read_profiles(sample.to_string().as_bytes(), "sample", rules.dictionary(), false);
        let profile = &read.profiles[0];
        let counted = rules.overview(profile, as_of, &had);
        assert_eq!(
            counted,
            Overview::from_matches(&matches(&rules, profile, as_of), 0, &had),
            "{round}: {sample}"
        );
    }
}
