//! Multi-valued decision diagrams (MDD) of criteria.
//!
//! One level is one column, and a node of a level has one edge for each *class* of the column's codes: codes that no atom of
//! these criteria distinguishes form one class. The diagram is ordered and reduced, so equal conditions are one node (Bryant,
//! Graph-Based Algorithms for Boolean Function Manipulation, 1986; Srinivasan et al., Algorithms for Discrete Function
//! Manipulation, 1990), and each part of the criteria has its own root in it.

#![expect(
    clippy::indexing_slicing,
    reason = "a level has an edge for each of its classes and a class for each code, which is established where it is made"
)]

use std::collections::HashSet;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use zhaoren_cancel::{poll, steps};

use super::code_set::CodeSet;
use super::columns::{Column, ColumnId};
use super::formula::{Formula, Kind};

/// Id of a node; 0 is the terminal "fails", 1 the terminal "holds".
pub(crate) type NodeId = u32;
/// Terminal "fails".
pub(crate) const FAILS: NodeId = 0;
/// Terminal "holds".
pub(crate) const HOLDS: NodeId = 1;

/// Column with the classes of these criteria.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Level {
    pub(crate) column: ColumnId,
    /// Start of each segment of equal class: first code, class. The first segment begins at code 0.
    segments: Vec<(u32, u32)>,
    /// Number of classes.
    pub(crate) classes: usize,
    /// Open classes of an unknown value.
    pub(crate) free: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Node {
    pub(crate) level: usize,
    /// One child for each class.
    pub(crate) edges: Box<[NodeId]>,
}

/// Root of each part of the criteria, as a tree parallel to the formula.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Roots {
    pub(crate) root: NodeId,
    pub(crate) children: Vec<Roots>,
}

/// Diagram of one item's criteria.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Diagram {
    pub(crate) levels: Vec<Level>,
    nodes: Vec<Node>,
    pub(crate) roots: Roots,
}

/// Criteria beyond the limits of compilation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum OverBudget {
    /// The conditions are too entangled.
    #[error("criteria too entangled to compile: more than {0} steps")]
    Steps(u64),
    /// The criteria use too many facts, tags and judged texts.
    #[error(
        "criteria ask about too many different facts and tags, or score too many conditions: {0}, at most 1000"
    )]
    Levels(usize),
    /// The items compiled together used up the shared budget of steps.
    #[error("超出一次请求的编译上限：这些事项合计超过 {0} 步，请分批提交或简化条件")]
    Together(u64),
}

/// Maximum number of steps for building the diagram of one item.
pub const MAX_BUILD_STEPS: u64 = 4_000_000;

/// Maximum number of different facts, tags and judged texts in the criteria of one item, and of conditions summed by one score:
/// the recursion depth of a walk equals it.
pub const MAX_LEVELS: usize = 1_000;

/// Remaining steps for building the diagrams of several items. One item takes at most [`MAX_BUILD_STEPS`], however many remain.
///
/// A step is one combination of nodes with up to `EDGES_PER_STEP` edges. Steps are counted identically on every machine, so
/// the same items are beyond the budget everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuildSteps {
    limit: u64,
    remaining: u64,
}

/// Number of edges of a node made in one step.
const EDGES_PER_STEP: usize = 16;

impl BuildSteps {
    /// Budget of `limit` steps for all items together.
    pub fn of(limit: u64) -> Self {
        Self { limit, remaining: limit }
    }

    /// No limit except that of each item.
    pub fn per_item() -> Self {
        Self::of(u64::MAX)
    }

    /// Limit for all items together.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Number of steps available to the next item.
    fn for_next_item(&self) -> u64 {
        self.remaining.min(MAX_BUILD_STEPS)
    }

    /// Reason why an item exceeded its [`BuildSteps::for_next_item`] steps.
    fn over(&self) -> OverBudget {
        if self.remaining < MAX_BUILD_STEPS {
            OverBudget::Together(self.limit)
        } else {
            OverBudget::Steps(MAX_BUILD_STEPS)
        }
    }
}

