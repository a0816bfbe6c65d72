//! Literals: a column in a set of codes, or alternatives of such, as the rows that pass for certain and can pass.

use std::collections::HashMap;

use super::bits::{NONE, RowBits, insert, unite};
use super::block::{Block, Lane};
use crate::compiled::{Clause, CodeSet, Column, ColumnId};

/// Position of a literal in its table.
pub(crate) type LiteralId = u32;

/// What is asked of an enterprise.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Literal {
    /// A column in a set of codes.
    Atom { column: ColumnId, codes: CodeSet },
    /// At least one of these.
    Either(Vec<LiteralId>),
}

/// The literals of a plan, each once.
#[derive(Debug, Default)]
pub(crate) struct LiteralTable {
    literals: Vec<Literal>,
    /// For each atom, whether a row of which nothing is known passes for certain, and whether it can.
    unknown: Vec<(bool, bool)>,
    known: HashMap<Literal, LiteralId>,
}

/// The rows that pass a literal for certain, within those that can.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rails {
    pub(crate) certain: RowBits,
    pub(crate) possible: RowBits,
}

/// The rows of a block that pass literals, found when they are first asked for.
#[derive(Debug, Default)]
pub(crate) struct LiteralRows {
    /// For each literal, one more than where its rails stand; 0 before they are asked for.
    slots: Vec<u32>,
    rails: Vec<Rails>,
    /// For each column, likewise.
    index_slots: Vec<u32>,
    indexes: Vec<LaneIndex>,
    used_indexes: usize,
}

/// The rows of one column by what is seen of them.
#[derive(Debug, Default)]
struct LaneIndex {
    /// The codes that occur, ascending.
    present: Vec<u32>,
    /// For each of those, the rows with that code or one before it.
    up_to: Vec<RowBits>,
    unknown: Option<Box<RowBits>>,
    /// For each partial state, its rows, and what is seen of them.
    partial: Vec<(RowBits, CodeSet)>,
}

impl LiteralTable {
    /// The literal "column in codes".
    pub(crate) fn atom(&mut self, column: ColumnId, codes: &CodeSet, columns: &[Column]) -> LiteralId {
        let free = columns.get(column).map(|column| &column.free);
        let unknown = free.map_or((false, true), |free| (free.is_within(codes), free.meets(codes)));
        self.add(Literal::Atom { column, codes: codes.clone() }, unknown)
    }

    /// The literal "at least one of these columns in its codes".
    pub(crate) fn either(&mut self, clause: &Clause, columns: &[Column]) -> LiteralId {
        let mut of: Vec<LiteralId> =
            clause.iter().map(|(column, codes)| self.atom(*column, codes, columns)).collect();
        of.sort_unstable();
        self.add(Literal::Either(of), (false, true))
    }

    /// How many there are.
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
    /// Makes ready for another block.
    pub(crate) fn clear(&mut self, literals: usize, columns: usize) {
        self.slots.clear();
        self.slots.resize(literals, 0);
        self.rails.clear();
        self.index_slots.clear();
        self.index_slots.resize(columns, 0);
        self.used_indexes = 0;
    }

    /// The rows of `block` that pass a literal.
    #[inline(always)]
    pub(crate) fn rails(&mut self, table: &LiteralTable, block: &Block, id: LiteralId) -> &Rails {
        let slot = self.slots.get(id as usize).copied().unwrap_or(0);
        let at = if slot == 0 { self.find(table, block, id) } else { slot as usize - 1 };
        self.rails.get(at).unwrap_or(&NOTHING)
    }

