//! Real and hostile files in every form, each read as its entry in an index says.
//!
//! Some of them, written for these tests, are in `tests/files`; all lie beside the repository, or where `ZHAOREN_DOCUMENTS` says.
//! Of each entry the strings that stand in
//! the text in order, those that do not, those that stand in it once, the tables and the refusal are compared; the number
//! of paragraphs is compared apart. White space counts nowhere.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot make its input has failed"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use zhaoren_document::{Block, Document, Limits, Refusal, Table, read};

/// Files that are not read as they should be yet, with the reason. A file that is read rightly may not stand here.
const NOT_YET: [(&str, &str); 0] = [];

/// Files whose number of paragraphs is another than at the source, with the reason. It may only shrink.
const OTHER_PARAGRAPHS: [(&str, &str); 1] =
    [("docx-notes-textbox.docx", "the two paragraphs of a text box are paragraphs of the text")];

fn folder() -> PathBuf {
    std::env::var_os("ZHAOREN_DOCUMENTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/documents"),
        PathBuf::from,
    )
}

/// A text without its white space.
fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{feff}')).collect()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(dense).collect()
}

/// Problems of a text that was read.
fn faults_of_text(document: &Document, entry: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let text = dense(&document.text().text);
    let mut at = 0;
    for wanted in strings(&entry["expect"]["text_contains"]) {
        match text[at..].find(&wanted) {
            Some(found) => at += found + wanted.len(),
            None if text.contains(&wanted) => faults.push(format!("out of order: {wanted}")),
            None => faults.push(format!("lacks: {wanted}")),
        }
    }
    for unwanted in strings(&entry["expect"]["text_lacks"]) {
        if text.contains(&unwanted) {
            faults.push(format!("has: {unwanted}"));
        }
    }
    for once in strings(&entry["once"]) {
        let count = text.matches(&once).count();
        if count != 1 {
            faults.push(format!("{count} times: {once}"));
        }
    }
    faults.extend(faults_of_tables(document, &entry["expect"]["tables"]));
    faults
}

fn faults_of_tables(document: &Document, wanted: &Value) -> Option<String> {
    let wanted = wanted.as_array()?;
    let mut found = Vec::new();
    tables(&document.blocks, &mut found);
    let shown: Vec<Vec<Vec<String>>> = found.iter().map(|table| grid(table)).collect();
    if shown.len() != wanted.len() {
        return Some(format!("{} tables for {}: {shown:?}", shown.len(), wanted.len()));
    }
    let wrong = shown.iter().zip(wanted).find(|(shown, wanted)| !same_grid(shown, wanted));
    wrong.map(|(shown, wanted)| format!("table {shown:?}\n      for {wanted}"))
}

/// All tables, each before the tables in it.
fn tables<'a>(blocks: &'a [Block], found: &mut Vec<&'a Table>) {
    for block in blocks {
        let Block::Table(table) = block else { continue };
        found.push(table);
        for cell in table.rows.iter().flatten().flatten() {
            tables(&cell.blocks, found);
        }
    }
}

fn grid(table: &Table) -> Vec<Vec<String>> {
    let row = |row: &Vec<Option<zhaoren_document::Cell>>| {
        row.iter().map(|cell| cell.as_ref().map(|cell| words(&cell.blocks)).unwrap_or_default()).collect()
    };
    table.rows.iter().map(row).collect()
}

/// The words of a cell, without those of tables in it.
fn words(blocks: &[Block]) -> String {
    let mut words = String::new();
    for block in blocks {
        if let Block::Paragraph(paragraph) = block {
            words.push_str(paragraph.number.as_deref().unwrap_or_default());
            words.extend(paragraph.runs.iter().map(|run| run.text.as_str()));
        }
    }
    dense(&words)
}

fn same_grid(shown: &[Vec<String>], wanted: &Value) -> bool {
    let Some(wanted) = wanted.as_array() else { return false };
    shown.len() == wanted.len()
        && shown.iter().zip(wanted).all(|(shown, wanted)| {
            let Some(wanted) = wanted.as_array() else { return false };
            shown.len() == wanted.len()
                && shown.iter().zip(wanted).all(|(shown, wanted)| same_cell(shown, wanted))
        })
}

fn same_cell(shown: &str, wanted: &Value) -> bool {
    match wanted {
        Value::Null => true,
        Value::String(text) => dense(text) == shown,
        Value::Array(_) => strings(wanted).iter().any(|text| text == shown),
        _ => false,
    }
}