impl Diagram {
    /// Builds the diagram of `formula`, taking its steps from `budget`.
    ///
    /// # Errors
    /// [`OverBudget`] if the steps do not suffice, or it has more than [`MAX_LEVELS`] levels.
    pub(crate) fn build(
        formula: &Formula,
        columns: &[Column],
        budget: &mut BuildSteps,
    ) -> Result<Self, OverBudget> {
        let mut left = budget.for_next_item();
        let built = Self::build_within(formula, columns, &mut left);
        // Too many levels are refused before any step; every other early end is a lack of steps.
        let built = built.map_err(|error| error.unwrap_or_else(|| budget.over()));
        budget.remaining -= budget.for_next_item() - left;
        built
    }

    /// Like [`Diagram::build`], counting down `left`; `None` if it reaches zero.
    fn build_within(
        formula: &Formula,
        columns: &[Column],
        left: &mut u64,
    ) -> Result<Self, Option<OverBudget>> {
        let levels = levels(formula, columns, left)?;
        let positions = levels.iter().enumerate().map(|(at, level)| (level.column, at)).collect();
        let mut builder =
            Builder { store: Store::default(), levels: &levels, positions, memo: FxHashMap::default(), left };
        let roots = builder.formula(formula)?;
        let nodes = builder.store.nodes;
        Ok(Self { levels, nodes, roots })
    }

    /// Non-terminal node.
    pub(crate) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(usize::try_from(id).ok()?.checked_sub(2)?)
    }

    /// Number of non-terminal nodes.
    pub(crate) fn size(&self) -> usize {
        self.nodes.len()
    }
}

impl Level {
    /// Class of a code.
    pub(crate) fn class(&self, code: u32) -> usize {
        let after = self.segments.partition_point(|(first, _)| *first <= code);
        // The first segment begins at code 0.
        self.segments[after - 1].1 as usize
    }

    /// Classes with a code in `codes`, each once, ascending.
    pub(crate) fn classes_of(&self, codes: &CodeSet) -> Vec<usize> {
        let mut open = vec![false; self.classes];
        for (first, last) in codes.ranges() {
            let from = self.segments.partition_point(|(start, _)| start <= first).saturating_sub(1);
            for (_, class) in self.segments.iter().skip(from).take_while(|(start, _)| start <= last) {
                open[*class as usize] = true;
            }
        }
        open.iter().enumerate().filter(|(_, open)| **open).map(|(class, _)| class).collect()
    }

    /// Codes of a class, up to `last`.
    pub(crate) fn codes_of(&self, class: usize, last: u32) -> CodeSet {
        let ends = self.segments.iter().skip(1).map(|(first, _)| first - 1).chain([last]);
        CodeSet::of_ranges(
            self.segments
                .iter()
                .zip(ends)
                .filter(|((_, of), _)| *of as usize == class)
                .map(|((first, _), end)| (*first, end)),
        )
    }
}

/// Columns of a formula in the order of first use, with the classes made by its atoms.
fn levels(formula: &Formula, columns: &[Column], left: &mut u64) -> Result<Vec<Level>, Option<OverBudget>> {
    let mut used = ColumnOrder::default();
    used.collect(formula);
    if used.order.len() > MAX_LEVELS {
        return Err(Some(OverBudget::Levels(used.order.len())));
    }
    let mut levels = Vec::with_capacity(used.order.len());
    for (column, sets) in used.order.into_iter().zip(used.sets) {
        let Column { space, free, .. } = &columns[column];
        let mut level = level(column, &sets, space.max_code(), left)?;
        level.free = level.classes_of(free);
        levels.push(level);
    }
    Ok(levels)
}

/// Columns used by a formula, in the order of first use, each with the distinct sets of its atoms.
#[derive(Default)]
struct ColumnOrder<'a> {
    places: FxHashMap<ColumnId, usize>,
    order: Vec<ColumnId>,
    sets: Vec<Vec<&'a CodeSet>>,
    known: HashSet<(ColumnId, &'a CodeSet)>,
}

impl<'a> ColumnOrder<'a> {
    fn collect(&mut self, formula: &'a Formula) {
        poll();
        if let Kind::Atom((column, codes)) = &formula.kind {
            let next = self.order.len();
            let place = *self.places.entry(*column).or_insert(next);
            if place == next {
                self.order.push(*column);
                self.sets.push(Vec::new());
            }
            if self.known.insert((*column, codes)) {
                self.sets[place].push(codes);
            }
        }
        for child in &formula.children {
            self.collect(child);
        }
    }
}

