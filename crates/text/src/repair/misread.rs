//! Repair of text that was decoded as GBK one byte off and then saved: detected by its rare characters, and repaired
//! by encoding it as GBK and finding the character boundaries anew.
//!
//! The character that lost its byte is unknown: it becomes U+FFFD. If the boundaries at the start or end of the run are
//! ambiguous, the characters in between are marked.

use encoding_rs::GBK;
use zhaoren_cancel::steps;

use super::{Finding, RepairKind};
use crate::alignment::{Cut, MOST_ALIGNED, align};
use crate::language::is_suspicious;
use crate::offsets::Edit;

pub(super) fn find(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        steps(line.len() as u64);
        if is_suspicious(line) || line.contains('\u{fffd}') {
            for (start, stretch) in stretches(line) {
                stretch_findings(at + start, stretch, &mut found);
            }
        }
        at += line.len();
    }
    found
}

/// Parts of a line that can have been GBK, with their offsets. A part too long to be aligned at once is cut.
fn stretches(line: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, c) in line.char_indices() {
        if encoded(c).is_none() {
            parts.push((start, line.get(start..at).unwrap_or_default()));
            start = at + c.len_utf8();
        } else if at - start >= MOST_ALIGNED {
            parts.push((start, line.get(start..at).unwrap_or_default()));
            start = at;
        }
    }
    parts.push((start, line.get(start..).unwrap_or_default()));
    parts
}

/// GBK bytes of `c`; one unknown byte for U+FFFD.
fn encoded(c: char) -> Option<Vec<Option<u8>>> {
    if c == '\u{fffd}' {
        return Some(vec![None]);
    }
    let mut buffer = [0_u8; 4];
    let text: &str = c.encode_utf8(&mut buffer);
    let (bytes, _, lost) = GBK.encode(text);
    (!lost && bytes.len() <= 2).then(|| bytes.iter().copied().map(Some).collect())
}

fn stretch_findings(at: usize, text: &str, found: &mut Vec<Finding>) {
    // For every GBK byte, the offset of its character; one more for the end.
    let mut owners = Vec::new();
    let mut bytes = Vec::new();
    for (offset, c) in text.char_indices() {
        let coded = encoded(c).unwrap_or_default();
        owners.extend(std::iter::repeat_n(offset, coded.len()));
        bytes.extend(coded);
    }
    owners.push(text.len());
    let cuts = align(&bytes, GBK);
    // Cuts equal to the received characters are kept; the others form runs.
    let owner = |byte: usize| owners.get(byte).copied().unwrap_or(text.len());
    let is_kept = |cut: &Cut| {
        let offset = owner(cut.start);
        let fits = (cut.start == 0 || owner(cut.start - 1) != offset)
            && owner(cut.start + cut.length) == offset + cut.c.len_utf8();
        fits && cut.certain && text.get(offset..).is_some_and(|rest| rest.starts_with(cut.c))
    };
    // Without a lost byte or a more plausible segmentation there is no reason for doubt.
    let received: String = cuts.iter().map(|cut| cut.c).collect();
    if received == text && !text.contains('\u{fffd}') {
        return;
    }
    let mut done = 0;
    for run in cuts.chunk_by(|a, b| is_kept(a) == is_kept(b)) {
        if run.first().is_none_or(is_kept) {
            continue;
        }
        let end = run.last().map_or(done, |last| owner(last.start + last.length));
        let start = run.first().map_or(done, |first| owner(first.start));
        pieces(run, at, start.max(done), end, &owner, found);
        done = end;
    }
}

/// Findings of one run: its certain pieces, and between them the doubtful ones.
///
/// A received character can contain bytes of two pieces. It is assigned to the doubtful one.
fn pieces(
    run: &[Cut],
    at: usize,
    start: usize,
    end: usize,
    owner: &dyn Fn(usize) -> usize,
    found: &mut Vec<Finding>,
) {
    let parts: Vec<&[Cut]> = run.chunk_by(|a, b| a.certain == b.certain).collect();
    let mut from = start;
    for (index, part) in parts.iter().enumerate() {
        let certain = part.first().is_some_and(|cut| cut.certain);
        let next = parts.get(index + 1).and_then(|next| next.first()).map(|cut| cut.start);
        let to = match next {
            None => end,
            // The character that contains the first byte of the next piece: it belongs to that piece if that one is in
            // doubt, otherwise to this one.
            Some(byte) if certain => owner(byte.saturating_sub(1)).max(from),
            Some(byte) => past(owner, byte).max(from),
        };
        let text: String = part.iter().map(|cut| cut.c).collect();
        let kind = if certain { RepairKind::ShiftedRun } else { RepairKind::LostByte };
        found.push(Finding { edit: Edit { range: at + from..at + to, text }, kind, restored: certain });
        from = to;
    }
}

/// End of the character that contains `byte`, or its start if `byte` is its first.
fn past(owner: &dyn Fn(usize) -> usize, byte: usize) -> usize {
    let place = owner(byte);
    if byte > 0 && owner(byte - 1) != place {
        return place;
    }
    (byte..).map(owner).find(|&next| next != place).unwrap_or(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offsets::OffsetMap;

    #[test]
    fn recoverable_text_is_repaired_and_the_rest_marked() {
        let text = "申报单位应当依法经营，近三年内没有严重失信记录。";
        let mut bytes = GBK.encode(text).0.into_owned();
        bytes.remove(9);
        let misread = GBK.decode_without_bom_handling(&bytes).0.into_owned();
        let found = find(&misread);
        let edits: Vec<Edit> = found.iter().map(|finding| finding.edit.clone()).collect();
        let (out, _) = OffsetMap::apply(&misread, &edits);
        assert!(out.starts_with("申报") && out.contains("近三年内没有严重失信记录"), "{misread}\n{out}");
        assert!(
            found.iter().any(|finding| finding.restored) && found.iter().any(|finding| !finding.restored)
        );
    }

    #[test]
    fn genuine_rare_characters_are_kept() {
        for text in
            ["浦东新区浬泾路、洮南市、亳州市谯城区、醴陵市渌口区", "第一条　为了规范管理，制定本办法。"]
        {
            assert!(find(text).is_empty(), "{text}");
        }
    }
}
