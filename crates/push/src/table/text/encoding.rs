//! Encodings of text files, and their detection from the first bytes.

use std::borrow::Cow;

use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};

use super::SAMPLE;

/// Encodings of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Gb18030,
    Utf16Le,
    Utf16Be,
    /// Converted to UTF-8 before it is split, from an encoding in which it cannot be split.
    Converted,
}

impl Encoding {
    /// Encoding of cells and lines once they are split: UTF-16 cannot be split at bytes and is converted to UTF-8 before.
    /// In GB 18030, no second byte of a character is a comma, a quote or a line end.
    pub(super) fn cut(self) -> Self {
        match self {
            Self::Gb18030 => Self::Gb18030,
            _ => Self::Utf8,
        }
    }

    /// Decoded text; `None` if some bytes are no character.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self.cut() {
            Self::Gb18030 => GB18030.decode_without_bom_handling_and_without_replacement(bytes),
            _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        }
    }

    /// True if a UTF-8 text was converted from UTF-16 with invalid characters.
    pub(crate) fn was_broken(self, text: &str) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be | Self::Converted) && text.contains('\u{fffd}')
    }
}

/// Fault of a cell or file that is in none of the encodings.
pub(crate) const UNDECODABLE: &str = "有无法解码的字节，文件应为完整的 UTF-8、UTF-16 或 GB18030";

/// Encoding and length of the byte order mark; `None` for a file that is no text.
pub(super) fn detect(head: &[u8], sample: &[u8]) -> Option<(Encoding, usize)> {
    let marks: [(&[u8], Encoding); 4] = [
        (b"\xef\xbb\xbf", Encoding::Utf8),
        (b"\xff\xfe", Encoding::Utf16Le),
        (b"\xfe\xff", Encoding::Utf16Be),
        (b"\x84\x31\x95\x33", Encoding::Gb18030),
    ];
    if let Some((mark, encoding)) = marks.iter().find(|(mark, _)| head.starts_with(mark)) {
        return Some((*encoding, mark.len()));
    }
    if head.contains(&0) {
        // Every second byte of half-width characters is zero.
        let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
        let (high, low) = (zeros(0), zeros(1));
        let (encoding, coding) =
            if low > high { (Encoding::Utf16Le, UTF_16LE) } else { (Encoding::Utf16Be, UTF_16BE) };
        let text = coding.decode_without_bom_handling(head).0;
        return (high.min(low) * 4 <= high.max(low) && !text.contains('\0')).then_some((encoding, 0));
    }
    Some((if mostly_utf8(sample) { Encoding::Utf8 } else { Encoding::Gb18030 }, 0))
}

/// End of the last whole character of a UTF-8 sample.
pub(super) fn characters(sample: &[u8]) -> usize {
    if sample.len() < SAMPLE {
        return sample.len();
    }
    let tail = sample.iter().rev().take(3).take_while(|byte| (0x80..0xc0).contains(*byte)).count();
    let lead =
        sample.len().checked_sub(tail + 1).and_then(|at| sample.get(at)).is_some_and(|byte| *byte >= 0xc0);
    if lead { sample.len() - tail - 1 } else { sample.len() }
}

/// True if the bytes are UTF-8 with only a few damaged places, which are reported with their rows later.
fn mostly_utf8(sample: &[u8]) -> bool {
    // 联通 in GBK happens to be valid UTF-8, but with letters that no Chinese table has; these signs may occur.
    let signs = ['·', '×', '÷', '±', '°', '®', '©', '²', '³', 'µ', '§'];
    let (mut wide, mut letters, mut broken) = (0_usize, 0_usize, 0_usize);
    for chunk in sample.utf8_chunks() {
        for c in chunk.valid().chars().filter(|c| !c.is_ascii()) {
            wide += usize::from(c >= '\u{800}');
            letters += usize::from(c < '\u{800}' && !signs.contains(&c));
        }
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if broken == 0 { wide > 0 || letters == 0 } else { wide > broken }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_detected() {
        let text = "id,企业名称\nE1,上海某某科技有限公司\n";
        let wide = |big: bool| -> Vec<u8> {
            text.encode_utf16()
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect()
        };
        let told = |bytes: &[u8]| detect(bytes, bytes);
        assert_eq!(told(text.as_bytes()), Some((Encoding::Utf8, 0)));
        assert_eq!(told(&GB18030.encode(text).0), Some((Encoding::Gb18030, 0)));
        assert_eq!(told(&wide(false)), Some((Encoding::Utf16Le, 0)));
        assert_eq!(told(&wide(true)), Some((Encoding::Utf16Be, 0)));
        assert_eq!(told(&[b"\xff\xfe".as_slice(), &wide(false)].concat()), Some((Encoding::Utf16Le, 2)));
        assert_eq!(told(b"\x00\x00\x00\x01binary\x00\x00"), None);
        assert_eq!(told(b"id,name\n"), Some((Encoding::Utf8, 0)));
        // 联通 in GBK is valid UTF-8, but is not meant as UTF-8.
        assert_eq!(told(&GB18030.encode("id,name\nE1,联通").0), Some((Encoding::Gb18030, 0)));
        assert_eq!(told("id,name\nE1,×".as_bytes()), Some((Encoding::Utf8, 0)));
        // One damaged place does not change the detected encoding.
        let mut damaged = text.repeat(3).into_bytes();
        damaged.insert(40, 0xff);
        assert_eq!(told(&damaged), Some((Encoding::Utf8, 0)));
    }
}
