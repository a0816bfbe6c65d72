//! Runs over hostile tables: repeated enterprises, cells that are formulas, access to the results.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::date;
use zhaoren_cancel::count;
use zhaoren_matcher::Library;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_push::lists::{List, ListFilter, find};
use zhaoren_push::table::{Enterprises, TableOptions};
use zhaoren_push::{Explain, Format, Listing, NoProgress, PushOptions, Refusals, RunReport, push};

const ITEMS: &str = "
- {id: a, title: 十人, criteria: {all: [{fact: employees, at_least: 10}]}}
";

struct Night {
    folder: tempfile::TempDir,
    table: PathBuf,
}

impl Night {
    fn of(name: &str, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let table = folder.path().join(name);
        std::fs::write(&table, text).unwrap();
        Self { folder, table }
    }

    fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn enterprises(&self, chunk_rows: usize) -> Enterprises {
        let options = TableOptions { chunk_rows, reject_rows: true, ..TableOptions::default() };
        let dictionary = Arc::new(FactDictionary::built_in().clone());
        Enterprises::open(std::slice::from_ref(&self.table), options, dictionary).unwrap()
    }

    fn run(&self, out: &Path, format: Format, chunk_rows: usize) -> RunReport {
        let dictionary = FactDictionary::built_in();
        let (items, report) = read_items(ITEMS, "items.yaml", dictionary);
        assert!(report.errors() == 0, "{:?}", report.problems);
        let items = items.into_iter().map(|(item, node)| (item, node.to_json().to_string())).collect();
        let library = Arc::new(Library::with_bodies(items, Arc::new(dictionary.clone())));
        let options = PushOptions {
            out: out.to_owned(),
            as_of: date(2026, 7, 1),
            previous: None,
            format,
            listing: Listing { undetermined: true, ..Listing::default() },
            deadline_days: 15,
            full: false,
            opt_outs: Refusals::default(),
            explain: Explain::default(),
        };
        push(&self.enterprises(chunk_rows), &library, &options, &NoProgress).unwrap()
    }
}

/// All repeated rows of one enterprise are reported, in the order of reading, with only one frame of each chunk in
/// memory. Chunks of any size give the same bytes.
#[test]
fn repeated_enterprises_are_all_reported() {
    let rows = 3_000;
    let lines: String = (0..rows).map(|at| format!("{},12\n", if at % 3 == 0 { "B" } else { "A" })).collect();
    let night = Night::of("t.csv", &format!("id,employees\n{lines}"));
    let mut before: Option<(Vec<u8>, Vec<u8>)> = None;
    for chunk_rows in [7, 100, 10_000] {
        let out = night.out(&format!("out{chunk_rows}"));
        let report = night.run(&out, Format::Jsonl, chunk_rows);
        let counts = &report.counts;
        assert_eq!((counts.rows, counts.enterprises, counts.repeated), (rows, 2, rows - 2));
        assert_eq!(counts.rows, counts.enterprises + counts.rejected);
        let rejects = std::fs::read(out.join("rejects.csv")).unwrap();
        let text = String::from_utf8(rejects.clone()).unwrap();
        assert_eq!(text.lines().count() as u64, rows - 2 + 1);
        let first: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
        assert_eq!(first[1..], ["4", "A", "id", "A", "与第 3 行是同一家企业，以先出现的为准"]);
        let list = std::fs::read(out.join("matches.jsonl")).unwrap();
        let now = (rejects, list);
        assert_eq!(before.get_or_insert_with(|| now.clone()), &now);
        assert!(!out.join(".work").exists());
    }
}

