//! The sieve: all items of a catalogue against one enterprise, many of them in each machine word.
//!
//! For each column and code there is a row of bits, one for each item: whether the item's condition on that column
//! lets that code pass. A profile picks one row of each column, and the AND of them is what is possible. A clause
//! with alternatives has a *plane* of its own, in which the rows are ORed first; items are sorted so that the planes
//! of second, third and further clauses are short. What is certain takes the same way over the rows of what passes
//! whatever the open columns turn out to be. The cost follows the columns and the words that still have a bit, not
//! the conditions (compare the bit-sliced and range-encoded indexes of O'Neil and Quass, Improved Query Performance
//! with Variant Indexes, 1997).

use serde::{Deserialize, Serialize};

use super::clauses::Clause;
use super::code_set::CodeSet;
use super::columns::{Column, ColumnId, Seen};
use crate::kernel::{and_rows, or_rows};

/// Rows are padded to so many words: one cache line.
const LANE: usize = 8;
/// Words that are carried through all columns together: what is written again and again stays in the nearest cache,
/// and what is read is read in long runs.
const BLOCK: usize = 512;
/// How many rows are passed before looking at what they left.
const FIRST: usize = 8;

/// The rows of one column in one plane, each by where it begins in the sieve's words.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rows {
    column: ColumnId,
    /// The row of code 0; the others follow.
    by_code: usize,
    /// What passes whatever the code is.
    certain: usize,
    /// What can pass when the code is not known.
    possible: usize,
    /// Of each code, then of `certain` and `possible`: whether the row changes anything.
    counts: Vec<bool>,
}

/// One condition of each item.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Plane {
    /// The first word that it is about, a multiple of [`LANE`]. Items before it have no such condition.
    from: usize,
    /// The row of the items that have no such condition; none for the plane of conditions on single columns.
    silent: Option<usize>,
    columns: Vec<Rows>,
}

/// The conditions of a catalogue as rows of bits.
#[derive(Clone, Debug)]
pub(crate) struct Sieve {
    /// How many words a row has that is about all items; a multiple of [`LANE`].
    words: usize,
    /// The conditions on single columns, which are ANDed; then first, second, third … clauses, within which rows are
    /// ORed.
    planes: Vec<Plane>,
    data: Vec<u64>,
}

/// What an item asks, as the sieve takes it.
pub(crate) struct Conditions<'a> {
    pub(crate) atoms: &'a Clause,
    pub(crate) clauses: &'a [Clause],
}

/// What passed, one bit for each item, and room for finding it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed {
    pub(crate) possible: Vec<u64>,
    pub(crate) certain: Vec<u64>,
    picked: Vec<Picked>,
    /// Rows put together for columns that are known in part.
    mixed: Vec<u64>,
    /// Stretches of words in which something is left: first word, how many.
    runs: Vec<(usize, usize)>,
    can: Vec<u64>,
    must: Vec<u64>,
}

/// What a stored snapshot keeps of a sieve beside its words.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SieveHead {
    words: usize,
    planes: Vec<Plane>,
    length: usize,
}

