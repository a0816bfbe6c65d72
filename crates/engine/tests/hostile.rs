//! Damaged and malicious files: opened and read in spite of them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::fs;

use zhaoren_engine::{Engine, Silent, read_text};

/// A pointer that names no generation is ignored: the index is rebuilt, and the pointer replaced.
#[test]
fn broken_pointers_are_replaced() {
    let data = tempfile::tempdir().unwrap();
    drop(Engine::open(data.path(), &Silent).unwrap());
    let pointer = data.path().join("CURRENT");
    for garbage in ["../..\n", "rubbish"] {
        fs::write(&pointer, garbage).unwrap();
        let (engine, _) = Engine::open(data.path(), &Silent).unwrap();
        assert!(!engine.refresh().unwrap().0, "the index is of now");
        let now = fs::read_to_string(&pointer).unwrap();
        assert!(
            now.lines().all(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit())),
            "{now}"
        );
        // Broken during operation, it is repaired by the next refresh.
        fs::write(&pointer, garbage).unwrap();
        engine.refresh().unwrap();
        assert_ne!(fs::read_to_string(&pointer).unwrap(), garbage);
    }
}

/// The answer to a text is at most a few times as long as the text, beside a constant for the clauses and repairs that
/// are named.
#[test]
fn answer_size_is_bounded_by_the_text() {
    let text = "一、１\n".repeat(60_000);
    let answer = read_text("a.txt", text.as_bytes()).unwrap();
    assert_eq!(answer["clauses"].as_array().unwrap().len(), 10_000);
    assert_eq!(answer["clauses_left_out"], 50_000);
    assert_eq!(answer["repairs"].as_array().unwrap().len(), 10_000);
    assert_eq!(answer["repairs_left_out"], 50_000);
    let bytes = answer.to_string().len();
    assert!(bytes < 3 * text.len() + (10_000 + 10_000) * 400, "{bytes}");
    let small = read_text("a.txt", "一、甲\n二、乙\n".as_bytes()).unwrap();
    assert!(small.get("clauses_left_out").is_none() && small.get("repairs_left_out").is_none());
}
