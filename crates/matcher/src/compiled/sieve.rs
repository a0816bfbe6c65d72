//! Sieve (bit-sliced index): all items of a catalogue against one enterprise, many items in each machine word.
//!
//! For each column and code there is a row of bits, one for each item: true if the item's condition on that column lets that code
//! pass. A profile picks one row of each column, and their AND is the set of possible items. A clause with alternatives has a
//! *plane* (clause bitmap) of its own, in which the rows are ORed first; items are sorted so that the planes of second, third and
//! further clauses are short. The certain items are computed in the same way from the rows that pass for every value of the open
//! columns. The cost depends on the columns and on the words that are not zero yet, not on the conditions (compare the bit-sliced
//! and range-encoded indexes of O'Neil and Quass, Improved Query Performance with Variant Indexes, 1997).

#![expect(
    clippy::indexing_slicing,
    reason = "columns, groups, states and rows are numbered where the sieve is made, and a stored sieve is checked when it is taken up"
)]

use serde::{Deserialize, Serialize};

use zhaoren_cancel::{poll, steps};

use super::clauses::Disjunction;
use super::code_set::CodeSet;
use super::columns::{Column, ColumnId, Encoded};
use crate::kernel::{and_rows, or_rows};

/// Rows are padded to a multiple of this many words: one cache line.
const LANE: usize = 8;
/// Words processed through all columns together: the words written repeatedly stay in the nearest cache, and rows are read in
/// long runs.
const BLOCK: usize = 512;
/// Number of rows applied before empty words are skipped.
const FIRST: usize = 8;

/// Columns evaluated together. A *state* is the combination of their encoded values.
///
/// Most columns form a group of their own. Columns with few codes, such as booleans, are combined, so that one row is read
/// instead of four.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Group {
    members: Vec<Member>,
    /// Number of states.
    states: usize,
}

/// Rows of one group in one plane.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rows {
    /// Index of the group.
    group: usize,
    /// Rows of each state.
    states: Vec<State>,
}

/// Column of a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Member {
    column: ColumnId,
    /// Number of codes; one more state stands for "unknown".
    codes: usize,
    /// Distance between two states that differ by one in this column.
    stride: usize,
}

/// Rows of one state, each given by its start in the sieve's words.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct State {
    /// Items that can pass.
    possible: usize,
    /// Items that certainly pass; the same row if every column is known.
    certain: usize,
    /// True if `possible` changes anything.
    possible_matters: bool,
    /// True if `certain` changes anything.
    certain_matters: bool,
}

/// Bitmaps of one clause of each item (plane).
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Plane {
    /// First word covered, a multiple of [`LANE`]. Items before it have no such clause.
    from: usize,
    /// Row of the items without such a clause; 0 for the plane of conditions on single columns, which has no such row.
    silent: usize,
    rows: Vec<Rows>,
}

/// Conditions of a catalogue as rows of bits.
#[derive(Clone, Debug)]
pub(crate) struct Sieve {
    /// Number of words of a row that covers all items; a multiple of [`LANE`].
    words: usize,
    groups: Vec<Group>,
    /// Plane of the conditions on single columns, which are ANDed; then those of the first, second, third … clauses, within which
    /// rows are ORed.
    planes: Vec<Plane>,
    data: Vec<u64>,
}

/// Conditions of an item, as input of the sieve.
pub(crate) struct Conditions<'a> {
    pub(crate) atoms: &'a Disjunction,
    pub(crate) clauses: &'a [Disjunction],
}

/// Result of a pass, one bit for each item, with reusable buffers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed {
    pub(crate) possible: Vec<u64>,
    pub(crate) certain: Vec<u64>,
    picked: Vec<Picked>,
    /// Combined rows of partially known columns.
    mixed: Vec<u64>,
    /// Runs of non-zero words: first word, length.
    runs: Vec<(usize, usize)>,
    can: Vec<u64>,
    must: Vec<u64>,
}

/// Part of a sieve, besides its words, that a stored snapshot keeps.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SieveHead {
    words: usize,
    groups: Vec<Group>,
    planes: Vec<Plane>,
    length: usize,
}

impl Sieve {
    /// Sieve for items in their order.
    pub(crate) fn new(items: &[Conditions<'_>], columns: &[Column]) -> Self {
        let words = items.len().div_ceil(64).next_multiple_of(LANE);
        let mut data = Vec::new();
        let groups = groups(items, columns);
        let atoms = items.iter().map(|item| Some(item.atoms));
        let mut planes = vec![Plane::new(atoms, columns, &groups, words, false, &mut data)];
        let most = items.iter().map(|item| item.clauses.len()).max().unwrap_or(0);
        for at in 0..most {
            let of = items.iter().map(|item| item.clauses.get(at));
            planes.push(Plane::new(of, columns, &groups, words, true, &mut data));
        }
        Self { words, groups, planes, data }
    }

    /// Size of the rows in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.data.len() * 8
    }

