//! `zhaoren synth` end to end: two files, a summary, and a push over them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

fn run(data: &Path, args: &[&str]) -> Output {
    Command::cargo_bin("zhaoren").unwrap().arg("--data").arg(data).args(args).output().unwrap()
}

fn json_of(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn synthetic_cities_are_generated_and_pushed() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("city"));
    let out = out.to_str().unwrap();
    for format in ["parquet", "csv", "jsonl"] {
        let args = [
            "synth",
            "--enterprises",
            "500",
            "--items",
            "60",
            "--seed",
            "3",
            "--out",
            out,
            "--format",
            format,
            "--json",
        ];
        let summary = json_of(&run(&data, &args));
        assert_eq!(summary["synthetic"], true);
        assert_eq!(summary["enterprises"]["count"], 500);
        let (table, items) =
            (summary["enterprises"]["file"].as_str().unwrap(), summary["items"]["file"].as_str().unwrap());
        assert!(table.ends_with(&format!("enterprises.{format}")) && items.ends_with("items.jsonl"));
        let results = folder.path().join(format!("push-{format}"));
        let report = json_of(&run(
            &data,
            &[
                "push",
                table,
                "--policies",
                items,
                "--as-of",
                "2026-07-01",
                "--out",
                results.to_str().unwrap(),
                "--json",
            ],
        ));
        assert_eq!(report["counts"]["enterprises"], 500, "{report}");
        assert_eq!(report["counts"]["rejected"], 0);
        assert!(report["counts"]["eligible"].as_u64().unwrap() > 0, "{report}");
    }
    assert!(!data.exists(), "a city needs no data directory");
}

#[test]
fn the_same_seed_gives_the_same_files() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, seed: &str, threads: &str| {
        let out = folder.path().join(name);
        let args = [
            "--enterprises",
            "300",
            "--items",
            "20",
            "--format",
            "csv",
            "--seed",
            seed,
            "--threads",
            threads,
        ];
        let output =
            run(folder.path(), &[&["synth", "--out", out.to_str().unwrap()][..], &args[..]].concat());
        assert!(output.status.success());
        assert!(String::from_utf8(output.stdout).unwrap().contains("不对应任何真实企业"));
        let file = |name: &str| std::fs::read(out.join(name)).unwrap();
        (file("enterprises.csv"), file("items.jsonl"))
    };
    let first = made("a", "5", "1");
    assert!(first == made("b", "5", "3"));
    let other = made("c", "6", "1");
    assert!(first.0 != other.0 && first.1 != other.1);
}

#[test]
fn impossible_synth_options_are_refused_in_chinese() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("city");
    let output = run(folder.path(), &["synth", "--unknown", "1.5", "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("0 到 1"));
    assert!(!out.exists());
}
