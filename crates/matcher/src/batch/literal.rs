//! Literals: a column in a set of codes, or alternatives of such, evaluated to the rows that certainly pass and that can pass.

#![expect(
    clippy::indexing_slicing,
    reason = "literals, columns and codes are numbered by the plan that encodes the block"
)]

use std::collections::HashMap;

use super::bits::{NONE, RowBits, insert, union_with};
use super::block::{Block, Lane};
use crate::compiled::{CodeSet, Column, ColumnId, Disjunction};

/// Index of a literal in its table.
pub(crate) type LiteralId = u32;

/// Condition on an enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Literal {
    /// The column lies in a set of codes.
    Atom { column: ColumnId, codes: CodeSet },
    /// At least one of these literals.
    Either(Vec<LiteralId>),
}

/// Distinct literals of a plan.
#[derive(Debug, Default)]
pub(crate) struct LiteralTable {
    literals: Vec<Literal>,
    /// For each atom, whether an unknown row certainly passes, and whether it can pass.
    unknown: Vec<(bool, bool)>,
    known: HashMap<Literal, LiteralId>,
}

/// Rows that certainly pass a literal (lower bound) and rows that can pass it (upper bound).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) certain: RowBits,
    pub(crate) possible: RowBits,
}

/// Rows of a block that pass literals, computed on first use.
#[derive(Debug, Default)]
pub(crate) struct LiteralRows {
    /// For each literal, the index of its bounds plus 1; 0 if not computed yet.
    slots: Vec<u32>,
    bounds: Vec<Bounds>,
    /// For each column, the index plus 1 of its lane index; 0 if not built yet.
    index_slots: Vec<u32>,
    indexes: Vec<LaneIndex>,
    used_indexes: usize,
}

/// Rows of one column by their first and last possible code. For a row with one code, both are that code.
#[derive(Debug, Default)]
struct LaneIndex {
    /// Rows by first possible code.
    begins: Ends,
    /// Rows by last possible code; empty if every row has exactly one code, when both are the same.
    finishes: Ends,
    is_exact: bool,
    unknown: Option<Box<RowBits>>,
    /// Rows of each partial state with gaps, and its code set.
    scattered: Vec<(RowBits, CodeSet)>,
}

/// Rows by one code each, cumulative.
#[derive(Debug, Default)]
struct Ends {
    /// Occurring codes, ascending.
    present: Vec<u32>,
    /// For each occurring code, the rows with that code or a lower one.
    up_to: Vec<RowBits>,
    /// Code to index among the occurring codes, while rows are added.
    position: Vec<u32>,
}

/// A column with at most this many codes has a set for each code, whether it occurs or not.
const DENSE: u32 = 64;

impl Ends {
    /// Adds the rows of a lane, each with its code: the state itself, or the code given by `partial` for a partial state.
    fn fill(&mut self, lane: &Lane, partial: &[Option<u32>]) {
        const ABSENT: u32 = u32::MAX;
        let Self { present, up_to, position } = self;
        let code = |state: u32| match state {
            state if state < lane.codes => Some(state),
            Lane::UNKNOWN => None,
            state => partial.get((state - lane.codes) as usize).copied().flatten(),
        };
        present.clear();
        position.clear();
        if lane.codes <= DENSE {
            present.extend(0..lane.codes);
        } else {
            position.resize(lane.codes as usize, ABSENT);
            for code in lane.states.iter().filter_map(|state| code(*state)) {
                position[code as usize] = 0;
            }
            for (code, slot) in (0_u32..).zip(position.iter_mut()).filter(|(_, slot)| **slot != ABSENT) {
                *slot = u32::try_from(present.len()).unwrap_or(ABSENT);
                present.push(code);
            }
        }
        up_to.clear();
        up_to.resize(present.len(), NONE);
        for (word, states) in lane.states.chunks(64).enumerate() {
            for (bit, state) in states.iter().enumerate() {
                let Some(code) = code(*state) else { continue };
                let at = if lane.codes <= DENSE { code as usize } else { position[code as usize] as usize };
                up_to[at][word] |= 1 << bit;
            }
        }
        let mut sum = NONE;
        for set in up_to {
            union_with(&mut sum, set);
            *set = sum;
        }
    }

    /// Rows with `code` or a lower one.
    fn up_to(&self, code: u32) -> &RowBits {
        self.first(self.present.partition_point(|present| *present <= code))
    }

    /// Rows with a code below `code`.
    fn before(&self, code: u32) -> &RowBits {
        self.first(self.present.partition_point(|present| *present < code))
    }

    fn first(&self, count: usize) -> &RowBits {
        count.checked_sub(1).map_or(&NONE, |at| &self.up_to[at])
    }
}

impl LiteralTable {
    /// Literal "column in codes".
    pub(crate) fn atom(&mut self, column: ColumnId, codes: &CodeSet, columns: &[Column]) -> LiteralId {
        let free = &columns[column].free;
        let unknown = (free.is_subset(codes), free.intersects(codes));
        self.add(Literal::Atom { column, codes: codes.clone() }, unknown)
    }

    /// Literal "at least one of these columns in its codes".
    pub(crate) fn any_of(&mut self, clause: &Disjunction, columns: &[Column]) -> LiteralId {
        let mut of: Vec<LiteralId> =
            clause.iter().map(|(column, codes)| self.atom(*column, codes, columns)).collect();
        of.sort_unstable();
        self.add(Literal::Either(of), (false, true))
    }