    /// Head and words.
    pub(crate) fn to_parts(&self) -> (SieveHead, &[u64]) {
        let (groups, planes) = (self.groups.clone(), self.planes.clone());
        (SieveHead { words: self.words, groups, planes, length: self.data.len() }, &self.data)
    }

    /// Reassembles head and words; `None` if they do not fit.
    pub(crate) fn from_parts(head: SieveHead, data: Vec<u64>) -> Option<Self> {
        let SieveHead { words, groups, planes, length } = head;
        let sieve = Self { words, groups, planes, data };
        (sieve.data.len() == length && sieve.is_whole()).then_some(sieve)
    }

    /// True if every row lies within the words, and every plane refers to existing groups and states.
    fn is_whole(&self) -> bool {
        self.planes.iter().all(|plane| {
            let width = self.words.checked_sub(plane.from);
            let lies_within = |at: usize| {
                width.and_then(|width| at.checked_add(width)).is_some_and(|end| end <= self.data.len())
            };
            let is_whole = |rows: &Rows| {
                self.groups.get(rows.group).is_some_and(|group| group.states == rows.states.len())
                    && rows
                        .states
                        .iter()
                        .all(|state| lies_within(state.possible) && lies_within(state.certain))
            };
            (plane.rows.is_empty() || lies_within(plane.silent)) && plane.rows.iter().all(is_whole)
        })
    }

    /// State of each group; `None` if some column of it is partially known.
    pub(crate) fn states(&self, seen: &[Encoded]) -> Vec<Option<u32>> {
        self.groups
            .iter()
            .map(|group| group.state(seen).and_then(|state| u32::try_from(state).ok()))
            .collect()
    }

