//! A run that reuses verdicts of the previous night gives the same bytes as one that decides everything.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    dead_code,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use zhaoren_matcher::Library;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_push::table::{Rows, TableError};
use zhaoren_push::{
    Explain, FileDigest, Format, Listing, NoProgress, PushOptions, Refusals, RunReport, Source, push,
};

struct Memory(Vec<Profile>, Vec<FileDigest>);

impl Source for Memory {
    type Chunk = usize;

    fn inputs(&self) -> &[FileDigest] {
        &self.1
    }

    fn chunks(&self) -> Box<dyn Iterator<Item = Result<usize, TableError>> + Send + '_> {
        Box::new((0..self.0.len()).step_by(4).map(Ok))
    }

    fn read(&self, start: &usize) -> Result<Rows, TableError> {
        let rows = self.0.iter().enumerate().skip(*start).take(4);
        Ok(Rows::of(rows.map(|(at, profile)| (at as u64 + 1, profile.clone())).collect()))
    }

    fn check_unchanged(&self) -> Result<(), TableError> {
        Ok(())
    }
}

/// Items whose verdicts depend on time, titles, windows and amounts.
const ITEMS: &str = "
- {id: a, title: 十人, criteria: {all: [{fact: employees, at_least: 10}]}}
- {id: b, title: 三年, criteria: {all: [{fact: established_on, for_at_least: 3 years}, {fact: employees, at_least: 5}]}}
- {id: c, title: 窗口, window: [{opens: 2026-03-01, closes: 2026-09-30}], criteria: {all: [{fact: employees, less_than: 12}]}}
- {id: d, title: 称号, criteria: {all: [{fact: qualifications, has_any: [高新技术企业, 软件企业]}]}}
- {id: e, title: 月龄, criteria: {all: [{fact: age_months, at_least: 30}, {not: {fact: age_months, at_least: 72}}]}}
- {id: f, title: 金额, benefit: {amount: {formula: {case: [{when: {fact: established_on, for_at_least: 3 years}, then: {each: 1000, of: {fact: employees}}}], else: 500}}}, criteria: {all: []}}
- {id: g, title: 先后, criteria: {any: [{fact: established_on, before: 2022-06-01}, {fact: established_on, for_less_than: 4 years}]}}
- {id: h, title: 生效, document: {effective: 2026-04-01, expires: 2026-08-01}, criteria: {all: [{fact: employees, at_least: 1}]}}
- {id: i, title: 评分, criteria: {points: [{when: {fact: established_on, for_more_than: 1 years}, score: 2},
   {when: {fact: qualifications, has_all: [软件企业]}, score: 3}, {when: {judged: 较强}, score: 1}], at_least: 3}}
- {id: j, title: 两处, criteria: {any: [{all: [{fact: age_months, less_than: 48}, {fact: employees, at_least: 3}]},
   {all: [{fact: age_months, at_least: 48}, {fact: employees, at_least: 9}]}]}}
- {id: k, title: 中小企业, criteria: {all: [{fact: tech_sme_score, at_least: 60}]}}
";

fn library(items: &str, real: bool) -> Arc<Library> {
    let dictionary = FactDictionary::built_in();
    let (items, report) = read_items(items, "items.yaml", dictionary);
    assert!(report.errors() == 0, "{:?}", report.problems);
    let mut items: Vec<_> =
        items.into_iter().map(|(item, node)| (item, node.to_json().to_string())).collect();
    if real {
        items.extend(built_in().iter().cloned());
    }
    Arc::new(Library::with_bodies(items, Arc::new(dictionary.clone())))
}

/// Items of real policies.
fn built_in() -> &'static [(zhaoren_policy::item::Item, String)] {
    static ITEMS: std::sync::OnceLock<Vec<(zhaoren_policy::item::Item, String)>> = std::sync::OnceLock::new();
    ITEMS.get_or_init(|| {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../seeds/policies")];
        let mut items = Vec::new();
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "yaml") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let (read, _) = read_items(&text, "seeds", FactDictionary::built_in());
                    items.extend(read.into_iter().map(|(item, node)| (item, node.to_json().to_string())));
                }
            }
        }
        assert!(items.len() > 50);
        items
    })
}

/// Facts of one enterprise: employees; days since 2019 of its founding (a range if the second is given); a title with its expiry
/// day; a person's judgement.
type Told = (u8, Option<i64>, Option<(i64, Option<i64>)>, Option<(bool, Option<i64>)>, Option<bool>);

