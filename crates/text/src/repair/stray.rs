//! Characters that show nothing, and characters that nobody can read.

use super::{Finding, RepairKind};
use crate::offsets::Edit;

pub(super) fn find(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, c) in text.char_indices() {
        let (kind, restored) = match c {
            '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{ad}' | '\u{202a}'..='\u{202e}' => (RepairKind::Invisible, true),
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
