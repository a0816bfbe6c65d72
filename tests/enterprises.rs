//! Records of enterprises: facts by source and day, opt-outs, outcomes, and their deletion.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn zhaoren(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
    command.env_remove("ZHAOREN_DATABASE_URL").arg("--json").arg("--data").arg(data).args(arguments);
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn facts_are_kept_with_their_sources() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = |name: &str, value: Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, value.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    zhaoren(&data, &["tenants", "add", "xuhui", "--name", "徐汇区", "--level", "district"]);
    let save = |file: &str, source: &str| {
        zhaoren(&data, &["enterprises", "--tenant", "xuhui", "save", file, "--source", source])
    };
    let first = file(
        "first.json",
        json!({"id": "e1", "name": "样例", "facts": {"employees": 80, "revenue": {"2024": 1, "2025": 2}},
               "judged": {"具有较强的创新能力": true}}),
    );
    let saved = text(&save(&first, "企业填报"));
    assert_eq!(serde_json::from_str::<Value>(&saved).unwrap(), json!({"id": "e1", "changed": 5}));
    let second = file("second.json", json!({"id": "e1", "facts": {"employees": 86}}));
    text(&save(&second, "社保"));
    let show = |more: &[&str]| {
        let mut arguments = vec!["enterprises", "--tenant", "xuhui", "show", "e1"];
        arguments.extend(more);
        serde_json::from_str::<Value>(&text(&zhaoren(&data, &arguments))).unwrap()
    };
    // Of equally trusted sources the last one counts; a more trusted one takes precedence; the other value is shown.
    assert_eq!(show(&[])["facts"]["employees"], 86);
    text(&zhaoren(&data, &["enterprises", "--tenant", "xuhui", "trust", "企业填报", "5"]));
    let stored = show(&["--sources"]);
    assert_eq!(
        stored["profile"],
        json!({"id": "e1", "name": "样例", "facts": {"employees": 80, "revenue": {"2024": 1, "2025": 2}},
               "judged": {"具有较强的创新能力": true}})
    );
    let employees =
        stored["sources"].as_array().unwrap().iter().find(|one| one["key"] == "employees").unwrap();
    assert_eq!(employees["source"], "企业填报");
    assert_eq!(employees["others"], json!([{"source": "社保", "value": 86}]));
    // After one source withdraws its value, that of the other counts.
    text(&save(&file("third.json", json!({"id": "e1", "facts": {"employees": null}})), "企业填报"));
    assert_eq!(show(&[])["facts"]["employees"], 86);
}

#[test]
fn facts_are_private_to_their_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("p.jsonl");
    std::fs::write(
        &file,
        "{\"id\":\"e1\",\"name\":\"要被忘记\",\"facts\":{\"employees\":80}}\n{\"id\":\"e2\",\"facts\":{\"employees\":\"many\"}}\n",
    )
    .unwrap();
    let file = file.to_str().unwrap();
    for tenant in ["a", "b"] {
        zhaoren(&data, &["tenants", "add", tenant, "--name", tenant, "--level", "park"]);
    }
    let saved = zhaoren(&data, &["enterprises", "--tenant", "a", "save", file, "--source", "s"]);
    assert_eq!(saved.status.code(), Some(1), "what is wrong is named, the rest is done");
    assert!(String::from_utf8_lossy(&saved.stderr).contains("many"));
    let ids = |tenant: &str| text(&zhaoren(&data, &["enterprises", "--tenant", tenant, "list"]));
    assert_eq!((ids("a").trim(), ids("b").trim()), (r#"["e1"]"#, "[]"));
    assert_eq!(zhaoren(&data, &["enterprises", "--tenant", "b", "show", "e1"]).status.code(), Some(2));
    text(&zhaoren(&data, &["enterprises", "--tenant", "a", "show", "e1"]));
    let audit = text(&zhaoren(&data, &["audit", "list"]));
    assert!(audit.contains("facts.read"), "{audit}");
    for line in audit.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let detail = line["detail"].as_str().unwrap();
        assert!(!detail.contains("80") && !detail.contains("要被忘记"), "a value in the audit: {detail}");
    }
    text(&zhaoren(&data, &["enterprises", "--tenant", "a", "forget", "e1"]));
    assert_eq!(ids("a").trim(), "[]");
    for file in std::fs::read_dir(&data).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let name = "要被忘记".as_bytes();
        assert!(!bytes.windows(name.len()).any(|window| window == name), "what is deleted is overwritten");
    }
    assert!(text(&zhaoren(&data, &["audit", "verify"])).contains(r#""faults": []"#));
}

#[test]
fn opt_outs_are_shown_with_the_match() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("p.json");
    std::fs::write(&file, json!({"id": "e1", "facts": {"employees": 80}}).to_string()).unwrap();
    let query = ["match", file.to_str().unwrap(), "--as-of", "2026-07-01"];
    let before = text(&zhaoren(&data, &query));
    text(&zhaoren(&data, &["opt-outs", "add", "e1", "--reason", "不再接收"]));
    let mut told: Value = serde_json::from_str(&text(&zhaoren(&data, &query))).unwrap();
    assert_eq!(told["opted_out"][0]["reason"], "不再接收");
    told.as_object_mut().unwrap().remove("opted_out");
    assert_eq!(serde_json::from_str::<Value>(&before).unwrap(), told);
    text(&zhaoren(&data, &["opt-outs", "remove", "e1"]));
    assert_eq!(text(&zhaoren(&data, &query)), before);
}

