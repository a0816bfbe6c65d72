//! The shape of criteria.

use zhaoren_cancel::poll;

use super::leaf::Leaf;
use crate::number::Number;

/// A node of the condition tree, with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    /// What it asks.
    pub node: Node,
    /// The verbatim source sentence (原文).
    pub quote: Option<String>,
    /// The printed place of that sentence: 第十一条（一）.
    pub article: Option<String>,
    /// Our own plain reading for a caseworker, used instead of a mechanical rendering.
    pub text: Option<String>,
}

/// What a criterion asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Every one holds; an empty list holds.
    All(Vec<Criterion>),
    /// At least `count` hold.
    Any {
        /// The alternatives.
        of: Vec<Criterion>,
        /// How many must hold.
        count: usize,
    },
    /// It does not hold.
    Not(Box<Criterion>),
    /// The first arm whose `when` holds decides; none and no `otherwise`: fails.
    Case {
        /// The arms, in order.
        arms: Vec<Arm>,
        /// What decides when no arm does.
        otherwise: Option<Box<Criterion>>,
    },
    /// The scores of those that hold sum to `at_least` or more.
    Points {
        /// The scored conditions.
        scores: Vec<Score>,
        /// The pass mark.
        at_least: Number,
    },
    /// Only a person can say.
    Judged(String),
    /// A condition on one fact.
    Leaf(Leaf),
}

/// One arm of a [`Node::Case`].
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Whether this arm decides.
    pub when: Criterion,
    /// What then has to hold.
    pub then: Criterion,
}

/// One scored condition of a [`Node::Points`].
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The condition.
    pub when: Criterion,
    /// What it is worth; may be negative.
    pub score: Number,
}

impl Score {
    /// Points are counted in millionths, so that sums are exact whole numbers.
    pub const MILLIONTHS: i64 = 1_000_000;

    /// `points` in millionths.
    ///
    /// # Panics
    /// When they are no whole number of 64 bits. Points that were read always are ([`read_criterion`](super::read_criterion)
    /// takes up to a thousand million with six decimals); another number in their place would decide a verdict.
    #[expect(clippy::expect_used, reason = "no points beat wrong points, and no input leads here")]
    pub fn millionths(points: &Number) -> i64 {
        let millionths = points.times(&Number::from(Self::MILLIONTHS)).to_i64();
        // INVARIANT: the loader refuses other points.
        millionths.expect("points were checked when they were read")
    }
}

impl Criterion {
    /// A node without evidence.
    pub fn bare(node: Node) -> Self {
        Self { node, quote: None, article: None, text: None }
    }

    /// How many nodes it has, itself included.
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
        }
    }

    /// The node's children, each with the step of the path that leads to it: `all[0]`, `case[1].when`.
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
            Node::Judged(_) | Node::Leaf(_) => Vec::new(),
        }
    }

    /// Calls `visit` with every node and its path from this one, parents before children.
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
