//! `zhaoren eval-search` end to end, on an invented collection.
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

const ARTICLES: &str = r#"{"id": 1, "name": "甲城花木办法第一条", "content": "本办法所称花木，是指城中公园的花草树木。"}
{"id": 2, "name": "甲城花木办法第二条", "content": "移栽古树的，应当经园林部门批准。"}
{"id": "c3", "name": "甲城桥梁办法第一条", "content": "桥上不得停放车辆，检修车辆除外。"}
{"id": 4, "name": "甲城桥梁办法第二条", "content": "桥梁每年检修一次，检修期间封闭通行。"}
"#;
const QUERIES: &str = r#"{"id": 10, "query": "移栽古树要谁批准"}
{"id": 11, "query": "桥上能停放车辆吗"}
{"id": 12, "query": "没有判定的问题"}
"#;
const QRELS: &str = "10\t0\t2\t1\n11 0 c3 1\n12 0 1 0\n";

const KEYS: [&str; 8] =
    ["ndcg@10", "mrr@10", "recall@1", "recall@5", "recall@10", "recall@100", "p50_us", "p99_us"];

fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn run(folder: &Path, articles: &str, more: &[&str]) -> Output {
    let corpus = written(folder, "articles.jsonl", articles);
    let queries = written(folder, "queries.jsonl", QUERIES);
    let qrels = written(folder, "qrels.tsv", QRELS);
    let mut command = Command::cargo_bin("zhaoren").unwrap();
    command.args(["eval-search", "--corpus", &corpus, "--queries", &queries, "--qrels", &qrels]);
    command.current_dir(folder).args(more).output().unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn both_searches_are_measured() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), ARTICLES, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report = json_of(&output);
    assert_eq!(report["queries"], 2, "a query without a relevant article is not counted");
    for search in ["zhaoren", "tantivy_jieba"] {
        let scores = report[search].as_object().unwrap();
        assert_eq!(scores.keys().map(String::as_str).collect::<Vec<_>>(), KEYS, "{report}");
        assert_eq!(scores["recall@1"], 1.0, "{report}");
        assert_eq!(scores["ndcg@10"], 1.0, "{report}");
    }
    assert!(!folder.path().join("index").exists(), "no data directory is needed");
}

#[test]
fn output_without_json_is_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), ARTICLES, &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    for key in KEYS {
        assert!(text.contains(key), "{text}");
    }
}

#[test]
fn bad_lines_are_named_and_the_rest_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let articles = format!("{{\"id\": 9\n{ARTICLES}{{\"name\": \"无号\", \"content\": \"无\"}}\n");
    let output = run(folder.path(), &articles, &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(errors.contains("articles.jsonl:1: ") && errors.contains("articles.jsonl:6: "), "{errors}");
    assert_eq!(json_of(&output)["zhaoren"]["recall@1"], 1.0);
}

#[test]
fn query_logs_teach_words_absent_from_the_texts() {
    let folder = tempfile::tempdir().unwrap();
    let log = written(folder.path(), "log.jsonl", "{\"id\": 1, \"query\": \"泊位占道\"}\n");
    let log_qrels = written(folder.path(), "log.tsv", "1 0 c3 1\n");
    let output = run(folder.path(), ARTICLES, &["--json", "--log", &log, "--log-qrels", &log_qrels]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let asked = written(folder.path(), "asked.jsonl", "{\"id\": 11, \"query\": \"泊位占道\"}\n");
    let more = ["--json", "--log", &log, "--log-qrels", &log_qrels];
    let ask = |more: &[&str]| {
        let (corpus, qrels) = (folder.path().join("articles.jsonl"), folder.path().join("qrels.tsv"));
        let mut command = Command::cargo_bin("zhaoren").unwrap();
        command.arg("eval-search").arg("--corpus").arg(corpus).arg("--qrels").arg(qrels);
        json_of(&command.args(["--queries", &asked]).args(more).output().unwrap())
    };
    assert_eq!(ask(&more)["zhaoren"]["recall@1"], 1.0);
    assert_eq!(ask(&["--json"])["zhaoren"]["recall@1"], 0.0, "nothing but the log says so");
}

#[test]
fn missing_evaluation_files_exit_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Command::cargo_bin("zhaoren")
        .unwrap()
        .args(["eval-search", "--corpus", "none", "--queries", "none", "--qrels", "none"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("none"));
}
