//! Single property modifiers: the lists of changes by which a Word file gives its formatting ([MS-DOC] 2.2.5).

use super::bytes::{u8_at, u16_at};

/// One property and its operand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Property<'a> {
    /// Its code.
    pub(crate) code: u16,
    /// The bytes of its value; for values of variable length without their length.
    pub(crate) operand: &'a [u8],
}

impl Property<'_> {
    /// The first byte of the value.
    pub(crate) fn byte(&self) -> u8 {
        u8_at(self.operand, 0).unwrap_or(0)
    }

    /// The first two bytes of the value.
    pub(crate) fn word(&self) -> u16 {
        u16_at(self.operand, 0).unwrap_or(0)
    }
}

/// `sprmTDefTable`: the edges of a row's cells and how they are merged.
pub(crate) const DEFINE_TABLE: u16 = 0xD608;
const DEFINE_TABLE_10: u16 = 0xD606;
const CHANGE_TABS: u16 = 0xC615;

/// The properties of a list (`grpprl`). Reading ends where a value is longer than the list.
pub(crate) fn properties(list: &[u8]) -> impl Iterator<Item = Property<'_>> {
    let mut at = 0usize;
    std::iter::from_fn(move || {
        let code = u16_at(list, at)?;
        let value = at + 2;
        let (start, length) = match code >> 13 {
            0 | 1 => (value, 1),
            2 | 4 | 5 => (value, 2),
            3 => (value, 4),
            7 => (value, 3),
            _ => match code {
                // The length of these takes two bytes and counts one too many.
                DEFINE_TABLE | DEFINE_TABLE_10 => {
                    (value + 2, usize::from(u16_at(list, value)?).saturating_sub(1))
                }
                CHANGE_TABS if u8_at(list, value)? == 255 => {
                    let deleted = usize::from(u8_at(list, value + 1)?) * 4;
                    let added = usize::from(u8_at(list, value + 2 + deleted)?) * 3;
                    (value + 1, 2 + deleted + added)
                }
                _ => (value + 1, usize::from(u8_at(list, value)?)),
            },
        };
        at = start + length;
        Some(Property { code, operand: list.get(start..at)? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn property_values_of_every_length_are_skipped() {
        let list = [
            0x16, 0x24, 1, // sprmPFInTable
            0x49, 0x66, 2, 0, 0, 0, // sprmPItap
            0x08, 0xD6, 4, 0, 1, 2, 3, // sprmTDefTable: three bytes
            0x0B, 0x46, 7, 0, // sprmPIlfo
            0x2B, 0xD6, 9, 1, // breaks off
        ];
        let codes: Vec<(u16, usize)> = properties(&list).map(|one| (one.code, one.operand.len())).collect();
        assert_eq!(codes, [(0x2416, 1), (0x6649, 4), (0xD608, 3), (0x460B, 2)]);
    }
}