    #[inline(never)]
    fn find(&mut self, table: &LiteralTable, block: &Block, id: LiteralId) -> usize {
        let rails = match table.literals.get(id as usize) {
            Some(Literal::Atom { column, codes }) => {
                let unknown = table.unknown.get(id as usize).copied().unwrap_or((false, true));
                self.index(block, *column).map_or(NOTHING, |index| index.rails(codes, unknown))
            }
            Some(Literal::Either(of)) => {
                let mut rails = NOTHING;
                for one in of {
                    let other = *self.rails(table, block, *one);
                    unite(&mut rails.certain, &other.certain);
                    unite(&mut rails.possible, &other.possible);
                }
                rails
            }
            None => NOTHING,
        };
        self.rails.push(rails);
        if let Some(slot) = self.slots.get_mut(id as usize) {
            *slot = u32::try_from(self.rails.len()).unwrap_or(0);
        }
        self.rails.len() - 1
    }

    fn index(&mut self, block: &Block, column: ColumnId) -> Option<&LaneIndex> {
        let slot = *self.index_slots.get(column)?;
        let at = if slot == 0 {
            if self.used_indexes == self.indexes.len() {
                self.indexes.push(LaneIndex::default());
            }
            let at = self.used_indexes;
            self.used_indexes += 1;
            // Column by column, what the last block needed is used again.
            self.indexes.get_mut(at)?.fill(block.lane(column)?);
            *self.index_slots.get_mut(column)? = u32::try_from(at + 1).ok()?;
            at
        } else {
            slot as usize - 1
        };
        self.indexes.get(at)
    }
}

const NOTHING: Rails = Rails { certain: NONE, possible: NONE };

impl LaneIndex {
    fn fill(&mut self, lane: &Lane) {
        self.present.clear();
        self.present.extend(lane.states.iter().copied().filter(|state| *state < lane.codes));
        self.present.sort_unstable();
        self.present.dedup();
        self.up_to.clear();
        self.up_to.resize(self.present.len(), NONE);
        self.partial.clear();
        self.partial.extend(lane.partial.iter().map(|codes| (NONE, codes.clone())));
        self.unknown = None;
        // From a code to its position among those that occur.
        let mut position = vec![0_u32; self.present.last().map_or(0, |last| *last as usize + 1)];
        for (at, code) in (0_u32..).zip(&self.present) {
            if let Some(slot) = position.get_mut(*code as usize) {
                *slot = at;
            }
        }
        for (row, state) in lane.states.iter().enumerate() {
            let set = if *state < lane.codes {
                position.get(*state as usize).and_then(|at| self.up_to.get_mut(*at as usize))
            } else if *state == Lane::UNKNOWN {
                Some(&mut **self.unknown.get_or_insert_with(|| Box::new(NONE)))
            } else {
                self.partial.get_mut((*state - lane.codes) as usize).map(|(set, _)| set)
            };
            if let Some(set) = set {
                insert(set, row);
            }
        }
        let mut sum = NONE;
        for set in &mut self.up_to {
            unite(&mut sum, set);
            *set = sum;
        }
    }

    fn rails(&self, codes: &CodeSet, unknown: (bool, bool)) -> Rails {
        let mut exact = NONE;
        for (first, last) in codes.ranges() {
            let from = self.present.partition_point(|code| code < first);
            let to = self.present.partition_point(|code| code <= last);
            if from == to {
                continue;
            }
            let below = from.checked_sub(1).and_then(|at| self.up_to.get(at)).unwrap_or(&NONE);
            if let Some(up_to) = self.up_to.get(to - 1) {
                for ((word, up_to), below) in exact.iter_mut().zip(up_to).zip(below) {
                    *word |= up_to & !below;
                }
            }
        }
        let mut rails = Rails { certain: exact, possible: exact };
        if let Some(rows) = &self.unknown {
            if unknown.0 {
                unite(&mut rails.certain, rows);
            }
            if unknown.1 {
                unite(&mut rails.possible, rows);
            }
        }
        for (rows, of) in &self.partial {
            if of.is_within(codes) && !of.is_empty() {
                unite(&mut rails.certain, rows);
            }
            if of.meets(codes) {
                unite(&mut rails.possible, rows);
            }
        }
        rails
    }
}