#[test]
fn outcomes_are_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("outcomes.jsonl");
    let rows = [
        json!({"enterprise": "e1", "item": "cn-hnte-2016", "event": "pushed", "at": "2026-07-01"}),
        json!({"enterprise": "e1", "item": "cn-hnte-2016", "event": "loved"}),
        json!({"enterprise": "e1", "item": "cn-hnte-2016", "event": "paid", "at": "tomorrow"}),
        json!({"enterprise": "e1", "item": "cn-hnte-2016", "event": "decided", "detail": {"result": "通过"}}),
    ];
    std::fs::write(&file, rows.map(|row| row.to_string()).join("\n")).unwrap();
    let first = zhaoren(&data, &["outcomes", "record", file.to_str().unwrap()]);
    assert_eq!(first.status.code(), Some(1));
    let wrong = String::from_utf8_lossy(&first.stderr).into_owned();
    assert!(wrong.contains(":2: `event`") && wrong.contains(":3: `at`"), "{wrong}");
    let counted = |output: Output| serde_json::from_slice::<Value>(&output.stdout).unwrap()["new"].clone();
    assert_eq!(counted(first), 2);
    assert_eq!(counted(zhaoren(&data, &["outcomes", "record", file.to_str().unwrap()])), 0);
    assert_eq!(text(&zhaoren(&data, &["outcomes", "list", "e1"])).lines().count(), 2);
    let kept = text(&zhaoren(&data, &["retention", "--before", "2020-01-01"]));
    assert_eq!(kept.trim(), r#"{"facts":0,"receipts":0,"messages":0}"#);
}

#[test]
fn opt_outs_are_excluded_from_the_lists() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let data = folder.path().join("data");
    let item = json!({"id": "i", "title": "事项", "criteria": {"fact": "employees", "at_least": 1}});
    std::fs::write(path("items.json"), item.to_string()).unwrap();
    std::fs::write(path("e.csv"), "id,employees\ne1,5\ne2,6\ne3,7\n").unwrap();
    let push = |out: &str| {
        let (table, items, out) = (path("e.csv"), path("items.json"), path(out));
        let more = ["--as-of", "2026-07-01", "--format", "csv", "--out", &out, "--policies", &items];
        let record = if data.exists() { &["--record"][..] } else { &[] };
        let output = zhaoren(&data, &[&["push", &table][..], &more[..], record].concat());
        let read = |name: &str| std::fs::read_to_string(folder.path().join(&out).join(name)).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (read("matches.csv"), read("rejects.csv"))
    };
    let (listed, rejected) = push("before");
    assert!(listed.contains("e2") && !rejected.contains("e2"));
    assert!(!data.exists(), "pushing files creates no records");
    text(&zhaoren(&data, &["tenants", "add", "xuhui", "--name", "徐汇区", "--level", "district"]));
    text(&zhaoren(&data, &["opt-outs", "--tenant", "xuhui", "add", "e2", "--reason", "不再接收"]));
    let (listed, rejected) = push("after");
    assert!(listed.contains("e1") && listed.contains("e3") && !listed.contains("e2"), "{listed}");
    let row = rejected.lines().find(|line| line.contains("e2")).expect("it is among the rejects");
    assert!(row.contains("企业拒绝推送：不再接收") && row.contains("e.csv"), "{row}");
    let audit = text(&zhaoren(&data, &["audit", "list"]));
    let run: Value = serde_json::from_str(audit.lines().last().unwrap()).unwrap();
    let run: Value = serde_json::from_str(run["detail"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&run["listed"], &run["held_back"], &run["as_of"]),
        (&json!(2), &json!(1), &json!("2026-07-01"))
    );
    // Opted out of one item only: matched as before, counted among the eligible, but not notified.
    text(&zhaoren(&data, &["opt-outs", "add", "e3", "--item", "i", "--reason", "已办"]));
    let (listed, rejected) = push("one");
    assert!(listed.contains("e1") && !listed.contains("e3") && !rejected.contains("e3"), "{listed}");
    let held = std::fs::read_to_string(path("one/held.csv")).unwrap();
    assert_eq!(held.lines().nth(1), Some("e3,i,eligible,0.8,企业拒收该事项：已办"), "{held}");
    let report: Value = serde_json::from_slice(&std::fs::read(path("one/run.json")).unwrap()).unwrap();
    assert_eq!(
        (&report["counts"]["held_back"], &report["counts"]["held_back_pairs"]),
        (&json!(1), &json!(1))
    );
    let find = ["find", "i", &path("one"), "--policies", &path("items.json"), "--as-of", "2026-07-01"];
    let found: Value = serde_json::from_str(&text(&zhaoren(&data, &find))).unwrap();
    assert_eq!(found["eligible"], 2, "{found}");
    let (listed, _) = {
        text(&zhaoren(&data, &["opt-outs", "remove", "e3", "--item", "i"]));
        push("again")
    };
    assert!(listed.contains("e3"), "{listed}");
}