/// Computes the codes at which the answers of `sets` change, and the segments with equal answers. Every set is evaluated at every
/// change; 64 evaluations are one step.
fn level(
    column: ColumnId,
    sets: &[&CodeSet],
    last: u32,
    left: &mut u64,
) -> Result<Level, Option<OverBudget>> {
    let mut starts: Vec<u32> = sets
        .iter()
        .flat_map(|set| set.ranges().iter().flat_map(|(first, end)| [*first, end.saturating_add(1)]))
        .filter(|start| *start <= last)
        .chain([0])
        .collect();
    starts.sort_unstable();
    starts.dedup();
    let mut classes: FxHashMap<Vec<u64>, u32> = FxHashMap::default();
    let mut segments: Vec<(u32, u32)> = Vec::with_capacity(starts.len());
    for start in starts {
        spend(left, (sets.len() / 64) as u64)?;
        let answers: Vec<u64> = sets
            .chunks(64)
            .map(|sets| {
                (0..).zip(sets).fold(0, |word, (at, set)| word | u64::from(set.contains(start)) << at)
            })
            .collect();
        let next = u32::try_from(classes.len()).unwrap_or(u32::MAX);
        let class = *classes.entry(answers).or_insert(next);
        if segments.last().is_none_or(|(_, before)| *before != class) {
            segments.push((start, class));
        }
    }
    Ok(Level { column, segments, classes: classes.len(), free: Vec::new() })
}

/// Takes steps from the remaining ones.
fn spend(left: &mut u64, number: u64) -> Result<(), Option<OverBudget>> {
    steps(number.max(1));
    match left.checked_sub(number) {
        Some(less) => {
            *left = less;
            Ok(())
        }
        None => {
            *left = 0;
            Err(None)
        }
    }
}

/// Nodes, each stored once (unique table).
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) nodes: Vec<Node>,
    unique: FxHashMap<Node, NodeId>,
}

impl Store {
    /// Node with these edges; their common target if all edges are equal.
    pub(crate) fn node(&mut self, level: usize, edges: Vec<NodeId>) -> NodeId {
        if let Some(first) = edges.first().copied()
            && edges.iter().all(|edge| *edge == first)
        {
            return first;
        }
        let node = Node { level, edges: edges.into_boxed_slice() };
        if let Some(id) = self.unique.get(&node) {
            return *id;
        }
        // The budgets keep this far below the limit of the type.
        let id = u32::try_from(self.nodes.len() + 2).unwrap_or(u32::MAX);
        self.unique.insert(node.clone(), id);
        self.nodes.push(node);
        id
    }

    /// Non-terminal node.
    pub(crate) fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(usize::try_from(id).ok()?.checked_sub(2)?)
    }
}

struct Builder<'a> {
    store: Store,
    levels: &'a [Level],
    positions: FxHashMap<ColumnId, usize>,
    memo: FxHashMap<(NodeId, NodeId, NodeId), NodeId>,
    left: &'a mut u64,
}

