//! Any bytes as a policy document: decoded, restored and cut into clauses. Every clause is on character boundaries of the
//! restored text, and every span of it maps into the bytes received.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhaoren_reader::{DocumentMetadata, outline};
use zhaoren_text::{docno, restore};

fuzz_target!(|data: &[u8]| {
    let restored = restore(data);
    let read = outline(&restored.text, &DocumentMetadata::default());
    let mut end = 0;
    for (place, clause) in read.clauses.iter().enumerate() {
        assert!(clause.parent.is_none_or(|parent| parent < place));
        assert!(end <= clause.span.start, "clauses overlap or run backwards");
        end = clause.span.end;
        assert!(restored.text.get(clause.span.clone()).is_some(), "a span cuts a character");
        let source = restored.offsets.to_source(clause.span.clone());
        assert!(source.start <= source.end && source.end <= data.len());
    }
    for (span, number) in docno::find_all(&restored.text) {
        assert!(restored.text.get(span).is_some());
        assert!(!number.key().is_empty());
    }
});
