//! Slots: the values that an enterprise may or may not have given, as the contract counts them.
//!
//! A slot is a fact; one year of a yearly fact; one aggregate over years, as a whole; one tag of a tags fact; one judged text; or
//! one count or sum over records, as a whole.
//! Each is free on its own while it is unknown. Its known value comes from a view, its possible values from the dictionary. A
//! derived fact determined by one other fact is no slot of its own ([`lower`]); a derived fact that follows from several values
//! is one, and is free independently of them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhaoren_policy::code::CodeSystem;
use zhaoren_policy::criterion::{Aggregate, Compare, RecordMeasure, Take, Test};
use zhaoren_policy::fact::{Fact, FactDictionary, FactType, Knowledge, Value};
use zhaoren_policy::number::{Number, ratio_of_yearly_rate};
use zhaoren_policy::profile::ProfileKey;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::compiled::{EvaluationDay, Plan, first_false_day};
use crate::records;

/// Value that may be unknown, and is then free within its domain, independently of other slots.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Slot {
    /// A fact, or one year of a yearly fact.
    Fact(String, Option<i16>),
    /// An aggregate over years, as a whole; its last year is resolved.
    Aggregate(String, Aggregate),
    /// One tag of a tags fact.
    Tag(String, String),
    /// One judged text.
    Judged(String),
    /// One count of records, or one sum over them; without the evidence of its condition.
    Records(Box<RecordMeasure>),
}

/// Single value to request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenInput {
    /// Key of the fact.
    pub(crate) key: String,
    /// Fiscal year, for a yearly fact.
    pub(crate) year: Option<i16>,
    /// Tag, for a tags fact.
    pub(crate) tag: Option<String>,
}

/// Possible values of a slot.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Domain {
    /// True and false.
    Truth,
    /// Whole or all numbers between two bounds, each inclusive or open.
    Numbers { whole: bool, low: Option<Number>, high: Option<Number> },
    /// All dates between two bounds.
    Dates { low: Option<Date>, high: Option<Date> },
    /// All codes of a system.
    Codes(CodeSystem),
    /// All texts.
    Texts,
    /// Exactly these values.
    Candidates(Vec<Value>),
}

