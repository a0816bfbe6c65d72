//! The tutorials in `docs/` as tests: every command succeeds, and the text after `#=>` is in its output.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;
use std::process::Command;

/// Blocks of a tutorial that are run.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("```sh\n") {
        let (block, after) = after.split_once("```\n").unwrap();
        blocks.push(block.to_owned());
        rest = after;
    }
    blocks
}

/// Runs a tutorial in one shell, in an empty folder.
fn run(name: &str) {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !["bash", "curl", "jq", "openssl"].into_iter().all(has) {
        zhaoren_prerequisite::skip(
            zhaoren_prerequisite::Prerequisite::Shell,
            "bash, curl, jq or openssl is not installed",
        );
        return;
    }
    let text = std::fs::read_to_string(format!("docs/{name}.md")).unwrap();
    let blocks = blocks(&text);
    assert!(blocks.len() > 3, "{name} has a tutorial");
    let folder = tempfile::tempdir().unwrap();
    let mut script = String::from("set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n");
    for (number, block) in blocks.iter().enumerate() {
        script.push_str(&format!("echo '== block {number}'\n{block}"));
    }
    let program = Path::new(env!("CARGO_BIN_EXE_zhaoren")).parent().unwrap();
    let output = Command::new("bash")
        .arg("-c")
        .arg(&script)
        .current_dir(folder.path())
        .env("PATH", format!("{}:{}", program.display(), std::env::var("PATH").unwrap()))
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let all = format!("{out}\n-- stderr --\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name}: {all}");
    for (number, block) in blocks.iter().enumerate() {
        let (_, after) = out.split_once(&format!("== block {number}\n")).unwrap();
        let said = after.split_once("== block ").map_or(after, |(said, _)| said);
        for expected in block.lines().filter_map(|line| line.strip_prefix("#=> ")) {
            assert!(said.contains(expected), "{name}, block {number}: no `{expected}` in\n{said:.3000}");
        }
    }
}

#[test]
fn platform_guide_commands_run() {
    run("platform");
}

#[test]
fn caseworker_guide_commands_run() {
    run("caseworker");
}

#[test]
fn operator_guide_commands_run() {
    run("operator");
}

#[test]
fn data_guide_commands_run() {
    run("data");
}

#[test]
fn every_problem_is_listed() {
    let text = std::fs::read_to_string("docs/problems.md").unwrap();
    let listed: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
    let known: Vec<String> = zhaoren_server::openapi::problems()
        .into_iter()
        .map(|(uri, status, title)| {
            format!("| `{}` | {status} | {title} |", uri.strip_prefix("urn:zhaoren:problem:").unwrap())
        })
        .collect();
    assert_eq!(listed, known);
}

#[test]
fn every_setting_has_a_variable_of_its_own() {
    let mut variables: Vec<String> =
        zhaoren_server::config::SETTINGS.iter().map(zhaoren_server::config::Setting::variable).collect();
    let count = variables.len();
    variables.sort();
    variables.dedup();
    assert_eq!(variables.len(), count);
}
