//! Value of a condition on records, by its definition: what each record adds at least and at most, and what further records may
//! add. Written independently of the [compiled](crate::records) form.

use zhaoren_policy::criterion::RecordMeasure;
use zhaoren_policy::fact::{Knowledge, Value};
use zhaoren_policy::number::Number;
use zhaoren_policy::profile::{Profile, RecordList};
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use super::{DecideError, decide};

/// End of an interval; `None` is beyond every number.
type End = Option<Number>;

/// Value of `measure` for the enterprise of `view`.
///
/// # Errors
/// [`DecideError`] if the condition on one record is too entangled.
pub(super) fn value(measure: &RecordMeasure, view: &View<'_>) -> Result<Knowledge, DecideError> {
    let (Some(fact), Some(list)) = (view.dictionary.get(&measure.records), view.records(&measure.records))
    else {
        return Ok(Knowledge::Unknown);
    };
    let mut least: End = Some(Number::zero());
    let mut most: End = Some(Number::zero());
    for record in list.records() {
        let verdict = decide(&measure.condition, &view.for_record(record, &fact.fields))?;
        let (low, high) = amount(measure, view, record);
        let zero = Number::zero();
        let (low, high) = match verdict {
            Verdict::Ineligible => (Some(zero.clone()), Some(zero)),
            Verdict::Eligible => (low, high),
            // It adds its amount, or nothing.
            Verdict::Undetermined => (low.map(|low| low.min(zero.clone())), high.map(|high| high.max(zero))),
        };
        least = least.zip(low).map(|(sum, low)| sum.plus(&low));
        most = most.zip(high).map(|(sum, high)| sum.plus(&high));
    }
    let (least, most) = further(measure, view, list, least, most);
    Ok(match (least, most) {
        (None, None) => Knowledge::Unknown,
        (Some(low), Some(high)) if low == high => Knowledge::Exactly(Value::Number(low)),
        (low, high) => Knowledge::Within { low: low.map(Value::Number), high: high.map(Value::Number) },
    })
}

/// Least and greatest amount that a record adds if it satisfies the condition.
fn amount(measure: &RecordMeasure, view: &View<'_>, record: &Profile) -> (End, End) {
    let one = Some(Number::from(1));
    let Some(key) = &measure.of else { return (one.clone(), one) };
    let field = view.dictionary.get(&measure.records).and_then(|fact| fact.fields.get(key));
    let numbers = |values: &[Value]| -> Vec<Number> {
        let number = |value: &Value| match value {
            Value::Number(number) => Some(number.clone()),
            _ => None,
        };
        values.iter().filter_map(number).collect()
    };
    let ends = |low: Vec<Number>, high: Vec<Number>| (low.into_iter().min(), high.into_iter().max());
    let (low, high) = match record.current(key) {
        Knowledge::Unknown => (None, None),
        Knowledge::Exactly(value) => {
            let value = numbers(&[value]);
            ends(value.clone(), value)
        }
        Knowledge::Among(values) => ends(numbers(&values), numbers(&values)),
        Knowledge::Within { low, high } => {
            let one = |end: Option<Value>| numbers(&end.into_iter().collect::<Vec<_>>());
            ends(one(low), one(high))
        }
    };
    let min = field.and_then(|field| field.min.clone());
    let max = field.and_then(|field| field.max.clone());
    (low.or(min), high.or(max))
}

/// Ends with the records that the list may not name: any number of them, each with any amount of the field.
fn further(measure: &RecordMeasure, view: &View<'_>, list: &RecordList, least: End, most: End) -> (End, End) {
    if list.is_complete() {
        return (least, most);
    }
    let field = measure.of.as_ref().and_then(|key| view.dictionary.get(&measure.records)?.fields.get(key));
    let only_adds = field.is_none_or(|field| field.min == Some(Number::zero()));
    (least.filter(|_| only_adds), None)
}
