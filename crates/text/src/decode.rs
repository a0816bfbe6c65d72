//! Decoding: detection of the encoding, text, and source offset of each character.
//!
//! ```
//! use zhaoren_text::{Encoding, decode};
//!
//! let gbk = [0xD5, 0xFE, 0xB2, 0xDF]; // 政策
//! let decoded = decode(&gbk);
//! assert_eq!(decoded.text, "政策");
//! assert_eq!(decoded.encoding, Encoding::Gb18030);
//! ```

use encoding_rs::{BIG5, Encoding as Coding, GB18030, UTF_16BE, UTF_16LE};
use serde::Serialize;
use zhaoren_cancel::{poll, steps};

use crate::alignment::{align, cut_at};
use crate::language::{cost, is_suspicious};
use crate::offsets::OffsetMap;

/// Encodings of Chinese documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "UTF-8")]
    Utf8,
    /// UTF-16, little-endian.
    #[serde(rename = "UTF-16LE")]
    Utf16Le,
    /// UTF-16, big-endian.
    #[serde(rename = "UTF-16BE")]
    Utf16Be,
    /// GB 18030, a superset of GBK and GB 2312.
    #[serde(rename = "GB18030")]
    Gb18030,
    /// Big5.
    #[serde(rename = "Big5")]
    Big5,
}

impl Encoding {
    /// Common name of the encoding.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Gb18030 => "GB18030",
            Self::Big5 => "Big5",
        }
    }
}

impl Encoding {
    /// Decodes a part of a text known to be in this encoding; it begins at a character boundary.
    pub fn decode_part(self, bytes: &[u8]) -> String {
        let coding = match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Gb18030 => GB18030,
            Self::Big5 => BIG5,
        };
        coding.decode_without_bom_handling(bytes).0.into_owned()
    }
}

/// Result of decoding.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The text; invalid bytes are U+FFFD.
    pub text: String,
    /// Source offsets of the text.
    pub offsets: OffsetMap,
    /// The detected encoding.
    pub encoding: Encoding,
    /// Ranges of `text` near lost or inserted bytes that could be read differently.
    pub doubtful: Vec<std::ops::Range<usize>>,
}

/// Detects the encoding of `bytes`, by byte order mark, by validity, then by statistics, and decodes them.
pub fn decode(bytes: &[u8]) -> Decoded {
    let (encoding, mark) = detect(bytes);
    decode_behind(bytes, encoding, mark)
}

/// Decodes `bytes` in an encoding that is known, behind its byte order mark if there is one.
pub fn decode_as(bytes: &[u8], encoding: Encoding) -> Decoded {
    let mark = Coding::for_bom(bytes).map_or(0, |(_, length)| length);
    decode_behind(bytes, encoding, mark)
}

/// Decodes what follows a mark of `mark` bytes.
fn decode_behind(bytes: &[u8], encoding: Encoding, mark: usize) -> Decoded {
    let body = bytes.get(mark..).unwrap_or_default();
    let mut out = Builder {
        text: String::with_capacity(body.len() + body.len() / 2),
        offsets: OffsetMap::default(),
        doubtful: Vec::new(),
    };
    if mark > 0 {
        out.offsets.push(0, mark, None);
    }
    match encoding {
        Encoding::Utf8 => out.utf8(body),
        Encoding::Utf16Le => out.units(body, UTF_16LE, utf16_length(1)),
        Encoding::Utf16Be => out.units(body, UTF_16BE, utf16_length(0)),
        Encoding::Gb18030 => out.lines(body, GB18030, &gb18030_length),
        Encoding::Big5 => out.lines(body, BIG5, &big5_length),
    }
    Decoded { text: out.text, offsets: out.offsets, encoding, doubtful: out.doubtful }
}

/// Number of bytes examined to detect the encoding.
const SAMPLE: usize = 1 << 16;

