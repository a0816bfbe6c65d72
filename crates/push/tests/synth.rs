//! Synthetic city: the same bytes every time, marked as synthetic, read back without an error, and distributed like the
//! marginals.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::date;
use serde_json::Value as Json;
use zhaoren_matcher::compiled::Verdicts;
use zhaoren_matcher::{Library, Snapshot};
use zhaoren_policy::code::uscc;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_push::Format;
use zhaoren_push::synth::{Synth, SynthOptions, write_enterprises, write_items};
use zhaoren_push::table::{Enterprises, TableOptions};

fn city(enterprises: u64) -> Synth {
    synth(SynthOptions { enterprises, ..SynthOptions::default() })
}

fn synth(options: SynthOptions) -> Synth {
    Synth::new(options, FactDictionary::built_in()).unwrap()
}

fn written(synth: &Synth, folder: &Path, format: Format) -> PathBuf {
    let path = folder.join(format!("enterprises.{}", format.extension()));
    let mut told = 0;
    write_enterprises(synth, &path, format, &mut |rows| told += rows).unwrap();
    assert_eq!(told, synth.options().enterprises);
    path
}

/// All rows of a table, none of which may be rejected.
fn rows(path: &Path) -> Vec<Profile> {
    let options = TableOptions { strict: true, ..TableOptions::default() };
    let dictionary = Arc::new(FactDictionary::built_in().clone());
    let table = Enterprises::open(&[path.to_owned()], options, dictionary).unwrap();
    let mut sound = Vec::new();
    for chunk in zhaoren_push::Source::chunks(&table) {
        let rows = zhaoren_push::Source::read(&table, &chunk.unwrap()).unwrap();
        assert!(rows.rejects.is_empty(), "{:?}", rows.rejects);
        sound.extend(rows.profiles());
    }
    sound
}

fn on_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run)
}

/// Profile as JSON without the ranges, which a table cannot hold.
fn without_ranges(mut profile: Json) -> Json {
    let range = |value: &Json| value.get("at_least").is_some() || value.get("at_most").is_some();
    let facts = profile["facts"].as_object_mut().unwrap();
    for value in facts.values_mut() {
        if let Some(years) = value.as_object_mut() {
            years.retain(|_, value| !range(value));
        }
    }
    facts.retain(|_, value| !range(value) && value.as_object().is_none_or(|years| !years.is_empty()));
    profile
}

fn read(profile: &Json) -> Profile {
    let mut report = Report::new("合成");
    let node = syntax::json(&profile.to_string()).unwrap();
    let profile = Profile::read(&node, FactDictionary::built_in(), true, &mut report);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    profile.unwrap()
}

