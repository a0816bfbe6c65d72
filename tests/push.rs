//! Pushes as processes: killed, run concurrently, out of disk space, and with input files that change during the run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::kill::is_killed;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest, Sha256};

const ITEMS: &str = "
- {id: a, title: 样例甲, criteria: {all: [{fact: employees, at_least: 10}, {fact: established_on, for_at_least: 3 years}]}}
- {id: b, title: 样例乙, criteria: {any: [{fact: employees, less_than: 300}, {fact: revenue, year: 2025, at_least: 20000000}]}}
- {id: c, title: 样例丙, criteria: {all: [{fact: qualifications, has_any: [高新技术企业]}]}}
";

/// Result files that must be identical whatever happened during the run.
const RESULTS: [&str; 5] = ["matches.jsonl", "rejects.csv", "held.csv", "state.entries", "state.rules.json"];

/// A folder with the items and some files of enterprises, with one invalid row in a hundred.
struct City {
    folder: tempfile::TempDir,
    rows: usize,
}

impl City {
    fn new(files: usize, rows: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("items.yaml"), ITEMS).unwrap();
        std::fs::create_dir(folder.path().join("enterprises")).unwrap();
        let city = Self { folder, rows: files * rows };
        for file in 0..files {
            std::fs::write(city.file(file), table(file * rows..(file + 1) * rows)).unwrap();
        }
        city
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, number: usize) -> PathBuf {
        self.path("enterprises").join(format!("{number:02}.csv"))
    }

    fn command(&self, out: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
        command
            .args(["--json", "push"])
            .arg(self.path("enterprises"))
            .arg("--policies")
            .arg(self.path("items.yaml"))
            .args(["--as-of", "2026-06-01", "--format", "jsonl", "--undetermined", "--out"])
            .arg(out)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn push(&self, out: &Path) -> Output {
        self.command(out).output().unwrap()
    }

    fn start(&self, out: &Path) -> Child {
        self.command(out).spawn().unwrap()
    }

    /// Runs to the end, and returns the one line of the summary.
    fn done(&self, out: &Path) -> Value {
        let output = self.push(out);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "a row in a hundred is rejected: {said}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let counts = &report["counts"];
        assert_eq!(counts["rows"], self.rows);
        assert_eq!(
            counts["enterprises"].as_u64().unwrap() + counts["rejected"].as_u64().unwrap(),
            self.rows as u64
        );
        assert!(whole(out));
        report
    }
}

fn table(rows: std::ops::Range<usize>) -> String {
    let mut text = "id,employees,established_on,revenue.2025,qualifications\n".to_owned();
    for row in rows {
        let employees = if row % 100 == 7 { "很多".to_owned() } else { (row * 7 % 900).to_string() };
        let year = 2000 + row % 26;
        let tags = if row % 5 == 0 { "高新技术企业|软件企业" } else { "" };
        let revenue = row * 100_003 % 50_000_000;
        writeln!(text, "E{row:06},{employees},{year}-05-01,{revenue},{tags}").unwrap();
    }
    text
}

