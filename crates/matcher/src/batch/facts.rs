//! Tables of facts: enterprises by column, each value once, and blocks encoded from them.
//!
//! What a column of a plan shows of an enterprise follows from few of its facts. A [`TableEncoder`] keeps, for each
//! column, the tree of what was read to see it ([`zhaoren_policy::view::Trace`]): first this fact, then, for this value
//! of it, that fact. A row whose values were met before walks the tree; only a new combination is looked at through a
//! view. So rules for derived facts stay where they are, and yet are not computed once for every enterprise.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use jiff::civil::Date;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::profile::{Held, Profile, ProfileKey};
use zhaoren_policy::view::{Trace, View};

use super::block::{Block, Lane};
use crate::compiled::{Column, Seen};

/// Enterprises by column. Rows that hold the same under a key have the same code there; 0 stands for nothing.
pub trait FactRows {
    /// How many enterprises there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The codes under a key, one for each row; `None` where no row holds anything there.
    fn codes(&self, key: &ProfileKey) -> Option<&[u32]>;

    /// The enterprise of a row, with all it holds under the keys that were brought in.
    fn profile(&self, row: usize) -> Cow<'_, Profile>;

    /// Brings in what stands under some keys, where a table leaves it aside until it is asked for. Whether anything
    /// came that was not there before.
    fn bring(&self, _keys: &[ProfileKey]) -> bool {
        false
    }

    /// Whether [`FactRows::profile`] gives everything without anything being brought in.
    fn is_whole(&self) -> bool {
        true
    }
}

/// Profiles in memory as a table.
#[derive(Debug)]
pub struct FactTable<'a> {
    profiles: Vec<&'a Profile>,
    columns: HashMap<ProfileKey, Vec<u32>>,
}

/// One column while it is made.
pub(super) struct Interning<'a> {
    key: ProfileKey,
    codes: Vec<u32>,
    /// Codes by what is held, from 1.
    known: HashMap<Held<'a>, u32>,
}

impl<'a> FactTable<'a> {
    /// Takes profiles as they are; rows are in their order.
    pub fn of(profiles: Vec<&'a Profile>) -> Self {
        let mut columns: Vec<Interning<'a>> = Vec::new();
        let mut facts: HashMap<(&'a str, Option<i16>), usize> = HashMap::new();
        let mut judged: HashMap<&'a str, usize> = HashMap::new();
        for (row, profile) in profiles.iter().enumerate() {
            for (key, year, held) in profile.held() {
                let mut new = |key| {
                    columns.push(Interning::new(key));
                    columns.len() - 1
                };
                let at = match held {
                    Held::Judged(_) => {
                        *judged.entry(key).or_insert_with(|| new(ProfileKey::Judged(key.to_owned())))
                    }
                    _ => *facts
                        .entry((key, year))
                        .or_insert_with(|| new(ProfileKey::Fact(key.to_owned(), year))),
                };
                if let Some(column) = columns.get_mut(at) {
                    column.take(row, held);
                }
            }
        }
        let rows = profiles.len();
        let finish = |column: Interning<'a>| column.finish(rows);
        Self { profiles, columns: columns.into_iter().map(finish).collect() }
    }
}

impl<'a> Interning<'a> {
    pub(super) fn new(key: ProfileKey) -> Self {
        Self { key, codes: Vec::new(), known: HashMap::new() }
    }

    /// The column with its codes, one for each of `rows`.
    pub(super) fn finish(mut self, rows: usize) -> (ProfileKey, Vec<u32>) {
        self.codes.resize(rows, 0);
        (self.key, self.codes)
    }

    pub(super) fn take(&mut self, row: usize, held: Held<'a>) {
        let next = u32::try_from(self.known.len() + 1).unwrap_or(u32::MAX);
        let code = *self.known.entry(held).or_insert(next);
        self.codes.resize(row, 0);
        self.codes.push(code);
    }
}

impl FactRows for FactTable<'_> {
    fn len(&self) -> usize {
        self.profiles.len()
    }

    fn codes(&self, key: &ProfileKey) -> Option<&[u32]> {
        self.columns.get(key).map(Vec::as_slice)
    }

    fn profile(&self, row: usize) -> Cow<'_, Profile> {
        match self.profiles.get(row) {
            Some(profile) => Cow::Borrowed(*profile),
            None => Cow::Owned(Profile::default()),
        }
    }
}

/// Encodes the blocks of one table for one plan.
pub(crate) struct TableEncoder<'a, T> {
    columns: Vec<(&'a Column, Reads<'a, Seen>)>,
    table: &'a T,
    dictionary: &'a FactDictionary,
    as_of: Date,
}

/// What was read to see one column, as a tree, with what was seen at its leaves.
pub(super) struct Reads<'a, S> {
    nodes: Vec<ReadNode<'a>>,
    seen: Vec<S>,
    rows: usize,
    /// Rows whose values had not been met before.
    new: usize,
}

enum ReadNode<'a> {
    /// Looks under a key: `None` where the table holds nothing there. Children by code.
    Key { codes: Option<&'a [u32]>, children: Children },
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
                if let Some(place) = all.get_mut(code as usize) {
                    *place = node;
                }
            }
            Self::Sparse(some) => {
                some.insert(code, node);
            }
        }
    }
}

