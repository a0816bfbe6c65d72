//! The sieve: all conjunctions of a catalogue against one enterprise, a machine word of them at a time.
//!
//! For each column and code there is a row of bits, one for each conjunction: whether it lets that code pass. A
//! profile picks one row of each column; the AND of them is what is possible. A second AND, over the rows of what
//! passes whatever the open columns turn out to be, is what is certain. The cost follows the columns and the words
//! that still have a bit, not the conditions (compare the range-encoded bitmap indexes of O'Neil and Quass,
//! Improved Query Performance with Variant Indexes, 1997).

use serde::{Deserialize, Serialize};

use super::code_set::CodeSet;
use super::columns::{Column, ColumnId, Seen};
use super::conjunct::Conjunct;

/// Words that are carried through all columns together: one cache line.
const LANE: usize = 8;

/// The rows of one column.
#[derive(Clone, Debug)]
struct Rows {
    column: ColumnId,
    /// One row for each code, end to end.
    by_code: Vec<u64>,
    /// What passes whatever the code is.
    certain: Vec<u64>,
    /// What can pass when the code is not known.
    possible: Vec<u64>,
}

/// Conjunctions of a catalogue as rows of bits.
#[derive(Clone, Debug)]
pub(crate) struct Sieve {
    /// How many words a row has; a multiple of [`LANE`].
    words: usize,
    columns: Vec<Rows>,
}

/// What a stored snapshot keeps of a sieve beside its words: the width of a row, and for each column whether it has
/// a row of its own for what can pass when the code is not known.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SieveHead {
    words: usize,
    columns: Vec<(ColumnId, bool)>,
}

/// What passed: one bit for each conjunction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed {
    pub(crate) possible: Vec<u64>,
    pub(crate) certain: Vec<u64>,
    /// Rows put together for columns that are known in part.
    mixed: Vec<u64>,
}

impl Sieve {
    /// Rows for `conjuncts`, in their order.
    pub(crate) fn new(conjuncts: &[Conjunct], columns: &[Column]) -> Self {
        let words = conjuncts.len().div_ceil(64).next_multiple_of(LANE);
        let mut mentions: Vec<Vec<(usize, &CodeSet)>> = vec![Vec::new(); columns.len()];
        for (bit, conjunct) in conjuncts.iter().enumerate() {
            for (column, codes) in conjunct {
                if let Some(list) = mentions.get_mut(*column) {
                    list.push((bit, codes));
                }
            }
        }
        let mut rows: Vec<(usize, Rows)> = mentions
            .iter()
            .zip(columns)
            .enumerate()
            .filter(|(_, (list, _))| !list.is_empty())
            .map(|(id, (list, column))| (list.len(), Rows::new(id, column, list, words)))
            .collect();
        // What most conjunctions ask about empties words soonest.
        rows.sort_by_key(|(mentions, rows)| (std::cmp::Reverse(*mentions), rows.column));
        Self { words, columns: rows.into_iter().map(|(_, rows)| rows).collect() }
    }

    /// The head, and the words of every column.
    pub(crate) fn to_parts(&self) -> (SieveHead, Vec<&[u64]>) {
        let columns = self.columns.iter().map(|rows| (rows.column, !rows.possible.is_empty())).collect();
        let rows = self
            .columns
            .iter()
            .flat_map(|rows| [rows.by_code.as_slice(), rows.certain.as_slice(), rows.possible.as_slice()]);
        (SieveHead { words: self.words, columns }, rows.collect())
    }

    /// Puts head and words together again; `None` when they do not fit.
    pub(crate) fn from_parts(
        head: SieveHead,
        columns: &[Column],
        mut rows: impl Iterator<Item = u64>,
    ) -> Option<Self> {
        let mut take = |count: usize| -> Option<Vec<u64>> {
            let words: Vec<u64> = rows.by_ref().take(count).collect();
            (words.len() == count).then_some(words)
        };
        let mut sieve = Self { words: head.words, columns: Vec::with_capacity(head.columns.len()) };
        for (column, has_possible) in head.columns {
            let codes = columns.get(column)?.space.last() as usize + 1;
            let by_code = take(codes.checked_mul(head.words)?)?;
            let certain = take(head.words)?;
            let possible = if has_possible { take(head.words)? } else { Vec::new() };
            sieve.columns.push(Rows { column, by_code, certain, possible });
        }
        rows.next().is_none().then_some(sieve)
    }

    /// Bytes that the rows take.
    pub(crate) fn bytes(&self) -> usize {
        self.columns
            .iter()
            .map(|rows| 8 * (rows.by_code.len() + rows.certain.len() + rows.possible.len()))
            .sum()
    }

