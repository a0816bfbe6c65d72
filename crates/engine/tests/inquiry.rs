//! Search for one enterprise, and in other orders than relevance, over the built-in library.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use zhaoren_engine::{
    Answer, Date, Engine, HitItem, Inquiry, ItemHit, MatchOptions, Profile, SearchRequest, Silent, Sort,
    Verdict, built_in_facts, parse_date, read_profiles,
};

const ITEMS: &str = "
- id: t-a
  title: 量子补助甲
  document: {title: 量子产业扶持办法, number: 徐科发〔2026〕9号, published: 2026-01-05, text: quantum.txt}
  benefit: {kinds: [grant], amount: {max: 500000}}
  window: [{opens: 2026-03-01, closes: 2026-09-30}]
  criteria: {fact: employees, at_least: 10, quote: 从业人数不少于十人, article: 第一条}
- id: t-b
  title: 量子补助乙
  document: {title: 量子产业扶持办法, number: 徐科发〔2026〕9号, published: 2026-01-05, text: quantum.txt}
  benefit: {kinds: [grant], amount: {max: 2000000}}
  window: [{opens: 2026-01-01, closes: 2026-06-30}]
  criteria: {fact: revenue, at_least: 1000000, quote: 上年度营业收入不低于一百万元, article: 第二条}
- id: t-c
  title: 量子补助丙
  document: {published: 2026-02-01}
  benefit: {kinds: [grant], amount: {max: 2000000}}
  window: [{opens: 2025-01-01, closes: 2025-06-30}]
  criteria: {fact: employees, at_least: 1000}
- id: t-d
  title: 量子补助丁
  document: {published: 2024-02-01, expires: 2025-12-31}
  criteria: {fact: employees, at_least: 1}
";
const TEXT: &str = "量子产业扶持办法\n徐科发〔2026〕9号\n第一条 量子企业从业人数不少于十人的，给予补助。\n\
                    第二条 量子企业上年度营业收入不低于一百万元的，给予奖励。\n第三条 本办法自2026年1月5日起施行。\n";

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<(tempfile::TempDir, Engine)> = OnceLock::new();
    let (_, engine) = ENGINE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (engine, problems) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let given = folder.path().join("given");
        std::fs::create_dir(&given).unwrap();
        std::fs::write(given.join("items.yaml"), ITEMS).unwrap();
        std::fs::write(given.join("quantum.txt"), TEXT).unwrap();
        let report = engine.import(&[given], &Silent).unwrap();
        assert!(!zhaoren_engine::has_errors(&report.problems), "{:?}", report.problems);
        (folder, engine)
    });
    engine
}

fn profiles(json: &[u8], name: &str) -> Vec<Profile> {
    let read = read_profiles(json, name, built_in_facts(), false);
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    read.profiles
}

fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

fn ask(query: &str, sort: Sort, profile: Option<&Profile>, on: Date) -> Answer {
    let request =
        SearchRequest { query: query.into(), limit: 1000, as_of: Some(on), ..SearchRequest::default() };
    engine().search_for(&Inquiry { request: &request, sort, profile, tenant: "" }).unwrap()
}

fn ids(answer: &Answer) -> Vec<&str> {
    answer.found.hits.iter().map(|one| one.hit.id.as_str()).collect()
}

#[test]
fn verdicts_equal_matching_and_order_the_hits() {
    let samples = include_bytes!("../../../seeds/enterprises/samples.jsonl");
    let on = day("2026-05-01");
    for profile in profiles(samples, "samples.jsonl") {
        let options = MatchOptions { as_of: on, all: true, limit: usize::MAX, bundle: false };
        let (report, undecided) = engine().rules().match_profile(&profile, options);
        assert!(undecided.is_empty());
        let exact: BTreeMap<&str, &zhaoren_engine::Match> =
            report.matches.iter().map(|one| (one.policy.as_str(), one)).collect();
        for query in ["补贴", "量子", "研发费用", "", "企业 -贷款"] {
            let answer = ask(query, Sort::Relevance, Some(&profile), on);
            assert_eq!(answer.found.as_of, Some(on));
            let mut bands = Vec::new();
            for one in &answer.found.hits {
                for item in &one.items {
                    let HitItem::Matched(matched) = item else { panic!("{item:?}") };
                    let exact = exact[matched.policy.as_str()];
                    assert_eq!((matched.verdict, &matched.clauses), (exact.verdict, &exact.clauses));
                    assert_eq!((matched.in_force, &matched.window), (exact.in_force, &exact.window));
                    assert_eq!(matched.missing.is_empty(), exact.missing.is_empty());
                    assert_eq!(matched.nearest, exact.nearest);
                }
                let rank = |verdict| match verdict {
                    Verdict::Eligible => 0,
                    Verdict::Undetermined => 1,
                    Verdict::Ineligible => 2,
                };
                let in_force =
                    one.items.iter().map(HitItem::policy).map(|id| exact[id]).filter(|m| m.in_force);
                let best = in_force.map(|one| one.verdict).min_by_key(|verdict| rank(*verdict));
                assert_eq!(one.verdict, best, "{}", one.hit.id);
                bands.push(best.map_or(3, rank));
            }
            assert!(bands.is_sorted(), "{query}: {bands:?}");
            let told = answer.enterprise.as_ref().unwrap().verdicts;
            let of = |band| bands.iter().filter(|own| **own == band).count();
            assert_eq!(
                (told.eligible, told.undetermined, told.ineligible, told.none),
                (of(0), of(1), of(2), of(3))
            );
            // within a verdict as without an enterprise
            let plain = ask(query, Sort::Relevance, None, on);
            for band in 0..4 {
                let with: Vec<&str> = ids(&answer)
                    .into_iter()
                    .zip(&bands)
                    .filter(|(_, b)| **b == band)
                    .map(|(id, _)| id)
                    .collect();
                let without: Vec<&str> = ids(&plain).into_iter().filter(|id| with.contains(id)).collect();
                assert_eq!(with, without, "{query}");
            }
        }
    }
}