impl<'a, T: FactRows> TableEncoder<'a, T> {
    pub(crate) fn new(
        columns: &'a [Column],
        table: &'a T,
        dictionary: &'a FactDictionary,
        as_of: Date,
    ) -> Self {
        let columns = columns.iter().map(|column| (column, Reads::new())).collect();
        Self { columns, table, dictionary, as_of }
    }

    /// The block of some rows, [`super::BLOCK_ROWS`] at most.
    pub(crate) fn block(&mut self, rows: Range<usize>) -> Block {
        let Self { columns, table, dictionary, as_of } = self;
        let look = |column: &Column, row: usize| {
            let trace = Trace::default();
            loop {
                let profile = table.profile(row);
                let seen = column.see(&View::new(&profile, dictionary, *as_of).traced(&trace));
                let keys = trace.take();
                // What was read may stand in the table and not be here yet: then it was read as unknown.
                if !table.bring(&keys) {
                    return (seen, keys);
                }
            }
        };
        let lanes = columns.iter_mut().map(|(column, reads)| {
            let mut lane = Lane::of(column);
            lane.states.reserve(rows.len());
            // States of this lane by position of what is seen.
            let mut states: Vec<Option<u32>> = Vec::new();
            if reads.worthless() && table.is_whole() {
                for row in rows.clone() {
                    let profile = table.profile(row);
                    lane.push(column.see(&View::new(&profile, dictionary, *as_of)));
                }
                return lane;
            }
            let start = reads.start();
            reads.rows += rows.len();
            for row in rows.clone() {
                let at = match reads.find(start, row) {
                    Some(at) => at,
                    None => {
                        let (seen, keys) = look(column, row);
                        reads.new += 1;
                        reads.learn(row, seen, &keys, *table)
                    }
                };
                if states.len() <= at {
                    states.resize(at + 1, None);
                }
                let state = match states.get(at).copied().flatten() {
                    Some(state) => state,
                    None => {
                        let state = reads.seen.get(at).map_or(Lane::UNKNOWN, |seen| lane.state(seen));
                        if let Some(place) = states.get_mut(at) {
                            *place = Some(state);
                        }
                        state
                    }
                };
                lane.states.push(state);
            }
            lane
        });
        let lanes = lanes.collect();
        Block::of(rows.len(), lanes)
    }
}

impl<'a, S: PartialEq> Reads<'a, S> {
    pub(super) fn new() -> Self {
        Self { nodes: Vec::new(), seen: Vec::new(), rows: 0, new: 0 }
    }

    /// What is seen of a row, looked at only where its values were not met before.
    pub(super) fn see<T: FactRows>(
        &mut self,
        row: usize,
        table: &'a T,
        look: impl FnOnce() -> (S, Vec<ProfileKey>),
    ) -> Option<&S> {
        self.rows += 1;
        let at = match self.find(self.start(), row) {
            Some(at) => at,
            None => {
                let (seen, keys) = look();
                self.new += 1;
                self.learn(row, seen, &keys, table)
            }
        };
        self.seen.get(at)
    }

    /// Whether values hardly ever come again, such as exact amounts: then keeping them costs more than looking.
    fn worthless(&self) -> bool {
        self.new > self.rows / 2
    }

    /// The node from which rows differ: keys that no row holds anything under are the same for all.
    fn start(&self) -> usize {
        let mut at = 0;
        while let Some(ReadNode::Key { codes: None, children }) = self.nodes.get(at)
            && let Some(next) = children.get(0)
        {
            at = next;
        }
        at
    }

    /// The position of what is seen of a row, where its values were met before.
    fn find(&self, start: usize, row: usize) -> Option<usize> {
        let mut at = start;
        loop {
            match self.nodes.get(at)? {
                ReadNode::Leaf(seen) => return Some(*seen),
                ReadNode::Key { codes, children } => at = children.get(code(*codes, row))?,
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
                self.add(from, ReadNode::Key { codes: table.codes(key), children })
            });
            let here = match self.nodes.get(at) {
                Some(ReadNode::Key { codes, .. }) => code(*codes, row),
                _ => 0,
            };
            from = Some((at, here));
        }
        self.add(from, ReadNode::Leaf(place));
        place
    }

    fn child(&self, node: usize, code: u32) -> Option<usize> {
        match self.nodes.get(node)? {
            ReadNode::Key { children, .. } => children.get(code),
            ReadNode::Leaf(_) => None,
        }
    }

    fn add(&mut self, from: Option<(usize, u32)>, node: ReadNode<'a>) -> usize {
        let at = self.nodes.len();
        self.nodes.push(node);
        if let Some((parent, code)) = from
            && let Some(ReadNode::Key { children, .. }) = self.nodes.get_mut(parent)
        {
            children.set(code, at);
        }
        at
    }
}

fn code(codes: Option<&[u32]>, row: usize) -> u32 {
    codes.and_then(|codes| codes.get(row)).copied().unwrap_or(0)
}
