//! Tree of criteria.

use serde::{Deserialize, Serialize};
use zhaoren_cancel::poll;

use super::leaf::{Leaf, RecordLeaf};
use crate::fact::FactDictionary;
use crate::number::Number;

/// Node of the condition tree, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Criterion {
    /// Condition of the node.
    pub node: Node,
    /// Verbatim source sentence (原文).
    pub quote: Option<String>,
    /// Article label of that sentence: 第十一条（一）.
    pub article: Option<String>,
    /// Plain wording for a caseworker, used instead of a generated description.
    pub text: Option<String>,
}

/// Condition of a criterion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Node {
    /// All hold; an empty list holds.
    All(Vec<Criterion>),
    /// At least `count` hold.
    Any {
        /// Alternatives.
        of: Vec<Criterion>,
        /// Minimum number that must hold.
        count: usize,
    },
    /// It does not hold.
    Not(Box<Criterion>),
    /// The first arm whose `when` holds decides; without one and without `otherwise`, it fails.
    Case {
        /// Arms, in order.
        arms: Vec<Arm>,
        /// Condition used if no arm decides.
        otherwise: Option<Box<Criterion>>,
    },
    /// The scores of those that hold sum to `at_least` or more.
    Points {
        /// Scored conditions.
        scores: Vec<Score>,
        /// Pass mark.
        at_least: Number,
    },
    /// A condition that only a person can decide (人工认定).
    Judged(String),
    /// Condition on one fact.
    Leaf(Leaf),
    /// Condition on the records of one fact. Its condition on one record is no child: it says nothing of the enterprise itself.
    Records(RecordLeaf),
}

/// Arm of a [`Node::Case`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Arm {
    /// Condition that selects this arm.
    pub when: Criterion,
    /// Condition that must hold if it is selected.
    pub then: Criterion,
}

/// Scored condition of a [`Node::Points`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Score {
    /// Condition that earns the points.
    pub when: Criterion,
    /// Points; may be negative.
    pub score: Number,
}

impl Score {
    /// Points are counted in millionths, so that sums are exact whole numbers.
    pub const MILLIONTHS: i64 = 1_000_000;

    /// `points` in millionths.
    ///
    /// # Panics
    /// If they are no whole number of 64 bits. Loaded points always are ([`read_criterion`](super::read_criterion) accepts up to
    /// a thousand million with six decimals); a substitute number would decide a verdict.
    #[expect(clippy::expect_used, reason = "no points beat wrong points, and no input leads here")]
    pub fn millionths(points: &Number) -> i64 {
        let millionths = points.times(&Number::from(Self::MILLIONTHS)).to_i64();
        // INVARIANT: the loader refuses other points.
        millionths.expect("points were checked when they were read")
    }
}

impl Criterion {
    /// Node without evidence.
    pub fn without_evidence(node: Node) -> Self {
        Self { node, quote: None, article: None, text: None }
    }

    /// Number of nodes, including this one.
    pub fn size(&self) -> usize {
        poll();
        let sum = |of: &mut dyn Iterator<Item = &Self>| of.map(Self::size).fold(1, usize::saturating_add);
        match &self.node {
            Node::All(of) | Node::Any { of, .. } => sum(&mut of.iter()),
            Node::Not(inner) => sum(&mut std::iter::once(&**inner)),
            Node::Case { arms, otherwise } => {
                let arms = arms.iter().flat_map(|arm| [&arm.when, &arm.then]);
                sum(&mut arms.chain(otherwise.as_deref()))
            }
            Node::Points { scores, .. } => sum(&mut scores.iter().map(|score| &score.when)),
            Node::Judged(_) | Node::Leaf(_) => 1,
            Node::Records(leaf) => sum(&mut std::iter::once(&*leaf.measure.condition)),
        }
    }

