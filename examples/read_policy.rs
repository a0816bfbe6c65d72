//! Reads a policy from a file of any form: `cargo run --example read_policy [FILE]`.
//!
//! Three crates, one after the other: `zhaoren-document` gives the canonical text of the form (PDF, DOCX, OFD …), `zhaoren-text`
//! repairs and simplifies it, `zhaoren-reader` finds the facts of the document and its clauses.

#![allow(clippy::print_stdout, reason = "the output is what the example shows")]

use std::error::Error;
use std::path::PathBuf;

use zhaoren_document::Limits;
use zhaoren_reader::{DocumentMetadata, outline};
use zhaoren_text::restore;

fn main() -> Result<(), Box<dyn Error>> {
    let sample = || {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("seeds/documents/xuhui-2024-business-environment-plan.txt")
    };
    let path = std::env::args_os().nth(1).map_or_else(sample, PathBuf::from);
    let bytes = std::fs::read(&path)?;

    // A scan, an encrypted file or a bomb is refused here, in words.
    let document = zhaoren_document::read(&bytes, &Limits::IMPORT)?;
    let canonical = document.text();
    let restored = restore(canonical.text.as_bytes());
    let outline = outline(&restored.text, &DocumentMetadata { title: document.title, ..Default::default() });

    println!("标题：{}", outline.document.title);
    println!("发文机关：{}", outline.document.issuer.as_deref().unwrap_or("未知"));
    println!("文号：{}", outline.document.number.as_deref().unwrap_or("未知"));
    println!("成文日期：{}", outline.document.published.map_or("未知".to_owned(), |day| day.to_string()));
    println!("条款：{} 条，修复：{} 处", outline.clauses.len(), restored.repairs.len());
    for clause in outline.clauses.iter().take(3) {
        let text: String =
            restored.text.get(clause.span.clone()).unwrap_or_default().chars().take(30).collect();
        println!("  {}：{text}", clause.label);
    }
    Ok(())
}
