//! Regions: finitely many values that represent all values of an unknown.
//!
//! Two values to which every test on the unknown gives the same answers are in one region. Each function here returns at least
//! one value of every region (Contract: free over all integers, or all decimals, between the bounds; all dates; all codes of the
//! system's form; all texts; true and false; a range's own values).

use jiff::ToSpan;
use jiff::civil::Date;
use zhaoren_policy::code::{Code, CodeSystem};
use zhaoren_policy::criterion::Test;
use zhaoren_policy::fact::Value;
use zhaoren_policy::number::Number;

use crate::slot::Domain;

/// Values of `domain` that represent every region distinguished by `tests` as of `as_of`.
pub(super) fn representatives(domain: &Domain, tests: &[&Test], as_of: Date) -> Vec<Value> {
    match domain {
        Domain::Truth => vec![Value::Bool(false), Value::Bool(true)],
        Domain::Candidates(values) => values.clone(),
        Domain::Numbers { whole, low, high } => numbers(*whole, low.as_ref(), high.as_ref(), tests),
        Domain::Dates { low, high } => dates(*low, *high, tests, as_of),
        Domain::Codes(system) => codes(*system, tests),
        Domain::Texts => texts(tests),
    }
}

fn numbers(whole: bool, low: Option<&Number>, high: Option<&Number>, tests: &[&Test]) -> Vec<Value> {
    let one = Number::from(1);
    let mut cuts: Vec<Number> = tests
        .iter()
        .filter_map(|test| match test {
            Test::Number(_, bound) => Some(bound.clone()),
            _ => None,
        })
        .chain(low.cloned())
        .chain(high.cloned())
        .collect();
    if cuts.is_empty() {
        cuts.push(Number::zero());
    }
    cuts.sort();
    cuts.dedup();
    // Points beyond the outermost cuts, on each cut, and between each two.
    let mut points: Vec<Number> = Vec::new();
    for (index, cut) in cuts.iter().enumerate() {
        if whole {
            points.extend([cut.floor().minus(&one), cut.floor(), cut.ceil(), cut.ceil().plus(&one)]);
        } else {
            points.push(cut.clone());
            points.extend(cuts.get(index + 1).map(|next| cut.midpoint(next)));
        }
    }
    points.extend(cuts.first().map(|first| first.floor().minus(&one)));
    points.extend(cuts.last().map(|last| last.ceil().plus(&one)));
    points.retain(|point| low.is_none_or(|low| low <= point) && high.is_none_or(|high| point <= high));
    points.sort();
    points.dedup();
    // INVARIANT: no domain is empty. A range of whole numbers was cut to whole bounds when it was read.
    if points.is_empty() {
        points.extend(low.or(high).cloned());
    }
    points.into_iter().map(Value::Number).collect()
}

/// Maximum distance in days between `CalendarSpan::roughly_before` and the day on which a span is just reached: month ends move
/// it by at most three days.
const SPAN_SLACK: i64 = 4;

fn dates(low: Option<Date>, high: Option<Date>, tests: &[&Test], as_of: Date) -> Vec<Value> {
    let (least, greatest) = (low.unwrap_or(Date::MIN), high.unwrap_or(Date::MAX));
    let mut days = vec![least, greatest];
    for test in tests {
        let (centre, slack) = match test {
            Test::Date(_, day) => (*day, 1),
            Test::Elapsed(_, span) => (span.roughly_before(as_of), SPAN_SLACK),
            _ => continue,
        };
        days.extend((-slack..=slack).map(|offset| centre.saturating_add(offset.days())));
    }
    days.retain(|day| least <= *day && *day <= greatest);
    days.sort();
    days.dedup();
    days.into_iter().map(Value::Date).collect()
}

fn codes(system: CodeSystem, tests: &[&Test]) -> Vec<Value> {
    let mentioned: Vec<Code> = tests
        .iter()
        .flat_map(|test| match test {
            Test::Within(codes) | Test::Outside(codes) => codes.clone(),
            _ => Vec::new(),
        })
        .collect();
    Code::representatives(&mentioned, system).into_iter().map(Value::Code).collect()
}

fn texts(tests: &[&Test]) -> Vec<Value> {
    let mut values: Vec<Value> = tests
        .iter()
        .flat_map(|test| match test {
            Test::OneOf(values) => values.clone(),
            _ => Vec::new(),
        })
        .collect();
    // A text that no test mentions: longer than every mentioned one.
    let longest = values.iter().map(|value| value.to_string().len()).max().unwrap_or(0);
    values.push(Value::Text("其".repeat(longest + 1)));
    values.sort();
    values.dedup();
    values
}
