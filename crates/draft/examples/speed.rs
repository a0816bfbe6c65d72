//! Measures the reader on one thread: bytes a minute of conditions, of outlines and of draft items. Arguments are JSONL files of documents
//! with a `text`.
//!
//!     cargo run --release -p zhaoren-draft --example speed -- FILE.jsonl…

#![expect(clippy::print_stdout, reason = "a program that reports to a terminal")]

use std::hint::black_box;
use std::time::Instant;

use serde_json::Value;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_reader::{DocumentMetadata, outline};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dictionary = FactDictionary::built_in();
    let mut texts: Vec<String> = Vec::new();
    for path in std::env::args().skip(1) {
        for line in std::fs::read_to_string(path)?.lines() {
            let document: Value = serde_json::from_str(line)?;
            texts.extend(document.get("text").and_then(Value::as_str).map(str::to_owned));
        }
    }
    let bytes: usize = texts.iter().map(String::len).sum();
    let report = |what: &str, start: Instant| {
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{what}: {bytes} bytes, {seconds:.2} s, {:.0} MB a minute",
            bytes as f64 / 1e6 / seconds * 60.0
        );
    };
    let start = Instant::now();
    for text in &texts {
        black_box(zhaoren_conditions::read(text, None, dictionary));
    }
    report("conditions", start);
    let start = Instant::now();
    let mut items = 0;
    for text in &texts {
        let outline = outline(text, &DocumentMetadata::default());
        items += zhaoren_draft::draft(text, &outline, None, dictionary).items.len();
    }
    report("outlines and draft items", start);
    println!("{items} items");
    Ok(())
}
