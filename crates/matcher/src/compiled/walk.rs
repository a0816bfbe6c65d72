//! Outcome of a diagram for one enterprise, without building its residual.

#![expect(
    clippy::indexing_slicing,
    reason = "a diagram has a level for each node and an edge for each class, and is walked with what is seen in its own columns"
)]

use zhaoren_policy::verdict::Verdict;

use super::code_set::CodeSet;
use super::columns::{ColumnId, Encoded};
use super::diagram::{Diagram, FAILS, HOLDS, NodeId};

/// Reusable buffer of walks: the number of the walk in which each node was last visited.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walker {
    met: Vec<u32>,
    round: u32,
    stack: Vec<NodeId>,
}

/// Encoded value in one column, borrowed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum EncodedRef<'a> {
    /// One code.
    Exactly(u32),
    /// One of two or more codes, or none at all.
    Among(&'a CodeSet),
    /// Any code of the column.
    Unknown,
}

impl<'a> EncodedRef<'a> {
    fn of(seen: &'a Encoded) -> Self {
        match seen {
            Encoded::Exactly(code) => Self::Exactly(*code),
            Encoded::Among(codes) => Self::Among(codes),
            Encoded::Unknown => Self::Unknown,
        }
    }
}

impl Walker {
    /// Outcome over every completion of the open values in `seen`.
    pub(crate) fn verdict(&mut self, diagram: &Diagram, seen: &[Encoded]) -> Verdict {
        self.verdict_by(diagram, |column| EncodedRef::of(&seen[column]))
    }

    /// Like [`Walker::verdict`], with encoded values given by `look`.
    pub(crate) fn verdict_by<'a>(
        &mut self,
        diagram: &Diagram,
        look: impl Fn(ColumnId) -> EncodedRef<'a>,
    ) -> Verdict {
        self.begin(diagram.size());
        let (mut hold, mut fail) = (false, false);
        self.stack.push(diagram.roots.root);
        while let Some(id) = self.stack.pop() {
            zhaoren_cancel::poll();
            hold |= id == HOLDS;
            fail |= id == FAILS;
            if hold && fail {
                break;
            }
            let Some(node) = diagram.node(id) else { continue };
            let place = id as usize - 2;
            if std::mem::replace(&mut self.met[place], self.round) == self.round {
                continue;
            }
            let level = &diagram.levels[node.level];
            let edge = |class: usize| node.edges[class];
            match look(level.column) {
                EncodedRef::Exactly(code) => self.stack.push(edge(level.class(code))),
                EncodedRef::Among(codes) => self.stack.extend(level.classes_of(codes).into_iter().map(edge)),
                EncodedRef::Unknown => self.stack.extend(level.free.iter().copied().map(edge)),
            }
        }
        Verdict::from_possible(hold, fail).unwrap_or(Verdict::Undetermined)
    }

    fn begin(&mut self, size: usize) {
        self.stack.clear();
        if self.met.len() < size {
            self.met.resize(size, 0);
        }
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.met.fill(0);
            self.round = 1;
        }
    }
}
