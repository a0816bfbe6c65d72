//! Tests of the crate's face.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

mod items;
mod labels;
mod real;
mod shape;

use zhaoren_draft::{DraftDocument, draft};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_reader::{DocumentMetadata, outline};

/// Draft of a text by itself.
fn drafted(text: &str) -> DraftDocument {
    drafted_as(text, &DocumentMetadata::default())
}

/// Draft of a text with its metadata.
fn drafted_as(text: &str, metadata: &DocumentMetadata) -> DraftDocument {
    draft(text, &outline(text, metadata), None, FactDictionary::built_in())
}

/// Problems that the loader of items has with the items of a draft.
fn load_problems(draft: &DraftDocument, text: &str) -> Vec<String> {
    let json = draft.to_json(text, FactDictionary::built_in())["items"].to_string();
    let (items, report) = zhaoren_policy::item::read_items(&json, "drafts.json", FactDictionary::built_in());
    let mut problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    if items.len() != draft.items.len() {
        problems.push(format!("{} of {} items loaded", items.len(), draft.items.len()));
    }
    problems
}