    /// Passes everything in `start` through the rows that `seen` picks.
    pub(crate) fn pass(&self, start: &[u64], seen: &[Seen], passed: &mut Passed) {
        let Passed { possible, certain, mixed } = passed;
        possible.clear();
        possible.extend_from_slice(start);
        possible.resize(self.words, 0);
        certain.clear();
        certain.resize(self.words, 0);
        self.mix(seen, mixed);
        let mut both: Vec<&[u64]> = Vec::with_capacity(self.columns.len());
        let mut maybe: Vec<&[u64]> = Vec::new();
        let mut sure: Vec<&[u64]> = Vec::new();
        let mut mixes = mixed.chunks_exact(self.words.max(1));
        for rows in &self.columns {
            match seen.get(rows.column) {
                Some(Seen::Exactly(code)) => both.extend(rows.row(*code, self.words)),
                Some(Seen::Among(_)) => {
                    maybe.extend(mixes.next());
                    sure.extend(mixes.next());
                }
                Some(Seen::Unknown) | None => {
                    sure.push(&rows.certain);
                    maybe.extend((!rows.possible.is_empty()).then_some(rows.possible.as_slice()));
                }
            }
        }
        let lanes = possible.chunks_exact_mut(LANE).zip(certain.chunks_exact_mut(LANE));
        for (lane, (possible, certain)) in lanes.enumerate() {
            let at = lane * LANE;
            if !narrow(possible, &both, at) || !narrow(possible, &maybe, at) {
                continue;
            }
            certain.copy_from_slice(possible);
            narrow(certain, &sure, at);
        }
    }

    /// For each column known in part, what can pass and what must, end to end.
    fn mix(&self, seen: &[Seen], mixed: &mut Vec<u64>) {
        mixed.clear();
        for rows in &self.columns {
            let Some(Seen::Among(codes)) = seen.get(rows.column) else { continue };
            let at = mixed.len();
            mixed.resize(at + self.words, 0);
            mixed.resize(at + 2 * self.words, u64::MAX);
            let (_, own) = mixed.split_at_mut(at);
            let (can, must) = own.split_at_mut(self.words);
            for (first, last) in codes.ranges() {
                for row in (*first..=*last).filter_map(|code| rows.row(code, self.words)) {
                    for ((can, must), word) in can.iter_mut().zip(must.iter_mut()).zip(row) {
                        *can |= word;
                        *must &= word;
                    }
                }
            }
        }
    }
}

/// ANDs one lane of each row into `lane`; false as soon as nothing is left.
fn narrow(lane: &mut [u64], rows: &[&[u64]], at: usize) -> bool {
    let Ok(lane) = <&mut [u64; LANE]>::try_from(lane) else { return false };
    let mut left = *lane;
    for group in rows.chunks(4) {
        for row in group {
            if let Some(Ok(words)) = row.get(at..at + LANE).map(<&[u64; LANE]>::try_from) {
                for (left, word) in left.iter_mut().zip(words) {
                    *left &= word;
                }
            }
        }
        if left.iter().fold(0, |any, word| any | word) == 0 {
            *lane = left;
            return false;
        }
    }
    *lane = left;
    true
}

impl Rows {
    fn new(id: ColumnId, column: &Column, mentions: &[(usize, &CodeSet)], words: usize) -> Self {
        let codes = column.space.last() as usize + 1;
        // A conjunction that does not mention the column lets every code pass.
        let mut silent = vec![u64::MAX; words];
        for (bit, _) in mentions {
            clear(&mut silent, *bit);
        }
        let mut by_code = silent.repeat(codes);
        let (mut certain, mut possible) = (silent.clone(), silent);
        for (bit, set) in mentions {
            for code in set.ranges().iter().flat_map(|(first, last)| *first..=*last) {
                set_bit(&mut by_code, code as usize * words * 64 + bit);
            }
            if column.free.is_within(set) {
                set_bit(&mut certain, *bit);
            }
            if column.free.meets(set) {
                set_bit(&mut possible, *bit);
            }
        }
        if possible.iter().all(|word| *word == u64::MAX) {
            possible = Vec::new();
        }
        Self { column: id, by_code, certain, possible }
    }

    fn row(&self, code: u32, words: usize) -> Option<&[u64]> {
        let from = code as usize * words;
        self.by_code.get(from..from + words)
    }
}

fn set_bit(words: &mut [u64], bit: usize) {
    if let Some(word) = words.get_mut(bit / 64) {
        *word |= 1 << (bit % 64);
    }
}

fn clear(words: &mut [u64], bit: usize) {
    if let Some(word) = words.get_mut(bit / 64) {
        *word &= !(1 << (bit % 64));
    }
}
