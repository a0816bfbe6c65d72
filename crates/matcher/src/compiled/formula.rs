//! Criteria as formulas over columns.
//!
//! Reading takes two steps, because the code spaces are only known once the tests of all criteria are: a [`Draft`] holds tests, a
//! [`Formula`] sets of codes.

#![expect(clippy::indexing_slicing, reason = "the columns of a draft are those that it was collected with")]

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhaoren_policy::criterion::{Aggregate, Criterion, Leaf, Node, Score, Test, When};
use zhaoren_policy::fact::{FactDictionary, FactType, Value};
use zhaoren_policy::view::View;

use super::code_set::CodeSet;
use super::columns::{Collector, Column, ColumnId};
use crate::slot::{Slot, lower, normalize_test};

/// Day that criteria are compiled for: the reference of their dates and years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EvaluationDay {
    /// Evaluation date (判定日).
    pub as_of: Date,
    /// Last full fiscal year.
    pub last_year: i16,
}

impl EvaluationDay {
    /// Evaluation day of a view.
    pub fn of(view: &View<'_>) -> Self {
        Self { as_of: view.as_of, last_year: view.last_year() }
    }
}

/// Operation of a node on its children.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind<A> {
    /// A column lies in a set.
    Atom(A),
    /// All children hold.
    All,
    /// At least this many children hold.
    Any(usize),
    /// The only child fails.
    Not,
    /// Children are `when, then, when, then, …` and optionally a last `else`.
    Case,
    /// Scores of the children against a pass mark, in millionths of a point.
    Points { scores: Vec<i64>, at_least: i64 },
}

/// Node with its children, in the order of [`Criterion::children`]; a leaf has children of its own if it tests several tags.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree<A> {
    pub(crate) kind: Kind<A>,
    pub(crate) children: Vec<Tree<A>>,
}

/// Criterion whose atoms still hold their tests.
pub(crate) type Draft = Tree<(ColumnId, Vec<Test>)>;

/// Criterion over code sets.
pub(crate) type Formula = Tree<(ColumnId, CodeSet)>;

impl<A> Tree<A> {
    fn of(kind: Kind<A>, children: Vec<Self>) -> Self {
        Self { kind, children }
    }
}

impl Formula {
    /// Number of nodes.
    pub(crate) fn nodes(&self) -> usize {
        1 + self.children.iter().map(Self::nodes).sum::<usize>()
    }

    /// Columns used.
    pub(crate) fn columns(&self) -> BTreeSet<ColumnId> {
        let mut columns = BTreeSet::new();
        self.collect_columns(&mut columns);
        columns
    }

    fn collect_columns(&self, columns: &mut BTreeSet<ColumnId>) {
        if let Kind::Atom((column, _)) = &self.kind {
            columns.insert(*column);
        }
        self.children.iter().for_each(|child| child.collect_columns(columns));
    }
}

/// Reads `criteria` as of `moment`, collecting its tests in `columns`.
pub(crate) fn draft(
    criteria: &Criterion,
    dictionary: &FactDictionary,
    moment: EvaluationDay,
    columns: &mut Collector,
) -> Draft {
    Drafter { dictionary, moment, columns }.criterion(criteria)
}

struct Drafter<'a> {
    dictionary: &'a FactDictionary,
    moment: EvaluationDay,
    columns: &'a mut Collector,
}

impl Drafter<'_> {
    fn criterion(&mut self, criterion: &Criterion) -> Draft {
        zhaoren_cancel::poll();
        let kind = match &criterion.node {
            Node::All(_) => Kind::All,
            Node::Any { count, .. } => Kind::Any(*count),
            Node::Not(_) => Kind::Not,
            Node::Case { .. } => Kind::Case,
            Node::Points { scores, at_least } => Kind::Points {
                scores: scores.iter().map(|score| Score::millionths(&score.score)).collect(),
                at_least: Score::millionths(at_least),
            },
            Node::Judged(text) => return self.holds(Slot::Judged(text.clone())),
            Node::Leaf(leaf) => return self.leaf(leaf),
            Node::Records(leaf) => {
                return self.atom(Slot::Records(Box::new(leaf.measure.bare())), leaf.tests.clone());
            }
        };
        let children = criterion.children().into_iter().map(|(_, child)| self.criterion(child)).collect();
        Draft::of(kind, children)
    }

    fn leaf(&mut self, leaf: &Leaf) -> Draft {
        let kind = self.dictionary.get(&leaf.fact).map(|fact| fact.kind);
        if kind == Some(FactType::Tags) {
            let children = leaf.tests.iter().map(|test| self.tags(&leaf.fact, test)).collect();
            return Draft::of(Kind::All, children);
        }
        let key = leaf.fact.clone();
        match leaf.when {
            When::Current => self.atom(Slot::Fact(key, None), leaf.tests.clone()),
            When::LastYear => self.atom(Slot::Fact(key, Some(self.moment.last_year)), leaf.tests.clone()),
            When::Year(year) => self.atom(Slot::Fact(key, Some(year)), leaf.tests.clone()),
            When::Years(aggregate) => {
                let end = Some(aggregate.end.unwrap_or(self.moment.last_year));
                let tests = leaf.tests.iter().map(|test| normalize_test(test, &aggregate)).collect();
                self.atom(Slot::Aggregate(key, Aggregate { end, ..aggregate }), tests)
            }
        }
    }

    /// Draft of a tags operator, tag by tag.
    fn tags(&mut self, key: &str, test: &Test) -> Draft {
        let (tags, kind, negate) = match test {
            Test::HasAny(tags) => (tags.as_slice(), Kind::Any(1), false),
            Test::HasAll(tags) => (tags.as_slice(), Kind::All, false),
            Test::HasNone(tags) => (tags.as_slice(), Kind::Any(1), true),
            // INVARIANT: a loaded leaf on tags has only tags operators. Without tags it fails.
            _ => (&[][..], Kind::Any(1), false),
        };
        let children = tags.iter().map(|tag| self.holds(Slot::Tag(key.to_owned(), tag.clone()))).collect();
        let draft = Draft::of(kind, children);
        if negate { Draft::of(Kind::Not, vec![draft]) } else { draft }
    }

    fn holds(&mut self, slot: Slot) -> Draft {
        self.atom(slot, vec![Test::OneOf(vec![Value::Bool(true)])])
    }

    fn atom(&mut self, slot: Slot, tests: Vec<Test>) -> Draft {
        let (slot, tests) = lower(self.dictionary, slot, tests);
        let column = self.columns.column(slot, &tests);
        Draft::of(Kind::Atom((column, tests)), Vec::new())
    }
}

/// Converts a draft to code sets, once the columns are known.
pub(crate) fn resolve(draft: &Draft, columns: &[Column], as_of: Date) -> Formula {
    zhaoren_cancel::poll();
    let kind = match &draft.kind {
        Kind::Atom((id, tests)) => {
            let space = &columns[*id].space;
            let passing = tests.iter().map(|test| space.codes_passing(test, as_of)).reduce(|a, b| a.and(&b));
            let codes = passing.unwrap_or_else(|| CodeSet::range(0, space.max_code()));
            Kind::Atom((*id, codes))
        }
        Kind::All => Kind::All,
        Kind::Any(count) => Kind::Any(*count),
        Kind::Not => Kind::Not,
        Kind::Case => Kind::Case,
        Kind::Points { scores, at_least } => Kind::Points { scores: scores.clone(), at_least: *at_least },
    };
    Formula::of(kind, draft.children.iter().map(|child| resolve(child, columns, as_of)).collect())
}
