//! Scores of read files against what their index expects: strings in order, strings that must not appear, strings that
//! appear once, grids of tables, number of paragraphs, reason of a refusal.

#![allow(dead_code, reason = "each test of a form uses a part of it")]

use std::path::{Path, PathBuf};

use serde_json::Value;
use zhaoren_document::{Block, Cell, Document, Limits, Paragraph, Refusal, Table};
use zhaoren_prerequisite::{Prerequisite, skip};

/// Scores every file of an index of `tests/files`, and fails with all that is wrong.
pub(crate) fn score_own(index: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    let rows = std::fs::read_to_string(folder.join(index)).expect("the index is in the repository");
    let mut problems = Vec::new();
    let mut scored = 0;
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).expect("a row is JSON");
        let bytes = std::fs::read(folder.join(name(&row))).expect("the file is in the repository");
        problems.extend(score(&row, &bytes));
        scored += 1;
    }
    assert!(scored > 0, "no row in {index}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Scores the files of the index beside the repository that hold official texts, where `wanted` says so of their name.
pub(crate) fn score_beside(wanted: impl Fn(&str) -> bool) {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/documents");
    let Ok(rows) = std::fs::read_to_string(folder.join("index.jsonl")) else {
        return skip(Prerequisite::Texts, "no documents beside the repository");
    };
    let mut problems = Vec::new();
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).expect("a row is JSON");
        if wanted(name(&row)) {
            let bytes = std::fs::read(folder.join(name(&row))).expect("a file of the index is there");
            problems.extend(score(&row, &bytes));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn name(row: &Value) -> &str {
    row["file"].as_str().expect("a row names its file")
}

/// The differences of one file from its index, a sentence each.
fn score(row: &Value, bytes: &[u8]) -> Vec<String> {
    let result = zhaoren_document::read(bytes, &Limits::IMPORT);
    if std::env::var_os("ZHAOREN_SHOW").is_some_and(|show| show.to_string_lossy() == name(row)) {
        match &result {
            Ok(document) => eprintln!("{}\n{:#?}", document.text().text, document.remarks),
            Err(refusal) => eprintln!("{refusal}"),
        }
    }
    let mut problems = problems_of(row, &result);
    if let (Ok(document), Some(wanted)) = (&result, row["expect"]["paragraphs"].as_u64()) {
        let count = paragraphs(document);
        if count != wanted {
            problems.push(format!("{count} paragraphs, expected {wanted}"));
        }
    }
    problems.into_iter().map(|problem| format!("{}: {problem}", name(row))).collect()
}

/// Problems of a read or refused file, its number of paragraphs apart.
pub(crate) fn problems_of(row: &Value, result: &Result<Document, Refusal>) -> Vec<String> {
    let reason = row["expect"]["error"].as_str().unwrap_or_default();
    match (row["outcome"].as_str(), result) {
        (Some("error" | "either"), Err(refusal)) => refused(reason, refusal),
        (Some("error"), Ok(document)) => {
            vec![format!("read, but has to be refused: {:.200}", document.text().text)]
        }
        (Some("text" | "both"), Err(refusal)) => vec![format!("refused: {refusal}")],
        (Some("text" | "either"), Ok(document)) => compare(row, document),
        (Some("both"), Ok(document)) => {
            let mut problems = compare(row, document);
            if document.remarks.is_empty() {
                problems.push("no remark on the part that is missing".to_owned());
            }
            problems
        }
        (outcome, _) => vec![format!("unknown outcome {outcome:?}")],
    }
}

/// Paragraphs of the body with a word in them.
pub(crate) fn paragraphs(document: &Document) -> u64 {
    let full = |block: &&Block| matches!(block, Block::Paragraph(p) if !words(p).is_empty());
    document.blocks.iter().filter(full).count() as u64
}

fn refused(reason: &str, refusal: &Refusal) -> Vec<String> {
    let right = match reason {
        "scan" => matches!(refusal, Refusal::Scan),
        "encrypted" => matches!(refusal, Refusal::Encrypted),
        "bomb" => matches!(refusal, Refusal::Bomb { .. }),
        "truncated" => matches!(refusal, Refusal::Truncated(_)),
        "empty" => matches!(refusal, Refusal::Empty),
        "damaged" => matches!(refusal, Refusal::Damaged(_)),
        "bad text layer" => matches!(refusal, Refusal::BadTextLayer(_)),
        "not what its name says" => matches!(refusal, Refusal::ErrorPage(_) | Refusal::UnknownForm(_)),
        _ => false,
    };
    if right { Vec::new() } else { vec![format!("refused as {refusal:?}, expected {reason}")] }
}

fn compare(row: &Value, document: &Document) -> Vec<String> {
    let expect = &row["expect"];
    let text = squeeze(&document.text().text);
    let mut problems = Vec::new();
    let mut from = 0;
    for wanted in strings(&expect["text_contains"]) {
        match text.get(from..).and_then(|rest| rest.find(&squeeze(wanted))) {
            Some(at) => from += at + squeeze(wanted).len(),
            None if text.contains(&squeeze(wanted)) => problems.push(format!("out of order: {wanted}")),
            None => problems.push(format!("lacks: {wanted}")),
        }
    }
    for unwanted in strings(&expect["text_lacks"]) {
        if text.contains(&squeeze(unwanted)) {
            problems.push(format!("holds: {unwanted}"));
        }
    }
    for once in strings(&row["once"]).chain(strings(&expect["once"])) {
        let count = text.matches(&squeeze(once)).count();
        if count != 1 {
            problems.push(format!("{count} times: {once}"));
        }
    }
    if let Some(wanted) = expect["tables"].as_array() {
        let mut found = Vec::new();
        document.blocks.iter().for_each(|block| tables(block, &mut found));
        if found.len() != wanted.len() {
            problems.push(format!("{} tables, expected {}", found.len(), wanted.len()));
        }
        for (table, wanted) in found.iter().zip(wanted) {
            problems.extend(compare_table(table, wanted));
        }
    }
    problems
}

/// Columns and rows of each cell of the tables of the body; `None` for a place that a merged cell covers.
pub(crate) fn shape(document: &Document) -> Vec<Vec<Option<(u32, u32)>>> {
    let tables = document.blocks.iter().filter_map(|block| match block {
        Block::Table(table) => Some(table),
        Block::Paragraph(_) => None,
    });
    let spans = |cell: &Option<Cell>| cell.as_ref().map(|cell| (cell.columns, cell.rows));
    tables.flat_map(|table| &table.rows).map(|row| row.iter().map(spans).collect()).collect()
}

/// Tables in order, a table in a cell after the one that holds it.
fn tables<'a>(block: &'a Block, found: &mut Vec<&'a Table>) {
    if let Block::Table(table) = block {
        found.push(table);
        for cell in table.rows.iter().flatten().flatten() {
            cell.blocks.iter().for_each(|block| tables(block, found));
        }
    }
}

fn compare_table(table: &Table, wanted: &Value) -> Option<String> {
    let rows = wanted.as_array()?;
    let right = rows.len() == table.rows.len()
        && rows.iter().zip(&table.rows).all(|(wanted, row)| {
            let wanted = wanted.as_array().map_or(&[][..], Vec::as_slice);
            wanted.len() == row.len()
                && wanted.iter().zip(row).all(|(wanted, cell)| fits(cell.as_ref(), wanted))
        });
    (!right).then(|| format!("table {:?}, expected {wanted}", shown(table)))
}

fn fits(cell: Option<&Cell>, wanted: &Value) -> bool {
    match wanted {
        Value::Null => true,
        Value::Array(forms) => forms.iter().any(|form| fits(cell, form)),
        Value::String(text) => cell.is_some_and(|cell| cell_text(cell) == squeeze(text)),
        _ => false,
    }
}

fn shown(table: &Table) -> Vec<Vec<Option<String>>> {
    table.rows.iter().map(|row| row.iter().map(|cell| cell.as_ref().map(cell_text)).collect()).collect()
}

fn cell_text(cell: &Cell) -> String {
    cell.blocks
        .iter()
        .map(|block| if let Block::Paragraph(p) = block { words(p) } else { String::new() })
        .collect()
}

fn words(paragraph: &Paragraph) -> String {
    let number = paragraph.number.clone().unwrap_or_default();
    squeeze(&(number + &paragraph.runs.iter().map(|run| run.text.as_str()).collect::<String>()))
}

/// A text without white space of any kind.
fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '\u{feff}')).collect()
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Reads every prefix of a file of `tests/files` by `step` bytes, and the file with single bytes changed. Each is read or
/// refused; none panics, and none takes more than a small share of the steps that are allowed.
pub(crate) fn bear_damage(file: &str, step: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(file);
    let bytes = std::fs::read(path).expect("the file is in the repository");
    let bear = |bytes: &[u8], what: &str| {
        let (_, steps) = zhaoren_cancel::count(|| zhaoren_document::read(bytes, &Limits::IMPORT));
        assert!(steps < 5_000_000, "{file}: {what}: {steps} steps");
    };
    for length in (0..bytes.len()).step_by(step) {
        bear(bytes.get(..length).unwrap_or_default(), "prefix");
    }
    // A fixed walk over places and values, so that a failure comes again.
    let mut seed = 12_345u64;
    for at in (0..bytes.len()).step_by(step) {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut changed = bytes.clone();
        for (byte, value) in changed.iter_mut().skip(at).zip(seed.to_le_bytes()).take(1 + at % 4) {
            *byte = if seed.is_multiple_of(3) { 0xFF } else { value };
        }
        bear(&changed, "changed");
    }
}

/// Reads files of a size and of twice the size, and checks that the steps grow no faster.
pub(crate) fn grow(file: impl Fn(usize) -> Vec<u8>) {
    let steps = |count: usize| {
        let bytes = file(count);
        let (outcome, steps) = zhaoren_cancel::count(|| zhaoren_document::read(&bytes, &Limits::IMPORT));
        assert!(outcome.is_ok(), "{:?}", outcome.err());
        steps
    };
    let (once, twice) = (steps(1_000), steps(2_000));
    assert!(once > 100, "{once} steps count nothing");
    assert!(twice < once * 5 / 2, "{once} steps for the half, {twice} for the whole");
}
