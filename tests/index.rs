//! The life cycle of the index, by processes: killed at any moment, replaced under load, rolled back, with one writer at a time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::kill::is_killed;
use crate::serving;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use serving::Server;

fn zhaoren(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
    command.arg("--json").arg("--data").arg(data).args(args).stderr(Stdio::piped()).stdout(Stdio::piped());
    command
}

fn run(data: &Path, args: &[&str]) -> Output {
    zhaoren(data, args).output().unwrap()
}

fn answer(data: &Path, args: &[&str]) -> Value {
    let output = run(data, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn total(data: &Path, query: &str) -> u64 {
    answer(data, &["search", query])["total"].as_u64().unwrap()
}

/// A file of documents that only the query 机器人专章 finds.
fn documents(folder: &Path, name: &str, numbers: std::ops::Range<usize>) -> PathBuf {
    let rows: String = numbers
        .map(|n| {
            let text = format!(
                "第一条 {name}机器人专章。\n第二条 给予奖励{n}万元。\n{}",
                "第三条 其他。".repeat(10)
            );
            json!({"id": format!("{name}-{n}"), "title": format!("{name}{n}号"), "text": text}).to_string()
                + "\n"
        })
        .collect();
    let path = folder.join(format!("{name}.jsonl"));
    std::fs::write(&path, rows).unwrap();
    path
}

/// Kills at each step of a build and of a rollback: the index stays readable and whole, and the next build continues.
#[cfg(debug_assertions)]
#[test]
fn kills_at_any_step_leave_a_readable_index() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    serving::fill(&data);
    let before = total(&data, "机器人专章");
    let file = documents(folder.path(), "新", 0..40);
    answer(&data, &["import", file.to_str().unwrap()]);
    let rebuild = ["index-built", "index-described", "index-renamed", "pointer-written", "index-published"];
    let works = rebuild.map(|step| ("rebuild", step)).into_iter().chain([("rollback", "pointer-written")]);
    for (work, step) in works {
        let killed = zhaoren(&data, &["index", work]).env("ZHAOREN_FAILPOINT", step).output().unwrap().status;
        assert!(is_killed(killed), "{work} at {step}: {killed}");
        assert_eq!(total(&data, "机器人专章"), before + 40, "{work} at {step}");
        let verified = answer(&data, &["index", "verify"]);
        let generations = verified["generations"].as_array().unwrap();
        assert!(generations.iter().all(|one| one["fault"].is_null()), "{work} at {step}: {verified}");
    }
    answer(&data, &["index", "rebuild"]);
    assert_eq!(total(&data, "机器人专章"), before + 40);
    let left: Vec<String> = std::fs::read_dir(data.join("generation"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".lock" && name.starts_with('.'))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "leftovers of killed builds are removed");
}

#[test]
#[ignore = "kills by the clock: tests/nightly.sh"]
fn nightly_kills_by_the_clock_leave_a_readable_index() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    serving::fill(&data);
    let before = total(&data, "机器人专章");
    let mut alive = 0;
    let mut state = 0x9e37_79b9_u32;
    for round in 0..24 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let pause = u64::from(state >> 16) % 700;
        let file = documents(folder.path(), &format!("批{round}"), 0..40);
        let work: Vec<&str> = match round % 4 {
            0 | 1 => vec!["import", file.to_str().unwrap()],
            2 => vec!["index", "rebuild"],
            _ => vec!["index", "rollback"],
        };
        let mut child = zhaoren(&data, &work).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        let _ = child.kill();
        alive += usize::from(is_killed(child.wait().unwrap()));
        let now = total(&data, "机器人专章");
        assert_eq!(
            (now - before) % 40,
            0,
            "round {round}, {work:?} after {pause} ms: half an import is found"
        );
        let verified = answer(&data, &["index", "verify"]);
        assert!(
            verified["generations"].as_array().unwrap().iter().all(|one| one["fault"].is_null()),
            "{verified}"
        );
    }
    assert!(alive > 0, "no kill fell into any work");
    let files: Vec<PathBuf> =
        (0..24).map(|round| documents(folder.path(), &format!("批{round}"), 0..40)).collect();
    let args: Vec<&str> =
        std::iter::once("import").chain(files.iter().map(|file| file.to_str().unwrap())).collect();
    assert!(run(&data, &args).status.success());
    answer(&data, &["index", "rebuild"]);
    assert_eq!(total(&data, "机器人专章"), before + 24 * 40);
}

