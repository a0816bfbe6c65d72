//! Keys, tenants and the audit end to end, as the operator uses them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn zhaoren(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
    command.env_remove("ZHAOREN_DATABASE_URL").arg("--json").arg("--data").arg(data).args(arguments);
    command.output().unwrap()
}

fn answer(data: &Path, arguments: &[&str]) -> Value {
    let output = zhaoren(data, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn keys_are_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    answer(data, &["tenants", "add", "xuhui", "--name", "徐汇区", "--level", "district"]);
    let made = answer(
        data,
        &["keys", "add", "--role", "caseworker", "--tenant", "xuhui", "--name", "窗口", "--holder", "李四"],
    );
    let (id, secret) = (made["key"]["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert!(secret.starts_with("zhr_") && secret.len() == 68, "{secret}");
    for file in std::fs::read_dir(data).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(64).any(|window| window == &secret.as_bytes()[4..]), "the secret was kept");
    }
    let listed = answer(data, &["keys", "list"]);
    assert_eq!(listed[0]["id"], id);
    assert_eq!(listed[0]["revoked_at"], Value::Null);
    assert!(!listed.to_string().contains("digest"), "{listed}");
    answer(data, &["keys", "revoke", id]);
    assert!(answer(data, &["keys", "list"])[0]["revoked_at"].is_i64());
    assert_eq!(zhaoren(data, &["keys", "revoke", "k0"]).status.code(), Some(2));
    let nobody = ["keys", "add", "--role", "platform", "--tenant", "nobody", "--name", "x"];
    let refused = zhaoren(data, &nobody);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("没有租户 `nobody`"));
    let lines = zhaoren(data, &["audit", "list"]);
    let actions: Vec<String> = String::from_utf8(lines.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["action"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(actions, ["tenant.put", "key.add", "key.revoke"]);
}

#[test]
fn bytes_changed_in_the_file_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let (first, data) = (folder.path().join("first"), &folder.path().join("second"));
    assert!(zhaoren(&first, &["search", "专精特新"]).status.success());
    let sound = answer(&first, &["audit", "verify"]);
    assert_eq!(sound["faults"], serde_json::json!([]));
    // A backup holds all data in one file.
    std::fs::create_dir(data).unwrap();
    let file = data.join("registry.sqlite");
    let made = answer(&first, &["backup", file.to_str().unwrap()]);
    assert_eq!(made["head"], sound["head"]);
    assert_eq!(zhaoren(&first, &["backup", file.to_str().unwrap()]).status.code(), Some(2), "there already");
    let mut bytes = std::fs::read(&file).unwrap();
    let place = bytes.windows(11).position(|window| window == b"seedsimport").expect("the first line");
    bytes[place + 4] = b'z';
    std::fs::write(&file, bytes).unwrap();
    // With its signing key it is the same installation; without it, the last line would belong to another one.
    std::fs::copy(first.join("signing.key"), data.join("signing.key")).unwrap();
    let found = zhaoren(data, &["audit", "verify"]);
    assert_eq!(found.status.code(), Some(1));
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(found["faults"], serde_json::json!([{"fault": "changed", "seq": 1}]));
    // A truncated chain is still a valid chain; the head recorded elsewhere reveals it.
    let head = "0".repeat(64);
    let found = zhaoren(data, &["audit", "verify", "--head", &head]);
    assert!(String::from_utf8(found.stdout).unwrap().contains(r#""fault": "head""#));
}

#[test]
fn reading_commands_create_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("nothing");
    for words in [["audit", "list"], ["keys", "list"], ["tenants", "list"], ["index", "list"]] {
        assert_eq!(zhaoren(&data, &words).status.code(), Some(2), "{words:?}");
    }
    assert!(!data.exists());
}

#[test]
fn unsupported_database_addresses_are_reported_without_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let output = zhaoren(folder.path(), &["--database-url", "mysql://root:geheim@h/d", "keys", "list"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("mysql") && !told.contains("geheim"), "{told}");
}

#[test]
fn drafts_need_two_persons() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("item.yaml");
    std::fs::write(&file, "id: made-up\ntitle: 拟定的事项\n").unwrap();
    let made =
        answer(&data, &["drafts", "propose", file.to_str().unwrap(), "--as", "张三", "--reason", "按新办法"]);
    assert_eq!(made["drafts"], serde_json::json!([1]));
    let open = answer(&data, &["drafts", "list"]);
    assert_eq!((&open[0]["body"]["title"], &open[0]["reason"]), (&"拟定的事项".into(), &"按新办法".into()));
    let own = zhaoren(&data, &["drafts", "approve", "1", "--as", "张三"]);
    assert_eq!(own.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&own.stderr).contains("须由另一人审核"));
    let found = |data: &Path| {
        let answer = answer(data, &["search", "拟定的事项"]);
        answer["hits"].as_array().unwrap().iter().any(|hit| hit["id"] == "made-up")
    };
    assert!(!found(&data));
    answer(&data, &["drafts", "approve", "1", "--as", "李四", "--note", "核过"]);
    assert!(found(&data));
    answer(&data, &["withdraw", "made-up", "--why", "废止"]);
    assert!(!found(&data));
    assert_eq!(answer(&data, &["audit", "verify"])["faults"], serde_json::json!([]));
}

