//! The piece table: the text of a document by position, and where each position lies in the file ([MS-DOC] 2.4.1).

use super::bytes::{index_at, plc, u8_at, u16_at, u32_at};
use super::sprm::{Property, properties};
use crate::limits::Budget;
use crate::refusal::Refusal;

/// Takes the place of a position that has no character of its own: the second half of a character of two.
pub(crate) const HALF: char = '\0';

/// A stretch of text that lies together in the file.
#[derive(Debug)]
struct Piece {
    /// First position.
    from: usize,
    /// Position after the last.
    to: usize,
    /// Byte of the stream `WordDocument` at which it lies.
    at: usize,
    /// Bytes of a position.
    width: usize,
    /// Its own property modifier, in files that were saved fast.
    modifier: Modifier,
}

/// The parts of a piece's property modifier that change which text is seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Modifier {
    pub(crate) deleted: Option<bool>,
    pub(crate) hidden: Option<bool>,
}

/// The text of a document by position.
#[derive(Debug)]
pub(crate) struct Text {
    /// A character for each position.
    pub(crate) characters: Vec<char>,
    pieces: Vec<Piece>,
    /// True if text of single bytes was found to be GBK.
    pub(crate) repaired: bool,
}

impl Text {
    /// Reads the piece table (`Clx`) and the text.
    ///
    /// # Errors
    /// There is no piece table, its text is not there, or it exceeds the budget.
    pub(crate) fn read(stream: &[u8], clx: &[u8], budget: &mut Budget) -> Result<Self, Refusal> {
        let (modifiers, table) = parts(clx, budget)?;
        let mut text = Self { characters: Vec::new(), pieces: Vec::new(), repaired: false };
        for (from, to, data) in plc(table, 8) {
            budget.step(1)?;
            let (Some(offset), Some(modifier)) = (u32_at(data, 2), u16_at(data, 6)) else { continue };
            // Bit 30: one byte for each position, at half the place.
            let compressed = offset & 0x4000_0000 != 0;
            let offset = usize::try_from(offset & 0x3FFF_FFFF).unwrap_or(usize::MAX);
            let (at, width) = if compressed { (offset / 2, 1) } else { (offset, 2) };
            if from != text.characters.len() || to < from {
                return Err(Refusal::Damaged("文字片段表的位置不连续".to_owned()));
            }
            let bytes =
                (to - from).checked_mul(width).and_then(|length| stream.get(at..at.checked_add(length)?));
            let bytes = bytes.ok_or_else(|| Refusal::Truncated("文字所在的数据不全".to_owned()))?;
            budget.text(to - from)?;
            budget.step((to - from) as u64 / 16)?;
            if compressed {
                text.repaired |= single(bytes, &mut text.characters);
            } else {
                double(bytes, &mut text.characters);
            }
            let modifier = modify(modifier, &modifiers);
            text.pieces.push(Piece { from, to, at, width, modifier });
        }
        if text.pieces.is_empty() {
            return Err(Refusal::Damaged("没有文字片段表".to_owned()));
        }
        Ok(text)
    }

    /// The byte of the stream `WordDocument` at which a position lies, and the modifier of its piece.
    pub(crate) fn place(&self, position: usize) -> Option<(usize, Modifier)> {
        let after = self.pieces.partition_point(|piece| piece.from <= position);
        let piece = self.pieces.get(after.checked_sub(1)?)?;
        (position < piece.to).then_some((piece.at + (position - piece.from) * piece.width, piece.modifier))
    }
}

/// The property lists (`Prc`) and the table of pieces (`PlcPcd`) of a `Clx`.
fn parts<'a>(clx: &'a [u8], budget: &mut Budget) -> Result<(Vec<&'a [u8]>, &'a [u8]), Refusal> {
    let broken = || Refusal::Damaged("没有文字片段表".to_owned());
    let (mut lists, mut at) = (Vec::new(), 0);
    loop {
        budget.step(1)?;
        match u8_at(clx, at) {
            Some(1) => {
                let length = usize::from(u16_at(clx, at + 1).ok_or_else(broken)?);
                lists.push(clx.get(at + 3..at + 3 + length).ok_or_else(broken)?);
                at += 3 + length;
            }
            Some(2) => {
                let length = index_at(clx, at + 1).ok_or_else(broken)?;
                let end = (at + 5).checked_add(length).ok_or_else(broken)?;
                return clx.get(at + 5..end).map(|table| (lists, table)).ok_or_else(broken);
            }
            _ => return Err(broken()),
        }
    }
}