#[test]
fn generations_are_listed_verified_rebuilt_and_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert_eq!(run(&data, &["index", "list"]).status.code(), Some(2), "there is nothing yet");
    let before = total(&data, "机器人专章");
    let file = documents(folder.path(), "新", 0..3);
    answer(&data, &["import", file.to_str().unwrap()]);
    assert_eq!(total(&data, "机器人专章"), before + 3);
    let list = answer(&data, &["index", "list"]);
    let rows = list["generations"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["current"], &list["in_step"]), (2, &json!(true), &json!(true)));
    assert_eq!(rows[0]["base"], rows[1]["number"], "the import took the earlier generation over: {list}");

    let back = answer(&data, &["index", "rollback"]);
    assert_eq!((&back["generation"], &back["behind"]), (&rows[1]["number"], &json!(true)));
    let output = run(&data, &["search", "机器人专章"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("回滚"), "a person is told");
    assert_eq!(total(&data, "机器人专章"), before);
    assert_eq!(run(&data, &["index", "rollback", "99"]).status.code(), Some(2));
    answer(&data, &["import", file.to_str().unwrap()]);
    assert_eq!(
        total(&data, "机器人专章"),
        before + 3,
        "an import of what is there already ends the rollback"
    );
    answer(&data, &["index", "rollback"]);
    answer(&data, &["index", "rebuild"]);
    assert_eq!(total(&data, "机器人专章"), before + 3);

    // A damaged file is reported by verify, and the index is rebuilt when it is needed.
    let list = answer(&data, &["index", "list"]);
    let number = list["generations"][0]["number"].as_u64().unwrap();
    let cards = data.join(format!("generation/{number:06}/cards.jsonl"));
    let mut bytes = std::fs::read(&cards).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&cards, bytes).unwrap();
    let verified = run(&data, &["index", "verify"]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&verified.stdout).contains("cards.jsonl"));
    let output = run(&data, &["search", "机器人专章"]);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stderr).contains("重建"));
    assert_eq!(total(&data, "机器人专章"), before + 3);
}

/// Matching does not use the index: it reads only its list of documents, and a damaged index changes no verdict.
#[test]
fn matching_opens_no_index_and_a_damaged_one_changes_no_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let profile = folder.path().join("profile.json");
    std::fs::write(&profile, r#"{"id": "样例", "region": "310104", "employees": 30}"#).unwrap();
    let matched = || {
        let output = run(&data, &["match", profile.to_str().unwrap(), "--as-of", "2026-11-30"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let without = matched();
    assert!(!data.join("generation").exists(), "matching alone makes no index");
    let found = total(&data, "机器人专章");
    let generation = std::fs::read_dir(data.join("generation")).unwrap();
    let path = generation.map(|entry| entry.unwrap().path()).find(|path| path.join("manifest.json").exists());
    let path = path.unwrap();
    assert_eq!(matched(), without);
    // An unreadable file of the index does not matter here.
    let segment = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path());
    let segment = segment.into_iter().find(|path| path.extension().is_some_and(|it| it == "store")).unwrap();
    std::fs::remove_file(&segment).unwrap();
    assert_eq!(matched(), without);
    assert!(!segment.exists(), "nothing was built anew");
    // A changed byte in the list of documents is detected: the registry is read instead.
    let cards = path.join("cards.jsonl");
    let text = std::fs::read_to_string(&cards).unwrap();
    std::fs::write(&cards, text.replace("徐汇", "浦东")).unwrap();
    assert_ne!(std::fs::read_to_string(&cards).unwrap(), text);
    assert_eq!(matched(), without);
    // The search repairs the index.
    assert_eq!(total(&data, "机器人专章"), found);
}

#[test]
fn second_writer_names_the_first_and_waits() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    serving::fill(&data);
    total(&data, "政策");
    // The test itself is the first writer.
    let mut lock = std::fs::OpenOptions::new().read(true).write(true).open(data.join("lock")).unwrap();
    lock.lock().unwrap();
    lock.write_all(r#"{"process":4242,"work":"import","since":"2026-07-01 09:30:00"}"#.as_bytes()).unwrap();
    let file = documents(folder.path(), "后", 0..2);
    let mut second = zhaoren(&data, &["import", file.to_str().unwrap()]).spawn().unwrap();
    let mut lines = BufReader::new(second.stderr.take().unwrap()).lines();
    let said = lines.find_map(|line| line.ok().filter(|line| line.contains("4242"))).unwrap();
    assert!(said.contains("import") && said.contains("2026-07-01 09:30:00"), "{said}");
    assert!(second.try_wait().unwrap().is_none(), "it waits");
    drop(lock);
    assert!(second.wait().unwrap().success());
}

#[test]
fn generations_are_swapped_under_load_without_a_failed_request() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    serving::fill(&data);
    let before = total(&data, "机器人专章");
    let server = Server::over(&data, &[]);
    let (stop, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let search = || -> u64 {
        let path = "/v1/search?q=%E6%9C%BA%E5%99%A8%E4%BA%BA%E4%B8%93%E7%AB%A0&limit=3";
        let (status, body) = server.ask("GET", path, "");
        assert_eq!(status, 200, "{body}");
        asked.fetch_add(1, Ordering::Relaxed);
        body["total"].as_u64().unwrap()
    };
    let until = |wanted: u64| {
        let started = std::time::Instant::now();
        while search() != wanted {
            assert!(started.elapsed().as_secs() < 60, "{wanted} never came");
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let total = search() - before;
                    assert!(
                        total.is_multiple_of(20) && total <= 60,
                        "{total}: every answer is of one generation"
                    );
                }
            });
        }
        for round in 0..3 {
            let file = documents(folder.path(), &format!("轮{round}"), 0..20);
            answer(&data, &["import", file.to_str().unwrap()]);
        }
        until(before + 60);
        answer(&data, &["index", "rollback"]);
        until(before + 40);
        answer(&data, &["index", "rebuild"]);
        until(before + 60);
        stop.store(true, Ordering::Relaxed);
    });
    assert!(asked.load(Ordering::Relaxed) > 30);
}
