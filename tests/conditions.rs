//! `zhaoren read --conditions` and `--evaluate`: sentences in, criteria and scores out.

use assert_cmd::Command;
use serde_json::{Value, json};

fn read(args: &[&str]) -> std::process::Output {
    Command::cargo_bin("zhaoren").unwrap().arg("read").args(args).output().unwrap()
}

#[test]
fn sentences_become_criteria_and_the_rest_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sentences.jsonl");
    let lines = [
        json!({"id": "a", "text": "上年度营业收入不低于1000万元，给予10万元奖励。", "region": "310104"}),
        json!({"id": "b", "text": "在本市注册", "region": "上海市徐汇区"}),
        json!({"id": "c"}),
    ];
    std::fs::write(&path, lines.map(|line| line.to_string()).join("\n")).unwrap();
    let output = read(&["--conditions", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "the third line has no text");
    let rows: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [a, b] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((&a["criteria"]["fact"], &a["criteria"]["at_least"]), (&json!("revenue"), &json!(10_000_000)));
    assert_eq!(a["unread"][0]["text"], json!("给予10万元奖励"));
    assert_eq!(b["criteria"]["within"], json!(["310000"]));
}

#[test]
fn labels_are_scored() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/conditions/tests/labels/built-on.jsonl");
    let output = read(&["--evaluate", path]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8(output.stdout).unwrap().starts_with("合计　精确率 "));
}