    /// Passes the items of `start` through the rows selected by `seen`.
    pub(crate) fn filter(
        &self,
        start: &[u64],
        states: &[Option<u32>],
        seen: &[Encoded],
        passed: &mut Passed,
    ) {
        let Passed { possible, certain, picked, mixed, runs, can, must } = passed;
        possible.clear();
        possible.extend_from_slice(start);
        possible.resize(self.words, 0);
        certain.clear();
        certain.resize(self.words, 0);
        mixed.clear();
        picked.resize_with(self.planes.len(), Picked::default);
        for (plane, picked) in self.planes.iter().zip(picked.iter_mut()) {
            picked.pick(self, plane, states, seen, mixed);
        }
        let Some((atoms, clauses)) = picked.split_first() else { return };
        for (block, (possible, certain)) in
            possible.chunks_mut(BLOCK).zip(certain.chunks_mut(BLOCK)).enumerate()
        {
            poll();
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
        // The rows that exclude most items come first; the remainder is often a small part of the block.
        let (first, rest) = atoms.both.split_at(atoms.both.len().min(FIRST));
        and_rows(possible, &self.data, first, block);
        find_runs(possible, runs);
        for &(from, length) in runs.iter() {
            let possible = &mut possible[from..from + length];
            let at = block + from;
            and_rows(possible, &self.data, rest, at);
            and_rows(possible, &self.data, &atoms.maybe, at);
            and_rows(possible, mixed, &atoms.mixed_maybe, at);
        }
        find_runs(possible, runs);
        for &(from, length) in runs.iter() {
            let (possible, certain) = (&mut possible[from..from + length], &mut certain[from..from + length]);
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

/// Runs of non-zero words, in whole lanes.
fn find_runs(words: &[u64], runs: &mut Vec<(usize, usize)>) {
    runs.clear();
    for (lane, words) in words.chunks(LANE).enumerate() {
        if words.iter().fold(0, |any, word| any | word) == 0 {
            continue;
        }
        let at = lane * LANE;
        match runs.last_mut() {
            // A short gap costs less than a new run.
            Some((from, length)) if at - (*from + *length) <= LANE => *length = at + words.len() - *from,
            _ => runs.push((at, words.len())),
        }
    }
}

/// Rows of a plane selected by one profile, by their start.
#[derive(Clone, Debug, Default)]
struct Picked {
    from: usize,
    silent: usize,
    /// Rows of known columns.
    both: Vec<usize>,
    /// Items that can pass, of open columns.
    maybe: Vec<usize>,
    /// Items that certainly pass, of open columns.
    sure: Vec<usize>,
    /// The same for partially known columns; these starts refer to the mixed words.
    mixed_maybe: Vec<usize>,
    mixed_sure: Vec<usize>,
}

impl Picked {
    fn pick(
        &mut self,
        sieve: &Sieve,
        plane: &Plane,
        states: &[Option<u32>],
        seen: &[Encoded],
        mixed: &mut Vec<u64>,
    ) {
        let width = sieve.words - plane.from;
        (self.from, self.silent) = (plane.from, plane.silent);
        for list in
            [&mut self.both, &mut self.maybe, &mut self.sure, &mut self.mixed_maybe, &mut self.mixed_sure]
        {
            list.clear();
        }
        for rows in &plane.rows {
            let Some(at) = states[rows.group] else {
                let group = &sieve.groups[rows.group];
                let at = mixed.len();
                rows.mix(&group.open_states(seen), width, &sieve.data, mixed);
                self.mixed_maybe.push(at);
                self.mixed_sure.push(at + width);
                continue;
            };
            let state = rows.states[at as usize];
            if state.possible == state.certain {
                self.both.extend(state.possible_matters.then_some(state.possible));
            } else {
                self.maybe.extend(state.possible_matters.then_some(state.possible));
                self.sure.extend(state.certain_matters.then_some(state.certain));
            }
        }
    }

    /// ANDs the items that pass some alternative into both bounds of the words from `at` on.
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
        if skipped >= possible.len() {
            return;
        }
        let (possible, certain) = (&mut possible[skipped..], &mut certain[skipped..]);
        let at = at + skipped - self.from;
        let silent = self.silent + at;
        let silent = &data[silent..silent + possible.len()];
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

impl Plane {
    /// Plane of one condition of each item; `None` for an item without such a condition. In a plane of `alternatives`, a column
    /// that an item does not mention lets nothing pass, otherwise everything.
    fn new<'a>(
        of: impl Iterator<Item = Option<&'a Disjunction>>,
        columns: &[Column],
        groups: &[Group],
        words: usize,
        alternatives: bool,
        data: &mut Vec<u64>,
    ) -> Self {
        let mut mentions: Vec<Vec<(usize, &CodeSet)>> = vec![Vec::new(); columns.len()];
        let mut silent = vec![u64::MAX; words];
        let mut first = None;
        for (item, clause) in of.enumerate() {
            poll();
            let Some(clause) = clause else { continue };
            first.get_or_insert(item);
            clear(&mut silent, item);
            for (column, codes) in clause {
                mentions[*column].push((item, codes));
            }
        }
        let from = if alternatives { first.unwrap_or(0) / 64 / LANE * LANE } else { 0 };
        let shape = Shape { from, words, alternatives };
        let is_mentioned = |member: &Member| !mentions[member.column].is_empty();
        let mut rows: Vec<(u64, Rows)> = groups
            .iter()
            .enumerate()
            .filter(|(_, group)| group.members.iter().any(is_mentioned))
            .map(|(at, group)| Rows::new((at, group), &mentions, columns, shape, data))
            .collect();
        // Rows that exclude most items clear words soonest.
        rows.sort_by_key(|(stopped, rows)| (std::cmp::Reverse(*stopped), rows.group));
        let silent_row = &silent[from..];
        let silent = if alternatives { data.len() } else { 0 };
        if alternatives {
            data.extend_from_slice(silent_row);
        }
        Self { from, silent, rows: rows.into_iter().map(|(_, rows)| rows).collect() }
    }
}

/// Maximum number of states of a group.
const MAX_STATES: usize = 81;

/// Groups of the mentioned columns: columns with few codes are combined.
fn groups(items: &[Conditions<'_>], columns: &[Column]) -> Vec<Group> {
    let mut mentioned = vec![false; columns.len()];
    for clause in items.iter().flat_map(|item| std::iter::once(item.atoms).chain(item.clauses)) {
        for column in clause.keys() {
            mentioned[*column] = true;
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut open = Group { members: Vec::new(), states: 1 };
    for (id, column) in columns.iter().enumerate().filter(|(id, _)| mentioned[*id]) {
        let codes = column.space.max_code() as usize + 1;
        let states = codes + 1;
        if states * states > MAX_STATES {
            groups.push(Group { members: vec![Member { column: id, codes, stride: 1 }], states });
            continue;
        }
        if open.states * states > MAX_STATES {
            groups.push(std::mem::replace(&mut open, Group { members: Vec::new(), states: 1 }));
        }
        open.members.push(Member { column: id, codes, stride: open.states });
        open.states *= states;
    }
    if !open.members.is_empty() {
        groups.push(open);
    }
    groups
}

impl Group {
    /// State of the encoded values; `None` if some column is partially known.
    fn state(&self, seen: &[Encoded]) -> Option<usize> {
        self.members.iter().try_fold(0, |state, member| match &seen[member.column] {
            Encoded::Exactly(code) => Some(state + *code as usize * member.stride),
            Encoded::Among(_) => None,
            Encoded::Unknown => Some(state + member.codes * member.stride),
        })
    }

    /// Open states if some columns are partially known.
    fn open_states(&self, seen: &[Encoded]) -> Vec<usize> {
        let mut open = vec![0_usize];
        for member in &self.members {
            let codes: Vec<usize> = match &seen[member.column] {
                Encoded::Exactly(code) => vec![*code as usize],
                Encoded::Among(codes) => {
                    let codes = codes.ranges().iter().flat_map(|(first, last)| *first..=*last);
                    codes.map(|code| code as usize).collect()
                }
                Encoded::Unknown => vec![member.codes],
            };
            open = open
                .iter()
                .flat_map(|state| codes.iter().map(move |code| state + code * member.stride))
                .collect();
        }
        open
    }
}

/// Dimensions of a plane.
#[derive(Clone, Copy)]
struct Shape {
    from: usize,
    words: usize,
    alternatives: bool,
}

impl Shape {
    fn width(self) -> usize {
        self.words - self.from
    }

    /// Neutral word of the operation: all ones for AND, zero for OR.
    fn neutral(self) -> u64 {
        if self.alternatives { 0 } else { u64::MAX }
    }
}

impl Rows {
    /// Appends the rows of one group to `data`. Also returns the number of items that an average state excludes.
    fn new(
        (at, group): (usize, &Group),
        mentions: &[Vec<(usize, &CodeSet)>],
        columns: &[Column],
        shape: Shape,
        data: &mut Vec<u64>,
    ) -> (u64, Self) {
        // For each column: one row for each code, then those of an unknown value, first certain, then possible.
        let own: Vec<Vec<u64>> = group
            .members
            .iter()
            .map(|member| rows_of(&columns[member.column], &mentions[member.column], member.codes, shape))
            .collect();
        let (members, count) = (&group.members, group.states);
        let mut written = 0_u64;
        let mut states = Vec::with_capacity(count);
        for state in 0..count {
            steps(shape.width() as u64);
            let mut row = |last: usize| {
                let at = data.len();
                data.resize(at + shape.width(), shape.neutral());
                let (_, row) = data.split_at_mut(at);
                for (member, own) in members.iter().zip(&own) {
                    let code = state / member.stride % (member.codes + 1);
                    // Unknown: the row before the last for certain items, the last for possible ones.
                    let code = if code == member.codes { member.codes + last } else { code };
                    let join = if shape.alternatives { or_rows } else { and_rows };
                    join(row, own, &[code * shape.width()], 0);
                }
                written += row.iter().map(|word| u64::from(word.count_zeros())).sum::<u64>();
                (at, row.iter().any(|word| *word != shape.neutral()))
            };
            let known =
                members.iter().all(|member| state / member.stride % (member.codes + 1) < member.codes);
            let (certain, certain_matters) = row(0);
            let (possible, possible_matters) = if known { (certain, certain_matters) } else { row(1) };
            states.push(State { possible, certain, possible_matters, certain_matters });
        }
        (written / count as u64, Self { group: at, states })
    }

    /// Possible and certain items over some states, appended to `mixed` one after the other.
    fn mix(&self, open: &[usize], width: usize, data: &[u64], mixed: &mut Vec<u64>) {
        let at = mixed.len();
        mixed.resize(at + width, 0);
        mixed.resize(at + 2 * width, u64::MAX);
        let (_, own) = mixed.split_at_mut(at);
        let (can, must) = own.split_at_mut(width);
        for state in open.iter().map(|state| self.states[*state]) {
            or_rows(can, data, &[state.possible], 0);
            and_rows(must, data, &[state.certain], 0);
        }
    }
}

/// Rows of one column: passing items for each code, then certain and possible items for an unknown value. An item that does not
/// mention the column has the neutral value.
fn rows_of(column: &Column, mentions: &[(usize, &CodeSet)], codes: usize, shape: Shape) -> Vec<u64> {
    let width = shape.width();
    let mut unmentioned = vec![shape.neutral(); width];
    let bit = |item: usize| item - shape.from * 64;
    for (item, _) in mentions {
        clear(&mut unmentioned, bit(*item));
    }
    let mut rows = unmentioned.repeat(codes + 2);
    for (item, set) in mentions {
        for code in set.ranges().iter().flat_map(|(first, last)| *first..=*last) {
            set_bit(&mut rows, code as usize * width * 64 + bit(*item));
        }
        if column.free.is_subset(set) {
            set_bit(&mut rows, codes * width * 64 + bit(*item));
        }
        if column.free.intersects(set) {
            set_bit(&mut rows, (codes + 1) * width * 64 + bit(*item));
        }
    }
    rows
}

fn set_bit(words: &mut [u64], bit: usize) {
    words[bit / 64] |= 1 << (bit % 64);
}

fn clear(words: &mut [u64], bit: usize) {
    words[bit / 64] &= !(1 << (bit % 64));
}
