//! The outcome of a diagram for one enterprise, without building what is left of it.

use zhaoren_policy::verdict::Verdict;

use super::columns::Seen;
use super::diagram::{Diagram, FAILS, HOLDS, NodeId};

/// Room for walking, to be used again: which nodes were met in the walk of this number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walker {
    met: Vec<u32>,
    round: u32,
    stack: Vec<NodeId>,
}

impl Walker {
    /// The outcome over every completion of what is open in `seen`.
    pub(crate) fn verdict(&mut self, diagram: &Diagram, seen: &[Seen]) -> Verdict {
        self.begin(diagram.size());
        let (mut hold, mut fail) = (false, false);
        self.stack.push(diagram.roots.root);
        while let Some(id) = self.stack.pop() {
            hold |= id == HOLDS;
            fail |= id == FAILS;
            if hold && fail {
                break;
            }
            let Some(node) = diagram.node(id) else { continue };
            let place = id as usize - 2;
            if self.met.get(place) == Some(&self.round) {
                continue;
            }
            if let Some(mark) = self.met.get_mut(place) {
                *mark = self.round;
            }
            let Some(level) = diagram.levels.get(node.level) else { continue };
            let edge = |class: usize| node.edges.get(class).copied().unwrap_or(FAILS);
            match seen.get(level.column) {
                Some(Seen::Exactly(code)) => self.stack.push(edge(level.class(*code))),
                Some(Seen::Among(codes)) => self.stack.extend(level.classes_of(codes).into_iter().map(edge)),
                Some(Seen::Unknown) | None => self.stack.extend(level.free.iter().copied().map(edge)),
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
