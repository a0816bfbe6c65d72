//! Criteria in which all known facts are already decided: a tree over the unknowns of one profile.

use std::collections::{BTreeMap, BTreeSet};

use zhaoren_policy::criterion::{Aggregate, Criterion, Leaf, Node, RecordLeaf, Score, Test, When};
use zhaoren_policy::fact::{Fact, FactType, Knowledge, Value};
use zhaoren_policy::view::View;

use super::DecideError;
use super::regions::representatives;
use crate::slot::{Domain, Slot, lower, normalize_test};

/// Criteria tree for one profile on one day.
pub(super) struct Grounded {
    pub(super) root: Ground,
    /// Number of regions of each unknown; at least one.
    pub(super) regions: Vec<usize>,
}

/// Node of the tree. Children are in the order of [`Criterion::children`]; a leaf has children of its own if it tests several
/// tags.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub(super) kind: Kind,
    pub(super) children: Vec<Ground>,
    /// Indices of the unknowns below.
    pub(super) unknowns: BTreeSet<usize>,
}

/// Operation of a [`Ground`] node on its children.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Already decided.
    Decided(bool),
    /// Holds in the regions of an unknown for which `truth` is true.
    Atom { unknown: usize, truth: Vec<bool> },
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

impl Grounded {
    /// Decides the parts known to `view` and collects the unknowns of the rest.
    ///
    /// # Errors
    /// [`DecideError`] if a condition on one record is too entangled.
    pub(super) fn new(criteria: &Criterion, view: &View<'_>) -> Result<Self, DecideError> {
        let mut builder = Builder { view, slots: BTreeMap::new(), pending: Vec::new(), error: None };
        let draft = builder.criterion(criteria);
        match builder.error {
            Some(error) => Err(error),
            None => Ok(builder.finish(draft)),
        }
    }
}

/// Tree whose atoms still hold their tests: the regions are only known once all tests are.
struct Draft {
    kind: DraftKind,
    children: Vec<Draft>,
}

enum DraftKind {
    Decided(bool),
    Atom { unknown: usize, tests: Vec<Test> },
    All,
    Any(usize),
    Not,
    Case,
    Points { scores: Vec<i64>, at_least: i64 },
}

impl Draft {
    fn decided(truth: bool) -> Self {
        Self { kind: DraftKind::Decided(truth), children: Vec::new() }
    }
}

struct Pending {
    domain: Domain,
    tests: Vec<Test>,
}

struct Builder<'a> {
    view: &'a View<'a>,
    slots: BTreeMap<Slot, usize>,
    pending: Vec<Pending>,
    /// First condition on records that could not be decided.
    error: Option<DecideError>,
}

