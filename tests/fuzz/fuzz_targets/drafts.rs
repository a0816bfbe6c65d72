//! Any bytes as a document to draft items from, and any text as the answer of a language model about one of its passages. The segments
//! joined together are the text, every part lies in it, what the reader proposes is decided as it was read, and an answer that passes
//! has its quote in the passage.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhaoren_engine::built_in_facts;
use zhaoren_engine::drafting::{ItemDecisions, checked, read_sheet};

fuzz_target!(|data: &[u8]| {
    let facts = built_in_facts();
    // Bytes that are no document are refused with their reason.
    let sheet = match read_sheet("draft.txt", data, None, facts) {
        Ok(sheet) => sheet,
        Err(problems) => {
            assert!(!problems.is_empty());
            return;
        }
    };
    let mut end = 0;
    for segment in &sheet.segments {
        assert_eq!(segment.from, end, "segments have a gap or overlap");
        end = segment.to;
        assert!(sheet.text.get(segment.from..segment.to).is_some(), "a segment cuts a character");
    }
    assert_eq!(end, sheet.text.len());
    assert!(sheet.coverage.1 <= sheet.coverage.0);
    let answer = String::from_utf8_lossy(data);
    for item in &sheet.items {
        for part in &item.parts {
            assert!(sheet.text.get(part.from..part.to).is_some(), "a part cuts a character");
            if let Ok(Some(proposal)) = checked(&answer, &part.text, "m", facts) {
                assert!(part.text.contains(&proposal.quote));
            }
        }
        let decided = item.decide(&ItemDecisions::default(), &sheet.region, facts);
        assert!(decided.is_ok(), "an item as it was read has an error: {decided:?}");
    }
});
