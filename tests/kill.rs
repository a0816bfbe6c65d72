//! Imports killed at any moment: no data lost, no file half-written, and the next run completes the work.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;
use std::process::{Command, Stdio};
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

#[test]
fn killed_imports_lose_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..400)
        .map(|n| {
            let text = format!(
                "第一条 第{n}号机器人办法。\n第二条 给予奖励{n}万元。\n{}",
                "第三条 其他事项。".repeat(20)
            );
            json!({"id": format!("d{n}"), "title": format!("机器人办法{n}"), "text": text}).to_string() + "\n"
        })
        .collect();
    let file = folder.path().join("documents.jsonl");
    std::fs::write(&file, rows).unwrap();
    let data = folder.path().join("data");
    let before = total(&data, "机器人办法");
    // Later and later kills, which hit reading, writing the registry, indexing and publishing.
    for pause in [5, 60, 150, 250, 350, 450, 600, 800, 1100, 1500] {
        let mut child = zhaoren(&data).arg("import").arg(&file).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        let _ = child.kill();
        let _ = child.wait();
        let now = total(&data, "机器人办法");
        assert!(
            now == before || now == before + 400,
            "after {pause} ms: {now} of {before} or {}",
            before + 400
        );
    }
    assert!(zhaoren(&data).arg("import").arg(&file).status().unwrap().success());
    assert_eq!(total(&data, "机器人办法"), before + 400);
}
