//! Real documents beside the repository: every draft loads, the segments tile each text, and the figures of the results page.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_prerequisite::Prerequisite;
use zhaoren_reader::DocumentMetadata;

use crate::{drafted_as, load_problems};

/// Folder of the real texts, beside the repository or beside the folder of its work trees.
fn folder() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    ["../shared/data/policies", "../../shared/data/policies"]
        .iter()
        .map(|path| root.join(path))
        .find(|path| path.is_dir())
}

/// Figures of the documents of one file.
#[derive(Default)]
struct Figures {
    documents: usize,
    without_items: usize,
    items: usize,
    persons: usize,
    with_sum: usize,
    leaves: usize,
    judged: usize,
    characters: usize,
    read: usize,
}

/// Reads the documents whose index in their file leaves `rests` modulo three; prints their figures and keeps the drafts.
fn measure(rests: &[usize], name: &str) {
    let Some(folder) = folder() else {
        zhaoren_prerequisite::skip(Prerequisite::Texts, "no shared/data/policies");
        return;
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut kept = String::new();
    let mut total: BTreeMap<String, Figures> = BTreeMap::new();
    let (mut bytes, started) = (0, std::time::Instant::now());
    let mut spent = std::time::Duration::ZERO;
    for file in files {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        let lines = std::fs::read_to_string(&file).unwrap();
        for (index, line) in lines.lines().enumerate().filter(|(index, _)| rests.contains(&(index % 3))) {
            let row: Value = serde_json::from_str(line).unwrap();
            let word = |key: &str| row[key].as_str().map(str::to_owned);
            let metadata = DocumentMetadata {
                title: word("title"),
                number: word("doc_no"),
                issuer: word("issuer"),
                date: word("date"),
                region: word("region"),
                kind: word("kind"),
            };
            let text = zhaoren_text::restore_str(row["text"].as_str().unwrap()).text;
            let begin = started.elapsed();
            let draft = drafted_as(&text, &metadata);
            spent += started.elapsed() - begin;
            bytes += text.len();
            let joined: String = draft.segments.iter().map(|one| &text[one.span.clone()]).collect();
            assert_eq!(joined, text, "{stem} {index}");
            assert_eq!(load_problems(&draft, &text), Vec::<String>::new(), "{stem} {index}");
            let figures = total.entry(stem.clone()).or_default();
            figures.documents += 1;
            figures.without_items += usize::from(draft.items.is_empty());
            figures.items += draft.items.len();
            figures.characters += draft.coverage.characters;
            figures.read += draft.coverage.read;
            for item in &draft.items {
                figures.persons +=
                    usize::from(item.addressee.value == zhaoren_policy::item::Applicant::Person);
                figures.with_sum += usize::from(item.amount.value.get("formula").is_some());
                item.criteria.walk(&mut |_, one| match one.node {
                    zhaoren_policy::criterion::Node::Leaf(_) => figures.leaves += 1,
                    zhaoren_policy::criterion::Node::Judged(_) => figures.judged += 1,
                    _ => {}
                });
                assert_eq!(item.doubts, {
                    let mut sorted = item.doubts.clone();
                    sorted.sort();
                    sorted.dedup();
                    sorted
                });
            }
            let mut shown = draft.to_json(&text, FactDictionary::built_in());
            shown["file"] = json!(stem);
            shown["index"] = json!(index);
            shown["kind"] = json!(draft.document.kind.map(zhaoren_policy::document::DocumentKind::name));
            shown["title"] = json!(draft.document.title);
            kept.push_str(&format!("{shown}\n"));
        }
    }
    println!("documents, without items, items, for persons, with formula, leaves, judged, coverage");
    for (file, of) in &total {
        println!(
            "{file}: {} {} {} {} {} {} {} {:.3}",
            of.documents,
            of.without_items,
            of.items,
            of.persons,
            of.with_sum,
            of.leaves,
            of.judged,
            of.read as f64 / of.characters as f64
        );
    }
    let megabytes = bytes as f64 / 1e6;
    println!("{megabytes:.2} MB in {spent:?}: {:.1} MB a minute", megabytes * 60.0 / spent.as_secs_f64());
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.jsonl")), kept).unwrap();
}

#[test]
fn documents_that_the_grammar_was_built_on() {
    measure(&[0, 1], "drafts-built-on");
}

/// Run with `--ignored` for the figures of the documents that no rule was written for.
#[test]
#[ignore = "measured once at the end of a round, so that the grammar is not fitted to it"]
fn documents_held_aside() {
    measure(&[2], "drafts-held-aside");
}
