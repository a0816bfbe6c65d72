//! Blocks encoded from tables of facts.
//!
//! What a column of a plan shows of an enterprise follows from few of its facts. Where that is one given fact, each of
//! its values is coded once. For what is computed, a [`TableEncoder`] keeps the tree of what was read to see it
//! ([`zhaoren_policy::view::Trace`]): first this fact, then, for this value of it, that fact. A row whose values were
//! met before walks the tree; only a new combination is looked at through a view. So rules for derived facts stay where
//! they are, and yet are not computed once for every enterprise.

#![expect(
    clippy::indexing_slicing,
    reason = "codes are those of a column, nodes and what is seen are numbered as they are learnt"
)]

use std::collections::HashMap;
use std::ops::Range;

use jiff::civil::Date;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::profile::{Profile, ProfileBuilder, ProfileKey};
use zhaoren_policy::view::{Trace, View};

use super::block::{Block, Lane};
use super::facts::{FactColumn, FactRows, profile};
use crate::compiled::{Column, Encoded};

/// Encodes the blocks of one table for one plan.
pub(crate) struct TableEncoder<'a, T> {
    columns: Vec<(&'a Column, ColumnSource<'a>)>,
    table: &'a T,
    dictionary: &'a FactDictionary,
    as_of: Date,
}

/// How rows are seen in a column.
enum ColumnSource<'a> {
    /// By what stands under one key: what is seen of each of its codes.
    Given(Option<&'a FactColumn>, Vec<Option<Encoded>>),
    /// By what a rule makes of it.
    Computed(ReadTree<'a, Encoded>),
}

impl<'a, T: FactRows> TableEncoder<'a, T> {
    pub(crate) fn new(
        columns: &'a [Column],
        table: &'a T,
        dictionary: &'a FactDictionary,
        as_of: Date,
    ) -> Self {
        let way = |column: &'a Column| match column.slot.given(dictionary) {
            // What else says something of it has to be looked at too, where the table has it.
            Some(key) if column.slot.beside(dictionary).iter().all(|key| table.column(key).is_none()) => {
                let column = table.column(&key);
                ColumnSource::Given(column, vec![None; 1 + column.map_or(0, |column| column.values.len())])
            }
            _ => ColumnSource::Computed(ReadTree::new()),
        };
        let columns = columns.iter().map(|column| (column, way(column))).collect();
        Self { columns, table, dictionary, as_of }
    }

    /// The block of some rows, [`super::BLOCK_ROWS`] at most.
    pub(crate) fn block(&mut self, rows: Range<usize>) -> Block {
        let Self { columns, table, dictionary, as_of } = self;
        let lanes = columns.iter_mut().map(|(column, way)| {
            let mut lane = Lane::of(column);
            lane.states.reserve(rows.len());
            zhaoren_cancel::steps(rows.len() as u64);
            match way {
                ColumnSource::Given(given, seen) => {
                    let see = |code| {
                        let held = given.and_then(|given| given.value(code));
                        column.see_given(held, dictionary, *as_of)
                    };
                    // States of this lane by code.
                    let mut states: Vec<Option<u32>> = vec![None; seen.len()];
                    for row in rows.clone() {
                        let code = given.map_or(0, |given| given.code(row));
                        let state = *states[code as usize].get_or_insert_with(|| {
                            lane.state(seen[code as usize].get_or_insert_with(|| see(code)))
                        });
                        lane.states.push(state);
                    }
                }
                ColumnSource::Computed(reads) => {
                    let see = |profile: &Profile, trace: &Trace| {
                        column.see(&View::new(profile, dictionary, *as_of).traced(trace))
                    };
                    // States of this lane by position of what is seen.
                    let mut states: Vec<Option<u32>> = Vec::new();
                    for row in rows.clone() {
                        let state = match reads.place(row, *table, &see) {
                            Ok(at) => {
                                if states.len() <= at {
                                    states.resize(at + 1, None);
                                }
                                *states[at].get_or_insert_with(|| lane.state(&reads.seen[at]))
                            }
                            Err(seen) => lane.state(&seen),
                        };
                        lane.states.push(state);
                    }
                }
            }
            lane
        });
        let lanes = lanes.collect();
        Block::of(rows.len(), lanes)
    }
}

/// What was read to see one column, as a tree, with what was seen at its leaves.
pub(super) struct ReadTree<'a, S> {
    nodes: Vec<ReadNode<'a>>,
    seen: Vec<S>,
    rows: usize,
    /// Rows whose values had not been met before.
    new: usize,
    /// Everything that was ever read, with what the table holds there.
    keys: Vec<(ProfileKey, Option<&'a FactColumn>)>,
    trace: Trace,
}

enum ReadNode<'a> {
    /// Looks under a key: `None` where the table holds nothing there. Children by code.
    Key { column: Option<&'a FactColumn>, children: Children },
    /// Position of what is seen.
    Leaf(usize),
}

/// Positions of nodes by code.
enum Children {
    /// Of the root, under which most codes come: [`ABSENT`] where none is known yet.
    Dense(Vec<u32>),
    Sparse(HashMap<u32, u32>),
}

const ABSENT: u32 = u32::MAX;

