//! Criteria with everything known already decided: a tree over the unknowns of one profile.

use std::collections::{BTreeMap, BTreeSet};

use zhaoren_policy::criterion::{Aggregate, Criterion, Leaf, Node, Score, Take, Test, When};
use zhaoren_policy::fact::{Fact, FactType, Known, Value};
use zhaoren_policy::number::{Number, ratio_of_yearly_rate};
use zhaoren_policy::view::View;

use super::regions::{Domain, representatives};

/// One thing that is not known, free to take any value of its domain, on its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unknown {
    /// A fact, or one year of a yearly fact.
    Fact(String, Option<i16>),
    /// An aggregate over years, as a whole; its last year is resolved.
    Aggregate(String, Aggregate),
    /// One tag of a tags fact.
    Tag(String, String),
    /// One judged text.
    Judged(String),
}

/// A criteria tree for one profile on one day.
pub(crate) struct Grounded {
    pub(crate) root: Ground,
    pub(crate) unknowns: Vec<Unknown>,
    /// How many regions each unknown has; at least one.
    pub(crate) regions: Vec<usize>,
    /// For each unknown, the facts that would have to be given to settle it; empty for a judged text.
    pub(crate) asks: Vec<Vec<String>>,
}

/// A node of the tree. Children stand in the order of [`Criterion::children`]; a leaf has children of its own
/// when it asks about several tags.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    pub(crate) kind: Kind,
    pub(crate) children: Vec<Ground>,
    /// Positions of the unknowns below.
    pub(crate) unknowns: BTreeSet<usize>,
}

/// What a [`Ground`] node does with its children.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Already decided.
    Decided(bool),
    /// Holds in those regions of an unknown for which `truth` says so.
    Atom { unknown: usize, truth: Vec<bool> },
    /// Every child.
    All,
    /// At least so many children.
    Any(usize),
    /// Not the only child.
    Not,
    /// Children are `when, then, when, then, …` and possibly a last `else`.
    Case,
    /// Scores of the children against a pass mark, in millionths of a point.
    Points { scores: Vec<i64>, at_least: i64 },
}

impl Grounded {
    /// Decides what `view` knows and collects the rest.
    pub(crate) fn new(criteria: &Criterion, view: &View<'_>) -> Self {
        let mut builder = Builder { view, slots: BTreeMap::new(), pending: Vec::new() };
        let draft = builder.criterion(criteria);
        builder.finish(draft)
    }
}

/// A tree whose atoms still hold their tests: the regions are only known once all tests are.
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
    unknown: Unknown,
    domain: Domain,
    tests: Vec<Test>,
    asks: Vec<String>,
}