/// Encoding and length of the byte order mark.
fn detect(bytes: &[u8]) -> (Encoding, usize) {
    if let Some((coding, length)) = Coding::for_bom(bytes) {
        let encoding = match coding {
            c if c == UTF_16LE => Encoding::Utf16Le,
            c if c == UTF_16BE => Encoding::Utf16Be,
            _ => Encoding::Utf8,
        };
        return (encoding, length);
    }
    if std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0) {
        return (Encoding::Utf8, 0);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return (encoding, 0);
    }
    if mostly_utf8(bytes) {
        return (Encoding::Utf8, 0);
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    // The ASCII text of the page layout comes first; the Chinese text after it decides.
    let from = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let sample = bytes.get(from..bytes.len().min(from + SAMPLE)).unwrap_or_default();
    detector.feed(sample, from + sample.len() == bytes.len());
    let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
    // Only Chinese encodings remain. A lost byte can mislead a statistical detector, but not this comparison: the
    // wrong encoding gives rare characters throughout.
    let (gb, big5) = (strangeness(sample, GB18030), strangeness(sample, BIG5));
    let guessed_big5 = guess == BIG5;
    let is_big5 = if guessed_big5 { big5 <= gb.saturating_mul(2) } else { big5.saturating_mul(2) < gb };
    (if is_big5 { Encoding::Big5 } else { Encoding::Gb18030 }, 0)
}

/// Improbability of the text that `bytes` encode in `coding`.
fn strangeness(bytes: &[u8], coding: &'static Coding) -> u32 {
    coding.decode_without_bom_handling(bytes).0.chars().map(cost).sum()
}

/// Detects UTF-16 without a byte order mark by its ASCII characters: every second byte of them is zero.
fn utf16_without_mark(bytes: &[u8]) -> Option<Encoding> {
    if bytes.len() < 4 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let sound = |coding: &'static Coding| coding.decode_without_bom_handling_and_without_replacement(bytes);
    // Most characters of a valid text are Han, Chinese punctuation or ASCII.
    let share = |text: &str| {
        let usual = |c: &char| {
            c.is_ascii_graphic()
                || matches!(c, ' ' | '\n' | '\r' | '\t' | '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ff5e}' | '\u{2010}'..='\u{2030}')
        };
        let all = text.chars().count().max(1);
        text.chars().filter(usual).count() * 100 / all
    };
    [(UTF_16LE, Encoding::Utf16Le), (UTF_16BE, Encoding::Utf16Be)]
        .into_iter()
        .filter_map(|(coding, encoding)| sound(coding).map(|text| (share(&text), encoding)))
        .filter(|(share, _)| *share >= 95)
        .max_by_key(|(share, _)| *share)
        .map(|(_, encoding)| encoding)
}

/// True if the bytes are UTF-8 except for a few damaged places.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut sound, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    sound > 0 && broken * 20 <= sound
}

struct Builder {
    text: String,
    offsets: OffsetMap,
    doubtful: Vec<std::ops::Range<usize>>,
}

impl Builder {
    fn utf8(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            steps(1 + chunk.valid().len() as u64);
            self.text.push_str(chunk.valid());
            self.offsets.push(chunk.valid().len(), chunk.valid().len(), Some((1, 1)));
            if !chunk.invalid().is_empty() {
                self.broken(chunk.invalid().len());
            }
        }
    }

    /// Decodes line by line; an implausible line is searched for lost and inserted bytes.
    fn lines(&mut self, bytes: &[u8], coding: &'static Coding, length: &dyn Fn(&[u8]) -> usize) {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            steps(line.len() as u64);
            let (text, broken) = coding.decode_without_bom_handling(line);
            if broken || is_suspicious(&text) {
                let mut rest = line;
                while !rest.is_empty() {
                    let (part, after) = rest.split_at_checked(cut_at(rest)).unwrap_or((rest, &[]));
                    self.aligned(part, coding);
                    rest = after;
                }
            } else if !self.known(line, &text, length) {
                self.units(line, coding, length);
            }
        }
    }

    /// Appends a valid line that is already decoded; `false`, without effect, if some bytes encode two characters.
    fn known(&mut self, line: &[u8], text: &str, length: &dyn Fn(&[u8]) -> usize) -> bool {
        let mut rest = line;
        let mut lengths = Vec::with_capacity(text.len() / 3);
        for _ in text.chars() {
            let take = length(rest).min(rest.len());
            lengths.push(take);
            rest = rest.get(take..).unwrap_or_default();
        }
        if !rest.is_empty() || lengths.contains(&0) {
            return false;
        }
        self.text.push_str(text);
        for (c, take) in text.chars().zip(lengths) {
            self.offsets.push(c.len_utf8(), take, Some((c.len_utf8(), take)));
        }
        true
    }

    fn aligned(&mut self, line: &[u8], coding: &'static Coding) {
        let known: Vec<Option<u8>> = line.iter().copied().map(Some).collect();
        for cut in align(&known, coding) {
            let start = self.text.len();
            self.text.push(cut.c);
            let width = cut.c.len_utf8();
            let step = (cut.c != '\u{fffd}').then_some((width, cut.length));
            self.offsets.push(width, cut.length, step);
            if cut.certain {
                continue;
            }
            match self.doubtful.last_mut().filter(|last| last.end == start) {
                Some(last) => last.end += width,
                None => self.doubtful.push(start..start + width),
            }
        }
    }

    /// Decodes character by character; `length` returns the number of bytes of the next one.
    fn units(&mut self, bytes: &[u8], coding: &'static Coding, length: &dyn Fn(&[u8]) -> usize) {
        let mut rest = bytes;
        while !rest.is_empty() {
            poll();
            let take = length(rest).clamp(1, rest.len());
            let (unit, after) = rest.split_at(take);
            match coding.decode_without_bom_handling_and_without_replacement(unit) {
                Some(text) => {
                    self.text.push_str(&text);
                    self.offsets.push(text.len(), take, Some((text.len(), take)));
                    rest = after;
                }
                // An invalid lead byte consumes one byte only, so that the next character is not lost too.
                None => {
                    let skip = if coding == UTF_16LE || coding == UTF_16BE { take } else { 1 };
                    self.broken(skip);
                    rest = rest.get(skip..).unwrap_or_default();
                }
            }
        }
    }

    fn broken(&mut self, length: usize) {
        self.text.push('\u{fffd}');
        self.offsets.push('\u{fffd}'.len_utf8(), length, None);
    }
}

