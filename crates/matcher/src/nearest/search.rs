//! Shortest paths through a diagram to "holds", cheapest first.
//!
//! A change is chosen before the unknowns are resolved: a level left open has to hold for every value. So each level of an
//! unknown gets one more edge, *left open*, that leads to the AND of the nodes below its open classes; choosing it costs nothing,
//! restricting the unknown to one class costs a change. A path to "holds" is then a set of changes that makes the enterprise
//! eligible, and the cheapest path is a smallest such set.

#![expect(
    clippy::indexing_slicing,
    reason = "there are options for every level, and an edge for every class"
)]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use zhaoren_cancel::poll;

use crate::compiled::{Diagram, FAILS, HOLDS, NodeId, Store};

/// Cost of a set of changes, compared field by field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cost {
    /// Number of changes that cannot be made any more, such as of a founding date, or, for advice, that may not be advised.
    pub(crate) impossible: u32,
    /// Number of changes or, for advice, the sum of their efforts.
    pub(crate) effort: u32,
    /// Sum of their distances, each from 0 to 1000.
    pub(crate) distance: u32,
}

impl Cost {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            impossible: self.impossible.saturating_add(other.impossible),
            effort: self.effort.saturating_add(other.effort),
            distance: self.distance.saturating_add(other.distance),
        }
    }
}

/// Choices at one level.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Classes that are open now; with two or more, the level can be left open.
    pub(crate) open_classes: Vec<usize>,
    /// Reachable classes of the slot, with the cost of each. A class that is the only open one costs nothing.
    pub(crate) classes: Vec<(usize, Cost)>,
}

/// Change along a path: the level, and its new class.
pub(crate) type Step = (usize, usize);

/// Path to "holds".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChangePath {
    pub(crate) cost: Cost,
    pub(crate) steps: Vec<Step>,
}

/// Maximum number of steps for building the search. Beyond it nothing is suggested.
const MAX_STEPS: u64 = 400_000;

/// Up to `limit` paths to "holds", cheapest first; empty if there is none or the search grows too large.
pub(crate) fn cheapest_paths(diagram: &Diagram, options: &[Options], limit: usize) -> Vec<ChangePath> {
    let mut search = Search {
        diagram,
        options,
        store: Store::default(),
        memo: HashMap::new(),
        both: HashMap::new(),
        remaining: MAX_STEPS,
    };
    let Some(root) = search.extend(diagram.roots.root) else { return Vec::new() };
    let mut costs = HashMap::new();
    search.cheapest_paths_from(root, limit, &mut costs)
}

struct Search<'a> {
    diagram: &'a Diagram,
    options: &'a [Options],
    /// Nodes whose edges are the level's `classes`, and, if it can be left open, a last edge for that.
    store: Store,
    memo: HashMap<NodeId, NodeId>,
    both: HashMap<(NodeId, NodeId), NodeId>,
    remaining: u64,
}

impl Search<'_> {
    fn extend(&mut self, id: NodeId) -> Option<NodeId> {
        let Some(node) = self.diagram.node(id) else { return Some(id) };
        if let Some(done) = self.memo.get(&id) {
            return Some(*done);
        }
        self.spend()?;
        let options = &self.options[node.level];
        let edge = |class: &usize| node.edges[*class];
        let mut edges = Vec::with_capacity(options.classes.len() + 1);
        for (class, _) in &options.classes {
            edges.push(self.extend(edge(class))?);
        }
        if options.open_classes.len() > 1 {
            let mut whatever = HOLDS;
            for class in &options.open_classes {
                let below = self.extend(edge(class))?;
                whatever = self.and(whatever, below)?;
            }
            edges.push(whatever);
        }
        let done = self.store.node(node.level, edges);
        self.memo.insert(id, done);
        Some(done)
    }

    fn and(&mut self, a: NodeId, b: NodeId) -> Option<NodeId> {
        match (a, b) {
            (FAILS, _) | (_, FAILS) => return Some(FAILS),
            (HOLDS, other) | (other, HOLDS) => return Some(other),
            _ if a == b => return Some(a),
            _ => {}
        }
        let key = (a.min(b), a.max(b));
        if let Some(done) = self.both.get(&key) {
            return Some(*done);
        }
        self.spend()?;
        // INVARIANT: neither is a terminal here.
        let level = [a, b].into_iter().filter_map(|id| self.store.get(id)).map(|node| node.level).min()?;
        let below = |store: &Store, id: NodeId, at: usize| match store.get(id) {
            Some(node) if node.level == level => node.edges[at],
            _ => id,
        };
        let options = &self.options[level];
        let count = options.classes.len() + usize::from(options.open_classes.len() > 1);
        let mut edges = Vec::with_capacity(count);
        for at in 0..count {
            let (left, right) = (below(&self.store, a, at), below(&self.store, b, at));
            edges.push(self.and(left, right)?);
        }
        let done = self.store.node(level, edges);
        self.both.insert(key, done);
        Some(done)
    }

    fn spend(&mut self) -> Option<()> {
        poll();
        self.remaining = self.remaining.checked_sub(1)?;
        Some(())
    }

    /// Edges of a node with their cost; the step is given if choosing the edge is a change.
    fn edges(&self, id: NodeId) -> Vec<(NodeId, Cost, Option<Step>)> {
        // A terminal leads nowhere.
        let Some(node) = self.store.get(id) else { return Vec::new() };
        let options = &self.options[node.level];
        let of_class = options
            .classes
            .iter()
            .map(|(class, cost)| (*cost, (*cost != Cost::default()).then_some((node.level, *class))));
        let costs = of_class.chain([(Cost::default(), None)]);
        node.edges.iter().zip(costs).map(|(edge, (cost, step))| (*edge, cost, step)).collect()
    }

    /// Cost of the cheapest path from a node; `None` if there is none.
    fn min_cost(&self, id: NodeId, costs: &mut HashMap<NodeId, Option<Cost>>) -> Option<Cost> {
        match id {
            HOLDS => return Some(Cost::default()),
            FAILS => return None,
            _ => {}
        }
        if let Some(known) = costs.get(&id) {
            return *known;
        }
        poll();
        let least = self
            .edges(id)
            .into_iter()
            .filter_map(|(edge, cost, _)| Some(cost.plus(self.min_cost(edge, costs)?)))
            .min();
        costs.insert(id, least);
        least
    }

    /// Best-first search (A*) with the exact remaining cost as the estimate: paths are found in order of cost.
    fn cheapest_paths_from(
        &self,
        root: NodeId,
        limit: usize,
        costs: &mut HashMap<NodeId, Option<Cost>>,
    ) -> Vec<ChangePath> {
        let mut heap = BinaryHeap::new();
        if let Some(cost) = self.min_cost(root, costs) {
            heap.push(Reverse((cost, Vec::new(), Cost::default(), root)));
        }
        let mut found = Vec::new();
        while let Some(Reverse((cost, steps, so_far, id))) = heap.pop() {
            poll();
            if id == HOLDS {
                found.push(ChangePath { cost, steps });
                if found.len() == limit {
                    break;
                }
                continue;
            }
            for (edge, price, step) in self.edges(id) {
                let Some(rest) = self.min_cost(edge, costs) else { continue };
                let so_far = so_far.plus(price);
                let mut steps = steps.clone();
                steps.extend(step);
                heap.push(Reverse((so_far.plus(rest), steps, so_far, edge)));
            }
        }
        found
    }
}