    /// Children of the node, each with its step of the path: `all[0]`, `case[1].when`.
    pub fn children(&self) -> Vec<(String, &Criterion)> {
        let numbered = |name: &'static str, of: &'_ [Criterion]| -> Vec<String> {
            (0..of.len()).map(|i| format!("{name}[{i}]")).collect()
        };
        match &self.node {
            Node::All(of) => numbered("all", of).into_iter().zip(of).collect(),
            Node::Any { of, .. } => numbered("any", of).into_iter().zip(of).collect(),
            Node::Not(inner) => vec![("not".to_owned(), inner)],
            Node::Case { arms, otherwise } => arms
                .iter()
                .enumerate()
                .flat_map(|(i, arm)| {
                    [(format!("case[{i}].when"), &arm.when), (format!("case[{i}].then"), &arm.then)]
                })
                .chain(otherwise.as_deref().map(|other| ("else".to_owned(), other)))
                .collect(),
            Node::Points { scores, .. } => {
                scores.iter().enumerate().map(|(i, s)| (format!("points[{i}].when"), &s.when)).collect()
            }
            Node::Judged(_) | Node::Leaf(_) | Node::Records(_) => Vec::new(),
        }
    }

    /// Copy without quotes, articles and wordings.
    pub fn bare(&self) -> Self {
        poll();
        let each = |of: &[Self]| of.iter().map(Self::bare).collect();
        let boxed = |one: &Self| Box::new(one.bare());
        Self::without_evidence(match &self.node {
            Node::All(of) => Node::All(each(of)),
            Node::Any { of, count } => Node::Any { of: each(of), count: *count },
            Node::Not(inner) => Node::Not(boxed(inner)),
            Node::Case { arms, otherwise } => Node::Case {
                arms: arms.iter().map(|arm| Arm { when: arm.when.bare(), then: arm.then.bare() }).collect(),
                otherwise: otherwise.as_deref().map(boxed),
            },
            Node::Points { scores, at_least } => Node::Points {
                scores: scores
                    .iter()
                    .map(|one| Score { when: one.when.bare(), score: one.score.clone() })
                    .collect(),
                at_least: at_least.clone(),
            },
            Node::Judged(text) => Node::Judged(text.clone()),
            Node::Leaf(leaf) => Node::Leaf(leaf.clone()),
            Node::Records(leaf) => {
                Node::Records(RecordLeaf { measure: leaf.measure.bare(), tests: leaf.tests.clone() })
            }
        })
    }

    /// Like [`Criterion::walk`], with the nodes of the conditions on records (`some.where`), each with the dictionary that its
    /// leaves name: that of the enterprise, or the fields of the records.
    pub fn walk_with_records<'a>(
        &'a self,
        dictionary: &'a FactDictionary,
        visit: &mut dyn FnMut(&str, &'a Criterion, &'a FactDictionary),
    ) {
        self.walk_deep("", dictionary, visit);
    }

    /// Calls `visit` with every node and its path, those of the conditions on records (`some.where`) among them: for what does not
    /// depend on the facts that leaves name, such as quotes.
    pub fn walk_all<'a>(&'a self, visit: &mut dyn FnMut(&str, &'a Criterion)) {
        self.walk_all_from("", visit);
    }

    fn walk_all_from<'a>(&'a self, path: &str, visit: &mut dyn FnMut(&str, &'a Criterion)) {
        visit(path, self);
        if let Node::Records(leaf) = &self.node {
            leaf.measure.condition.walk_all_from(&join(path, "where"), visit);
        }
        for (step, child) in self.children() {
            child.walk_all_from(&join(path, &step), visit);
        }
    }

    fn walk_deep<'a>(
        &'a self,
        path: &str,
        dictionary: &'a FactDictionary,
        visit: &mut dyn FnMut(&str, &'a Criterion, &'a FactDictionary),
    ) {
        visit(path, self, dictionary);
        if let Node::Records(leaf) = &self.node
            && let Some(fact) = dictionary.get(&leaf.measure.records)
        {
            leaf.measure.condition.walk_deep(&join(path, "where"), &fact.fields, visit);
        }
        for (step, child) in self.children() {
            child.walk_deep(&join(path, &step), dictionary, visit);
        }
    }

    /// Calls `visit` with every node about the enterprise and its path from this one, parents before children.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&str, &'a Criterion)) {
        self.walk_from("", visit);
    }

    fn walk_from<'a>(&'a self, path: &str, visit: &mut dyn FnMut(&str, &'a Criterion)) {
        visit(path, self);
        for (step, child) in self.children() {
            child.walk_from(&join(path, &step), visit);
        }
    }
}

/// `path` continued by `step`.
pub(super) fn join(path: &str, step: &str) -> String {
    if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") }
}