/// True if the folder is marked complete; its contents are then verified by the manifest.
fn whole(out: &Path) -> bool {
    if !out.join("_SUCCESS").exists() {
        return false;
    }
    let manifest: Value = serde_json::from_slice(&std::fs::read(out.join("manifest.json")).unwrap()).unwrap();
    for file in manifest["files"].as_array().unwrap() {
        let bytes = std::fs::read(out.join(file["name"].as_str().unwrap())).unwrap();
        assert_eq!(file["bytes"], bytes.len());
        let hash =
            Sha256::digest(&bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        assert_eq!(file["sha256"], hash);
    }
    true
}

/// Asserts that every result file present is complete.
fn same_as_far_as_there(out: &Path, complete: &Path) {
    for name in RESULTS {
        if out.join(name).exists() {
            let same = std::fs::read(out.join(name)).unwrap() == std::fs::read(complete.join(name)).unwrap();
            assert!(same, "{name} is not what a run without trouble writes");
        }
    }
}

/// Kills at each step of a run, one after the other in one folder: the next run continues with all finished chunks, and
/// no result is valid before all are.
#[cfg(debug_assertions)]
#[test]
fn killed_pushes_resume_and_give_the_same_bytes() {
    const CHUNKS: usize = 6;
    let city = City::new(CHUNKS, 150);
    let complete = city.path("complete");
    assert_eq!(city.done(&complete)["resumed"], 0);
    let out = city.path("out");
    let finished = || {
        let lines = std::fs::read_to_string(out.join(".work/chunks.jsonl")).unwrap();
        lines.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count()
    };
    let mut before = 0;
    // The second number is that of the chunks which the step itself finishes; other threads may finish more.
    for (step, own) in [
        ("chunk-decided", 0),
        ("chunk-written", 0),
        ("chunk-finished", 1),
        ("chunk-finished:2", 2),
        ("results-written", CHUNKS),
        ("result-renamed:1", CHUNKS),
        ("result-renamed:3", CHUNKS),
    ] {
        let killed = city.command(&out).env("ZHAOREN_FAILPOINT", step).output().unwrap().status;
        assert!(is_killed(killed), "{step}: {killed}");
        assert!(!out.join("_SUCCESS").exists(), "{step}: no marker before its time");
        same_as_far_as_there(&out, &complete);
        let now = finished();
        assert!(now >= (before + own).min(CHUNKS), "{step}: {now} finished, {before} before");
        before = now;
    }
    assert_eq!(city.done(&out)["resumed"], CHUNKS, "every chunk is taken over");
    same_as_far_as_there(&out, &complete);
    assert!(!out.join(".work").exists());
    // After the marker, the results are valid, and the next run only removes what is left of the work.
    std::fs::remove_dir_all(&out).unwrap();
    let killed = city.command(&out).env("ZHAOREN_FAILPOINT", "results-published").output().unwrap().status;
    assert!(is_killed(killed) && whole(&out) && out.join(".work").exists());
    same_as_far_as_there(&out, &complete);
    city.done(&out);
    same_as_far_as_there(&out, &complete);
    assert!(!out.join(".work").exists());
}

/// Kills at fifty moments of a run, spread by a sequence that does not repeat; the next run continues with what each
/// left.
#[test]
#[ignore = "kills by the clock: tests/nightly.sh"]
fn nightly_pushes_killed_by_the_clock_give_the_same_bytes() {
    let city = City::new(6, 150);
    let complete = city.path("complete");
    let begun = Instant::now();
    city.done(&complete);
    let length = begun.elapsed();
    let out = city.path("out");
    let (mut ended, mut resumed) = (0, 0);
    for kill in 0..50_u32 {
        let mut child = city.start(&out);
        // Multiples of the golden ratio spread moments over the run, and a little beyond its end.
        let part = f64::from(kill) * 0.618_033_988_75 % 1.0;
        std::thread::sleep(length.mul_f64(part * 1.1));
        let _ = child.kill();
        let _ = child.wait();
        if out.exists() {
            same_as_far_as_there(&out, &complete);
            if whole(&out) {
                ended += 1;
                std::fs::remove_dir_all(&out).unwrap();
            }
        }
    }
    let report = city.done(&out);
    resumed += report["resumed"].as_u64().unwrap();
    same_as_far_as_there(&out, &complete);
    assert!(!out.join(".work").exists());
    eprintln!("{ended} of 50 came to their end; the last took over {resumed} chunks");
    assert!(ended < 50, "the blows fell too late to mean anything");
}

#[test]
fn concurrent_pushes_into_one_folder_are_refused() {
    let city = City::new(6, 300);
    let out = city.path("out");
    let children: Vec<Child> = (0..3).map(|_| city.start(&out)).collect();
    let outputs: Vec<Output> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let refused: Vec<&Output> = outputs.iter().filter(|output| output.status.code() == Some(2)).collect();
    for output in &refused {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(&out.display().to_string()), "{said}");
    }
    // A run started after another had ended repeated the work; at least one did it.
    assert!(refused.len() < 3 && whole(&out));
    let complete = city.path("complete");
    city.done(&complete);
    same_as_far_as_there(&out, &complete);
}

