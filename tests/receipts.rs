//! Receipts: an issued verdict is reproduced offline, to the same bytes, or the differing part is named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::serving;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use serving::Server;

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/enterprises/samples.jsonl");

fn zhaoren(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
    command.env_remove("ZHAOREN_DATABASE_URL").arg("--json").arg("--data").arg(data).args(arguments);
    command.output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The replays, and the exit code of the command.
fn verified(data: &Path, receipts: &Path) -> (Vec<Value>, Option<i32>) {
    let output = zhaoren(data, &["verify", text(receipts)]);
    let lines = String::from_utf8(output.stdout).unwrap();
    (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), output.status.code())
}

/// Names of the differing parts.
fn parts(replay: &Value) -> Vec<&str> {
    replay["differences"].as_array().unwrap().iter().map(|one| one["part"].as_str().unwrap()).collect()
}

#[test]
fn registry_receipts_verify_after_items_change() {
    let folder = tempfile::tempdir().unwrap();
    let (data, receipts) = (folder.path().join("data"), folder.path().join("receipts.jsonl"));
    serving::fill(&data);
    let plain = zhaoren(&data, &["match", SAMPLES, "--as-of", "2026-07-01"]);
    let with = zhaoren(&data, &["match", SAMPLES, "--as-of", "2026-07-01", "--receipts", text(&receipts)]);
    assert!(with.status.success(), "{}", String::from_utf8_lossy(&with.stderr));
    assert_eq!(plain.stdout, with.stdout, "receipts change nothing in the answer");
    let (replays, code) = verified(&data, &receipts);
    assert_eq!((replays.len(), code), (12, Some(0)));
    assert!(replays.iter().all(|one| one["same"] == true && parts(one).is_empty()), "{replays:?}");

    dated_back(&data, &receipts);

    // Every item gets a new revision for which no enterprise qualifies.
    let before = std::time::SystemTime::now();
    let ids: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/policies"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let rows: String = ids
        .iter()
        .map(|id| json!({"id": id, "title": "改了", "criteria": {"any": []}}).to_string() + "\n")
        .collect();
    let changed = folder.path().join("changed.jsonl");
    std::fs::write(&changed, rows).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    zhaoren(&data, &["import", text(&changed)]);
    let after = zhaoren(&data, &["match", SAMPLES, "--as-of", "2026-07-01"]);
    assert_ne!(after.stdout, plain.stdout);
    let (replays, code) = verified(&data, &receipts);
    assert_eq!(code, Some(0), "{replays:?}");

    // Matching against the rules known before the change.
    let seconds = before.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() + 8 * 3600 + 1;
    let (day, time) = (seconds / 86_400, seconds % 86_400);
    let day = jiff::civil::date(1970, 1, 1)
        .checked_add(jiff::Span::new().days(i64::try_from(day).unwrap()))
        .unwrap();
    let moment = format!("{day} {:02}:{:02}:{:02}", time / 3600, time / 60 % 60, time % 60);
    let then = zhaoren(&data, &["match", SAMPLES, "--as-of", "2026-07-01", "--believed", &moment]);
    assert_eq!(then.stdout, plain.stdout, "{moment}: {}", String::from_utf8_lossy(&then.stderr));

    // The registry stores them by their ids.
    let line = std::fs::read_to_string(&receipts).unwrap();
    let first: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    let id = first["id"].as_str().unwrap();
    assert!(zhaoren(&data, &["verify", id]).status.success());
    assert_eq!(zhaoren(&data, &["verify", &"0".repeat(64)]).status.code(), Some(2));
}

