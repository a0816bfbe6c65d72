//! Residual diagram: the diagram restricted to an enterprise's known facts, reduced over its unknowns alone.
//!
//! It is canonical: a part of the criteria is settled if and only if its root is a terminal, and an unknown can still change the
//! outcome if and only if a node tests it.

#![expect(
    clippy::indexing_slicing,
    reason = "a diagram has a level for each node and an edge for each class, and is conditioned on what is seen in its own columns"
)]

use std::collections::HashMap;

use zhaoren_policy::verdict::Verdict;

use super::columns::{Column, Encoded};
use super::diagram::{Diagram, FAILS, HOLDS, NodeId, Store};

/// Diagram restricted to the encoded values of one enterprise.
pub(crate) struct Residual<'a> {
    diagram: &'a Diagram,
    /// Open classes of each level, ascending; at least one.
    open: Vec<Vec<usize>>,
    store: Store,
    memo: HashMap<NodeId, NodeId>,
}

impl<'a> Residual<'a> {
    /// Restricts `diagram` to `seen`, one entry for each of `columns`.
    pub(crate) fn new(diagram: &'a Diagram, columns: &[Column], seen: &[Encoded]) -> Self {
        let open = diagram
            .levels
            .iter()
            .map(|level| {
                let classes = level.classes_of(&columns[level.column].open_codes(&seen[level.column]));
                // A value of a wrong type has no code and passes nothing; the loader rejects such values.
                if classes.is_empty() { vec![0] } else { classes }
            })
            .collect();
        Self { diagram, open, store: Store::default(), memo: HashMap::new() }
    }

    /// Residual of a node of the diagram.
    pub(crate) fn reduce(&mut self, id: NodeId) -> NodeId {
        let Some(node) = self.diagram.node(id) else { return id };
        if let Some(known) = self.memo.get(&id) {
            return *known;
        }
        zhaoren_cancel::poll();
        let open = self.open[node.level].clone();
        let edge = |class: usize| node.edges[class];
        let rest = match open.as_slice() {
            [class] => self.reduce(edge(*class)),
            classes => {
                let edges = classes.iter().map(|class| self.reduce(edge(*class))).collect();
                self.store.node(node.level, edges)
            }
        };
        self.memo.insert(id, rest);
        rest
    }

    /// Outcome of a part of the criteria, over every completion.
    pub(crate) fn verdict(&mut self, root: NodeId) -> Verdict {
        match self.reduce(root) {
            HOLDS => Verdict::Eligible,
            FAILS => Verdict::Ineligible,
            _ => Verdict::Undetermined,
        }
    }

    /// For each level that can still change the outcome of `root`: the share of its open classes in which no other unknown
    /// matters any more. In the order of the levels.
    pub(crate) fn settling_shares(&mut self, root: NodeId) -> Vec<(usize, Share)> {
        let rest = self.reduce(root);
        let below = self.reachable(rest);
        let levels = self.levels_of(&below);
        levels.into_iter().map(|level| (level, self.share(level, rest, &below))).collect()
    }

    /// Levels that can still change the outcome of `root`, ascending.
    pub(crate) fn open_levels(&mut self, root: NodeId) -> Vec<usize> {
        let rest = self.reduce(root);
        self.levels_of(&self.reachable(rest))
    }

    fn levels_of(&self, nodes: &[NodeId]) -> Vec<usize> {
        let mut levels: Vec<usize> =
            nodes.iter().filter_map(|id| self.store.get(*id)).map(|node| node.level).collect();
        levels.sort_unstable();
        levels.dedup();
        levels
    }

    /// Non-terminal nodes reachable from a node, including itself.
    fn reachable(&self, root: NodeId) -> Vec<NodeId> {
        let mut seen = vec![false; self.store.nodes.len() + 2];
        let mut stack = vec![root];
        let mut found = Vec::new();
        while let Some(id) = stack.pop() {
            let Some(node) = self.store.get(id) else { continue };
            if std::mem::replace(&mut seen[id as usize], true) {
                continue;
            }
            found.push(id);
            stack.extend(node.edges.iter());
        }
        found
    }

    /// Share of a level. Every non-terminal node can still hold and still fail, so a class settles the outcome if and only if all
    /// paths past its level, through the class or around the level, end in the same terminal.
    fn share(&self, level: usize, root: NodeId, below: &[NodeId]) -> Share {
        zhaoren_cancel::steps(below.len() as u64);
        let count = self.open[level].len();
        let level_of = |id: NodeId| self.store.get(id).map_or(usize::MAX, |node| node.level);
        let mut around: Vec<NodeId> = Vec::new();
        let mut at: Vec<NodeId> = Vec::new();
        if level_of(root) > level {
            around.push(root);
        }
        for id in below {
            let Some(node) = self.store.get(*id) else { continue };
            if node.level == level {
                at.push(*id);
            } else if node.level < level {
                around.extend(node.edges.iter().copied().filter(|edge| level_of(*edge) > level));
            }
        }
        around.sort_unstable();
        around.dedup();
        let settled = (0..count)
            .filter(|class| {
                let through = at.iter().filter_map(|id| Some(self.store.get(*id)?.edges[*class]));
                let mut ends = around.iter().copied().chain(through);
                let first = ends.next();
                first.is_some_and(|first| first <= HOLDS) && ends.all(|end| Some(end) == first)
            })
            .count();
        Share { settled, total: count }
    }
}

/// Number of settling classes among all open classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) settled: usize,
    pub(crate) total: usize,
}

impl Share {
    /// Fraction, for ordering.
    #[expect(clippy::cast_precision_loss, reason = "class counts are small; the share only orders")]
    pub(crate) fn fraction(self) -> f64 {
        self.settled as f64 / self.total.max(1) as f64
    }
}