#[test]
fn restored_directories_give_the_same_answers() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let file = folder.path().join("backup.sqlite");
    let query = ["match", "seeds/enterprises/samples.jsonl", "--as-of", "2026-07-01"];
    let expected = zhaoren(&first, &query);
    answer(&first, &["backup", file.to_str().unwrap()]);
    answer(&second, &["restore", file.to_str().unwrap()]);
    assert_eq!(zhaoren(&second, &query).stdout, expected.stdout);
    let search = ["search", "专精特新"];
    assert_eq!(answer(&first, &search)["hits"], answer(&second, &search)["hits"]);
    assert_eq!(answer(&second, &["audit", "verify"])["faults"], serde_json::json!([]));
    assert_eq!(zhaoren(&second, &["restore", file.to_str().unwrap()]).status.code(), Some(2), "not empty");
    assert_eq!(zhaoren(&second, &["restore", "nowhere"]).status.code(), Some(2));
}

/// A file that is no backup is rejected before any file is created.
#[test]
fn files_that_are_no_backup_create_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new");
    for (name, content, why) in [("empty", "", "0 字节"), ("text", "something else", "不是 SQLite")] {
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        let refused = zhaoren(&data, &["restore", file.to_str().unwrap()]);
        assert_eq!(refused.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&refused.stderr).contains(why));
        assert_eq!(std::fs::read(&file).unwrap(), content.as_bytes());
        assert!(!data.exists());
    }
}

/// The audit head stored elsewhere, and the signing key of the installation.
#[test]
fn audit_head_can_be_stored_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    answer(data, &["tenants", "add", "xuhui", "--name", "徐汇区", "--level", "district"]);
    let head = answer(data, &["audit", "head"]);
    assert_eq!(head["seq"], 1);
    let key = zhaoren(data, &["audit", "key"]);
    assert_eq!(String::from_utf8_lossy(&key.stdout).trim(), head["signer"].as_str().unwrap());
    let digest = head["digest"].as_str().unwrap();
    answer(data, &["tenants", "add", "huangpu", "--name", "黄浦区", "--level", "district"]);
    let check = answer(data, &["audit", "verify", "--head", digest]);
    assert_eq!((&check["covered_from"], &check["signer"]), (&Value::from(1), &head["signer"]));
    assert_eq!(zhaoren(data, &["audit", "verify", "--head", &"0".repeat(64)]).status.code(), Some(1));
    // There is no clock error to be accepted, and that is reported.
    assert_eq!(zhaoren(data, &["audit", "clock", "--accept"]).status.code(), Some(2));
    let backup = data.join("backup.sqlite");
    answer(data, &["backup", backup.to_str().unwrap()]);
    let other = data.join("other");
    assert_eq!(zhaoren(&other, &["restore", backup.to_str().unwrap(), "--head", "0"]).status.code(), Some(2));
    assert_eq!(answer(&other, &["restore", backup.to_str().unwrap(), "--head", digest])["covered_from"], 1);
}
