//! Real policy texts without damage: restoring them must not change them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeMap;
use std::path::Path;

use zhaoren_text::{decode, restore};

#[test]
fn clean_policies_are_unchanged() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/policies");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        zhaoren_prerequisite::skip(zhaoren_prerequisite::Prerequisite::Texts, &folder.display().to_string());
        return;
    };
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    // Removed or folded: invisible characters, and widths without meaning. All other text must stay.
    let harmless = ["Invisible true", "PrivateUse false", "Width true"];
    let (mut documents, mut characters, mut converted, mut same) = (0, 0, 0, 0);
    let mut kinds: BTreeMap<String, (usize, BTreeMap<String, usize>)> = BTreeMap::new();
    for file in files {
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = row["text"].as_str().unwrap();
            let restored = restore(text.as_bytes());
            documents += 1;
            characters += text.chars().count();
            converted += restored.converted;
            same += usize::from(restored.text == text);
            if restored.converted > 0 {
                for (a, b) in changes(text, &restored.text) {
                    *kinds
                        .entry("script".to_owned())
                        .or_default()
                        .1
                        .entry(format!("{a}→{b}"))
                        .or_default() += 1;
                }
            }
            for repair in &restored.repairs {
                let entry = kinds.entry(format!("{:?} {}", repair.kind, repair.restored)).or_default();
                entry.0 += 1;
                *entry.1.entry(format!("{:?}→{:?}", repair.before, repair.after)).or_default() += 1;
            }
            assert_eq!(decode(text.as_bytes()).text, text);
        }
    }
    println!("{documents} documents, {same} unchanged, {characters} characters, {converted} converted");
    for (kind, (count, examples)) in &kinds {
        println!("{kind}: {count} {examples:?}");
        assert!(harmless.contains(&kind.as_str()), "{kind}: {examples:?}");
    }
}

/// Pairs of differing characters, if only single characters were exchanged.
fn changes(a: &str, b: &str) -> Vec<(char, char)> {
    if a.chars().count() != b.chars().count() {
        return Vec::new();
    }
    a.chars().zip(b.chars()).filter(|(a, b)| a != b).collect()
}