#[test]
fn documents_and_clauses_link_to_their_items() {
    let json = br#"{"id": "e", "facts": {"employees": 86, "revenue": {"2025": 1}}}"#;
    let profile = &profiles(json, "p.json")[0];
    let answer = ask("量子", Sort::Relevance, Some(profile), day("2026-05-01"));
    let hit = |id: &str| -> &ItemHit {
        answer.found.hits.iter().find(|one| one.hit.id == id || one.hit.title == id).unwrap()
    };
    let document = hit("量子产业扶持办法");
    assert_eq!(document.items.iter().map(HitItem::policy).collect::<Vec<_>>(), ["t-a", "t-b"]);
    assert_eq!(document.verdict, Some(Verdict::Eligible));
    let clauses: BTreeMap<&str, &Vec<String>> =
        document.hit.clauses.iter().map(|clause| (clause.article.as_str(), &clause.items)).collect();
    assert_eq!((clauses["第一条"], clauses["第二条"]), (&vec!["t-a".to_owned()], &vec!["t-b".to_owned()]));
    assert_eq!(hit("t-a").documents, [document.hit.id.as_str()]);
    assert_eq!(hit("t-b").verdict, Some(Verdict::Ineligible));
    let HitItem::Matched(why) = &hit("t-b").items[0] else { panic!() };
    assert!(why.clauses.iter().any(|clause| clause.source.is_some() && clause.value == serde_json::json!(1)));
    assert_eq!(hit("t-c").verdict, Some(Verdict::Ineligible));
    // it would be eligible, but it is not in force
    let gone = hit("t-d");
    let HitItem::Matched(one) = &gone.items[0] else { panic!() };
    assert_eq!((gone.verdict, one.verdict, one.in_force), (None, Verdict::Eligible, false));
    assert_eq!(*ids(&answer).last().unwrap(), "t-d");
}

#[test]
fn missing_values_sort_last_and_ties_by_id() {
    let only = |answer: &Answer| -> Vec<String> {
        ids(answer).into_iter().filter(|id| id.starts_with("t-")).map(str::to_owned).collect()
    };
    for (sort, on, expected) in [
        (Sort::Deadline, "2026-05-01", ["t-b", "t-a", "t-c", "t-d"]),
        (Sort::Deadline, "2025-05-01", ["t-c", "t-b", "t-a", "t-d"]),
        (Sort::Deadline, "2026-07-01", ["t-a", "t-b", "t-c", "t-d"]),
        (Sort::Amount, "2026-05-01", ["t-b", "t-c", "t-a", "t-d"]),
        (Sort::Date, "2026-05-01", ["t-c", "t-a", "t-b", "t-d"]),
    ] {
        assert_eq!(only(&ask("量子补助", sort, None, day(on))), expected, "{sort:?} {on}");
    }
    // pages of an order are parts of the whole
    let on = day("2026-05-01");
    for (sort, _) in Sort::ALL {
        let whole = ask("企业", sort, None, on);
        let mut pages = Vec::new();
        for offset in (0..whole.found.total).step_by(7) {
            let request = SearchRequest {
                query: "企业".into(),
                limit: 7,
                offset,
                as_of: Some(on),
                ..SearchRequest::default()
            };
            let page =
                engine().search_for(&Inquiry { request: &request, sort, profile: None, tenant: "" }).unwrap();
            pages.extend(page.found.hits.into_iter().map(|one| one.hit.id));
        }
        assert_eq!(pages, ids(&whole), "{sort:?}");
        let items = |hit: &ItemHit| -> Vec<zhaoren_engine::Item> {
            hit.items.iter().map(|item| engine().rules().item(item.policy()).unwrap().clone()).collect()
        };
        // Of neighbours the first never has the worse value, and a missing value never precedes a value.
        for pair in whole.found.hits.windows(2) {
            let values: Vec<(bool, String)> = pair
                .iter()
                .map(|hit| match sort {
                    Sort::Date => (hit.hit.published.is_none(), String::new()),
                    Sort::Amount => {
                        (items(hit).iter().all(|item| item.benefit.amount.max.is_none()), String::new())
                    }
                    Sort::Deadline => {
                        let windows = items(hit).into_iter().map(|item| item.window.on(on));
                        let closes = windows
                            .filter(|w| w.closes.is_some_and(|day| day >= on))
                            .filter_map(|w| w.closes)
                            .min();
                        (closes.is_none(), closes.map(|day| day.to_string()).unwrap_or_default())
                    }
                    Sort::Relevance => (false, String::new()),
                })
                .collect();
            assert!(values[0] <= values[1], "{sort:?}: {values:?}");
        }
    }
}