impl Children {
    fn get(&self, code: u32) -> Option<usize> {
        let at = match self {
            // A code that was not met yet may be past the last.
            Self::Dense(all) => all.get(code as usize).copied().filter(|at| *at != ABSENT),
            Self::Sparse(some) => some.get(&code).copied(),
        };
        at.map(|at| at as usize)
    }

    fn set(&mut self, code: u32, node: usize) {
        let node = u32::try_from(node).unwrap_or(ABSENT);
        match self {
            Self::Dense(all) => {
                if all.len() <= code as usize {
                    all.resize(code as usize + 1, ABSENT);
                }
                all[code as usize] = node;
            }
            Self::Sparse(some) => {
                some.insert(code, node);
            }
        }
    }
}

impl<'a, S: PartialEq> ReadTree<'a, S> {
    pub(super) fn new() -> Self {
        Self {
            nodes: Vec::new(),
            seen: Vec::new(),
            rows: 0,
            new: 0,
            keys: Vec::new(),
            trace: Trace::default(),
        }
    }

    /// What is seen of a row, looked at only where its values were not met before.
    pub(super) fn see<T: FactRows>(
        &mut self,
        row: usize,
        table: &'a T,
        look: impl Fn(&Profile, &Trace) -> S,
    ) -> S
    where
        S: Clone,
    {
        match self.place(row, table, &look) {
            Ok(at) => self.seen[at].clone(),
            Err(seen) => seen,
        }
    }

    /// The position of what is seen of a row; what is seen itself, where it is not kept.
    fn place<T: FactRows>(
        &mut self,
        row: usize,
        table: &'a T,
        look: &impl Fn(&Profile, &Trace) -> S,
    ) -> Result<usize, S> {
        self.rows += 1;
        // Values that hardly ever come again, such as exact amounts, cost more to keep than to look at.
        let worthless = self.new > 1000 && self.new > self.rows / 2;
        if worthless {
            self.new += 1;
            return Err(self.look(row, table, look).0);
        }
        match self.find(row) {
            Some(at) => Ok(at),
            None => {
                let (seen, keys) = self.look(row, table, look);
                self.new += 1;
                Ok(self.learn(row, seen, &keys, table))
            }
        }
    }

    /// Looks at a row through a profile of what was ever read, and says what was read of it this time.
    fn look<T: FactRows>(
        &mut self,
        row: usize,
        table: &'a T,
        look: &impl Fn(&Profile, &Trace) -> S,
    ) -> (S, Vec<ProfileKey>) {
        loop {
            let known = self.keys.iter().map(|(key, column)| (key, *column));
            let seen = look(&profile(ProfileBuilder::default(), known, row), &self.trace);
            let read = self.trace.take();
            let before = self.keys.len();
            for key in &read {
                if !self.keys.iter().any(|(known, _)| known == key) {
                    self.keys.push((key.clone(), table.column(key)));
                }
            }
            // What was not brought in was read as unknown.
            if self.keys.len() == before {
                return (seen, read);
            }
        }
    }

    /// The position of what is seen of a row, where its values were met before.
    fn find(&self, row: usize) -> Option<usize> {
        let mut at = 0;
        loop {
            // Before the first row there is no root.
            match self.nodes.get(at)? {
                ReadNode::Leaf(seen) => return Some(*seen),
                ReadNode::Key { column, children } => at = children.get(code(*column, row))?,
            }
        }
    }

    /// Notes what is seen of a row, and under which keys it was read.
    fn learn<T: FactRows>(&mut self, row: usize, seen: S, keys: &[ProfileKey], table: &'a T) -> usize {
        let place = self.seen.iter().position(|before| *before == seen).unwrap_or_else(|| {
            self.seen.push(seen);
            self.seen.len() - 1
        });
        // INVARIANT: what is read next follows from what was read before, so that a node always has one key.
        let mut from: Option<(usize, u32)> = None;
        for key in keys {
            let known = match from {
                None => (!self.nodes.is_empty()).then_some(0),
                Some((node, code)) => self.child(node, code),
            };
            let at = known.unwrap_or_else(|| {
                let root = self.nodes.is_empty();
                let children =
                    if root { Children::Dense(Vec::new()) } else { Children::Sparse(HashMap::new()) };
                self.add(from, ReadNode::Key { column: table.column(key), children })
            });
            let here = match &self.nodes[at] {
                ReadNode::Key { column, .. } => code(*column, row),
                ReadNode::Leaf(_) => 0,
            };
            from = Some((at, here));
        }
        self.add(from, ReadNode::Leaf(place));
        place
    }

    fn child(&self, node: usize, code: u32) -> Option<usize> {
        match &self.nodes[node] {
            ReadNode::Key { children, .. } => children.get(code),
            ReadNode::Leaf(_) => None,
        }
    }

    fn add(&mut self, from: Option<(usize, u32)>, node: ReadNode<'a>) -> usize {
        let at = self.nodes.len();
        self.nodes.push(node);
        if let Some((parent, code)) = from
            && let ReadNode::Key { children, .. } = &mut self.nodes[parent]
        {
            children.set(code, at);
        }
        at
    }
}

fn code(column: Option<&FactColumn>, row: usize) -> u32 {
    column.map_or(0, |column| column.code(row))
}