impl Builder<'_> {
    fn formula(&mut self, formula: &Formula) -> Result<Roots, Option<OverBudget>> {
        let children: Vec<Roots> =
            formula.children.iter().map(|child| self.formula(child)).collect::<Result<_, _>>()?;
        let roots: Vec<NodeId> = children.iter().map(|child| child.root).collect();
        let root = match &formula.kind {
            Kind::Atom((column, codes)) => self.atom(*column, codes)?,
            // From the last to the first: the diagram of the later conditions is finished when an earlier one is put on top.
            Kind::All => roots.iter().rev().try_fold(HOLDS, |rest, root| self.choose(*root, rest, FAILS))?,
            Kind::Any(1) => {
                roots.iter().rev().try_fold(FAILS, |rest, root| self.choose(*root, HOLDS, rest))?
            }
            Kind::Any(count) => {
                let scores = vec![1; roots.len()];
                self.points(&roots, &scores, i64::try_from(*count).unwrap_or(i64::MAX))?
            }
            Kind::Not => self.choose(roots.first().copied().unwrap_or(FAILS), FAILS, HOLDS)?,
            Kind::Case => self.case(&roots)?,
            Kind::Points { scores, at_least } => self.points(&roots, scores, *at_least)?,
        };
        Ok(Roots { root, children })
    }

    fn atom(&mut self, column: ColumnId, codes: &CodeSet) -> Result<NodeId, Option<OverBudget>> {
        // INVARIANT: `levels` has every column of the formula.
        let at = self.positions[&column];
        let level = &self.levels[at];
        spend(self.left, 1 + (level.classes / EDGES_PER_STEP) as u64)?;
        let mut edges = vec![FAILS; level.classes];
        for (first, class) in &level.segments {
            if codes.contains(*first) {
                edges[*class as usize] = HOLDS;
            }
        }
        Ok(self.store.node(at, edges))
    }

    fn case(&mut self, roots: &[NodeId]) -> Result<NodeId, Option<OverBudget>> {
        let arms = roots.chunks_exact(2);
        let mut rest = arms.remainder().first().copied().unwrap_or(FAILS);
        for arm in arms.rev() {
            if let [when, then] = arm {
                rest = self.choose(*when, *then, rest)?;
            }
        }
        Ok(rest)
    }

    /// Scored conditions against a pass mark: from the last to the first, for every remaining sum that the conditions before can
    /// leave.
    fn points(
        &mut self,
        roots: &[NodeId],
        scores: &[i64],
        at_least: i64,
    ) -> Result<NodeId, Option<OverBudget>> {
        if roots.len() > MAX_LEVELS {
            return Err(Some(OverBudget::Levels(roots.len())));
        }
        // Minimum and maximum that the conditions from each position on can add.
        let mut tails = vec![(0_i64, 0_i64)];
        for score in scores.iter().rev() {
            let (low, high) = tails.last().copied().unwrap_or((0, 0));
            tails.push((low.saturating_add((*score).min(0)), high.saturating_add((*score).max(0))));
        }
        tails.reverse();
        self.sum(roots, scores, &tails, 0, at_least, &mut FxHashMap::default())
    }

    fn sum(
        &mut self,
        roots: &[NodeId],
        scores: &[i64],
        tails: &[(i64, i64)],
        at: usize,
        need: i64,
        memo: &mut FxHashMap<(usize, i64), NodeId>,
    ) -> Result<NodeId, Option<OverBudget>> {
        let (least, most) = tails[at];
        if least >= need {
            return Ok(HOLDS);
        }
        if most < need {
            return Ok(FAILS);
        }
        if let Some(id) = memo.get(&(at, need)) {
            return Ok(*id);
        }
        spend(self.left, 1)?;
        // After the last condition nothing can be added, so one of the two cases above has answered.
        let (root, score) = (roots[at], scores[at]);
        let held = self.sum(roots, scores, tails, at + 1, need.saturating_sub(score), memo)?;
        let not_held = self.sum(roots, scores, tails, at + 1, need, memo)?;
        let id = self.choose(root, held, not_held)?;
        memo.insert((at, need), id);
        Ok(id)
    }

    /// If-then-else: `then` where `when` holds, `otherwise` where it does not.
    fn choose(
        &mut self,
        when: NodeId,
        then: NodeId,
        otherwise: NodeId,
    ) -> Result<NodeId, Option<OverBudget>> {
        match (when, then, otherwise) {
            (HOLDS, _, _) => return Ok(then),
            (FAILS, _, _) => return Ok(otherwise),
            (_, HOLDS, FAILS) => return Ok(when),
            _ if then == otherwise => return Ok(then),
            _ => {}
        }
        let key = (when, then, otherwise);
        if let Some(id) = self.memo.get(&key) {
            return Ok(*id);
        }
        // INVARIANT: `when` is no terminal here, so there is a level.
        let level = |id| self.store.get(id).map_or(usize::MAX, |node| node.level);
        let top = level(when).min(level(then)).min(level(otherwise));
        let classes = self.levels[top].classes;
        spend(self.left, 1 + (classes / EDGES_PER_STEP) as u64)?;
        let mut edges = Vec::with_capacity(classes);
        for class in 0..classes {
            let at = |id| self.successor(id, top, class);
            let (when, then, otherwise) = (at(when), at(then), at(otherwise));
            edges.push(self.choose(when, then, otherwise)?);
        }
        let id = self.store.node(top, edges);
        self.memo.insert(key, id);
        Ok(id)
    }

    /// Target of `id` if the column of `level` is in `class`.
    fn successor(&self, id: NodeId, level: usize, class: usize) -> NodeId {
        match self.store.get(id) {
            Some(node) if node.level == level => node.edges[class],
            _ => id,
        }
    }
}
