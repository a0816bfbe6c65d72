//! The command line end to end: real processes, their output and exit codes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::serving;

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A data directory imported once from the seeds, for read-only tests.
fn shared() -> &'static Path {
    static DATA: OnceLock<TempDir> = OnceLock::new();
    DATA.get_or_init(serving::filled).path()
}

fn run_in(data: &Path, args: &[&str]) -> Output {
    Command::cargo_bin("zhaoren").unwrap().arg("--data").arg(data).args(args).output().unwrap()
}

fn run(args: &[&str]) -> Output {
    run_in(shared(), args)
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&stdout(output))
        .unwrap_or_else(|e| panic!("{e}: {}\n{}", stdout(output), stderr(output)))
}

fn write(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn seeds(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(path)
}

#[test]
fn matches_the_samples_with_a_reason_for_every_clause() {
    let samples = seeds("enterprises/samples.jsonl");
    let output = run(&["match", samples.to_str().unwrap(), "--as-of", "2026-11-23", "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let rows: Vec<Value> = stdout(&output).lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    assert!(rows.len() >= 12, "{} sample enterprises", rows.len());
    let mut seen = std::collections::BTreeSet::new();
    for row in &rows {
        assert_eq!(row["as_of"], "2026-11-23");
        let matches = row["matches"].as_array().unwrap();
        assert!(matches.len() <= 20);
        for pair in matches.windows(2) {
            assert!(pair[0]["score"].as_f64() >= pair[1]["score"].as_f64(), "sorted by score");
        }
        for one in matches {
            seen.insert(one["verdict"].as_str().unwrap().to_owned());
            let asks = !one["missing"].as_array().unwrap().is_empty();
            assert!(!asks || one["verdict"] == "undetermined", "{one}");
            for clause in one["clauses"].as_array().unwrap() {
                let state = clause["state"].as_str().unwrap();
                assert!(["met", "unmet", "unknown", "judged"].contains(&state), "{clause}");
                assert!(!clause["text"].as_str().unwrap().is_empty());
                seen.insert(state.to_owned());
            }
        }
    }
    for expected in ["eligible", "undetermined", "met", "unmet", "unknown", "judged"] {
        assert!(seen.contains(expected), "no sample shows `{expected}`: {seen:?}");
    }
    let text = run(&["match", samples.to_str().unwrap(), "--as-of", "2026-11-23", "--limit", "2"]);
    assert!(
        stdout(&text).contains("判定日 2026-11-23") && stdout(&text).contains("满足"),
        "{}",
        stdout(&text)
    );
}

#[test]
fn search_leads_to_the_original_bytes() {
    let output = run(&["search", "政策找人", "--json"]);
    let found = json_of(&output);
    let hit = &found["hits"][0];
    assert_eq!(hit["id"], "xuhui-2024-business-environment-plan");
    assert_eq!(hit["clauses"][0]["article"], "一/7.");
    let original = &hit["highlights"][0]["original"];
    let bytes = std::fs::read(seeds("documents/xuhui-2024-business-environment-plan.txt")).unwrap();
    let place = original["start"].as_u64().unwrap() as usize..original["end"].as_u64().unwrap() as usize;
    assert_eq!(std::str::from_utf8(&bytes[place]).unwrap(), "政策找人");
    assert!(stdout(&run(&["search", "政策找人"])).contains("原文字节 6340–6352：政策找人"));
}

#[test]
fn searches_accept_queries_as_typed() {
    let ids = |query: &[&str]| -> Vec<String> {
        let args: Vec<&str> = ["search", "--json"].iter().chain(query).copied().collect();
        let found = json_of(&run(&args));
        found["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect()
    };
    let plan = "xuhui-2024-business-environment-plan".to_owned();
    assert!(ids(&["普惠小微"]).contains(&plan));
    assert!(ids(&["免申即享", "--filter", "kind=plan"]).contains(&plan));
    assert_eq!(ids(&["徐匯區"]), ids(&["徐汇区"]));
    assert!(ids(&["徐府办规"]).contains(&plan), "the organ that bears this 代字 issued it");
    assert_eq!(ids(&["国科发火[2016]32号"])[0], "cn-hnte-2016");
    assert_eq!(ids(&["國科發火（２０１６）第32號"])[0], "cn-hnte-2016");
    let found = json_of(&run(&["search", "企业", "--json", "--limit", "3"]));
    assert_eq!(found["hits"].as_array().unwrap().len(), 3);
    assert!(found["total"].as_u64().unwrap() > 3 && found["facets"]["level"].is_array());
    let wrong = run(&["search", "企业", "--filter", "colour=red"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("colour") && stderr(&wrong).contains("level"));
}

#[test]
fn bad_input_is_named_and_the_rest_is_processed() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [
        r#"{"id":"good","facts":{"employees":3}}"#,
        r#"{"id":"bad","facts":{"employees":"八十六"}}"#,
        r#"{"id":"#,
        r#"{"facts":{}}"#,
        r#"{"id":"also-good","facts":{"employes":3}}"#,
    ];
    let file = write(&folder, "p.jsonl", rows.join("\n"));
    let output = run(&["match", &file, "--json", "--as-of", "2026-11-23"]);
    assert_eq!(output.status.code(), Some(1));
    let ids: Vec<Value> = stdout(&output)
        .lines()
        .map(|row| serde_json::from_str::<Value>(row).unwrap()["id"].clone())
        .collect();
    assert_eq!(ids, ["good", "also-good"]);
    let errors = stderr(&output);
    assert!(
        errors.contains("p.jsonl:2: 企业 `bad`：指标 `employees`：得到文字 `八十六`，应为整数"),
        "{errors}"
    );
    assert!(errors.contains("p.jsonl:3") && errors.contains("p.jsonl:4: 缺少 `id`"), "{errors}");
    assert!(errors.contains("是否应为 `employees`？"), "{errors}");
    // The same in English, for programs that read it.
    let mut english = Command::cargo_bin("zhaoren").unwrap();
    english.env("ZHAOREN_LANG", "en").arg("--data").arg(shared()).args(["match", &file, "--json"]);
    let errors = stderr(&english.output().unwrap());
    let expected = "p.jsonl:2: enterprise `bad`: fact `employees`: got text `八十六`, expected an integer";
    assert!(errors.contains(expected) && errors.contains("did you mean `employees`?"), "{errors}");
    // an unknown fact alone is a warning, and an error with --strict
    let file = write(&folder, "q.json", r#"{"id":"q","facts":{"employes":3}}"#);
    assert_eq!(run(&["match", &file, "--json"]).status.code(), Some(0));
    assert_eq!(run(&["match", &file, "--json", "--strict"]).status.code(), Some(1));
}

#[test]
fn commands_that_cannot_run_exit_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "p.json", r#"{"id":"p","facts":{}}"#);
    for args in [
        vec!["match", "no-such-file.json"],
        vec!["match", &file, "--as-of", "2026-02-30"],
        vec!["match", &file, "--facts", "no-such-facts.yaml"],
        vec!["match"],
        vec!["frobnicate"],
        vec!["import", "no-such-folder"],
        vec!["serve", "--listen", "not-an-address"],
    ] {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stderr(&output));
        assert!(!stderr(&output).is_empty() && stdout(&output).is_empty());
    }
    let blocked = write(&folder, "file", "not a directory");
    assert_eq!(run_in(Path::new(&blocked), &["search", "政策"]).status.code(), Some(2));
}

#[test]
fn custom_policies_and_facts_are_used() {
    let folder = tempfile::tempdir().unwrap();
    let facts =
        write(&folder, "f.yaml", "- {key: robots, name: 机器人台数, type: integer, unit: 台, min: 0}\n");
    let items = write(
        &folder,
        "i.yaml",
        "- {id: b, title: 乙, criteria: {fact: robots, at_least: 10, article: 第二条}}\n\
         - {id: a, title: 甲}\n\
         - {id: c, title: 丙, criteria: {fact: robot, at_least: 10}}\n\
         - {id: d, title: 丁, document: {status: draft}}\n",
    );
    let profile = write(&folder, "p.json", r#"{"id":"p","facts":{"robots":{"at_least":12}}}"#);
    let output =
        run(&["match", &profile, "--policies", &items, "--facts", &facts, "--as-of", "2026-01-01", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("i.yaml:3: 事项 `c`"), "{}", stderr(&output));
    let report = json_of(&output);
    let ids: Vec<&Value> = report["matches"].as_array().unwrap().iter().map(|one| &one["policy"]).collect();
    assert_eq!(ids, ["a", "b"]);
    let clause = &report["matches"][1]["clauses"][0];
    assert_eq!(
        *clause,
        json!({"text": "机器人台数不低于10台", "state": "met", "fact": "robots", "value": {"at_least": 12},
        "quote": null, "article": "第二条", "path": ""})
    );
    let all = run(&["match", &profile, "--policies", &items, "--facts", &facts, "--json", "--all"]);
    assert_eq!(json_of(&all)["matches"].as_array().unwrap().len(), 3);
}

#[test]
fn items_with_a_quote_missing_from_the_text_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "text.txt", "第一条 企业须注册成立\n一年以上。");
    let item = |id: &str, quote: &str| {
        format!(
            "- {{id: {id}, title: 题, document: {{text: text.txt}}, criteria: {{fact: established_on, for_at_least: 12 months, quote: {quote}}}}}\n"
        )
    };
    let items = write(
        &folder,
        "i.yaml",
        item("sound", "企业须注册成立一年以上。") + &item("unsound", "企业须注册成立两年以上。"),
    );
    let profile = write(&folder, "p.json", r#"{"id":"p","facts":{}}"#);
    let output = run(&["match", &profile, "--policies", &items, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("企业须注册成立两年以上。"), "{}", stderr(&output));
    let matches = json_of(&output)["matches"].clone();
    assert_eq!(matches.as_array().unwrap().len(), 1);
    assert_eq!(matches[0]["policy"], "sound");
}

#[test]
fn imports_accept_valid_items_and_name_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let data = serving::filled();
    write(&folder, "a.txt", "关于支持机器人产业的若干措施\n第一条 给予奖励。\n第二条 给予补贴。");
    write(
        &folder,
        "b.html",
        "<html><body><p>关于机器人券的通知</p><p>一、对象</p><p>二、额度</p></body></html>",
    );
    write(
        &folder,
        "c.jsonl",
        "{\"id\":\"row-1\",\"title\":\"机器人办法\",\"doc_no\":\"沪机规〔2025〕7号\",\"text\":\"第一条 总则\"}\n{\"id\":\"row-2\"\n",
    );
    write(
        &folder,
        "d.yaml",
        "id: robot-item\ntitle: 机器人购置补贴\ncriteria: {all: [{fact: employees, less_than: 3}, {fact: employees, more_than: 5}]}\n",
    );
    write(&folder, "e.bin", [0_u8, 1, 2, 3]);
    write(&folder, "f.txt", [0_u8; 64]);
    write(&folder, "g.txt", "");
    write(
        &folder,
        "gbk.txt",
        [0xb9_u8, 0xd8, 0xd3, 0xda, 0xbb, 0xfa, 0xc6, 0xf7, 0xc8, 0xcb, 0xb5, 0xc4, 0xcd, 0xa8, 0xd6, 0xaa],
    );
    let output = run_in(data.path(), &["import", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = json_of(&output);
    assert_eq!((&report["documents"]["new"], &report["items"]["new"]), (&json!(4), &json!(1)), "{report}");
    let errors = stderr(&output);
    for named in ["e.bin", "f.txt", "g.txt: 文件是空的", "c.jsonl:2", "不可能满足"] {
        assert!(errors.contains(named), "{named} in {errors}");
    }
    let again = json_of(&run_in(data.path(), &["import", folder.path().to_str().unwrap(), "--json"]));
    assert_eq!((&again["documents"]["kept"], &again["items"]["kept"]), (&json!(4), &json!(1)), "{again}");
    let found = json_of(&run_in(data.path(), &["search", "沪机规（2025）7号", "--json"]));
    assert_eq!(found["hits"][0]["id"], "row-1");
    let found = json_of(&run_in(data.path(), &["search", "机器人", "--json", "--limit", "50"]));
    assert!(found["total"].as_u64().unwrap() >= 5, "{found}");
}

#[test]
fn real_policies_are_imported_in_one_run() {
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/policies");
    if !real.exists() {
        zhaoren_prerequisite::skip(zhaoren_prerequisite::Prerequisite::Texts, &real.display().to_string());
        return;
    }
    let data = serving::filled();
    let output = run_in(data.path(), &["import", real.to_str().unwrap(), "--json"]);
    assert_eq!(json_of(&output)["documents"]["new"], 249, "{}", stderr(&output));
    for query in ["免申即享", "普惠小微", "徐匯區", "专精特新 奖励", "房租补贴"] {
        assert!(
            json_of(&run_in(data.path(), &["search", query, "--json"]))["total"].as_u64().unwrap() > 0,
            "{query}"
        );
    }
    let number = json_of(&run_in(data.path(), &["search", "长府办[2023]16", "--json"]));
    assert_eq!(number["hits"][0]["number"], "长府办〔2023〕16号");
}

#[test]
fn help_shows_examples() {
    let output = Command::cargo_bin("zhaoren").unwrap().arg("--help").output().unwrap();
    assert!(stdout(&output).contains("zhaoren search 免申即享"));
    for command in
        ["match", "ask", "push", "find", "load", "synth", "search", "eval-search", "import", "serve"]
    {
        let output = Command::cargo_bin("zhaoren").unwrap().args([command, "--help"]).output().unwrap();
        assert!(stdout(&output).contains("示例"), "{command}");
    }
}

#[test]
fn typing_errors_are_corrected_and_prefixes_completed() {
    let search = |args: &[&str]| -> Value {
        let output = run(&[&["--json", "search"], args].concat());
        assert!(output.status.success());
        serde_json::from_str(&stdout(&output)).unwrap()
    };
    let answer = search(&["高兴技术企业"]);
    assert_eq!(answer["did_you_mean"], "高新技术企业");
    assert_eq!(
        answer["understood"][0],
        json!({"typed": "高兴技术企业", "meant": ["高新技术企业"], "by": "同音字"})
    );
    assert!(search(&["高兴技术企业", "--as-typed"])["did_you_mean"].is_null());
    let output = run(&["--json", "suggest", "gaoxinjishuqiyer", "--limit", "3"]);
    let answer: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(
        answer["suggestions"][0],
        json!({"text": "高新技术企业认定", "id": "cn-hnte-2016", "by": "拼音"}),
        "{answer}"
    );
    assert!(stdout(&run(&["suggest", "专精特新"])).contains("专精特新中小企业认定"));
}