/// Decodes the property modifier of a piece (`Prm`): an index of a property list, or one property of a table of the format.
fn modify(modifier: u16, lists: &[&[u8]]) -> Modifier {
    let mut result = Modifier::default();
    if modifier & 1 == 1 {
        for property in lists.get(usize::from(modifier >> 1)).into_iter().flat_map(|list| properties(list)) {
            match property {
                Property { code: 0x0800, .. } => result.deleted = Some(property.byte() != 0),
                Property { code: 0x083C, .. } => result.hidden = Some(property.byte() == 1),
                _ => {}
            }
        }
    } else {
        let on = modifier >> 8 != 0;
        match (modifier >> 1) & 0x7F {
            0x41 => result.deleted = Some(on),
            0x5C => result.hidden = Some(on),
            _ => {}
        }
    }
    result
}

/// UTF-16 with a position for each unit.
fn double(bytes: &[u8], characters: &mut Vec<char>) {
    let units = bytes.chunks_exact(2).filter_map(|unit| u16_at(unit, 0));
    for decoded in char::decode_utf16(units) {
        let character = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        characters.push(character);
        if character.len_utf16() == 2 {
            characters.push(HALF);
        }
    }
}

/// One byte for each position, in Windows-1252; or in GBK, where some writers put it against the format. That shows in
/// bytes above ASCII that come in pairs of GB 2312 only. Says whether it was GBK.
fn single(bytes: &[u8], characters: &mut Vec<char>) -> bool {
    let pairs = gb2312_pairs(bytes);
    let Some(pairs) = pairs.filter(|pairs| *pairs >= 2) else {
        characters.extend(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.chars());
        return false;
    };
    characters.reserve(bytes.len() - pairs);
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        if first.is_ascii() {
            characters.push(char::from(*first));
            rest = after;
        } else {
            let (pair, after) = rest.split_at(rest.len().min(2));
            let decoded = encoding_rs::GBK.decode_without_bom_handling(pair).0;
            characters.push(decoded.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER));
            characters.push(HALF);
            rest = after;
        }
    }
    true
}

/// Number of GB 2312 pairs, where every byte above ASCII belongs to one.
pub(crate) fn gb2312_pairs(bytes: &[u8]) -> Option<usize> {
    let (mut pairs, mut rest) = (0, bytes.iter());
    while let Some(byte) = rest.next() {
        if !byte.is_ascii() {
            let trail = rest.next()?;
            if !(matches!(byte, 0xA1..=0xA9 | 0xB0..=0xF7) && (0xA1..=0xFE).contains(trail)) {
                return None;
            }
            pairs += 1;
        }
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_bytes_are_western_unless_only_chinese_fits() {
        let mut text = Vec::new();
        assert!(!single(b"R\xe9sum\xe9 \x93x\x94", &mut text));
        assert_eq!(text.iter().collect::<String>(), "Résumé “x”");
        let (gbk, _, _) = encoding_rs::GBK.encode("第1条");
        text.clear();
        assert!(single(&gbk, &mut text));
        assert_eq!(text, ['第', HALF, '1', '条', HALF]);
    }

    #[test]
    fn pieces_beyond_the_file_are_reported_as_truncated() {
        let mut clx = vec![2, 16, 0, 0, 0];
        for number in [0u32, 100] {
            clx.extend(number.to_le_bytes());
        }
        clx.extend([0, 0, 0, 4, 0, 0, 0, 0]);
        let outcome = Text::read(&[0; 64], &clx, &mut Budget::new(&crate::Limits::IMPORT, 0));
        assert!(matches!(outcome, Err(Refusal::Truncated(_))), "{outcome:?}");
    }
}
