//! Repair of text that was decoded in a wrong single-byte encoding and saved again: UTF-8 or GBK read as Latin-1 or
//! Windows-1252 (Ä³ÊÐ for 某市).
//!
//! The bytes are found again, since each such character represents one byte. They are repaired only where the whole
//! stretch decodes to common Chinese; a stretch that looks damaged in this way and does not is marked.

use encoding_rs::{GBK, UTF_8, WINDOWS_1252};
use zhaoren_cancel::{poll, steps};

use super::{Finding, RepairKind};
use crate::language::{is_common, score};
use crate::offsets::Edit;

/// Minimum number of consecutive letters that count as damage: shorter ones occur in foreign names.
const FEWEST: usize = 4;

/// Lowest plausibility of the repaired text; official text without rare characters has about 0.9.
const PLAUSIBLE: f64 = 0.7;

pub(super) fn find(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        steps(line.len() as u64);
        let mut start = 0;
        let mut odd = 0_usize;
        for (offset, c) in line.char_indices() {
            poll();
            if byte(c).is_some() && !matches!(c, '\n' | '\r') {
                odd += usize::from(!c.is_ascii());
                continue;
            }
            stretch(at + start, line.get(start..offset).unwrap_or_default(), odd, &mut found);
            (start, odd) = (offset + c.len_utf8(), 0);
        }
        stretch(at + start, line.get(start..).unwrap_or_default(), odd, &mut found);
        at += line.len();
    }
    found
}

/// The byte that a character represents in Latin-1 or Windows-1252.
fn byte(c: char) -> Option<u8> {
    if let Ok(byte) = u8::try_from(u32::from(c)) {
        return Some(byte);
    }
    // Only the punctuation and the few letters that Windows-1252 has above Latin-1.
    if u32::from(c) > 0x2122 {
        return None;
    }
    let mut buffer = [0_u8; 4];
    let (bytes, _, lost) = WINDOWS_1252.encode(c.encode_utf8(&mut buffer));
    bytes.first().copied().filter(|_| !lost && bytes.len() == 1)
}

/// Adds the finding of one stretch of single-byte characters, `odd` of which are not ASCII.
fn stretch(at: usize, text: &str, odd: usize, found: &mut Vec<Finding>) {
    // Quotation marks and dashes are in Windows-1252 too, and ordinary in Chinese.
    let letters = text.chars().filter(|c| ('\u{80}'..='\u{ff}').contains(c)).count();
    if odd < FEWEST || letters < FEWEST {
        return;
    }
    // ASCII around the damaged letters is not part of the place.
    let first = text.find(|c: char| !c.is_ascii()).unwrap_or(0);
    let last = text.rfind(|c: char| !c.is_ascii()).unwrap_or(0);
    let end = last + text.get(last..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let damaged = text.get(first..end).unwrap_or_default();
    let bytes: Vec<u8> = damaged.chars().filter_map(byte).collect();
    let repaired = UTF_8
        .decode_without_bom_handling_and_without_replacement(&bytes)
        .filter(|text| text.chars().any(is_common))
        .or_else(|| {
            let even = bytes.iter().filter(|byte| **byte >= 0xa1).count() * 10 >= odd * 9;
            GBK.decode_without_bom_handling_and_without_replacement(&bytes).filter(|text| {
                even && score(text) >= PLAUSIBLE && text.chars().filter(|c| is_common(*c)).count() >= 2
            })
        });
    let range = at + first..at + end;
    match repaired {
        Some(text) => found.push(Finding {
            edit: Edit { range, text: text.into_owned() },
            kind: RepairKind::WrongDecoding,
            restored: true,
        }),
        // Words of European languages have a few such letters among many others.
        None if odd >= 2 * FEWEST && odd * 2 > bytes.len() => found.push(Finding {
            edit: Edit { range, text: damaged.to_owned() },
            kind: RepairKind::WrongDecoding,
            restored: false,
        }),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offsets::OffsetMap;

    /// `text` encoded, and its bytes read as Latin-1 (C1 controls) or as Windows-1252.
    fn damage(text: &str, coding: &'static encoding_rs::Encoding, latin: bool) -> String {
        let bytes = coding.encode(text).0.into_owned();
        if latin {
            return bytes.iter().map(|byte| char::from(*byte)).collect();
        }
        WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned()
    }

    #[test]
    fn text_decoded_wrongly_is_decoded_again() {
        let text = "云溪市科学技术局关于印发《科技企业扶持办法》的通知";
        for damaged in [
            damage(text, GBK, true),
            damage(text, GBK, false),
            damage(text, UTF_8, true),
            damage(text, UTF_8, false),
        ] {
            let line = format!("标题：{damaged}（2025）\n第一条 甲。");
            let found = find(&line);
            let edits: Vec<Edit> = found.iter().map(|finding| finding.edit.clone()).collect();
            assert_eq!(
                OffsetMap::apply(&line, &edits).0,
                format!("标题：{text}（2025）\n第一条 甲。"),
                "{damaged}"
            );
        }
    }

    #[test]
    fn other_words_are_kept_and_unrecoverable_ones_marked() {
        for text in
            ["Société Générale、Zürich、naïve café", "“第一条”—“第二条”……‘甲’", "20×30±5°，§3", "第一条 为了"]
        {
            assert!(find(text).is_empty(), "{text}");
        }
        let mut damaged = damage("云溪市科学技术局关于印发扶持办法的通知", UTF_8, true);
        let lost = damaged.char_indices().nth(7).map_or(0, |(at, _)| at);
        damaged.remove(lost);
        let found = find(&damaged);
        assert_eq!((found.len(), found.first().map(|finding| finding.restored)), (1, Some(false)));
    }
}
