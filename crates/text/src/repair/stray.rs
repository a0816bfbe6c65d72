//! Invisible characters, and characters without a public meaning.

use zhaoren_cancel::poll;

use super::{Finding, RepairKind};
use crate::offsets::Edit;

pub(super) fn find(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        poll();
        let (kind, restored) = match c {
            '\u{200d}' if joins_pictures(text, at) => continue,
            '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{ad}' | '\u{202a}'..='\u{202e}' => {
                (RepairKind::Invisible, true)
            }
            '\n' | '\r' | '\t' => continue,
            c if c.is_control() => (RepairKind::Invisible, true),
            '\u{fffd}' => (RepairKind::BrokenByte, false),
            '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => (RepairKind::PrivateUse, false),
            _ => continue,
        };
        let text = if restored { String::new() } else { c.to_string() };
        found.push(Finding { edit: Edit { range: at..at + c.len_utf8(), text }, kind, restored });
    }
    found
}

/// True if the joiner at `at` precedes a pictograph (emoji), which it joins to the previous one.
fn joins_pictures(text: &str, at: usize) -> bool {
    let next = text.get(at..).and_then(|rest| rest.chars().nth(1));
    next.is_some_and(|c| matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offsets::OffsetMap;

    #[test]
    fn takes_out_what_shows_nothing_and_marks_what_nobody_reads() {
        let cases = [
            ("免\u{200b}申\u{feff}即\u{ad}享\u{7}", "免申即享", 0),
            ("附件\u{e010}、\u{fffd}", "附件\u{e010}、\u{fffd}", 2),
            ("👩\u{200d}💻", "👩\u{200d}💻", 0),
            ("第一条\n\t为了\r\n", "第一条\n\t为了\r\n", 0),
        ];
        for (text, want, marks) in cases {
            let found = find(text);
            let edits: Vec<Edit> = found.iter().map(|finding| finding.edit.clone()).collect();
            assert_eq!(OffsetMap::apply(text, &edits).0, want);
            assert_eq!(found.iter().filter(|finding| !finding.restored).count(), marks, "{text}");
        }
    }
}