/// Cells that a spreadsheet would run are text in every CSV, and are read back unchanged.
#[test]
fn csv_formulas_are_escaped() {
    let id = "=HYPERLINK(\"http://x.example\",\"a\")";
    let table = format!("id,employees\n\"{}\",12\nB,\"=1+1\"\n-5,12\n", id.replace('"', "\"\""));
    let night = Night::of("t.csv", &table);
    let out = night.out("out");
    night.run(&out, Format::Csv, 100);
    for name in ["matches.csv", "rejects.csv", "held.csv", "warnings.csv"] {
        let text = std::fs::read_to_string(out.join(name)).unwrap();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        for cell in
            reader.records().flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
        {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{name}: {cell}");
        }
    }
    let list = std::fs::read_to_string(out.join("matches.csv")).unwrap();
    assert!(list.contains("'=HYPERLINK") && list.contains("'-5,"), "{list}");
    assert!(std::fs::read_to_string(out.join("rejects.csv")).unwrap().contains("'=1+1"));
    let wanted = ListFilter { enterprise: id.to_owned(), ..ListFilter::default() };
    let found = find(&out, &wanted, 0, 10, 100).unwrap();
    assert_eq!(found.rows.len(), 1);
    assert_eq!(found.rows[0]["enterprise_id"], id);
}

/// A list can be read from any row on, with the same rows as in a full read; the rows before it are not parsed.
#[test]
fn lists_can_be_read_from_any_row() {
    let rows: u64 = 2_500;
    let lines: String = (0..rows).map(|at| format!("E{at:05},12\n")).collect();
    let night = Night::of("t.csv", &format!("id,employees\n{lines}"));
    for format in [Format::Parquet, Format::Csv, Format::Jsonl] {
        let out = night.out(format.extension());
        night.run(&out, format, 1_000);
        let all = List::open(&out).unwrap().lines(usize::MAX).unwrap();
        assert_eq!(all.len() as u64, rows);
        for from in [0, 1, 1_023, 1_024, 2_499, 2_500, 9_999] {
            let mut list = List::open(&out).unwrap();
            list.skip(from);
            let expected: Vec<_> = all.iter().skip(usize::try_from(from).unwrap()).take(3).cloned().collect();
            assert_eq!(list.lines(3).unwrap(), expected, "{format:?} from {from}");
        }
        let mut list = List::open(&out).unwrap();
        assert_eq!(list.lines(2).unwrap(), all[..2]);
        list.skip(1_500);
        assert_eq!(list.lines(2).unwrap(), all[1_502..1_504], "{format:?}");
    }
    let (found, steps) = count(|| {
        find(&night.out(Format::Parquet.extension()), &ListFilter::default(), rows - 1, 1, 1).unwrap()
    });
    assert_eq!(found.rows.len(), 1);
    assert!(steps < 10, "{steps} steps for the last row");
}

/// Other users can read no result, regardless of the umask of the process. Files
/// that a killed run left beside the results are gone after the next run.
#[test]
fn results_are_for_owner_and_group() {
    let night = Night::of("t.csv", "id,employees\nA,12\n");
    let out = night.out("a/out");
    night.run(&out, Format::Parquet, 100);
    std::fs::write(out.join("_SUCCESS.part"), "x").unwrap();
    std::fs::write(out.join("mine.part"), "x").unwrap();
    night.run(&out, Format::Parquet, 100);
    assert!(!out.join("_SUCCESS.part").exists());
    assert!(out.join("mine.part").exists(), "what no run wrote is left alone");
    std::fs::remove_file(out.join("mine.part")).unwrap();
    for entry in std::fs::read_dir(&out).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o137, 0, "{:?} {mode:o}", entry.path());
    }
    for folder in [out.clone(), night.out("a")] {
        let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o027, 0, "{folder:?} {mode:o}");
    }
}

/// Reading tables takes steps in proportion to their rows.
#[test]
fn reading_grows_with_the_rows() {
    let steps = |name: &str, rows: usize, line: &str, head: &str| {
        let night = Night::of(name, &format!("{head}{}", line.repeat(rows)));
        let enterprises = night.enterprises(500);
        count(|| enterprises.chunks().map(|chunk| enterprises.read(&chunk.unwrap()).rejected).sum::<u64>()).1
    };
    for (name, line, head) in
        [("t.csv", "A,x\n", "id,employees\n"), ("t.jsonl", "{\"id\":\"A\",\"facts\":{}}\n", "")]
    {
        let (once, twice) = (steps(name, 1_000, line, head), steps(name, 2_000, line, head));
        assert!(once >= 1_000 && twice * 10 <= once * 22 + 1_000, "{name}: {once}, then {twice}");
    }
}
