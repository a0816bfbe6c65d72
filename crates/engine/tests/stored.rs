//! A large catalogue is stored compiled: reopened it answers the same, and a damaged file is ignored.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::fs;
use std::path::Path;

use zhaoren_engine::{Engine, MatchOptions, MatchReport, Silent, read_profiles, today};

fn matched(data: &Path) -> MatchReport {
    let (engine, problems) = Engine::open(data, &Silent).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    let rules = engine.rules();
    let profile = br#"{"id":"p","facts":{"employees":700}}"#;
    let profile = read_profiles(profile, "p.json", rules.dictionary(), false).profiles.remove(0);
    rules.match_profile(&profile, MatchOptions { as_of: today(), all: false, limit: 2_000, bundle: false }).0
}

#[test]
fn reopened_stores_give_the_same_answers() {
    let data = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..1_200)
        .map(|n| {
            format!(
                r#"{{"id":"made-{n:04}","title":"事项{n}","criteria":{{"fact":"employees","at_least":{n}}}}}"#
            )
        })
        .collect();
    let items = data.path().join("items.jsonl");
    fs::write(&items, lines.join("\n")).unwrap();
    let kept = data.path().join("data/rules");
    let (engine, _) = Engine::open(&data.path().join("data"), &Silent).unwrap();
    assert!(!kept.exists(), "few items are not worth a file");
    let report = engine.import(&[items], &Silent).unwrap();
    assert_eq!(report.items.new, 1_200);
    drop(engine);
    let first = matched(&data.path().join("data"));
    assert!(first.matches.iter().filter(|found| found.policy.starts_with("made-")).count() == 701);
    let bytes = fs::read(&kept).unwrap();
    assert_eq!(matched(&data.path().join("data")), first);
    assert_eq!(fs::read(&kept).unwrap(), bytes, "taken up, not written again");
    // Damaged, truncated, or of other content: compiled again from the registry.
    for damage in [bytes[..bytes.len() / 2].to_vec(), vec![0; 40], Vec::new(), {
        let mut other = bytes.clone();
        other[bytes.len() / 2] ^= 1;
        other
    }] {
        fs::write(&kept, damage).unwrap();
        assert_eq!(matched(&data.path().join("data")), first);
        assert_eq!(fs::read(&kept).unwrap(), bytes);
    }
}