fn day_of(days: i64) -> Date {
    date(2019, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap()
}

fn profile((id, employees, founded, title, judged): &Told) -> Profile {
    let founded = founded.map(|(day, until)| match until {
        None => json!(day_of(day)),
        Some(more) => json!({"at_least": day_of(day), "at_most": day_of(day + more)}),
    });
    let title = title.map(|(software, until)| {
        let tag = if software { "软件企业" } else { "高新技术企业" };
        match until {
            None => json!({"has": [tag]}),
            Some(day) => json!([{"tag": tag, "until": date(2026, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap()}]),
        }
    });
    let mut facts = json!({"employees": employees, "established_on": founded, "qualifications": title});
    facts.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let mut whole = json!({"id": format!("E{id:02}"), "facts": facts});
    if let Some(truth) = judged {
        whole["judged"] = json!({"较强": truth});
    }
    let mut report = Report::new("p");
    Profile::read(&syntax::json(&whole.to_string()).unwrap(), FactDictionary::built_in(), false, &mut report)
        .unwrap_or_else(|| panic!("{:?}", report.problems))
}

fn told() -> impl Strategy<Value = Told> {
    (
        0..14_u8,
        prop::option::of(0..14_i64),
        prop::option::of((0..2700_i64, prop::option::weighted(0.2, 1..400_i64))),
        prop::option::of((any::<bool>(), prop::option::of(0..365_i64))),
        prop::option::weighted(0.3, any::<bool>()),
    )
}

/// Night: changed enterprises, whether the others stay, days that passed, version of the items, listing options, refusals.
type Night = (Vec<Told>, bool, i64, usize, Listing, Refusals);

/// Refusals of everything by one enterprise and of some items by others, including items that do not exist.
fn refusals() -> impl Strategy<Value = Refusals> {
    let one = (0..16_u8, prop::sample::select(vec!["a", "aa", "b", "c", "d", "f", "g", "i", "zz"]));
    let everything = prop::collection::btree_set(0..16_u8, 0..2);
    (everything, prop::collection::vec(one, 0..8)).prop_map(|(everything, pairs)| {
        let enterprise = |id: u8| format!("E{id:02}");
        let everything =
            everything.into_iter().map(|id| (enterprise(id), "企业拒绝推送".to_owned())).collect();
        let mut refusals = Refusals { everything, ..Refusals::default() };
        for (id, item) in pairs {
            let items = refusals.items.entry(enterprise(id)).or_default();
            items.insert(item.to_owned(), format!("企业拒收该事项：{item}"));
        }
        refusals
    })
}

fn night() -> impl Strategy<Value = Night> {
    let listing = (
        prop::bool::weighted(0.8),
        prop::option::weighted(0.2, 1..6_usize),
        prop::option::weighted(0.2, 0..9000_u16),
    );
    let listing =
        listing.prop_map(|(undetermined, top, floor)| Listing { undetermined, top, floor, part: None });
    let later = prop_oneof![3 => 0..3_i64, 2 => 3..60_i64, 1 => 60..300_i64];
    let news = prop::collection::vec(told(), 0..6);
    (news, prop::bool::weighted(0.9), later, 0..5_usize, listing, refusals())
}

fn run(profiles: &[Profile], library: &Arc<Library>, options: &PushOptions) -> RunReport {
    let inputs = vec![FileDigest { name: "内存".to_owned(), bytes: 1, sha256: String::new() }];
    push(&Memory(profiles.to_vec(), inputs), library, options, &NoProgress).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Over any sequence of nights and changes: the list, its causes and the state for the next night are equal.
    #[test]
    fn incremental_runs_equal_full_runs(
        first in prop::collection::vec(told(), 4..16),
        nights in prop::collection::vec(night(), 1..5),
        real in prop::bool::weighted(0.1),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let versions = [
            ITEMS.to_owned(),
            ITEMS.to_owned(),
            ITEMS.replace("at_least: 5}", "at_least: 7}"),
            ITEMS.replace("{id: a,", "{id: aa,"),
            ITEMS.replace("3 years", "2 years"),
        ];
        let mut city: Vec<Told> = Vec::new();
        let mut day = date(2026, 1, 10);
        let mut before: Option<PathBuf> = None;
        let all = Listing { undetermined: true, ..Listing::default() };
        let nights = std::iter::once((first, true, 0, 0, all, Refusals::default())).chain(nights);
        for (number, (news, stay, later, version, listing, refused)) in nights.enumerate() {
            if !stay {
                city.clear();
            }
            city.retain(|old| !news.iter().any(|new| new.0 == old.0));
            let mut seen = BTreeSet::new();
            city.extend(news.into_iter().filter(|new| seen.insert(new.0)));
            day = day.checked_add(jiff::Span::new().days(later)).unwrap();
            let profiles: Vec<Profile> = city.iter().map(profile).collect();
            let library = library(&versions[version], real);
            let with = |name: &str, full| PushOptions {
                out: folder.path().join(format!("{number}-{name}")),
                as_of: day,
                previous: before.clone(),
                format: Format::Jsonl,
                listing,
                deadline_days: 15,
                full,
                opt_outs: refused.clone(),
                explain: Explain::default(),
            };
            let (full, carried) = (with("full", true), with("carried", false));
            let whole = run(&profiles, &library, &full);
            let part = run(&profiles, &library, &carried);
            prop_assert_eq!(whole.counts.reused, 0);
            let same = |name: &str| {
                let bytes = |folder: &Path| std::fs::read_to_string(folder.join(name)).unwrap();
                (bytes(&full.out), bytes(&carried.out))
            };
            let (a, b) = same("matches.jsonl");
            for (a, b) in a.lines().zip(b.lines()) {
                prop_assert_eq!(a, b, "night {} on {}", number, day);
            }
            prop_assert_eq!(a.lines().count(), b.lines().count());
            for name in ["state.entries", "state.rules.json", "rejects.csv", "held.csv"] {
                let bytes = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
                prop_assert!(bytes(&full.out) == bytes(&carried.out), "{}", name);
            }
            let counts: fn(&RunReport) -> Json = |report| {
                let mut counts = serde_json::to_value(&report.counts).unwrap();
                for own in ["carried", "moved"] {
                    counts.as_object_mut().unwrap().remove(own);
                }
                counts
            };
            prop_assert_eq!(counts(&whole), counts(&part));
            before = Some(carried.out);
        }
    }
}

/// Verdicts are reused if and only if they cannot have changed.
#[test]
fn unchanged_verdicts_are_reused() {
    let folder = tempfile::tempdir().unwrap();
    let city = |employees: i64| -> Vec<Profile> {
        (0..10_u8)
            .map(|id| {
                let employees = if id == 0 { employees } else { 20 };
                // Enterprise 5 becomes three years old on 2 February 2026.
                let founded = if id == 5 { 1493 } else { 100 };
                profile(&(id, Some(employees), Some((founded, None)), None, None))
            })
            .collect()
    };
    assert_eq!(day_of(1493), date(2023, 2, 2));
    let at = |name: &str, day, previous: Option<&Path>| PushOptions {
        out: folder.path().join(name),
        as_of: day,
        previous: previous.map(Path::to_owned),
        format: Format::Jsonl,
        listing: Listing { undetermined: true, ..Listing::default() },
        deadline_days: 15,
        full: false,
        opt_outs: Refusals::default(),
        explain: Explain::default(),
    };
    let items = library(ITEMS, true);
    let first = at("1", date(2026, 2, 1), None);
    run(&city(20), &items, &first);
    // One has changed facts, one is affected by the date, eight are unchanged.
    let second = at("2", date(2026, 2, 2), Some(&first.out));
    let report = run(&city(9), &items, &second);
    assert_eq!((report.counts.reused, report.counts.redecided), (8, 1), "{report:?}");
    // Nothing is reused on a day of another fiscal year or after a list that was cut.
    let report = run(&city(9), &items, &at("3", date(2027, 2, 2), Some(&second.out)));
    assert_eq!(report.counts.reused, 0);
    let mut cut = at("4", date(2026, 2, 2), None);
    cut.listing.top = Some(2);
    run(&city(9), &items, &cut);
    let report = run(&city(9), &items, &at("5", date(2026, 2, 2), Some(&cut.out)));
    assert_eq!(report.counts.reused, 0);
    // Refusing an item requires no new decision, and neither does withdrawing the refusal.
    let mut refused = at("6", date(2026, 2, 2), Some(&second.out));
    refused.opt_outs.items.entry("E03".to_owned()).or_default().insert("a".to_owned(), String::new());
    let report = run(&city(9), &items, &refused);
    assert_eq!((report.counts.reused, report.counts.held_back_pairs, report.counts.gone), (10, 1, 1));
    let report = run(&city(9), &items, &at("7", date(2026, 2, 2), Some(&refused.out)));
    assert_eq!((report.counts.reused, report.counts.held_back_pairs, report.counts.new), (10, 0, 1));
}
