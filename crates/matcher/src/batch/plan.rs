//! Plans: the criteria of many items, compiled for blocks of enterprises.

#![expect(
    clippy::indexing_slicing,
    reason = "entries, places and columns are numbered where the plan is compiled"
)]

use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use super::bits::{NONE, RowBits, any, insert, remove, rows_of};
use super::block::Block;
use super::encode::TableEncoder;
use super::facts::FactSource;
use super::literal::{Bounds, LiteralId, LiteralRows, LiteralTable};
use super::trie::Trie;
use crate::compiled::{
    BuildSteps, Column, DiagramFallback, EncodedRef, EvaluationDay, NotCompiled, Walker, expand, ranks,
};
use crate::kernel::{RegisterWidth, run_vectorized};

/// Criteria of many items compiled for one day. `index` is an item's index in the list it was compiled from.
#[derive(Debug)]
pub struct BatchPlan {
    moment: EvaluationDay,
    columns: Vec<Column>,
    literals: LiteralTable,
    trie: Trie,
    /// Item of each conjunction of the trie.
    entries: Vec<PlanEntry>,
    items: usize,
}

#[derive(Debug)]
struct PlanEntry {
    index: usize,
    /// Exact decision for rows on which the two bounds differ.
    exact: Option<DiagramFallback>,
    /// Literals of the conjunction, if the two bounds are not exact. A literal mentions each column once: a row that
    /// does not certainly pass it can therefore be completed so that it, and with it the item, fails.
    literals: Vec<LiteralId>,
}

/// Requested verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictSelection {
    /// Eligible rows only; undetermined rows are not computed.
    Eligible,
    /// Eligible and undetermined rows.
    Both,
}

/// Reusable buffers for deciding blocks, one for each thread.
#[derive(Debug)]
pub struct Scratch {
    width: RegisterWidth,
    literals: LiteralRows,
    stack: Vec<Bounds>,
    walker: Walker,
}

impl Default for Scratch {
    fn default() -> Self {
        Self::with_width(RegisterWidth::widest())
    }
}

impl Scratch {
    /// Buffers for registers of the given width; the answers do not depend on it.
    pub fn with_width(width: RegisterWidth) -> Self {
        Self { width, literals: LiteralRows::default(), stack: Vec::new(), walker: Walker::default() }
    }
}

/// Verdicts of the enterprises of a block on every item.
#[derive(Clone, Debug, Default)]
pub struct BlockVerdicts {
    certain: Vec<RowBits>,
    possible: Vec<RowBits>,
}