impl Slot {
    /// Key of the fact; `None` for a judged text.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Fact(key, _) | Self::Aggregate(key, _) | Self::Tag(key, _) => Some(key),
            Self::Records(measure) => Some(&measure.records),
            Self::Judged(_) => None,
        }
    }

    /// Single profile key of the slot, if it is given and not computed.
    pub(crate) fn given_key(&self, dictionary: &FactDictionary) -> Option<ProfileKey> {
        match self {
            Self::Fact(key, year) => {
                let fact = dictionary.get(key).filter(|fact| !fact.derived)?;
                Some(ProfileKey::Fact(fact.key.clone(), *year))
            }
            Self::Tag(key, _) => Some(ProfileKey::Fact(key.clone(), None)),
            Self::Judged(text) => Some(ProfileKey::Judged(text.clone())),
            Self::Records(measure) => {
                (!records::has_judgement(measure)).then(|| ProfileKey::Fact(measure.records.clone(), None))
            }
            Self::Aggregate(..) => None,
        }
    }

    /// Further profile keys that restrict the slot, besides that of [`Slot::given_key`]: those of facts that it determines.
    pub(crate) fn derived_keys(&self, dictionary: &FactDictionary) -> Vec<ProfileKey> {
        let fact = match self {
            Self::Fact(key, None) => dictionary.get(key),
            _ => None,
        };
        let determined = fact.into_iter().flat_map(Fact::determined_keys);
        determined.map(|key| ProfileKey::Fact(key.to_owned(), None)).collect()
    }

    /// Known value of the slot. A condition on records is compiled for it, which a [`Column`](crate::compiled::Column) does once.
    /// A yearly rate ([`Take::Cagr`]) is given as the ratio of last over first.
    pub(crate) fn knowledge(&self, view: &View<'_>) -> Knowledge {
        let of = |key: &String| view.dictionary.get(key);
        match self {
            Self::Fact(key, None) => of(key).map_or(Knowledge::Unknown, |fact| {
                restrict_by_derived(fact, view.knowledge(fact, None), view)
            }),
            Self::Fact(key, year) => of(key).map_or(Knowledge::Unknown, |fact| view.knowledge(fact, *year)),
            Self::Aggregate(key, aggregate) => of(key).map_or(Knowledge::Unknown, |fact| {
                let known: Vec<Knowledge> =
                    years(aggregate, view).map(|year| view.knowledge(fact, Some(year))).collect();
                compute(aggregate.take, &known)
            }),
            Self::Tag(key, tag) => {
                Knowledge::from_bool(view.tags(key).and_then(|set| set.holds(tag, view.as_of)))
            }
            Self::Judged(text) => Knowledge::from_bool(view.judgement(text)),
            Self::Records(measure) => {
                let fields = view.dictionary.get(&measure.records).map(|fact| &fact.fields);
                let plan = fields.and_then(|fields| {
                    Plan::compile(&measure.condition, fields, EvaluationDay::of(view)).ok()
                });
                // Without a plan every record may satisfy the condition.
                let decide = |record: &View<'_>| {
                    plan.as_ref().map_or(Verdict::Undetermined, |plan| plan.decide(record))
                };
                records::knowledge(measure, view.records(&measure.records), view, decide)
            }
        }
    }

    /// Possible values of the slot, as far as restricted by `known`.
    pub(crate) fn domain(&self, dictionary: &FactDictionary, known: Knowledge) -> Domain {
        let (key, aggregate) = match self {
            Self::Tag(..) | Self::Judged(_) => return Domain::Truth,
            Self::Fact(key, _) => (key, None),
            Self::Aggregate(key, aggregate) => (key, Some(aggregate)),
            Self::Records(measure) => {
                let Some(fact) = dictionary.get(&measure.records) else { return Domain::Texts };
                let (kind, low, high) = records::free_values(measure, dictionary);
                return domain(fact, kind, known, (low, high));
            }
        };
        // INVARIANT: a loaded criterion only names facts of the dictionary it was loaded with.
        let Some(fact) = dictionary.get(key) else { return Domain::Texts };
        let bounds = (fact.min.clone(), fact.max.clone());
        match aggregate.map(|aggregate| aggregate.take) {
            None => domain(fact, fact.kind, known, bounds),
            Some(Take::Min | Take::Max) => domain(fact, fact.kind, known, bounds),
            Some(Take::Average) => domain(fact, FactType::Decimal, known, bounds),
            Some(Take::Sum) => {
                let low = bounds.0.filter(|min| *min == Number::zero());
                domain(fact, fact.kind, known, (low, None))
            }
            Some(Take::Growth | Take::Cagr) => domain(fact, FactType::Decimal, known, (None, None)),
        }
    }

    /// Like [`Slot::open_keys`], with the year or tag of each.
    pub(crate) fn open_inputs(&self, view: &View<'_>) -> Vec<OpenInput> {
        let one = |key: String, year| OpenInput { key, year, tag: None };
        let inputs = |fact: &Fact, year: Option<i16>| -> Vec<OpenInput> {
            let open = view.open_inputs(fact, year);
            let mut asks: Vec<OpenInput> = view
                .inputs(fact, year)
                .into_iter()
                .filter(|(key, _)| open.contains(key))
                .filter(|(key, year)| {
                    view.dictionary
                        .get(key)
                        .is_none_or(|input| view.knowledge(input, *year).exact().is_none())
                })
                .map(|(key, year)| one(key, year))
                .collect();
            // A rule also reads tags, which have no value to list.
            let unlisted: Vec<String> =
                open.into_iter().filter(|key| !asks.iter().any(|ask| ask.key == *key)).collect();
            asks.extend(unlisted.into_iter().map(|key| one(key, None)));
            asks
        };
        match self {
            Self::Judged(_) => Vec::new(),
            Self::Records(measure) => {
                let asked = records::open_fields(measure, view).asked;
                asked.then(|| one(measure.records.clone(), None)).into_iter().collect()
            }
            Self::Tag(key, tag) => vec![OpenInput { key: key.clone(), year: None, tag: Some(tag.clone()) }],
            Self::Fact(key, year) => match view.dictionary.get(key) {
                Some(fact) if fact.derived => inputs(fact, *year),
                _ => vec![one(key.clone(), *year)],
            },
            Self::Aggregate(key, aggregate) => {
                let Some(fact) = view.dictionary.get(key) else { return vec![one(key.clone(), None)] };
                let open =
                    years(aggregate, view).filter(|year| view.knowledge(fact, Some(*year)).exact().is_none());
                open.flat_map(|year| inputs(fact, Some(year))).collect()
            }
        }
    }

    /// Facts that would have to be given to settle the slot; empty for a judged text.
    pub(crate) fn open_keys(&self, view: &View<'_>) -> Vec<String> {
        match self {
            Self::Judged(_) => Vec::new(),
            Self::Records(measure) => {
                let asked = records::open_fields(measure, view).asked;
                asked.then(|| measure.records.clone()).into_iter().collect()
            }
            Self::Tag(key, _) => vec![key.clone()],
            Self::Fact(key, year) => view
                .dictionary
                .get(key)
                .map_or_else(|| vec![key.clone()], |fact| view.open_inputs(fact, *year)),
            Self::Aggregate(key, aggregate) => {
                let Some(fact) = view.dictionary.get(key) else { return vec![key.clone()] };
                let mut keys: Vec<String> = Vec::new();
                for year in years(aggregate, view) {
                    if view.knowledge(fact, Some(year)).exact().is_none() {
                        for key in view.open_inputs(fact, Some(year)) {
                            if !keys.contains(&key) {
                                keys.push(key);
                            }
                        }
                    }
                }
                // Every year is given and the rate is still unknown: its base is 0 or less.
                if keys.is_empty() { vec![key.clone()] } else { keys }
            }
        }
    }
}