impl Sieve {
    /// Rows for items in their order.
    pub(crate) fn new(items: &[Conditions<'_>], columns: &[Column]) -> Self {
        let words = items.len().div_ceil(64).next_multiple_of(LANE);
        let mut data = Vec::new();
        let atoms = items.iter().map(|item| Some(item.atoms));
        let mut planes = vec![Plane::new(atoms, columns, words, false, &mut data)];
        let most = items.iter().map(|item| item.clauses.len()).max().unwrap_or(0);
        for at in 0..most {
            let of = items.iter().map(|item| item.clauses.get(at));
            planes.push(Plane::new(of, columns, words, true, &mut data));
        }
        Self { words, planes, data }
    }

    /// Bytes that the rows take.
    pub(crate) fn bytes(&self) -> usize {
        self.data.len() * 8
    }

    /// The head, and the words.
    pub(crate) fn to_parts(&self) -> (SieveHead, &[u64]) {
        let head = SieveHead { words: self.words, planes: self.planes.clone(), length: self.data.len() };
        (head, &self.data)
    }

    /// Puts head and words together again; `None` when they do not fit.
    pub(crate) fn from_parts(head: SieveHead, data: Vec<u64>) -> Option<Self> {
        (data.len() == head.length).then_some(Self { words: head.words, planes: head.planes, data })
    }

    /// Passes everything in `start` through the rows that `seen` picks.
    pub(crate) fn pass(&self, start: &[u64], seen: &[Seen], passed: &mut Passed) {
        let Passed { possible, certain, picked, mixed, runs, can, must } = passed;
        possible.clear();
        possible.extend_from_slice(start);
        possible.resize(self.words, 0);
        certain.clear();
        certain.resize(self.words, 0);
        mixed.clear();
        picked.resize_with(self.planes.len(), Picked::default);
        for (plane, picked) in self.planes.iter().zip(picked.iter_mut()) {
            picked.pick(plane, self.words, seen, &self.data, mixed);
        }
        let Some((atoms, clauses)) = picked.split_first() else { return };
        for (block, (possible, certain)) in
            possible.chunks_mut(BLOCK).zip(certain.chunks_mut(BLOCK)).enumerate()
        {
            self.pass_block(block * BLOCK, possible, certain, (atoms, clauses), mixed, runs, (can, must));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the room that the caller keeps for all blocks")]
    fn pass_block(
        &self,
        block: usize,
        possible: &mut [u64],
        certain: &mut [u64],
        (atoms, clauses): (&Picked, &[Picked]),
        mixed: &[u64],
        runs: &mut Vec<(usize, usize)>,
        (can, must): (&mut Vec<u64>, &mut Vec<u64>),
    ) {
        // The rows that stop most come first; what they leave is often a small part of the block.
        let (first, rest) = atoms.both.split_at(atoms.both.len().min(FIRST));
        and_rows(possible, &self.data, first, block);
        find_runs(possible, runs);
        for &(from, length) in runs.iter() {
            let Some(possible) = possible.get_mut(from..from + length) else { continue };
            let at = block + from;
            and_rows(possible, &self.data, rest, at);
            and_rows(possible, &self.data, &atoms.maybe, at);
            and_rows(possible, mixed, &atoms.mixed_maybe, at);
        }
        find_runs(possible, runs);
        for &(from, length) in runs.iter() {
            let (Some(possible), Some(certain)) =
                (possible.get_mut(from..from + length), certain.get_mut(from..from + length))
            else {
                continue;
            };
            let at = block + from;
            certain.copy_from_slice(possible);
            and_rows(certain, &self.data, &atoms.sure, at);
            and_rows(certain, mixed, &atoms.mixed_sure, at);
            for clause in clauses {
                clause.meet(&self.data, mixed, possible, certain, at, (can, must));
            }
        }
    }
}

/// The stretches of words in which some bit is left, in whole lanes.
fn find_runs(words: &[u64], runs: &mut Vec<(usize, usize)>) {
    runs.clear();
    for (lane, words) in words.chunks(LANE).enumerate() {
        if words.iter().fold(0, |any, word| any | word) == 0 {
            continue;
        }
        let at = lane * LANE;
        match runs.last_mut() {
            // A short gap costs less than a new start.
            Some((from, length)) if at - (*from + *length) <= LANE => *length = at + words.len() - *from,
            _ => runs.push((at, words.len())),
        }
    }
}

/// The rows of a plane that one profile picks, by where they begin.
#[derive(Clone, Debug, Default)]
struct Picked {
    from: usize,
    silent: Option<usize>,
    /// Of columns that are known.
    both: Vec<usize>,
    /// What can pass, of columns that are open.
    maybe: Vec<usize>,
    /// What passes for certain, of columns that are open.
    sure: Vec<usize>,
    /// The same of columns that are known in part; these begin in the mixed words.
    mixed_maybe: Vec<usize>,
    mixed_sure: Vec<usize>,
}

impl Picked {
    fn pick(&mut self, plane: &Plane, words: usize, seen: &[Seen], data: &[u64], mixed: &mut Vec<u64>) {
        let width = words - plane.from;
        (self.from, self.silent) = (plane.from, plane.silent);
        for list in
            [&mut self.both, &mut self.maybe, &mut self.sure, &mut self.mixed_maybe, &mut self.mixed_sure]
        {
            list.clear();
        }
        for rows in &plane.columns {
            match seen.get(rows.column) {
                Some(Seen::Exactly(code)) => {
                    if rows.counts.get(*code as usize) == Some(&true) {
                        self.both.push(rows.by_code + *code as usize * width);
                    }
                }
                Some(Seen::Among(codes)) => {
                    let at = mixed.len();
                    mix(rows, codes, width, data, mixed);
                    self.mixed_maybe.push(at);
                    self.mixed_sure.push(at + width);
                }
                Some(Seen::Unknown) | None => {
                    if let [.., certain, possible] = rows.counts.as_slice() {
                        self.sure.extend(certain.then_some(rows.certain));
                        self.maybe.extend(possible.then_some(rows.possible));
                    }
                }
            }
        }
    }

    /// ANDs what some alternative lets pass into both rails of the words from `at` on.
    fn meet(
        &self,
        data: &[u64],
        mixed: &[u64],
        possible: &mut [u64],
        certain: &mut [u64],
        at: usize,
        (can, must): (&mut Vec<u64>, &mut Vec<u64>),
    ) {
        // A plane may begin inside the run.
        let skipped = self.from.saturating_sub(at);
        let (Some(possible), Some(certain)) = (possible.get_mut(skipped..), certain.get_mut(skipped..))
        else {
            return;
        };
        let at = at + skipped - self.from;
        let silent = self.silent.unwrap_or(0) + at;
        let Some(silent) = data.get(silent..silent + possible.len()) else { return };
        must.clear();
        must.extend_from_slice(silent);
        or_rows(must, data, &self.both, at);
        can.clear();
        can.extend_from_slice(must);
        or_rows(can, data, &self.maybe, at);
        or_rows(can, mixed, &self.mixed_maybe, at);
        or_rows(must, data, &self.sure, at);
        or_rows(must, mixed, &self.mixed_sure, at);
        and_rows(possible, can, &[0], 0);
        and_rows(certain, must, &[0], 0);
    }
}

/// For a column known in part, what can pass and what must, end to end after what is in `mixed`.
fn mix(rows: &Rows, codes: &CodeSet, width: usize, data: &[u64], mixed: &mut Vec<u64>) {
    let at = mixed.len();
    mixed.resize(at + width, 0);
    mixed.resize(at + 2 * width, u64::MAX);
    let (_, own) = mixed.split_at_mut(at);
    let (can, must) = own.split_at_mut(width);
    for (first, last) in codes.ranges() {
        let row = |code: u32| rows.by_code + code as usize * width;
        for code in *first..=*last {
            or_rows(can, data, &[row(code)], 0);
            and_rows(must, data, &[row(code)], 0);
        }
    }
}

impl Plane {
    /// The plane of one condition of each item, none where the item has no such condition. In a plane of
    /// `alternatives` a column that an item does not mention lets nothing pass, otherwise everything.
    fn new<'a>(
        of: impl Iterator<Item = Option<&'a Clause>>,
        columns: &[Column],
        words: usize,
        alternatives: bool,
        data: &mut Vec<u64>,
    ) -> Self {
        let mut mentions: Vec<Vec<(usize, &CodeSet)>> = vec![Vec::new(); columns.len()];
        let mut silent = vec![u64::MAX; words];
        let mut first = None;
        for (item, clause) in of.enumerate() {
            let Some(clause) = clause else { continue };
            first.get_or_insert(item);
            clear(&mut silent, item);
            for (column, codes) in clause {
                if let Some(list) = mentions.get_mut(*column) {
                    list.push((item, codes));
                }
            }
        }
        let from = if alternatives { first.unwrap_or(0) / 64 / LANE * LANE } else { 0 };
        let mut rows: Vec<(u64, Rows)> = mentions
            .iter()
            .zip(columns)
            .enumerate()
            .filter(|(_, (list, _))| !list.is_empty())
            .map(|(id, (list, column))| Rows::new(id, column, list, (from, words), alternatives, data))
            .collect();
        // What stops most empties words soonest.
        rows.sort_by_key(|(stopped, rows)| (std::cmp::Reverse(*stopped), rows.column));
        let silent = alternatives.then(|| {
            let at = data.len();
            data.extend_from_slice(silent.get(from..).unwrap_or_default());
            at
        });
        Self { from, silent, columns: rows.into_iter().map(|(_, rows)| rows).collect() }
    }
}

impl Rows {
    /// Writes the rows of one column at the end of `data`. With them, how many items an average code stops.
    fn new(
        id: ColumnId,
        column: &Column,
        mentions: &[(usize, &CodeSet)],
        (from, words): (usize, usize),
        alternatives: bool,
        data: &mut Vec<u64>,
    ) -> (u64, Self) {
        let codes = column.space.last() as usize + 1;
        let width = words - from;
        let neutral = if alternatives { 0 } else { u64::MAX };
        let mut unmentioned = vec![neutral; width];
        let bit = |item: usize| item - from * 64;
        for (item, _) in mentions {
            clear(&mut unmentioned, bit(*item));
        }
        let by_code = data.len();
        let row = |code: usize| by_code + code * width;
        (0..codes + 2).for_each(|_| data.extend_from_slice(&unmentioned));
        for (item, set) in mentions {
            for code in set.ranges().iter().flat_map(|(first, last)| *first..=*last) {
                set_bit(data, row(code as usize) * 64 + bit(*item));
            }
            if column.free.is_within(set) {
                set_bit(data, row(codes) * 64 + bit(*item));
            }
            if column.free.meets(set) {
                set_bit(data, row(codes + 1) * 64 + bit(*item));
            }
        }
        let written = data.get(by_code..).unwrap_or_default();
        let counts =
            written.chunks(width.max(1)).map(|row| row.iter().any(|word| *word != neutral)).collect();
        let stopped =
            written.iter().map(|word| u64::from(word.count_zeros())).sum::<u64>() / (codes as u64 + 2);
        (stopped, Self { column: id, by_code, certain: row(codes), possible: row(codes + 1), counts })
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
