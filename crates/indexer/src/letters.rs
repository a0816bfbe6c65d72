//! Characters of every part in order, for the second phase: a column of the index, so that they are copied, merged and
//! deleted with their part.
//!
//! A character takes two bytes, four of them one value of the column. Any run of other characters than letters and
//! digits is one gap.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tantivy::columnar::Column;
use tantivy::{Searcher, TantivyDocument};
use zhaoren_text::search_form;

use crate::error::IndexError;
use crate::schema::Fields;

/// Separator between runs of characters.
pub(crate) const GAP: u16 = 0;
/// Code of every character beyond the basic multilingual plane.
const BEYOND: u16 = 0xfffd;
/// Maximum number of characters of a part that are scored.
const LONGEST: usize = 4_000;
/// Characters per column value.
pub(crate) const PACKED: usize = 4;

/// Appends the characters of a text in its search form.
pub(crate) fn append(text: &str, letters: &mut Vec<u16>) {
    for c in search_form(text).chars() {
        if letters.len() >= LONGEST {
            return;
        }
        let letter = letter(c);
        if letter != GAP || letters.last().is_some_and(|last| *last != GAP) {
            letters.push(letter);
        }
    }
}

/// Code of a character for comparison: lower case.
pub(crate) fn letter(c: char) -> u16 {
    if !c.is_alphanumeric() {
        return GAP;
    }
    let c = if c.is_uppercase() { c.to_lowercase().next().unwrap_or(c) } else { c };
    u16::try_from(u32::from(c)).unwrap_or(BEYOND)
}

/// Adds the characters to a part that is being indexed.
pub(crate) fn add(part: &mut TantivyDocument, letters: &[u16], fields: &Fields) {
    for four in letters.chunks(PACKED) {
        let value = four.iter().rev().fold(0_u64, |value, letter| value << 16 | u64::from(*letter));
        // The first of four is in the lowest bits; missing ones at the end are gaps.
        part.add_u64(fields.letters, value);
    }
}

/// Characters of one segment.
pub(crate) struct Letters(Column<u64>);

impl Letters {
    pub(crate) fn of(column: Column<u64>) -> Self {
        Self(column)
    }

    /// Reads a part into `values`, in packed form; see [`unpacked`].
    pub(crate) fn read(&self, part: u32, values: &mut Vec<u64>) {
        let rows = self.0.index.value_row_ids(part);
        values.clear();
        values.resize(rows.len(), 0);
        self.0.values.get_range(u64::from(rows.start), values);
    }
}

/// Iterator over the characters of packed values.
pub(crate) fn unpacked(values: &[u64]) -> impl Iterator<Item = u16> + '_ {
    values.iter().flat_map(|value| {
        let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
        [[a, b], [c, d], [e, f], [g, h]].map(u16::from_le_bytes)
    })
}

/// Character statistics: number of parts containing each character, and length of parts; counted at build time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CharacterStats {
    /// Number of parts that have characters.
    pub(crate) parts: u64,
    /// Number of characters of all parts.
    pub(crate) letters: u64,
    /// Number of parts by character.
    pub(crate) with: BTreeMap<u16, u32>,
}

impl CharacterStats {
    /// Counts the characters of every part of an index.
    pub(crate) fn of(searcher: &Searcher) -> Result<Self, IndexError> {
        let mut census = Self::default();
        let mut with = vec![0_u32; 1 << 16];
        let mut seen = vec![0_u64; 1 << 16];
        let mut values = Vec::new();
        for segment in searcher.segment_readers() {
            let letters = Letters::of(segment.fast_fields().u64("letters")?);
            for part in segment.doc_ids_alive() {
                letters.read(part, &mut values);
                census.parts += u64::from(!values.is_empty());
                for letter in unpacked(&values).filter(|letter| *letter != GAP) {
                    census.letters += 1;
                    if let (Some(with), Some(seen)) =
                        (with.get_mut(usize::from(letter)), seen.get_mut(usize::from(letter)))
                        && *seen != census.parts
                    {
                        *seen = census.parts;
                        *with += 1;
                    }
                }
            }
        }
        census.with = (0..=u16::MAX).zip(with).filter(|(_, with)| *with > 0).collect();
        Ok(census)
    }

    /// Sum with the statistics of another index.
    pub(crate) fn with(mut self, other: &Self) -> Self {
        self.parts += other.parts;
        self.letters += other.letters;
        for (letter, with) in &other.with {
            *self.with.entry(*letter).or_default() += with;
        }
        self
    }

    /// Average number of characters of a part.
    pub(crate) fn average(&self) -> f32 {
        (self.letters as f32 / self.parts.max(1) as f32).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_letters_round_trip() {
        let mut letters = Vec::new();
        append("（一）AEO企业，\u{20000}！", &mut letters);
        let fields = Fields::new();
        let mut part = TantivyDocument::new();
        add(&mut part, &letters, &fields);
        let values: Vec<u64> =
            part.get_all(fields.letters).filter_map(|value| tantivy::schema::Value::as_u64(&value)).collect();
        let read: Vec<u16> = unpacked(&values).collect();
        let shown: String = read.iter().filter_map(|letter| char::from_u32(u32::from(*letter))).collect();
        assert_eq!(shown, "一\0aeo企业\0\u{fffd}\0\0\0");
    }
}