#[test]
fn the_same_bytes_on_any_number_of_threads() {
    // More than one block of 65,536.
    let synth = city(70_000);
    let (one, many) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for format in [Format::Parquet, Format::Csv] {
        let a = on_threads(1, || written(&synth, one.path(), format));
        let b = on_threads(3, || written(&synth, many.path(), format));
        assert!(std::fs::read(a).unwrap() == std::fs::read(b).unwrap(), "{format:?}");
    }
    let left: Vec<_> =
        std::fs::read_dir(one.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn an_enterprise_depends_on_seed_and_number_alone() {
    let (small, large) = (city(10), city(1_000_000));
    for n in [0, 1, 9, 77_777, 999_999] {
        assert_eq!(small.enterprise(n), large.enterprise(n));
        assert_eq!(large.enterprise(n), large.enterprise(n));
    }
    let other = synth(SynthOptions { seed: 2, ..small.options() });
    assert_eq!(small.enterprise(5).id, other.enterprise(5).id);
    assert_ne!(small.profile(&small.enterprise(5)), other.profile(&other.enterprise(5)));
}

#[test]
fn every_format_has_the_same_content_without_errors() {
    let synth = city(3_000);
    let folder = tempfile::tempdir().unwrap();
    let lines = written(&synth, folder.path(), Format::Jsonl);
    let text = std::fs::read_to_string(&lines).unwrap();
    let given: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(given.iter().all(|profile| profile["synthetic"] == true));
    assert!(given.iter().all(|profile| profile["name"].as_str().unwrap().starts_with("合成样例企业")));
    let full: Vec<Profile> = given.iter().map(read).collect();
    assert_eq!(rows(&lines), full);
    let bare: Vec<Profile> = given.into_iter().map(|profile| read(&without_ranges(profile))).collect();
    assert!(full.iter().zip(&bare).any(|(full, bare)| full != bare), "ranges are somewhere");
    for format in [Format::Csv, Format::Parquet] {
        let table: Vec<Profile> = rows(&written(&synth, folder.path(), format));
        for (table, bare) in table.iter().zip(&bare) {
            assert_eq!(table, bare, "{format:?}");
        }
        assert_eq!(table.len(), bare.len());
    }
}

#[test]
fn ids_pass_their_checks_and_are_unassigned() {
    let synth = city(100_000);
    let mut seen = BTreeSet::new();
    for n in 0..100_000 {
        let id = zhaoren_push::synth::id_of(n);
        assert_eq!(uscc::check(&id), Ok(()), "{id}");
        assert_eq!(&id[2..8], "000000");
        assert!(seen.insert(id));
    }
    assert!(seen.contains(&synth.enterprise(99_999).id));
    let last = zhaoren_push::synth::id_of(31_u64.pow(8) - 1);
    assert_eq!(uscc::check(&last), Ok(()));
}

/// Number of `profiles` with each text under `key`.
fn counts(profiles: &[Json], key: &str) -> BTreeMap<String, f64> {
    let mut counts = BTreeMap::new();
    for profile in profiles {
        if let Some(text) = profile["facts"][key].as_str() {
            *counts.entry(text.to_owned()).or_insert(0.0) += 1.0;
        }
    }
    let total: f64 = counts.values().sum();
    counts.into_iter().map(|(text, count)| (text, count / total)).collect()
}

fn share(profiles: &[Json], of: impl Fn(&Json) -> bool) -> f64 {
    profiles.iter().filter(|profile| of(profile)).count() as f64 / profiles.len() as f64
}

fn near(what: &str, got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{what}: {got}, expected {expected} ± {tolerance}");
}

#[test]
fn cities_match_their_marginals() {
    let synth = synth(SynthOptions { enterprises: 30_000, unknown: Some(0.0), ..SynthOptions::default() });
    let profiles: Vec<Json> = (0..30_000).map(|n| synth.profile(&synth.enterprise(n))).collect();
    let text = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../seeds/synth/marginals.yaml"),
    );
    let sheet = syntax::yaml(&text.unwrap()).unwrap().remove(0).to_json();
    let weights = |name: &str| -> BTreeMap<String, f64> {
        let entries: BTreeMap<String, f64> = sheet[name]["value"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(key, weight)| (key.clone(), weight.as_f64().or(weight[0].as_f64()).unwrap()))
            .collect();
        let total: f64 = entries.values().sum();
        entries.into_iter().map(|(key, weight)| (key, weight / total)).collect()
    };
    let prefixes = |key: &str, from: usize, to: usize| {
        let mut sums: BTreeMap<String, f64> = BTreeMap::new();
        for (text, share) in counts(&profiles, key) {
            *sums.entry(text[from..to].to_owned()).or_default() += share;
        }
        sums
    };
    for (name, got) in [
        ("counties", prefixes("registered_region", 0, 6)),
        ("divisions", prefixes("industry", 1, 3)),
        ("legal_forms", counts(&profiles, "legal_form")),
        ("statuses", counts(&profiles, "registration_status")),
        ("tax_grades", counts(&profiles, "tax_credit_grade")),
    ] {
        for (key, expected) in weights(name) {
            near(&format!("{name} {key}"), got.get(&key).copied().unwrap_or(0.0), expected, 0.008);
        }
    }
    for (flag, expected) in sheet["flags"]["value"].as_object().unwrap() {
        let got = share(&profiles, |profile| profile["facts"][flag] == true);
        near(flag, got, expected.as_f64().unwrap(), 0.008);
    }
    // Nearly all are small, a few are large, and research and titles are correlated.
    let staff = |profile: &Json| profile["facts"]["employees"].as_i64().unwrap();
    let micro = share(&profiles, |profile| staff(profile) < 10);
    assert!((0.6..0.9).contains(&micro), "{micro}");
    let large = share(&profiles, |profile| staff(profile) >= 300);
    assert!((0.0003..0.01).contains(&large), "{large}");
    let holds = |profile: &Json, tag: &str| {
        profile["facts"]["qualifications"].as_array().unwrap().iter().any(|held| held == tag)
    };
    let recognised = share(&profiles, |profile| holds(profile, "高新技术企业"));
    assert!((0.004..0.03).contains(&recognised), "{recognised}");
    let spending =
        |profile: &&Json| profile["facts"]["rd_expense"]["2025"].as_f64().is_some_and(|spent| spent > 0.0);
    for profile in profiles.iter().filter(|profile| holds(profile, "高新技术企业")) {
        assert!(profile["facts"]["established_on"].as_str().unwrap() <= "2024-07-01");
        assert!(spending(&profile), "{profile}");
    }
    // No figures are given for a year before the founding.
    for profile in &profiles {
        let founded: i32 = profile["facts"]["established_on"].as_str().unwrap()[..4].parse().unwrap();
        for year in profile["facts"]["revenue"].as_object().into_iter().flatten() {
            assert!(year.0.parse::<i32>().unwrap() >= founded);
        }
    }
}

#[test]
fn unknown_shares_apply_by_data_holder() {
    let lacking = |unknown: Option<f64>, keys: &[&str]| -> Vec<f64> {
        let synth = synth(SynthOptions { enterprises: 2_000, unknown, ..SynthOptions::default() });
        let profiles: Vec<Json> = (0..2_000).map(|n| synth.profile(&synth.enterprise(n))).collect();
        keys.iter().map(|key| share(&profiles, |profile| profile["facts"].get(key).is_none())).collect()
    };
    // Facts that every enterprise has, from several holders.
    let keys = ["industry", "tax_credit_grade", "hightech_fields", "qualifications", "court_dishonest"];
    let usual = lacking(None, &keys);
    assert!(usual[0] < 0.02 && usual[1] > 0.3 && usual[2] > 0.4, "{usual:?}");
    assert_eq!(lacking(Some(0.0), &keys), [0.0; 5]);
    assert_eq!(lacking(Some(1.0), &keys), [1.0; 5]);
    // The nature of an enterprise does not depend on the share of unknown values.
    let (full, thin) = (
        synth(SynthOptions { unknown: Some(0.0), ..SynthOptions::default() }),
        synth(SynthOptions { unknown: Some(0.5), ..SynthOptions::default() }),
    );
    for n in 0..500 {
        let (full, thin) = (full.profile(&full.enterprise(n)), thin.profile(&thin.enterprise(n)));
        for (key, value) in thin["facts"].as_object().unwrap() {
            if value.is_string() || value.is_i64() || value.is_boolean() {
                assert_eq!(*value, full["facts"][key], "{key}");
            }
        }
    }
}

fn leaves(node: &Json) -> usize {
    match node {
        Json::Object(entries) if entries.contains_key("fact") => 1,
        Json::Object(entries) => entries.values().map(leaves).sum(),
        Json::Array(list) => list.iter().map(leaves).sum(),
        _ => 0,
    }
}

#[test]
fn items_load_without_a_problem_and_some_enterprises_are_eligible() {
    // 300 items are few: a single lenient item changes the share. Therefore three cities are examined.
    let counts: Vec<(Vec<u32>, u64)> = (1..=3).map(items_of).collect();
    let pairs = 3.0 * 2_000.0 * 300.0;
    let eligible: u32 = counts.iter().flat_map(|(eligible, _)| eligible).sum();
    let undetermined: u64 = counts.iter().map(|(_, undetermined)| undetermined).sum();
    let (share, open) = (f64::from(eligible) / pairs, undetermined as f64 / pairs);
    let never = counts.iter().flat_map(|(eligible, _)| eligible).filter(|count| **count == 0).count();
    println!("eligible {share:.4}, undetermined {open:.4}, items for nobody {never}");
    assert!((0.003..=0.01).contains(&share), "eligible: {share}");
    assert!((0.005..=0.1).contains(&open), "undetermined: {open}");
    assert!(never < 600, "items for nobody: {never} of 900");
}

/// Number of eligible enterprises, of 2,000, for each of a city's 300 items; and the number of undetermined pairs.
fn items_of(seed: u64) -> (Vec<u32>, u64) {
    let synth = synth(SynthOptions { enterprises: 2_000, items: 300, seed, unknown: None });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("items.jsonl");
    write_items(&synth, &path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let dictionary = FactDictionary::built_in();
    let (items, report) = read_items(&text, "items.jsonl", dictionary);
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
    assert_eq!(items.len(), 300);
    assert_eq!(items[0].0.id, "synth-00001");
    assert!(items.iter().all(|(item, _)| {
        item.review.as_ref().is_some_and(|review| review.source.as_deref() == Some("合成样例"))
    }));

    let sizes: Vec<usize> =
        text.lines().map(|line| leaves(&serde_json::from_str::<Json>(line).unwrap()["criteria"])).collect();
    assert!(sizes.iter().all(|size| (4..=13).contains(size)), "{sizes:?}");
    near("mean size", sizes.iter().sum::<usize>() as f64 / 300.0, 6.7, 0.35);
    for shape in [
        "\"not\"",
        "\"any\"",
        "\"points\"",
        "\"count\"",
        "has_any",
        "for_at_least",
        "\"within\"",
        "enterprise_size",
    ] {
        assert!(text.contains(shape), "{shape}");
    }

    let items = items.into_iter().map(|(item, _)| item).collect();
    let library = Arc::new(Library::new(items, Arc::new(dictionary.clone())));
    let snapshot = Snapshot::compile(library, date(2026, 6, 30));
    assert_eq!(snapshot.not_compiled().count(), 0);
    let mut eligible = vec![0_u32; 300];
    let mut undetermined = 0_u64;
    for n in 0..2_000 {
        let profile = read(&synth.profile(&synth.enterprise(n)));
        let mut verdicts = Verdicts::default();
        let catalogue = snapshot.catalogue();
        catalogue.verdicts(&catalogue.encode(&snapshot.view(&profile)), &mut verdicts);
        verdicts.eligible().for_each(|place| eligible[place] += 1);
        undetermined += verdicts.undetermined().count() as u64;
    }
    (eligible, undetermined)
}

#[test]
fn a_few_conditions_are_in_many_items() {
    let synth = city(0);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut open = Vec::new();
    for n in 1..=3_000 {
        let item = synth.item(n);
        assert_eq!(item, synth.item(n));
        open.push(item["criteria"].clone());
    }
    while let Some(node) = open.pop() {
        match node {
            Json::Object(entries) if entries.contains_key("fact") => {
                *counts.entry(Json::Object(entries).to_string()).or_default() += 1;
            }
            Json::Object(entries) => open.extend(entries.into_iter().map(|(_, node)| node)),
            Json::Array(list) => open.extend(list),
            _ => {}
        }
    }
    let mut ranked: Vec<usize> = counts.into_values().collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    let total: usize = ranked.iter().sum();
    let first: usize = ranked.iter().take(50).sum();
    println!("{} different conditions, the first 50 are {first} of {total}", ranked.len());
    assert!((600..4_000).contains(&ranked.len()), "{}", ranked.len());
    assert!(first * 10 > total * 3 && first * 10 < total * 8, "{first} of {total}");
}

#[test]
fn options_out_of_bounds_are_refused() {
    let make = |options| Synth::new(options, FactDictionary::built_in()).unwrap_err().to_string();
    for unknown in [-0.1, 1.1, f64::NAN] {
        assert!(make(SynthOptions { unknown: Some(unknown), ..SynthOptions::default() }).contains("0 到 1"));
    }
    assert!(
        make(SynthOptions { enterprises: 31_u64.pow(8) + 1, ..SynthOptions::default() }).contains("企业太多")
    );
}

#[test]
fn unwritable_files_are_named_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("无/enterprises.csv");
    let error = write_enterprises(&city(5), &path, Format::Csv, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("enterprises.csv"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // A table without enterprises is valid.
    let empty = folder.path().join("空.parquet");
    write_enterprises(&city(0), &empty, Format::Parquet, &mut |_| {}).unwrap();
    assert_eq!(rows(&empty), []);
}

/// Facts of a profile with their values, each year of a yearly fact separately.
fn told(profile: &Json) -> BTreeMap<String, Json> {
    let mut told = BTreeMap::new();
    for (key, value) in profile["facts"].as_object().unwrap() {
        match value.as_object().filter(|years| years.keys().all(|year| year.parse::<u16>().is_ok())) {
            Some(years) => {
                told.extend(years.iter().map(|(year, value)| (format!("{key}.{year}"), value.clone())))
            }
            None => {
                told.insert(key.clone(), value.clone());
            }
        }
    }
    told
}

#[test]
fn unknown_shares_are_met_and_ranges_contain_the_value() {
    let city = |unknown| synth(SynthOptions { unknown: Some(unknown), ..SynthOptions::default() });
    let full = city(0.0);
    for asked in [0.1, 0.3, 0.6] {
        let thin = city(asked);
        let (mut all, mut exact) = (0.0, 0.0);
        for n in 0..3_000 {
            let full = told(&full.profile(&full.enterprise(n)));
            let thin = told(&thin.profile(&thin.enterprise(n)));
            all += full.len() as f64;
            for (key, value) in &thin {
                if *value == full[key] {
                    exact += 1.0;
                    continue;
                }
                let (end, truth) = (|end: &str| value[end].as_f64(), full[key].as_f64().unwrap());
                assert!(end("at_least").is_some() || end("at_most").is_some(), "{key}: {value}");
                assert!(end("at_least").is_none_or(|low| low <= truth), "{key}: {value} but {truth}");
                assert!(end("at_most").is_none_or(|high| truth <= high), "{key}: {value} but {truth}");
            }
        }
        near("unknown", 1.0 - exact / all, asked, 0.03);
    }
}

/// Run manually: `cargo test --release -p zhaoren-push --test synth -- --ignored --nocapture`.
#[test]
#[ignore = "writes a gigabyte or so"]
fn a_whole_city_is_written_in_two_minutes() {
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Parquet, Format::Csv] {
        let began = std::time::Instant::now();
        let path = written(&city(3_400_000), folder.path(), format);
        let (seconds, bytes) = (began.elapsed().as_secs_f64(), std::fs::metadata(&path).unwrap().len());
        println!("{format:?}: {seconds:.1} s, {} MB", bytes / 1_000_000);
        assert!(seconds < 120.0, "{format:?}: {seconds:.1} s");
        std::fs::remove_file(path).unwrap();
    }
}