impl BatchPlan {
    /// Compiles the criteria of many items for `moment`. Items beyond the budget are returned as problems and get no verdict.
    pub fn compile<'a>(
        criteria: impl IntoIterator<Item = &'a Criterion>,
        dictionary: &FactDictionary,
        moment: EvaluationDay,
    ) -> (Self, Vec<NotCompiled>) {
        let expanded = expand(criteria, dictionary, moment, &mut BuildSteps::per_item());
        let columns = expanded.columns;
        let ranks = ranks(&expanded.entries, &columns);
        let rank = |column: usize| ranks[column];
        let mut literals = LiteralTable::default();
        let mut conjunctions = Vec::with_capacity(expanded.entries.len());
        let mut entries = Vec::with_capacity(expanded.entries.len());
        for entry in expanded.entries {
            zhaoren_cancel::poll();
            let mut atoms: Vec<(usize, LiteralId)> = entry
                .atoms
                .iter()
                .map(|(column, codes)| (rank(*column), literals.atom(*column, codes, &columns)))
                .collect();
            atoms.sort_unstable();
            let clauses = entry.clauses.iter().map(|clause| literals.any_of(clause, &columns));
            let mut conjunction: Vec<LiteralId> = atoms.into_iter().map(|(_, literal)| literal).collect();
            let mut clauses: Vec<LiteralId> = clauses.collect();
            clauses.sort_unstable();
            conjunction.append(&mut clauses);
            let needed = if entry.fallback.is_some() { conjunction.clone() } else { Vec::new() };
            conjunctions.push(conjunction);
            entries.push(PlanEntry { index: entry.index, exact: entry.fallback, literals: needed });
        }
        let trie = Trie::new(&conjunctions);
        (Self { moment, columns, literals, trie, entries, items: expanded.items }, expanded.problems)
    }

    /// Day the plan was compiled for.
    pub fn evaluation_day(&self) -> EvaluationDay {
        self.moment
    }

    /// Number of items it was compiled from.
    pub fn len(&self) -> usize {
        self.items
    }

    /// True if it was compiled from no item.
    pub fn is_empty(&self) -> bool {
        self.items == 0
    }

    /// Number of distinct literals.
    pub fn literals(&self) -> usize {
        self.literals.len()
    }

    /// Number of trie nodes: the literals that a sweep evaluates if it can skip nothing.
    pub fn nodes(&self) -> usize {
        self.trie.len()
    }

    /// Encodes up to [`super::BLOCK_ROWS`] enterprises of `views`, each seen on the plan's day.
    pub fn encode<'a>(&self, views: &mut impl Iterator<Item = View<'a>>) -> Block {
        Block::encode(&self.columns, views)
    }

    /// Encodes the enterprises of a table in blocks, in order: every value, and every combination of values that a column is
    /// computed from, is evaluated once. Equal to encoding view by view.
    pub fn blocks<'a, T: FactSource>(
        &'a self,
        table: &'a T,
        dictionary: &'a FactDictionary,
    ) -> impl Iterator<Item = Block> + 'a {
        let mut encoder = TableEncoder::new(&self.columns, table, dictionary, self.moment.as_of);
        let starts = (0..table.len()).step_by(super::BLOCK_ROWS);
        starts.map(move |start| {
            zhaoren_cancel::poll();
            encoder.block(start..(start + super::BLOCK_ROWS).min(table.len()))
        })
    }

    /// Calls `found` for each item that some row of `block` can pass, with its index, the eligible rows and the undetermined
    /// rows, exactly. The order of items is that of the plan, the same every time.
    pub fn decide(
        &self,
        block: &Block,
        selection: VerdictSelection,
        scratch: &mut Scratch,
        mut found: impl FnMut(usize, &RowBits, &RowBits),
    ) {
        let Scratch { width, literals, stack, walker } = scratch;
        zhaoren_cancel::poll();
        literals.clear(self.literals.len(), self.columns.len());
        run_vectorized(*width, || {
            self.trie.visit_matches(&self.literals, block, literals, stack, |literals, number, rails| {
                let entry = &self.entries[number as usize];
                let mut certain = rails.certain;
                let mut open: RowBits = NONE;
                for ((open, can), must) in open.iter_mut().zip(&rails.possible).zip(&rails.certain) {
                    *open = can & !must;
                }
                if let Some(exact) = &entry.exact {
                    if selection == VerdictSelection::Eligible {
                        // Only rows that certainly pass all of these can be eligible.
                        for literal in &entry.literals {
                            let rails = literals.bounds(&self.literals, block, *literal);
                            open.iter_mut().zip(&rails.certain).for_each(|(open, must)| *open &= must);
                            if !any(&open) && exact.repeated.is_some() {
                                break;
                            }
                        }
                    }
                    walk_diagram(exact, block, &mut certain, &mut open, walker);
                }
                if selection == VerdictSelection::Eligible {
                    open = NONE;
                }
                found(entry.index, &certain, &open);
            });
        });
    }

    /// Verdicts of every row of `block` on every item.
    pub fn verdicts(&self, block: &Block, scratch: &mut Scratch) -> BlockVerdicts {
        let mut all = BlockVerdicts { certain: vec![NONE; self.items], possible: vec![NONE; self.items] };
        self.decide(block, VerdictSelection::Both, scratch, |index, certain, open| {
            all.certain[index] = *certain;
            for ((can, certain), open) in all.possible[index].iter_mut().zip(certain).zip(open) {
                *can = certain | open;
            }
        });
        all
    }
}

/// Walks the diagram of an item for the rows that its bounds leave open.
#[inline(never)]
fn walk_diagram(
    exact: &DiagramFallback,
    block: &Block,
    certain: &mut RowBits,
    open: &mut RowBits,
    walker: &mut Walker,
) {
    let rows: RowBits = match &exact.repeated {
        // Only "certainly not" can be trusted.
        None => std::array::from_fn(|word| certain[word] | open[word]),
        Some(_) => *open,
    };
    for row in rows_of(&rows) {
        let known = |column: &usize| matches!(block.encoded_at(*column, row), EncodedRef::Exactly(_));
        if exact.repeated.as_ref().is_some_and(|columns| columns.iter().all(known)) {
            continue;
        }
        let verdict = walker.verdict_by(&exact.diagram, |column| block.encoded_at(column, row));
        remove(certain, row);
        remove(open, row);
        match verdict {
            Verdict::Eligible => insert(certain, row),
            Verdict::Undetermined => insert(open, row),
            Verdict::Ineligible => {}
        }
    }
}

impl BlockVerdicts {
    /// Rows that are eligible for the item with this index.
    pub fn certain(&self, index: usize) -> &RowBits {
        self.certain.get(index).unwrap_or(&NONE)
    }

    /// Rows that are eligible or undetermined for that item.
    pub fn possible(&self, index: usize) -> &RowBits {
        self.possible.get(index).unwrap_or(&NONE)
    }

    /// Verdict of a row on the item with this index.
    pub fn verdict(&self, index: usize, row: usize) -> Verdict {
        let set = |bits: &RowBits| bits.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1);
        match (set(self.certain(index)), set(self.possible(index))) {
            (true, _) => Verdict::Eligible,
            (false, true) => Verdict::Undetermined,
            (false, false) => Verdict::Ineligible,
        }
    }
}
