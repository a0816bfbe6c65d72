//! Stores of enterprises: the stored facts are read back unchanged, and no stale or damaged store is used.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::date;
use zhaoren_matcher::Library;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, read_items};
use zhaoren_policy::profile::Profile;
use zhaoren_push::find::{Finder, ScanQuery};
use zhaoren_push::store::{LoadReport, Store, load};
use zhaoren_push::table::{Enterprises, Rows, TableOptions};
use zhaoren_push::{Explain, Format, Listing, NoProgress, PushOptions, RunEnterprises, Source, push};

fn dictionary() -> Arc<FactDictionary> {
    Arc::new(FactDictionary::built_in().clone())
}

fn tables(path: &Path) -> Enterprises {
    let options = TableOptions { chunk_rows: 700, reject_rows: true, ..TableOptions::default() };
    Enterprises::open(&[path.to_owned()], options, dictionary()).unwrap()
}

/// Ranges, tags with days, judged texts, years, and rows with few known facts.
fn city(folder: &Path) -> PathBuf {
    let line = |n: usize| {
        let facts = match n % 7 {
            0 => r#"{"employees":{"at_least":5,"at_most":30},"registered_region":"310104"}"#.to_owned(),
            1 => format!(r#"{{"employees":{},"established_on":"20{}-01-01"}}"#, n % 900, n % 16 + 10),
            2 => r#"{"qualifications":{"has":["高新技术企业"],"lacks":["软件企业"]}}"#.to_owned(),
            3 => format!(r#"{{"revenue":{{"2024":{},"2025":{}.25}}}}"#, n * 1000, n * 1100),
            4 => r#"{"qualifications":[{"tag":"高新技术企业","until":"2026-05-01"}],"industry":"I6513"}"#
                .to_owned(),
            5 => format!(r#"{{"employees":{},"industry":"C27","assets":{{"2025":{}}}}}"#, n % 400, n * 12345),
            _ => "{}".to_owned(),
        };
        format!(r#"{{"id":"E{n:05}","name":"样例{n}","facts":{facts}}}"#)
    };
    let mut lines: Vec<String> = (0..5_000).map(line).collect();
    lines[1234] = r#"{"id":"E1","facts":{"employees":-5}}"#.to_owned();
    let path = folder.join("city.jsonl");
    std::fs::write(&path, lines.join("\n")).unwrap();
    path
}

fn loaded(folder: &Path) -> (PathBuf, PathBuf, LoadReport) {
    let path = city(folder);
    let out = folder.join("city.store");
    let report = load(&tables(&path), &dictionary(), &out, &NoProgress).unwrap();
    (path, out, report)
}

fn profiles<S: Source>(source: &S) -> Vec<(u64, Profile)> {
    let rows = source.chunks().map(|chunk| source.read(&chunk.unwrap()).unwrap());
    let numbered = |rows: Rows| {
        let profiles = rows.profiles();
        rows.accepted.into_iter().map(|row| row.row).zip(profiles)
    };
    rows.flat_map(numbered).collect()
}

fn item() -> Item {
    let text = "
- id: a
  title: 样例
  criteria:
    all:
      - {fact: enterprise_size, one_of: [小型, 微型]}
      - {fact: employees, at_least: 20}
      - {not: {fact: qualifications, has_any: [高新技术企业]}}
      - {fact: age_months, at_least: 24}
";
    let (items, report) = read_items(text, "items.yaml", FactDictionary::built_in());
    assert!(report.errors() == 0, "{:?}", report.problems);
    items.into_iter().next().unwrap().0
}

#[test]
fn stored_enterprises_round_trip() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out, report) = loaded(folder.path());
    assert_eq!((report.rows, report.enterprises, report.rejected), (5_000, 4_999, 1));
    let rejects = std::fs::read_to_string(report.rejects.unwrap()).unwrap();
    assert!(rejects.contains("city.jsonl,1235,E1,"), "{rejects}");
    let store = Store::open(&out, &dictionary()).unwrap();
    assert_eq!(store.len(), 4_999);
    assert_eq!(profiles(&store), profiles(&tables(&path)));
}

#[test]
fn store_search_equals_table_search() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out, _) = loaded(folder.path());
    let finder = Finder::new(&item(), dictionary(), date(2026, 6, 1), 50).unwrap();
    let store = Store::open(&out, &dictionary()).unwrap();
    let from_store = finder.report(finder.scan_store(&store, &NoProgress).unwrap());
    let from_tables = finder.report(finder.scan(&tables(&path), &NoProgress).unwrap().tally);
    assert!(from_store.ineligible > 100 && from_store.undetermined > 100, "{from_store:?}");
    assert_eq!(from_store, from_tables);
}

#[test]
fn run_search_equals_table_search() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _, _) = loaded(folder.path());
    let out = folder.path().join("run");
    assert!(!RunEnterprises::is_run(&out));
    let library = Arc::new(Library::new(vec![item()], dictionary()));
    let options = PushOptions {
        out: out.clone(),
        as_of: date(2026, 6, 1),
        previous: None,
        format: Format::Jsonl,
        listing: Listing::default(),
        deadline_days: 15,
        full: false,
        opt_outs: Default::default(),
        explain: Explain::default(),
    };
    push(&tables(&path), &library, &options, &NoProgress).unwrap();
    assert!(RunEnterprises::is_run(&out));
    let run = RunEnterprises::open(&out, &dictionary()).unwrap();
    let finder = Finder::new(&item(), dictionary(), date(2026, 6, 1), 50).unwrap();
    let from_run = finder.report(finder.scan_run(&run, &NoProgress).unwrap());
    let from_tables = finder.report(finder.scan(&tables(&path), &NoProgress).unwrap().tally);
    assert_eq!((run.len(), &from_run), (4_999, &from_tables));
}

#[test]
fn stale_and_damaged_stores_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out, _) = loaded(folder.path());
    let mut other = FactDictionary::built_in().clone();
    assert_eq!(
        other.extend_from("- {key: odd, name: 怪, type: integer, period: current}", "f.yaml").errors(),
        0
    );
    assert!(Store::open(&out, &other).unwrap_err().0.contains("另一份指标字典"));
    // Same length, other content.
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("E00000", "F00000")).unwrap();
    let error = Store::open(&out, &dictionary()).unwrap_err().0;
    assert!(error.contains("已有变动") && error.contains("city.jsonl"), "{error}");
    std::fs::write(&path, text).unwrap();
    assert!(Store::open(&out, &dictionary()).is_ok(), "as it was again");
    std::fs::remove_file(&path).unwrap();
    assert!(Store::open(&out, &dictionary()).is_ok(), "a store stands for itself");
    // One damaged byte anywhere, or a truncation: never a different answer, never a panic.
    let bytes = std::fs::read(&out).unwrap();
    let finder = Finder::new(&item(), dictionary(), date(2026, 6, 1), 50).unwrap();
    let ask = || {
        let store = Store::open(&out, &dictionary())?;
        finder.scan_store(&store, &NoProgress).map(|tally| finder.report(tally))
    };
    let right = ask().unwrap();
    for place in (0..bytes.len()).step_by(bytes.len() / 211) {
        let mut wrong = bytes.clone();
        wrong[place] ^= 0x10;
        std::fs::write(&out, wrong).unwrap();
        match ask() {
            Ok(report) => assert_eq!(report, right, "byte {place} is not read for this question"),
            Err(error) => assert!(error.0.contains("列存"), "{error}"),
        }
        std::fs::write(&out, &bytes[..place]).unwrap();
        assert!(ask().is_err(), "cut at {place}");
    }
}
