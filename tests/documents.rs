//! Files of published forms at the terminal: `zhaoren read` and `zhaoren import`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};

fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/document/tests/files");
    folder.join(name).display().to_string()
}

fn run(args: &[&str]) -> Output {
    Command::cargo_bin("zhaoren").unwrap().args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn files_are_read_with_their_form_and_positions() {
    let (docx, scan) = (file("docx-number-kinds.docx"), file("pdf-scan.pdf"));
    let read = run(&["read", &docx]);
    let shown = text(&read.stdout);
    assert!(read.status.success(), "{}", text(&read.stderr));
    for words in ["云溪区智能传感产业奖补细则", "格式 DOCX", "第一条", "段]"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let shown: Value =
        serde_json::from_slice(&run(&["read", &file("pdf-redhead.pdf"), "--json"]).stdout).unwrap();
    assert_eq!(shown["file"]["form"], "pdf");
    assert_eq!(shown["clauses"][0]["origin"]["label"], "第1页");
    // A readable file is imported although another one cannot be read.
    let both = run(&["read", &docx, &scan]);
    assert_eq!(both.status.code(), Some(1));
    let errors = text(&both.stderr);
    assert!(errors.contains("pdf-scan.pdf") && errors.contains("扫描件"), "{errors}");
    assert!(text(&both.stdout).contains("格式 DOCX"));
    assert_eq!(run(&["read", &scan]).status.code(), Some(2));
}

#[test]
fn folders_are_imported_and_refused_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "docx-number-kinds.docx",
        "ofd-policy.ofd",
        "pdf-redhead.pdf",
        "pdf-scan.pdf",
        "pdf-encrypted-user.pdf",
    ] {
        std::fs::copy(file(name), folder.path().join(name)).unwrap();
    }
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    let import = run(&["--data", data, "import", folder.path().to_str().unwrap(), "--json"]);
    let errors = text(&import.stderr);
    assert_eq!(import.status.code(), Some(1), "{errors}");
    let report: Value = serde_json::from_slice(&import.stdout).unwrap();
    assert_eq!(report["documents"], json!({"new": 3, "changed": 0, "kept": 0}), "{errors}");
    for words in ["pdf-scan.pdf", "扫描件", "pdf-encrypted-user.pdf", "已加密"] {
        assert!(errors.contains(words), "{words} in {errors}");
    }
    let found = run(&["--data", data, "search", "云政规〔2026〕7号", "--json", "--limit", "9"]);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let ids: Vec<&str> =
        found["hits"].as_array().unwrap().iter().filter_map(|hit| hit["id"].as_str()).collect();
    assert!(ids.contains(&"ofd-policy") || ids.contains(&"pdf-redhead"), "{ids:?}");
}