/// Years of an aggregate, first year first.
pub(crate) fn years(aggregate: &Aggregate, view: &View<'_>) -> impl Iterator<Item = i16> + use<> {
    let end = aggregate.end.unwrap_or_else(|| view.last_year());
    let count = i16::from(aggregate.years);
    (0..count).rev().map(move |back| end - back)
}

/// Test adapted to the value of [`Slot::knowledge`] for an aggregate: a yearly rate is compared by its ratio.
pub(crate) fn normalize_test(test: &Test, aggregate: &Aggregate) -> Test {
    match test {
        Test::Number(compare, rate) if aggregate.take == Take::Cagr => {
            let steps = u32::from(aggregate.years).saturating_sub(1);
            Test::Number(*compare, ratio_of_yearly_rate(rate, steps))
        }
        other => other.clone(),
    }
}

/// Slot and tests of a leaf on `slot` with `tests`: for a derived fact determined by one other fact, they are those of the other
/// fact; everything else stays as it is.
pub(crate) fn lower(dictionary: &FactDictionary, slot: Slot, tests: Vec<Test>) -> (Slot, Vec<Test>) {
    let on_source = || {
        let Slot::Fact(key, None) = &slot else { return None };
        let fact = dictionary.get(key)?;
        let source = dictionary.get(fact.source_key()?).filter(|source| !source.derived)?;
        let tests: Option<Vec<Vec<Test>>> = tests.iter().map(|test| fact.translate_to_source(test)).collect();
        Some((Slot::Fact(source.key.clone(), None), tests?.concat()))
    };
    on_source().unwrap_or((slot, tests))
}

/// Known value of a day, restricted by the derived facts that it determines and that a profile may state instead.
fn restrict_by_derived(fact: &Fact, known: Knowledge, view: &View<'_>) -> Knowledge {
    let day = |end: Option<Value>| match end {
        Some(Value::Date(day)) => Some(day),
        _ => None,
    };
    let (mut low, mut high) = match &known {
        Knowledge::Unknown => (None, None),
        Knowledge::Within { low, high } if fact.kind == FactType::Date => {
            (day(low.clone()), day(high.clone()))
        }
        _ => return known,
    };
    for derived in fact.determined_keys().filter_map(|key| view.dictionary.get(key)) {
        let (least, most) = view.knowledge(derived, None).bounds();
        // The more time has passed, the earlier the day.
        let until = least.and_then(|least| turn(derived, Compare::AtLeast, least, view, true));
        let from = most.and_then(|most| turn(derived, Compare::AtMost, most, view, false));
        high = high.into_iter().chain(until.and_then(|day| day.yesterday().ok())).min();
        low = low.into_iter().chain(from).max();
    }
    match (low, high) {
        (None, None) => known,
        (Some(low), Some(high)) if low == high => Knowledge::Exactly(Value::Date(low)),
        // The two stated values contradict each other: the one stated for the day itself counts.
        (Some(low), Some(high)) if low > high => known,
        (low, high) => Knowledge::Within { low: low.map(Value::Date), high: high.map(Value::Date) },
    }
}

