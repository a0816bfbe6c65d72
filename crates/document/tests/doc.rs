//! Word 97 documents: those with traps, and bounds of the work.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod scoring;

use zhaoren_document::{Limits, Refusal};

#[test]
fn files_are_read_as_their_index_says() {
    scoring::score_own("doc.jsonl");
}

#[test]
fn official_texts_are_read_as_their_index_says() {
    scoring::score_beside(|name| matches!(name, "doc-libreoffice.doc" | "wps-libreoffice.wps"));
}

#[test]
fn no_prefix_and_no_changed_byte_breaks_the_reader() {
    for file in ["doc-numbering.doc", "doc-tracked.doc", "doc-notes-header.doc"] {
        scoring::bear_damage(file, 5);
    }
    scoring::bear_damage("docx-is-ole2.docx", 17);
}

#[test]
fn an_encrypted_document_is_refused_as_such() {
    let mut bytes = file("doc-numbering.doc");
    let head = find(&bytes, &[0xEC, 0xA5]);
    if let Some(flags) = bytes.get_mut(head + 0x0B) {
        *flags |= 1;
    }
    assert_eq!(zhaoren_document::read(&bytes, &Limits::IMPORT), Err(Refusal::Encrypted));
}

#[test]
fn a_count_beyond_the_text_is_a_truncated_file() {
    let mut bytes = file("doc-numbering.doc");
    let count = find(&bytes, &[0xEC, 0xA5]) + 0x4C;
    bytes.splice(count..count + 4, 9_999_999u32.to_le_bytes());
    assert!(matches!(zhaoren_document::read(&bytes, &Limits::IMPORT), Err(Refusal::Truncated(_))));
}

#[test]
fn an_older_document_is_named() {
    let mut bytes = file("doc-numbering.doc");
    let version = find(&bytes, &[0xEC, 0xA5]) + 2;
    bytes.splice(version..version + 2, 104u16.to_le_bytes());
    assert!(matches!(zhaoren_document::read(&bytes, &Limits::IMPORT), Err(Refusal::UnknownForm(_))));
}

/// A file of `tests/files`.
fn file(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    std::fs::read(folder.join(name)).expect("the file is in the repository")
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).expect("the bytes are in the file")
}
