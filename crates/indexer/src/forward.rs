//! The characters of every part, in order: what the second phase reads of a candidate.
//!
//! `forward.bin`, little endian: how many parts; for each the place of its first character, and one past the
//! last of all (8 bytes each); then the characters (2 bytes each); then each character that there is (2 bytes)
//! with how many parts have it (4 bytes). What is no letter or digit is one gap, whatever its length. Kept mapped, so that an index larger than memory is read only where candidates are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tantivy::directory::{Directory, MmapDirectory, OwnedBytes};

use crate::entry::{Card, Entry};
use crate::error::IndexError;
use crate::generation::write;

/// The file in a generation.
const FORWARD: &str = "forward.bin";
/// Between what stands apart.
pub(crate) const GAP: u16 = 0;
/// Behind a title.
const END_OF_TITLE: u16 = 1;

/// The characters of every part.
pub(crate) struct Forward {
    bytes: OwnedBytes,
    /// Number of the first part of each entry.
    firsts: Vec<usize>,
    parts: usize,
    /// How many parts have a character.
    spread: BTreeMap<u16, u32>,
}

/// Characters as they are compared: lower case, and those beyond the basic plane as one.
pub(crate) fn codes(text: &str, into: &mut Vec<u16>) {
    for c in text.chars() {
        let c = c.to_lowercase().next().unwrap_or(c);
        let code = if c.is_alphanumeric() { u16::try_from(u32::from(c)).unwrap_or(0xfffd) } else { GAP };
        if code != GAP || into.last().is_some_and(|last| *last > END_OF_TITLE) {
            into.push(code);
        }
    }
}

/// Writes the file for `entries` into the folder of a generation.
pub(crate) fn write_forward(folder: &Path, entries: &[Entry]) -> Result<(), IndexError> {
    let mut places = Vec::new();
    let mut all = Vec::new();
    for entry in entries {
        places.push(all.len() as u64);
        codes(&entry.title, &mut all);
        all.push(END_OF_TITLE);
        if entry.clauses.is_empty() {
            codes(&entry.text, &mut all);
        }
        for tag in &entry.tags {
            all.push(GAP);
            codes(tag, &mut all);
        }
        for clause in &entry.clauses {
            places.push(all.len() as u64);
            all.push(END_OF_TITLE);
            codes(entry.text.get(clause.span.clone()).unwrap_or_default(), &mut all);
        }
    }
    let mut bytes = (places.len() as u64).to_le_bytes().to_vec();
    places.push(all.len() as u64);
    let mut spread: BTreeMap<u16, u32> = BTreeMap::new();
    for range in places.windows(2) {
        let [from, to] = range else { continue };
        let part = all.get(*from as usize..*to as usize).unwrap_or_default();
        for code in part.iter().copied().collect::<BTreeSet<u16>>() {
            *spread.entry(code).or_default() += 1;
        }
    }
    bytes.extend(places.iter().flat_map(|place| place.to_le_bytes()));
    bytes.extend(all.iter().flat_map(|code| code.to_le_bytes()));
    for (code, with) in spread {
        bytes.extend(code.to_le_bytes());
        bytes.extend(with.to_le_bytes());
    }
    write(&folder.join(FORWARD), &bytes)
}

impl Forward {
    /// Opens the file of a generation.
    pub(crate) fn open(folder: &Path, cards: &[Card]) -> Result<Self, IndexError> {
        let unfit =
            |reason: &str| IndexError::Unfit { path: folder.join(FORWARD), reason: reason.to_owned() };
        let directory = MmapDirectory::open(folder).map_err(|error| unfit(&error.to_string()))?;
        let file = directory.open_read(Path::new(FORWARD)).map_err(|error| unfit(&error.to_string()))?;
        let bytes = file.read_bytes().map_err(|error| unfit(&error.to_string()))?;
        let mut firsts = Vec::with_capacity(cards.len());
        let mut parts = 0;
        for card in cards {
            firsts.push(parts);
            parts += 1 + card.clauses.len();
        }
        let mut forward = Self { bytes, firsts, parts, spread: BTreeMap::new() };
        if forward.number(0) != Some(parts) {
            return Err(unfit("not the parts of its cards"));
        }
        let behind = forward.number(1 + parts).map_or(usize::MAX, |last| 8 * (2 + parts) + 2 * last);
        for row in forward.bytes.get(behind..).unwrap_or_default().chunks_exact(6) {
            if let [a, b, c, d, e, f] = row {
                forward.spread.insert(u16::from_le_bytes([*a, *b]), u32::from_le_bytes([*c, *d, *e, *f]));
            }
        }
        Ok(forward)
    }

    /// How many parts have a character.
    pub(crate) fn spread(&self, code: u16) -> u32 {
        self.spread.get(&code).copied().unwrap_or(0)
    }

    /// The eight-byte number at this position among them.
    fn number(&self, position: usize) -> Option<usize> {
        let at = position.checked_mul(8)?;
        let bytes = self.bytes.get(at..at.checked_add(8)?)?;
        usize::try_from(u64::from_le_bytes(bytes.try_into().ok()?)).ok()
    }

    /// How many characters a part has on average.
    pub(crate) fn average(&self) -> f32 {
        self.number(1 + self.parts).unwrap_or(0) as f32 / self.parts.max(1) as f32
    }

    /// The characters of a part; none for one that there is not.
    pub(crate) fn part(&self, entry: usize, part: usize) -> impl Iterator<Item = u16> + '_ {
        let range = self.firsts.get(entry).and_then(|first| {
            let base = 8 * (2 + self.parts);
            let place = |number: usize| Some(base + 2 * self.number(1 + number)?);
            Some(place(first + part)?..place(first + part + 1)?)
        });
        let bytes = range.and_then(|range| self.bytes.get(range)).unwrap_or_default();
        bytes.chunks_exact(2).map(|pair| match pair {
            [low, high] => u16::from_le_bytes([*low, *high]),
            _ => GAP,
        })
    }
}
