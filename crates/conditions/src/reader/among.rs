//! 其中: what holds of some of the enterprises only, and a bracket with a part of what was counted before it.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::{Arm, Criterion, Node, Test};

use super::Reader;
use super::clause::Phrase;
use crate::draft;
use crate::grammar::{Context, Setting, phrase};
use crate::outline::{find, trimmed};
use crate::token::tokens;

/// Facts that say which enterprises are meant.
const KINDS: [&str; 5] =
    ["industry", "local_industries", "enterprise_size", "qualifications", "in_statistics"];

impl Reader<'_> {
    /// True if 其中 stands before `part`, the phrase behind the first `at` of `parts`, or begins it.
    pub(super) fn is_among(&self, part: Range<usize>, parts: &[Range<usize>], at: usize) -> bool {
        let begins = |part: Range<usize>| find(&self.signs, part.clone(), "其中") == Some(part.start);
        let before =
            at.checked_sub(2).and_then(|at| parts.get(at)).map(|part| trimmed(&self.signs, part.clone()));
        begins(part) || before.is_some_and(|before| before.len() == 2 && begins(before))
    }

    /// A（其中B）: A and B, of which one may be open.
    pub(super) fn among_bracket(
        &mut self,
        part: Range<usize>,
        setting: Setting<'_>,
        context: &mut Context,
    ) -> Option<Vec<Phrase>> {
        let last = part.end.checked_sub(1).filter(|last| *last > part.start)?;
        if self.signs.get(last)?.c != '）' {
            return None;
        }
        let open = find(&self.signs, part.clone(), "（其中")?;
        let mut trial = context.clone();
        let mut read = |from: usize, to: usize| {
            phrase(&tokens(&self.signs, from, to, setting.lexicon), setting, &mut trial)
                .filter(|read| !read.is_empty())
        };
        let whole = read(part.start, open)?;
        let of_it = read(open + 1, last);
        *context = trial;
        let whole = self.quoting(whole, part.start..open);
        let of_it = match of_it {
            Some(of_it) => self.quoting(of_those(of_it), open + 1..last),
            None => Phrase::Open(open + 1..last),
        };
        Some(vec![whole, of_it])
    }
}

/// `read` behind 其中: a bound of enterprises of a kind asks nothing of others.
pub(super) fn of_those(read: Vec<Criterion>) -> Vec<Criterion> {
    let is_kind =
        |one: &Criterion| matches!(&one.node, Node::Leaf(leaf) if KINDS.contains(&leaf.fact.as_str()));
    let is_bound = |one: &Criterion| matches!(&one.node, Node::Leaf(leaf) if leaf.tests.iter().all(|test| matches!(test, Test::Number(..))));
    poll();
    let (when, then): (Vec<Criterion>, Vec<Criterion>) = read.into_iter().partition(is_kind);
    if when.is_empty() || then.is_empty() || !then.iter().all(is_bound) {
        return when.into_iter().chain(then).collect();
    }
    let arm = Arm { when: draft::all(when), then: draft::all(then) };
    let otherwise = Some(Box::new(Criterion::without_evidence(Node::All(Vec::new()))));
    vec![Criterion::without_evidence(Node::Case { arms: vec![arm], otherwise })]
}