struct Builder<'a> {
    view: &'a View<'a>,
    slots: BTreeMap<Unknown, usize>,
    pending: Vec<Pending>,
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
        };
        Draft { kind, children }
    }

    fn judged(&mut self, text: &str) -> Draft {
        match self.view.profile.judged(text) {
            Some(truth) => Draft::decided(truth),
            None => {
                let holds = Test::OneOf(vec![Value::Bool(true)]);
                self.atom(Unknown::Judged(text.to_owned()), Domain::Truth, vec![holds], Vec::new)
            }
        }
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

    /// A leaf on one value.
    fn single(&mut self, fact: &Fact, year: Option<i16>, leaf: &Leaf) -> Draft {
        let known = self.view.known(fact, year);
        if let Known::Exactly(value) = &known {
            return Draft::decided(leaf.passes(value, self.view.as_of));
        }
        let view = *self.view;
        let asks = || view.open_inputs(fact, year);
        let domain = domain(fact, fact.kind, known, (fact.min.clone(), fact.max.clone()));
        self.atom(Unknown::Fact(fact.key.clone(), year), domain, leaf.tests.clone(), asks)
    }

    /// A leaf on an aggregate: exact when every year is, within an interval when every year at least has a
    /// range, otherwise free as a whole.
    fn aggregate(&mut self, fact: &Fact, aggregate: Aggregate, leaf: &Leaf) -> Draft {
        let end = aggregate.end.unwrap_or_else(|| self.view.last_year());
        let resolved = Aggregate { end: Some(end), ..aggregate };
        let years: Vec<i16> = (0..i16::from(aggregate.years)).rev().map(|back| end - back).collect();
        let steps = u32::from(aggregate.years).saturating_sub(1);
        // A yearly rate is compared through the ratio it stands for.
        let tests: Vec<Test> = leaf
            .tests
            .iter()
            .map(|test| match test {
                Test::Number(compare, rate) if aggregate.take == Take::Cagr => {
                    Test::Number(*compare, ratio_of_yearly_rate(rate, steps))
                }
                other => other.clone(),
            })
            .collect();
        let known: Vec<Known> = years.iter().map(|&year| self.view.known(fact, Some(year))).collect();
        let computed = compute(aggregate.take, &known);
        if let Known::Exactly(value) = &computed {
            return Draft::decided(tests.iter().all(|test| test.passes(value, self.view.as_of)));
        }
        let free = match aggregate.take {
            Take::Average | Take::Min | Take::Max => (fact.min.clone(), fact.max.clone()),
            Take::Sum => (fact.min.clone().filter(|min| *min == Number::zero()), None),
            Take::Growth | Take::Cagr => (None, None),
        };
        let kind = match aggregate.take {
            Take::Sum | Take::Min | Take::Max => fact.kind,
            Take::Average | Take::Growth | Take::Cagr => FactType::Decimal,
        };
        let view = *self.view;
        let asks = || {
            let open = years.iter().zip(&known).filter(|(_, known)| known.exact().is_none());
            let mut keys: Vec<String> = Vec::new();
            for key in open.flat_map(|(year, _)| view.open_inputs(fact, Some(*year))) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            // Every year is given and still the rate is unknown: its base is 0 or less.
            if keys.is_empty() { vec![fact.key.clone()] } else { keys }
        };
        let domain = domain(fact, kind, computed, free);
        self.atom(Unknown::Aggregate(fact.key.clone(), resolved), domain, tests, asks)
    }

    /// One tags operator, tag by tag.
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
        let held = self.view.tags(key).and_then(|set| set.holds(tag, self.view.as_of));
        match held {
            Some(truth) => Draft::decided(truth),
            None => {
                let holds = Test::OneOf(vec![Value::Bool(true)]);
                let unknown = Unknown::Tag(key.to_owned(), tag.to_owned());
                self.atom(unknown, Domain::Truth, vec![holds], || vec![key.to_owned()])
            }
        }
    }

    fn atom(
        &mut self,
        unknown: Unknown,
        domain: Domain,
        tests: Vec<Test>,
        asks: impl FnOnce() -> Vec<String>,
    ) -> Draft {
        let slot = match self.slots.get(&unknown) {
            Some(slot) => *slot,
            None => {
                let slot = self.pending.len();
                self.slots.insert(unknown.clone(), slot);
                self.pending.push(Pending { unknown, domain, tests: Vec::new(), asks: asks() });
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
        let root = settle(draft, &values, &|test, value| test.passes(value, as_of));
        Grounded {
            root,
            regions: values.iter().map(Vec::len).collect(),
            asks: self.pending.iter().map(|pending| pending.asks.clone()).collect(),
            unknowns: self.pending.into_iter().map(|pending| pending.unknown).collect(),
        }
    }
}

/// One value of each region: of values that all tests answer alike, the first.
fn distinct(values: Vec<Value>, tests: &[&Test], as_of: jiff::civil::Date) -> Vec<Value> {
    let mut seen: BTreeSet<Vec<bool>> = BTreeSet::new();
    values
        .into_iter()
        .filter(|value| seen.insert(tests.iter().map(|test| test.passes(value, as_of)).collect()))
        .collect()
}

fn settle(draft: Draft, values: &[Vec<Value>], passes: &dyn Fn(&Test, &Value) -> bool) -> Ground {
    let children: Vec<Ground> =
        draft.children.into_iter().map(|child| settle(child, values, passes)).collect();
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

/// What an inexact value ranges over.
fn domain(fact: &Fact, kind: FactType, known: Known, free: (Option<Number>, Option<Number>)) -> Domain {
    let (low, high) = match known {
        Known::Among(values) => return Domain::Candidates(values),
        Known::Within { low, high } => (low, high),
        Known::Unknown | Known::Exactly(_) => (None, None),
    };
    match kind {
        FactType::Boolean | FactType::Tags => Domain::Truth,
        FactType::Integer | FactType::Decimal | FactType::Money | FactType::Ratio => {
            let number = |value: Option<Value>| match value {
                Some(Value::Number(number)) => Some(number),
                _ => None,
            };
            let (low, high) = (number(low).or(free.0), number(high).or(free.1));
            Domain::Numbers { whole: kind == FactType::Integer, low, high }
        }
        FactType::Date => {
            let day = |value: Option<Value>| match value {
                Some(Value::Date(day)) => Some(day),
                _ => None,
            };
            Domain::Dates { low: day(low), high: day(high) }
        }
        FactType::Code => fact.codes.map_or(Domain::Texts, Domain::Codes),
        FactType::Text => Domain::Texts,
    }
}

/// The aggregate of what is known of each year, first year first. Unknown when a year is, or when a rate's
/// base may be 0 or less. A yearly rate is given as the ratio of last over first.
fn compute(take: Take, years: &[Known]) -> Known {
    if years.contains(&Known::Unknown) {
        return Known::Unknown;
    }
    let ends: Vec<(Option<Number>, Option<Number>)> = years.iter().map(Known::ends).collect();
    let lows = || ends.iter().map(|(low, _)| low.clone()).collect::<Option<Vec<Number>>>();
    let highs = || ends.iter().map(|(_, high)| high.clone()).collect::<Option<Vec<Number>>>();
    let sum = |numbers: Vec<Number>| numbers.iter().fold(Number::zero(), |sum, number| sum.plus(number));
    let count = Number::from(i64::try_from(years.len()).unwrap_or(1));
    match take {
        Take::Sum => Known::from_ends(lows().map(sum), highs().map(sum)),
        Take::Average => {
            let mean = |numbers| sum(numbers).over(&count);
            Known::from_ends(lows().and_then(mean), highs().and_then(mean))
        }
        // The least is at most every known upper end, and at least the least lower end when all have one.
        Take::Min => Known::from_ends(
            lows().and_then(|numbers| numbers.into_iter().min()),
            ends.iter().filter_map(|(_, high)| high.clone()).min(),
        ),
        Take::Max => Known::from_ends(
            ends.iter().filter_map(|(low, _)| low.clone()).max(),
            highs().and_then(|numbers| numbers.into_iter().max()),
        ),
        Take::Growth | Take::Cagr => {
            let (Some(first), Some(last)) = (ends.first(), ends.last()) else { return Known::Unknown };
            let Some(base) = first.0.as_ref().filter(|low| low.is_positive()) else { return Known::Unknown };
            let less = if take == Take::Growth { Number::from(1) } else { Number::zero() };
            // Over a larger base a gain shrinks and a loss shrinks too, towards zero.
            let bound = |end: &Option<Number>, positive_by: Option<&Number>, negative_by: Option<&Number>| {
                let end = end.as_ref()?;
                let by = if end.is_negative() { negative_by } else { positive_by };
                Some(by.map_or(Some(Number::zero()), |by| end.over(by))?.minus(&less))
            };
            let far = first.1.as_ref();
            Known::from_ends(bound(&last.0, far, Some(base)), bound(&last.1, Some(base), far))
        }
    }
}
