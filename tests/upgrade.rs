//! Data of an earlier build: its data directory, push results, store of enterprises and receipts open in this one.
//!
//! `tests/upgrade/0.1.0.tar.gz` was written by the build of 2026-11-30 over the built-in items and the sample enterprises. Each
//! release adds an archive of its own and changes none of the earlier ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const ARCHIVES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/upgrade");

/// Item of that release which another one is said to succeed. A successor had no effect then; it retires the item now
/// (docs/upgrade.md), so that the item is no longer listed.
const RETIRED: &str = "\tsh-tech-little-giant-cultivation\t";

/// The files of a release, unpacked into a folder of their own.
fn unpacked(release: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let archive = format!("{ARCHIVES}/{release}.tar.gz");
    let status = Command::new("tar").args(["-xzf", &archive, "-C"]).arg(folder.path()).status().unwrap();
    assert!(status.success(), "{archive}");
    folder
}

fn zhaoren(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
    command.env_remove("ZHAOREN_DATABASE_URL").current_dir(folder).args(["--data", "data"]).args(arguments);
    command.output().unwrap()
}

fn stdout(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn data_directories_of_earlier_releases_give_the_same_verdicts() {
    let folder = unpacked("0.1.0");
    let arguments = ["--json", "match", "samples.jsonl", "--as-of", "2026-07-01", "--limit", "1000"];
    let answer = stdout(zhaoren(folder.path(), &arguments));
    let mut verdicts = BTreeSet::new();
    for report in serde_json::Deserializer::from_str(&answer).into_iter::<Value>() {
        let report = report.unwrap();
        let reports = report.as_array().cloned().unwrap_or_else(|| vec![report]);
        for report in &reports {
            for one in report["matches"].as_array().unwrap() {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let line = [text(&report["id"]), text(&one["policy"]), text(&one["verdict"])];
                verdicts.insert(line.join("\t"));
            }
        }
    }
    let expected = std::fs::read_to_string(folder.path().join("verdicts.tsv")).unwrap();
    let expected: BTreeSet<String> = expected.lines().map(str::to_owned).collect();
    assert!(expected.len() > 100, "{}", expected.len());
    let is_listed = |line: &&String| !line.contains(RETIRED);
    let different: Vec<&String> = expected.symmetric_difference(&verdicts).filter(is_listed).collect();
    assert!(different.is_empty(), "{different:?}");
    assert!(!verdicts.iter().any(|line| line.contains(RETIRED)), "the successor retires it");

    let hits = stdout(zhaoren(folder.path(), &["--json", "search", "免申即享"]));
    let hits: Value = serde_json::from_str(&hits).unwrap();
    assert!(!hits["hits"].as_array().unwrap().is_empty(), "{hits}");
}

#[test]
fn receipts_of_an_earlier_release_are_reproduced() {
    let folder = unpacked("0.1.0");
    let lines = stdout(zhaoren(folder.path(), &["--json", "verify", "receipts.jsonl"]));
    let replays: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(replays.len(), 12);
    // Reports have more fields now, so that the verdicts are compared and not the bytes.
    let is_confirmed = |replay: &Value| replay["same"] == true && replay["compared"] == "verdicts";
    assert!(replays.iter().all(is_confirmed), "{replays:?}");
}

#[test]
fn results_of_earlier_releases_serve_as_previous_run() {
    let folder = unpacked("0.1.0");
    let next = ["push", "samples.jsonl", "--out", "next", "--as-of", "2026-07-01", "--format", "jsonl"];
    let again = zhaoren(folder.path(), &[&next[..], &["--previous", "run"]].concat());
    stdout(again);
    let rows = |run: &str| -> BTreeSet<String> {
        let text = std::fs::read_to_string(folder.path().join(run).join("matches.jsonl")).unwrap();
        let key = |line: &str| {
            let row: Value = serde_json::from_str(line).unwrap();
            format!("{} {} {}", row["enterprise_id"], row["policy_id"], row["verdict"])
        };
        text.lines().map(key).collect()
    };
    assert!(!rows("run").is_empty());
    assert_eq!(rows("run"), rows("next"));
    let text = std::fs::read_to_string(folder.path().join("next/matches.jsonl")).unwrap();
    // Nothing changes but for titles that are held: earlier releases offered them again.
    let (held, rest): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.contains(r#""change":"gone","cause":"held""#));
    assert!(rest.iter().all(|line| line.contains(r#""change":"kept""#)), "{rest:?}");
    assert!(!held.is_empty() && held.iter().all(|line| line.contains("已有“")), "{held:?}");
}

#[test]
fn stores_of_earlier_releases_are_read_or_refused_with_a_reason() {
    let folder = unpacked("0.1.0");
    let arguments = ["--json", "find", "cn-hnte-2016", "samples.store", "--as-of", "2026-07-01"];
    let output = zhaoren(folder.path(), &arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["enterprises"], 12, "{report}");
    } else {
        assert!(output.status.code() == Some(2) && errors.contains("load"), "{errors}");
    }
}
