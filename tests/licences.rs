//! Every dependency has a licence that `deny.toml` allows; this part of the check works without a network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::process::Command;

#[test]
fn licences_are_on_the_allow_list() {
    let root = env!("CARGO_MANIFEST_DIR");
    let deny = std::fs::read_to_string(format!("{root}/deny.toml")).unwrap();
    let list = deny.split("allow = [").nth(1).unwrap().split(']').next().unwrap();
    let allowed: Vec<&str> =
        list.lines().map(|line| line.trim().trim_matches([',', '"'])).filter(|l| !l.is_empty()).collect();
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--offline",
            "--locked",
            "--filter-platform",
            "x86_64-unknown-linux-gnu",
        ])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut refused = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or("none");
        // `A OR B` needs one allowed licence; `A AND B` needs all.
        let sound = licence
            .replace('/', " OR ")
            .split(" AND ")
            .all(|part| part.split(" OR ").any(|one| allowed.contains(&one.trim().trim_matches(['(', ')']))));
        if !sound {
            refused.push(format!("{name}: {licence}"));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
