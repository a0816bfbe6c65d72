//! Records of Excel 97 workbooks (MS-XLS, BIFF8): reading them one after the other, and their strings.

use crate::limits::Budget;
use crate::refusal::Refusal;

/// A record: its kind and its data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) kind: u16,
    pub(super) data: &'a [u8],
}

/// Records from a place of the stream on.
pub(super) struct Records<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(stream: &'a [u8], at: usize) -> Self {
        Self { stream, at }
    }

    /// The next record; `None` at the end of the stream.
    ///
    /// # Errors
    /// The stream ends within a record, or the budget is used up.
    pub(super) fn next(&mut self, budget: &mut Budget) -> Result<Option<Record<'a>>, Refusal> {
        budget.step(1)?;
        let rest = self.stream.get(self.at..).unwrap_or_default();
        let Some((kind, length)) = word(rest, 0).zip(word(rest, 2)) else { return Ok(None) };
        let length = usize::from(length);
        let Some(data) = rest.get(4..4 + length) else {
            return Err(Refusal::Truncated("工作簿的记录不完整".to_owned()));
        };
        self.at += 4 + length;
        Ok(Some(Record { kind, data }))
    }

    /// The data of the records that continue the last one.
    pub(super) fn continued(
        &mut self,
        first: &'a [u8],
        budget: &mut Budget,
    ) -> Result<Vec<&'a [u8]>, Refusal> {
        let mut parts = vec![first];
        while word(self.stream.get(self.at..).unwrap_or_default(), 0) == Some(CONTINUE) {
            match self.next(budget)? {
                Some(record) => parts.push(record.data),
                None => break,
            }
        }
        Ok(parts)
    }
}

/// The kind of a record that continues the one before it.
const CONTINUE: u16 = 0x3c;

/// The two bytes at a place, low one first.
pub(super) fn word(bytes: &[u8], at: usize) -> Option<u16> {
    match bytes.get(at..at.checked_add(2)?)? {
        [low, high] => Some(u16::from_le_bytes([*low, *high])),
        _ => None,
    }
}

/// The four bytes at a place, lowest first.
pub(super) fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(word(bytes, at)?) | u32::from(word(bytes, at.checked_add(2)?)?) << 16)
}

/// The number of eight bytes at a place.
pub(super) fn double(bytes: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_bits(u64::from(long(bytes, at)?) | u64::from(long(bytes, at.checked_add(4)?)?) << 32))
}

/// A packed number: an integer or the upper half of a number of eight bytes, perhaps in hundredths (MS-XLS 2.5.217).
pub(super) fn packed(bits: u32) -> f64 {
    let value = if bits & 2 == 0 {
        f64::from_bits(u64::from(bits & !3) << 32)
    } else {
        // An arithmetic shift keeps the sign.
        f64::from(bits.cast_signed() >> 2)
    };
    if bits & 1 == 0 { value } else { value / 100.0 }
}

/// A string with a length of `wide` ? two bytes : one byte before it (MS-XLS 2.5.293, 2.5.294).
pub(super) fn string(bytes: &[u8], wide: bool) -> Option<String> {
    let (length, rest) = if wide {
        (usize::from(word(bytes, 0)?), bytes.get(2..)?)
    } else {
        (usize::from(*bytes.first()?), bytes.get(1..)?)
    };
    let mut text = Text { parts: &[rest], part: 0, at: 0 };
    text.characters(length)
}

/// The strings that the cells of a workbook share (MS-XLS 2.4.265).
pub(super) fn shared_strings(parts: &[&[u8]], budget: &mut Budget) -> Result<Vec<String>, Refusal> {
    let mut text = Text { parts, part: 0, at: 8 };
    let count = parts.first().and_then(|first| long(first, 4)).unwrap_or(0);
    let mut strings = Vec::new();
    for _ in 0..count {
        budget.step(1)?;
        match text.string() {
            Some(string) => {
                budget.step(string.len() as u64 / 16)?;
                strings.push(string);
            }
            None => return Err(Refusal::Truncated("工作簿的字符串表不完整".to_owned())),
        }
    }
    Ok(strings)
}

/// A walk through strings that may be cut by the end of a record.
struct Text<'a> {
    parts: &'a [&'a [u8]],
    part: usize,
    at: usize,
}

impl Text<'_> {
    fn byte(&mut self) -> Option<u8> {
        loop {
            let part = self.parts.get(self.part)?;
            if let Some(byte) = part.get(self.at) {
                self.at += 1;
                return Some(*byte);
            }
            self.part += 1;
            self.at = 0;
        }
    }

    fn word(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    /// A string with its formatting runs and its phonetic data, which are passed over.
    fn string(&mut self) -> Option<String> {
        let length = usize::from(self.word()?);
        let flags = self.byte()?;
        let runs = if flags & 8 == 0 { 0 } else { u64::from(self.word()?) * 4 };
        let more = if flags & 4 == 0 { 0 } else { u64::from(self.word()?) | u64::from(self.word()?) << 16 };
        let text = self.units(length, flags & 1 == 1)?;
        self.skip(runs + more)?;
        Some(text)
    }

    /// The flags of a string and its characters.
    fn characters(&mut self, length: usize) -> Option<String> {
        let flags = self.byte()?;
        self.units(length, flags & 1 == 1)
    }

    /// Characters of one or two bytes. Behind the end of a record another byte says how the rest is written.
    fn units(&mut self, length: usize, mut wide: bool) -> Option<String> {
        let mut units = Vec::with_capacity(length);
        for _ in 0..length {
            zhaoren_cancel::poll();
            let part = self.parts.get(self.part)?;
            if self.at >= part.len() {
                self.part += 1;
                self.at = 0;
                wide = self.byte()? & 1 == 1;
            }
            units.push(if wide { self.word()? } else { u16::from(self.byte()?) });
        }
        Some(String::from_utf16_lossy(&units))
    }

    fn skip(&mut self, mut count: u64) -> Option<()> {
        while count > 0 {
            zhaoren_cancel::poll();
            let left = self.parts.get(self.part)?.len().saturating_sub(self.at);
            let step = count.min(left as u64);
            if step == 0 {
                self.part += 1;
                self.at = 0;
                continue;
            }
            self.at += usize::try_from(step).ok()?;
            count -= step;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    #[test]
    fn packed_numbers_are_decoded() {
        assert!((packed(0x0000_0fa2) - 1000.0).abs() < 1e-9);
        assert!((packed(0xffff_fffe) + 1.0).abs() < 1e-9);
        assert!((packed(0x3ff0_0000) - 1.0).abs() < 1e-9);
        assert!((packed(0x3ff0_0001) - 0.01).abs() < 1e-9);
        assert!((packed(0x0000_0fa3) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn strings_may_continue_in_the_next_record() {
        let mut budget = Budget::new(&Limits::IMPORT, 0);
        // Two strings: 甲A wide, cut behind 甲 and narrow from there; then AB narrow.
        let first: &[u8] = &[2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 1, 0x32, 0x75];
        let second: &[u8] = &[0, b'A', 2, 0, 0, b'A', b'B'];
        assert_eq!(
            shared_strings(&[first, second], &mut budget),
            Ok(vec!["甲A".to_owned(), "AB".to_owned()])
        );
        assert!(shared_strings(&[first], &mut budget).is_err());
        let endless: &[u8] = &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0];
        assert!(shared_strings(&[endless], &mut budget).is_err());
    }
}