/// First day on which a test of a derived fact no longer passes (`passes`), or first passes (not `passes`); `None` if no day
/// makes a difference.
fn turn(derived: &Fact, compare: Compare, bound: Number, view: &View<'_>, passes: bool) -> Option<Date> {
    let tests = derived.translate_to_source(&Test::Number(compare, bound))?;
    first_false_day(|day| tests.iter().all(|test| test.passes(&Value::Date(day), view.as_of)) == passes)
}

/// Possible values of an inexact value.
fn domain(fact: &Fact, kind: FactType, known: Knowledge, free: (Option<Number>, Option<Number>)) -> Domain {
    let (low, high) = match known {
        Knowledge::Among(values) => return Domain::Candidates(values),
        Knowledge::Exactly(value) => return Domain::Candidates(vec![value]),
        Knowledge::Within { low, high } => (low, high),
        Knowledge::Unknown => (None, None),
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
        FactType::Text | FactType::Records => Domain::Texts,
    }
}

/// Aggregate of the known values of each year, first year first. Unknown if a year is, or if a rate's base may be 0 or less. A
/// yearly rate is given as the ratio of last over first.
fn compute(take: Take, years: &[Knowledge]) -> Knowledge {
    if years.contains(&Knowledge::Unknown) {
        return Knowledge::Unknown;
    }
    let ends: Vec<(Option<Number>, Option<Number>)> = years.iter().map(Knowledge::bounds).collect();
    let lows = || ends.iter().map(|(low, _)| low.clone()).collect::<Option<Vec<Number>>>();
    let highs = || ends.iter().map(|(_, high)| high.clone()).collect::<Option<Vec<Number>>>();
    let sum = |numbers: Vec<Number>| numbers.iter().fold(Number::zero(), |sum, number| sum.plus(number));
    let count = Number::from(i64::try_from(years.len()).unwrap_or(1));
    match take {
        Take::Sum => Knowledge::from_bounds(lows().map(sum), highs().map(sum)),
        Take::Average => {
            let mean = |numbers| sum(numbers).checked_div(&count);
            Knowledge::from_bounds(lows().and_then(mean), highs().and_then(mean))
        }
        // The minimum is at most every known upper bound, and at least the lowest lower bound if all have one.
        Take::Min => Knowledge::from_bounds(
            lows().and_then(|numbers| numbers.into_iter().min()),
            ends.iter().filter_map(|(_, high)| high.clone()).min(),
        ),
        Take::Max => Knowledge::from_bounds(
            ends.iter().filter_map(|(low, _)| low.clone()).max(),
            highs().and_then(|numbers| numbers.into_iter().max()),
        ),
        Take::Growth | Take::Cagr => {
            let (Some(first), Some(last)) = (ends.first(), ends.last()) else { return Knowledge::Unknown };
            let Some(base) = first.0.as_ref().filter(|low| low.is_positive()) else {
                return Knowledge::Unknown;
            };
            let less = if take == Take::Growth { Number::from(1) } else { Number::zero() };
            // Over a larger base both a gain and a loss shrink towards zero.
            let bound = |end: &Option<Number>, positive_by: Option<&Number>, negative_by: Option<&Number>| {
                let end = end.as_ref()?;
                let by = if end.is_negative() { negative_by } else { positive_by };
                Some(by.map_or(Some(Number::zero()), |by| end.checked_div(by))?.minus(&less))
            };
            let far = first.1.as_ref();
            Knowledge::from_bounds(bound(&last.0, far, Some(base)), bound(&last.1, Some(base), far))
        }
    }
}