/// Whether a refusal says what the index calls the reason.
fn is_reason(refusal: &Refusal, reason: &str) -> bool {
    match reason {
        "scan" => matches!(refusal, Refusal::Scan),
        "encrypted" => matches!(refusal, Refusal::Encrypted),
        "bomb" => matches!(refusal, Refusal::Bomb { .. } | Refusal::Damaged(_)),
        "truncated" => matches!(refusal, Refusal::Truncated(_) | Refusal::Damaged(_)),
        "empty" => matches!(refusal, Refusal::Empty),
        "bad text layer" => matches!(refusal, Refusal::BadTextLayer(_)),
        "damaged" => matches!(refusal, Refusal::Damaged(_) | Refusal::Truncated(_)),
        "not what its name says" => matches!(refusal, Refusal::ErrorPage(_) | Refusal::UnknownForm(_)),
        _ => false,
    }
}

fn faults(entry: &Value, read: &Result<Document, Refusal>) -> Vec<String> {
    let outcome = entry["outcome"].as_str().unwrap_or_default();
    let reason = entry["expect"]["error"].as_str().unwrap_or_default();
    match (outcome, read) {
        ("text", Ok(document)) | ("either", Ok(document)) => faults_of_text(document, entry),
        ("both", Ok(document)) => {
            let mut faults = faults_of_text(document, entry);
            if document.remarks.is_empty() {
                faults.push("no remark on the part that is missing".to_owned());
            }
            faults
        }
        ("error", Ok(document)) => vec![format!("read: {:.200}", document.text().text)],
        ("text" | "both", Err(refusal)) => vec![format!("refused: {refusal}")],
        (_, Err(refusal)) if is_reason(refusal, reason) => Vec::new(),
        (_, Err(refusal)) => vec![format!("refused for another reason than {reason}: {refusal}")],
        _ => vec![format!("unknown outcome {outcome}")],
    }
}

/// Paragraphs of the body with a word in them.
fn paragraphs(document: &Document) -> usize {
    let full = |block: &&Block| match block {
        Block::Paragraph(paragraph) => {
            paragraph.number.is_some() || paragraph.runs.iter().any(|run| !dense(&run.text).is_empty())
        }
        Block::Table(_) => false,
    };
    document.blocks.iter().filter(full).count()
}

#[test]
fn files_of_the_crate_are_read_as_their_entries_say() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    let index = std::fs::read_to_string(own.join("index.jsonl")).expect("the crate has its index");
    assert_read(&own, &index, false);
}

#[test]
fn every_file_is_read_as_its_entry_says() {
    let folder = folder();
    let Ok(index) = std::fs::read_to_string(folder.join("index.jsonl")) else {
        zhaoren_prerequisite::skip(zhaoren_prerequisite::Prerequisite::Texts, &folder.display().to_string());
        return;
    };
    assert_read(&folder, &index, true);
}

/// Asserts that each file of an index is read as its entry says; where `whole`, that each listed file is one of them.
fn assert_read(folder: &Path, index: &str, whole: bool) {
    let not_yet: BTreeMap<&str, &str> = NOT_YET.into_iter().collect();
    let other_paragraphs: BTreeMap<&str, &str> = OTHER_PARAGRAPHS.into_iter().collect();
    let (mut wrong, mut right) = (Vec::new(), 0);
    for name in not_yet.keys().chain(other_paragraphs.keys()).filter(|_| whole) {
        let quoted = format!("\"{name}\"");
        assert!(index.contains(&quoted), "{name} is listed, but no file of the index");
    }
    for line in index.lines() {
        let entry: Value = serde_json::from_str(line).expect("the index holds a JSON object a line");
        let name = entry["file"].as_str().expect("each entry names its file");
        let bytes = std::fs::read(folder.join(name)).expect("each file of the index is there");
        let read = read(&bytes, &Limits::IMPORT);
        if cfg!(not(feature = "pdf")) && matches!(read, Err(Refusal::NotBuilt(_))) {
            continue;
        }
        let mut faults = faults(&entry, &read);
        if let (Ok(document), Some(wanted)) = (&read, entry["expect"]["paragraphs"].as_u64()) {
            let found = paragraphs(document) as u64;
            if (found == wanted) == other_paragraphs.contains_key(name) {
                faults.push(format!("{found} paragraphs for {wanted}"));
            }
        }
        match (faults.is_empty(), not_yet.contains_key(name)) {
            (true, false) => right += 1,
            (false, true) => {}
            (true, true) => wrong.push(format!("{name}: read rightly, yet listed as not")),
            (false, false) => wrong.push(format!("{name}:\n    {}", faults.join("\n    "))),
        }
    }
    assert!(wrong.is_empty(), "{right} right, {} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
