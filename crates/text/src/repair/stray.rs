//! Invisible characters, line ends of other systems, and characters without a public meaning.

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
            // Line ends of Word, of printers and of old systems.
            '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                found.push(line_end(at, c));
                continue;
            }
            '\r' if !text.get(at + 1..).is_some_and(|rest| rest.starts_with('\n')) => {
                found.push(line_end(at, c));
                continue;
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

/// A sign that ends a line in some system, as a line feed.
fn line_end(at: usize, c: char) -> Finding {
    let edit = Edit { range: at..at + c.len_utf8(), text: "\n".to_owned() };
    Finding { edit, kind: RepairKind::Invisible, restored: true }
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
    fn invisible_characters_are_removed_and_unreadable_ones_marked() {
        let cases = [
            ("免\u{200b}申\u{feff}即\u{ad}享\u{7}", "免申即享", 0),
            ("附件\u{e010}、\u{fffd}", "附件\u{e010}、\u{fffd}", 2),
            ("👩\u{200d}💻", "👩\u{200d}💻", 0),
            ("第一条\n\t为了\r\n", "第一条\n\t为了\r\n", 0),
            ("甲\u{b}乙\u{c}丙\u{85}丁\u{2028}戊\u{2029}己\r庚\r\n", "甲\n乙\n丙\n丁\n戊\n己\n庚\r\n", 0),
        ];
        for (text, want, marks) in cases {
            let found = find(text);
            let edits: Vec<Edit> = found.iter().map(|finding| finding.edit.clone()).collect();
            assert_eq!(OffsetMap::apply(text, &edits).0, want);
            assert_eq!(found.iter().filter(|finding| !finding.restored).count(), marks, "{text}");
        }
    }
}
