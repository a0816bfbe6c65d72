//! Characters from bytes in the code page of their font, and from `\u` units.

use std::collections::HashMap;

use encoding_rs::Encoding;

/// The encodings of a file: of the whole and of each font.
#[derive(Debug)]
pub(super) struct Encodings {
    /// The encoding of `\ansicpg`.
    file: &'static Encoding,
    /// Character sets of fonts by number.
    fonts: HashMap<i32, i32>,
}

/// Fonts whose character set is kept.
const FONTS: usize = 4_096;

impl Encodings {
    pub(super) fn new() -> Self {
        Self { file: encoding_rs::WINDOWS_1252, fonts: HashMap::new() }
    }

    /// Takes the code page of `\ansicpg`.
    pub(super) fn set_file(&mut self, page: i32) {
        self.file = match page {
            936 | 54936 => encoding_rs::GBK,
            950 => encoding_rs::BIG5,
            932 => encoding_rs::SHIFT_JIS,
            949 => encoding_rs::EUC_KR,
            65001 => encoding_rs::UTF_8,
            _ => encoding_rs::WINDOWS_1252,
        };
    }

    /// Takes the character set of a font.
    pub(super) fn set_font(&mut self, font: i32, charset: i32) {
        if self.fonts.len() < FONTS {
            self.fonts.insert(font, charset);
        }
    }

    /// The characters of bytes in a font, and whether they were repaired: read as UTF-8 or GBK against what the file says,
    /// because bytes above ASCII are nothing else.
    pub(super) fn decode(&self, bytes: &[u8], font: Option<i32>) -> (String, bool) {
        if bytes.is_ascii() {
            return (String::from_utf8_lossy(bytes).into_owned(), false);
        }
        let encoding = match font.and_then(|font| self.fonts.get(&font)) {
            Some(134) => encoding_rs::GBK,
            Some(136) => encoding_rs::BIG5,
            Some(128) => encoding_rs::SHIFT_JIS,
            Some(129) => encoding_rs::EUC_KR,
            // A Western font in a Chinese file: bytes that are not Chinese are Western.
            Some(0) if !encoding_rs::GBK.decode_without_bom_handling(bytes).1 => self.file,
            Some(0) => encoding_rs::WINDOWS_1252,
            _ => self.file,
        };
        // Programs that know no RTF write UTF-8 as it is. Text of three-byte signs alone is no other encoding by chance.
        let utf8 = std::str::from_utf8(bytes).ok().filter(|text| {
            let wide = text.chars().filter(|sign| !sign.is_ascii());
            wide.clone().all(|sign| sign.len_utf8() == 3) && wide.count() >= 2
        });
        if let Some(text) = utf8 {
            return (text.to_owned(), encoding != encoding_rs::UTF_8);
        }
        let mistaken = encoding == encoding_rs::WINDOWS_1252
            && crate::doc::gb2312_pairs(bytes).is_some_and(|pairs| pairs >= 2);
        let encoding = if mistaken { encoding_rs::GBK } else { encoding };
        (encoding.decode_without_bom_handling(bytes).0.into_owned(), mistaken)
    }
}

/// Characters that wait until their other half has come.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    units: Vec<u16>,
}

impl Buffer {
    /// True if nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.units.is_empty()
    }

    /// True if bytes would not follow bytes.
    pub(super) fn has_units(&self) -> bool {
        !self.units.is_empty()
    }

    /// True if a unit would not follow units.
    pub(super) fn has_bytes(&self) -> bool {
        !self.bytes.is_empty()
    }

    pub(super) fn push_bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes the number of `\u`, which is a signed 16-bit number for a UTF-16 unit.
    pub(super) fn push_unit(&mut self, number: i32) {
        match u16::try_from(number.rem_euclid(0x1_0000)) {
            Ok(unit) if (-0x8000..0x1_0000).contains(&number) => self.units.push(unit),
            // Some writers give the code point itself.
            _ => {
                let point = u32::try_from(number).ok().and_then(char::from_u32);
                let mut buffer = [0; 2];
                self.units.extend_from_slice(
                    point.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf16(&mut buffer),
                );
            }
        }
    }

    /// The characters that wait.
    pub(super) fn take(&mut self, encodings: &Encodings, font: Option<i32>) -> (String, bool) {
        if !self.units.is_empty() {
            return (String::from_utf16_lossy(&std::mem::take(&mut self.units)), false);
        }
        encodings.decode(&std::mem::take(&mut self.bytes), font)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_decoded_in_the_code_page_of_their_font() {
        let mut encodings = Encodings::new();
        encodings.set_font(1, 134);
        encodings.set_font(2, 0);
        let gbk = encoding_rs::GBK.encode("镕①").0.into_owned();
        assert_eq!(encodings.decode(&gbk, Some(1)), ("镕①".to_owned(), false));
        assert_eq!(encodings.decode(b"\x93a\x94", Some(2)).0, "“a”");
        let gb2312 = encoding_rs::GBK.encode("条件").0.into_owned();
        assert_eq!(encodings.decode(&gb2312, Some(2)), ("条件".to_owned(), true));
        assert_eq!(encodings.decode("第一条".as_bytes(), Some(1)), ("第一条".to_owned(), true));
        encodings.set_file(936);
        assert_eq!(encodings.decode(&gbk, Some(2)), ("镕①".to_owned(), false));
        assert_eq!(
            encodings.decode(b"\x93a\x94", None).0.chars().count(),
            2,
            "in GBK this is a pair and half of one"
        );
    }

    #[test]
    fn surrogate_pairs_give_supplementary_characters() {
        let mut pending = Buffer::default();
        for unit in [-10176, -9060, 31532, -3] {
            pending.push_unit(unit);
        }
        assert_eq!(pending.take(&Encodings::new(), None).0, "𠂜第\u{fffd}");
    }
}