    /// Number of literals.
    pub(crate) fn len(&self) -> usize {
        self.literals.len()
    }

    fn add(&mut self, literal: Literal, unknown: (bool, bool)) -> LiteralId {
        if let Some(id) = self.known.get(&literal) {
            return *id;
        }
        let id = LiteralId::try_from(self.literals.len()).unwrap_or(LiteralId::MAX);
        self.known.insert(literal.clone(), id);
        self.literals.push(literal);
        self.unknown.push(unknown);
        id
    }
}

impl LiteralRows {
    /// Resets for another block.
    pub(crate) fn clear(&mut self, literals: usize, columns: usize) {
        self.slots.clear();
        self.slots.resize(literals, 0);
        self.bounds.clear();
        self.index_slots.clear();
        self.index_slots.resize(columns, 0);
        self.used_indexes = 0;
    }

    /// Rows of `block` that pass a literal.
    #[inline(always)]
    pub(crate) fn bounds(&mut self, table: &LiteralTable, block: &Block, id: LiteralId) -> &Bounds {
        let slot = self.slots[id as usize];
        let at = if slot == 0 { self.find(table, block, id) } else { slot as usize - 1 };
        &self.bounds[at]
    }

    #[inline(never)]
    fn find(&mut self, table: &LiteralTable, block: &Block, id: LiteralId) -> usize {
        let rails = match &table.literals[id as usize] {
            Literal::Atom { column, codes } => {
                self.index(block, *column).bounds(codes, table.unknown[id as usize])
            }
            Literal::Either(of) => {
                let mut rails = NOTHING;
                for one in of {
                    let other = *self.bounds(table, block, *one);
                    union_with(&mut rails.certain, &other.certain);
                    union_with(&mut rails.possible, &other.possible);
                }
                rails
            }
        };
        self.bounds.push(rails);
        self.slots[id as usize] = u32::try_from(self.bounds.len()).unwrap_or(0);
        self.bounds.len() - 1
    }

    fn index(&mut self, block: &Block, column: ColumnId) -> &LaneIndex {
        let slot = self.index_slots[column];
        let at = if slot == 0 {
            if self.used_indexes == self.indexes.len() {
                self.indexes.push(LaneIndex::default());
            }
            let at = self.used_indexes;
            self.used_indexes += 1;
            // The buffers of the last block are reused, column by column.
            self.indexes[at].fill(block.lane(column));
            self.index_slots[column] = u32::try_from(at + 1).unwrap_or(0);
            at
        } else {
            slot as usize - 1
        };
        &self.indexes[at]
    }
}

const NOTHING: Bounds = Bounds { certain: NONE, possible: NONE };

impl LaneIndex {
    fn fill(&mut self, lane: &Lane) {
        // First and last code of a partial state; `None` if it has gaps.
        let span = |codes: &CodeSet| match codes.ranges() {
            [one] => Some(*one),
            _ => None,
        };
        let spans: Vec<Option<(u32, u32)>> = lane.partial.iter().map(span).collect();
        let ends = |end: fn((u32, u32)) -> u32| -> Vec<Option<u32>> {
            spans.iter().map(|span| span.map(end)).collect()
        };
        self.begins.fill(lane, &ends(|(first, _)| first));
        self.is_exact = spans.iter().all(Option::is_none);
        if !self.is_exact {
            self.finishes.fill(lane, &ends(|(_, last)| last));
        }
        self.unknown = None;
        self.scattered.clear();
        let mut places: Vec<Option<usize>> = vec![None; spans.len()];
        for ((codes, span), place) in lane.partial.iter().zip(&spans).zip(&mut places) {
            if span.is_none() {
                *place = Some(self.scattered.len());
                self.scattered.push((NONE, codes.clone()));
            }
        }
        for (row, state) in lane.states.iter().enumerate().filter(|(_, state)| **state >= lane.codes) {
            if *state == Lane::UNKNOWN {
                insert(self.unknown.get_or_insert_with(|| Box::new(NONE)), row);
            } else if let Some(Some(place)) = places.get((*state - lane.codes) as usize)
                && let Some((set, _)) = self.scattered.get_mut(*place)
            {
                insert(set, row);
            }
        }
    }

    fn bounds(&self, codes: &CodeSet, unknown: (bool, bool)) -> Bounds {
        let finishes = if self.is_exact { &self.begins } else { &self.finishes };
        let mut rails = NOTHING;
        // The ranges of a set have gaps between them: an interval within the set lies within one range.
        for &(first, last) in codes.ranges() {
            add(&mut rails.certain, finishes.up_to(last), self.begins.before(first));
            if !self.is_exact {
                add(&mut rails.possible, self.begins.up_to(last), finishes.before(first));
            }
        }
        if self.is_exact {
            rails.possible = rails.certain;
        }
        if let Some(rows) = &self.unknown {
            if unknown.0 {
                union_with(&mut rails.certain, rows);
            }
            if unknown.1 {
                union_with(&mut rails.possible, rows);
            }
        }
        for (rows, of) in &self.scattered {
            if of.is_subset(codes) && !of.is_empty() {
                union_with(&mut rails.certain, rows);
            }
            if of.intersects(codes) {
                union_with(&mut rails.possible, rows);
            }
        }
        rails
    }
}

/// Adds the rows of `some` that are not in `but`.
#[inline(always)]
fn add(set: &mut RowBits, some: &RowBits, but: &RowBits) {
    for ((word, some), but) in set.iter_mut().zip(some).zip(but) {
        *word |= some & !but;
    }
}
