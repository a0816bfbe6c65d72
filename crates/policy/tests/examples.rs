//! Condition sentences with their criteria, if the files are available: all of them load and read back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;

use zhaoren_policy::criterion::{describe, read_criterion};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax::json_at;

#[test]
fn the_examples_load() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/examples/conditions.jsonl");
    let Ok(text) = std::fs::read_to_string(&file) else {
        zhaoren_prerequisite::skip(zhaoren_prerequisite::Prerequisite::Texts, &file.display().to_string());
        return;
    };
    let dictionary = FactDictionary::built_in();
    let mut report = Report::new("conditions.jsonl");
    let mut read = 0;
    for (line, row) in (1..).zip(text.lines()) {
        let node = json_at(row, line).unwrap();
        if let Some(criterion) =
            read_criterion(node.get("criteria").unwrap(), "criteria", dictionary, &mut report)
        {
            assert!(!describe(&criterion, dictionary).is_empty());
            read += 1;
        }
    }
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(read >= 40, "{read} criteria");
}
