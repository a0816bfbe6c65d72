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
use zhaoren_document::{Limits, Refusal, read};

use crate::index;

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

#[test]
fn files_of_the_crate_match_their_entries() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    let index = std::fs::read_to_string(own.join("index.jsonl")).expect("the crate has its index");
    assert_read(&own, &index, false);
}

#[test]
fn every_file_matches_its_entry() {
    let folder = folder();
    let Ok(index) = std::fs::read_to_string(folder.join("index.jsonl")) else {
        zhaoren_prerequisite::skip(zhaoren_prerequisite::Prerequisite::Texts, &folder.display().to_string());
        return;
    };
    assert_read(&folder, &index, true);
}

/// Asserts that each file of an index is read as its entry says; where `whole`, that each listed file is one of them.
fn assert_read(folder: &Path, entries: &str, whole: bool) {
    let not_yet: BTreeMap<&str, &str> = NOT_YET.into_iter().collect();
    let other_paragraphs: BTreeMap<&str, &str> = OTHER_PARAGRAPHS.into_iter().collect();
    let (mut wrong, mut right) = (Vec::new(), 0);
    for name in not_yet.keys().chain(other_paragraphs.keys()).filter(|_| whole) {
        let quoted = format!("\"{name}\"");
        assert!(entries.contains(&quoted), "{name} is listed, but no file of the index");
    }
    for line in entries.lines() {
        let entry: Value = serde_json::from_str(line).expect("the index holds a JSON object a line");
        let name = entry["file"].as_str().expect("each entry names its file");
        let bytes = std::fs::read(folder.join(name)).expect("each file of the index is there");
        let read = read(&bytes, &Limits::IMPORT);
        if cfg!(not(feature = "pdf")) && matches!(read, Err(Refusal::NotBuilt(_))) {
            continue;
        }
        let mut faults = index::problems_of(&entry, &read);
        if let (Ok(document), Some(wanted)) = (&read, entry["expect"]["paragraphs"].as_u64()) {
            let found = index::paragraphs(document);
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
