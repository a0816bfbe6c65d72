//! Encodes blocks from tables of facts.
//!
//! The value of a plan's column for an enterprise depends on few facts. If it is one given fact, each of its values is encoded
//! once. For computed values, a [`TableEncoder`] keeps a decision tree of the keys read ([`zhaoren_policy::view::Trace`]): first
//! this fact, then, depending on its value, that fact. A row whose values have occurred before walks the tree; only a new
//! combination is evaluated through a view. So the rules for derived facts are not duplicated, and are not evaluated once for
//! every enterprise either.

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
use super::facts::{FactColumn, FactSource, profile};
use crate::compiled::{Column, Encoded};

/// Encoder of the blocks of one table for one plan.
pub(crate) struct TableEncoder<'a, T> {
    columns: Vec<(&'a Column, ColumnSource<'a>)>,
    table: &'a T,
    dictionary: &'a FactDictionary,
    as_of: Date,
}

/// Source of a column's values.
enum ColumnSource<'a> {
    /// Fact given under one key: encoded value of each of its codes.
    Given(Option<&'a FactColumn>, Vec<Option<Encoded>>),
    /// Computed by a rule: tree of the facts read.
    Computed(ReadTree<'a, Encoded>),
}

impl<'a, T: FactSource> TableEncoder<'a, T> {
    pub(crate) fn new(
        columns: &'a [Column],
        table: &'a T,
        dictionary: &'a FactDictionary,
        as_of: Date,
    ) -> Self {
        let way = |column: &'a Column| match column.slot.given_key(dictionary) {
            // If the table has other facts that restrict this one, they have to be read too.
            Some(key)
                if column.slot.derived_keys(dictionary).iter().all(|key| table.column(key).is_none()) =>
            {
                let column = table.column(&key);
                ColumnSource::Given(column, vec![None; 1 + column.map_or(0, |column| column.values.len())])
            }
            _ => ColumnSource::Computed(ReadTree::new()),
        };
        let columns = columns.iter().map(|column| (column, way(column))).collect();
        Self { columns, table, dictionary, as_of }
    }

    /// Block of some rows, at most [`super::BLOCK_ROWS`].
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
                        column.encode_held(held, dictionary, *as_of)
                    };
                    // States of this lane, by code.
                    let mut states: Vec<Option<u32>> = vec![None; seen.len()];
                    for row in rows.clone() {
                        let code = given.map_or(0, |given| given.value_id(row));
                        let state = *states[code as usize].get_or_insert_with(|| {
                            lane.state(seen[code as usize].get_or_insert_with(|| see(code)))
                        });
                        lane.states.push(state);
                    }
                }
                ColumnSource::Computed(reads) => {
                    let see = |profile: &Profile, trace: &Trace| {
                        column.encode(&View::new(profile, dictionary, *as_of).with_trace(trace))
                    };
                    // States of this lane, by index of the encoded value.
                    let mut states: Vec<Option<u32>> = Vec::new();
                    for row in rows.clone() {
                        let state = match reads.result_index(row, *table, &see) {
                            Ok(at) => {
                                if states.len() <= at {
                                    states.resize(at + 1, None);
                                }
                                *states[at].get_or_insert_with(|| lane.state(&reads.results[at]))
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

/// Tree of the facts read to compute one column, with the results at its leaves.
pub(super) struct ReadTree<'a, S> {
    nodes: Vec<ReadNode<'a>>,
    results: Vec<S>,
    rows: usize,
    /// Number of rows with a new combination of values.
    new: usize,
    /// Every key read so far, with its column of the table.
    keys: Vec<(ProfileKey, Option<&'a FactColumn>)>,
    trace: Trace,
}

enum ReadNode<'a> {
    /// Reads a key: `column` is `None` if the table does not have it. Children by code.
    Key { column: Option<&'a FactColumn>, children: Children },
    /// Index of a result.
    Leaf(usize),
}

/// Indices of child nodes, by code.
enum Children {
    /// For the root, which has the most codes: indexed by code, [`ABSENT`] if there is no child yet.
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
            results: Vec::new(),
            rows: 0,
            new: 0,
            keys: Vec::new(),
            trace: Trace::default(),
        }
    }

    /// Result for a row, computed only if its combination of values is new.
    pub(super) fn get_or_compute<T: FactSource>(
        &mut self,
        row: usize,
        table: &'a T,
        look: impl Fn(&Profile, &Trace) -> S,
    ) -> S
    where
        S: Clone,
    {
        match self.result_index(row, table, &look) {
            Ok(at) => self.results[at].clone(),
            Err(seen) => seen,
        }
    }

    /// Index of the result for a row; the result itself if it is not cached.
    fn result_index<T: FactSource>(
        &mut self,
        row: usize,
        table: &'a T,
        look: &impl Fn(&Profile, &Trace) -> S,
    ) -> Result<usize, S> {
        self.rows += 1;
        // Caching values that rarely repeat, such as exact amounts, costs more than computing the result.
        let worthless = self.new > 1000 && self.new > self.rows / 2;
        if worthless {
            self.new += 1;
            return Err(self.compute(row, table, look).0);
        }
        match self.find(row) {
            Some(at) => Ok(at),
            None => {
                let (seen, keys) = self.compute(row, table, look);
                self.new += 1;
                Ok(self.cache(row, seen, &keys, table))
            }
        }
    }

    /// Computes the result for a row from a profile of the keys read so far, and returns the keys read this time.
    fn compute<T: FactSource>(
        &mut self,
        row: usize,
        table: &'a T,
        look: &impl Fn(&Profile, &Trace) -> S,
    ) -> (S, Vec<ProfileKey>) {
        loop {
            let known = self.keys.iter().map(|(key, column)| (key, *column));
            let seen = look(&profile(ProfileBuilder::default(), known, row), &self.trace);
            let read = self.trace.take_keys();
            let before = self.keys.len();
            for key in &read {
                if !self.keys.iter().any(|(known, _)| known == key) {
                    self.keys.push((key.clone(), table.column(key)));
                }
            }
            // A key missing from the profile was read as unknown.
            if self.keys.len() == before {
                return (seen, read);
            }
        }
    }

    /// Index of the result for a row, if its combination of values has occurred before.
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

    /// Caches the result for a row under the keys that were read.
    fn cache<T: FactSource>(&mut self, row: usize, seen: S, keys: &[ProfileKey], table: &'a T) -> usize {
        let place = self.results.iter().position(|before| *before == seen).unwrap_or_else(|| {
            self.results.push(seen);
            self.results.len() - 1
        });
        // INVARIANT: the next key read is determined by the values read before, so a node always has the same key.
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
    column.map_or(0, |column| column.value_id(row))
}
