//! Count of records, or sum of a field over them: the value of a condition on records for one enterprise.
//!
//! Each record is decided by itself, exactly over its own unknown fields. A count lies between the records that certainly satisfy
//! the condition and those that possibly do. A sum lies between the least and the greatest sum over any of the possible ones
//! together with all the certain ones, an unknown amount ranging over its own range or the field's `min` and `max`. If the list
//! is not complete, there may be further records: a count has no upper end, a sum of a field with `min` 0 has none either, and any
//! other sum has no end at all.
//!
//! The count or sum is one unknown of its own ([`Slot::Records`](crate::slot::Slot)), free within that interval. So two conditions
//! on the same records are independent while a record leaves both open, even if one of its fields decides both: that is the
//! contract's rule, like that of an aggregate over years beside one of its years. For the same reason every number in the interval
//! counts as possible, and an unknown amount is not cut to the values with which its record passes.

use zhaoren_policy::criterion::{Criterion, Node, RecordMeasure, Test};
use zhaoren_policy::fact::{Fact, FactDictionary, FactType, Knowledge, Value};
use zhaoren_policy::number::Number;
use zhaoren_policy::profile::{Profile, RecordList};
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

/// Knowledge of `measure` from `records` (`None`: unknown) of the enterprise that `owner` views. `decide` decides the condition
/// for a view of one record.
pub(crate) fn knowledge(
    measure: &RecordMeasure,
    records: Option<&RecordList>,
    owner: &View<'_>,
    mut decide: impl FnMut(&View<'_>) -> Verdict,
) -> Knowledge {
    // INVARIANT: a loaded criterion only names facts of the dictionary it was loaded with.
    let Some(fact) = owner.dictionary.get(&measure.records) else { return Knowledge::Unknown };
    let field = measure.of.as_deref().and_then(|key| fact.fields.get(key));
    let Some(records) = records else { return Knowledge::Unknown };
    let mut sum = Interval::zero();
    for record in records.records() {
        zhaoren_cancel::poll();
        let verdict = decide(&owner.for_record(record, &fact.fields));
        if verdict == Verdict::Ineligible {
            continue;
        }
        let amount = field.map_or_else(Interval::one, |field| Interval::of(record, field));
        sum = sum.plus(if verdict == Verdict::Eligible { amount } else { amount.or_nothing() });
    }
    if !records.is_complete() {
        sum.high = None;
        if field.is_some_and(|field| field.min != Some(Number::zero())) {
            sum.low = None;
        }
    }
    Knowledge::from_bounds(sum.low, sum.high)
}

/// Bounds of a number; `None` on an open side.
struct Interval {
    low: Option<Number>,
    high: Option<Number>,
}

impl Interval {
    fn exactly(number: i64) -> Self {
        Self { low: Some(Number::from(number)), high: Some(Number::from(number)) }
    }

    fn zero() -> Self {
        Self::exactly(0)
    }

    fn one() -> Self {
        Self::exactly(1)
    }

    /// Amount of a record.
    fn of(record: &Profile, field: &Fact) -> Self {
        let number = |value: &Value| match value {
            Value::Number(number) => Some(number.clone()),
            _ => None,
        };
        let (low, high) = match record.current(&field.key) {
            Knowledge::Among(values) => {
                (values.iter().filter_map(number).min(), values.iter().filter_map(number).max())
            }
            known => known.bounds(),
        };
        Self { low: low.or_else(|| field.min.clone()), high: high.or_else(|| field.max.clone()) }
    }

    /// With the possibility that the amount does not count.
    fn or_nothing(self) -> Self {
        let zero = Number::zero;
        Self { low: self.low.map(|low| low.min(zero())), high: self.high.map(|high| high.max(zero())) }
    }

    fn plus(self, other: Self) -> Self {
        let sum = |a: Option<Number>, b: Option<Number>| Some(a?.plus(&b?));
        Self { low: sum(self.low, other.low), high: sum(self.high, other.high) }
    }
}

/// Type and bounds of the values that a measure can have when nothing is known: any count from 0, and sums as for an incomplete
/// list.
pub(crate) fn free_values(
    measure: &RecordMeasure,
    dictionary: &FactDictionary,
) -> (FactType, Option<Number>, Option<Number>) {
    let field = measure.of.as_deref().and_then(|key| dictionary.get(&measure.records)?.fields.get(key));
    match field {
        None => (FactType::Integer, Some(Number::zero()), None),
        Some(field) => (field.kind, field.min.clone().filter(|min| *min == Number::zero()), None),
    }
}

/// True if the condition on a record has a judged text: then the value depends on more than the records.
pub(crate) fn has_judgement(measure: &RecordMeasure) -> bool {
    let mut found = false;
    measure.condition.walk(&mut |_, node| found |= matches!(node.node, Node::Judged(_)));
    found
}

/// True if the day by itself can change which records satisfy the condition: a duration is tested, or tags, which may be dated.
pub(crate) fn depends_on_day(measure: &RecordMeasure) -> bool {
    let mut found = false;
    measure.condition.walk(&mut |_, node| {
        if let Node::Leaf(leaf) = &node.node {
            found |= leaf.tests.iter().any(|test| {
                matches!(test, Test::Elapsed(..) | Test::HasAny(_) | Test::HasAll(_) | Test::HasNone(_))
            });
        }
    });
    found
}

/// Unknown part of the records, as far as a measure asks for it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OpenFields {
    /// True if records, or fields that may be asked for, are unknown.
    pub(crate) asked: bool,
    /// Fields that are withheld in some record, with the first reason.
    pub(crate) withheld: Vec<(String, String)>,
}

/// Unknown fields of the records, among those that `measure` asks for. Judgements are none.
pub(crate) fn open_fields(measure: &RecordMeasure, view: &View<'_>) -> OpenFields {
    let mut open = OpenFields::default();
    let Some(fact) = view.dictionary.get(&measure.records) else { return open };
    let Some(records) = view.profile.records(&measure.records) else {
        open.asked = true;
        return open;
    };
    open.asked = !records.is_complete();
    let mut leaves = Vec::new();
    measure.condition.walk(&mut |_, node: &Criterion| {
        if let Node::Leaf(leaf) = &node.node {
            leaves.push(leaf);
        }
    });
    let mut keys: Vec<&str> = leaves.iter().map(|leaf| leaf.fact.as_str()).collect();
    keys.extend(measure.of.as_deref());
    keys.sort_unstable();
    keys.dedup();
    for field in keys.into_iter().filter_map(|key| fact.fields.get(key)) {
        for record in records.records() {
            zhaoren_cancel::poll();
            let known = match field.kind {
                FactType::Tags => record.tags(&field.key).is_some_and(|tags| {
                    let named =
                        leaves.iter().filter(|leaf| leaf.fact == field.key).flat_map(|leaf| &leaf.tests);
                    named.flat_map(tags_of).all(|tag| tags.holds(tag, view.as_of).is_some())
                }),
                _ => record.current(&field.key).exact().is_some(),
            };
            if known {
                continue;
            }
            match record.withheld(&field.key, None) {
                None => open.asked = true,
                Some(_) if open.withheld.iter().any(|(key, _)| *key == field.key) => {}
                Some(reason) => open.withheld.push((field.key.clone(), reason.to_owned())),
            }
        }
    }
    open
}

fn tags_of(test: &Test) -> &[String] {
    match test {
        Test::HasAny(tags) | Test::HasAll(tags) | Test::HasNone(tags) => tags,
        _ => &[],
    }
}