/// Waits until a run has finished a chunk, so that it is in progress.
fn in_the_middle(out: &Path) {
    let lines = out.join(".work").join("chunks.jsonl");
    let begun = Instant::now();
    while !std::fs::metadata(&lines).is_ok_and(|file| file.len() > 0) {
        assert!(begun.elapsed() < Duration::from_secs(60), "no chunk came to its end");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn inputs_changed_during_a_push_are_noticed() {
    for cut in [true, false] {
        let city = City::new(12, 300);
        let out = city.path("out");
        let child = city.start(&out);
        in_the_middle(&out);
        let (path, text) = (city.file(11), std::fs::read_to_string(city.file(11)).unwrap());
        // Truncated, or changed in place with the same length.
        let changed = if cut { text[..text.len() / 2].to_owned() } else { text.replace("E003", "F003") };
        std::fs::write(&path, changed).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("11.csv"), "{said}");
        assert!(!out.join("_SUCCESS").exists() && !out.join("matches.jsonl").exists());
        // With the original file the run continues.
        std::fs::write(&path, text).unwrap();
        city.done(&out);
    }
}

/// A disk that fills up: the error names the file, no file has its final name, and with free space the run continues.
#[test]
fn a_full_disk() {
    let city = City::new(6, 300);
    let disk = city.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
        .arg(&disk)
        .stderr(Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        zhaoren_prerequisite::skip(
            zhaoren_prerequisite::Prerequisite::Mount,
            "a small disk could not be mounted",
        );
        return;
    }
    let out = disk.join("out");
    let output = city.push(&out);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let left = out.join("_SUCCESS").exists() || out.join("matches.jsonl").exists();
    let grown = Command::new("mount").args(["-o", "remount,size=64m"]).arg(&disk).status().unwrap();
    let finished = city.push(&out);
    let kept = whole(&out);
    let removed = Command::new("umount").arg("-l").arg(&disk).status().unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("out/") && said.contains("os error 28"), "{said}");
    assert!(!left && grown.success() && removed.success());
    assert_eq!(finished.status.code(), Some(1), "{}", String::from_utf8_lossy(&finished.stderr));
    assert!(kept);
}

/// `find` over tables and over a store of them gives the same; a stale or missing store is reported.
#[test]
fn find_over_tables_equals_find_over_a_store() {
    let city = City::new(2, 300);
    let store = city.path("city.store");
    let zhaoren = |words: &[&str], enterprises: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
        command.arg("--json").arg("--data").arg(city.path("data")).args(words).arg(enterprises);
        command
    };
    let find = |item: &str, enterprises: &Path| {
        // A store has only the rows that were accepted when it was loaded.
        let rows: &[&str] = if enterprises.is_dir() { &["--reject-rows"] } else { &[] };
        let mut command = zhaoren(&[&["find", item], rows].concat(), enterprises);
        command
            .arg("--policies")
            .arg(city.path("items.yaml"))
            .args(["--as-of", "2026-06-01"])
            .output()
            .unwrap()
    };
    let loaded =
        zhaoren(&["load", "--reject-rows", "--out", store.to_str().unwrap()], &city.path("enterprises"))
            .output()
            .unwrap();
    assert_eq!(loaded.status.code(), Some(1), "{}", String::from_utf8_lossy(&loaded.stderr));
    let report: Value = serde_json::from_slice(&loaded.stdout).unwrap();
    assert_eq!((&report["rows"], &report["rejected"]), (&600.into(), &6.into()));
    assert!(
        std::fs::read_to_string(city.path("city.store.rejects.csv")).unwrap().contains("00.csv,9,E000007")
    );

    let [tables, from_store] = [city.path("enterprises"), store.clone()].map(|path| find("a", &path));
    assert_eq!(
        (tables.status.code(), from_store.status.code()),
        (Some(1), Some(0)),
        "rows are rejected once"
    );
    let report: Value = serde_json::from_slice(&from_store.stdout).unwrap();
    assert_eq!(report, serde_json::from_slice::<Value>(&tables.stdout).unwrap());
    assert_eq!((&report["enterprises"], report["funnel"].as_array().unwrap().len()), (&594.into(), 2));
    assert!(report["eligible"].as_u64().unwrap() > 100);

    let what_if = |words: &[&str]| {
        let mut command = zhaoren(&["what-if", "a"], &store);
        command
            .args(["--as-of", "2026-06-01", "--policies"])
            .arg(city.path("items.yaml"))
            .args(words)
            .output()
            .unwrap()
    };
    let every = what_if(&[]);
    let every: Value = serde_json::from_slice(&every.stdout).unwrap();
    assert_eq!(every["base"]["funnel"], report["funnel"]);
    assert_eq!(
        every["variants"][0]["gained"], report["funnel"][0]["alone"],
        "what one condition alone keeps out"
    );
    let nowhere = what_if(&["--set", "all[7]=1"]);
    let said = String::from_utf8_lossy(&nowhere.stderr).into_owned();
    assert!(nowhere.status.code() == Some(2) && said.contains("条件中没有 `all[7]` 这个位置"), "{said}");

    let nobody = find("不存在", &store);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("不存在"));
    std::fs::write(city.file(1), "id\nE1\n").unwrap();
    let stale = find("a", &store);
    let said = String::from_utf8_lossy(&stale.stderr).into_owned();
    assert!(stale.status.code() == Some(2) && said.contains("01.csv") && said.contains("load"), "{said}");
}