/// A backdated receipt with a recomputed id does not match its signature.
fn dated_back(data: &Path, receipts: &Path) {
    use sha2::{Digest, Sha256};
    let digest = |mut receipt: Value| {
        receipt.as_object_mut().unwrap().shift_remove("signature");
        receipt["id"] = Value::from("");
        let line = serde_json::to_vec(&receipt).unwrap();
        Sha256::digest(&line).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let sound = std::fs::read_to_string(receipts).unwrap();
    let mut receipt: Value = serde_json::from_str(sound.lines().next().unwrap()).unwrap();
    assert_eq!(receipt["id"], digest(receipt.clone()));
    let key = receipt["signature"]["key"].as_str().unwrap().to_owned();
    let file = receipts.with_file_name("dated-back.jsonl");
    let given = |receipt: &Value, more: &[&str]| {
        std::fs::write(&file, receipt.to_string()).unwrap();
        let mut arguments = vec!["verify", text(&file)];
        arguments.extend(more);
        let output = zhaoren(data, &arguments);
        let replay: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (replay["signed"].as_str().unwrap_or_default().to_owned(), output.status.code())
    };
    assert_eq!(given(&receipt, &[]), ("trusted".into(), Some(0)));
    assert_eq!(given(&receipt, &["--key", &key]), ("trusted".into(), Some(0)));
    assert_eq!(given(&receipt, &["--key", &"0".repeat(64)]), ("other".into(), Some(1)));
    assert_eq!(given(&receipt, &["--key", "nothing"]).1, Some(2));
    receipt["issued_at"] = Value::from(receipt["issued_at"].as_i64().unwrap() - 30 * 86_400_000);
    receipt["id"] = Value::from(digest(receipt.clone()));
    assert_eq!(given(&receipt, &[]), ("wrong".into(), Some(1)));
    // Without its signature it counts as one of an older version: reported, and rejected if a key is required.
    receipt.as_object_mut().unwrap().shift_remove("signature");
    assert_eq!(given(&receipt, &[]), ("unsigned".into(), Some(0)));
    assert_eq!(given(&receipt, &["--key", &key]), ("unsigned".into(), Some(1)));
}

#[test]
fn receipts_of_files_are_self_contained() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let items = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/policies");
    std::fs::write(path("facts.yaml"), "- {key: robots, name: 机器人数, type: integer, unit: 台, min: 0}\n")
        .unwrap();
    let own = json!({"id": "robots", "title": "机器人", "criteria": {"fact": "robots", "at_least": 3}});
    std::fs::write(path("own.json"), own.to_string()).unwrap();
    std::fs::write(path("p.json"), json!({"id": "p", "facts": {"robots": 5, "employees": 20}}).to_string())
        .unwrap();
    let (own, facts, profile) = (path("own.json"), path("facts.yaml"), path("p.json"));
    let receipts = path("receipts.jsonl");
    let arguments = [
        "match",
        text(&profile),
        "--policies",
        items,
        "--policies",
        text(&own),
        "--facts",
        text(&facts),
        "--as-of",
        "2026-07-01",
        "--receipts",
        text(&receipts),
    ];
    let output = zhaoren(&path("unused"), &arguments);
    assert!(receipts.exists(), "{}", String::from_utf8_lossy(&output.stderr));
    // In another place, with the file only.
    let elsewhere = path("elsewhere");
    let (replays, code) = verified(&elsewhere, &receipts);
    assert_eq!(code, Some(0), "{replays:?}");
    assert!(!elsewhere.exists() && !path("unused").exists());

    let sound = std::fs::read_to_string(&receipts).unwrap();
    let lines: Vec<&str> = sound.lines().collect();
    assert_eq!(lines.len(), 2);
    let tampered = |what: &str, from: &str, to: &str| {
        assert!(sound.contains(from), "{what}");
        let file = path(what);
        std::fs::write(&file, sound.replacen(from, to, 1)).unwrap();
        let (replays, code) = verified(&elsewhere, &file);
        assert_eq!(code, Some(1), "{what}: {replays:?}");
        replays[0].clone()
    };
    // An item is made stricter: the item and its verdict are named.
    let found = tampered("item", r#"\"robots\",\"at_least\":3"#, r#"\"robots\",\"at_least\":9"#);
    assert!(parts(&found).starts_with(&["rules", "item", "verdict"]), "{found}");
    assert_eq!(found["differences"][2]["policy"], "robots");
    assert_eq!(found["differences"][2]["was"], "eligible");
    assert_eq!(found["differences"][2]["now"], "ineligible");
    // A verdict or a day is changed: the receipt itself is named.
    let found = tampered("verdict", r#""verdict":"eligible""#, r#""verdict":"undetermined""#);
    assert!(parts(&found).contains(&"receipt") && parts(&found).contains(&"verdict"), "{found}");
    let found = tampered("day", r#""as_of":"2026-07-01""#, r#""as_of":"2026-07-02""#);
    assert!(parts(&found).contains(&"receipt"), "{found}");
    // Without the other lines of its file it cannot be replayed, and that is reported.
    std::fs::write(path("alone"), lines[1]).unwrap();
    let alone = zhaoren(&elsewhere, &["verify", text(&path("alone"))]);
    assert_eq!(alone.status.code(), Some(2));
    std::fs::write(path("junk"), "{}\n[1,").unwrap();
    let junk = zhaoren(&elsewhere, &["verify", text(&path("junk"))]);
    assert_eq!(junk.status.code(), Some(2));
    assert_eq!(String::from_utf8(junk.stderr).unwrap().matches("不是凭据").count(), 2);
}

#[test]
fn http_receipts_verify_at_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    serving::fill(&data);
    let server = Server::over(&data, &[]);
    let post = |path: &str, body: &str| {
        let (status, answer) = server.ask("POST", path, body);
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let profile = json!({"id": "e1", "facts": {"employees": 80, "registered_region": "310104"}}).to_string();
    let plain = post("/v1/match?as_of=2026-07-01", &profile);
    assert!(plain.get("receipt").is_none() && plain.get("opted_out").is_none());
    let mut with = post("/v1/match?as_of=2026-07-01&receipt=true", &profile);
    let file = folder.path().join("answer.json");
    std::fs::write(&file, with.to_string()).unwrap();
    let (replays, code) = verified(&data, &file);
    assert_eq!((replays.len(), code), (1, Some(0)), "{replays:?}");
    let id = with["receipt"]["id"].as_str().unwrap().to_owned();
    assert!(zhaoren(&data, &["verify", &id]).status.success(), "it is in the registry");
    with.as_object_mut().unwrap().remove("receipt");
    assert_eq!(with, plain, "a receipt changes nothing else");
    assert!(zhaoren(&data, &["opt-outs", "add", "e1", "--reason", "不再接收"]).status.success());
    let told = post("/v1/match?as_of=2026-07-01", &profile);
    assert_eq!(told["opted_out"][0]["reason"], "不再接收");
    let before = post("/v1/match?as_of=2026-07-01&believed=2020-01-01", &profile);
    assert_eq!(before["matches"], json!([]), "nothing was believed then");
}