/// 2, or 4 for a surrogate pair; `high` is the index of the high byte in a code unit.
fn utf16_length(high: usize) -> &'static dyn Fn(&[u8]) -> usize {
    if high == 1 { &|bytes| surrogate(bytes.get(1)) } else { &|bytes| surrogate(bytes.first()) }
}

fn surrogate(high: Option<&u8>) -> usize {
    if high.is_some_and(|byte| (0xd8..0xdc).contains(byte)) { 4 } else { 2 }
}

fn gb18030_length(bytes: &[u8]) -> usize {
    match (bytes.first(), bytes.get(1)) {
        (Some(0x81..=0xfe), Some(0x30..=0x39)) => 4,
        (Some(0x81..=0xfe), Some(_)) => 2,
        _ => 1,
    }
}

fn big5_length(bytes: &[u8]) -> usize {
    if bytes.first().is_some_and(|byte| (0x81..=0xfe).contains(byte)) { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "关于支持企业发展的若干措施（2024年第1号），请认真贯彻执行。Hello, 世界。";

    #[test]
    fn finds_the_encoding() {
        let utf16 = |big: bool| -> Vec<u8> {
            TEXT.encode_utf16()
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect()
        };
        let with_mark = |mark: &[u8], body: Vec<u8>| [mark, &body].concat();
        let cases = [
            (TEXT.as_bytes().to_vec(), Encoding::Utf8),
            (with_mark(b"\xef\xbb\xbf", TEXT.as_bytes().to_vec()), Encoding::Utf8),
            (GB18030.encode(TEXT).0.into_owned(), Encoding::Gb18030),
            (utf16(false), Encoding::Utf16Le),
            (utf16(true), Encoding::Utf16Be),
            (with_mark(b"\xff\xfe", utf16(false)), Encoding::Utf16Le),
            (with_mark(b"\xfe\xff", utf16(true)), Encoding::Utf16Be),
        ];
        for (bytes, encoding) in cases {
            let decoded = decode(&bytes);
            assert_eq!((decoded.encoding, decoded.text.as_str()), (encoding, TEXT));
            let at = TEXT.find("措施").unwrap();
            let source = decoded.offsets.to_source(at..at + "措施".len());
            let again = decode(&bytes[source]);
            assert!(again.text == "措施" || encoding != Encoding::Utf8, "{encoding:?}");
        }
        let big5 = BIG5.encode("關於支持企業發展的若干措施，請認真貫徹執行。").0.into_owned();
        assert_eq!(decode(&big5).encoding, Encoding::Big5);
    }

    #[test]
    fn broken_bytes_are_marked_and_the_rest_kept() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes.insert(9, 0xff);
        let decoded = decode(&bytes);
        assert_eq!(decoded.encoding, Encoding::Utf8);
        assert_eq!(decoded.text.replace('\u{fffd}', ""), TEXT);
        assert_eq!(decoded.offsets.to_source(9..12), 9..10);
        assert_eq!(decode(b"").text, "");
        assert_eq!(decode(b"\xff").text.chars().count(), 1);
    }
}
