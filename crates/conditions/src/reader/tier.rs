//! Tiers: A的，不低于20%；B的，不低于10%. Each part says for whom it holds, and what it asks of them.

use std::ops::Range;

use zhaoren_policy::criterion::{Arm, Compare, Criterion, Leaf, Node, Test};
use zhaoren_policy::number::Number;

use super::clause::Phrase;
use super::{Reader, quoted};
use crate::draft;
use crate::grammar::{Context, mention, phrase};
use crate::outline::{find, split, trimmed};
use crate::segment::SegmentKind;
use crate::token::tokens;

impl Reader<'_> {
    /// Case of parts that each have the form X的，Y; `None` if one has not, or if some enterprise is in none of them.
    pub(super) fn tiers(&mut self, range: Range<usize>, parts: &[Range<usize>]) -> Option<Criterion> {
        if parts.len() < 2 {
            return None;
        }
        let setting = self.setting;
        // …的比例：A的，不低于5%；…: the quantity of every step.
        let mut quantity: Context = None;
        let mut parts = parts.to_vec();
        let first = parts.first()?.clone();
        if let Some(colon) = find(&self.signs, first.clone(), "：") {
            quantity = mention(&tokens(&self.signs, first.start, colon, setting.lexicon), setting);
            quantity.as_ref()?;
            parts.first_mut()?.start = colon + 1;
        }
        let mut condition: Context = None;
        let mut arms = Vec::new();
        for part in parts {
            let part = trimmed(&self.signs, part);
            let halves = split(&self.signs, part.clone(), |c| c == '，');
            let [when, rest @ ..] = halves.as_slice() else { return None };
            let mut when = when.clone();
            // A的，…; A的企业，….
            for noun in ["企业", "单位", "公司"] {
                let begin = when.end.checked_sub(noun.chars().count())?;
                if find(&self.signs, begin.max(when.start)..when.end, noun) == Some(begin) {
                    when.end = begin;
                }
            }
            if rest.is_empty() || when.is_empty() || self.signs.get(when.end - 1)?.c != '的' {
                return None;
            }
            when.end -= 1;
            let then = rest.first()?.start..part.end;
            let read = |range: Range<usize>, context: &mut Context| {
                let list = tokens(&self.signs, range.start, range.end, setting.lexicon);
                let mut read = phrase(&list, setting, context).filter(|read| !read.is_empty())?;
                quoted(&mut read, self.verbatim(range));
                Some(draft::all(read))
            };
            let when = read(when, &mut condition)?;
            let mut asked = quantity.clone();
            arms.push(Arm { when, then: read(then, &mut asked)? });
            // 不低于4%: of what the step before bounds.
            quantity = asked;
        }
        if !is_complete(&arms) {
            return None;
        }
        simplify(&mut arms);
        let last = arms.pop()?;
        let mut case = Criterion::without_evidence(Node::Case { arms, otherwise: Some(Box::new(last.then)) });
        case.quote = Some(self.verbatim(range.clone()).to_owned());
        self.note(range, SegmentKind::Criterion);
        Some(case)
    }
}

/// Leaves out the lower end of a step where the steps before it take everything below: the first that holds decides.
fn simplify(arms: &mut [Arm]) {
    let mut below: Option<Number> = None;
    for arm in arms {
        let Node::Leaf(leaf) = &mut arm.when.node else { return };
        let taken = below.clone();
        if leaf.tests.len() > 1 {
            leaf.tests.retain(|test| match (test, &taken) {
                (Test::Number(Compare::AtLeast | Compare::MoreThan, low), Some(below)) => low > below,
                _ => true,
            });
        }
        below = match leaf.tests.as_slice() {
            [Test::Number(Compare::AtMost | Compare::LessThan, high)] => Some(high.clone()),
            _ => None,
        };
    }
}

/// True if the conditions of the arms are comparisons of one quantity, and every number passes one of them.
fn is_complete(arms: &[Arm]) -> bool {
    let leaves: Vec<&Leaf> = arms
        .iter()
        .filter_map(|arm| match &arm.when.node {
            Node::Leaf(leaf) => Some(leaf),
            _ => None,
        })
        .collect();
    let Some(first) = leaves.first().filter(|_| leaves.len() == arms.len()) else { return false };
    if leaves.iter().any(|leaf| leaf.fact != first.fact || leaf.when != first.when) {
        return false;
    }
    let mut bounds: Vec<Number> = Vec::new();
    for test in leaves.iter().flat_map(|leaf| &leaf.tests) {
        let Test::Number(_, bound) = test else { return false };
        bounds.push(bound.clone());
    }
    bounds.sort();
    bounds.dedup();
    // 小于A的…；超过A的…: A itself is left out by oversight and goes with the last step, so only what is between counts.
    let mut samples = Vec::new();
    samples.extend(bounds.windows(2).filter_map(|pair| Some(pair.first()?.midpoint(pair.last()?))));
    samples.extend(bounds.first().map(|low| low.minus(&Number::from(1))));
    samples.extend(bounds.last().map(|high| high.plus(&Number::from(1))));
    let passes = |leaf: &Leaf, sample: &Number| {
        leaf.tests
            .iter()
            .all(|test| matches!(test, Test::Number(compare, bound) if compare.accepts(sample.cmp(bound))))
    };
    samples.iter().all(|sample| leaves.iter().any(|leaf| passes(leaf, sample)))
}

/// True if a part says of what industry it is and bounds a number: its threshold is that of the industry, and no demand of others.
pub(super) fn has_kind_and_bound(part: &[Criterion]) -> bool {
    let has =
        |fits: fn(&Leaf) -> bool| part.iter().any(|one| matches!(&one.node, Node::Leaf(leaf) if fits(leaf)));
    has(|leaf| leaf.fact == "industry")
        && has(|leaf| leaf.tests.iter().all(|test| matches!(test, Test::Number(..))))
}

impl Reader<'_> {
    /// True if a sentence begins like a step: A的，…; A的企业，….
    pub(super) fn is_step(&self, sentence: Range<usize>) -> bool {
        let sentence = trimmed(&self.signs, sentence);
        find(&self.signs, sentence.clone(), "，").is_some_and(|comma| {
            let near = comma.saturating_sub(3).max(sentence.start)..comma;
            find(&self.signs, near, "的").is_some()
        })
    }

    /// True if every phrase is about an industry with a threshold of its own, or names a kind of enterprise with one.
    pub(super) fn are_of_kinds(&self, found: &[Phrase]) -> bool {
        let of_a_kind = |phrase: &Phrase| match phrase {
            Phrase::Read(read) => has_kind_and_bound(read),
            Phrase::Open(open) => {
                find(&self.signs, open.clone(), "企业").is_some_and(|at| at > open.start)
                    && self.propose(open.clone()).is_some()
            }
            Phrase::Or => false,
        };
        found.len() > 1
            && found.iter().all(of_a_kind)
            && found.iter().any(|one| matches!(one, Phrase::Read(_)))
    }
}
