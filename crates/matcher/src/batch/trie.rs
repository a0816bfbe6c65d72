//! Trie of conjunctions with shared prefixes, laid out in the order of evaluation.

#![expect(clippy::indexing_slicing, reason = "nodes, ends and depths are numbered where the trie is made")]

use super::bits::{RowBits, any, first_rows};
use super::block::Block;
use super::literal::{Bounds, LiteralId, LiteralRows, LiteralTable};

/// Literal after those of its ancestors. Its descendants directly follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    literal: LiteralId,
    /// Number of literals before it.
    depth: u32,
    /// First node that is not a descendant.
    skip: u32,
    /// Conjunctions that end here: start and end of a range in `ends`.
    ends: (u32, u32),
}

/// Trie of conjunctions.
#[derive(Debug, Default)]
pub(crate) struct Trie {
    nodes: Vec<Node>,
    /// Numbers of conjunctions, by the node at which they end.
    ends: Vec<u32>,
    /// Number of conjunctions without literals: they hold for every row.
    unconditional: u32,
    /// Length of the longest conjunction.
    depth: usize,
}

impl Trie {
    /// Trie of `conjunctions`, each with its literals in the order of evaluation.
    pub(crate) fn new(conjunctions: &[Vec<LiteralId>]) -> Self {
        let mut order: Vec<u32> = (0..).take(conjunctions.len()).collect();
        let of = |number: u32| conjunctions[number as usize].as_slice();
        order.sort_by(|a, b| of(*a).cmp(of(*b)).then(a.cmp(b)));
        let mut trie = Self::default();
        let mut open: Vec<usize> = Vec::new();
        let mut before: &[LiteralId] = &[];
        for number in order {
            let literals = of(number);
            let shared = literals.iter().zip(before).take_while(|(a, b)| a == b).count();
            trie.close(&mut open, shared);
            for (depth, literal) in (0_u32..).zip(literals).skip(shared) {
                open.push(trie.nodes.len());
                let end = trie.next_end();
                trie.nodes.push(Node { literal: *literal, depth, skip: 0, ends: (end, end) });
            }
            trie.ends.push(number);
            let end = trie.next_end();
            match open.last().and_then(|node| trie.nodes.get_mut(*node)) {
                Some(node) => node.ends.1 = end,
                None => trie.unconditional = end,
            }
            trie.depth = trie.depth.max(literals.len());
            before = literals;
        }
        trie.close(&mut open, 0);
        trie
    }

    /// Closes the open nodes below a depth.
    fn close(&mut self, open: &mut Vec<usize>, depth: usize) {
        let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        for node in open.drain(depth.min(open.len())..) {
            self.nodes[node].skip = next;
        }
    }

    fn next_end(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }

    /// Number of literals evaluated when nothing is skipped.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Calls `found` with the number of each conjunction that some row can pass and its rows; `LiteralRows` is passed on for
    /// further questions about them.
    #[inline(always)]
    pub(crate) fn visit_matches(
        &self,
        table: &LiteralTable,
        block: &Block,
        literals: &mut LiteralRows,
        stack: &mut Vec<Bounds>,
        mut found: impl FnMut(&mut LiteralRows, u32, &Bounds),
    ) {
        let all: RowBits = first_rows(block.len());
        stack.clear();
        stack.resize(self.depth + 1, Bounds { certain: all, possible: all });
        for number in self.ends.iter().take(self.unconditional as usize) {
            found(literals, *number, &Bounds { certain: all, possible: all });
        }
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            let depth = node.depth as usize;
            let (above, below) = stack.split_at_mut(depth + 1);
            let (above, below) = (&above[depth], &mut below[0]);
            let literal = literals.bounds(table, block, node.literal);
            meet(above, literal, below);
            if !any(&below.possible) {
                at = node.skip as usize;
                continue;
            }
            let ends = &self.ends[node.ends.0 as usize..node.ends.1 as usize];
            for number in ends {
                found(literals, *number, below);
            }
            at += 1;
        }
    }
}

#[inline(always)]
fn meet(above: &Bounds, literal: &Bounds, below: &mut Bounds) {
    for ((into, a), b) in below.possible.iter_mut().zip(&above.possible).zip(&literal.possible) {
        *into = a & b;
    }
    for ((into, a), b) in below.certain.iter_mut().zip(&above.certain).zip(&literal.certain) {
        *into = a & b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The literals on the path to an end are exactly the conjunction that ends there.
        #[test]
        fn trie_holds_every_conjunction_once(
            conjunctions in prop::collection::vec(prop::collection::vec(0..5_u32, 0..5), 0..30),
        ) {
            let trie = Trie::new(&conjunctions);
            let mut seen = vec![0; conjunctions.len()];
            for number in &trie.ends[..trie.unconditional as usize] {
                prop_assert!(conjunctions[*number as usize].is_empty());
                seen[*number as usize] += 1;
            }
            let mut path: Vec<u32> = Vec::new();
            for (at, node) in trie.nodes.iter().enumerate() {
                prop_assert!(node.skip as usize > at);
                prop_assert!(node.depth as usize <= path.len());
                path.truncate(node.depth as usize);
                path.push(node.literal);
                for number in &trie.ends[node.ends.0 as usize..node.ends.1 as usize] {
                    prop_assert_eq!(&conjunctions[*number as usize], &path);
                    seen[*number as usize] += 1;
                }
                let below = trie.nodes[at + 1..node.skip as usize].iter().all(|other| other.depth > node.depth);
                prop_assert!(below);
            }
            prop_assert!(seen.iter().all(|count| *count == 1));
        }
    }
}
