//! Imports killed between any two states: no data lost, no file half-written, and the next run completes the work.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::serving;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

fn zhaoren(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
    command.arg("--json").arg("--data").arg(data).stderr(Stdio::null()).stdout(Stdio::null());
    command
}

fn total(data: &Path, query: &str) -> u64 {
    let output = zhaoren(data).args(["search", query]).stdout(Stdio::piped()).output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["total"].as_u64().unwrap()
}

/// A file of `count` documents that the query 机器人办法 finds.
fn documents(folder: &Path, name: &str, count: usize) -> PathBuf {
    let rows: String = (0..count)
        .map(|n| {
            let text = format!(
                "第一条 {name}第{n}号机器人办法。\n第二条 给予奖励{n}万元。\n{}",
                "第三条 其他事项。".repeat(20)
            );
            json!({"id": format!("{name}-{n}"), "title": format!("{name}机器人办法{n}"), "text": text})
                .to_string()
                + "\n"
        })
        .collect();
    let file = folder.join(format!("{name}.jsonl"));
    std::fs::write(&file, rows).unwrap();
    file
}

/// True if a process ended by `kill -9`, and neither by itself nor with an error.
pub(crate) fn is_killed(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal() == Some(9)
}

/// The steps of an import in their order, with the documents that are found after a kill at each: all or none.
#[cfg(debug_assertions)]
#[test]
fn killed_imports_lose_no_record() {
    const COUNT: u64 = 20;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    serving::fill(&data);
    let mut expected = total(&data, "机器人办法");
    for (step, is_recorded) in [
        ("import-checked", false),
        ("import-recorded", true),
        ("index-built", true),
        ("index-described", true),
        ("index-renamed", true),
        ("pointer-written", true),
        ("index-published", true),
    ] {
        let file = documents(folder.path(), step, 20);
        let killed = zhaoren(&data).arg("import").arg(&file).env("ZHAOREN_FAILPOINT", step).status().unwrap();
        assert!(is_killed(killed), "{step}: {killed}");
        // Records are searchable in the next process, in any state of the index.
        let after = if is_recorded { expected + COUNT } else { expected };
        assert_eq!(total(&data, "机器人办法"), after, "{step}");
        assert!(zhaoren(&data).args(["index", "verify"]).status().unwrap().success(), "{step}");
        // The same import again completes the work, and repeats none of it.
        assert!(zhaoren(&data).arg("import").arg(&file).status().unwrap().success(), "{step}");
        expected += COUNT;
        assert_eq!(total(&data, "机器人办法"), expected, "{step}");
    }
}

/// Kills by the clock, later and later, which hit reading, writing the registry, indexing and publishing.
#[test]
#[ignore = "kills by the clock: tests/nightly.sh"]
fn nightly_imports_killed_by_the_clock_lose_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let file = documents(folder.path(), "钟", 400);
    let data = folder.path().join("data");
    serving::fill(&data);
    let before = total(&data, "机器人办法");
    let mut alive = 0;
    for pause in [5, 60, 150, 250, 350, 450, 600, 800, 1100, 1500] {
        let mut child = zhaoren(&data).arg("import").arg(&file).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        let _ = child.kill();
        alive += usize::from(is_killed(child.wait().unwrap()));
        let now = total(&data, "机器人办法");
        assert!(
            now == before || now == before + 400,
            "after {pause} ms: {now} of {before} or {}",
            before + 400
        );
    }
    eprintln!("{alive} of 10 imports were killed before their end");
    assert!(alive > 0, "no kill fell into an import");
    assert!(zhaoren(&data).arg("import").arg(&file).status().unwrap().success());
    assert_eq!(total(&data, "机器人办法"), before + 400);
}