impl Builder<'_> {
    fn criterion(&mut self, criterion: &Criterion) -> Draft {
        let children: Vec<Draft> =
            criterion.children().into_iter().map(|(_, child)| self.criterion(child)).collect();
        let kind = match &criterion.node {
            Node::All(_) => DraftKind::All,
            Node::Any { count, .. } => DraftKind::Any(*count),
            Node::Not(_) => DraftKind::Not,
            Node::Case { .. } => DraftKind::Case,
            Node::Points { scores, at_least } => DraftKind::Points {
                scores: scores.iter().map(|score| Score::millionths(&score.score)).collect(),
                at_least: Score::millionths(at_least),
            },
            Node::Judged(text) => return self.judged(text),
            Node::Leaf(leaf) => return self.leaf(leaf),
            Node::Records(leaf) => return self.records(leaf),
        };
        Draft { kind, children }
    }

    fn judged(&mut self, text: &str) -> Draft {
        self.value(Slot::Judged(text.to_owned()), vec![Test::OneOf(vec![Value::Bool(true)])])
    }

    fn leaf(&mut self, leaf: &Leaf) -> Draft {
        // INVARIANT: a loaded criterion only names facts of the dictionary it was loaded with.
        let Some(fact) = self.view.dictionary.get(&leaf.fact) else { return Draft::decided(false) };
        if fact.kind == FactType::Tags {
            let children = leaf.tests.iter().map(|test| self.tags(fact, test)).collect();
            return Draft { kind: DraftKind::All, children };
        }
        match leaf.when {
            When::Years(aggregate) => self.aggregate(fact, aggregate, leaf),
            When::Current => self.single(fact, None, leaf),
            When::LastYear => self.single(fact, Some(self.view.last_year()), leaf),
            When::Year(year) => self.single(fact, Some(year), leaf),
        }
    }

    /// Draft of a condition on records: exact if the count or sum is, otherwise free within its interval.
    fn records(&mut self, leaf: &RecordLeaf) -> Draft {
        let known = super::records::value(&leaf.measure, self.view).unwrap_or_else(|error| {
            self.error.get_or_insert(error);
            Knowledge::Unknown
        });
        self.known(Slot::Records(Box::new(leaf.measure.bare())), known, leaf.tests.clone())
    }

    /// Draft of a leaf on one value.
    fn single(&mut self, fact: &Fact, year: Option<i16>, leaf: &Leaf) -> Draft {
        self.value(Slot::Fact(fact.key.clone(), year), leaf.tests.clone())
    }

    /// Draft of a leaf on an aggregate: exact if every year is, within an interval if every year has at least a range, otherwise
    /// free as a whole.
    fn aggregate(&mut self, fact: &Fact, aggregate: Aggregate, leaf: &Leaf) -> Draft {
        let end = aggregate.end.unwrap_or_else(|| self.view.last_year());
        let resolved = Aggregate { end: Some(end), ..aggregate };
        let tests = leaf.tests.iter().map(|test| normalize_test(test, &aggregate)).collect();
        self.value(Slot::Aggregate(fact.key.clone(), resolved), tests)
    }

    fn value(&mut self, slot: Slot, tests: Vec<Test>) -> Draft {
        let (slot, tests) = lower(self.view.dictionary, slot, tests);
        let known = slot.knowledge(self.view);
        self.known(slot, known, tests)
    }

    fn known(&mut self, slot: Slot, known: Knowledge, tests: Vec<Test>) -> Draft {
        if let Knowledge::Exactly(value) = &known {
            return Draft::decided(tests.iter().all(|test| test.passes(value, self.view.as_of)));
        }
        let domain = slot.domain(self.view.dictionary, known);
        self.atom(slot, domain, tests)
    }

    /// Draft of a tags operator, tag by tag.
    fn tags(&mut self, fact: &Fact, test: &Test) -> Draft {
        let (tags, kind, negate) = match test {
            Test::HasAny(tags) => (tags, DraftKind::Any(1), false),
            Test::HasAll(tags) => (tags, DraftKind::All, false),
            Test::HasNone(tags) => (tags, DraftKind::Any(1), true),
            _ => return Draft::decided(false),
        };
        let children = tags.iter().map(|tag| self.tag(&fact.key, tag)).collect();
        let draft = Draft { kind, children };
        if negate { Draft { kind: DraftKind::Not, children: vec![draft] } } else { draft }
    }

    fn tag(&mut self, key: &str, tag: &str) -> Draft {
        let slot = Slot::Tag(key.to_owned(), tag.to_owned());
        self.value(slot, vec![Test::OneOf(vec![Value::Bool(true)])])
    }

    fn atom(&mut self, unknown: Slot, domain: Domain, tests: Vec<Test>) -> Draft {
        let slot = match self.slots.get(&unknown) {
            Some(slot) => *slot,
            None => {
                let slot = self.pending.len();
                self.slots.insert(unknown, slot);
                self.pending.push(Pending { domain, tests: Vec::new() });
                slot
            }
        };
        if let Some(pending) = self.pending.get_mut(slot) {
            pending.tests.extend(tests.iter().cloned());
        }
        Draft { kind: DraftKind::Atom { unknown: slot, tests }, children: Vec::new() }
    }

    fn finish(self, draft: Draft) -> Grounded {
        let as_of = super::as_of(self.view);
        let values: Vec<Vec<Value>> = self
            .pending
            .iter()
            .map(|pending| {
                let tests: Vec<&Test> = pending.tests.iter().collect();
                distinct(representatives(&pending.domain, &tests, as_of), &tests, as_of)
            })
            .collect();
        let root = resolve(draft, &values, &|test, value| test.passes(value, as_of));
        Grounded { root, regions: values.iter().map(Vec::len).collect() }
    }
}

/// One value of each region: the first of those to which all tests give the same answers.
fn distinct(values: Vec<Value>, tests: &[&Test], as_of: jiff::civil::Date) -> Vec<Value> {
    let mut seen: BTreeSet<Vec<bool>> = BTreeSet::new();
    values
        .into_iter()
        .filter(|value| seen.insert(tests.iter().map(|test| test.passes(value, as_of)).collect()))
        .collect()
}

fn resolve(draft: Draft, values: &[Vec<Value>], passes: &dyn Fn(&Test, &Value) -> bool) -> Ground {
    let children: Vec<Ground> =
        draft.children.into_iter().map(|child| resolve(child, values, passes)).collect();
    let mut unknowns: BTreeSet<usize> =
        children.iter().flat_map(|child| child.unknowns.iter().copied()).collect();
    let kind = match draft.kind {
        DraftKind::Decided(truth) => Kind::Decided(truth),
        DraftKind::Atom { unknown, tests } => {
            unknowns.insert(unknown);
            let regions = values.get(unknown).map_or(&[][..], Vec::as_slice);
            let truth = regions.iter().map(|value| tests.iter().all(|test| passes(test, value))).collect();
            Kind::Atom { unknown, truth }
        }
        DraftKind::All => Kind::All,
        DraftKind::Any(count) => Kind::Any(count),
        DraftKind::Not => Kind::Not,
        DraftKind::Case => Kind::Case,
        DraftKind::Points { scores, at_least } => Kind::Points { scores, at_least },
    };
    Ground { kind, children, unknowns }
}