/// A tenant's own items are pushed for it and found by its searches, and are invisible to others.
#[test]
fn tenants_push_their_own_items() {
    let folder = tempfile::tempdir().unwrap();
    let (data, at) =
        (folder.path().join("data"), |name: &str| folder.path().join(name).display().to_string());
    std::fs::write(at("item.yaml"), "id: own\ntitle: 区级事项\ncriteria: {fact: employees, at_least: 10}\n")
        .unwrap();
    std::fs::write(at("e.jsonl"), "{\"id\": \"e1\", \"facts\": {\"employees\": 50}}\n").unwrap();
    text(&zhaoren(&data, &["tenants", "add", "xuhui", "--name", "徐汇区", "--level", "district"]));
    text(&zhaoren(&data, &["import", "--tenant", "xuhui", &at("item.yaml")]));
    let push = |out: &str, more: &[&str]| {
        let (table, out) = (at("e.jsonl"), at(out));
        let words = ["push", &table, "--out", &out, "--as-of", "2026-07-01", "--format", "csv", "--record"];
        text(&zhaoren(&data, &[&words, more].concat()));
        std::fs::read_to_string(format!("{out}/matches.csv")).unwrap()
    };
    assert!(push("own", &["--tenant", "xuhui"]).contains("e1,own,eligible"));
    assert!(!push("all", &[]).contains("own"));
    let lines = text(&zhaoren(&data, &["audit", "list", "--tenant", "xuhui"]));
    assert_eq!(lines.matches("\"action\":\"push\"").count(), 1, "{lines}");
    for command in ["find", "what-if"] {
        let asked = |more: &[&str]| zhaoren(&data, &[&[command, "own", &at("e.jsonl")], more].concat());
        assert!(text(&asked(&["--tenant", "xuhui"])).contains("区级事项"));
        assert_eq!(asked(&[]).status.code(), Some(2));
        assert_eq!(asked(&["--tenant", "nobody"]).status.code(), Some(2));
    }
}

/// A stored amount is shown with all digits as typed, since the output is used as input of a match again.
#[test]
fn stored_amounts_are_shown_to_the_last_digit() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("e.json");
    std::fs::write(&file, "{\"id\":\"e1\",\"facts\":{\"revenue\":{\"2025\":90071992547409.93}}}").unwrap();
    text(&zhaoren(&data, &["enterprises", "save", file.to_str().unwrap(), "--source", "企业填报"]));
    let shown = text(&zhaoren(&data, &["enterprises", "show", "e1"]));
    assert!(shown.contains("90071992547409.93"), "{shown}");
}

/// A service pack on the command line: a file for each enterprise, whatever its id, and the same data as JSON.
#[test]
fn packs_are_written_for_every_enterprise() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let profiles = folder.path().join("e.jsonl");
    std::fs::write(
        &profiles,
        "{\"id\": \"甲/乙\", \"name\": \"甲\", \"facts\": {\"employees\": 30}}\n{\"id\": \"甲_乙\", \"facts\": {}}\n",
    )
    .unwrap();
    let out = folder.path().join("packs");
    let run = |more: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("zhaoren").unwrap();
        command.arg("--data").arg(&data).args(["pack", profiles.to_str().unwrap(), "--as-of", "2026-07-01"]);
        let done = command.args(more).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    for format in ["docx", "xlsx"] {
        run(&["--format", format, "--out", out.to_str().unwrap()]);
    }
    let mut names: Vec<String> = std::fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let expected = [
        "甲%2F乙-2026-07-01.docx",
        "甲%2F乙-2026-07-01.xlsx",
        "甲_乙-2026-07-01.docx",
        "甲_乙-2026-07-01.xlsx",
    ];
    assert_eq!(names, expected);
    let json = run(&["--json"]);
    assert_eq!(json.lines().count(), 2, "{json}");
    let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!((&first["id"], &first["name"]), (&serde_json::json!("甲/乙"), &serde_json::json!("甲")));
    assert!(first["open"].as_u64().unwrap() > 0);
}
